"""Stata: panels with a numeric unit, labelled codes, and missing values that say why (``.a`` blank, ``.b`` dash, …)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from archive.publish.exports import dta
from archive.publish.exports.dta import SYSTEM_MISSING, Missing, Value, Variable
from archive.publish.exports.files import Done, put_script, write_each
from archive.publish.exports.tables import Field, Table, Values, codes
from archive.publish.words import words
from archive.store.errors import ArchiveError

NOT_IN = frozenset(["cells", "panel_kinds", "panel_statistics_kinds", "rules"])
"""What stands in the panels already, missing values and all; and texts that nobody computes with."""

CATEGORISED = frozenset(["panel", "panel_core", "panel_statistics", "reports"])
WHY_NULL = "why_null"
UNIT = "unit_id"
UNIT_LABEL = "单位：机关与口径之号 · unit: number of agency_key and scope"
BEYOND = 1001
"""Where the numbers of categories begin that ``codes.json`` does not know."""

Labels = dict[str, dict[int | Missing, str]]


def write_all(folder: Path, tables: Sequence[Table], done: Done) -> dict[str, Path]:
    """Write every table but ``NOT_IN`` that has rows, and scripts that load the panel; the files by the tables' names."""
    put_script(folder, "load.do", "load_stata.do")
    put_script(folder, "load.R", "load_stata.R")
    wanted = [table for table in tables if table.name not in NOT_IN]
    done(len(tables) - len(wanted))
    return write_each(folder, wanted, ".dta", write, done)


def unit_number(unit: str) -> int:
    """The number of a unit, the same in every archive: 48 bits of the digest of agency key and scope, exact in a double."""
    return int(hashlib.sha256(unit.encode()).hexdigest()[:12], 16)


def write(path: Path, table: Table) -> int:
    """Write one table as a data set; the number of its observations comes back. A table without rows makes no file.

    Raises ``ArchiveError`` if two units have one number, which then needs more bits.
    """
    seen = _look_through(table)
    if not seen.rows:
        return 0
    unit = [Variable(UNIT, UNIT_LABEL, "double", display="%15.0f")] if seen.units else []
    variables = [*unit, *(_variable(table, number, seen) for number in range(len(table.fields)))]
    used = {variable.labels for variable in variables}
    labels = {name: texts for name, texts in seen.labels().items() if name in used}
    return dta.write(
        path, variables, _rows(table, seen), label=f"Gongkai 公开: {table.name}", value_labels=labels
    )


@dataclass(slots=True)
class _Seen:
    """What one look through a table finds out: how long its texts are, which categories and units occur."""

    table: Table
    rows: int = 0
    widths: list[int] = field(default_factory=list)
    categories: dict[str, set[str]] = field(default_factory=dict)
    units: dict[int, str] = field(default_factory=dict)

    def codes(self, name: str) -> Mapping[str, int]:
        """The numbers of a category's words."""
        known = codes()["categories"][name]
        others = sorted(self.categories[name] - set(known))
        return {word: n for n, word in enumerate(known, 1)} | {
            word: n for n, word in enumerate(others, BEYOND)
        }

    def labels(self) -> Labels:
        """All value labels, the reasons of missing values among them."""
        own = codes()["words"]
        found: Labels = {
            name: {number: own.get(word) or words(name, word) for word, number in self.codes(name).items()}
            for name in self.categories
        }
        found[WHY_NULL] = {Missing(letter): text for letter, text in codes()["missing_labels"].items()}
        return found


def _look_through(table: Table) -> _Seen:
    names = [f.name for f in table.fields]
    categories = {
        name: set[str]() for name in codes()["categories"] if name in names and table.name in CATEGORISED
    }
    seen = _Seen(table, widths=[1] * len(names), categories=categories)
    texts = [n for n, f in enumerate(table.fields) if f.type in ("text", "date") and f.name not in categories]
    marked = {n: seen.categories[name] for n, name in enumerate(names) if name in categories}
    unit = (
        (names.index("agency_key"), names.index("scope")) if {"agency_key", "scope"} <= set(names) else None
    )
    for row in table.rows():
        seen.rows += 1
        for n in texts:
            if row[n] is not None:
                seen.widths[n] = max(seen.widths[n], len(str(row[n]).encode()))
        for n, found in marked.items():
            if row[n] is not None:
                found.add(str(row[n]))
        if unit:
            name = f"{row[unit[0]]}:{row[unit[1]]}"
            if seen.units.setdefault(unit_number(name), name) != name:
                raise ArchiveError(f"Stata: {name} and {seen.units[unit_number(name)]} would have one number")
    return seen


def _variable(table: Table, number: int, seen: _Seen) -> Variable:
    column = table.fields[number]
    label = _short(column)
    if column.name in seen.categories:
        return Variable(column.name, label, "long", labels=column.name)
    if column.type in ("text", "date"):
        return Variable(column.name, label, "text", width=seen.widths[number])
    if table.first_cell and number >= table.first_cell:
        return Variable(column.name, label, "double", labels=WHY_NULL)
    return Variable(column.name, label, "double")


def _short(column: Field) -> str:
    """A label of at most 80 characters: both languages if there is room, else the Chinese, else as much as goes in."""
    for text in (column.label, column.label.split(" · ")[0]):
        if len(text) <= dta.LONGEST_LABEL:
            return text
    return column.label[: dta.LONGEST_LABEL - 1] + "…"


def _rows(table: Table, seen: _Seen) -> Iterator[list[Value]]:
    numbers = {n: seen.codes(f.name) for n, f in enumerate(table.fields) if f.name in seen.categories}
    names = [f.name for f in table.fields]
    unit = (names.index("agency_key"), names.index("scope")) if seen.units else None
    pairs: Iterator[tuple[Values, Values]] = (
        table.kinds() if table.kinds else ((row, ()) for row in table.rows())
    )
    for row, kinds in pairs:
        values = [
            _value(column, value, numbers.get(n))
            for n, (column, value) in enumerate(zip(table.fields, row, strict=True))
        ]
        for n, kind in enumerate(kinds, table.first_cell):
            if row[n] is None:
                values[n] = _why(str(kind))
        yield [float(unit_number(f"{row[unit[0]]}:{row[unit[1]]}")), *values] if unit else values


def _value(column: Field, value: object, numbers: Mapping[str, int] | None) -> Value:
    if value is None:
        return "" if column.type in ("text", "date") and numbers is None else SYSTEM_MISSING
    if numbers is not None:
        return numbers[str(value)]
    return str(value) if column.type in ("text", "date") else float(str(value))


def _why(kind: str) -> Missing:
    letter = codes()["missing"].get(kind)
    return Missing(letter) if letter else SYSTEM_MISSING
