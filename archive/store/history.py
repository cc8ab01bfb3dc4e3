"""Versions: a document's history as its snapshots tell it, and what was different from one to the next.

A new version exists only when two snapshots, read by the same reader, differ in dates, text or cells. What another
reader says of the same snapshot corrects the version in place and is a ``reading_change``: ours, not the source's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from archive.report import model
from archive.report.model import Report
from archive.store import codec
from archive.store.compare import Change, differences
from archive.store.connection import Row, insert
from archive.store.prepared import Prepared

Reread = Callable[[int], Report | None]
"""Reads a snapshot with today's reader; ``None`` if its bytes are not to be had any more."""


@dataclass(frozen=True, slots=True)
class Known:
    """A version as it stands: its row, without the reading."""

    id: int
    report_id: int
    version: int
    snapshot_id: int
    reader: str
    digest: str
    first_seen: str
    last_seen: str


def versions(conn: sqlite3.Connection, doc_key: str) -> list[Known]:
    """The document's versions, oldest first."""
    rows = conn.execute(
        "SELECT id, report_id, version, snapshot_id, reader, digest, first_seen, last_seen FROM report_version "
        "WHERE doc_key = ? ORDER BY version",
        [doc_key],
    )
    return [Known(*row) for row in rows]


def latest(conn: sqlite3.Connection, doc_key: str) -> Known | None:
    """The document's last version."""
    return next(reversed(versions(conn, doc_key)), None)


def of_snapshot(conn: sqlite3.Connection, doc_key: str, snapshot_id: int) -> Known | None:
    """The version that a snapshot was the first to show."""
    return next((v for v in versions(conn, doc_key) if v.snapshot_id == snapshot_id), None)


def neighbours(known: Sequence[Known], snapshot: Row) -> list[Known]:
    """The versions that a snapshot's reading is compared with: the last one before it and the first one after it.

    None if the snapshot is a version's own: then it is corrected, not compared.
    """
    if any(v.snapshot_id == snapshot["id"] for v in known):
        return []
    before = [v for v in known if v.first_seen <= snapshot["fetched_at"]]
    return [*before[-1:], *known[len(before) : len(before) + 1]]


def reading(conn: sqlite3.Connection, version_id: int) -> Report:
    """What the version says."""
    row = conn.execute("SELECT reading FROM report_version WHERE id = ?", [version_id]).fetchone()
    return codec.unpack(row[0])


class History:
    """Writes ``report_version``, ``report_change`` and ``reading_change``; inside the caller's transaction."""

    def __init__(self, conn: sqlite3.Connection, reread: Reread) -> None:
        self._conn = conn
        self._reread = reread

    def add(self, report_id: int, doc_key: str, snapshot: Row, report: Prepared) -> str:
        """Put a reading into the document's history: ``new``, ``changed`` or ``unchanged``.

        A snapshot older than what is known (an archive merged, a file ingested) takes its place in time, and the
        later versions count on from it.
        """
        known = versions(self._conn, doc_key)
        same = next((v for v in known if v.snapshot_id == snapshot["id"]), None)
        if same:
            self.correct(same, report)
            return "unchanged"
        before = [v for v in known if v.first_seen <= snapshot["fetched_at"]]
        after = known[len(before) :]
        if before and not self._differences(before[-1], report, backwards=False):
            self._seen(before[-1], doc_key, snapshot)
            if not after:
                self._renew(before[-1], report)
            return "unchanged"
        if after and not self._differences(after[0], report, backwards=True):
            self._seen(after[0], doc_key, snapshot)
            return "unchanged"
        if before and before[-1].last_seen > snapshot["fetched_at"]:
            self._split(before[-1], doc_key, snapshot["fetched_at"])
            after = versions(self._conn, doc_key)[len(before) :]
        self._insert(report_id, doc_key, snapshot, report, before, after)
        return "changed" if known else "new"

    def _insert(
        self,
        report_id: int,
        doc_key: str,
        snapshot: Row,
        report: Prepared,
        before: list[Known],
        after: list[Known],
    ) -> None:
        number, seen = len(before) + 1, snapshot["fetched_at"]
        if after:
            self._conn.execute(
                "DELETE FROM report_change WHERE doc_key = ? AND to_version = ?", [doc_key, after[0].version]
            )
            self._count_on(doc_key, versions_from=number, changes_from=number)
        row = {
            "report_id": report_id, "version": number, "doc_key": doc_key, "snapshot_id": snapshot["id"],
            "reader": model.READER, "digest": report.digest, "first_seen": seen, "last_seen": seen,
            "reading": report.packed,
        }  # fmt: skip
        insert(self._conn, "report_version", [row])
        if before:
            changes = self._differences(before[-1], report, backwards=False)
            last_seen = min(before[-1].last_seen, self._last_look(doc_key, seen) or before[-1].last_seen)
            self._tell(report_id, doc_key, number, changes, last_seen, seen)
        if after:
            changes = self._differences(after[0], report, backwards=True)
            self._tell(report_id, doc_key, number + 1, changes, seen, after[0].first_seen)

    def _split(self, version: Known, doc_key: str, moment: str) -> None:
        """Make two of a version that something else interrupted: it was seen before and after ``moment``."""
        resumed = self._conn.execute(
            "SELECT id, fetched_at FROM snapshot WHERE doc_key = ? AND fetched_at > ? AND fetched_at <= ?"
            " ORDER BY fetched_at, id LIMIT 1",
            [doc_key, moment, version.last_seen],
        ).fetchone()
        if resumed:
            self._count_on(doc_key, versions_from=version.version + 1, changes_from=version.version)
            self._conn.execute(
                "INSERT INTO report_version (report_id, version, doc_key, snapshot_id, reader, digest, first_seen,"
                " last_seen, reading) SELECT report_id, version + 1, doc_key, ?, reader, digest, ?, last_seen, reading"
                " FROM report_version WHERE id = ?",
                [resumed["id"], resumed["fetched_at"], version.id],
            )
        self._conn.execute(
            "UPDATE report_version SET last_seen = max(first_seen, ?) WHERE id = ?",
            [self._last_look(doc_key, moment) or version.first_seen, version.id],
        )

    def _last_look(self, doc_key: str, moment: str) -> str | None:
        """When the document was last fetched before a moment."""
        row = self._conn.execute(
            "SELECT max(fetched_at) FROM snapshot WHERE doc_key = ? AND fetched_at < ?", [doc_key, moment]
        ).fetchone()
        return str(row[0]) if row[0] else None

    def _count_on(self, doc_key: str, *, versions_from: int, changes_from: int) -> None:
        """Make room for a version: the later ones, and the changes from them, are counted one higher."""
        for table, column, start in (
            ("report_version", "version", versions_from),
            ("report_change", "from_version", changes_from),
            ("report_change", "to_version", versions_from),
        ):
            self._conn.execute(
                f"UPDATE {table} SET {column} = {column} + 1 WHERE doc_key = ? AND {column} >= ?",
                [doc_key, start],
            )

    def _tell(
        self,
        report_id: int,
        doc_key: str,
        to: int,
        changes: Sequence[Change],
        last_seen: str,
        first_seen: str,
    ) -> None:
        rows = [
            {
                "report_id": report_id,
                "doc_key": doc_key,
                "from_version": to - 1,
                "to_version": to,
                "class": c.kind,
                "table_name": c.table,
                "row": c.row,
                "column": c.column,
                "section": c.section,
                "before": c.before,
                "after": c.after,
                "last_seen_before": last_seen,
                "first_seen_after": first_seen,
            }
            for c in changes
        ]
        insert(self._conn, "report_change", rows)

    def _differences(self, version: Known, report: Prepared, *, backwards: bool) -> list[Change]:
        """What differs between a version and another reading, both by today's reader."""
        if version.reader == model.READER:
            if version.digest == report.digest:
                return []
            other = reading(self._conn, version.id)
        else:
            again = self._reread(version.snapshot_id)
            if again is None:
                # Its bytes are withheld or damaged: what it said then is all there is to compare with.
                other = reading(self._conn, version.id)
            else:
                self.correct(version, again)
                other = again
        return differences(report.report, other) if backwards else differences(other, report.report)

    def correct(self, version: Known, report: Report | Prepared) -> None:
        """The same snapshot, read anew: the version says from now on what today's reader says.

        What is told of its differences from its neighbours is told anew once today's reader has read both sides.
        """
        report = Prepared.of(report)
        row = self._conn.execute(
            "SELECT reader, digest FROM report_version WHERE id = ?", [version.id]
        ).fetchone()
        if row["reader"] != model.READER or row["digest"] != report.digest:
            rows = [
                {
                    "report_id": version.report_id,
                    "snapshot_id": version.snapshot_id,
                    "reader_before": row["reader"],
                    "reader_after": model.READER,
                    "place": change.place,
                    "before": change.before,
                    "after": change.after,
                }
                for change in self._corrections(version, report.report)
            ]
            insert(self._conn, "reading_change", rows)
            self._renew(version, report)
            doc_key = self._conn.execute(
                "SELECT doc_key FROM report_version WHERE id = ?", [version.id]
            ).fetchone()[0]
            for to in (version.version, version.version + 1):
                self._tell_again(doc_key, to)
            return
        self._renew(version, report)

    def _corrections(self, version: Known, report: Report) -> list[Change]:
        try:
            return differences(reading(self._conn, version.id), report)
        except codec.DamagedError:  # what it said cannot be told any more
            return []

    def _tell_again(self, doc_key: str, to: int) -> None:
        """Work out anew what was different from the version before ``to`` to it, if one reader has read both."""
        pair = {v.version: v for v in versions(self._conn, doc_key) if v.version in (to - 1, to)}
        if len(pair) < 2 or {v.reader for v in pair.values()} != {model.READER}:
            return
        told = self._conn.execute(
            "SELECT last_seen_before, first_seen_after FROM report_change WHERE doc_key = ? AND to_version = ? LIMIT 1",
            [doc_key, to],
        ).fetchone()
        self._conn.execute("DELETE FROM report_change WHERE doc_key = ? AND to_version = ?", [doc_key, to])
        before, after = pair[to - 1], pair[to]
        changes = differences(reading(self._conn, before.id), reading(self._conn, after.id))
        moments = tuple(told) if told else (before.last_seen, after.first_seen)
        self._tell(after.report_id, doc_key, to, changes, *moments)

    def _renew(self, version: Known, report: Prepared) -> None:
        """Keep the latest reading of a version: its findings may be others though text and cells are the same."""
        self._conn.execute(
            "UPDATE report_version SET reader = ?, digest = ?, reading = ? WHERE id = ?",
            [model.READER, report.digest, report.packed, version.id],
        )

    def _seen(self, version: Known, doc_key: str, snapshot: Row) -> None:
        """The version was seen at that time too; its snapshot is the first that showed it."""
        moment = snapshot["fetched_at"]
        first = snapshot["id"] if moment < version.first_seen else version.snapshot_id
        self._conn.execute(
            "UPDATE report_version SET first_seen = min(first_seen, ?), last_seen = max(last_seen, ?), snapshot_id = ?"
            " WHERE id = ?",
            [moment, moment, first, version.id],
        )
        self._conn.execute(
            "UPDATE report_change SET last_seen_before = max(last_seen_before, ?) WHERE doc_key = ? AND from_version = ?",
            [moment, doc_key, version.version],
        )
        self._conn.execute(
            "UPDATE report_change SET first_seen_after = min(first_seen_after, ?) WHERE doc_key = ? AND to_version = ?",
            [moment, doc_key, version.version],
        )
