"""The ground that a trap is set on: a small sound portal with a host, a row, a list and the reports of one town."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from crawler.replica.model import Answer, Expected, Resource, Trouble, Visit
from crawler.replica.portals import YEARLY, PortalBuilder
from crawler.replica.reports import Ids
from crawler.replica.world import RegistryRow, World

COLUMN = "/zwgk_257/zfxxgknb/"
ROBOTS = "/robots.txt"
COUNTY, CODE = "重庆市云阳县", "500235"
YEARS = (2022, 2023, 2024, 2025)
WELL = frozenset({"well"})
SICK = frozenset({"short", "blocked", "broken", "unreachable"})
"""Anything but well."""
_FIRST = "甲乙丙丁戊己庚辛壬癸"
_SECOND = "子丑寅卯辰巳午未申酉戌亥"


class Ground:
    """A trap's portal while it is being spoilt. Its host, its site and its installation have the trap's name."""

    def __init__(self, world: World, ids: Ids, trap: str, number: int) -> None:
        self.world, self.ids, self.trap, self.number = world, ids, trap, number
        self.night = world.scenario.night
        self.host = trap.replace("_", "-")

    def build(self, *, years: Iterable[int] = YEARS, towns: int = 1, per_page: int = 15, **docs: Any) -> None:
        """Make the portal sound: ``towns`` towns with these years. ``docs`` is as in ``sites/*.json``, by ``y2025``."""
        years = list(years)
        series = [
            {
                "agency": f"{COUNTY}{self._town(town)}镇人民政府",
                "kind": "township_government",
                "years": years,
                "shape": ["official", "word"],
                "docs": {name.removeprefix("y"): options for name, options in docs.items()},
            }
            for town in range(towns)
        ]
        site = {
            "host": self.host,
            "installation": self.host,
            "name": f"{COUNTY}人民政府",
            "county": COUNTY,
            "code": CODE,
            "style": _STYLE,
            "rows": [
                {
                    "site": self.host,
                    "spider": "district",
                    "path": COLUMN,
                    "name": self.trap,
                    "first_year": min(years),
                }
            ],
            "columns": [
                {"path": COLUMN, "label": YEARLY, "row": self.host, "per_page": per_page, "series": series}
            ],
            "indices": [],
        }
        PortalBuilder(site, self.world, self.ids).build()

    def _town(self, town: int) -> str:
        return _FIRST[self.number // len(_SECOND)] + _SECOND[self.number % len(_SECOND)] + "寨坝沟垭"[town]

    # --- what is there ---------------------------------------------------------------------------------------------

    @property
    def pages(self) -> dict[str, Resource]:
        """Every address of the portal."""
        return self.world.portals[self.host].pages

    @property
    def reports(self) -> list[Expected]:
        """The portal's reports that can be found, the newest first."""
        own = [report for report in self.world.reports if report.host == self.host]
        return sorted(own, key=lambda report: report.published_on, reverse=True)

    @property
    def paths(self) -> tuple[str, ...]:
        """Their addresses."""
        return tuple(report.paths[0] for report in self.reports)

    # --- spoiling it -----------------------------------------------------------------------------------------------

    def wrap(self, path: str, spoil: Callable[[Resource], Resource]) -> None:
        """Put something between an address and what it answered."""
        self.pages[path] = spoil(self.pages[path])

    def lose(self, reports: Iterable[Expected]) -> tuple[str, ...]:
        """These reports cannot be found by anybody; their addresses are given back."""
        lost = {report.identity for report in reports}
        paths = tuple(report.paths[0] for report in self.reports if report.identity in lost)
        self.world.reports = [report for report in self.world.reports if report.identity not in lost]
        return paths

    def spoil(self, reports: Iterable[Expected], answer: Resource) -> tuple[str, ...]:
        """These reports' addresses answer otherwise, and nobody can find them."""
        paths = self.lose(list(reports))
        self.pages.update(dict.fromkeys(paths, answer))
        return paths

    def row(self, **changes: Any) -> RegistryRow:
        """Change the portal's row of the registry."""
        number = next(n for n, row in enumerate(self.world.rows) if row.site == self.host)
        self.world.rows[number] = replace(self.world.rows[number], **changes)
        return self.world.rows[number]

    def tell(self, tells: str, verdicts: frozenset[str], why: str | None = None, **more: Any) -> None:
        """Say what must be on record (`Trouble`)."""
        self.world.troubles.append(Trouble(self.trap, self.host, self.host, tells, verdicts, why, **more))


Trap = Callable[[Ground], None]


def html(text: str, status: int = 200, **answer: Any) -> Resource:
    """A fixed page."""
    headers = {"Content-Type": "text/html; charset=utf-8"} | answer.pop("headers", {})
    fixed = Answer(text.encode(), status, headers, **answer)
    return lambda _: fixed


def redirect(host: str, path: str, status: int = 302) -> Resource:
    """A redirect to a path on a host of this world."""
    return lambda visit: Answer(
        b"", status, {"Location": visit.base(host) + path, "Content-Type": "text/html"}
    )


def first_times(number: int, sick: Resource) -> Callable[[Resource], Resource]:
    """Something else at the first so many times, the real page from then on."""

    def spoil(sound: Resource) -> Resource:
        def respond(visit: Visit) -> Answer:
            return (sick if visit.attempt <= number else sound)(visit)

        return respond

    return spoil


_STYLE: dict[str, Any] = {
    "list": "li_span",
    "date": "plain",
    "crumb": "当前位置:",
    "separator": ">",
    "pager": "createPage",
    "body": "view TRS_UEDITOR trs_paper_default",
    "robots": "missing",
    "meta": True,
    "before": [],
    "after": ["打印"],
}
