"""The schema's history: one SQL file a version, applied in order, each once, recorded by sqlite-utils.

A file is never edited after a release; a change is a new file. Its number is the file's ``PRAGMA user_version``.
Views carry no data and are no part of this (``archive.store.views``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib import resources

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations


def scripts() -> dict[int, str]:
    """The SQL of every version by its number, ascending."""
    files = sorted(
        (f for f in resources.files(__name__).iterdir() if f.name.endswith(".sql")), key=lambda f: f.name
    )
    found: dict[int, str] = {}
    for file in files:
        number = int(file.name.split("_")[0])
        if number in found:
            raise ValueError(f"{file.name}: there is another script of that number")
        found[number] = file.read_text("utf-8")
    return found


def newest() -> int:
    """The version that this program writes."""
    return max(scripts())


def upgrade(db: Database, *, to: int | None = None) -> None:
    """Bring the schema to version ``to``, by default the newest. The caller holds the write transaction.

    Raises ``sqlite3.Error`` with nothing applied if a step fails.
    """
    steps = Migrations("gongkai")
    for number, script in scripts().items():
        if to is None or number <= to:
            steps(name=f"{number:04}")(_step(number, script))
    steps.apply(db)


def repair(conn: sqlite3.Connection) -> None:
    """Make indexes and triggers anew that are missing or are not as a new archive has them. In the caller's transaction."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as anew:
        upgrade(Database(anew, execute_plugins=False))
        wanted = (
            "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
        )
        there = {row[1]: row[2] for row in conn.execute(wanted)}
        for kind, name, sql in anew.execute(wanted):
            if there.get(name) != sql:
                conn.execute(f'DROP {kind} IF EXISTS "{name}"')
                conn.execute(sql)


def _step(number: int, script: str):  # type: ignore[no-untyped-def]  # the type is private to sqlite-utils
    def apply(db: Database) -> None:
        for statement in statements(script):
            db.conn.execute(statement)
        db.conn.execute(f"PRAGMA user_version = {number}")

    return apply


def statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one: ``executescript`` would commit the open transaction first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement
