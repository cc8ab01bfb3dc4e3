"""The search page: reports that hold the words, with excerpts, and how they spread over counties, years and kinds."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from archive.publish.coverage import whole
from archive.store.search import cjk_query, excerpt

Row = Mapping[str, Any]

PAGE = 20
COUNTED = 5000
"""Only so many hits are counted for the facets; beyond that the page says "more than"."""

HITS = f"""
SELECT r.id, r.county_code, r.county, r.year, r.kind FROM (
    SELECT rowid FROM report_fts WHERE report_fts MATCH ? LIMIT {COUNTED + 1}
) AS hit JOIN report r ON r.id = hit.rowid
"""
FOUND = """
SELECT r.id, r.key, r.agency, r.year, r.scope, r.kind, r.county, r.title, r.status, r.url, r.text
FROM (
    SELECT rowid AS id, bm25(report_fts, 4, 4, 1) AS score FROM report_fts WHERE report_fts MATCH :words LIMIT :ranked
) f JOIN report r ON r.id = f.id
WHERE (:county = '' OR r.county_code = :county)
    AND (:year = 0 OR r.year = :year) AND (:kind = '' OR r.kind = :kind)
ORDER BY f.score, r.year DESC, r.key LIMIT :size OFFSET :skip
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """A report found, with an excerpt in which the words are marked (safe HTML)."""

    row: Row
    excerpt: str


@dataclass(frozen=True, slots=True)
class Facet:
    """One value that hits have: how many, and the address that shows only them, or all again if it is chosen."""

    label: str
    count: int
    address: str
    chosen: bool


@dataclass(slots=True)
class Found:
    """Everything the search page shows. ``more`` tells that hits were too many to be counted."""

    words: str
    hits: list[Hit]
    total: int
    more: bool
    facets: dict[str, list[Facet]]
    next_page: str | None
    previous_page: str | None
    narrowed: bool = False


async def gather(db: Any, asked: Mapping[str, str]) -> Found:
    """Look for the words in ``asked["q"]``, narrowed by ``county`` (a code), ``year`` and ``kind``."""
    words = "".join(c if c.isprintable() else " " for c in asked.get("q", "")).strip()[:200]
    county, kind = asked.get("county", ""), asked.get("kind", "")
    year, page = whole(asked.get("year"), 0), _page(asked.get("page"))
    if not words:
        return Found("", [], 0, False, {}, None, None)
    chosen = {"q": words, "county": county, "year": str(year) if year else "", "kind": kind}
    spread = (await db.execute(HITS, [cjk_query(words)])).rows
    wanted = [
        row
        for row in spread
        if county in ("", row["county_code"]) and year in (0, row["year"]) and kind in ("", row["kind"])
    ]
    narrowed = bool(county or year or kind)
    # Among very many hits those beyond the first are not ranked; a choice is made from all of them.
    ranked = -1 if narrowed else COUNTED
    query = {"words": cjk_query(words), "county": county, "year": year, "kind": kind, "ranked": ranked}
    rows = (await db.execute(FOUND, {**query, "size": PAGE + 1, "skip": (page - 1) * PAGE})).rows
    return Found(
        words,
        [Hit(row, marked(row["text"], words)) for row in rows[:PAGE]],
        min(len(wanted), COUNTED),
        len(spread) > COUNTED,
        {
            "county": _facets(spread, "county_code", "county", chosen),
            "year": _facets(spread, "year", "year", chosen),
            "kind": _facets(spread, "kind", "kind", chosen),
        },
        _address({**chosen, "page": str(page + 1)}) if len(rows) > PAGE else None,
        _address({**chosen, "page": str(page - 1)}) if page > 1 else None,
        narrowed,
    )


def marked(text: str, words: str) -> str:
    """An excerpt around the first of the words, as safe HTML with every hit in ``<mark>``."""
    cut, places = excerpt(text, words)
    parts, at = [], 0
    for start, end in places:
        parts += [html.escape(cut[at:start]), "<mark>", html.escape(cut[start:end]), "</mark>"]
        at = end
    return "".join([*parts, html.escape(cut[at:])])


def _facets(rows: Sequence[Row], column: str, label: str, chosen: Mapping[str, str]) -> list[Facet]:
    """The values of a column among all hits that the other choices leave, most frequent first (years: latest first)."""
    name = {"county_code": "county"}.get(column, column)
    others = {"county": "county_code", "year": "year", "kind": "kind"}
    counts: dict[str, tuple[str, int]] = {}
    for row in rows:
        if any(chosen[o] and o != name and chosen[o] != str(row[c] or "") for o, c in others.items()):
            continue
        value = str(row[column] or "")
        counts[value] = (str(row[label] or "—"), counts.get(value, ("", 0))[1] + 1)
    made = [
        Facet(
            text,
            count,
            _address({**chosen, name: "" if chosen[name] == value else value}),
            chosen[name] == value,
        )
        for value, (text, count) in counts.items()
        if value
    ]
    if column == "year":
        return sorted(made, key=lambda f: f.label, reverse=True)
    return sorted(made, key=lambda f: (-f.count, f.label))[:40]


def _address(asked: Mapping[str, str]) -> str:
    return "?" + urlencode({name: value for name, value in asked.items() if value})


def _page(text: str | None) -> int:
    return min(int(text), 500) if text and text.isascii() and text.isdigit() and int(text) > 0 else 1
