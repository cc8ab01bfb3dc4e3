"""A document's versions, and what was different from one to the next, so that a person sees it at a glance."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal

from archive.publish.printed import number
from archive.reference.forms import forms

Row = Mapping[str, Any]
Piece = tuple[Literal["same", "gone", "new"], str]

FINE = 3_000_000
"""Two paragraphs whose lengths multiply to more than this are shown whole: comparing them by character takes too long."""
CONTEXT = 40
"""Characters of unchanged text shown on either side of a difference."""

CHANGES = """
SELECT * FROM report_change WHERE report_id = ?
ORDER BY doc_key, to_version DESC, class <> 'number', table_name, row, section
"""
VERSIONS = """
SELECT v.doc_key, v.version, v.snapshot_id, v.first_seen, v.last_seen, v.reader, d.url, p.role
FROM report_version v JOIN document d ON d.doc_key = v.doc_key
LEFT JOIN publication p ON p.report_id = v.report_id AND p.doc_key = v.doc_key
WHERE v.report_id = ? ORDER BY v.doc_key <> ?, v.doc_key, v.version DESC
"""
CORRECTIONS = "SELECT * FROM reading_change WHERE report_id = ? ORDER BY reader_after DESC, place LIMIT 200"


@dataclass(slots=True)
class Difference:
    """One difference: a cell (``label``, ``before``, ``after``) or a text (``pieces``)."""

    kind: str
    label: str
    before: str | None
    after: str | None
    pieces: list[Piece] = field(default_factory=list)


@dataclass(slots=True)
class Step:
    """From one version of a document to the next."""

    from_version: int
    to_version: int
    last_seen_before: str
    first_seen_after: str
    differences: list[Difference]


@dataclass(slots=True)
class Document:
    """One document that carries the report, with its versions and steps, newest first."""

    doc_key: str
    url: str
    role: str | None
    versions: Sequence[Row]
    steps: list[Step]


@dataclass(slots=True)
class History:
    """All documents of a report, the chosen one first, and what better readers corrected."""

    report: Row
    documents: list[Document]
    corrections: Sequence[Row]


async def gather(db: Any, report: Row) -> History:
    """Ask the archive for a report's versions and what was different between them."""
    versions = [dict(r) for r in (await db.execute(VERSIONS, [report["id"], report["doc_key"]])).rows]
    changes = [dict(r) for r in (await db.execute(CHANGES, [report["id"]])).rows]
    documents = []
    for doc_key, group in groupby(versions, key=lambda row: row["doc_key"]):
        own = list(group)
        steps = list(_steps([c for c in changes if c["doc_key"] == doc_key], report["form"]))
        documents.append(Document(doc_key, own[0]["url"], own[0]["role"], own, steps))
    corrections = (await db.execute(CORRECTIONS, [report["id"]])).rows
    return History(report, documents, corrections)


def _steps(changes: Sequence[Row], form: str | None) -> Iterator[Step]:
    for (before, after), group in groupby(changes, key=lambda c: (c["from_version"], c["to_version"])):
        own = list(group)
        yield Step(
            before,
            after,
            own[0]["last_seen_before"],
            own[0]["first_seen_after"],
            [difference(change, form) for change in own],
        )


def difference(change: Row, form: str | None) -> Difference:
    """A row of ``report_change`` for a person."""
    before, after = (None if change[side] is None else number(change[side]) for side in ("before", "after"))
    if change["table_name"]:
        return Difference(change["class"], cell_label(form, change), before, after)
    made = Difference(change["class"], str(change["section"] or ""), before, after)
    if change["class"] in ("wording", "layout"):
        made.pieces = shortened(compared(before or "", after or ""))
    return made


def cell_label(form: str | None, place: Row) -> str:
    """What a cell is called on its form; its codes if the form is unknown or has no such cell."""
    try:
        table = forms()[form or ""].tables[place["table_name"]]
        return f"{table.row(place['row']).label} · {table.column(place['column']).label}"
    except KeyError:
        return f"{place['table_name']}.{place['row']}.{place['column']}"


def compared(before: str, after: str) -> list[Piece]:
    """The two texts as one: what stayed, what went, what came. Paragraph by paragraph, then character by character."""
    old, new = before.split("\n"), after.split("\n")
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, came = "\n".join(old[i1:i2]), "\n".join(new[j1:j2])
        if tag == "equal":
            pieces.append(("same", f"{gone}\n"))
        elif gone and came and len(gone) * len(came) <= FINE:
            pieces += [*_by_character(gone, came), ("same", "\n")]
        else:
            pieces += [("gone", gone), ("new", came), ("same", "\n")]
    return [piece for piece in pieces if piece[1]]


def _by_character(old: str, new: str) -> Iterator[Piece]:
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", old[i1:i2]
        else:
            yield "gone", old[i1:i2]
            yield "new", new[j1:j2]


def shortened(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces with long unchanged stretches cut to what stands beside a difference."""
    made: list[Piece] = []
    for at, (kind, text) in enumerate(pieces):
        if kind != "same" or len(text) <= 3 * CONTEXT:
            made.append((kind, text))
            continue
        head = text[:CONTEXT] if at else ""
        tail = text[-CONTEXT:] if at < len(pieces) - 1 else ""
        made.append(("same", f"{head} …… {tail}"))
    return made
