"""Reference data in the archive: codebook, rules, the roster. Written anew when this program brings others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from sqlite_utils import Database

from archive.reference.rules import rules
from archive.store.connection import insert

NAME = "reference_digest"


def current(db: Database) -> bool:
    """Are the reference tables those of this program?"""
    row = db.conn.execute("SELECT value FROM meta WHERE name = ?", [NAME]).fetchone()
    return bool(row) and row[0] == digest()


def refresh(db: Database) -> None:
    """Write the reference tables if they are not this program's; inside the caller's transaction."""
    if current(db):
        return
    db.conn.execute("DELETE FROM rule")
    insert(db.conn, "rule", [_rule(name) for name in rules()])
    insert(db.conn, "meta", [{"name": NAME, "value": digest()}], conflict="REPLACE")


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
