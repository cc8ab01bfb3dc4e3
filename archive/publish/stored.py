"""A snapshot taken out of the archive, ready to be shown."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from archive.publish.opened import long_values
from archive.report.decode import decode, unpack
from archive.report.sniff import sniff_binary, sniff_text
from archive.store import withheld
from archive.store.errors import ArchiveError
from archive.store.snapshots import Snapshots

NOT_HERE = "公开版本不含存档的网页本身，请看原文；摘要可用来核对。 The stored pages are not part of this public copy; see the original. The digest tells whether it is the same."


@dataclass(frozen=True, slots=True)
class Stored:
    """One response: its row, its bytes as sent, and its text if it is a page that can be shown."""

    row: Mapping[str, Any]
    body: bytes
    text: str
    format: str
    trouble: str | None = None

    @property
    def is_html(self) -> bool:
        """Whether ``text`` is markup."""
        return self.format == "html"

    @property
    def can_be_shown(self) -> bool:
        """Whether there is a page to look at, and not only bytes to be saved."""
        return self.format in ("html", "text")

    @property
    def file_name(self) -> str:
        """A harmless name for the bytes: the last part of the address, with an ending that fits."""
        name = re.sub(r"[^A-Za-z0-9._-]", "_", self.row["url"].split("?")[0].rsplit("/", 1)[-1])[-80:].strip(
            "."
        )
        ending = {"text": "txt", "unknown": "bin"}.get(self.format, self.format)
        name = name or f"snapshot-{self.row['id']}"
        return name if name.lower().endswith((f".{ending}", ".htm")) else f"{name}.{ending}"


async def load(db: Any, snapshot_id: int) -> Stored | None:
    """The snapshot of that number; ``None`` if there is none. ``db`` is Datasette's database."""
    found: Stored | None = await db.execute_fn(lambda conn: of(conn, snapshot_id))
    return found


def of(conn: sqlite3.Connection, snapshot_id: int) -> Stored | None:
    """As ``load``, of a connection of one's own."""
    snapshots = Snapshots(Database(conn))
    try:
        row = snapshots.get(snapshot_id)
    except ArchiveError:
        return None
    try:
        with long_values(conn):
            body = snapshots.body(row["sha256"])
    except ArchiveError as error:
        published = conn.execute("SELECT 1 FROM meta WHERE name = 'published'").fetchone()
        return Stored(row, b"", "", "unknown", NOT_HERE if published else str(error))
    hidden = f"SELECT 1 FROM ({withheld.snapshots()}) WHERE id = ?"
    if conn.execute(hidden, [snapshot_id]).fetchone():
        return None
    unpacked = unpack(body, row["headers"])
    if (binary := sniff_binary(unpacked.body)) is not None:
        return Stored(row, body, "", binary)
    text = decode(unpacked.body, row["headers"]).text
    return Stored(row, body, text, sniff_text(text, row["content_type"] or ""))
