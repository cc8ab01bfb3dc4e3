"""Counties, towns and functional areas of Chongqing, with former names and changes, as data.

Never the stem alone names a place: 南岸区 has a 南坪街道 and a 南坪镇, 开州区 has a 巫山镇. A town is known by
(county, kind, stem).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

MUNICIPALITY = "500000"
"""The code of 重庆市."""

_PEOPLES = "土家族|苗族|仡佬族|回族|侗族|彝族|蒙古族"
_COUNTY_SUFFIX = re.compile(rf"(?:(?:{_PEOPLES})+自治县|自治县|新区|区|县)$")
_TOWN_SUFFIX = re.compile(rf"(?:街道|镇|(?:{_PEOPLES})*(?:民族)?乡)$")


@dataclass(frozen=True, slots=True)
class County:
    """A county, or a functional area with a key of its own (``cq-…``) in place of a code."""

    code: str
    name: str
    printed: str
    """The name it was found by: the present one, a former one or a short one."""
    official: bool
    """Whether ``printed`` is or was its official name."""

    @property
    def stem(self) -> str:
        """The name without its rank: 南岸, 石柱; an area keeps its rank: 两江新区."""
        return re.sub("^重庆市?", "", self.name) if self.is_area else county_stem(self.name)

    @property
    def is_area(self) -> bool:
        """Whether this is a functional area without a code."""
        return not self.code.isdigit()


@dataclass(frozen=True, slots=True)
class Town:
    """A town, township or street."""

    code: str
    name: str
    kind: str
    county_code: str


def county_stem(name: str) -> str:
    """A county's name without 区, 县, 自治县; never shorter than one character."""
    return _COUNTY_SUFFIX.sub("", name) or name


def town_stem(name: str) -> str:
    """A town's or street's name without 街道, 镇, 乡 and the people it is named for."""
    return _TOWN_SUFFIX.sub("", name) or name


def read_table(folder: str, name: str) -> Iterator[dict[str, str]]:
    """The rows of ``data/<folder>/<name>.csv`` as dictionaries."""
    file = resources.files("archive.reference") / "data" / folder / f"{name}.csv"
    yield from csv.DictReader(file.read_text("utf-8").splitlines())


@cache
def counties() -> dict[str, County]:
    """Every county by its code."""
    rows = [row for row in read_table("places", "chongqing") if row["level"] == "county"]
    return {row["code"]: County(row["code"], row["name"], row["name"], official=True) for row in rows}


@cache
def areas() -> dict[str, tuple[County, tuple[str, ...]]]:
    """Functional areas by every form of their names, with the counties that their towns are listed under."""
    return {
        row["form"]: (
            County(row["key"], row["name"], row["name"], official=True),
            tuple(row["towns_of"].split(";")),
        )
        for row in read_table("places", "areas")
    }


@cache
def _county_names() -> list[tuple[str, County]]:
    """Every name a county may be printed under, the longest first."""
    found = [(county.name, county) for county in counties().values()]
    for row in read_table("places", "names"):
        present = counties()[row["code"]]
        found.append((row["name"], County(present.code, present.name, row["name"], row["type"] == "former")))
    return sorted(found, key=lambda pair: -len(pair[0]))


def county_at_start(text: str) -> tuple[County, str] | None:
    """The county whose name ``text`` begins with, and what follows it."""
    for name, county in _county_names():
        if text.startswith(name):
            return county, text[len(name) :]
    return None


def stem_at_start(text: str) -> tuple[County, str] | None:
    """The county whose bare stem ``text`` begins with (合川工业园区…), and what follows it."""
    for county in counties().values():
        if len(county.stem) > 1 and text.startswith(county.stem):
            return county, text[len(county.stem) :]
    return None


def area_at_start(text: str) -> tuple[County, str] | None:
    """The functional area whose name ``text`` begins with, and what follows it."""
    for form, (area, _) in areas().items():
        if text.startswith(form):
            return area, text[len(form) :]
    return None


def county(code: str | None) -> County | None:
    """The county or functional area of that code or key."""
    if not code:
        return None
    known = counties().get(code[:6])
    return known or next((area for area, _ in areas().values() if area.code == code), None)


@cache
def _towns() -> dict[tuple[str, str, str], Town]:
    return {
        (row["county_code"], row["kind"], town_stem(row["name"])): Town(
            row["code"], row["name"], row["kind"], row["county_code"]
        )
        for row in read_table("places", "chongqing")
        if row["level"] == "town"
    }


def town(county_code: str, kind: str, stem: str) -> Town | None:
    """The town or street of that county, kind and stem; ``None`` if the table has none.

    A functional area's towns are looked for in the counties they are listed under.
    """
    codes = next((under for area, under in areas().values() if area.code == county_code), (county_code,))
    return next((found for code in codes if (found := _towns().get((code, kind, stem)))), None)


@cache
def _breaks() -> frozenset[tuple[str, int]]:
    return frozenset(
        (row["code"], int(year))
        for row in read_table("places", "changes")
        for year in row["years"].split(";")
    )


def boundary_break(county_code: str | None, year: int | None) -> bool:
    """Whether figures of that county and year cannot be compared with the year before, for its area changed."""
    return (county_code, year) in _breaks()
