"""A county's page: its bodies by years, what is behind each square, and its own total beside the sum over its bodies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from archive.publish.coverage import Span, due_year, span, standing, whole
from archive.publish.metadata import load
from archive.publish.remembered import remembered

Row = Mapping[str, Any]

KEYS = "SELECT key FROM agency WHERE county_code = ?"
NAME = "SELECT county FROM agency WHERE county_code = ? AND county IS NOT NULL LIMIT 1"
SQUARES = """
SELECT agency_key, agency, county, kind, scope, year, state, timeliness, days_late, due_on, due_basis, published_on,
       report_id, lists_checked, complete_checks, first_check, last_check, gone_on, reason
FROM coverage WHERE agency_key IN ({keys}) AND year BETWEEN ? AND ?
"""
KINDS = (
    "county_government", "government_office", "township_government", "subdistrict_office", "department",
    "vertical_agency", "management_committee", "authorised_organisation",
)  # fmt: skip
WHOLE_NAMES = ("county_government", "government_office")
"""Kinds whose names say nothing without 人民政府."""
BREAKS = "SELECT year, note, source FROM boundary_break WHERE county_code = ? ORDER BY year"
TOTALS = "SELECT * FROM panel_core WHERE county_code = ? AND year = ?"


@dataclass(slots=True)
class Unit:
    """A body, by its full name and without the county's, and its squares by year; without one, nothing is known of it."""

    key: str
    name: str
    short: str
    squares: dict[int, Row]


@dataclass(slots=True)
class Sum:
    """One measure of a year: the sum over ``n`` of ``of`` bodies' own reports, and what the county's total says."""

    label: str
    own: int | float | None
    n: int
    of: int
    aggregate: int | float | None


@dataclass(slots=True)
class County:
    """Everything a county's page shows."""

    code: str
    name: str
    span: Span
    latest: int
    units: list[tuple[str, list[Unit]]]
    breaks: Sequence[Row]
    as_of: str | None
    sums: list[Sum] = field(default_factory=list)
    chosen: Row | None = None

    def count(self, year: int, state: str) -> int:
        """How many bodies are in that state for the year; ``found`` counts every report whatever its date."""
        rows = (unit.squares.get(year) for _, units in self.units for unit in units)
        return sum(row is not None and row["state"] == state for row in rows)

    def broken(self, year: int) -> str | None:
        """What changed in the county's area in that year, if it did."""
        return next((row["note"] for row in self.breaks if row["year"] == year), None)


async def gather(db: Any, code: str, asked: Mapping[str, str]) -> County | None:
    """Ask the archive for what a county's page shows; ``None`` if it knows no body there.

    ``asked`` may hold ``from`` and ``to`` (years), and ``body`` with ``year``: the square to be explained.
    """
    name = (await db.execute(NAME, [code])).first()
    if name is None:
        return None
    latest = await due_year(db) or 2025
    years = span(asked, latest)
    county: County = await remembered(
        db, ("county", code, years), lambda: _gather(db, code, name[0], years, latest)
    )
    shown = County(code, county.name, years, latest, county.units, county.breaks, county.as_of, county.sums)
    year = whole(asked.get("year"), 0)
    for _, units in shown.units:
        for unit in units:
            if unit.key == asked.get("body"):
                shown.chosen = unit.squares.get(year)
    return shown


async def _gather(db: Any, code: str, name: str, years: Span, latest: int) -> County:
    # By the keys themselves, not by a join: only so does SQLite look at no other county's bodies.
    keys = [row[0] for row in (await db.execute(KEYS, [code])).rows]
    squares = SQUARES.format(keys=", ".join("?" * len(keys)))
    rows = [dict(row) for row in (await db.execute(squares, [*keys, years.first, years.last])).rows]
    for row in rows:
        row["standing"] = standing(row)
    rows.sort(key=lambda r: (_order(r["kind"]), r["agency"], r["agency_key"], r["scope"], r["year"]))
    groups = [
        (kind, [_unit(list(own)) for _, own in groupby(members, key=lambda r: (r["agency_key"], r["scope"]))])
        for kind, members in groupby(rows, key=lambda r: r["kind"])
    ]
    checks = [row["last_check"] for row in rows if row["last_check"]]
    breaks = (await db.execute(BREAKS, [code])).rows
    totals = [dict(row) for row in (await db.execute(TOTALS, [code, years.last])).rows]
    return County(code, name, years, latest, groups, breaks, max(checks, default=None), _sums(totals))


def _order(kind: str) -> int:
    return KINDS.index(kind) if kind in KINDS else len(KINDS)


def _unit(rows: list[dict[str, Any]]) -> Unit:
    name = rows[0]["agency"]
    within = name.removeprefix(f"重庆市{rows[0]['county']}") or name
    short = within if rows[0]["kind"] in WHOLE_NAMES else within.removeprefix("人民政府") or within
    return Unit(rows[0]["agency_key"], name, short, {row["year"]: row for row in rows})


def _sums(totals: Sequence[Row]) -> list[Sum]:
    """The county's total beside the sum over its bodies. They count different things and are never added."""
    own = [row for row in totals if row["scope"] == "organ"]
    whole_county = next((row for row in totals if row["scope"] != "organ"), None)
    made = []
    for measure in load("measures")["sums"]:
        values = [row[measure["column"]] for row in own if row[measure["column"]] is not None]
        aggregate = whole_county[measure["column"]] if whole_county else None
        made.append(Sum(measure["label"], sum(values) if values else None, len(values), len(own), aggregate))
    return made
