"""The panels: one row a report, and beside every value why it is no number where it is none."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

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

Values = tuple[object, ...]
Place = tuple[str, str, str]
"""Table, row and column of a cell."""


def columns(conn: sqlite3.Connection, view: str) -> tuple[str, ...]:
    """The columns of a panel as exported: the head, then everything the view holds beyond it."""
    in_view = [row["name"] for row in conn.execute("SELECT name FROM pragma_table_info(?)", [view])]
    return (*HEAD, *(name for name in in_view if name not in {*HEAD, "report_id"}))


def rows(conn: sqlite3.Connection, view: str) -> Iterator[Values]:
    """The chosen reports' rows of a panel view by report key, one at a time, findings counted as far as they are told."""
    names = columns(conn, view)
    hidden_status = HEAD.index("status")
    for row in conn.execute(_select(view, names)):
        if row["withheld"]:
            shown = [row[name] if name in IDENTITY else None for name in names]
            shown[hidden_status] = WITHHELD
            yield tuple(shown)
        else:
            yield tuple(row)[1:]


def kinds(conn: sqlite3.Connection, view: str) -> Iterator[tuple[Values, Values]]:
    """Each row of a panel view, and beside it the kind of each of its cells (those after ``HEAD``)."""
    cells = columns(conn, view)[len(HEAD) :]
    for values in rows(conn, view):
        head = dict(zip(HEAD, values, strict=False))
        if head["status"] == WITHHELD:
            yield values, (WITHHELD,) * len(cells)
            continue
        notes = _notes(conn, str(head["report_key"]))
        places, optional = _places(str(head["form"])), _optional(str(head["form"]))
        found: dict[str, str] = {}
        for name, value in zip(cells, values[len(HEAD) :], strict=True):
            found[name] = _kind(name, value, places, optional, notes, found)
        yield values, tuple(found.values())


def _kind(
    name: str, value: object, places: Mapping[str, Place], optional: frozenset[Place],
    notes: Mapping[Place, str], found: Mapping[str, str],
) -> str:  # fmt: skip
    if name in _joined():
        if value is not None:
            return DERIVED
        told = (found[part] for part in _joined()[name])
        return next((kind for kind in told if kind not in (NUMBER, NOT_ON_FORM)), NOT_ON_FORM)
    place = places.get(name)
    if place is None:
        return NUMBER if value is not None else NOT_ON_FORM
    if place in notes:
        return notes[place]
    if value is not None:
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


def _notes(conn: sqlite3.Connection, report_key: str) -> dict[Place, str]:
    found = conn.execute(
        'SELECT n.table_name, n.row, n."column", n.kind FROM cell_note n JOIN report r ON r.id = n.report_id '
        "WHERE r.key = ?",
        [report_key],
    )
    return {(table, row, column): kind for table, row, column, kind in found}


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
