"""The archive's file as visitors' queries reach it: read-only, and no query may make more than a machine can hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from pathlib import Path
from typing import Any

from datasette.database import Database

from archive.publish import bounded, guard
from archive.publish.metadata import is_published
from archive.publish.remembered import remembered

LONGEST = 4_000_000
"""Bytes of the longest value a query may make or read. SQLite makes one in a single step, which no time limit ends."""

LONGEST_BODY = 200_000_000
"""What our own reading of a stored page may meet; the crawler keeps none above 32 MB."""

LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LONGEST,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 50_000,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}

MOST = 64_000_000
"""Bytes of all values that one query may give back: rows are limited in number, and could be long."""

COUNT = "select count(*) from "
"""How Datasette counts the rows above a table: remembered, for on a large view it takes longer than all the rest."""
LONGEST_KEY = 2000

_AS_VISITOR: ContextVar[bool] = ContextVar("as_visitor", default=False)


class BoundedCursor(sqlite3.Cursor):
    """A cursor that gives back no more than ``MOST`` bytes. ``fetchmany`` and ``fetchall`` raise ``OperationalError``."""

    def fetchmany(self, size: int | None = 1) -> list[Any]:
        """The next rows."""
        rows: list[Any] = []
        left = MOST
        while (size is None or len(rows) < size) and (row := self.fetchone()) is not None:
            left -= sum(len(value) for value in row if isinstance(value, str | bytes))
            if left < 0:
                raise sqlite3.OperationalError("the answer is too large; ask for fewer rows or columns")
            rows.append(row)
        return rows

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        return self.fetchmany(None)


class BoundedConnection(sqlite3.Connection):
    """A connection whose cursors are bounded; ``visitors`` is its twin that honours decisions, made as they were ``decided``."""

    visitors: BoundedConnection | None = None
    decided: str = ""

    def cursor(self, factory: Any = BoundedCursor) -> Any:
        """A new cursor."""
        return super().cursor(factory)


@contextmanager
def long_values(conn: sqlite3.Connection) -> Iterator[None]:
    """Lift the limit on the length of values for statements of our own, which read stored pages."""
    limit = conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_BODY)
    try:
        yield
    finally:
        conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, limit)


class ArchiveFile(Database):  # type: ignore[misc]
    """An archive's file, opened read-only while others may write to it, whatever characters its path has."""

    async def execute(self, sql: str, *args: Any, **kwargs: Any) -> Any:
        """Run a statement as visitors may: what is withheld is not there (``archive.publish.guard``)."""
        guard.refuse(sql)
        kwargs["log_sql_errors"] = False  # a visitor's mistake; the page tells it
        counted = " ".join(sql.split())
        if counted.startswith(COUNT) and len(kwargs) == 1 and len(counted) + len(repr(args)) < LONGEST_KEY:
            return await remembered(self, (counted, repr(args)), lambda: self._execute(sql, *args))
        return await self._execute(sql, *args, **kwargs)

    async def is_guarded(self) -> bool:
        """Whether something is withheld from this live archive."""
        return not self._published and bool(await super().execute_fn(guard.decisions))

    async def _execute(self, sql: str, *args: Any, **kwargs: Any) -> Any:
        token = _AS_VISITOR.set(True)
        try:
            return await super().execute(sql, *args, **kwargs)
        finally:
            _AS_VISITOR.reset(token)

    async def table_counts(self, limit: int = 10) -> dict[str, int | None]:
        """How many rows each table has, as far as that can be counted in ``limit`` milliseconds each."""
        counts: dict[str, int | None] = await remembered(
            self, ("counts", limit), lambda: super(ArchiveFile, self).table_counts(limit)
        )
        return counts

    async def execute_patiently(self, sql: str, params: Mapping[str, Any]) -> list[sqlite3.Row]:
        """The rows of a query of our own that may take longer than a visitor's; what is withheld is not in them."""
        found: list[sqlite3.Row] = await self.execute_fn(
            lambda conn: self._for_visitors(conn).execute(sql, params).fetchall()
        )
        return found

    async def execute_fn(self, fn: Callable[[Any], Any]) -> Any:
        """Run a function on a connection: on one that honours decisions if ``execute`` asks, else on a plain one."""
        if not _AS_VISITOR.get():
            return await super().execute_fn(fn)
        return await super().execute_fn(lambda conn: fn(self._for_visitors(conn)))

    def _for_visitors(self, conn: BoundedConnection) -> BoundedConnection:
        decided = "" if self._published else guard.decisions(conn)
        if not decided:
            return conn
        if conn.visitors is None:
            conn.visitors = self.connect()
            self.ds._prepare_connection(conn.visitors, self.name)
        if conn.decided != decided:
            guard.put_up(conn.visitors)
            conn.decided = decided
        return conn.visitors

    @cached_property
    def _published(self) -> bool:
        return is_published(Path(self.path))

    def connect(self, write: bool = False) -> BoundedConnection:
        """A connection that cannot write. Raises ``PermissionError`` if asked for one that can."""
        if write:
            raise PermissionError("the archive is served read-only")
        path = Path(self.path).absolute()
        # A published copy never changes: SQLite then needs neither locks nor a folder it can write to.
        mode = "ro&immutable=1" if self._published else "ro"
        conn = sqlite3.connect(
            f"{path.as_uri()}?mode={mode}", uri=True, check_same_thread=False, factory=BoundedConnection
        )
        for limit, most in LIMITS.items():
            conn.setlimit(limit, most)
        bounded.register(conn)
        self._all_file_connections.append(conn)
        return conn
