"""A report's tables as the official form prints them: labels, spans, and every value with what is to be known of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archive.publish.words import words
from archive.reference.forms import FormTable, LayoutCell

Values = Mapping[str, Mapping[str, Any]]
"""The rows of one table of a report, by the code of the row."""

LAST_CIRCLED = 20
"""Unicode has circled numbers up to this one in a row."""


def mark(number: int) -> str:
    """The sign by which a cell points at a finding: never a bare digit, which could be read as part of the value."""
    return chr(ord("①") + number - 1) if number <= LAST_CIRCLED else f"[{number}]"


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding with its number on this page, by which cells point at it."""

    number: int
    row: Mapping[str, Any]
    cells: tuple[str, ...]


@dataclass(slots=True)
class Printed:
    """One cell of a table as shown: a label, or a value with what is to be known about it."""

    rowspan: int
    colspan: int
    label: str | None = None
    key: str | None = None
    text: str = ""
    css: str = ""
    title: str = ""
    findings: tuple[int, ...] = ()


@dataclass(slots=True)
class Table:
    """A table of the report's form, line by line; ``absent`` if nothing of it could be read."""

    code: str
    heading: str
    lines: list[list[Printed]]
    absent: bool = False


def table_as_printed(
    table: FormTable, values: Values, notes: Sequence[Mapping[str, Any]], findings: Sequence[Finding]
) -> Table:
    """A table in the layout of its form, filled with the values read, each marked with its note and its findings."""
    noted = {f"{n['row']}.{n['column']}": n for n in notes if n["table_name"] == table.code}
    marked: defaultdict[str, list[int]] = defaultdict(list)
    for finding in findings:
        for cell in finding.cells:
            marked[cell].append(finding.number)
    lines = [
        [_printed(cell, table, values, noted, marked) for cell in line]
        for line in layout_with(table, alternate_of(table, values))
    ]
    return Table(table.code, table.section or table.label_en, lines, absent=not values)


def alternate_of(table: FormTable, values: Values) -> str | None:
    """The row that this report prints in place of others of its form, if it does."""
    return next((a.row.code for a in table.alternates if a.row.code in values), None)


def layout_with(table: FormTable, alternate: str | None) -> list[list[LayoutCell]]:
    """The official layout; with ``alternate``, the one row in place of those it replaces, and spans made to fit."""
    if alternate is None:
        return [list(line) for line in table.layout]
    wanted = next(a for a in table.alternates if a.row.code == alternate)
    lines: list[list[LayoutCell]] = []
    replaced = [at for at, line in enumerate(table.layout) if _row_of(line) in wanted.replaces]
    first, gone = replaced[0], len(replaced) - 1
    for at, line in enumerate(table.layout):
        if at == first:
            cells = [f"{alternate}.{column}" for column in table.columns_of(alternate)]
            lines.append(
                [LayoutCell(label=wanted.row.label, colspan=2), *(LayoutCell(value=v) for v in cells)]
            )
        elif at not in replaced:
            lines.append([_shorter(cell, gone) if at < first < at + cell.rowspan else cell for cell in line])
    return lines


def print_of(value: object, note: Mapping[str, Any] | None) -> str:
    """What stands in a cell: the number read, or what the page printed where that is no plain number."""
    if value is not None:
        return number(value)
    return (note["raw"] or "") if note else ""


def number(value: object) -> str:
    """A number as it is read best: no exponent, no ``.0`` that nobody printed."""
    return f"{value:.10f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _row_of(line: Sequence[LayoutCell]) -> str | None:
    return next((cell.value.split(".")[0] for cell in line if cell.value), None)


def _shorter(cell: LayoutCell, by: int) -> LayoutCell:
    return LayoutCell(label=cell.label, value=cell.value, rowspan=cell.rowspan - by, colspan=cell.colspan)


def _printed(
    cell: LayoutCell,
    table: FormTable,
    values: Values,
    noted: Mapping[str, Mapping[str, Any]],
    marked: Mapping[str, list[int]],
) -> Printed:
    if cell.value is None:
        return Printed(cell.rowspan, cell.colspan, label=cell.label or "")
    row, column = cell.value.split(".")
    value = values[row][column] if row in values else None
    note = noted.get(cell.value)
    key = f"{table.code}.{cell.value}"
    meaning = f"{table.row(row).label} · {table.column(column).label}"
    return Printed(
        cell.rowspan,
        cell.colspan,
        key=key,
        text=print_of(value, note),
        css=_css(value, note),
        title=meaning + (f"；{words('note', note['kind'])}：{note['raw'] or ''}" if note else ""),
        findings=tuple(marked.get(key, ())),
    )


def _css(value: object, note: Mapping[str, Any] | None) -> str:
    if note is not None:
        return f"note {note['kind']}"
    if value is None:
        return "null"
    return "zero" if value == 0 else ""
