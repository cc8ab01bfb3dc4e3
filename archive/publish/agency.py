"""A body's page: its years, its figures as small charts, and bodies of the same kind beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, groupby
from typing import Any

from archive.publish.charts import PALETTE, Series, small
from archive.publish.coverage import TOWNS, standing
from archive.publish.metadata import load
from archive.publish.remembered import remembered

Row = Mapping[str, Any]

AGENCY = "SELECT * FROM agency WHERE key = ?"
NAMES = "SELECT name, valid_from, valid_to, source FROM agency_name WHERE agency_key = ? ORDER BY valid_from, name"
LINKS = """
SELECT l.*, f.name AS from_name, t.name AS to_name FROM agency_link l
LEFT JOIN agency f ON f.key = l.from_key LEFT JOIN agency t ON t.key = l.to_key
WHERE l.from_key = ? OR l.to_key = ? ORDER BY l.date
"""
REPORTS = """
SELECT r.id, r.key, r.year, r.scope, r.form, r.status, r.published_on, r.published_source, r.date_quality, r.version,
       (SELECT count(*) FROM finding f WHERE f.report_id = r.id AND f.resolved_at IS NULL
        AND f.severity IN ('error', 'warning')) AS findings
FROM report r WHERE r.agency_id = ? ORDER BY r.scope, r.year DESC
"""
COVERAGE = "SELECT * FROM coverage WHERE agency_key = ? ORDER BY year DESC"
CORE = "SELECT * FROM panel_core WHERE report_id IN (SELECT id FROM report WHERE agency_id = ?) ORDER BY scope, year"
ANNOTATIONS = """
SELECT kind, text, source_url, date FROM annotation WHERE target_type = 'agency' AND target_key = ? ORDER BY date
"""
BREAKS = "SELECT year, note FROM boundary_break WHERE county_code = ? ORDER BY note, year"
PEERS_SHOWN = 120
PEERS = f"""
SELECT core.*, peer.county FROM (
    SELECT r.id AS peer_id, a.county FROM report r JOIN agency a ON a.id = r.agency_id
    WHERE r.year = :year AND r.scope = :scope AND r.kind = :kind
    AND (:county IS NULL OR r.county_code = :county) AND (:sector IS NULL OR a.sector = :sector)
    ORDER BY a.key <> :own, a.key LIMIT {PEERS_SHOWN}
) AS peer JOIN panel_core core ON core.report_id = peer.peer_id
"""


@dataclass(slots=True)
class Measure:
    """One figure over the years: its chart, and under it every value with its n."""

    label: str
    chart: str
    values: list[tuple[int, str, str]]


@dataclass(slots=True)
class Drawn:
    """The measures of one scope, and the colour in which their charts draw the years of each form."""

    forms: list[tuple[str, str]]
    measures: list[Measure]


@dataclass(slots=True)
class Peers:
    """Bodies of the same kind for one year, and the rate over all of them: sum of numerators by sum of denominators."""

    year: int
    of: str
    rows: Sequence[Row]
    rate: float | None
    n: int
    more: bool


@dataclass(slots=True)
class Agency:
    """Everything a body's page shows."""

    row: Row
    names: Sequence[Row]
    links: Sequence[Row]
    reports: Sequence[Row]
    coverage: list[dict[str, Any]]
    measures: dict[str, Drawn]
    breaks: dict[str, list[int]]
    peers: Peers | None
    annotations: Sequence[Row]


async def gather(db: Any, key: str) -> Agency | None:
    """Ask the archive for what a body's page shows; ``None`` if it knows no such body."""
    row = (await db.execute(AGENCY, [key])).first()
    if row is None:
        return None
    made: Agency = await remembered(db, ("agency", key), lambda: _gather(db, dict(row)))
    return made


async def _gather(db: Any, row: Row) -> Agency:
    core = [dict(r) for r in (await db.execute(CORE, [row["id"]])).rows]
    coverage = [dict(r) for r in (await db.execute(COVERAGE, [row["key"]])).rows]
    for square in coverage:
        square["standing"] = standing(square)
    breaks = (await db.execute(BREAKS, [row["county_code"]])).rows
    return Agency(
        row=row,
        names=(await db.execute(NAMES, [row["key"]])).rows,
        links=(await db.execute(LINKS, [row["key"], row["key"]])).rows,
        reports=(await db.execute(REPORTS, [row["id"]])).rows,
        coverage=coverage,
        measures={scope: _measures(list(own)) for scope, own in groupby(core, key=lambda r: r["scope"])},
        breaks={
            note: [r["year"] for r in of_note] for note, of_note in groupby(breaks, key=lambda r: r["note"])
        },
        peers=await _peers(db, row, core),
        annotations=(await db.execute(ANNOTATIONS, [row["key"]])).rows,
    )


def _measures(core: list[dict[str, Any]]) -> Drawn:
    """A chart for every measure: each form is a line of its own, so that no line crosses a change of form."""
    years = list(range(core[0]["year"], core[-1]["year"] + 1))
    by_year = {row["year"]: row for row in core}
    forms = list(zip(sorted({row["form"] for row in core}), cycle(PALETTE)))
    made = []
    for measure in load("measures")["agency"]:
        column, rate = measure["column"], measure.get("rate", False)
        factor = 100 if rate else 1
        lines = [
            Series(
                form,
                [
                    _scaled(by_year[y][column], factor)
                    if y in by_year and by_year[y]["form"] == form
                    else None
                    for y in years
                ],
                colour,
            )
            for form, colour in forms
        ]
        values = [(y, *_said(by_year.get(y), column, rate=rate)) for y in years]
        made.append(
            Measure(measure["label"], small(measure["label"], years, lines, 100 if rate else None), values)
        )
    return Drawn(forms, made)


def _scaled(value: float | None, factor: int) -> float | None:
    return None if value is None else round(value * factor, 1)


def _said(row: Row | None, column: str, *, rate: bool) -> tuple[str, str]:
    """A value and its n as printed under the chart; a missing report and a missing number are told apart."""
    if row is None:
        return "无报告", ""
    value = row[column]
    if not rate:
        return ("—" if value is None else f"{value:,}"), ""
    n = row[f"{column}_den"]
    return ("—" if value is None else f"{value:.0%}"), ("" if n is None else f"n={n:,}")


async def _peers(db: Any, row: Row, core: Sequence[Row]) -> Peers | None:
    """Towns are compared within their county, others with all of their kind and sector."""
    own = [r for r in core if r["scope"] == "organ"] or list(core)
    if not own:
        return None
    year, scope = own[-1]["year"], own[-1]["scope"]
    town = row["kind"] in TOWNS
    asked = {
        "year": year, "scope": scope, "kind": row["kind"], "county": row["county_code"] if town else None,
        "sector": row["sector"], "own": row["key"],
    }  # fmt: skip
    rows = [dict(r) for r in (await db.execute(PEERS, asked)).rows]
    rows.sort(key=lambda r: (r["new_received"] is None, -(r["new_received"] or 0), r["agency"]))
    with_rate = [r for r in rows if r["disclosure_rate"] is not None]
    numerator = sum(r["disclosure_rate_num"] for r in with_rate)
    denominator = sum(r["disclosure_rate_den"] for r in with_rate)
    of = "·".join(part for part in (row["county"] if town else None, row["sector"]) if part)
    return Peers(
        year,
        of,
        rows,
        numerator / denominator if denominator else None,
        denominator,
        len(rows) == PEERS_SHOWN,
    )
