"""The page of charts: each described in ``data/charts.json``, drawn from a canned query that anybody can run and save."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from archive.publish.charts import chart_of
from archive.publish.coverage import FORM_YEARS
from archive.publish.metadata import load, queries
from archive.publish.remembered import remembered_meanwhile

Row = Mapping[str, Any]

COUNTIES = """
SELECT DISTINCT county_code, county FROM agency WHERE county_code IS NOT NULL AND county IS NOT NULL ORDER BY county_code
"""
BREAKS = "SELECT year, note FROM boundary_break WHERE county_code = ? ORDER BY year"
WITHHELD = "SELECT group_concat(target_type || ' ' || target_key) FROM withheld"
_ANY_COUNTY = re.compile(r"\(:county_code\s*=\s*''\s*or\s+([\w.]+)\s*=\s*:county_code\)")


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with the rows it shows, the canned query they come from, and what is to be said of its years."""

    name: str
    told: Mapping[str, Any]
    svg: str
    rows: Sequence[Row]
    asked: str
    marks: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """The charts of one county, or of all."""

    county_code: str
    counties: Sequence[Row]
    drawn_at: str
    pictures: Sequence[Picture]

    @property
    def county(self) -> str | None:
        """The county's name, ``None`` for all of them."""
        return next((r["county"] for r in self.counties if r["county_code"] == self.county_code), None)


async def gather(db: Any, asked: Mapping[str, str]) -> Pictures:
    """Draw every chart, for the county whose code is in ``asked["county"]`` or for all."""
    counties = (await db.execute(COUNTIES)).rows
    code = asked.get("county", "")
    code = code if any(row["county_code"] == code for row in counties) else ""
    withheld = (await db.execute(WITHHELD)).first()[0]
    drawn_at, pictures = await remembered_meanwhile(db, ("charts", code, withheld), lambda: _draw(db, code))
    return Pictures(code, counties, drawn_at, pictures)


async def _draw(db: Any, code: str) -> tuple[str, list[Picture]]:
    drawn_at = datetime.now(UTC).isoformat(" ", "minutes").removesuffix("+00:00")
    asked = queries()
    breaks = [dict(row) for row in (await db.execute(BREAKS, [code])).rows]
    made = []
    for name, told in load("charts").items():
        parameters = dict.fromkeys(asked[name].get("params", ()), "") | {"county_code": code}
        # Our own query, asked once until the archive changes: it may take longer than a visitor's.
        rows = [
            dict(row) for row in await db.execute_patiently(of_county(asked[name]["sql"], code), parameters)
        ]
        made.append(
            Picture(name, told, chart_of(told, rows), rows, urlencode(parameters), _marks(rows, breaks))
        )
    return drawn_at, made


def of_county(sql: str, code: str) -> str:
    """A canned query whose county may be left empty, for one that is known: SQLite then looks at no other's rows."""
    return _ANY_COUNTY.sub(r"\1 = :county_code", sql) if code else sql


def _marks(rows: Sequence[Row], breaks: Sequence[Row]) -> str:
    """What is to be said of years that should not be compared with those before, if the chart has any."""
    years = {row["year"] for row in rows if "year" in row}
    said = []
    if years & set(FORM_YEARS):
        said.append("† 自该年起用新格式，慎与上年比较 · a new form from that year on")
    said += [f"{row['year']}：{row['note']}" for row in breaks if row["year"] in years]
    return "；".join(said)
