"""Bad weather: hosts that a crawler must survive without losing the others. Only in the scenario ``storm``."""

from __future__ import annotations

from functools import partial

from crawler.replica import pages
from crawler.replica.model import Answer, Resource, Visit
from crawler.replica.pagers import PAGERS
from crawler.replica.pages import Frame, Link
from crawler.replica.world import Portal, RegistryRow, World, html_resource

STYLE = {
    "before": [],
    "after": [],
    "crumb": "当前位置:",
    "separator": ">",
    "meta": False,
    "body": "TRS_Editor",
}
COLUMN = "/zwgk_900/zfxxgknb/"


def add_storm(world: World) -> None:
    """Add a host whose robots.txt answers 500, and one with an endless list, cut answers and redirect loops."""
    closed = world.portals["closed"] = Portal("closed", "closed", STYLE)
    closed.pages["/robots.txt"] = lambda _: Answer(b"error", 500, {"Content-Type": "text/plain"})
    closed.pages[COLUMN] = html_resource(lambda _: "<html><body>nobody should read this</body></html>")
    rough = world.portals["rough"] = Portal("rough", "rough", STYLE, lazy=_endless)
    rough.pages["/robots.txt"] = lambda _: Answer(b"", 404)
    rough.pages[COLUMN] = _list_page(0)
    for number in range(3):
        rough.pages[f"{COLUMN}202601/t20260120_{99000000 + number}.html"] = _TROUBLE[number]
    rough.pages["/loop"] = lambda visit: Answer(b"", 302, {"Location": visit.base("rough") + "/loop"})
    for site, host in (("closed", "closed"), ("rough", "rough")):
        world.rows.append(RegistryRow(site, "district", host, COLUMN, site, "500156", None))


def _endless(path: str) -> Resource | None:
    """Every further page of the list shows the same lines again and claims that there are 400 pages."""
    name = path.removeprefix(f"{COLUMN}index_").removesuffix(".html")
    return _list_page(int(name)) if name.isdigit() and int(name) < 400 else None


def _list_page(number: int) -> Resource:
    def make(visit: Visit) -> str:
        links = [
            Link(
                f"./202601/t20260120_{99000000 + line}.html",
                f"第{line + 1}局2025年政府信息公开工作年度报告",
                "2026-01-20",
            )
            for line in range(3)
        ]
        frame = Frame(
            "rough", STYLE, ("首页", "政府信息公开年报"), (), (Link(visit.base("rough") + "/", "首页"),)
        )
        main = pages.LISTS["li_span"](links) + PAGERS["createPage"].draw(400, number, 6000)
        return pages.page(frame, "政府信息公开年报", main)

    return html_resource(make)


def _answer(answer: Answer, visit: Visit) -> Answer:
    location = answer.headers.get("Location")
    if location is None:
        return answer
    return Answer(answer.body, answer.status, {"Location": visit.base("rough") + location})


_TROUBLE: tuple[Resource, ...] = (
    partial(_answer, Answer(b"<html>" + b"x" * 20000, headers={"Content-Type": "text/html"}, cut=True)),
    partial(_answer, Answer(b"", 302, {"Location": "/loop"})),
    partial(_answer, Answer(b"", 200, {"Content-Type": "text/html"})),
)
