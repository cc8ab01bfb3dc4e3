"""What the home page says: the state of the latest due year, county by county, and what is new."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from archive.publish.coverage import GROUPS, due_year, whole
from archive.publish.remembered import remembered

Rows = list[Any]

NEWEST = 8

COUNTS = """
SELECT (SELECT count(*) FROM report) AS reports,
       (SELECT count(DISTINCT agency_id) FROM report) AS bodies,
       (SELECT min(year) FROM report) AS first_year,
       (SELECT max(year) FROM report) AS last_year,
       (SELECT count(*) FROM finding WHERE resolved_at IS NULL AND severity = 'error') AS errors,
       (SELECT count(*) FROM finding WHERE resolved_at IS NULL AND severity = 'warning') AS warnings,
       (SELECT count(*) FROM report_change) AS changes,
       (SELECT count(*) FROM snapshot) AS snapshots,
       (SELECT max(fetched_at) FROM snapshot) AS last_fetched
"""
YEARS = "SELECT DISTINCT year FROM expectation WHERE year <= ? ORDER BY year DESC"
COUNTIES = """
SELECT county_code, coalesce(max(county), '—') AS county,
       sum(on_roster AND state = 'found') AS found, sum(on_roster AND state = 'not_found') AS not_found,
       sum(on_roster AND state = 'not_checked') AS not_checked,
       sum(NOT on_roster AND state = 'found') AS unlisted,  -- found, but no share can be said of those nobody lists
       max(last_check) AS last_check
FROM coverage
WHERE year = ? AND scope = 'organ' AND state IN ('found', 'not_found', 'not_checked')
    AND kind IN (SELECT value FROM json_each(?))
GROUP BY county_code ORDER BY county_code
"""
REPORTS_BY_COUNTY = """
SELECT county_code, coalesce(county, '—') AS county, count(*) AS reports FROM report GROUP BY county_code ORDER BY county_code
"""
NEWEST_REPORTS = f"""
SELECT id, agency, year, scope, form, status, published_on, first_seen,
       (SELECT count(*) FROM finding f WHERE f.report_id = report.id AND f.resolved_at IS NULL
        AND f.severity IN ('error', 'warning')) AS findings
FROM report ORDER BY id DESC LIMIT {NEWEST}
"""
NEWEST_FINDINGS = f"""
SELECT finding.id, finding.report_id, report.agency, report.year, finding.severity, finding.message, finding.message_zh
FROM finding JOIN report ON report.id = finding.report_id
WHERE finding.resolved_at IS NULL AND finding.severity IN ('error', 'warning')
ORDER BY finding.id DESC LIMIT {NEWEST}
"""
NEWEST_CHANGES = f"""
SELECT report_id, agency, year, class, before, after, first_seen_after FROM change
ORDER BY first_seen_after DESC LIMIT {NEWEST}
"""
# Rows are only ever added at the end, so the newest have the greatest numbers; sorting by date would read all.
LAST_RUN = "SELECT id, command, started_at, finished_at, status FROM crawl ORDER BY id DESC LIMIT 1"
VERDICTS = (
    "SELECT verdict, count(*) AS sites FROM crawl_site WHERE crawl_id = ? GROUP BY verdict ORDER BY verdict"
)


@dataclass(slots=True)
class Tile:
    """A county: how many of its bodies on a roster were found, not found, not checked; and of others, how many were found.

    ``shade`` is 0 (none found) to 4 (all).
    """

    county_code: str | None
    county: str
    found: int
    not_found: int
    not_checked: int
    unlisted: int = 0

    @property
    def checked(self) -> int:
        """The bodies somebody looked for."""
        return self.found + self.not_found

    @property
    def shade(self) -> int:
        """The share found among those checked, in five steps; 0 where nothing was checked."""
        return round(4 * self.found / self.checked) if self.checked else 0

    @property
    def hatched(self) -> bool:
        """Whether more than a tenth was not checked, so that the share says little."""
        return self.not_checked * 10 > self.checked + self.not_checked


@dataclass(slots=True)
class Home:
    """Everything the home page shows."""

    counts: Any
    due_year: int | None
    tiles: list[Tile] = field(default_factory=list)
    as_of: str | None = None
    by_county: Rows = field(default_factory=list)
    reports: Rows = field(default_factory=list)
    findings: Rows = field(default_factory=list)
    changes: Rows = field(default_factory=list)
    run: Any = None
    verdicts: Rows = field(default_factory=list)
    year: int | None = None
    years: list[int] = field(default_factory=list)
    group: str = "towns"

    @property
    def found(self) -> int:
        """Bodies whose report on the due year was found."""
        return sum(tile.found for tile in self.tiles)

    @property
    def not_found(self) -> int:
        """Bodies whose report on the due year was looked for and not found."""
        return sum(tile.not_found for tile in self.tiles)

    @property
    def not_checked(self) -> int:
        """Bodies nobody looked for yet."""
        return sum(tile.not_checked for tile in self.tiles)

    @property
    def unlisted(self) -> int:
        """Bodies found that stand on no roster: nobody can say how many there ought to be."""
        return sum(tile.unlisted for tile in self.tiles)

    @property
    def expected(self) -> int:
        """Bodies on a roster that were to report on the due year, as far as is known."""
        return self.found + self.not_found + self.not_checked


async def gather(db: Any, asked: Mapping[str, str]) -> Home:
    """Ask the archive (Datasette's database) for all that the home page shows.

    ``asked`` may name a ``year`` (by default the latest on which reports are due) and a ``group`` of bodies
    (``archive.publish.coverage.GROUPS``, by default towns and streets); anything else is as if it were not there.
    """
    latest = await remembered(db, "due year", lambda: due_year(db))
    year = whole(asked.get("year"), latest) if latest is not None else None
    group = asked.get("group", "towns")
    group = group if group in GROUPS else "towns"
    return await remembered(db, ("home", year, group), lambda: _gather(db, latest, year, group))


async def _counts(db: Any) -> Any:
    return (await db.execute(COUNTS)).first()


async def _gather(db: Any, latest: int | None, year: int | None, group: str) -> Home:
    home = Home(await remembered(db, "counts", lambda: _counts(db)), latest, year=year, group=group)
    if year is not None:
        home.years = [row[0] for row in (await db.execute(YEARS, [latest])).rows]
        counties = (await db.execute(COUNTIES, [year, json.dumps(GROUPS[group])])).rows
        home.tiles = [
            Tile(
                row["county_code"],
                row["county"],
                row["found"],
                row["not_found"],
                row["not_checked"],
                row["unlisted"],
            )
            for row in counties
        ]
        checks = [row["last_check"] for row in counties if row["last_check"]]
        home.as_of = max(checks, default=home.counts["last_fetched"])
    if not home.tiles:
        home.by_county = (await db.execute(REPORTS_BY_COUNTY)).rows
    home.reports = (await db.execute(NEWEST_REPORTS)).rows
    home.findings = (await db.execute(NEWEST_FINDINGS)).rows
    home.changes = (await db.execute(NEWEST_CHANGES)).rows
    home.run = (await db.execute(LAST_RUN)).first()
    if home.run:
        home.verdicts = (await db.execute(VERDICTS, [home.run["id"]])).rows
    return home
