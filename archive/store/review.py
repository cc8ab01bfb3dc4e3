"""Uncertain identities: what a person should look at before two bodies are taken for one, or one for two.

Nothing here decides: the archive never merges agencies by itself. What a person finds out goes into the data
(``archive/reference/data/agencies``: aliases, abbreviations, links) with its source.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from difflib import SequenceMatcher

from archive.store import reforms
from archive.store.connection import Row

ALIKE = 0.6
"""From this likeness on, two departments' names are shown side by side: 文化局 and 文化旅游委员会 are 0.67 alike."""

_RANK = re.compile("(?:委员会|办公室|中心|[局委办处])$")
"""How departments' names end; that two end alike says nothing of what they do."""

REASONS = {
    "unknown_town": "区划表中该区县无此镇街 · a town or street that the table of divisions does not have in this county",
    "other_rank": "同名而级别不同（镇、乡、街道），或为同一机关改制 · one name with two ranks: perhaps one body that changed its rank",
    "similar_name": "同一区县两个部门名称相近、从未同年报告，或为改名 · "
    "two departments of a county with names alike that never report on the same year: perhaps renamed",
    "reform": "按机构改革方案应已撤并，其报告显示并非如此 · "
    "a reform of the state is said to have ended this body, and its reports say otherwise",
    "other_folder": "报告所署机关与所在栏目不同，已归入所署机关 · "
    "the report names another body than the place where it was filed; it went to the one it names",
    "unplaced": "机关或年度无法确定的报告 · a report whose body or year could not be told",
}


def uncertain(conn: sqlite3.Connection, county: str | None = None) -> list[Row]:
    """Everything uncertain, one row each: ``reason, county, key, name, years, candidate, candidate_years, url``.

    ``county`` limits it to one, by code or name. ``candidate`` is the key or name that it might be.
    """
    rows = [
        *_towns(conn),
        *_departments(conn),
        *_reforms(conn),
        *_other_folders(conn),
        *_unplaced(conn),
    ]
    if county:
        rows = [row for row in rows if county in (row["county_code"], row["county"])]
    return sorted(rows, key=lambda row: (row["reason"], row["county_code"] or "", row["key"] or ""))


def _towns(conn: sqlite3.Connection) -> Iterator[Row]:
    """Towns that only a report names, beside those of the same stem in the county."""
    for row in conn.execute(
        f"""
        SELECT a.*, {_YEARS.format(agency="a.id")} AS years, b.key AS candidate, {_YEARS.format(agency="b.id")} AS candidate_years
        FROM agency a
        LEFT JOIN agency b ON b.county_code = a.county_code AND b.id <> a.id AND b.level = 'town'
            AND substr(b.key, length(b.county_code || b.kind) + 3) = substr(a.key, length(a.county_code || a.kind) + 3)
            AND NOT EXISTS (SELECT 1 FROM agency_link l WHERE (l.from_key, l.to_key) IN ((a.key, b.key), (b.key, a.key)))
        WHERE a.level = 'town' AND a.source = 'report' AND a.town_code IS NULL
        """
    ):
        yield _row("other_rank" if row["candidate"] else "unknown_town", row)


def _departments(conn: sqlite3.Connection) -> Iterator[Row]:
    """Departments with names alike and no year in common, each pair once: the earlier one first."""
    years: dict[str, set[int]] = defaultdict(set)
    known: dict[str, sqlite3.Row] = {}
    for row in conn.execute(
        "SELECT a.*, r.year FROM agency a JOIN report r ON r.agency_id = a.id"
        " WHERE a.level = 'department' AND a.kind <> 'government_office' ORDER BY a.county_code, a.key, r.year"
    ):
        years[row["key"]].add(row["year"])
        known[row["key"]] = row
    linked = {(row[0], row[1]) for row in conn.execute("SELECT from_key, to_key FROM agency_link")}
    by_county: dict[str, list[str]] = defaultdict(list)
    for key, row in known.items():
        by_county[row["county_code"]].append(key)
    for keys in by_county.values():
        for first in keys:
            for second in keys:
                if (
                    max(years[first]) < min(years[second])
                    and (first, second) not in linked
                    and _alike(first, second)
                ):
                    told = {
                        "years": _span(years[first]),
                        "candidate": second,
                        "candidate_years": _span(years[second]),
                    }
                    yield _row("similar_name", {**dict(known[first]), **told})


def _reforms(conn: sqlite3.Connection) -> Iterator[Row]:
    """Bodies that a reform should have ended and did not: nothing is linked, a person decides."""
    for pair in reforms.pairs(conn):
        if pair.contradiction:
            told = {
                "years": f"{pair.before['first_year']}-{pair.before['last_year']}",
                "candidate": pair.after["key"],
                "candidate_years": f"{pair.after['first_year']}-{pair.after['last_year']}",
            }
            yield _row("reform", {**pair.before, **told})


def _alike(first: str, second: str) -> bool:
    return SequenceMatcher(None, _stem(first), _stem(second)).ratio() >= ALIKE


def _stem(key: str) -> str:
    return _RANK.sub("", key.split(":", 2)[2])


def _other_folders(conn: sqlite3.Connection) -> Iterator[Row]:
    for row in conn.execute(
        "SELECT a.*, r.year AS years, r.url, f.right_value AS candidate FROM finding f"
        " JOIN report r ON r.id = f.report_id JOIN agency a ON a.id = r.agency_id"
        " WHERE f.rule = 'META-AGENCY-CONFLICT' AND f.status = 'open' AND f.resolved_at IS NULL"
    ):
        yield _row("other_folder", row)


def _unplaced(conn: sqlite3.Connection) -> Iterator[Row]:
    for row in conn.execute(
        "SELECT u.title AS name, u.agency_guess AS candidate, u.year_guess AS years, d.url, s.admin_code AS county_code"
        " FROM unplaced u JOIN document d ON d.doc_key = u.doc_key LEFT JOIN site s ON s.site = d.site"
        " WHERE u.status IN ('parsed', 'partial')"
    ):
        yield _row("unplaced", row)


_YEARS = "(SELECT min(r.year) || '-' || max(r.year) FROM report r WHERE r.agency_id = {agency})"


def _span(years: set[int]) -> str:
    return f"{min(years)}-{max(years)}"


def _row(reason: str, found: sqlite3.Row | Row) -> Row:
    told = dict(found)
    names = ("county_code", "county", "key", "name", "years", "candidate", "candidate_years", "url")
    return {"reason": reason, **{name: told.get(name) for name in names}}
