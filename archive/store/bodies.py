"""Bodies: bytes kept once each, compressed, addressed by their SHA-256.

A body is stored plain, or against one earlier plain body as a raw zstd dictionary (measured: 3.3 kB instead of 13 kB
for a page whose site's furniture repeats). One step deep: a body that leans on another is never leaned on, so no
chain can break. A raw dictionary carries no identity that zstd could check; therefore frames carry a checksum, and the
digest is verified on every read.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import OrderedDict

import zstandard
from sqlite_utils import Database

from archive.store.connection import insert
from archive.store.errors import ArchiveError

LEVEL = 6
"""Measured on pages of 22 kB: 9 takes four times as long and saves 2 % of what is stored."""
SMALLEST = 512
"""Bytes below which neither leaning nor being leaned on can save anything worth a dependency."""
LARGEST = 4 << 20
"""Bytes above which a body is not leaned on: every reader of the others would have to unpack it."""
WORTHWHILE = 0.75
"""A body leans only if that takes at most this share of its plain size; else it is plain and the next to lean on."""
OWN_BASE_AFTER = 2
"""An address whose page keeps changing gets a plain body of its own as its third, for all later ones to lean on."""
REMEMBERED = 16
"""Bodies to lean on that are kept unpacked and ready, the ones used last."""


def digest(data: bytes) -> str:
    """The SHA-256 of bytes, in hexadecimal: a body's name."""
    return hashlib.sha256(data).hexdigest()


class Bodies:
    """The table ``body``. Writing happens inside the caller's transaction."""

    def __init__(self, db: Database) -> None:
        self._conn: sqlite3.Connection = db.conn
        self._plain = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
        self._remembered: OrderedDict[str, _Base] = OrderedDict()

    def add(self, data: bytes, *, url: str, origin: str) -> tuple[str, bool]:
        """Keep bytes; back come their digest and whether they were new.

        ``url`` and ``origin`` (pages built alike: one site, one kind) say which earlier bodies may resemble these.
        """
        sha256 = digest(data)
        if self._conn.execute("SELECT 1 FROM body WHERE sha256 = ?", [sha256]).fetchone():
            return sha256, False
        base = self._base(url, origin) if SMALLEST <= len(data) <= LARGEST else None
        packed, dictionary = self._pack(data, base)
        row = {
            "sha256": sha256, "size": len(data), "codec": "zstd", "dictionary": dictionary,
            "origin": None if dictionary else origin, "data": packed,
        }  # fmt: skip
        insert(self._conn, "body", [row])
        return sha256, True

    def __contains__(self, sha256: str) -> bool:
        """Whether the bytes of that digest were ever kept here."""
        return self._conn.execute("SELECT 1 FROM body WHERE sha256 = ?", [sha256]).fetchone() is not None

    def get(self, sha256: str) -> bytes:
        """The bytes of that digest, verified. ``ArchiveError`` if they are not there, withheld or damaged."""
        row = self._conn.execute(
            "SELECT size, codec, dictionary, CAST(data AS BLOB) AS data FROM body WHERE sha256 = ?", [sha256]
        ).fetchone()
        if row is None:
            raise ArchiveError(f"body {sha256}: not in this archive")
        if row["codec"] == "purged":
            raise ArchiveError(f"body {sha256}: withheld; its bytes were removed")
        base = self._lean_on(row["dictionary"]).dictionary if row["dictionary"] else None
        try:
            data = zstandard.ZstdDecompressor(dict_data=base).decompress(
                row["data"], max_output_size=row["size"]
            )
        except zstandard.ZstdError as error:
            raise ArchiveError(f"body {sha256}: damaged ({error})") from None
        if digest(data) != sha256:
            raise ArchiveError(f"body {sha256}: damaged (its bytes have another digest)")
        return data

    def purge(self, sha256: str) -> None:
        """Remove the bytes and keep the row; those that lean on them are packed anew first.

        Raises ``ArchiveError``, with nothing removed, if one of those cannot be read.
        """
        # What SQLite frees is overwritten, not left lying in the file.
        self._conn.execute("PRAGMA secure_delete = ON")
        self.free(sha256)
        self._remembered.pop(sha256, None)
        self._conn.execute(
            "UPDATE body SET codec = 'purged', data = NULL, dictionary = NULL WHERE sha256 = ?", [sha256]
        )

    def free(self, sha256: str) -> None:
        """Pack the bodies that lean on this one on their own, so that nothing depends on it."""
        leaning = self._conn.execute("SELECT sha256 FROM body WHERE dictionary = ?", [sha256]).fetchall()
        for (other,) in leaning:
            self.put(other, self.get(other))

    def put(self, sha256: str, data: bytes) -> None:
        """Write the bytes of a body that is there already anew, plain: it was damaged, or must lean on nothing."""
        self._conn.execute(
            "UPDATE body SET size = ?, codec = 'zstd', dictionary = NULL, data = ? WHERE sha256 = ?",
            [len(data), self._plain.compress(data), sha256],
        )

    def _pack(self, data: bytes, base: str | None) -> tuple[bytes, str | None]:
        plain = self._plain.compress(data)
        if base:
            leaning = self._lean_on(base).compress(data)
            if len(leaning) <= WORTHWHILE * len(plain):
                return leaning, base
        return plain, None

    def _base(self, url: str, origin: str) -> str | None:
        """The plain body to lean on: the address's own, else, for its first ones, the newest of its origin."""
        own = self._conn.execute(
            "SELECT b.sha256 FROM snapshot s JOIN body b ON b.sha256 = s.sha256 "
            "WHERE s.url = ? AND b.dictionary IS NULL AND b.codec = 'zstd' AND b.size BETWEEN ? AND ? "
            "ORDER BY s.id DESC LIMIT 1",
            [url, SMALLEST, LARGEST],
        ).fetchone()
        if own:
            return str(own[0])
        kept = self._conn.execute(
            "SELECT count(DISTINCT sha256) FROM snapshot WHERE url = ?", [url]
        ).fetchone()[0]
        if kept >= OWN_BASE_AFTER:
            return None
        alike = self._conn.execute(
            "SELECT sha256 FROM body WHERE origin = ? AND dictionary IS NULL AND codec = 'zstd' "
            "AND size BETWEEN ? AND ? ORDER BY rowid DESC LIMIT 1",
            [origin, SMALLEST, LARGEST],
        ).fetchone()
        return str(alike[0]) if alike else None

    def _lean_on(self, sha256: str) -> _Base:
        if sha256 not in self._remembered:
            self._remembered[sha256] = _Base(self.get(sha256))
            if len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        self._remembered.move_to_end(sha256)
        return self._remembered[sha256]


class _Base:
    """A plain body as a dictionary, taken in once for all the bodies that lean on it."""

    def __init__(self, data: bytes) -> None:
        self.dictionary = zstandard.ZstdCompressionDict(data, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        self._compressor: zstandard.ZstdCompressor | None = None

    def compress(self, data: bytes) -> bytes:
        """The bytes, packed against it."""
        if self._compressor is None:
            self._compressor = zstandard.ZstdCompressor(
                level=LEVEL, dict_data=self.dictionary, write_checksum=True
            )
        return self._compressor.compress(data)
