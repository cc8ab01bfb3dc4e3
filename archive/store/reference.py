"""Reference data in the archive: codebook, rules, the roster. Written anew when this program brings others.

Also when a year has ended: then reports on it are expected.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from sqlite_utils import Database

from archive.reference.forms import codebook
from archive.reference.rules import rules
from archive.store import checks, clock, roster, settle
from archive.store.codec import DamagedError
from archive.store.connection import insert

NAME = "reference"


def current(db: Database) -> bool:
    """Are the reference tables those of this program?"""
    row = db.conn.execute("SELECT value FROM meta WHERE name = ?", [NAME]).fetchone()
    return bool(row) and row[0] == state()


def refresh(db: Database) -> None:
    """Write the reference tables if they are not this program's; inside the caller's transaction."""
    if current(db):
        return
    db.conn.execute("DELETE FROM rule")
    insert(db.conn, "rule", [_rule(name) for name in rules()])
    db.conn.execute("DELETE FROM codebook")
    insert(db.conn, "codebook", [asdict(entry) for entry in codebook()])
    roster.refresh(db, last_year=last_year())
    _rename(db.conn)
    checks.sum_up(db.conn)  # due days may be others
    insert(db.conn, "meta", [{"name": NAME, "value": state()}], conflict="REPLACE")


def _rename(conn: sqlite3.Connection) -> None:
    """Reports bear the names that their agencies have now."""
    rows = conn.execute(
        "SELECT r.id FROM report r JOIN agency a ON a.id = r.agency_id WHERE r.version > 0"
        " AND (r.agency, r.kind, r.county_code, r.county) IS NOT (a.name, a.kind, a.county_code, a.county)"
    ).fetchall()
    for row in rows:
        with suppress(DamagedError):  # `gongkai verify` tells of it; opening goes on
            settle.report(conn, row[0], clock.now())


def last_year() -> int:
    """The last year that has ended in China: the last one that can be reported on."""
    return datetime.now(timezone(timedelta(hours=8))).year - 1


def state() -> str:
    """What the reference tables depend on, in one line: the data and the year."""
    return f"{digest()} {last_year()}"


@cache
def digest() -> str:
    """A digest of all files of ``archive.reference``: code too, for it may turn the same data into other rows."""
    total = hashlib.sha256()
    for name, content in _files(resources.files("archive.reference"), ""):
        total.update(f"{name}\n{len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _files(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith((".json", ".csv", ".tsv", ".py")):
            yield f"{prefix}{entry.name}", entry.read_bytes()


def _rule(name: str) -> dict[str, object]:
    rule = rules()[name]
    return {
        "rule": rule.rule, "severity": rule.severity, "statement_zh": rule.statement_zh,
        "statement_en": rule.statement_en, "source": rule.source, "exceptions": rule.exceptions,
        "version": rule.version,
    }  # fmt: skip
