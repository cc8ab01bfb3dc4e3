"""What people ask an archive: its reports, findings, changes, coverage and bodies, as rows. Read-only.

Each function is one question. They all take the connection, and what to ask for; ``None`` or nothing named means all.
A county may be given by code or name. Raises ``ArchiveError`` for a county or rule that the archive does not know.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from typing import Any

from archive.store import codec
from archive.store.connection import Row
from archive.store.where import Where

Rows = list[Row]
_GRAVITY = "CASE f.severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END"


def coverage(
    conn: sqlite3.Connection, *, county: str | None, kinds: Collection[str], years: Collection[int] | None
) -> Rows:
    """The view ``coverage``: a row for each body and year, by county, kind and name."""
    where = Where()
    where.one_of("c.kind", kinds)
    where.one_of("c.year", years)
    where.county(conn, "c", county)
    rows = conn.execute(
        f"SELECT c.* FROM coverage c {where} ORDER BY c.county_code, c.kind, c.agency, c.scope, c.year",
        where.values,
    )
    return [dict(row) for row in rows]


def findings(
    conn: sqlite3.Connection,
    *,
    rules: Collection[str],
    severities: Collection[str],
    county: str | None,
    years: Collection[int] | None,
    also_resolved: bool,
    published: bool,
) -> Rows:
    """Findings with the report each is about and the address of the other one, the gravest reports first."""
    where = Where()
    where.rules(conn, "f.rule", rules)
    where.one_of("f.severity", severities)
    where.one_of("r.year", years)
    where.county(conn, "r", county)
    if not also_resolved:
        where.add("f.resolved_at IS NULL")
    rows = conn.execute(
        "SELECT f.*, r.key AS report, r.county_code, r.county, r.agency, r.kind, r.scope, r.year, r.url, "
        f"o.url AS other_url, min({_GRAVITY}) OVER (PARTITION BY r.id) AS gravest "
        f"FROM {'published_finding' if published else 'finding'} f JOIN report r ON r.id = f.report_id "
        f"LEFT JOIN report o ON o.id = f.other_report_id {where} "
        f"ORDER BY gravest, r.county_code, r.agency, r.year, r.scope, {_GRAVITY}, f.rule, f.id",
        where.values,
    )
    return [dict(row) for row in rows]


def changes(
    conn: sqlite3.Connection, *, county: str | None, years: Collection[int] | None, classes: Collection[str]
) -> Rows:
    """What changed at the source, latest first."""
    where = Where()
    where.one_of("c.class", classes)
    where.one_of("c.year", years)
    where.county(conn, "r", county)
    rows = conn.execute(
        f"SELECT c.* FROM change c JOIN report r ON r.id = c.report_id {where} "
        "ORDER BY c.first_seen_after DESC, c.report_id, c.to_version DESC",
        where.values,
    )
    return [dict(row) for row in rows]


def agencies(conn: sqlite3.Connection, *, county: str | None, kinds: Collection[str]) -> Rows:
    """Who reports, with the number of reports and the years they span."""
    where = Where()
    where.one_of("a.kind", kinds)
    where.county(conn, "a", county)
    rows = conn.execute(
        "SELECT a.key, a.name, a.kind, a.county, count(r.id) AS reports, min(r.year) AS first_year, "
        f"max(r.year) AS last_year FROM agency a LEFT JOIN report r ON r.agency_id = a.id {where} "
        "GROUP BY a.id ORDER BY a.county_code, a.kind, a.name",
        where.values,
    )
    return [dict(row) for row in rows]


# -- one report


def report(conn: sqlite3.Connection, wanted: str) -> Row | None:
    """The report of that key, number in this archive, address or document, with time and digest of its snapshot."""
    row = conn.execute(
        "SELECT r.*, s.fetched_at, s.sha256 FROM report r JOIN snapshot s ON s.id = r.snapshot_id "
        "WHERE r.key = :wanted OR CAST(r.id AS TEXT) = :wanted OR r.url = :wanted OR r.doc_key = :wanted "
        "ORDER BY r.key = :wanted DESC, r.year DESC LIMIT 1",
        {"wanted": wanted},
    ).fetchone()
    return dict(row) if row else None


def reading(conn: sqlite3.Connection, report_id: int, doc_key: str) -> dict[str, Any]:
    """The report's current reading, as ``gongkai read`` prints it."""
    packed = conn.execute(
        "SELECT reading FROM report_version WHERE report_id = ? AND doc_key = ? ORDER BY version DESC LIMIT 1",
        [report_id, doc_key],
    ).fetchone()
    return codec.as_json(packed["reading"])


def sections(conn: sqlite3.Connection, report_id: int) -> Rows:
    """``heading`` and ``text`` of each section, in the order of the page."""
    rows = conn.execute("SELECT heading, text FROM section WHERE report_id = ?", [report_id])
    return [dict(row) for row in rows]


def findings_of(conn: sqlite3.Connection, report_id: int) -> Rows:
    """The report's findings that stand, the gravest first."""
    rows = conn.execute(
        "SELECT f.severity, f.rule, f.message, f.message_zh FROM finding f WHERE f.report_id = ?"
        f" AND f.resolved_at IS NULL ORDER BY {_GRAVITY}, f.rule",
        [report_id],
    )
    return [dict(row) for row in rows]


def values(conn: sqlite3.Connection, report_id: int, table: str) -> dict[str, Row]:
    """The rows of one of the form's tables by their codes. ``table`` is a table of the codebook, never input."""
    rows = conn.execute(f"SELECT * FROM {table} WHERE report_id = ?", [report_id])
    return {row["row"]: dict(row) for row in rows}


def notes(conn: sqlite3.Connection, report_id: int, table: str) -> dict[tuple[str, str], Row]:
    """The cells of a table that are no plain numbers, by row and column."""
    rows = conn.execute("SELECT * FROM cell_note WHERE report_id = ? AND table_name = ?", [report_id, table])
    return {(row["row"], row["column"]): dict(row) for row in rows}


def statistics(conn: sqlite3.Connection, report_id: int) -> Rows:
    """The statistics of an older form, in the order of the page."""
    rows = conn.execute(
        "SELECT label, unit, column_label, value FROM statistics WHERE report_id = ? ORDER BY seq",
        [report_id],
    )
    return [dict(row) for row in rows]


# -- the archive


def is_empty(conn: sqlite3.Connection) -> bool:
    """Whether nothing was ever kept."""
    return conn.execute("SELECT 1 FROM snapshot LIMIT 1").fetchone() is None


def unsealed(conn: sqlite3.Connection) -> int:
    """How many snapshots no manifest vouches for yet."""
    newest = "SELECT count(*) FROM snapshot WHERE id > coalesce((SELECT max(last_id) FROM seal), 0)"
    return int(conn.execute(newest).fetchone()[0])


def entry_points(conn: sqlite3.Connection) -> list[str]:
    """The ``list_url`` of every site that was ever crawled into the archive."""
    return [str(url) for (url,) in conn.execute("SELECT list_url FROM site")]
