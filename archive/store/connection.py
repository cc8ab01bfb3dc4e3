"""Opening an SQLite file as an archive, and the only way to write to it: ``transaction``.

Settings are from SQLite's own documentation: write-ahead log so that readers never wait, ``synchronous=FULL`` so that
an acknowledged page survives a loss of power, foreign keys on, and a wait for the other writer instead of an error.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive.store.errors import ArchiveError

APPLICATION_ID = 0x676F6E67
"""``gong`` in ASCII, in the file's header: tells an archive from any other SQLite file."""

BUSY_SECONDS = 30.0
"""How long a write waits for another writer. A transaction here lasts milliseconds; a backup's last step longer."""

_MEANINGS = {
    "not a database": "not a Gongkai archive (not an SQLite database)",
    "locked": "locked by another program; try again when it has finished",
    "readonly": "cannot be written to (read-only)",
    "full": "the disk is full; nothing of the last step was written",
    "malformed": "damaged; see what `gongkai verify` says, or restore the last backup",
    "disk I/O": "the disk cannot be read or written (input/output error)",
    "unable to open": "cannot be opened",
}
"""Signs in SQLite's messages, and what they mean to the owner of the archive."""

Row = dict[str, Any]
"""One row by column names, detached from the connection."""


def connect(path: Path, *, read_only: bool) -> Database:
    """A connection to an existing or new file, with the archive's settings; says nothing about what is in it.

    Raises ``ArchiveError`` if the file cannot be opened or is no database.
    """
    try:
        # isolation_level=None: Python begins no transactions of its own; ``transaction`` begins all of them.
        conn = sqlite3.connect(
            address(path, read_only=read_only), uri=True, timeout=BUSY_SECONDS, isolation_level=None
        )
    except sqlite3.OperationalError as error:
        raise ArchiveError(f"{path}: cannot be opened ({error})") from None
    conn.row_factory = sqlite3.Row
    try:
        with explained(path):
            conn.execute("PRAGMA foreign_keys = ON")
            conn.execute("PRAGMA synchronous = FULL")
            conn.execute("PRAGMA application_id").fetchone()
            return Database(conn, execute_plugins=False)
    except BaseException:
        conn.close()
        raise


def address(path: Path, *, read_only: bool) -> str:
    """The file as SQLite's own kind of address, which says how it may be opened."""
    mode = "ro" if read_only else "rwc"
    if read_only and not _needs_log(path):
        # Without write access next to the file SQLite cannot make the log's index: then, and only when there is
        # no log to be read, the file is taken as it lies.
        mode = "ro&immutable=1"
    return f"{path.absolute().as_uri()}?mode={mode}"


def _needs_log(path: Path) -> bool:
    log = path.with_name(path.name + "-wal")
    return log.exists() or os.access(path.parent, os.W_OK)


def explain(path: Path, error: sqlite3.Error) -> ArchiveError | None:
    """What SQLite says, as one line for a person; ``None`` for what only a fault of this program can cause."""
    said = str(error)
    for sign, meaning in _MEANINGS.items():
        if sign in said:
            return ArchiveError(f"{path}: {meaning}")
    return None


@contextmanager
def explained(where: Path | sqlite3.Connection) -> Iterator[None]:
    """Turns errors of SQLite that are no fault of this program into ``ArchiveError``; ``where`` it works, file or connection."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        clear = explain(where if isinstance(where, Path) else path_of(where), error)
        if clear is None:
            raise
        raise clear from None


@contextmanager
def transaction(db: Database) -> Iterator[sqlite3.Connection]:
    """All or nothing: commits at the end of the block, rolls back whatever leaves it.

    ``BEGIN IMMEDIATE`` takes the write lock at once, so that a second writer waits instead of failing in the middle
    (a transaction that begins by reading cannot wait in WAL mode). Inside another transaction it is a savepoint of
    sqlite-utils. ``with conn:`` is never used: it commits what an inner block had to undo.

    Raises ``ArchiveError`` when the disk is full, the archive locked, read-only or damaged.
    """
    conn: sqlite3.Connection = db.conn
    if conn.in_transaction:
        with db.atomic():
            yield conn
        return
    with explained(conn):
        conn.execute("BEGIN IMMEDIATE")
        try:
            yield conn
            conn.execute("COMMIT")
        except BaseException:
            _roll_back(conn)
            raise


def path_of(conn: sqlite3.Connection) -> Path:
    """The file that a connection is open on."""
    return Path(conn.execute("PRAGMA database_list").fetchone()[2])


def _roll_back(conn: sqlite3.Connection) -> None:
    if conn.in_transaction:  # a full disk may have rolled back already
        conn.execute("ROLLBACK")


def insert(
    conn: sqlite3.Connection, table: str, rows: Iterable[Mapping[str, Any]], *, conflict: str = "ABORT"
) -> None:
    """Insert rows that all have the columns of the first one. ``conflict`` is SQLite's: ABORT, IGNORE, REPLACE."""
    rows = list(rows)
    if rows:
        columns = tuple(rows[0])
        conn.executemany(
            _inserting(table, columns, conflict), [[row[column] for column in columns] for row in rows]
        )


@lru_cache(maxsize=256)
def _inserting(table: str, columns: tuple[str, ...], conflict: str) -> str:
    return f"INSERT OR {conflict} INTO {table} ({names(columns)}) VALUES ({', '.join('?' * len(columns))})"


def upsert(
    conn: sqlite3.Connection, table: str, rows: Iterable[Mapping[str, Any]], *, key: Sequence[str]
) -> None:
    """Insert rows of equal columns, or set the others where ``key`` is there already: ids and children stay."""
    rows = list(rows)
    if not rows:
        return
    columns = list(rows[0])
    others = [column for column in columns if column not in key]
    action = (
        f"UPDATE SET {', '.join(f'{quoted(c)} = excluded.{quoted(c)}' for c in others)}"
        if others
        else "NOTHING"
    )
    conn.executemany(
        f"INSERT INTO {table} ({names(columns)}) VALUES ({', '.join('?' * len(columns))}) "
        f"ON CONFLICT ({names(key)}) DO {action}",
        [[row[column] for column in columns] for row in rows],
    )


def names(columns: Iterable[str]) -> str:
    """Column names for SQL, each quoted (``row`` and ``column`` are words of SQL)."""
    return ", ".join(quoted(column) for column in columns)


def quoted(column: str) -> str:
    """One column name for SQL."""
    return f'"{column}"'
