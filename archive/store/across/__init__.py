"""Rules across reports: each against the year before, a county's total against its bodies (report-format D.2).

Set-based SQL over what is stored. Triggers note in ``comparison_due`` whatever was read anew, changed or removed;
``update`` works that off, a few counties in one transaction, and forgets it in the same transaction: after a kill it
goes on where it was. When rules, links or boundaries of this program are others than at the last time, all is due.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from sqlite_utils import Database

from archive.store import clock, reference, reforms
from archive.store.across import money, same, scope, series, sums
from archive.store.across.outcomes import RULES, write_findings, write_results
from archive.store.connection import insert, transaction

__all__ = ["RULES", "Compared", "mark_all", "up_to_date", "update"]

NAME = "across"
"""The row of ``meta`` that tells by which rules the reports were last compared."""

VERSION = 2
"""Raised whenever the same figures may be compared with another outcome."""

BATCH = 10_000
"""Changed reports in one transaction, at least a county's: about two seconds of holding the write lock."""

Progress = Callable[[int], None]


@dataclass(slots=True)
class Compared:
    """What an update came to: changed reports worked off, reports compared, findings that stand on these."""

    due: int = 0
    reports: int = 0
    findings: int = 0


def update(db: Database, *, everything: bool = False, progress: Progress | None = None) -> Compared:
    """Compare what changed since the last time, and what that bears upon; with ``everything`` all reports anew.

    ``progress`` is called with the number of changed reports worked off. Raises ``ArchiveError`` as any write does.
    """
    total = Compared()
    if everything or not _current(db.conn):
        mark_all(db)
    if _is_due(db.conn):
        with transaction(db) as conn:
            reforms.link(conn)
    while _is_due(db.conn):
        with transaction(db) as conn:
            done = _one_batch(conn)
        total.due += done.due
        total.reports += done.reports
        total.findings += done.findings
        if progress:
            progress(done.due)
    return total


def mark_all(db: Database) -> None:
    """Note that all reports are to be compared anew, by this program's rules."""
    with transaction(db) as conn:
        conn.execute("INSERT OR IGNORE INTO comparison_due SELECT DISTINCT agency_id, year FROM report")
        insert(conn, "meta", [{"name": NAME, "value": _state()}], conflict="REPLACE")


def up_to_date(conn: sqlite3.Connection) -> bool:
    """Is every report compared, by this program's rules?"""
    return _current(conn) and not _is_due(conn)


def _is_due(conn: sqlite3.Connection) -> bool:
    return conn.execute("SELECT 1 FROM comparison_due LIMIT 1").fetchone() is not None


def _current(conn: sqlite3.Connection) -> bool:
    row = conn.execute("SELECT value FROM meta WHERE name = ?", [NAME]).fetchone()
    return bool(row) and row[0] == _state()


def _state() -> str:
    return f"{VERSION} {reference.digest()}"


def _one_batch(conn: sqlite3.Connection) -> Compared:
    scope.begin(conn)
    done = Compared(due=_take(conn))
    scope.choose_targets(conn)
    scope.pair_up(conn)
    scope.count(conn)
    for ask in (series.carry, series.valid, series.items, same.same, money.fees, sums.sums):
        ask(conn)
    write_results(conn)
    done.findings = write_findings(conn, now=clock.now())
    done.reports = conn.execute("SELECT count(*) FROM temp.target").fetchone()[0]
    scope.end(conn)
    return done


def _take(conn: sqlite3.Connection) -> int:
    """Move what is due in the next counties into ``temp.batch``. A county's totals need all of its bodies at once."""
    counties = conn.execute(
        "SELECT a.county_code, count(*) AS due FROM comparison_due d LEFT JOIN agency a ON a.id = d.agency_id"
        " GROUP BY a.county_code ORDER BY a.county_code"
    ).fetchall()
    taken = 0
    for county in counties:
        if taken and taken + county["due"] > BATCH:
            break
        conn.execute(
            "INSERT INTO temp.batch SELECT d.agency_id, d.year FROM comparison_due d"
            " LEFT JOIN agency a ON a.id = d.agency_id WHERE a.county_code IS ?",
            [county["county_code"]],
        )
        taken += county["due"]
    conn.execute(
        "DELETE FROM comparison_due WHERE (agency_id, year) IN (SELECT agency_id, year FROM temp.batch)"
    )
    return taken
