"""``Archive``: one SQLite file, opened, brought to today's schema, and divided among the parts that own its tables."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlite_utils import Database

from archive.store import migrations, reference, views
from archive.store.agencies import Agencies
from archive.store.connection import APPLICATION_ID, connect, explained, transaction
from archive.store.errors import ArchiveError
from archive.store.frontier import Frontier
from archive.store.readings import Readings
from archive.store.runs import Runs
from archive.store.snapshots import Snapshots
from archive.store.verify import Problem, Progress, verify

PAGES_AT_A_TIME = 2048
"""Pages copied before others may write again."""


class Archive:
    """An open archive. Use it in a ``with`` block, or call ``close``.

    ``path`` is the file; ``db`` and ``conn`` its one connection, for queries. The parts own their tables
    (docs/architecture.md); all of them write through ``archive.store.connection.transaction``.
    """

    def __init__(self, path: Path, db: Database) -> None:
        self.path = path
        self.db = db
        self.conn: sqlite3.Connection = db.conn
        self.snapshots = Snapshots(db)
        self.frontier = Frontier(db)
        self.runs = Runs(db)
        self.agencies = Agencies(db)
        self.readings = Readings(db, self.snapshots, self.agencies)

    @classmethod
    def open(cls, path: Path, *, create: bool = False, read_only: bool = False) -> Archive:
        """Open the archive at ``path``; with ``create`` make it if it is not there.

        An archive of an older version is copied beside itself (``<name>.before-<version>``) and then brought to
        today's schema, in one transaction. Reference data and views are renewed when this program brings others.
        Raises ``ArchiveError`` for whatever is missing, locked, damaged, newer, or something else altogether.
        """
        path = Path(path)
        _look_at(path, create=create and not read_only)
        db = connect(path, read_only=read_only)
        try:
            with explained(path):
                _check(path, db, create=create, read_only=read_only)
                if read_only:
                    views.lay_over(db)
                else:
                    _bring_up_to_date(path, db)
        except sqlite3.IntegrityError as error:
            db.close()
            raise ArchiveError(
                f"{path}: damaged (its rows do not fit together: {error}); see what `gongkai verify` says, or restore the last backup"
            ) from None
        except BaseException:
            db.close()
            raise
        return cls(path, db)

    def verify(self, *, progress: Progress | None = None, sample: int | None = None) -> list[Problem]:
        """Every byte and row looked at again; what is not sound comes back (``archive.store.verify``)."""
        return verify(self.db, progress=progress, sample=sample).problems

    def backup(self, target: Path, *, progress: Progress | None = None) -> None:
        """A copy of the archive as it stands, made while others may write; on the disk when this returns.

        ``progress`` is told pages of the file. Raises ``ArchiveError``, with nothing left of the copy.
        """
        if target.exists():
            raise ArchiveError(f"{target}: is there already; name another file")
        try:
            with explained(target):
                _copy(self.path, target, progress)
        except OSError as error:
            raise ArchiveError(f"{target}: cannot be written ({error.strerror or error})") from None

    def truncate_log(self) -> bool:
        """Bring the log into the file and empty it: after a purge the removed bytes must not linger there.

        False if somebody else who has the archive open still needs it.
        """
        with explained(self.path):
            return not self.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

    def close(self) -> None:
        """Close the connection. Nothing is pending then: every write was committed when it was made."""
        self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _look_at(path: Path, *, create: bool) -> None:
    if path.is_dir():
        raise ArchiveError(f"{path}: is a folder, not an archive")
    if path.exists():
        if not path.is_file():
            raise ArchiveError(f"{path}: is not a file")
        if not create and path.stat().st_size == 0:
            raise ArchiveError(f"{path}: is empty; no archive was ever made in it")
    elif not create:
        raise ArchiveError(
            f"{path}: there is no archive here; 'gongkai crawl' and 'gongkai ingest' make one, --archive names another"
        )
    elif not path.parent.is_dir():
        raise ArchiveError(f"{path}: the folder {path.parent} does not exist")


def _check(path: Path, db: Database, *, create: bool, read_only: bool) -> None:
    """Is this an archive, and one that this program understands?"""
    version = _pragma(db, "user_version")
    if _pragma(db, "application_id") != APPLICATION_ID:
        if db.conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise ArchiveError(f"{path}: not a Gongkai archive (another program's database)")
        if not create:
            raise ArchiveError(f"{path}: is empty; no archive was ever made in it")
    newest = migrations.newest()
    if version > newest:
        raise ArchiveError(
            f"{path}: written by a newer version of Gongkai (schema {version}, this one knows {newest}); update Gongkai"
        )
    if read_only and version < newest:
        raise ArchiveError(
            f"{path}: written by an older version of Gongkai (schema {version} of {newest}); "
            "any command that writes, such as `gongkai reread --outdated`, brings it up to date"
        )


def _bring_up_to_date(path: Path, db: Database) -> None:
    if db.conn.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        db.conn.execute("PRAGMA journal_mode = WAL")
    if _pragma(db, "user_version") == migrations.newest() and reference.current(db) and views.current(db):
        return
    with transaction(db) as conn:
        # Looked at again under the write lock: another process may have been faster.
        version = _pragma(db, "user_version")
        if version < migrations.newest():
            if version:
                _copy(path, _copy_name(path))
            conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            views.drop(conn)
            migrations.upgrade(db)
        reference.refresh(db)
        views.refresh(db)


def _copy_name(path: Path) -> Path:
    """Where the copy before an upgrade goes: never over an earlier one."""
    names = (
        path.with_name(f"{path.name}.before-{migrations.newest():04}{more}")
        for more in ("", *map(".{}".format, range(1, 100)))
    )
    return next(name for name in names if not name.exists())


def _copy(source: Path, target: Path, progress: Progress | None = None) -> None:
    """SQLite's online copy, from a connection of its own: it reads beside an open write transaction."""
    tell = progress or (lambda _done, _total: None)
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    try:
        with (
            closing(connect(source, read_only=True).conn) as old,
            closing(sqlite3.connect(partial, isolation_level=None)) as new,
        ):
            # No journal: what is not whole is thrown away, and nothing may be left lying beside it.
            new.execute("PRAGMA journal_mode = OFF")
            old.backup(new, pages=PAGES_AT_A_TIME, progress=lambda _, left, total: tell(total - left, total))
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)


def _pragma(db: Database, name: str) -> int:
    return int(db.conn.execute(f"PRAGMA {name}").fetchone()[0])
