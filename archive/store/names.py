"""By which names the bytes of files that are taken in are called: records of a WARC file name each other."""

from __future__ import annotations

import sqlite3


class Names:
    """Of one connection, and gone with it; on disk, for files hold millions of records."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        conn.execute(
            "CREATE TEMP TABLE IF NOT EXISTS named (name TEXT PRIMARY KEY, sha256 TEXT) WITHOUT ROWID"
        )

    def remember(self, names: tuple[str, ...], sha256: str | None) -> None:
        """Note under which names bytes were met; those that were kept win over those that were not (``None``)."""
        self._conn.executemany(
            "INSERT INTO temp.named VALUES (?, ?) ON CONFLICT (name) DO UPDATE"
            " SET sha256 = coalesce(sha256, excluded.sha256)",
            [(name, sha256) for name in names],
        )

    def meant(self, names: tuple[str, ...]) -> tuple[bool, str | None]:
        """Whether one of the names was seen, and the digest of its bytes if they were kept; else as the archive has it.

        A name may be ``<address> <time>``, as snapshots have it.
        """
        seen = False
        for name in names:
            row = self._conn.execute("SELECT sha256 FROM temp.named WHERE name = ?", [name]).fetchone()
            if row and row[0]:
                return True, str(row[0])
            seen = seen or row is not None
        for name in names:
            address, _, date = name.rpartition(" ")
            row = self._conn.execute(
                "SELECT sha256 FROM snapshot WHERE url = ? AND fetched_at = ? AND status = 200",
                [address, date],
            ).fetchone()
            if row:
                return True, str(row[0])
        return seen, None
