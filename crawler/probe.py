"""Look at one entry point as a crawl would, by the same rules of politeness, and store nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, cast

from scrapy import Request
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.allowance import Allowance
from crawler.locks import Locks
from crawler.platforms import FoundLink, Pager
from crawler.platforms import html as pages
from crawler.run import settings_for
from crawler.session import Plan, may_ask
from crawler.sites import Registry, Site
from crawler.spiders import spider_of
from crawler.spiders.base import SiteSpider
from crawler.spiders.looking import text_of
from crawler.spiders.walk import ListWalk
from crawler.trouble import reason_of

ADVICE = Path(__file__).with_name("advice.json")


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

    @property
    def advice(self) -> str:
        """What to do next, in one line."""
        said: dict[str, str] = json.loads(ADVICE.read_text("utf-8"))
        if self.trouble:
            return said.get(self.trouble, said["other"])
        if self.reports or self.columns:
            return said["good"].replace("SITE", self.site.site)
        return said["script"] if self.platform == "script" else said["nothing"]


def to_be_asked(registry: Registry, target: str, family: str | None = None) -> tuple[Registry, Site]:
    """The row that a probe of a site's name or of an address is about, enabled, and the registry with it.

    An address is probed as what the row on its host says: same installation, so same lock and rate, same options; as
    another ``family`` if one is named.
    Raises ``RegistryError`` for a name that is unknown.
    """
    if "://" in target:
        row = registry.nearest(target) or Site(
            site="probe", spider="district", platform="auto", name=target, admin_code=None, list_url=target,
            options=MappingProxyType({}), first_year=None, last_year=None, enabled=True, note="",
        )  # fmt: skip
        site = replace(row, list_url=target, enabled=True)
    else:
        row = registry.get(target)
        site = replace(row, enabled=True)
    site = replace(site, spider=family or site.spider)
    claimed = registry.installations.get(site.host)
    if claimed is not None:
        # Where the row is disabled, enabled ones say whose host this is.
        site = replace(site, options=MappingProxyType({**site.options, "installation": claimed}))
    return Registry(registry.path, (site, *(other for other in registry if other.site != site.site))), site


def probe(registry: Registry, site: Site) -> Probe:
    """Fetch the entry point of a site. Raises ``LockedError``, ``NotStartedError`` or ``AllowanceError``."""
    settings = settings_for(Path("none"), registry.path if registry.path.exists() else None)
    settings.set("GONGKAI_RUN", False, priority="cmdline")
    settings.set("ITEM_PIPELINES", {}, priority="cmdline")
    allowance = Allowance.of_settings(settings)
    may_ask([site], settings.get("GONGKAI_CONTACT"), allowance)
    result = Probe(site)
    with Locks([site.installation]), closing(allowance):
        process = AsyncCrawlerProcess(settings)
        from twisted.internet import reactor as installed

        reactor: Any = installed

        async def ask() -> None:
            try:
                await process.crawl(
                    _prober(site.spider), registry=registry, site=site, result=result, allowance=allowance
                )
            finally:
                reactor.callLater(0, lambda: reactor.running and reactor.stop())

        reactor.callWhenRunning(lambda: asyncio.ensure_future(ask()))
        process.start(stop_after_crawl=False)
    return result


class _Looking(SiteSpider):
    """Looks at one page of a site and goes nowhere from it; the family it is mixed with says what is there."""

    result: Probe
    allowance: Allowance

    @classmethod
    def from_crawler(cls, crawler: Crawler, **given: Any) -> Self:
        spider: Self = cls(registry=given["registry"], chosen=(given["site"],), plan=Plan())
        spider._set_crawler(crawler)
        spider.result, spider.allowance = given["result"], given["allowance"]
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
        found.reports = self.documents(walk, links, platform)
        walk.links = len(found.reports)
        found.columns = list(self.follow(row, walk, links))
        found.column, found.annual = walk.label, walk.annual
        found.others = len(links) - len(found.reports) - len(found.columns)

    def list_failed(self, failure: Failure) -> Iterator[Request]:
        self.result.trouble = reason_of(failure.value)
        yield from ()


def _prober(family: str) -> type[_Looking]:
    """The family's spider, made to look at one page."""
    return cast(type[_Looking], type("Prober", (_Looking, spider_of(family)), {}))
