"""Look at one entry point as a crawl would, by the same rules of politeness, and store nothing."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.locks import Locks
from crawler.platforms import FoundLink, Pager
from crawler.platforms import html as pages
from crawler.run import settings_for
from crawler.session import NO_CONTACT, NoContactError, Plan
from crawler.sites import Registry, Site
from crawler.spiders.base import SiteSpider
from crawler.spiders.looking import text_of
from crawler.spiders.walk import ListWalk
from crawler.trouble import reason_of


@dataclass
class Probe:
    """What one entry point shows. ``trouble`` is the failure class if it shows nothing."""

    site: Site
    trouble: str | None = None
    status: int | None = None
    final_url: str = ""
    encoding: str = ""
    platform: str = ""
    column: str = ""
    annual: bool = False
    pager: Pager = field(default_factory=Pager)
    reports: list[FoundLink] = field(default_factory=list)
    columns: list[ListWalk] = field(default_factory=list)
    others: int = 0
    """Links that a crawl would leave alone."""


def for_url(url: str) -> Registry:
    """A registry of one row for an address that stands in none."""
    site = Site(
        site="probe", spider="district", platform="auto", name=url, admin_code=None, list_url=url,
        options=MappingProxyType({}), first_year=None, last_year=None, enabled=True, note="",
    )  # fmt: skip
    return Registry(Path("probe"), (site,))


def probe(registry: Registry, site: Site) -> Probe:
    """Fetch the entry point of a site. Raises ``LockedError`` or ``NoContactError``."""
    settings = settings_for(Path("none"), registry.path if registry.path.exists() else None)
    settings.set("GONGKAI_RUN", False, priority="cmdline")
    settings.set("ITEM_PIPELINES", {}, priority="cmdline")
    if not settings.get("GONGKAI_CONTACT") and not site.is_loopback:
        raise NoContactError(NO_CONTACT)
    result = Probe(site)
    with Locks([site.installation]):
        process = AsyncCrawlerProcess(settings)
        from twisted.internet import reactor as installed

        reactor: Any = installed

        async def ask() -> None:
            try:
                await process.crawl(_prober(site.spider), registry=registry, site=site, result=result)
            finally:
                reactor.callLater(0, lambda: reactor.running and reactor.stop())

        reactor.callWhenRunning(lambda: asyncio.ensure_future(ask()))
        process.start(stop_after_crawl=False)
    return result


def _prober(family: str) -> type[SiteSpider]:
    """The family's spider, made to look at one page and to go nowhere from it."""
    module = importlib.import_module(f"crawler.spiders.{family}")
    kind: Any = next(
        k for k in vars(module).values() if isinstance(k, type) and getattr(k, "name", "") == family
    )

    class Prober(kind):  # type: ignore[misc]
        result: Probe

        @classmethod
        def from_crawler(cls, crawler: Crawler, *, registry: Registry, site: Site, result: Probe) -> Self:
            spider: Self = cls(registry=registry, chosen=(site,), plan=Plan())
            spider._set_crawler(crawler)
            spider.result = result
            return spider

        async def start(self) -> AsyncIterator[Any]:
            yield self.list_request(self.entry(self.result.site))

        def parse_list(self, response: Response, site: str, walk: ListWalk) -> Iterator[Request]:
            self.look(self.sites[site], response, walk)
            yield from ()

        def look(self, row: Site, response: Response, walk: ListWalk) -> None:
            found, fetched = self.result, self.fetched(response)
            text = text_of(fetched)
            tree = pages.parse(text)
            platform = self.platform(row, fetched.final_url, text, listing=True)
            links = self.allowed(platform.links(fetched.final_url, text))
            self._name(walk, fetched, tree, links)
            found.status, found.final_url, found.platform = fetched.status, fetched.final_url, platform.name
            found.pager = platform.pager(fetched.final_url, text)
            found.reports = self.documents(walk, links)
            walk.links = len(found.reports)
            found.columns = list(self.follow(row, walk, links))
            found.column, found.annual = walk.label, walk.annual
            found.others = len(links) - len(found.reports) - len(found.columns)

        def list_failed(self, failure: Failure) -> Iterator[Request]:
            self.result.trouble = reason_of(failure.value)
            yield from ()

    return Prober
