"""The panels: one row a report, and beside every value why it is no number where it is none."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache

from archive.reference.forms import codebook, forms
from archive.store.views.wide import OTHER, OTHER_PARTS

WITHHELD = "withheld"
NUMBER = "number"
DERIVED = "derived"
NOT_ON_FORM = "not_on_form"
UNKNOWN = "unknown"
"""Kinds beside those of ``cell_note``: a plain number, a sum made here, and null for a reason that nobody kept."""

IDENTITY = ("report_key", "agency_key", "agency", "scope", "kind", "county_code", "county", "year")
QUALITY = ("form", "status", "date_quality", "findings_error", "findings_warning", "boundary_break")
HEAD = (*IDENTITY, *QUALITY)
"""The columns before the cells. Those of ``IDENTITY`` are all that is told of a withheld report."""

KEPT = "kept_"
"""With what the name of the temporary table begins that holds a view's rows."""

Values = tuple[object, ...]
Place = tuple[str, str, str]
"""Table, row and column of a cell."""


def columns(conn: sqlite3.Connection, view: str) -> tuple[str, ...]:
    """The columns of a panel as exported: the head, then everything the view holds beyond it."""
    in_view = [row["name"] for row in conn.execute("SELECT name FROM pragma_table_info(?)", [view])]
    return (*HEAD, *(name for name in in_view if name not in {*HEAD, "report_id"}))


def keep(conn: sqlite3.Connection, view: str) -> None:
    """Read a panel view once, the chosen reports in the order of their keys, for all who ask for its ``rows``.

    The view joins 39 tables; a writer may ask for the rows of two panels three times.
    """
    conn.execute(f"CREATE TEMP TABLE {KEPT}{view} AS {_select(view, columns(conn, view))}")


def rows(conn: sqlite3.Connection, view: str) -> Iterator[Values]:
    """The rows of a panel view that is kept, by report key, one at a time, findings counted as far as they are told."""
    names = columns(conn, view)
    hidden_status = HEAD.index("status")
    cursor = conn.cursor()
    cursor.row_factory = None
    for hidden, *values in cursor.execute(f"SELECT * FROM temp.{KEPT}{view} ORDER BY rowid"):
        if hidden:
            shown = [value if name in IDENTITY else None for name, value in zip(names, values, strict=True)]
            shown[hidden_status] = WITHHELD
            yield tuple(shown)
        else:
            yield tuple(values)


def kinds(conn: sqlite3.Connection, view: str) -> Iterator[tuple[Values, Values]]:
    """Each row of a panel view, and beside it the kind of each of its cells (those after ``HEAD``)."""
    cells = columns(conn, view)[len(HEAD) :]
    for values in rows(conn, view):
        head = dict(zip(HEAD, values, strict=False))
        if head["status"] == WITHHELD:
            yield values, (WITHHELD,) * len(cells)
            continue
        missing = tuple(value is None for value in values[len(HEAD) :])
        notes = tuple(_notes(conn, str(head["report_key"])))
        yield values, _kinds(str(head["form"]), cells, missing, notes)


@lru_cache(maxsize=4096)
def _kinds(
    form: str, cells: tuple[str, ...], missing: tuple[bool, ...], notes: tuple[tuple[Place, str], ...]
) -> tuple[str, ...]:
    """The kind of each cell. Remembered: most reports print a number in every cell, or leave the same ones blank."""
    told, places, optional = dict(notes), _places(form), _optional(form)
    found: dict[str, str] = {}
    for name, is_null in zip(cells, missing, strict=True):
        found[name] = _kind(name, is_null, places, optional, told, found)
    return tuple(found.values())


def _kind(
    name: str, is_null: bool, places: Mapping[str, Place], optional: frozenset[Place],
    notes: Mapping[Place, str], found: Mapping[str, str],
) -> str:  # fmt: skip
    if name in _joined():
        if not is_null:
            return DERIVED
        told = (found[part] for part in _joined()[name])
        return next((kind for kind in told if kind not in (NUMBER, NOT_ON_FORM)), NOT_ON_FORM)
    place = places.get(name)
    if place is None:
        return NOT_ON_FORM if is_null else NUMBER
    if place in notes:
        return notes[place]
    if not is_null:
        return NUMBER
    return NOT_ON_FORM if place in optional else UNKNOWN


def _select(view: str, names: Sequence[str]) -> str:
    """The query of a panel, driven by ``chosen`` in the order of its keys: nothing is sorted, nothing held."""
    told = (
        "(SELECT count(*) FROM finding f WHERE f.report_id = c.id AND f.severity = '{}' AND f.outcome = 'fail'"
        " AND f.resolved_at IS NULL AND f.id NOT IN untold)"
    )
    instead = {
        "county": "r.county",
        "findings_error": told.format("error"),
        "findings_warning": told.format("warning"),
    }
    listed = ", ".join(f"{instead.get(name, f'p.{name}')} AS {name}" for name in names)
    return (
        f"SELECT c.withheld, {listed} FROM chosen c CROSS JOIN {view} p ON p.report_id = c.id "
        "CROSS JOIN report r ON r.id = c.id ORDER BY c.key"
    )


def _notes(conn: sqlite3.Connection, report_key: str) -> Iterator[tuple[Place, str]]:
    found = conn.execute(
        'SELECT n.table_name, n.row, n."column", n.kind FROM cell_note n JOIN report r ON r.id = n.report_id '
        "WHERE r.key = ? ORDER BY n.rowid",
        [report_key],
    )
    for table, row, column, kind in found:
        yield (table, row, column), kind


@cache
def _places(form: str) -> Mapping[str, Place]:
    """Where on that form the cell of a short name stands."""
    return {e.short: (e.table_name, e.row, e.column) for e in codebook() if e.form == form and e.short}


@cache
def _optional(form: str) -> frozenset[Place]:
    """The cells that a report of that form need not have, because another row may stand in their place."""
    found: set[Place] = set()
    for table in forms()[form].tables.values() if form in forms() else ():
        for alternate in table.alternates:
            for row in (alternate.row.code, *alternate.replaces):
                found |= {(table.code, row, column) for column in table.columns_of(row)}
    return frozenset(found)


@cache
def _joined() -> Mapping[str, tuple[str, ...]]:
    """The columns that ``panel`` makes of others, ``t3_other_all_*``, with the short names of their parts."""
    parts: dict[str, dict[str, None]] = {}
    for entry in codebook():
        if entry.table_name == "applications" and entry.row in (OTHER, *OTHER_PARTS) and entry.short:
            column = entry.short.rsplit("_", 1)[-1]
            parts.setdefault(f"t3_other_all_{column}", {})[entry.short] = None
    return {name: tuple(shorts) for name, shorts in parts.items()}
