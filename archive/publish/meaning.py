"""One cell of a report in full: what it means, what the page prints in it, and what stood there the year before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from archive.publish.printed import Values, print_of
from archive.reference.forms import CodebookEntry, codebook


@cache
def _entries() -> dict[tuple[str, str, str, str], CodebookEntry]:
    return {(e.form, e.table_name, e.row, e.column): e for e in codebook()}


@dataclass(slots=True)
class Earlier:
    """The same cell a report earlier. ``print`` is ``None`` where that report has no such cell."""

    report_id: int
    year: int
    print: str | None
    other_form: bool


@dataclass(slots=True)
class Meaning:
    """A cell: its name ``key`` (``table.row.column``), its entry in the codebook, its print and its findings."""

    key: str
    entry: CodebookEntry
    value: Any
    print: str
    note: Mapping[str, Any] | None
    findings: tuple[int, ...]
    earlier: Earlier | None = None

    @classmethod
    def of(
        cls,
        form: str,
        key: str,
        values: Mapping[str, Values],
        notes: Sequence[Mapping[str, Any]],
        findings: tuple[int, ...],
    ) -> Meaning:
        """What is to be said of a cell that this form has. Raises ``KeyError`` if it has none of that name."""
        table, row, column = key.split(".")
        note = note_on(notes, table, row, column)
        value = values[table].get(row, {}).get(column)
        return cls(key, _entries()[form, table, row, column], value, print_of(value, note), note, findings)

    def compare(
        self,
        report: Mapping[str, Any],
        values: Mapping[str, Values],
        notes: Sequence[Mapping[str, Any]],
    ) -> None:
        """Put the same cell of an earlier report beside this one; forms share the codes of what they share."""
        table, row, column = self.key.split(".")
        there = (report["form"], table, row, column) in _entries() and row in values[table]
        print_ = print_of(values[table][row][column], note_on(notes, table, row, column)) if there else None
        self.earlier = Earlier(report["id"], report["year"], print_, report["form"] != self.entry.form)


def note_on(
    notes: Sequence[Mapping[str, Any]], table: str, row: str, column: str
) -> Mapping[str, Any] | None:
    """The note on that cell, if it has one."""
    place = (table, row, column)
    return next((n for n in notes if (n["table_name"], n["row"], n["column"]) == place), None)
