"""Every cell of the chosen reports, long, as the view ``cell`` has them: read in a stream, one report after the other.

The view is a union of joins, which SQLite answers anew for every report: 4 million cells took it longer than all else.
Here each table is walked through once, in the order of the reports' keys, and meets the codebook in memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from archive.publish.privacy import mask
from archive.reference.forms import codebook
from archive.store.rows import VALUE_COLUMNS

Values = tuple[object, ...]
Told = tuple[object, str | None, str | None]
"""Value, kind and print of a cell."""
Group = tuple[Values, list[tuple[Values, Values]]]
"""What the rows of one report begin with, said once, and the rest of each row: its place (table, row, column, short
name) and what is told there."""

STATISTICS = "statistics"
MOST_REMEMBERED = 100_000
_Note = tuple[str, str | None]
_Line = tuple[Any, ...]


def groups(conn: sqlite3.Connection) -> Iterator[Group]:
    """The cells of every chosen report that is not withheld, by report key, table, row and column."""
    tables = {
        table: _Stream(conn, table, ("row", *columns), "v.row") for table, columns in VALUE_COLUMNS.items()
    }
    older = _Stream(conn, STATISTICS, ("row", "column", "value"), "v.row, v.column, v.seq")
    printed = _Stream(conn, "cell_note", ("table_name", "row", "column", "kind", "raw"), "v.rowid")
    plain = _Plain(conn)
    reports = conn.cursor()
    reports.row_factory = None
    reports.execute(
        "SELECT c.key, r.agency, r.year, r.scope, r.form FROM chosen c CROSS JOIN report r ON r.id = c.id"
        " WHERE NOT c.withheld ORDER BY c.key"
    )
    for key, agency, year, scope, form in reports:
        notes: dict[Values, _Note] = {
            (table, row, column): (kind, mask(raw) if kind == "text" and raw else raw)
            for _, table, row, column, kind, raw in printed.of(key)
        }
        found: list[tuple[Values, Values]] = []
        for table, stream in tables.items():
            layout = _layout(form, table)
            for line in stream.of(key):
                found += [(place, plain[line[number]]) for number, place in layout.get(line[1], ())]
        for _, row, column, value in older.of(key):
            found.append(((STATISTICS, row, column, _shorts(form).get((row, column))), plain[value]))
        if notes:
            found = [
                (place, (told[0], *notes[place[:3]]) if place[:3] in notes else told) for place, told in found
            ]
        yield (key, agency, year, scope, form), found


class _Plain(dict[object, Told]):
    """What is told of a value without a note, remembered. (SQLite keeps no whole number as a fraction: 1.0 is 1.)"""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn

    def __missing__(self, value: object) -> Told:
        if value is None:
            told: Told = (None, None, None)
        else:  # printed by SQLite, here as in the view
            told = (value, "number", self._conn.execute("SELECT CAST(? AS TEXT)", [value]).fetchone()[0])
        if len(self) < MOST_REMEMBERED:
            self[value] = told
        return told


class _Stream:
    """A table's rows of the chosen reports, in the order of their keys; to be asked of each report in that order."""

    def __init__(self, conn: sqlite3.Connection, table: str, columns: tuple[str, ...], order: str) -> None:
        cursor = conn.cursor()
        cursor.row_factory = None
        listed = ", ".join(f'v."{column}"' for column in columns)
        cursor.execute(
            f"SELECT c.key, {listed} FROM chosen c CROSS JOIN {table} v ON v.report_id = c.id"
            f" WHERE NOT c.withheld ORDER BY c.key, {order}"
        )
        self._groups = groupby(cursor, key=itemgetter(0))
        self._next = next(self._groups, None)

    def of(self, key: str) -> Iterator[_Line]:
        """The rows of one report, its key in front; none if it has none."""
        if self._next is not None and self._next[0] == key:
            yield from self._next[1]
            self._next = next(self._groups, None)


@cache
def _layout(form: str | None, table: str) -> dict[str, tuple[tuple[int, Values], ...]]:
    """The cells of each row of a form's table by column code: where the value stands in a line, the place."""
    rows: dict[str, list[tuple[int, Values]]] = {}
    entries = (e for e in codebook() if (e.form, e.table_name) == (form, table))
    for entry in sorted(entries, key=lambda e: e.column):
        place = (table, entry.row, entry.column, entry.short)
        rows.setdefault(entry.row, []).append((2 + VALUE_COLUMNS[table].index(entry.column), place))
    return {row: tuple(cells) for row, cells in rows.items()}


@cache
def _shorts(form: str | None) -> dict[tuple[str, str], str | None]:
    """The short names of a form's statistics by row and column."""
    return {(e.row, e.column): e.short for e in codebook() if (e.form, e.table_name) == (form, STATISTICS)}
