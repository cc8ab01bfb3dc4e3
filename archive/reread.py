"""Understanding stored pages again, with today's reader, on all cores, from the archive alone.

Workers open the archive read-only, read the bytes and compare what they understand with what is stored; the parent is
the only writer, one transaction a batch. What differs is a correction of ours (``reading_change``), never a version.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from random import Random

from archive import cores
from archive.report import model
from archive.report.model import Context
from archive.sandbox import read_safely
from archive.store import Archive, ArchiveError, across, clock, codec
from archive.store.compare import Change, differences, losses
from archive.store.connection import insert, transaction
from archive.store.prepared import Prepared
from archive.store.snapshots import PAGES, READABLE_KINDS

BATCH = 16
"""Snapshots in one task and one transaction: about two hundred milliseconds of reading, and of what a kill costs."""

PROGRESS = "reread"
"""The row of ``meta`` that remembers how far an unfinished rereading came."""


@dataclass(frozen=True, slots=True)
class Item:
    """A snapshot to be understood again: that of a version, of an unplaced document, or one that was never read."""

    snapshot_id: int
    doc_key: str
    version_id: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a worker found. ``reading`` is what storing takes (``Prepared.frames``); ``None`` if it is the same as the stored
    one or there is none."""

    item: Item
    reading: tuple[bytes, bytes, bytes] | None = None
    title: str = ""
    reader_before: str | None = None
    changes: tuple[Change, ...] = ()
    losses: tuple[str, ...] = ()
    trouble: str | None = None


@dataclass(slots=True)
class Summary:
    """What a rereading came to. ``corrected`` and ``worse`` are told as they come, through ``on_outcome``."""

    read: int = 0
    same: int = 0
    corrected: int = 0
    found: int = 0
    kept_out: int = 0
    unreadable: int = 0
    resumed_after: int = 0
    places: dict[str, int] = field(default_factory=dict)


OnOutcome = Callable[[Outcome, bool], None]
"""Called for every outcome that is worth telling, with whether it was taken over."""


def total(conn: sqlite3.Connection, *, outdated: bool) -> int:
    """How many snapshots there are to understand again, those done before a restart included."""
    return int(conn.execute(f"SELECT count(*) FROM ({_items(outdated)})", _parameters()).fetchone()[0])


def reread(
    archive: Archive,
    *,
    outdated: bool = False,
    jobs: int = 1,
    accept_worse: bool = False,
    on_outcome: OnOutcome | None = None,
    progress: Callable[[int], None] | None = None,
) -> Summary:
    """Understand the archive's snapshots again, or only those whose reading is another reader's (``outdated``).

    Goes on where an unfinished one by the same reader was broken off. A reading that is worse than the stored one is
    told and left out unless ``accept_worse``. Raises ``ArchiveError`` if a worker dies.
    """
    summary = Summary()
    after = _resume(archive.conn, outdated)
    if after:
        summary.resumed_after = int(
            archive.conn.execute(
                f"SELECT count(*) FROM ({_items(outdated)}) WHERE snapshot_id <= :after",
                {**_parameters(), "after": after},
            ).fetchone()[0]
        )
        if progress:
            progress(summary.resumed_after)
    found = cores.spread(archive, understand, _batches(archive.conn, outdated, after), jobs)
    with closing(found):  # ends the processes, whatever happens here
        for outcomes in found:
            with transaction(archive.db) as conn:
                for outcome in outcomes:
                    taken = _take(archive, outcome, summary, accept_worse)
                    if on_outcome and (outcome.reading or outcome.trouble):
                        on_outcome(outcome, taken)
                last = outcomes[-1].item.snapshot_id
                _remember(conn, {"after": last, "outdated": outdated, "reader": model.READER})
            if progress:
                progress(len(outcomes))
    with transaction(archive.db) as conn:
        conn.execute("DELETE FROM meta WHERE name = ?", [PROGRESS])
    across.update(archive.db)
    return summary


def compare(
    archive: Archive, *, sample: int | None = None, jobs: int = 1
) -> tuple[tuple[int, int], list[tuple[str, str]]]:
    """Read stored pages again and write nothing: does today's reader say what it is said to have said?

    ``sample`` takes that many, drawn at random. Back come how many of how many were read, and for each that comes out
    differently its place and what differs. Readings of other readers are left out: those may differ.
    """
    items = [Item(*row) for row in archive.conn.execute(_items(outdated=False))]
    drawn = items if sample is None else Random().sample(items, min(sample, len(items)))
    batches = [drawn[at : at + BATCH] for at in range(0, len(drawn), BATCH)]
    found = []
    with closing(cores.spread(archive, understand, batches, jobs)) as outcomes:
        for outcome in chain.from_iterable(outcomes):
            item = outcome.item
            where = f"report_version {item.version_id}" if item.version_id else f"document {item.doc_key}"
            if outcome.trouble:
                found.append((where, outcome.trouble))
            elif outcome.reading is not None and outcome.reader_before == model.READER:
                places = (
                    ", ".join(change.place for change in outcome.changes[:6])
                    or "findings or what is beside the text"
                )
                found.append(
                    (where, f"today's reader, which is said to have read it, says otherwise: {places}")
                )
    return (len(drawn), len(items)), found


# -- what there is to do


def _items(outdated: bool) -> str:
    """SQL: snapshots with what hangs on them, in the order of their ids. Purged bodies are gone for good."""
    versions = "WHERE v.reader <> :reader" if outdated else ""
    unplaced = "WHERE u.reader <> :reader" if outdated else ""
    kinds = ", ".join(f"'{kind}'" for kind in READABLE_KINDS)
    return f"""
        SELECT i.snapshot_id, i.doc_key, i.version_id FROM (
            SELECT v.snapshot_id, v.doc_key, v.id AS version_id FROM report_version v {versions}
            UNION ALL
            SELECT u.snapshot_id, u.doc_key, NULL FROM unplaced u {unplaced}
            UNION ALL
            SELECT max(s.id), s.doc_key, NULL FROM snapshot s
            WHERE s.status IN {PAGES} AND s.kind IN ({kinds}) AND s.doc_key IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM document d WHERE d.doc_key = s.doc_key)
            GROUP BY s.doc_key
        ) i JOIN snapshot s ON s.id = i.snapshot_id JOIN body b ON b.sha256 = s.sha256
        WHERE b.codec <> 'purged'"""


def _parameters() -> dict[str, str]:
    return {"reader": model.READER}


def _batches(conn: sqlite3.Connection, outdated: bool, after: int) -> Iterator[list[Item]]:
    """Items in batches, by ranges of ids; a snapshot's items are never parted."""
    ids = [
        row[0]
        for row in conn.execute(
            f"SELECT DISTINCT snapshot_id FROM ({_items(outdated)}) WHERE snapshot_id > :after ORDER BY snapshot_id",
            {**_parameters(), "after": after},
        )
    ]
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        rows = conn.execute(
            f"SELECT * FROM ({_items(outdated)}) WHERE snapshot_id BETWEEN :first AND :last ORDER BY snapshot_id",
            {**_parameters(), "first": part[0], "last": part[-1]},
        )
        if items := [Item(*row) for row in rows]:
            yield items


def _resume(conn: sqlite3.Connection, outdated: bool) -> int:
    """The id after which an unfinished rereading of the same kind goes on; 0 if there is none."""
    row = conn.execute("SELECT value FROM meta WHERE name = ?", [PROGRESS]).fetchone()
    left = json.loads(row[0]) if row else {}
    # What is outdated tells by itself what is left; a worse reading that was kept out must be told again.
    same = left.get("reader") == model.READER and not outdated and not left.get("outdated")
    return int(left["after"]) if same else 0


def _remember(conn: sqlite3.Connection, left: dict[str, object]) -> None:
    insert(conn, "meta", [{"name": PROGRESS, "value": json.dumps(left)}], conflict="REPLACE")


# -- reading


def understand(archive: Archive, batch: list[Item]) -> list[Outcome]:
    """Read the snapshots of a batch and compare each with its stored reading. Writes nothing."""
    return [_understand(archive, item) for item in batch]


def _understand(archive: Archive, item: Item) -> Outcome:
    snapshot = archive.snapshots.get(item.snapshot_id)
    try:
        body = archive.snapshots.body(snapshot["sha256"])
    except ArchiveError as error:
        return Outcome(item, trouble=str(error))
    report = read_safely(body, snapshot["headers"], Context.from_dict(snapshot["context"]))
    prepared = Prepared(report)
    if item.version_id is None:
        return _never_placed(archive.conn, item, prepared)
    row = archive.conn.execute(
        "SELECT reader, digest, reading FROM report_version WHERE id = ?", [item.version_id]
    ).fetchone()
    try:
        if _content(row["reading"]) == _content(prepared.packed) and row["digest"] == prepared.digest:
            return Outcome(item, reader_before=row["reader"])
        old = codec.unpack(row["reading"])
    except codec.DamagedError:  # nothing to compare with: it is made anew
        return Outcome(item, prepared.frames(), report.title or item.doc_key, row["reader"])
    return Outcome(
        item,
        prepared.frames(),
        report.title or old.title or item.doc_key,
        row["reader"],
        tuple(differences(old, report)),
        tuple(losses(old, report)),
    )


def _never_placed(conn: sqlite3.Connection, item: Item, prepared: Prepared) -> Outcome:
    """A document that is no report so far, or that nobody has read: new is only what says something else."""
    known = conn.execute(
        "SELECT status, title, agency_guess, year_guess, reader FROM unplaced WHERE doc_key = ?",
        [item.doc_key],
    ).fetchone()
    report = prepared.report
    now = (report.status, report.title, report.agency_key or report.agency, report.year)
    if known and tuple(known)[:4] == now:
        return Outcome(item, reader_before=known["reader"])
    return Outcome(item, prepared.frames(), report.title or item.doc_key, known["reader"] if known else None)


def _content(reading: bytes) -> dict[str, object]:
    """A reading without the name of who read it."""
    value = codec.as_json(reading)
    del value["reader"]
    return value


# -- writing


def _take(archive: Archive, outcome: Outcome, summary: Summary, accept_worse: bool) -> bool:
    """Write what a worker found; back comes whether it was taken over."""
    summary.read += 1
    if outcome.trouble:
        summary.unreadable += 1
        return False
    if outcome.reading is None:
        summary.same += 1
        if outcome.reader_before != model.READER:
            archive.readings.same_again(outcome.item.snapshot_id, outcome.item.doc_key)
        return True
    if outcome.losses and not accept_worse:
        summary.kept_out += 1
        return False
    taken = archive.readings.correct(
        outcome.item.snapshot_id,
        Prepared.from_frames(outcome.reading),
        doc_key=outcome.item.doc_key,
        now=clock.now(),
    )
    if not taken:
        summary.kept_out += 1
    elif outcome.item.version_id is None:
        summary.found += 1
    else:
        summary.corrected += 1
        for change in outcome.changes:
            name = change.table or change.section or ""
            summary.places[name] = summary.places.get(name, 0) + 1
    return taken
