"""Full-text search in Chinese: pairs of characters in a contentless FTS5 table, computed here, no extension needed.

Measured against substring search in 5.2 of the project's library notes: words of any length are found, two characters
and mixed words (2023年) included. ``cjk_query`` is also what Datasette's search box calls.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from archive.store import withheld

CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")

EXCERPT = 60
"""Characters shown on either side of the first hit."""

RANKED = 2000
"""Reports that are ranked at most: to rank more takes longer than a person waits, and tells nothing."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A report that holds the words: its key, and an excerpt whose hits are given as (start, end) places in it."""

    report_id: int
    key: str
    agency: str
    year: int
    scope: str
    title: str | None
    url: str
    excerpt: str
    marks: tuple[tuple[int, int], ...]


def index_text(text: str) -> str:
    """Text as it is indexed: each run of CJK characters becomes its overlapping pairs and its last character."""
    return CJK.sub(lambda run: f" {_pairs_and_last(run[0])} ", text)


def cjk_query(query: str) -> str:
    """An FTS5 query for what a person typed: each word a phrase, all of them wanted. Never a syntax error.

    A run at the end of a word goes without the final single character that the index has (more text may follow
    there); a single character at the end is looked for as the beginning of a pair.
    """
    terms = []
    for word in query.replace('"', " ").split():
        runs = list(CJK.finditer(word))
        if runs and runs[-1].end() == len(word):
            head, last = word[: runs[-1].start()], runs[-1][0]
            pairs = " ".join(last[i : i + 2] for i in range(len(last) - 1)) or last
            terms.append(f'"{index_text(head)} {pairs}"' + ("*" if len(last) == 1 else ""))
        else:
            terms.append(f'"{index_text(word)}"')
    return " ".join(terms) or '""'


def _pairs_and_last(run: str) -> str:
    return " ".join([*(a + b for a, b in pairwise(run)), run[-1]])


def add(conn: sqlite3.Connection, report: Mapping[str, object], *, words: str | None = None) -> None:
    """Index a row of ``report``; ``words`` is ``index_text`` of its text, if that is known already."""
    conn.execute(
        "INSERT INTO report_fts (rowid, title, agency, text) VALUES (?, ?, ?, ?)", _entry(report, words)
    )


def remove(conn: sqlite3.Connection, report: Mapping[str, object]) -> None:
    """Take a row of ``report`` out of the index; it must be the row as it was indexed (the table is contentless)."""
    conn.execute(
        "INSERT INTO report_fts (report_fts, rowid, title, agency, text) VALUES ('delete', ?, ?, ?, ?)",
        _entry(report),
    )


def erase(conn: sqlite3.Connection) -> None:
    """Write the index anew without what was deleted from it: a deleted entry otherwise stays until a later merge."""
    conn.execute("INSERT INTO report_fts (report_fts) VALUES ('optimize')")


def _entry(report: Mapping[str, object], words: str | None = None) -> list[object]:
    title, agency = (index_text(str(report[name] or "")) for name in ("title", "agency"))
    return [report["id"], title, agency, index_text(str(report["text"])) if words is None else words]


def search(conn: sqlite3.Connection, words: str, *, limit: int = 20, offset: int = 0) -> list[Hit]:
    """Reports that hold all the words, best first; what is withheld is not found.

    Words that stand in more than ``RANKED`` reports rank none of them above another: then the reports that came into the
    archive last come first, without reading all that match.
    """
    query = cjk_query(words)
    common = conn.execute(
        "SELECT count(*) FROM (SELECT 1 FROM report_fts WHERE report_fts MATCH ? LIMIT ?)",
        [query, RANKED + 1],
    ).fetchone()[0]
    order = "f.rowid DESC" if common > RANKED else "bm25(report_fts, 4, 4, 1), f.rowid DESC"
    found = conn.execute(
        f"SELECT f.rowid FROM report_fts f WHERE report_fts MATCH ? AND f.rowid NOT IN ({withheld.reports()})"
        f" ORDER BY {order} LIMIT ? OFFSET ?",
        [query, limit, offset],
    ).fetchall()
    rows = [
        conn.execute(
            "SELECT id, key, agency, year, scope, title, url, text FROM report WHERE id = ?", [row[0]]
        ).fetchone()
        for row in found
    ]
    return [
        Hit(
            r["id"],
            r["key"],
            r["agency"],
            r["year"],
            r["scope"],
            r["title"],
            r["url"],
            *excerpt(r["text"], words),
        )
        for r in rows
        if r is not None  # a damaged file may index what it has no row for
    ]


def excerpt(text: str, words: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """A piece of the text around the first of the words, on one line, and where the words stand in it."""
    wanted = sorted({word for word in words.replace('"', " ").split() if word}, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, wanted)) or r"(?!)", re.IGNORECASE)
    line = " ".join(text.split())
    first = pattern.search(line)
    start = max(0, (first.start() if first else 0) - EXCERPT)
    end = min(len(line), (first.end() if first else 0) + EXCERPT)
    before, after = ("…" if start else ""), ("…" if end < len(line) else "")
    cut = f"{before}{line[start:end]}{after}"
    return cut, tuple(hit.span() for hit in pattern.finditer(cut))
