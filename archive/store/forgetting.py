"""Withdrawing a report, and what a purge does: the archive itself forgets its bytes and words, and keeps a tombstone."""

from __future__ import annotations

import sqlite3

from archive.report.model import Report
from archive.store import codec, search, settle, withheld
from archive.store.bodies import Bodies
from archive.store.compare import fingerprint
from archive.store.errors import ArchiveError


def withdraw(
    conn: sqlite3.Connection, bodies: Bodies, report_key: str, level: str, reason: str, *, decided_on: str
) -> bool:
    """Withhold a report; false if it is withheld as strictly already. Inside the caller's transaction.

    Raises ``ArchiveError`` if there is no such report.
    """
    if not conn.execute("SELECT 1 FROM report WHERE key = ?", [report_key]).fetchone():
        raise ArchiveError(f"no report {report_key!r} in this archive")
    new = withheld.decide(conn, "report", report_key, level, reason, decided_on)
    if new and level == "purge":
        forget(conn, bodies, report_key, decided_on)
    return new


def forget(conn: sqlite3.Connection, bodies: Bodies, report_key: str, now: str) -> None:
    """Remove bytes and words of a report that is to be purged; whose and of which year it is stays."""
    row = conn.execute("SELECT id FROM report WHERE key = ?", [report_key]).fetchone()
    if row is None:
        return
    report_id = row["id"]
    doc_keys = [
        r[0] for r in conn.execute("SELECT doc_key FROM publication WHERE report_id = ?", [report_id])
    ]
    withheld.forget_bytes(conn, bodies, report_key, doc_keys)
    versions = conn.execute(
        "SELECT id, reading FROM report_version WHERE report_id = ?", [report_id]
    ).fetchall()
    for version in versions:
        empty = _identity(codec.unpack(version["reading"]))
        conn.execute(
            "UPDATE report_version SET digest = ?, reading = ? WHERE id = ?",
            [fingerprint(empty), codec.pack(empty), version["id"]],
        )
    for table in ("report_change", "reading_change", "finding"):
        conn.execute(f"DELETE FROM {table} WHERE report_id = ?", [report_id])
    conn.execute("DELETE FROM finding WHERE other_report_id = ?", [report_id])  # they quote its figures
    settle.report(conn, report_id, now)
    search.erase(conn)


def _identity(report: Report) -> Report:
    """A reading that only says whose report on which year it is."""
    names = (
        "agency", "agency_key", "agency_kind", "scope", "admin_code", "county_code", "year", "form", "published_on",
        "published_source", "date_quality",
    )  # fmt: skip
    return Report(status="unparsed", reason="withheld", **{name: getattr(report, name) for name in names})
