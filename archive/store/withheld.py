"""What is withheld from everything published, by decision and with its reason (docs/policy.md).

Decisions only grow stricter, here and in ``merge``. ``hide`` and ``redact`` leave the archive itself whole; ``purge``
also removes the pages' bytes and all that was read from them, and leaves a tombstone: whose report on which year, from
which address, with which digest, and why it is gone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Literal

from archive.store import clock
from archive.store.bodies import Bodies
from archive.store.connection import insert, upsert
from archive.store.errors import ArchiveError

Level = Literal["hide", "redact", "purge"]
LEVELS: tuple[Level, ...] = ("redact", "hide", "purge")
"""From the mildest: the words and pages are withheld; all but the tombstone is; and the archive itself forgets it."""

TARGETS = ("report", "document", "agency", "snapshot", "body", "finding")
"""What a decision may be about: the public key of a report, document, agency, snapshot or finding, a body's digest."""

WITHHELD = "withheld"
"""The reason of a link to what was purged: given up for good, and without its title."""

PURGED_KINDS = "('report', 'attachment', 'rendered', 'ingested')"


def reports() -> str:
    """SQL: ids of the reports that are withheld: themselves, their agency, or the document or bytes they are read from.

    The few decisions lead, each by an index: no reading of all reports where nothing is withheld.
    """
    return """
        SELECT r.id FROM withheld w CROSS JOIN report r ON r.key = w.target_key WHERE w.target_type = 'report'
        UNION SELECT r.id FROM withheld w CROSS JOIN agency a ON a.key = w.target_key
            CROSS JOIN report r ON r.agency_id = a.id WHERE w.target_type = 'agency'
        UNION SELECT r.id FROM withheld w CROSS JOIN report r ON r.doc_key = w.target_key
            WHERE w.target_type = 'document'
        UNION SELECT r.id FROM withheld w CROSS JOIN snapshot s ON s.key = w.target_key
            CROSS JOIN report r ON r.snapshot_id = s.id WHERE w.target_type = 'snapshot'
        UNION SELECT r.id FROM withheld w CROSS JOIN snapshot s ON s.sha256 = w.target_key
            CROSS JOIN report r ON r.snapshot_id = s.id WHERE w.target_type = 'body'"""


def snapshots() -> str:
    """SQL: ids of the snapshots that are withheld: themselves, their bytes, their document, or a report it carries."""
    return f"""
        SELECT s.id FROM withheld w CROSS JOIN snapshot s ON s.key = w.target_key WHERE w.target_type = 'snapshot'
        UNION SELECT s.id FROM withheld w CROSS JOIN snapshot s ON s.sha256 = w.target_key WHERE w.target_type = 'body'
        UNION SELECT s.id FROM withheld w CROSS JOIN snapshot s ON s.doc_key = w.target_key
            WHERE w.target_type = 'document'
        UNION SELECT s.id FROM snapshot s JOIN publication p ON p.doc_key = s.doc_key
            WHERE p.report_id IN ({reports()})"""


def public_report() -> str:
    """The view ``public_report``."""
    return f"SELECT * FROM report WHERE id NOT IN ({reports()})"


def decide(
    conn: sqlite3.Connection, target_type: str, target_key: str, level: str, reason: str, decided_on: str
) -> bool:
    """Write a decision; false if one as strict stands already. Inside the caller's transaction."""
    if target_type not in TARGETS or level not in LEVELS:
        raise ArchiveError(f"cannot withhold {target_type} {target_key} at level {level}")
    known = conn.execute(
        "SELECT level FROM withheld WHERE target_type = ? AND target_key = ?", [target_type, target_key]
    ).fetchone()
    if known and rank(known[0]) >= rank(level):
        return False
    row = {
        "target_type": target_type, "target_key": target_key, "level": level, "reason": reason,
        "decided_on": decided_on,
    }  # fmt: skip
    upsert(conn, "withheld", [row], key=("target_type", "target_key"))
    return True


def rank(level: str) -> int:
    """How strict a level is; what this program does not know counts as the strictest."""
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)


def purged(conn: sqlite3.Connection, target_type: str, target_key: str | None) -> bool:
    """Whether it was decided that the archive itself forgets this."""
    row = conn.execute(
        "SELECT 1 FROM withheld WHERE target_type = ? AND target_key = ? AND level = 'purge'",
        [target_type, target_key],
    ).fetchone()
    return row is not None


def why(conn: sqlite3.Connection, report_key: str) -> str | None:
    """Why a report is withheld by its own key or its agency's: level, day and reason; ``None`` if it is not."""
    row = conn.execute(
        "SELECT w.level || ' ' || w.decided_on || ' ' || w.reason FROM withheld w WHERE w.target_type = 'report' "
        "AND w.target_key = :key UNION ALL SELECT w.level || ' ' || w.decided_on || ' ' || w.reason FROM withheld w "
        "JOIN report r ON r.key = :key JOIN agency a ON a.id = r.agency_id AND a.key = w.target_key "
        "WHERE w.target_type = 'agency' LIMIT 1",
        {"key": report_key},
    ).fetchone()
    return row[0] if row else None


def forget_bytes(conn: sqlite3.Connection, bodies: Bodies, report_key: str, doc_keys: Sequence[str]) -> None:
    """Remove what was fetched for these documents of a purged report; each with a tombstone, and asked for no more."""
    row = conn.execute(
        "SELECT reason, decided_on FROM withheld WHERE target_type = 'report' AND target_key = ?",
        [report_key],
    ).fetchone()
    for doc_key in doc_keys:
        decide(conn, "document", doc_key, "purge", row["reason"], row["decided_on"])
        rows = conn.execute(
            f"SELECT DISTINCT sha256 FROM snapshot WHERE doc_key = ? AND kind IN {PURGED_KINDS}", [doc_key]
        ).fetchall()
        for (sha256,) in rows:
            decide(conn, "body", sha256, "purge", row["reason"], row["decided_on"])
            bodies.purge(sha256)
        conn.execute(
            "UPDATE link SET state = 'given_up', title = '', next_try = NULL, reason = ? WHERE doc_key = ?",
            [WITHHELD, doc_key],
        )


def annotate(
    conn: sqlite3.Connection, target_type: str, target_key: str, kind: str, text: str, **more: Any
) -> None:
    """Add a note to what is shown of something: an agency's ``reply`` or ``correction``, an ``editor``'s note.

    ``source_url`` is where it was said, ``date`` the day (default: today). The same note twice is one.
    """
    row = {
        "target_type": target_type, "target_key": target_key, "kind": kind, "text": text,
        "source_url": more.get("source_url"), "date": more.get("date") or clock.now()[:10],
    }  # fmt: skip
    if not conn.execute(
        "SELECT 1 FROM annotation WHERE target_type = :target_type AND target_key = :target_key AND kind = :kind"
        " AND text = :text AND source_url IS :source_url",
        row,
    ).fetchone():
        insert(conn, "annotation", [row])
