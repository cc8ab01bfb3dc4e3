"""A report's rows out of its documents: which of them it is read from, and all that follows from its reading.

What is stored of a report beside bytes and readings is a function of these: ``settled`` works it out and writes nothing,
``report`` writes it, and ``verify`` compares the two.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archive.report.model import Finding
from archive.store import findings, publications, rows, search
from archive.store.connection import Row, insert
from archive.store.prepared import Prepared
from archive.store.publications import Candidate

INDEXED = ("title", "agency", "text")
"""The columns of ``report`` that can be searched."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What must stand in the archive for a report.

    ``row`` holds the columns of ``report`` that come from its documents, ``roles`` the documents' parts in it,
    ``children`` the rows of each child table, ``reading`` is that of the chosen document, ``twins`` the findings about the others.
    """

    row: Row
    roles: Mapping[str, str]
    children: Mapping[str, list[Row]]
    reading: Prepared
    twins: list[Finding]


def settled(conn: sqlite3.Connection, report_id: int, at_hand: Prepared | None = None) -> Settled | None:
    """What follows from the stored readings; ``None`` if no document carries the report (any more).

    ``at_hand`` is the reading just stored, which need not be unpacked again.
    """
    found = publications.candidates(conn, report_id, at_hand=at_hand)
    if not found:
        return None
    main, *others = found
    return Settled(
        row=_row(conn, report_id, main) | publications.dates(main, others),
        roles={candidate.doc_key: publications.role(main, candidate) for candidate in found},
        children=dict(rows.children(report_id, main.report)),
        reading=main.reading,
        twins=publications.twins_that_differ(main, others),
    )


def report(conn: sqlite3.Connection, report_id: int, now: str, at_hand: Prepared | None = None) -> None:
    """Write a report's rows anew; one that no document carries any more goes. Inside the caller's transaction."""
    stored = conn.execute("SELECT * FROM report WHERE id = ?", [report_id]).fetchone()
    if stored is None:
        return
    old, new = dict(stored), settled(conn, report_id, at_hand)
    written = bool(old["version"])  # a row that was only just made has no children and is not indexed
    if new is None:
        if written:
            search.remove(conn, old)
        conn.execute("DELETE FROM report WHERE id = ?", [report_id])
        return
    for doc_key, role in new.roles.items():
        conn.execute(
            "UPDATE publication SET role = ? WHERE report_id = ? AND doc_key = ?", [role, report_id, doc_key]
        )
    conn.execute(
        f"UPDATE report SET {', '.join(f'{name} = ?' for name in new.row)} WHERE id = ?",
        [*new.row.values(), report_id],
    )
    if not written or any(old[name] != new.row[name] for name in INDEXED):
        if written:
            search.remove(conn, old)
        search.add(conn, old | new.row, words=new.reading.words)
    for table, children in new.children.items():
        if written:
            conn.execute(f"DELETE FROM {table} WHERE report_id = ?", [report_id])
        insert(conn, table, children)
    findings.sync(conn, report_id, old["key"], new.reading.report.findings, origin="reading", now=now)
    findings.sync(conn, report_id, old["key"], new.twins, origin="twins", now=now)


def _row(conn: sqlite3.Connection, report_id: int, main: Candidate) -> dict[str, Any]:
    report = main.report
    agency = conn.execute(
        "SELECT id, key, name, kind, county_code, county FROM agency WHERE key = ?", [report.agency_key]
    ).fetchone()
    seen = conn.execute(
        "SELECT min(d.first_seen), max(d.last_seen), iif(count(*) = count(d.gone_on), max(d.gone_on), NULL)"
        " FROM publication p JOIN document d ON d.doc_key = p.doc_key WHERE p.report_id = ?",
        [report_id],
    ).fetchone()
    return {
        "key": f"{agency['key']}:{report.scope}:{report.year}", "agency_id": agency["id"], "agency": agency["name"],
        "kind": agency["kind"], "scope": report.scope, "county_code": agency["county_code"],
        "county": agency["county"], "year": report.year, "doc_key": main.doc_key, "url": main.url, "snapshot_id": main.snapshot_id, "form": report.form,
        "title": report.title, "published_on": report.published_on, "published_source": report.published_source,
        "date_quality": report.date_quality, "signed_on": report.signed_on,
        "stat_from": report.period[0] if report.period else None,
        "stat_to": report.period[1] if report.period else None,
        "status": report.status, "reader": main.reader, "version": main.version,
        "zero_style_t2": report.zero_style.get("active_disclosure"),
        "zero_style_t3": report.zero_style.get("applications"),
        "zero_style_t4": report.zero_style.get("review_litigation"),
        "text": report.text, "first_seen": seen[0], "last_seen": seen[1], "gone_on": seen[2],
    }  # fmt: skip
