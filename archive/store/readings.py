"""Readings: what was understood of a snapshot becomes the report's row and everything that hangs on it.

One transaction a reading. It also closes the link in the frontier, so that after a kill at any moment a page is either
read and closed, or kept as bytes with its link still open.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from sqlite_utils import Database

from archive.report import model
from archive.report.model import Context, Report
from archive.store import forgetting, history, settle, withheld
from archive.store.agencies import Agencies
from archive.store.connection import Row, insert, transaction, upsert
from archive.store.errors import ArchiveError
from archive.store.frontier import Frontier
from archive.store.prepared import Prepared
from archive.store.snapshots import Snapshots

TRANSIENT_REASONS = frozenset({"blocked", "soft_404", "empty"})
"""Reasons for ``not_a_report`` that say something about the answer, not about the document: ask again later. To a crawl they
are failure classes of their own."""

IN_A_FILE = "the report is in an attachment"
"""The reader's reason for a page that holds nothing of the report but links to it."""

CONFIRMS_ANOTHER = "a 304 confirms an answer that could not be read"
"""Why a link stays work although its page is said to be as it was."""

Reader = Callable[[bytes, list[tuple[str, str]], Context], Report]


def read(body: bytes, headers: list[tuple[str, str]], context: Context) -> Report:
    """Today's reader, in its sandbox."""
    from archive.sandbox import read_safely  # imported late: only a change of reader needs it here

    return read_safely(body, headers, context)


class Readings:
    """The tables ``document``, ``report`` and its children, ``publication``, ``unplaced``, versions and findings."""

    def __init__(
        self, db: Database, snapshots: Snapshots, agencies: Agencies, *, reader: Reader = read
    ) -> None:
        self._db = db
        self._conn: sqlite3.Connection = db.conn
        self._snapshots = snapshots
        self._agencies = agencies
        self._frontier = Frontier(db)
        self._reader = reader
        self._foreseen: dict[str, dict[int, Report | None]] = {}

    def store(
        self, snapshot_id: int, reading: Report | Prepared, *, doc_key: str, site: str, url: str, now: str
    ) -> str:
        """Keep a reading of a snapshot, in one transaction. What happened comes back:

        - ``new``: the document's first reading; ``changed``: it differs from the last one (a new version);
          ``unchanged``: it says the same, or the same snapshot was read anew;
        - ``unplaced``: no report, or no telling whose or of which year; kept in ``unplaced``; or a page whose report is
          only in its attachments, which are links of their own;
        - ``failed``: nothing could be read. The link stays due; an earlier good reading of the document stays.

        Raises ``ArchiveError`` if the snapshot is not in the archive.
        """
        reading = Prepared.of(reading)
        report = reading.report
        snapshot = self._snapshots.get(snapshot_id)
        self.foresee(snapshot_id, doc_key=doc_key)
        with transaction(self._db) as conn:
            if withheld.purged(conn, "document", doc_key):
                return "unchanged"  # the archive was told to forget it, and does not learn it anew
            held = conn.execute("SELECT report_id FROM publication WHERE doc_key = ?", [doc_key]).fetchone()
            readable = report.status in ("parsed", "partial")
            if _placed(report) and (readable or not held or self._still_in_a_file(doc_key, report)):
                outcome = self._place(snapshot, reading, doc_key, site, url, now, held[0] if held else None)
            elif held and not self._is_current(doc_key, snapshot_id):
                outcome = "failed"  # a page that read well once now does not: the good reading stands
            else:
                self._set_aside(snapshot, report, doc_key, site, url, now, held[0] if held else None)
                outcome = "unplaced"
            if not readable and (report.status == "unparsed" or report.reason in TRANSIENT_REASONS):
                # What stands in a file is the work of the file's own link.
                outcome = "unplaced" if outcome != "failed" and _in_a_file(report) else "failed"
            key = conn.execute(
                "SELECT r.key FROM publication p JOIN report r ON r.id = p.report_id WHERE p.doc_key = ?",
                [doc_key],
            ).fetchone()
            if key and withheld.purged(conn, "report", key[0]):
                forgetting.forget(
                    conn, self._snapshots.bodies, key[0], now
                )  # published at another address too
            self._close_link(doc_key, snapshot, report, outcome, now)
        self._foreseen.pop(doc_key, None)
        return outcome

    def confirmed(self, snapshot_id: int, *, doc_key: str, now: str) -> bool:
        """A 304 said that nothing changed: the document and its version were seen once more; the link is closed.

        If it confirms other bytes than those the document stands on (an answer that could not be read), nothing was
        seen: the link fails once more, and false comes back.
        """
        snapshot = self._snapshots.get(snapshot_id)
        with transaction(self._db):
            seen = snapshot["fetched_at"]
            same = self._see_again(doc_key, snapshot)
            if same:
                self._frontier.done(doc_key, now=now, asked_at=seen)
            else:
                self._frontier.failed(doc_key, CONFIRMS_ANOTHER, now=now, asked_at=seen)
        return same

    def _see_again(self, doc_key: str, snapshot: Row) -> bool:
        """Note that the document was there at the time of this 304; false if it confirms another answer."""
        stands = self._conn.execute(
            "SELECT s.sha256 FROM document d JOIN snapshot s ON s.id = d.snapshot_id WHERE d.doc_key = ?",
            [doc_key],
        ).fetchone()
        if stands and stands[0] != snapshot["sha256"]:
            return False
        seen = snapshot["fetched_at"]
        self._conn.execute(
            "UPDATE document SET last_seen = max(last_seen, ?) WHERE doc_key = ?", [seen, doc_key]
        )
        self._conn.execute(
            "UPDATE report_version SET last_seen = max(last_seen, ?) WHERE doc_key = ? AND version ="
            " (SELECT max(version) FROM report_version WHERE doc_key = ?)",
            [seen, doc_key, doc_key],
        )
        self._conn.execute(
            "UPDATE report SET last_seen = max(last_seen, ?) WHERE id = (SELECT report_id FROM publication WHERE doc_key = ?)",
            [seen, doc_key],
        )
        return True

    def correct(self, snapshot_id: int, reading: Report | Prepared, *, doc_key: str, now: str) -> bool:
        """Put today's reading of a stored snapshot in the place of the one before; false if the old one must stay.

        Makes no version of a document that has some; the frontier is told nothing, for nobody was asked. A document
        loses its place only if its latest version cannot be placed any more: an older one has no other place to go.
        One that gains a place gains its whole history: all its snapshots are read again.
        """
        reading = Prepared.of(reading)
        report = reading.report
        snapshot = self._snapshots.get(snapshot_id)
        with transaction(self._db) as conn:
            held = conn.execute("SELECT report_id FROM publication WHERE doc_key = ?", [doc_key]).fetchone()
            document = conn.execute("SELECT site, url FROM document WHERE doc_key = ?", [doc_key]).fetchone()
            site = document["site"] if document else snapshot["context"].get("site") or ""
            url = document["url"] if document else snapshot["url"]
            latest = history.latest(conn, doc_key)
            old = held[0] if held else None
            if latest and latest.snapshot_id != snapshot_id:
                version = history.of_snapshot(conn, doc_key, snapshot_id)
                if version is None or not _placed(report):
                    return False
                self._history().correct(version, reading)
                settle.report(self._conn, version.report_id, now)
                return True
            if _placed(report) and old is None and len(self._snapshots.of_document(doc_key)) > 1:
                for report_id in self.rebuild(doc_key):
                    settle.report(self._conn, report_id, now)
            elif _placed(report):
                self._place(snapshot, reading, doc_key, site, url, now, old)
            elif held:
                current = conn.execute(
                    "SELECT snapshot_id FROM document WHERE doc_key = ?", [doc_key]
                ).fetchone()
                self._set_aside(self._snapshots.get(current[0]), report, doc_key, site, url, now, old)
            else:
                self._set_aside(snapshot, report, doc_key, site, url, now, None)
        return True

    def same_again(self, snapshot_id: int, doc_key: str) -> None:
        """Today's reader says of a stored snapshot exactly what is stored: only its name is brought up to date."""
        with transaction(self._db) as conn:
            for table in ("report_version", "unplaced"):
                conn.execute(
                    f"UPDATE {table} SET reader = ? WHERE doc_key = ? AND snapshot_id = ? AND reader <> ?",
                    [model.READER, doc_key, snapshot_id, model.READER],
                )
            conn.execute(
                "UPDATE report SET reader = v.reader FROM report_version v WHERE report.doc_key = ?"
                " AND v.doc_key = report.doc_key AND v.version = report.version AND report.reader <> v.reader",
                [doc_key],
            )

    def _close_link(self, doc_key: str, snapshot: Row, report: Report, outcome: str, now: str) -> None:
        """The link is done, or stays work to do. Only the latest answer decides: reading an old one again does not.

        Nor does a failure that is known already count twice.
        """
        link = self._frontier.get(doc_key)
        asked_at, answered = link["asked_at"] if link else None, snapshot["fetched_at"]
        if outcome != "failed" and (asked_at is None or answered >= asked_at):
            self._frontier.done(doc_key, now=now, asked_at=answered)
        elif outcome == "failed" and (asked_at is None or answered > asked_at):
            self._frontier.failed(doc_key, _why(report), now=now, asked_at=answered)

    # -- a reading with its place

    def _place(
        self, snapshot: Row, reading: Prepared, doc_key: str, site: str, url: str, now: str, held: int | None
    ) -> str:
        report_id, outcome = self._put(snapshot, reading, doc_key, site, url, held)
        settle.report(self._conn, report_id, now, reading)
        if held is not None and held != report_id:
            settle.report(self._conn, held, now)
        return outcome

    def _put(
        self, snapshot: Row, reading: Prepared, doc_key: str, site: str, url: str, held: int | None
    ) -> tuple[int, str]:
        """The document, its history and what it carries; the report's own row is still to be settled."""
        self._see_document(snapshot, doc_key, site, url)
        self._conn.execute("DELETE FROM unplaced WHERE doc_key = ?", [doc_key])
        report_id = self._report_row(snapshot, reading.report, doc_key, url)
        if held is not None and held != report_id:
            self._move(doc_key, held, report_id)
        insert(
            self._conn,
            "publication",
            [{"report_id": report_id, "doc_key": doc_key, "role": "main"}],
            conflict="IGNORE",
        )
        return report_id, self._history().add(report_id, doc_key, snapshot, reading)

    def _see_document(self, snapshot: Row, doc_key: str, site: str, url: str) -> None:
        """The document's row; ``snapshot_id`` moves on to a later snapshot, never back."""
        seen = snapshot["fetched_at"]
        row = self._conn.execute(
            "SELECT d.first_seen, d.last_seen, d.snapshot_id, s.fetched_at FROM document d "
            "LEFT JOIN snapshot s ON s.id = d.snapshot_id WHERE d.doc_key = ?",
            [doc_key],
        ).fetchone()
        newest = row is None or row["fetched_at"] is None or row["fetched_at"] <= seen
        new: dict[str, Any] = {
            "doc_key": doc_key,
            "first_seen": min(row["first_seen"], seen) if row else seen,
            "last_seen": max(row["last_seen"], seen) if row else seen,
            "site": site,
            "url": url,
        }
        if newest:
            new["snapshot_id"] = snapshot["id"]
        upsert(self._conn, "document", [new], key=["doc_key"])

    def _report_row(self, snapshot: Row, report: Report, doc_key: str, url: str) -> int:
        """The id of the report's row; a new one is empty, of version 0 and not indexed, until ``settle`` writes it."""
        agency = self._agencies.ensure(report)
        known = self._conn.execute(
            "SELECT id FROM report WHERE agency_id = ? AND scope = ? AND year = ?",
            [agency["id"], report.scope, report.year],
        ).fetchone()
        if known:
            return int(known[0])
        row = {
            "key": f"{agency['key']}:{report.scope}:{report.year}", "agency_id": agency["id"],
            "agency": agency["name"], "kind": agency["kind"], "scope": report.scope,
            "county_code": agency["county_code"], "county": agency["county"], "year": report.year,
            "doc_key": doc_key, "url": url, "snapshot_id": snapshot["id"], "date_quality": "none",
            "status": "unparsed", "reader": "", "version": 0, "text": "", "first_seen": snapshot["fetched_at"],
            "last_seen": snapshot["fetched_at"],
        }  # fmt: skip
        insert(self._conn, "report", [row])
        return int(self._conn.execute("SELECT last_insert_rowid()").fetchone()[0])

    def _move(self, doc_key: str, old: int, new: int) -> None:
        """The document is now known to carry another report: it and its history go there."""
        self._conn.execute("UPDATE publication SET report_id = ? WHERE doc_key = ?", [new, doc_key])
        self._conn.execute(
            "UPDATE reading_change SET report_id = ? WHERE report_id = ? AND snapshot_id IN"
            " (SELECT snapshot_id FROM report_version WHERE doc_key = ?)",
            [new, old, doc_key],
        )
        for table in ("report_version", "report_change"):
            self._conn.execute(f"UPDATE {table} SET report_id = ? WHERE doc_key = ?", [new, doc_key])

    # -- a reading without a place

    def _set_aside(
        self, snapshot: Row, report: Report, doc_key: str, site: str, url: str, now: str, held: int | None
    ) -> None:
        self._see_document(snapshot, doc_key, site, url)
        if held is not None:
            self._conn.execute("DELETE FROM report_version WHERE doc_key = ?", [doc_key])
            self._conn.execute("DELETE FROM report_change WHERE doc_key = ?", [doc_key])
            self._conn.execute("DELETE FROM publication WHERE doc_key = ?", [doc_key])
            settle.report(self._conn, held, now)
        if not self._is_current(doc_key, snapshot["id"]):
            return  # an older answer; a later one has been dealt with
        row = {
            "doc_key": doc_key, "snapshot_id": snapshot["id"], "status": report.status, "reason": _why(report),
            "title": report.title, "agency_guess": report.agency_key or report.agency, "year_guess": report.year,
            "reader": model.READER,
        }  # fmt: skip
        upsert(self._conn, "unplaced", [row], key=["doc_key"])

    # -- working a document out again

    def rebuild(self, doc_key: str) -> set[int]:
        """Read all snapshots of a document again, in order of time, as if they came one after the other.

        For ``merge``: two archives may know different ones. What a snapshot said whose bytes cannot be read any more is
        kept as it is stored. Inside the caller's transaction; back come the ids of the reports to be settled.
        """
        touched = {
            row[0]
            for row in self._conn.execute("SELECT report_id FROM publication WHERE doc_key = ?", [doc_key])
        }
        stored = [(v, history.reading(self._conn, v.id)) for v in history.versions(self._conn, doc_key)]
        for table in ("report_version", "report_change", "publication", "unplaced"):
            self._conn.execute(f"DELETE FROM {table} WHERE doc_key = ?", [doc_key])
        self._conn.execute("UPDATE document SET snapshot_id = NULL WHERE doc_key = ?", [doc_key])
        self._foreseen = {}
        held: int | None = None
        said: dict[tuple[str, str], Report | None] = {}
        for snapshot in self._snapshots.of_document(doc_key):
            if snapshot["status"] == 304:
                self._see_again(doc_key, snapshot)
                continue
            report, reader = self._said(snapshot, said), model.READER
            if report is None:
                moment = snapshot["fetched_at"]
                kept = next(((v, r) for v, r in stored if v.first_seen <= moment <= v.last_seen), None)
                if kept is None:
                    continue
                report, reader = kept[1], kept[0].reader
            site, url = snapshot["context"].get("site") or "", snapshot["url"]
            readable = report.status in ("parsed", "partial")
            if _placed(report) and (readable or held is None):
                held = self._put(snapshot, Prepared(report), doc_key, site, url, held)[0]
                touched.add(held)
                self._conn.execute(
                    "UPDATE report_version SET reader = ? WHERE doc_key = ? AND snapshot_id = ?",
                    [reader, doc_key, snapshot["id"]],
                )
            elif held is None:
                self._set_aside(snapshot, report, doc_key, site, url, snapshot["fetched_at"], None)
        return touched

    def settle(self, report_id: int) -> None:
        """Choose among a report's documents and write its row anew, as of the time it was last seen."""
        row = self._conn.execute(
            "SELECT max(d.last_seen) FROM publication p JOIN document d ON d.doc_key = p.doc_key WHERE p.report_id = ?",
            [report_id],
        ).fetchone()
        settle.report(self._conn, report_id, row[0] or "")

    def _said(self, snapshot: Row, said: dict[tuple[str, str], Report | None]) -> Report | None:
        """Today's reading of a snapshot; equal bytes found in equal circumstances are read once."""
        context = {name: value for name, value in snapshot["context"].items() if name != "fetched_at"}
        key = (snapshot["sha256"], repr(sorted(context.items())))
        if key not in said:
            said[key] = self._read_again(snapshot["id"])
        return said[key]

    def withdraw(self, report_key: str, level: str, reason: str, *, decided_on: str) -> bool:
        """Withhold a report; false if it is withheld as strictly already. ``purge`` forgets what it says.

        Raises ``ArchiveError`` if there is no such report.
        """
        with transaction(self._db) as conn:
            bodies = self._snapshots.bodies
            return forgetting.withdraw(conn, bodies, report_key, level, reason, decided_on=decided_on)

    # -- small things

    def _history(self) -> history.History:
        return history.History(self._conn, self._read_again)

    def _is_current(self, doc_key: str, snapshot_id: int) -> bool:
        row = self._conn.execute("SELECT snapshot_id FROM document WHERE doc_key = ?", [doc_key]).fetchone()
        return bool(row) and row[0] == snapshot_id

    def _still_in_a_file(self, doc_key: str, report: Report) -> bool:
        """Whether a page points at the report's file, as it did before: nothing about it fell short."""
        last = history.latest(self._conn, doc_key) if _in_a_file(report) else None
        return last is not None and _in_a_file(history.reading(self._conn, last.id))

    def foresee(self, snapshot_id: int, *, doc_key: str) -> None:
        """Read again what this snapshot's reading will be compared with, before the write lock is taken: it may take a while.

        ``store`` does so itself. To be called before it where ``store`` is part of a greater transaction.
        """
        if doc_key in self._foreseen:
            return
        known = history.versions(self._conn, doc_key)
        older = [v for v in known if v.reader != model.READER]
        if older:
            near = history.neighbours(known, self._snapshots.get(snapshot_id))
            self._foreseen[doc_key] = {
                v.snapshot_id: self._read_again(v.snapshot_id) for v in near if v in older
            }

    def _read_again(self, snapshot_id: int) -> Report | None:
        """A stored snapshot by today's reader; ``None`` if its bytes are withheld or damaged."""
        for foreseen in self._foreseen.values():
            if snapshot_id in foreseen:
                return foreseen[snapshot_id]
        snapshot = self._snapshots.get(snapshot_id)
        try:
            body = self._snapshots.body(snapshot["sha256"])
        except ArchiveError:
            return None
        return self._reader(body, snapshot["headers"], Context.from_dict(snapshot["context"]))


def _in_a_file(report: Report) -> bool:
    return bool(report.attachments) and report.reason == IN_A_FILE


def _placed(report: Report) -> bool:
    if report.status == "not_a_report" or (report.status == "unparsed" and not report.vouched):
        return False
    return bool(report.agency_key and report.year and report.scope)


def _why(report: Report) -> str:
    if report.reason or report.status in ("unparsed", "not_a_report"):
        return report.reason or report.status
    facts = {"agency": report.agency_key, "year": report.year, "scope": report.scope}
    return f"unknown: {', '.join(name for name, value in facts.items() if not value)}"
