"""``merge``: archives of several machines united, without loss, without duplicates, in any order the same.

What was fetched is united by public keys. What follows from it is worked out again where two archives knew different
snapshots of a document, and copied where only one knew it. One transaction an archive: a merge is whole or was not.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from archive.store import checks, seed
from archive.store.archive import Archive
from archive.store.connection import address, explained, transaction
from archive.store.errors import ArchiveError
from archive.store.merging import decisions, evidence, reports

COUNTED = ("snapshot", "body", "report", "report_version", "finding", "link", "listing", "crawl")
"""Tables whose growth is told."""


@dataclass(slots=True)
class Merged:
    """What an archive brought: rows by table, documents worked out again, damaged bodies that it healed."""

    gained: dict[str, int] = field(default_factory=dict)
    rebuilt: int = 0
    healed: int = 0


Tell = Callable[[str], None]
"""Called with the name of each step as it begins."""


def merge(archive: Archive, other: Path, *, tell: Tell | None = None) -> Merged:
    """Take over all that the archive at ``other`` knows. Merging it again changes nothing.

    Reports are not yet compared across what came together: ``archive.store.across.update`` does it, once after the last.

    Raises ``ArchiveError``, with nothing changed, if it is no archive, this very archive, of another schema version, or
    damaged where it would be taken from.
    """
    tell = tell or (lambda _step: None)
    if other.exists() and other.resolve() == archive.path.resolve():
        raise ArchiveError(f"{other}: is the archive that it would be merged into")
    with closing(Archive.open(other, read_only=True)) as theirs, explained(other):
        archive.conn.execute("ATTACH DATABASE ? AS other", [address(other, read_only=True)])
        try:
            return _merge(archive, theirs, tell)
        except sqlite3.IntegrityError as error:
            raise ArchiveError(
                f"{other}: cannot be merged into {archive.path}: rows of one of them do not fit together ({error});"
                " nothing was merged, see what `gongkai verify` says of both"
            ) from None
        finally:
            evidence.drop_maps(archive.conn)
            archive.conn.execute("DETACH DATABASE other")


def _merge(archive: Archive, theirs: Archive, tell: Tell) -> Merged:
    merged = Merged()
    with transaction(archive.db) as conn:
        conn.execute("PRAGMA defer_foreign_keys = ON")
        before = {table: _count(archive, table) for table in COUNTED}
        tell("runs and sites")
        evidence.runs(conn)
        evidence.sites(conn)
        tell("bytes")
        merged.healed = evidence.bodies(conn, archive.snapshots.bodies, theirs.snapshots.bodies)
        reports.compare_documents(conn)
        tell("snapshots and lists")
        evidence.snapshots(conn)
        evidence.listings(conn)
        evidence.links(conn)
        tell("reports")
        merged.rebuilt = reports.unite(archive)
        tell("decisions")
        decisions.unite(archive)
        if not seed.is_seed(conn, "other"):  # else the run goes on; its end will count
            checks.record(conn)
        merged.gained = {table: _count(archive, table) - count for table, count in before.items()}
    return merged


def _count(archive: Archive, table: str) -> int:
    return int(archive.conn.execute(f"SELECT count(*) FROM main.{table}").fetchone()[0])
