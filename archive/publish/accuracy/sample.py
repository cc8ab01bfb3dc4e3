"""A random sample of reports for each form and year, and every cell and fact of each that a person can check."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from archive.publish.printed import number
from archive.reference.forms import codebook, forms
from archive.store.connection import Row
from archive.store.rows import VALUE_COLUMNS
from archive.store.withheld import reports as withheld_reports

FACTS = "report"
"""In place of a table's name: a fact about the whole report."""
FACT_COLUMNS = ("agency", "year", "scope", "form", "published_on", "signed_on")
NARRATIVE = "narrative"

REPORTS = """
    SELECT r.id, r.key, r.agency, r.kind, r.county_code, r.county, r.year, r.scope, coalesce(r.form, ?) AS form,
        r.published_on, r.signed_on, r.title, r.url, r.status, r.snapshot_id, s.sha256, s.fetched_at
    FROM report r JOIN snapshot s ON s.id = r.snapshot_id
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: a cell of a table, or a fact (``table`` is then ``FACTS`` and ``row`` empty)."""

    table: str
    row: str
    column: str


@dataclass(frozen=True, slots=True)
class Read:
    """What the archive holds at a place: the value as text, empty for null; its label; the note's kind and print."""

    place: Place
    label: str
    value: str
    kind: str
    raw: str


def draw(
    conn: sqlite3.Connection, each: int, seed: str, *, where: str = "1", values: Collection[object] = ()
) -> list[Row]:
    """At most ``each`` reports of every form and year, by form and year.

    The order in which a group's reports are drawn is that of the digests of seed and key: as good as random, the same
    on every machine, and not moved by what else is in the archive. Reports that could not be read have no cells to
    check, and withheld ones are laid before nobody: neither is drawn.
    """
    found = conn.execute(
        f"{REPORTS} WHERE r.status <> 'unparsed' AND r.id NOT IN ({withheld_reports()}) AND {where}",
        [NARRATIVE, *values],
    )
    groups: defaultdict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in found:
        groups[row["form"], row["year"]].append(dict(row))
    return [
        report
        for group in sorted(groups)
        for report in sorted(groups[group], key=lambda row: _lot(seed, row["key"]))[:each]
    ]


def report_of(conn: sqlite3.Connection, key: str) -> Row | None:
    """A report by its key, as ``draw`` gives it; ``None`` if the archive has none of that key."""
    found = conn.execute(f"{REPORTS} WHERE r.key = ?", [NARRATIVE, key]).fetchone()
    return dict(found) if found else None


def cells(conn: sqlite3.Connection, report: Row) -> Iterator[Read]:
    """Everything of a report that can be checked: its facts, then its tables' cells in the order of the form."""
    for column in FACT_COLUMNS:
        value = report[column]
        yield Read(Place(FACTS, "", column), column, "" if value is None else str(value), "", "")
    notes = {
        (note["table_name"], note["row"], note["column"]): (note["kind"], note["raw"] or "")
        for note in conn.execute("SELECT * FROM cell_note WHERE report_id = ?", [report["id"]])
    }
    for place, label, value in (*_statutory(conn, report), *_statistics(conn, report)):
        kind, raw = notes.get((place.table, place.row, place.column), ("", ""))
        yield Read(place, label, "" if value is None else number(value), kind, raw)


def _statutory(conn: sqlite3.Connection, report: Row) -> Iterator[tuple[Place, str, object]]:
    form = forms().get(report["form"])
    labels = {(e.table_name, e.row, e.column): e.label_zh for e in codebook() if e.form == report["form"]}
    for table in form.tables.values() if form and form.kind == "statutory" else ():
        if table.code not in VALUE_COLUMNS:
            continue
        rows = {
            row["row"]: row
            for row in conn.execute(f"SELECT * FROM {table.code} WHERE report_id = ?", [report["id"]])
        }
        alternate = next((a.row.code for a in table.alternates if a.row.code in rows), None)
        for code in table.row_codes(alternate) if rows else ():
            for column in table.columns_of(code):
                place = Place(table.code, code, column)
                label = labels.get((table.code, code, column), f"{code} {column}")
                yield place, label, rows[code][column] if code in rows else None


def _statistics(conn: sqlite3.Connection, report: Row) -> Iterator[tuple[Place, str, object]]:
    """The printed values of an older form. One that stands twice is told apart by its number on the page."""
    found = conn.execute(
        "SELECT * FROM statistics WHERE report_id = ? ORDER BY seq", [report["id"]]
    ).fetchall()
    seen: set[tuple[str, str]] = set()
    for row in found:
        code = row["row"] if (row["row"], row["column"]) not in seen else f"{row['row']}#{row['seq']}"
        seen.add((row["row"], row["column"]))
        label = f"{row['label']}（{row['column_label'] or row['unit'] or row['column']}）"
        yield Place("statistics", code, row["column"]), label, row["value"]


def _lot(seed: str, key: str) -> bytes:
    return hashlib.sha256(f"{seed}\n{key}".encode()).digest()
