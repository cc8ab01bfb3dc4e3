"""Is every byte and every row sound? Everything is read again; nothing is changed."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from random import Random

from sqlite_utils import Database

from archive.store import (
    across,
    checks,
    clock,
    codec,
    derived,
    manifest,
    migrations,
    reference,
    search,
    settle,
    views,
)
from archive.store.bodies import Bodies
from archive.store.compare import fingerprint
from archive.store.connection import transaction
from archive.store.errors import ArchiveError
from archive.store.migrations import scripts, statements
from archive.store.snapshots import snapshot_key

Progress = Callable[[int, int], None]
"""Called now and then with how much is done and how much there is."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not sound: the row it is about, what is wrong with it, and how it may be mended."""

    where: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f" [{self.remedy}]" if self.remedy else "")


MERGE = "gongkai merge with a backup that has it brings it back"
REREAD = "gongkai reread makes it anew from the bytes"
BACKUP = "restore the last backup, then gongkai merge this file into it as far as it can be read"
MEND = "gongkai verify --mend makes it anew"
REMEDIES = {
    "file": BACKUP,
    "body": MERGE,
    "snapshot": MERGE,
    "report_version": REREAD,
    "report": f"{MEND} from the stored readings",
    "report_fts": MEND,
    "document": REREAD,
    "schema": MEND,
    "site_check": MEND,
    "checks_since": MEND,
    **dict.fromkeys(derived.REFERENCE, MEND),
}
"""What helps, by the kind of thing that is damaged."""


@dataclass(slots=True)
class Verdict:
    """What is not sound, and what was looked at: of each kind how many, and how many there are."""

    problems: list[Problem] = field(default_factory=list)
    looked: dict[str, tuple[int, int]] = field(default_factory=dict)


def verify(db: Database, *, progress: Progress | None = None, sample: int | None = None) -> Verdict:
    """Every problem of an archive; none if it is sound.

    ``sample`` looks at that many bodies, readings and reports, drawn at random, instead of all (for every night).
    """
    tell = progress or (lambda _done, _total: None)
    verdict = Verdict()
    tests: list[Callable[[], Iterator[Problem]]] = [
        *(
            partial(check, db.conn)
            for check in (_structure, _references, _purged, _orphans, _dictionaries, _keys)
        ),
        *(partial(check, db.conn) for check in (_choices, _unread, _manifests, _follows)),
        partial(_bodies, db, tell, sample, verdict),
        partial(_readings, db, tell, sample, verdict),
        partial(_reports, db, tell, sample, verdict),
    ]
    if sample is None:
        tests += [partial(_compared, db.conn), partial(_search_index, db.conn)]
    for test in tests:
        try:
            verdict.problems.extend(test())
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            verdict.problems.append(_unreadable(error))
    verdict.problems = [_with_remedy(problem) for problem in dict.fromkeys(verdict.problems)]
    return verdict


def _unreadable(error: Exception) -> Problem:
    """Text that is no text any more, or a page of the file that is none: SQLite says where, at length."""
    return Problem("file", f"cannot be read: {' '.join(str(error).split())[:160]}")


def mend(db: Database) -> list[str]:
    """Make anew what follows from the rest and is not as it follows. Back comes what was made anew, in words.

    Bytes and readings cannot be made; see ``Problem.remedy``. Raises ``ArchiveError`` as any write does.
    """
    conn: sqlite3.Connection = db.conn
    made = []
    with transaction(db):
        conn.execute("DELETE FROM meta WHERE name = ?", [reference.NAME])
        views.drop(conn)
        migrations.repair(conn)
        reference.refresh(db)
        views.refresh(db)
        checks.record(conn)
        wrong = [
            row[0]
            for row in conn.execute("SELECT id FROM report").fetchall()
            if any(derived.report(conn, row[0]))
        ]
        for report_id in wrong:
            # A row of version 0 would be taken for one that was never written.
            conn.execute("UPDATE report SET version = 1 WHERE id = ? AND version = 0", [report_id])
            settle.report(conn, report_id, clock.now())
        if wrong:
            made.append(f"the rows of {len(wrong)} reports")
        conn.execute("INSERT INTO report_fts (report_fts) VALUES ('delete-all')")
        for row in conn.execute("SELECT id, title, agency, text FROM report").fetchall():
            search.add(conn, dict(row))
    across.update(db, everything=True)
    return [*made, "reference data, views, sums over lists", "comparisons", "the search index"]


def _with_remedy(problem: Problem) -> Problem:
    kind = problem.where.split(" ")[0]
    return Problem(problem.where, problem.what, problem.remedy or REMEDIES.get(kind, ""))


def _structure(conn: sqlite3.Connection) -> Iterator[Problem]:
    for row in conn.execute("PRAGMA integrity_check"):
        if row[0] != "ok":
            yield Problem("file", row[0])


def _references(conn: sqlite3.Connection) -> Iterator[Problem]:
    for table, rowid, parent, _ in conn.execute("PRAGMA foreign_key_check").fetchall():
        yield Problem(
            f"{table} {rowid if rowid is not None else ''}".strip(), f"its row in {parent} is missing"
        )


def _purged(conn: sqlite3.Connection) -> Iterator[Problem]:
    """A removed body is sound with its tombstone only."""
    rows = conn.execute(
        "SELECT sha256 FROM body WHERE codec = 'purged' AND NOT EXISTS (SELECT 1 FROM withheld"
        " WHERE target_type = 'body' AND target_key = sha256 AND level = 'purge')"
    )
    for row in rows:
        yield Problem(
            f"body {row['sha256']}", "its bytes are gone and no decision to remove them is recorded"
        )


def _orphans(conn: sqlite3.Connection) -> Iterator[Problem]:
    rows = conn.execute(
        "SELECT sha256 FROM body b WHERE NOT EXISTS (SELECT 1 FROM snapshot s WHERE s.sha256 = b.sha256)"
        " AND NOT EXISTS (SELECT 1 FROM body o WHERE o.dictionary = b.sha256)"
    )
    for row in rows:
        yield Problem(f"body {row['sha256']}", "no snapshot has it")


def _dictionaries(conn: sqlite3.Connection) -> Iterator[Problem]:
    rows = conn.execute(
        "SELECT b.sha256, d.sha256 AS base, d.dictionary, d.codec FROM body b JOIN body d ON d.sha256 = b.dictionary"
        " WHERE d.dictionary IS NOT NULL OR d.codec <> 'zstd'"
    )
    for row in rows:
        fault = "leans on another itself" if row["dictionary"] else "was removed"
        yield Problem(f"body {row['sha256']}", f"leans on {row['base']}, which {fault}")


def _keys(conn: sqlite3.Connection) -> Iterator[Problem]:
    for row in conn.execute("SELECT id, key, url, fetched_at, sha256, kind FROM snapshot"):
        if row["key"] != snapshot_key(row["url"], row["fetched_at"], row["sha256"], row["kind"]):
            yield Problem(
                f"snapshot {row['id']}", "its address, time, digest or kind is not what it was stored with"
            )


def _choices(conn: sqlite3.Connection) -> Iterator[Problem]:
    rows = conn.execute(
        "SELECT r.id, r.key FROM report r WHERE 1 <> (SELECT count(*) FROM publication p WHERE p.report_id = r.id"
        "  AND p.role = 'main' AND p.doc_key = r.doc_key)"
        " OR NOT EXISTS (SELECT 1 FROM report_version v WHERE v.doc_key = r.doc_key AND v.version = r.version)"
    )
    for row in rows:
        yield Problem(f"report {row['key']}", "the document or version it is read from is missing")


def _unread(conn: sqlite3.Connection) -> Iterator[Problem]:
    """A report must be read from bytes that are there: a version without its snapshot can never be doubted."""
    for table in ("report", "report_version", "unplaced"):
        rows = conn.execute(
            f"SELECT t.rowid AS id FROM {table} t LEFT JOIN snapshot s ON s.id = t.snapshot_id"
            " LEFT JOIN body b ON b.sha256 = s.sha256 WHERE b.sha256 IS NULL"
        )
        for row in rows:
            yield Problem(f"{table} {row['id']}", "the snapshot that it was read from is missing", MERGE)


def _manifests(conn: sqlite3.Connection) -> Iterator[Problem]:
    for where, what in manifest.broken(conn):
        yield Problem(
            where, what, "gongkai verify --manifest FILE names the snapshots; a backup has them as they were"
        )


def _bodies(db: Database, tell: Progress, sample: int | None, verdict: Verdict) -> Iterator[Problem]:
    bodies = Bodies(db)
    every = "SELECT sha256 FROM body WHERE codec <> 'purged'"
    for sha256 in _some(db.conn, "bodies", every, tell, sample, verdict):
        try:
            bodies.get(sha256)
        except ArchiveError as error:
            leaning = db.conn.execute("SELECT count(*) FROM body WHERE dictionary = ?", [sha256]).fetchone()[
                0
            ]
            more = f"; {leaning} other bodies lean on it" if leaning else ""
            yield Problem(f"body {sha256}", f"{str(error).partition(': ')[2]}{more}")


def _readings(db: Database, tell: Progress, sample: int | None, verdict: Verdict) -> Iterator[Problem]:
    for version_id in _some(db.conn, "readings", "SELECT id FROM report_version", tell, sample, verdict):
        row = db.conn.execute(
            "SELECT digest, reading FROM report_version WHERE id = ?", [version_id]
        ).fetchone()
        try:
            sound = fingerprint(codec.unpack(row["reading"])) == row["digest"]
        except codec.DamagedError as error:
            yield Problem(f"report_version {version_id}", f"its reading is damaged ({error})")
            continue
        if not sound:
            yield Problem(f"report_version {version_id}", "its reading has another digest")


def _reports(db: Database, tell: Progress, sample: int | None, verdict: Verdict) -> Iterator[Problem]:
    for report_id in _some(db.conn, "reports", "SELECT id FROM report", tell, sample, verdict):
        yield from (Problem(*fault) for fault in derived.report(db.conn, int(report_id)))


def _follows(conn: sqlite3.Connection) -> Iterator[Problem]:
    """All that follows from other rows, but for reports and search."""
    for check in (derived.versions, derived.looked):
        yield from (Problem(*fault) for fault in check(conn))
    if reference.current(Database(conn, execute_plugins=False)):
        yield from (Problem(*fault) for fault in derived.built(conn))


def _compared(conn: sqlite3.Connection) -> Iterator[Problem]:
    yield from (Problem(*fault) for fault in derived.compared(conn))


def _some(
    conn: sqlite3.Connection, kind: str, query: str, tell: Progress, sample: int | None, verdict: Verdict
) -> Iterator[str]:
    keys = [row[0] for row in conn.execute(query)]
    wanted = keys if sample is None else Random().sample(keys, min(sample, len(keys)))
    for n, key in enumerate(wanted):
        tell(n, len(wanted))
        yield key
    tell(len(wanted), len(wanted))
    verdict.looked[kind] = (len(wanted), len(keys))


def _search_index(conn: sqlite3.Connection) -> Iterator[Problem]:
    """The index must hold exactly what the rows say: every term as often, in as many reports."""
    with closing(sqlite3.connect(":memory:")) as anew:
        for statement in statements(scripts()[1]):
            if "VIRTUAL TABLE report_fts" in statement:
                anew.execute(statement)
        for row in conn.execute("SELECT id, title, agency, text FROM report"):
            search.add(anew, dict(row))
        missing, extra = _terms(anew), _terms(conn)
        missing.subtract(extra)
        wrong = [term for term, count in missing.items() if count]
    if wrong:
        yield Problem("report_fts", f"{len(wrong)} terms are not indexed as the reports print them")


def _terms(conn: sqlite3.Connection) -> Counter[tuple[str, int]]:
    conn.execute("CREATE VIRTUAL TABLE temp.report_terms USING fts5vocab(main, report_fts, row)")
    try:
        return Counter({(row[0], row[1]): row[2] for row in conn.execute("SELECT * FROM temp.report_terms")})
    finally:
        conn.execute("DROP TABLE temp.report_terms")
