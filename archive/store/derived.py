"""Rows that follow from others must stand as they follow: reports from readings, changes from versions, and so on.

Nothing here writes. Each check tells where something else stands and what: (place, fault). What follows from nothing
else in the file (links, lists, runs, decisions, notes, the headers of a snapshot) is vouched for by manifests or not at
all; docs/operating-archive.md says which.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlite_utils import Database

from archive.store import across, checks, findings, history, migrations, reference, settle, views
from archive.store.across import RULES
from archive.store.codec import DamagedError
from archive.store.compare import differences
from archive.store.connection import Row, names
from archive.store.errors import ArchiveError

Fault = tuple[str, str]

KEYS: Mapping[str, Sequence[str]] = {
    "section": ("number",),
    "grid": ("number",),
    "active_disclosure": ("row",),
    "applications": ("row",),
    "review_litigation": ("row",),
    "statistics": ("seq",),
    "cell_note": ("table_name", "row", "column"),
    "check_result": ("rule",),
}
"""By which columns a row of a report's child tables is named when it is not as it should be."""

SHOWN = 40
"""Characters of a value that are told."""

REFERENCE = (
    "rule",
    "codebook",
    "deadline",
    "boundary_break",
    "agency",
    "agency_name",
    "agency_link",
    "expectation",
)
"""Tables filled from this program's data; the last four may hold more than that."""

PRIVATE = frozenset({"id"})
"""Columns whose numbers mean something within one file only."""


def report(conn: sqlite3.Connection, report_id: int) -> Iterator[Fault]:
    """What of a report's rows is not as its documents' stored readings say."""
    stored = conn.execute("SELECT * FROM report WHERE id = ?", [report_id]).fetchone()
    if stored is None:
        return
    where = f"report {stored['key']}"
    try:
        follows = settle.settled(conn, report_id)
    except DamagedError:
        return  # the reading itself is told
    if follows is None:
        yield where, "no document carries it"
        return
    for name, value in follows.row.items():
        if stored[name] != value:
            yield where, f"{name} is {_told(stored[name])}, by its reading {_told(value)}"
    roles = dict(
        conn.execute("SELECT doc_key, role FROM publication WHERE report_id = ?", [report_id]).fetchall()
    )
    for doc_key, role in follows.roles.items():
        if roles.get(doc_key) != role:
            yield where, f"{doc_key} is its {roles.get(doc_key)}, by its reading its {role}"
    for table, rows in follows.children.items():
        skipped = frozenset(RULES) if table == "check_result" else frozenset[str]()
        yield from ((where, fault) for fault in _children(conn, table, report_id, rows, skipped))
    key = stored["key"]
    yield from (
        (where, fault)
        for fault in _findings(conn, report_id, key, "reading", follows.reading.report.findings)
    )
    yield from ((where, fault) for fault in _findings(conn, report_id, key, "twins", follows.twins))


def _children(
    conn: sqlite3.Connection, table: str, report_id: int, rows: list[Row], skipped: frozenset[str]
) -> Iterator[str]:
    columns = list(rows[0]) if rows else ["report_id"]
    stored = conn.execute(f"SELECT {names(columns)} FROM {table} WHERE report_id = ?", [report_id]).fetchall()
    if table == "check_result":
        stored = [row for row in stored if "rule" not in columns or row["rule"] not in skipped]
        if not rows:
            stored = []
    wanted, there = Counter(tuple(row.values()) for row in rows), Counter(tuple(row) for row in stored)
    missing, extra = list((wanted - there).elements()), list((there - wanted).elements())
    keys = [columns.index(key) for key in KEYS[table]] if rows else []
    left = {tuple(row[k] for k in keys): row for row in extra}
    for row in missing:
        key = tuple(row[k] for k in keys)
        name = f"{table} {'.'.join(str(part) for part in key)}"
        other = left.pop(key, None)
        if other is None:
            yield f"{name} is missing"
            continue
        for column, now, then in zip(columns, other, row, strict=True):
            if now != then:
                yield f"{name}: {column} is {_told(now)}, by its reading {_told(then)}"
    for key in left:
        yield f"{table} {'.'.join(str(part) for part in key)}: is not in its reading"


def _findings(
    conn: sqlite3.Connection, report_id: int, report_key: str, origin: findings.Origin, said: list[Any]
) -> Iterator[str]:
    wanted = findings.rows(report_id, report_key, origin, said)
    stored = {
        row["key"]: row
        for row in conn.execute(
            "SELECT * FROM finding WHERE report_id = ? AND origin = ?", [report_id, origin]
        )
    }
    for key, row in wanted.items():
        there = stored.pop(key, None)
        if there is None or there["resolved_at"] is not None:
            yield f"finding {row['rule']} ({key}) is {'missing' if there is None else 'resolved'}, by its reading it stands"
            continue
        for name, value in row.items():
            if name != "rule_version" and there[name] != value:
                yield f"finding {row['rule']} ({key}): {name} is {_told(there[name])}, by its reading {_told(value)}"
    for key, there in stored.items():
        if there["resolved_at"] is None:
            yield f"finding {there['rule']} ({key}) stands, and is not in its reading"


def _told(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def versions(conn: sqlite3.Connection) -> Iterator[Fault]:
    """What of the documents' histories does not agree with their snapshots, and with each other."""
    rows = conn.execute(
        "SELECT v.id, v.first_seen, s.fetched_at FROM report_version v JOIN snapshot s ON s.id = v.snapshot_id"
        " WHERE v.first_seen <> s.fetched_at OR v.last_seen < v.first_seen OR s.doc_key IS NOT v.doc_key"
    )
    for row in rows:
        yield (
            f"report_version {row['id']}",
            "is not seen when its snapshot was fetched, or not of its document",
        )
    rows = conn.execute(
        "SELECT doc_key FROM report_version GROUP BY doc_key HAVING min(version) <> 1 OR max(version) <> count(*)"
    )
    for row in rows:
        yield f"document {row['doc_key']}", "its versions are not counted from 1 without a gap"


def changes(conn: sqlite3.Connection, doc_key: str) -> Iterator[Fault]:
    """Is what changed between a document's versions as it is stored? Told where both are one reader's."""
    known = history.versions(conn, doc_key)
    for before, after in pairwise(known):
        if before.reader != after.reader:
            continue  # told by the reader of then, of two readings of which one is another's by now
        try:
            follow = differences(history.reading(conn, before.id), history.reading(conn, after.id))
        except DamagedError:
            continue
        told = conn.execute(
            'SELECT class, table_name, row, "column", section, before, after FROM report_change'
            " WHERE doc_key = ? AND to_version = ?",
            [doc_key, after.version],
        ).fetchall()
        wanted = Counter(
            (c.kind, c.table, c.row, c.column, c.section, _text(c.before), _text(c.after)) for c in follow
        )
        there = Counter((*row[:5], _text(row[5]), _text(row[6])) for row in map(tuple, told))
        if wanted != there:
            count = sum((wanted - there).values()) + sum((there - wanted).values())
            yield (
                f"document {doc_key}",
                f"{count} changes to version {after.version} are not those of its readings",
            )


def _text(value: object) -> str | None:
    """A figure as the column of a change holds it, which is of no type."""
    return None if value is None else f"{float(value):g}" if isinstance(value, int | float) else str(value)


def compared(conn: sqlite3.Connection) -> Iterator[Fault]:
    """Do comparisons of reports (``across``) come out as they are stored? Worked out on a copy, in a temporary folder.

    They do only if ``across.up_to_date``. Raises ``ArchiveError`` if the folder has no room for the copy.
    """
    with (
        TemporaryDirectory() as folder,
        closing(sqlite3.connect(Path(folder) / "copy.db", isolation_level=None)) as copy,
    ):
        copy.row_factory = sqlite3.Row
        try:
            copy.execute("PRAGMA synchronous = OFF")
            conn.backup(copy)
            across.update(Database(copy, execute_plugins=False), everything=True)
        except (sqlite3.DatabaseError, ArchiveError) as error:
            if "full" in str(error):
                raise ArchiveError(
                    f"{Path(folder).parent}: the disk is full; a whole verify needs room there for a copy of the archive"
                    " (the environment variable TMPDIR names another folder; --sample needs none)"
                ) from None
            yield "file", f"reports cannot be compared: {' '.join(str(error).split())}"
            return
        for table, columns, where in COMPARED:
            select = f"SELECT {columns} FROM {table} t JOIN report r ON r.id = t.report_id WHERE {where}"
            there, wanted = (Counter(map(tuple, c.execute(select))) for c in (conn, copy))
            for row in (there - wanted) + (wanted - there):
                yield f"report {row[0]}", f"its comparison {row[1]} is not as it comes out now"


COMPARED = (
    ("finding", "r.key, t.rule, t.key, t.severity, t.outcome, t.message, t.message_zh, t.left_value, t.left_where,"
     " t.right_value, t.right_where, t.difference, t.cells, t.quote, t.explained, t.resolved_at IS NULL",
     "t.origin = 'comparison'"),
    ("check_result", "r.key, t.rule, t.outcome, t.tested, t.failed, t.reason",
     f"t.rule IN ({', '.join(repr(rule) for rule in sorted(RULES))})"),
)  # fmt: skip
"""What comparing reports writes: table, the columns that follow, and which rows."""


def looked(conn: sqlite3.Connection) -> Iterator[Fault]:
    """Are the sums over lists (what "not found" rests on) those of the lists?"""
    tables = ("crawl", "site", "listing", "deadline")
    with closing(_empty()) as anew:
        anew.execute("PRAGMA foreign_keys = OFF")
        for table in tables:
            anew.execute(f"DELETE FROM {table}")
            rows = conn.execute(f"SELECT * FROM {table}")
            marks = ", ".join("?" * len(rows.description))
            anew.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        anew.execute("BEGIN")
        checks.record(anew)
        for table in ("site_check", "checks_since"):
            yield from _same(anew, conn, table, exactly=True)


def built(conn: sqlite3.Connection) -> Iterator[Fault]:
    """Are tables, indexes, triggers, views and reference data those of this program?"""
    with closing(_fresh()) as anew:
        schema = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%'"
        wanted = {(row[0], row[1]): row[2] for row in anew.execute(schema)}
        there = {(row[0], row[1]): row[2] for row in conn.execute(schema)}
        for (kind, name), sql in wanted.items():
            if there.get((kind, name)) != sql:
                yield (
                    f"schema {name}",
                    f"this {kind} is {'missing' if (kind, name) not in there else 'another'}",
                )
        for kind, name in there.keys() - wanted.keys():
            if kind in ("trigger", "view"):
                yield f"schema {name}", f"this {kind} is none of this program's"
        for table in REFERENCE:
            yield from _same(anew, conn, table, exactly=table not in REFERENCE[4:])


def _empty() -> sqlite3.Connection:
    """The tables of a new archive, in memory."""
    conn = sqlite3.connect(":memory:", isolation_level=None)
    conn.row_factory = sqlite3.Row
    migrations.upgrade(Database(conn, execute_plugins=False))
    return conn


def _fresh() -> sqlite3.Connection:
    """A new archive in memory, with views and reference data."""
    conn = _empty()
    db = Database(conn, execute_plugins=False)
    conn.execute("BEGIN")
    reference.refresh(db)
    views.refresh(db)
    conn.execute("COMMIT")
    return conn


def _same(
    anew: sqlite3.Connection, conn: sqlite3.Connection, table: str, *, exactly: bool
) -> Iterator[Fault]:
    columns = [row[1] for row in anew.execute(f"PRAGMA table_info({table})") if row[1] not in PRIVATE]
    select = f"SELECT {names(columns)} FROM {table}"
    wanted, there = (Counter(map(tuple, c.execute(select))) for c in (anew, conn))
    missing = sum((wanted - there).values())
    extra = sum((there - wanted).values()) if exactly else 0
    if missing or extra:
        yield (
            table,
            f"{missing} rows are missing or altered" + (f", {extra} should not be there" if extra else ""),
        )
