"""Manifests: what the archive held at a time, so that a third party's time stamp on it proves that nothing changed since.

A manifest lists the snapshots that came in since the one before, one line each: key, time of fetching, digest of the
bytes, digest of the row (address, status, headers, context). Its last line is a digest over the one before it and all
its own lines, so that the newest digest vouches for everything ever sealed. A line is the same in every archive that
has the snapshot; it tells no address and no name, so that manifests may be published whatever is withheld.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from archive.store import clock
from archive.store.connection import Row, insert, transaction
from archive.store.errors import ArchiveError

HEAD = "gongkai manifest 1"
ROW = (
    "url", "final_url", "kind", "status", "fetched_at", "sha256", "content_type", "headers", "context", "doc_key",
)  # fmt: skip
"""What a line vouches for. Numbers that are private to a file are not among it."""

FIRST = "0" * 64
"""In the place of an earlier digest where there is none."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A row of ``seal``: the snapshots from ``first_id`` to ``last_id`` and the digest over them."""

    number: int
    sealed_at: str
    first_id: int
    last_id: int
    snapshots: int
    digest: str

    @property
    def file_name(self) -> str:
        """``gongkai-manifest-00012-2026-11-21.txt``."""
        return f"gongkai-manifest-{self.number:05}-{self.sealed_at[:10]}.txt"


def line(row: sqlite3.Row) -> str:
    """A snapshot's line."""
    told = json.dumps([row[name] for name in ROW], ensure_ascii=False, separators=(",", ":"))
    return f"{row['key']} {row['fetched_at']} {row['sha256']} {hashlib.sha256(told.encode()).hexdigest()}"


def seal(db: Database) -> Seal | None:
    """Seal what came in since the last seal; ``None`` if nothing did."""
    with transaction(db) as conn:
        last = newest(conn)
        first_id = last.last_id + 1 if last else 1
        row = conn.execute(
            "SELECT min(id), max(id), count(*) FROM snapshot WHERE id >= ?", [first_id]
        ).fetchone()
        if not row[2]:
            return None
        number = last.number + 1 if last else 1
        sealed = Seal(number, clock.now(), row[0], row[1], row[2], "")
        *_, tail = _lines(conn, sealed, last.digest if last else FIRST)
        values: Row = {
            "number": number, "sealed_at": sealed.sealed_at, "first_id": sealed.first_id, "last_id": sealed.last_id,
            "snapshots": sealed.snapshots, "digest": tail.split()[1],
        }  # fmt: skip
        insert(conn, "seal", [values])
        return Seal(**values)


def seals(conn: sqlite3.Connection) -> list[Seal]:
    """Every seal, the first first."""
    rows = conn.execute(
        "SELECT number, sealed_at, first_id, last_id, snapshots, digest FROM seal ORDER BY number"
    )
    return [Seal(*row) for row in rows]


def newest(conn: sqlite3.Connection) -> Seal | None:
    """The last seal."""
    return next(reversed(seals(conn)), None)


def lines(conn: sqlite3.Connection, sealed: Seal) -> Iterator[str]:
    """The manifest of a seal, line by line: head, the digest before, the snapshots, the digest."""
    before = conn.execute("SELECT digest FROM seal WHERE number = ?", [sealed.number - 1]).fetchone()
    return _lines(conn, sealed, before[0] if before else FIRST)


def _lines(conn: sqlite3.Connection, sealed: Seal, before: str) -> Iterator[str]:
    total = hashlib.sha256()
    head = [f"{HEAD} number {sealed.number} sealed {sealed.sealed_at}", f"previous {before}"]
    rows = conn.execute(
        "SELECT * FROM snapshot WHERE id BETWEEN ? AND ? ORDER BY id", [sealed.first_id, sealed.last_id]
    )
    for text in (*head, *map(line, rows)):
        total.update(f"{text}\n".encode())
        yield text
    yield f"digest {total.hexdigest()}"


def missing(conn: sqlite3.Connection) -> list[int]:
    """The numbers of seals that must have been there: those before the newest are counted from 1 without a gap."""
    there = {sealed.number for sealed in seals(conn)}
    return sorted(set(range(1, max(there, default=0))) - there)


def broken(conn: sqlite3.Connection, number: int) -> str | None:
    """What is wrong with a seal: its snapshots, or the seal before, are not as they were sealed."""
    sealed = next((s for s in seals(conn) if s.number == number), None)
    if sealed is None:
        return None
    *body, tail = lines(conn, sealed)
    if len(body) - 2 != sealed.snapshots:
        return f"{sealed.snapshots} snapshots were sealed, {len(body) - 2} are there"
    if tail != f"digest {sealed.digest}":
        return "a snapshot sealed by it, or a seal before it, was altered; its manifest file tells which"
    return None


def check_file(conn: sqlite3.Connection, path: Path) -> list[tuple[str, str]]:
    """Compare a manifest that was written out, by this archive or one merged into it, with what is here.

    Back comes what is not as it says. Raises ``ArchiveError`` if the file is no manifest.
    """
    try:
        told = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ArchiveError(f"{path}: cannot be read ({error})") from None
    if len(told) < 3 or not told[0].startswith(HEAD) or not told[-1].startswith("digest "):
        raise ArchiveError(f"{path}: not a manifest, or cut off")
    total = hashlib.sha256("".join(f"{text}\n" for text in told[:-1]).encode()).hexdigest()
    found = (
        [] if told[-1] == f"digest {total}" else [(path.name, "was altered: its lines have another digest")]
    )
    for text in told[2:-1]:
        key = text.split(" ")[0]
        row = conn.execute("SELECT * FROM snapshot WHERE key = ?", [key]).fetchone()
        if row is None:
            found.append((f"snapshot {key}", f"stands in {path.name} and is not in the archive"))
        elif line(row) != text:
            found.append((f"snapshot {key}", f"is not what {path.name} says it was"))
    return found
