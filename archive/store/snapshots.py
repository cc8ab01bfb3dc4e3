"""Snapshots: every response as it was received, with all that reading it may use. Never changed afterwards."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlite_utils import Database

from archive.store import withheld
from archive.store.bodies import Bodies, digest
from archive.store.connection import Row, insert, transaction
from archive.store.errors import ArchiveError

READABLE_KINDS = ("report", "attachment", "rendered", "ingested")
"""Kinds of snapshot that a reader may make a report of."""

PAGES = (200, 203)
"""Statuses of answers that may be pages: 203 is a 200 that a proxy on the way has touched."""

ASK_PLAINLY_EVERY = 3
"""Every third time a known page is asked without conditions: an ETag that lies would hide an edit for ever."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One response, ready to be kept.

    ``body`` holds the bytes after transfer decoding and before content decoding; ``headers`` is a list of pairs as
    parsed; ``fetched_at`` is UTC, ``2026-01-31T08:00:00Z``; ``context`` is ``Context.as_dict()``. A 304 has an empty
    body and names in ``confirms`` the digest that it confirms, which must be in the archive.
    """

    url: str
    final_url: str
    kind: str
    status: int
    fetched_at: str
    body: bytes
    headers: list[tuple[str, str]]
    context: Mapping[str, Any]
    doc_key: str | None = None
    confirms: str | None = None

    @property
    def sha256(self) -> str:
        """The digest of the body, or the one that a 304 confirms."""
        return self.confirms or digest(self.body)

    @property
    def key(self) -> str:
        """The snapshot's public name: the same response has the same key in every archive."""
        return snapshot_key(self.url, self.fetched_at, self.sha256, self.kind)


def snapshot_key(url: str, fetched_at: str, sha256: str, kind: str) -> str:
    """The public name of a snapshot, from what it is."""
    return hashlib.sha256("\n".join((url, fetched_at, sha256, kind)).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a capture. ``new_body`` is false when these bytes were in the archive already."""

    id: int
    key: str
    sha256: str
    new_body: bool


class Snapshots:
    """The tables ``snapshot`` and ``body``."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._conn: sqlite3.Connection = db.conn
        self._bodies = Bodies(db)

    def add(self, capture: Capture, *, crawl_id: int | None) -> Stored:
        """Keep a response: bytes and row in one transaction. The same capture twice is kept once.

        Raises ``ArchiveError`` for a 304 that confirms bytes which are not here.
        """
        with transaction(self._db) as conn:
            known = conn.execute("SELECT id FROM snapshot WHERE key = ?", [capture.key]).fetchone()
            if known:
                return Stored(known[0], capture.key, capture.sha256, False)
            if capture.confirms:
                sha256, new = self._confirmed(capture), False
            else:
                sha256, new = self._bodies.add(capture.body, url=capture.url, origin=_origin(capture))
            insert(conn, "snapshot", [_row(capture, sha256, crawl_id)])
            snapshot_id = conn.execute("SELECT last_insert_rowid()").fetchone()[0]
            if new and withheld.purged(conn, "document", capture.doc_key):
                self._forget(sha256, str(capture.doc_key))
            return Stored(snapshot_id, capture.key, sha256, new)

    def _forget(self, sha256: str, doc_key: str) -> None:
        """Bytes of a document that the archive was told to forget: known by their digest, not kept."""
        row = self._conn.execute(
            "SELECT reason, decided_on FROM withheld WHERE target_type = 'document' AND target_key = ?",
            [doc_key],
        ).fetchone()
        withheld.decide(self._conn, "body", sha256, "purge", row["reason"], row["decided_on"])
        self._bodies.purge(sha256)

    @property
    def bodies(self) -> Bodies:
        """The table ``body``, for what rewrites it: purging, merging."""
        return self._bodies

    def body(self, sha256: str) -> bytes:
        """The bytes of that digest, verified against it. ``ArchiveError`` if absent, withheld or damaged."""
        return self._bodies.get(sha256)

    def get(self, snapshot_id: int) -> Row:
        """The row, with ``headers`` (list of pairs) and ``context`` (mapping) decoded. ``ArchiveError`` if absent."""
        row = self._conn.execute("SELECT * FROM snapshot WHERE id = ?", [snapshot_id]).fetchone()
        if row is None:
            raise ArchiveError(f"snapshot {snapshot_id}: not in this archive")
        return _decoded(row)

    def has(self, key: str) -> bool:
        """Whether the snapshot of that key is here."""
        return self._conn.execute("SELECT 1 FROM snapshot WHERE key = ?", [key]).fetchone() is not None

    def is_known(self, capture: Capture) -> bool:
        """Whether these bytes are here already from this address at this time, whoever fetched them."""
        row = self._conn.execute(
            "SELECT 1 FROM snapshot WHERE url = ? AND fetched_at = ? AND sha256 = ? AND (status = 304) = ?",
            [capture.url, capture.fetched_at, capture.sha256, capture.status == 304],
        ).fetchone()
        return row is not None

    def headers_of(self, sha256: str) -> list[tuple[str, str]]:
        """The headers with which these bytes came last."""
        row = self._conn.execute(
            "SELECT headers FROM snapshot WHERE sha256 = ? AND status = 200 ORDER BY id DESC LIMIT 1",
            [sha256],
        ).fetchone()
        return [(name, value) for name, value in json.loads(row[0])] if row else []

    def of_document(self, doc_key: str) -> list[Row]:
        """All answers for a document that may hold a report, and the 304s that confirm them, in order of time.

        Of one second the page comes before its rendition; beyond that the key decides, the same in every archive.
        """
        rows = self._conn.execute(
            f"SELECT * FROM snapshot WHERE doc_key = ? AND status IN {(*PAGES, 304)} AND kind IN {READABLE_KINDS}"
            " ORDER BY fetched_at, kind = 'rendered', key",
            [doc_key],
        )
        return [_decoded(row) for row in rows]

    def unread(self, doc_key: str, *, since: str | None) -> Row | None:
        """The last page or file kept for a document after ``since``, when it was last dealt with (``None``: never).

        A run that was killed has kept it and not come to read it.
        """
        row = self._conn.execute(
            f"SELECT * FROM snapshot WHERE doc_key = ? AND status IN {PAGES} AND kind IN ('report', 'attachment')"
            " AND fetched_at > ? ORDER BY fetched_at DESC, id DESC LIMIT 1",
            [doc_key, since or ""],
        ).fetchone()
        return _decoded(row) if row else None

    def validators(self, url: str) -> dict[str, str]:
        """Headers for asking this address again with conditions, and under ``sha256`` what a 304 will confirm.

        Only answers that were taken for a document count: one kept as evidence of trouble must not be confirmed. Empty
        when there is nothing to go by, or when it is time to ask without conditions (``ASK_PLAINLY_EVERY``).
        """
        rows = self._conn.execute(
            f"SELECT status, sha256, headers FROM snapshot WHERE url = ? AND status IN {(*PAGES, 304)}"
            f" AND kind IN {READABLE_KINDS} ORDER BY fetched_at DESC, id DESC LIMIT ?",
            [url, ASK_PLAINLY_EVERY],
        ).fetchall()
        confirmed = next((n for n, row in enumerate(rows) if row["status"] in PAGES), None)
        if confirmed is None or confirmed >= ASK_PLAINLY_EVERY - 1:
            return {}
        full = rows[confirmed]
        sent = {name.lower(): value for name, value in json.loads(full["headers"])}
        found = {"If-None-Match": sent.get("etag"), "If-Modified-Since": sent.get("last-modified")}
        asked = {name: value for name, value in found.items() if value}
        return {**asked, "sha256": full["sha256"]} if asked else {}

    def _confirmed(self, capture: Capture) -> str:
        sha256 = capture.sha256
        if not self._conn.execute("SELECT 1 FROM body WHERE sha256 = ?", [sha256]).fetchone():
            raise ArchiveError(f"{capture.url}: a 304 confirms {sha256}, which is not in this archive")
        return sha256


def _origin(capture: Capture) -> str:
    site = capture.context.get("site") or urlsplit(capture.url).netloc
    return f"{site} {capture.kind}"


def _row(capture: Capture, sha256: str, crawl_id: int | None) -> Row:
    sent = {name.lower(): value for name, value in capture.headers}
    return {
        "key": capture.key,
        "doc_key": capture.doc_key,
        "url": capture.url,
        "final_url": capture.final_url,
        "kind": capture.kind,
        "status": capture.status,
        "fetched_at": capture.fetched_at,
        "sha256": sha256,
        "content_type": sent.get("content-type"),
        "headers": json.dumps([list(pair) for pair in capture.headers], ensure_ascii=False),
        "context": json.dumps(dict(capture.context), ensure_ascii=False, sort_keys=True),
        "crawl_id": crawl_id,
    }


def _decoded(row: sqlite3.Row) -> Row:
    headers = [(name, value) for name, value in json.loads(row["headers"])]
    return {**dict(row), "headers": headers, "context": json.loads(row["context"])}
