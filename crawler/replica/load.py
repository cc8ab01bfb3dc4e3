"""The size knobs: as many towns, and as many installations, as are asked for. Pages are made when somebody asks.

A town is one of a few dozen patterns with its own name, addresses and document ids put in, so that thousands of
pages cost little more than the network. Neighbouring towns differ in figures, words and markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from typing import Any

from crawler.replica import pages
from crawler.replica.model import Answer, Expected, Resource, Scenario, Visit
from crawler.replica.pages import Frame, Link
from crawler.replica.portals import PortalBuilder
from crawler.replica.reports import Ids
from crawler.replica.world import Portal, RegistryRow, World, html_resource

HOST = "load"
INDEX = "/bmjz_sites/jz/"
PATTERNS = 48
_SHAPES = ("official", "word", "wps", "empty_spans", "paragraphs", "layout")
_FIRST = "金银铜铁石木水火土山林江河湖海云雨风雪霜日月星辰东西南北中上下大小高平长青白红黄"
_SECOND = "溪桥坪坝滩沟湾岭岩垭泉塘池井坡关镇口渡场寨堡寺庙楼"
_COUNTIES = (("重庆市武隆区", "500156"), ("重庆市永川区", "500118"), ("重庆市大足区", "500111"), ("重庆市璧山区", "500120"),
             ("重庆市铜梁区", "500151"), ("重庆市潼南区", "500152"), ("重庆市荣昌区", "500153"), ("重庆市江津区", "500116"),
             ("重庆市合川区", "500117"), ("重庆市綦江区", "500110"), ("重庆市长寿区", "500115"), ("重庆市涪陵区", "500102"))  # fmt: skip
_USUAL = 500
"""Units that a row walks unless its options say otherwise."""
_NAMES = len(_FIRST) * len(_SECOND)
TOWNS = _NAMES * len(_COUNTIES)
"""So many towns have names of their own."""
_NAME, _COUNTY, _CODE, _HOME, _ID = "※※", "重庆市武隆区", "500156", "t0000_70000", "90000000"
_FIRST_ID = 90_000_000


def town_name(number: int) -> str:
    """The name of an extra town, without its suffix; different for each number below 1000."""
    return _FIRST[number % len(_FIRST)] + _SECOND[number // len(_FIRST) % len(_SECOND)]


@dataclass(frozen=True)
class Town:
    """One extra town: what makes it different from the pattern that it is made of."""

    number: int

    @property
    def county(self) -> tuple[str, str]:
        """Name and code of its county."""
        return _COUNTIES[self.number // _NAMES]

    @property
    def name(self) -> str:
        """Without its suffix."""
        return town_name(self.number % _NAMES)

    @property
    def folder(self) -> str:
        """Name of its folder below the index of towns."""
        return f"t{self.number:04d}_{70000 + self.number}"

    def put_in(self, text: str) -> str:
        """The pattern's text as this town's own."""
        own = text.replace(_NAME, self.name).replace(_HOME, self.folder).replace(_COUNTY, self.county[0])
        return re.sub(rf"{_ID[:-2]}(\d\d)(?!\d)", rf"{(_FIRST_ID + self.number * 100) // 100}\1", own)


@dataclass(frozen=True)
class Pattern:
    """The pages of one town with placeholders, and the truth about them."""

    texts: dict[str, tuple[str, Answer]]
    reports: tuple[Expected, ...]


@cache
def _pattern(number: int, years: tuple[int, ...]) -> Pattern:
    """All pages of a pattern, rendered once."""
    alone = World(Scenario())
    builder = PortalBuilder(_SITE, alone, Ids(set()))
    builder.unit(_spec(number, years), "towns")
    for column in builder.columns.values():
        builder.publish_column(column)
    visit = Visit(lambda _: "", 1)
    answers = {path: resource(visit) for path, resource in builder.portal.pages.items()}
    return Pattern({path: (a.body.decode(), a) for path, a in answers.items()}, tuple(alone.reports))


def _spec(number: int, years: tuple[int, ...]) -> dict[str, Any]:
    # The pattern's number is in the name that seeds the figures and goes when a town's own name is put in.
    name = f"{_NAME}{chr(0xE000 + number)}"
    return {
        "path": f"{INDEX}{_HOME}/",
        "label": f"{name}镇",
        "agency": f"{_COUNTY}{name}镇人民政府",
        "kind": "township_government",
        "zwgk": 98958,
        "k": 16,
        "years": list(years),
        "shape": [_SHAPES[number % len(_SHAPES)]],
        "docs": {str(year): {"id": int(_ID) + year % 100} for year in years},
    }


def _clean(text: str, number: int) -> str:
    return text.replace(chr(0xE000 + number), "")


def _towns(world: World, host: str, site: str, first: int, count: int) -> None:
    """Play ``count`` towns on this host, from number ``first`` on: pages, row of the registry, truth."""
    years, portal = world.scenario.town_years, world.portals[host]
    folder = re.compile(rf"{INDEX}t(\d+)_\d+/")

    def lazy(path: str) -> Resource | None:
        match = folder.match(path)
        if not match or not first <= int(match[1]) < first + count:
            return None
        town = Town(int(match[1]))
        number = town.number % PATTERNS
        # The address with the pattern's own folder and ids in it.
        plain = path.replace(town.folder, _HOME)
        plain = re.sub(rf"_{(_FIRST_ID + town.number * 100) // 100}(\d\d)\.", rf"_{_ID[:-2]}\1.", plain)
        found = _pattern(number, years).texts.get(plain)
        if found is None:
            return None
        text, answer = found
        body = town.put_in(_clean(text, number)).encode()
        return lambda _: replace(answer, body=body)

    def index(visit: Visit) -> str:
        towns = map(Town, range(first, first + count))
        links = "".join(f'<li><a href="{INDEX}{town.folder}/">{town.name}镇</a></li>' for town in towns)
        home = (Link(visit.base(host) + "/", "首页"),)
        return pages.page(
            Frame(_SITE["name"], _SITE["style"], ("首页", "乡镇"), (), home), "乡镇", f"<ul>{links}</ul>"
        )

    portal.lazy = lazy
    portal.pages[INDEX] = html_resource(index)
    portal.pages["/"] = html_resource(
        lambda _: f"<html><head><title>{escape(portal.name)}</title></head><body>首页</body></html>"
    )
    portal.pages["/robots.txt"] = lambda _: Answer(
        b"User-agent: *\nDisallow: /igs/\n", headers={"Content-Type": "text/plain"}
    )
    name, code = Town(first).county
    # More than one row may walk by default: nobody has so many towns.
    options = f"units={count};columns={3 * count}" if count > _USUAL else ""
    world.rows.append(
        RegistryRow(site, "township", host, INDEX, f"{name}扩展乡镇", code, min(years), options)
    )
    world.more_reports.append(_truth(host, site, portal.installation, range(first, first + count), years))


def _truth(
    host: str, site: str, installation: str, numbers: range, years: tuple[int, ...]
) -> Callable[[], list[Expected]]:
    def expected(town: Town, report: Expected) -> Expected:
        number = town.number % PATTERNS
        return replace(
            report,
            host=host,
            site=site,
            installation=installation,
            county_code=town.county[1],
            agency=town.put_in(_clean(report.agency, number)),
            title=town.put_in(_clean(report.title, number)),
            paths=tuple(town.put_in(path) for path in report.paths),
            doc_id=f"{_FIRST_ID // 100 + town.number}{(report.doc_id or '')[-2:]}",
        )

    return lambda: [
        expected(town, report)
        for town in map(Town, numbers)
        for report in _pattern(town.number % PATTERNS, years).reports
    ]


def add_towns(world: World) -> None:
    """Add the extra towns of the scenario: a host and a row for each thousand of them. Raises ``ValueError`` if too many."""
    towns = world.scenario.towns
    _enough(world)
    for first in range(0, towns, _NAMES):
        host = f"{HOST}-{first // _NAMES}" if first else HOST
        world.portals[host] = Portal(host, _SITE["name"], _SITE["style"])
        _towns(world, host, f"{host}-towns", first, min(_NAMES, towns - first))


def add_installations(world: World) -> None:
    """Add the installations of the scenario: each has a host, a lock and a row of its own, and a few towns.

    Their towns are counted from the last county on, so that no town is played twice. Raises ``ValueError`` if there
    are not enough names.
    """
    each = world.scenario.installation_towns
    per_county = _NAMES // each
    _enough(world)
    for number in range(world.scenario.installations):
        host = f"fleet-{number:03d}"
        world.portals[host] = Portal(host, _SITE["name"], _SITE["style"], installation=host)
        county = len(_COUNTIES) - 1 - number // per_county
        _towns(world, host, host, county * _NAMES + number % per_county * each, each)


def _enough(world: World) -> None:
    scenario = world.scenario
    fleet = -(-scenario.installations // (_NAMES // max(1, scenario.installation_towns)))
    if -(-scenario.towns // _NAMES) + fleet > len(_COUNTIES):
        raise ValueError(f"the replica has names for {TOWNS} towns")


_SITE: dict[str, Any] = {
    "host": HOST,
    "name": f"{_COUNTY}人民政府",
    "county": _COUNTY,
    "code": _CODE,
    "style": {
        "list": "li_span",
        "date": "plain",
        "crumb": "当前位置:",
        "separator": ">",
        "pager": "createPage",
        "body": "view TRS_UEDITOR trs_paper_default",
        "robots": "rules",
        "meta": True,
        "before": [],
        "after": ["分享:"],
    },
    "rows": [],
    "columns": [],
    "indices": [],
}
