"""Is every byte and every row sound? Everything is read again; nothing is changed.

The work is parted (``Part``): some checks go over the whole file, the others over so many keys of a kind. Parts depend on
nothing but the archive, so whoever calls may have them looked at elsewhere, on all cores. Each sees the archive as of one
moment: who writes meanwhile is not taken for damage.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
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
SEALED = "gongkai verify --manifest FILE names the snapshots; a backup has them as they were"
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


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the work: a check of the whole file, or one kind of thing by its keys."""

    kind: str
    keys: tuple[str | int, ...] | None = None

    @property
    def size(self) -> int:
        """How much of the work it is."""
        return 1 if self.keys is None else len(self.keys)


PART = 64
"""Keys in one part: some tens of milliseconds."""

Spread = Callable[[Sequence[Part]], Iterable[list[Problem]]]
"""Has every part looked at (``look``), wherever, and gives back what was found in each, in order."""


@dataclass(slots=True)
class Verdict:
    """What is not sound, and what was looked at: of each kind how many, and how many there are; and what was not."""

    problems: list[Problem] = field(default_factory=list)
    looked: dict[str, tuple[int, int]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def verify(
    db: Database,
    *,
    progress: Progress | None = None,
    sample: int | None = None,
    spread: Spread | None = None,
) -> Verdict:
    """Every problem of an archive; none if it is sound.

    ``sample`` looks at that many of each kind, drawn at random, and leaves out what can only be looked at as a whole and
    takes long: for every night. Raises ``ArchiveError`` if there is no room for what is worked out anew.
    """
    verdict = Verdict(left_out=_left_out(db, sample))
    parts = [Part(name) for name in WHOLE if name not in verdict.left_out]
    for kind, (query, share, _) in KINDS.items():
        try:
            keys = [row[0] for row in db.conn.execute(query)]
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            verdict.problems.append(_unreadable("file", error))
            continue
        drawn = keys if sample is None else Random().sample(keys, min(max(sample // share, 1), len(keys)))
        verdict.looked[kind] = (len(drawn), len(keys))
        parts += [Part(kind, tuple(drawn[at : at + PART])) for at in range(0, len(drawn), PART)]
    done, total = 0, sum(part.size for part in parts)
    for part, problems in zip(parts, (spread or partial(map, partial(look, db)))(parts), strict=True):
        verdict.problems.extend(problems)
        done += part.size
        if progress:
            progress(done, total)
    verdict.problems = [_with_remedy(problem) for problem in dict.fromkeys(verdict.problems)]
    return verdict


def look(db: Database, part: Part) -> list[Problem]:
    """What of a part is not sound. Raises ``ArchiveError`` as ``verify`` does."""
    found: list[Problem] = []
    with _as_of_one_moment(db.conn):
        try:
            if part.keys is None:
                found.extend(WHOLE[part.kind](db.conn))
            else:
                check = KINDS[part.kind][2](db)
                for key in part.keys:
                    found.extend(_looked_at(check, part.kind, key))
        except ArchiveError:
            raise
        except Exception as error:  # see _looked_at
            found.append(_unreadable("file", error))
    return found


def _looked_at(check: Check, kind: str, key: str | int) -> Iterator[Problem]:
    try:
        yield from check(key)
    except (
        Exception
    ) as error:  # whatever a damaged row makes this program stumble over, it is the row's damage
        yield _unreadable(f"{KIND_NAMES[kind]} {key}", error)


@contextmanager
def _as_of_one_moment(conn: sqlite3.Connection) -> Iterator[None]:
    begins = not conn.in_transaction
    if begins:
        conn.execute("BEGIN")
    try:
        yield
    finally:
        if begins:
            conn.rollback()


def _left_out(db: Database, sample: int | None) -> list[str]:
    """Checks that are not made: of a sample the long ones, and what was not yet worked out by this program's rules."""
    left_out = list(LONG if sample is not None else ())
    if not across.up_to_date(db.conn):
        left_out.append("comparisons")
    if not reference.current(db):
        left_out += ["sums over lists", "schema"]
    return list(dict.fromkeys(left_out))


def _unreadable(where: str, error: Exception) -> Problem:
    """Text that is no text any more, a page of the file that is none: SQLite or Python says what, at length."""
    return Problem(where, f"cannot be read: {' '.join(str(error).split())[:160] or type(error).__name__}")


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


def _seals(conn: sqlite3.Connection) -> Iterator[Problem]:
    for number in manifest.missing(conn):
        yield Problem(f"seal {number}", "is missing, and others after it are there", SEALED)


def _versions(conn: sqlite3.Connection) -> Iterator[Problem]:
    yield from (Problem(*fault) for fault in derived.versions(conn))


def _schema(conn: sqlite3.Connection) -> Iterator[Problem]:
    yield from (Problem(*fault) for fault in derived.built(conn))


def _sums(conn: sqlite3.Connection) -> Iterator[Problem]:
    yield from (Problem(*fault) for fault in derived.looked(conn))


def _comparisons(conn: sqlite3.Connection) -> Iterator[Problem]:
    yield from (Problem(*fault) for fault in derived.compared(conn))


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


# -- one thing of a kind

Check = Callable[[str | int], Iterator[Problem]]


def _body(db: Database) -> Check:
    bodies = Bodies(db)

    def check(sha256: str | int) -> Iterator[Problem]:
        try:
            bodies.get(str(sha256))
        except ArchiveError as error:
            leaning = db.conn.execute("SELECT count(*) FROM body WHERE dictionary = ?", [sha256]).fetchone()
            more = f"; {leaning[0]} other bodies lean on it" if leaning[0] else ""
            yield Problem(f"body {sha256}", f"{str(error).partition(': ')[2]}{more}")

    return check


def _snapshot(db: Database) -> Check:
    def check(snapshot_id: str | int) -> Iterator[Problem]:
        row = db.conn.execute(
            "SELECT key, url, fetched_at, sha256, kind FROM snapshot WHERE id = ?", [snapshot_id]
        ).fetchone()
        if row and row["key"] != snapshot_key(row["url"], row["fetched_at"], row["sha256"], row["kind"]):
            yield Problem(
                f"snapshot {snapshot_id}",
                "its address, time, digest or kind is not what it was stored with",
            )

    return check


def _seal(db: Database) -> Check:
    def check(number: str | int) -> Iterator[Problem]:
        fault = manifest.broken(db.conn, int(number))
        if fault:
            yield Problem(f"seal {number}", fault, SEALED)

    return check


def _reading(db: Database) -> Check:
    def check(version_id: str | int) -> Iterator[Problem]:
        row = db.conn.execute(
            "SELECT digest, reading FROM report_version WHERE id = ?", [version_id]
        ).fetchone()
        if row is None:
            return  # gone meanwhile
        try:
            sound = fingerprint(codec.unpack(row["reading"])) == row["digest"]
        except codec.DamagedError as error:
            yield Problem(f"report_version {version_id}", f"its reading is damaged ({error})")
            return
        if not sound:
            yield Problem(f"report_version {version_id}", "its reading has another digest")

    return check


def _history(db: Database) -> Check:
    return lambda doc_key: (Problem(*fault) for fault in derived.changes(db.conn, str(doc_key)))


def _report(db: Database) -> Check:
    return lambda report_id: (Problem(*fault) for fault in derived.report(db.conn, int(report_id)))


WHOLE: Mapping[str, Callable[[sqlite3.Connection], Iterator[Problem]]] = {
    "comparisons": _comparisons,
    "search index": _search_index,
    "SQLite's own check": _structure,
    "sums over lists": _sums,
    "references": _references,
    "removed bodies": _purged,
    "orphans": _orphans,
    "dictionaries": _dictionaries,
    "choices": _choices,
    "bytes of readings": _unread,
    "chain of seals": _seals,
    "versions": _versions,
    "schema": _schema,
}
"""What is looked at as a whole; what takes longest first, so that it is over when the rest is."""

LONG = ("comparisons", "search index", "SQLite's own check", "sums over lists")
"""What a sample leaves out: these read all of the file, or work out all that is in it."""

KINDS: Mapping[str, tuple[str, int, Callable[[Database], Check]]] = {
    "bodies": ("SELECT sha256 FROM body WHERE codec <> 'purged'", 1, _body),
    "snapshots": ("SELECT id FROM snapshot", 1, _snapshot),
    "seals": ("SELECT number FROM seal", 100, _seal),
    "readings": ("SELECT id FROM report_version", 1, _reading),
    "histories": ("SELECT DISTINCT doc_key FROM report_version WHERE version > 1", 1, _history),
    "reports": ("SELECT id FROM report", 1, _report),
}
"""What is looked at one by one: its keys, how many times fewer a sample takes of it (a seal is over a whole night), and
what makes the check of one."""

KIND_NAMES = {
    "bodies": "body",
    "snapshots": "snapshot",
    "seals": "seal",
    "readings": "report_version",
    "histories": "document",
    "reports": "report",
}
"""The tables that they are rows of."""
