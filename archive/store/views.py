"""The views: what people query. They carry no data, so they are made anew whenever this program's differ."""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database


def definitions() -> dict[str, str]:
    """The SELECT of every view by its name, in an order in which they can be made."""
    return {
        "change": (
            "SELECT c.*, r.key AS report_key, r.agency, r.county_code, r.year, r.scope, r.url "
            "FROM report_change c JOIN report r ON r.id = c.report_id"
        )
    }


def current(db: Database) -> bool:
    """Are the archive's views those of this program?"""
    rows = db.conn.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view'")
    return {row["name"]: row["sql"] for row in rows} == {n: _create(n, s) for n, s in definitions().items()}


def refresh(db: Database) -> None:
    """Make the views anew if they are not this program's; inside the caller's transaction."""
    if not current(db):
        drop(db.conn)
        for name, select in definitions().items():
            db.conn.execute(_create(name, select))


def drop(conn: sqlite3.Connection) -> None:
    """Drop all views: a migration may change what they stand on."""
    for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall():
        conn.execute(f'DROP VIEW "{row["name"]}"')


def _create(name: str, select: str) -> str:
    return f"CREATE VIEW {name} AS {select}"
