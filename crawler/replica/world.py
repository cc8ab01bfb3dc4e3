"""What a world of portals is made of: hosts, lists, rows of the registry, and ways to make a page answer."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from crawler.replica.model import (
    INSTALLATION,
    Answer,
    Decoy,
    Expected,
    Resource,
    Scenario,
    Trouble,
    Truth,
    Visit,
)
from crawler.replica.pages import Link
from crawler.replica.reports import Options, Report

MIRROR = "mirror"
"""A host that copies reports and is in no registry: nobody may ever ask it for anything."""


@dataclass(frozen=True)
class Listed:
    """One line of a list."""

    title: str
    path: str
    day: str
    absolute: bool = False


@dataclass
class Column:
    """One list of a portal."""

    path: str
    label: str
    entries: list[Listed] = field(default_factory=list)
    per_page: int = 15
    nav: tuple[Link, ...] = ()
    crumbs: tuple[str, ...] = ()
    charset: str = "utf-8"


@dataclass
class Portal:
    """One host: its addresses, and a way to find those that are made only when asked for."""

    host: str
    name: str
    style: Options
    pages: dict[str, Resource] = field(default_factory=dict)
    lazy: Callable[[str], Resource | None] | None = None
    modified: date = date(2026, 3, 1)
    refuses: bool = False
    """Nothing listens at its port: every connection is refused."""
    installation: str = INSTALLATION

    def find(self, path: str) -> Resource | None:
        """What answers at this path; ``None`` if nothing does."""
        return self.pages.get(path) or (self.lazy(path) if self.lazy else None)


@dataclass(frozen=True)
class RegistryRow:
    """One row of the registry that describes the replica."""

    site: str
    spider: str
    host: str
    path: str
    name: str
    admin_code: str
    first_year: int | None
    options: str = ""
    note: str = ""
    platform: str = "trs"


@dataclass
class World:
    """All portals of a scenario."""

    scenario: Scenario
    portals: dict[str, Portal] = field(default_factory=dict)
    rows: list[RegistryRow] = field(default_factory=list)
    reports: list[Expected] = field(default_factory=list)
    planned: dict[tuple[str, int, str], Report] = field(default_factory=dict)
    """Identity -> how to render it, for portals that show what another one has published."""
    decoys: list[Decoy] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    more_reports: list[Callable[[], list[Expected]]] = field(default_factory=list)

    def truth(self) -> Truth:
        """What a complete crawl of all rows must find. The extra towns are worked out only now."""
        extra = [report for more in self.more_reports for report in more()]
        return Truth((*self.reports, *extra), tuple(self.decoys), tuple(self.troubles))


def html_resource(
    make: Callable[[Visit], str], *, charset: str = "utf-8", header: str | None = None, **answer: Any
) -> Resource:
    """A page in the given encoding; ``header`` is the charset that the server claims, if it is another one."""
    label = header or ("gb2312" if charset == "gb18030" else charset)

    def respond(visit: Visit) -> Answer:
        return Answer(
            make(visit).encode(charset), headers={"Content-Type": f"text/html; charset={label}"}, **answer
        )

    return respond


def counter(visit: Visit) -> str:
    """A visit counter and a token: bytes that change with every answer and mean nothing."""
    return (
        f'<span>浏览次数：<b id="hits">{1200 + visit.attempt}</b></span>'
        f'<input type="hidden" name="token" value="{visit.attempt * 7919:032x}">'
    )


def flaky(resource: Resource) -> Resource:
    """Out of order at the first time, well from then on."""

    def respond(visit: Visit) -> Answer:
        if visit.attempt == 1:
            return Answer(
                b"<html><body>503 Service Unavailable</body></html>", 503, {"Content-Type": "text/html"}
            )
        return resource(visit)

    return respond


def parent(path: str) -> str:
    """The directory that a directory stands in."""
    return posixpath.dirname(path.rstrip("/")) + "/"


def href(page: str, target: str) -> str:
    """The relative link from a directory to another address, as the platform writes it."""
    slash = "/" if target.endswith("/") else ""
    relative = posixpath.relpath(target, page)
    return (relative if relative.startswith("..") else f"./{relative}") + slash
