"""The size knob: a portal with as many towns as asked for. A town's pages are made when somebody asks for them."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import Any

from crawler.replica import pages
from crawler.replica.model import Expected, Resource, Visit
from crawler.replica.pages import Frame, Link
from crawler.replica.portals import PortalBuilder
from crawler.replica.reports import Ids
from crawler.replica.world import Portal, RegistryRow, World, html_resource

HOST = "load"
INDEX = "/bmjz_sites/jz/"
_FIRST = "金银铜铁石木水火土山林江河湖海云雨风雪霜日月星辰东西南北中上下大小高平长青白红黄"
_SECOND = "溪桥坪坝滩沟湾岭岩垭泉塘池井坡关镇口渡场寨堡寺庙楼"
_FIRST_ID = 90_000_000


def town_name(number: int) -> str:
    """The name of an extra town, without its suffix; different for each number below 1000."""
    return _FIRST[number % len(_FIRST)] + _SECOND[number // len(_FIRST) % len(_SECOND)]


def add_towns(world: World) -> None:
    """Add the extra towns of the scenario to the world: one host, one row, ``scenario.towns`` sub-sites."""
    count = world.scenario.towns
    portal = world.portals[HOST] = Portal(HOST, _SITE["name"], _SITE["style"])

    @lru_cache(maxsize=64)
    def town(number: int) -> tuple[Portal, list[Expected]]:
        alone = World(world.scenario)
        builder = PortalBuilder(_SITE, alone, Ids(set()))
        builder.unit(_spec(number, world.scenario.town_years), "load-towns")
        for column in builder.columns.values():
            builder.publish_column(column)
        return builder.portal, alone.reports

    def lazy(path: str) -> Resource | None:
        match = re.match(rf"{INDEX}t(\d+)_\d+/", path)
        if not match or int(match[1]) >= count:
            return None
        return town(int(match[1]))[0].find(path)

    def index(visit: Visit) -> str:
        links = "".join(
            f'<li><a href="{escape(_home(number))}">{town_name(number)}镇</a></li>' for number in range(count)
        )
        frame = Frame(
            _SITE["name"], _SITE["style"], ("首页", "乡镇"), (), (Link(visit.base(HOST) + "/", "首页"),)
        )
        return pages.page(frame, "乡镇", f"<ul>{links}</ul>")

    portal.lazy = lazy
    portal.pages[INDEX] = html_resource(index)
    portal.pages["/robots.txt"] = html_resource(lambda _: "User-agent: *\nDisallow: /igs/\n")
    world.rows.append(
        RegistryRow(
            "load-towns", "township", HOST, INDEX, "扩展乡镇", _SITE["code"], min(world.scenario.town_years)
        )
    )
    world.more_reports = lambda: [report for number in range(count) for report in town(number)[1]]


def _home(number: int) -> str:
    return f"{INDEX}t{number:04d}_{70000 + number}/"


def _spec(number: int, years: tuple[int, ...]) -> dict[str, Any]:
    name = town_name(number)
    shapes = ("official", "word", "wps", "empty_spans", "paragraphs", "layout")
    return {
        "path": _home(number),
        "label": f"{name}镇",
        "agency": f"重庆市武隆区{name}镇人民政府",
        "kind": "township_government",
        "zwgk": 98958,
        "k": 16,
        "years": list(years),
        "shape": [shapes[number % len(shapes)]],
        "docs": {str(year): {"id": _FIRST_ID + number * 100 + year % 100} for year in years},
    }


_SITE: dict[str, Any] = {
    "host": HOST,
    "name": "重庆市武隆区人民政府",
    "county": "重庆市武隆区",
    "code": "500156",
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
