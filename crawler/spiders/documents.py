"""What the families share below the walk: what a spider is made of, and the way of a document into the pipelines.

A spider collects. It reads no report and touches neither files nor SQL.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar, Self

import click
import scrapy
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from archive.report.model import Context
from archive.store.frontier import Link
from archive.store.snapshots import PAGES
from crawler import platforms
from crawler.items import Page
from crawler.middlewares.capture import FETCHED
from crawler.middlewares.slots import download_slots
from crawler.options import YEARS
from crawler.platforms import FoundLink, Platform
from crawler.platforms.base import canonical, is_file
from crawler.session import Fetched, Plan, Session, as_link
from crawler.sites import Registry, RegistryError, Site, load
from crawler.sites.hosts import host_of
from crawler.spiders import labels
from crawler.spiders.looking import is_markup, text_of
from crawler.trouble import VANISHED, Refused, reason_of, was_asked

logger = logging.getLogger(__name__)

Requests = Iterator[Request | Page]

NEEDS_BROWSER = frozenset({"script", "auto"})
"""Platforms of rows that may need one."""


class DocumentSpider(scrapy.Spider):
    """Knows its rows, its run, and how a document is asked for; where documents are found is its subclass's business."""

    handle_httpstatus_list: ClassVar[list[int]] = [304]

    def __init__(
        self,
        *,
        registry: Registry,
        chosen: tuple[Site, ...],
        plan: Plan,
        session: Session | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.registry = registry
        self.chosen = chosen
        self.sites = {site.site: site for site in chosen}
        self.plan = plan
        self.session: Session | None = session
        self._visited: set[str] = set()
        self._columns: Counter[str] = Counter()
        self._barren: Counter[str] = Counter()
        self._platforms: dict[str, Platform] = {}

    @classmethod
    def from_crawler(
        cls,
        crawler: Crawler,
        *,
        site: str = "",
        years: str | frozenset[int] | None = None,
        refresh: bool | str = False,
        session: Session | None = None,
        **kwargs: Any,
    ) -> Self:
        """The spider for ``-a site=NAME[,NAME…] -a years=YEARS``, or for the sites of a run that is open already.

        Raises ``UsageError`` with one clear line for unknown sites and years.
        """
        if kwargs:
            raise UsageError(f"unknown argument {', '.join(kwargs)}: site, years and refresh are known")
        try:
            if session is not None:
                registry, plan = session.registry, session.plan
                chosen = tuple(row for row in session.sites if row.spider == cls.name)
            else:
                registry = load(crawler.settings.get("GONGKAI_SITES") or None)
                names = [name.strip() for name in site.split(",") if name.strip()]
                chosen = registry.select(names, family=cls.name)
                wanted = YEARS.convert(years, None, None) if years else None
                plan = Plan(years=wanted, refresh=refresh in (True, "1", "true", "yes"))
        except RegistryError as error:
            raise UsageError(str(error)) from None
        except click.UsageError as error:
            raise UsageError(f"years: {error.format_message()}") from None
        spider = cls(registry=registry, chosen=chosen, plan=plan, session=session)
        spider._set_crawler(crawler)
        return spider

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """One slot for each installation of the registry, with its rate."""
        super().update_settings(settings)
        try:
            registry = load(settings.get("GONGKAI_SITES") or None)
        except RegistryError:
            return  # told with its line when the spider is made
        slots = download_slots(registry, settings.getfloat("GONGKAI_DELAY"))
        settings.set("DOWNLOAD_SLOTS", slots, priority="spider")
        chosen = settings.getlist("GONGKAI_CHOSEN")
        needs = (row.platform in NEEDS_BROWSER for row in registry if row.enabled and row.spider == cls.name
                 and (not chosen or row.site in chosen))  # fmt: skip
        if any(needs):
            from crawler import rendering  # only now: a run without such a row must not even import a browser

            settings.setdict(dict(rendering.settings_for(registry)), priority="spider")

    # -- reports ------------------------------------------------------------------------------------------------------

    def report_requests(self, site: Site, *, again: bool = False) -> Requests:
        """Requests for the site's links that are due and were not asked for in this run yet.

        What an earlier run kept and was killed before storing is not asked for: it goes to the pipelines as it was kept.
        """
        if self.session is None:
            return
        for link in self.session.due(site):
            kept = self.session.kept(site, link)
            if kept is None:
                yield self.report_request(site, link)
                continue
            yield kept
            if kept.kind == "report":
                yield from self._beside(site, link, _as_fetched(kept))
        if again:
            for link in self.session.again(site):
                yield self.report_request(site, link, known=True)

    def report_request(self, site: Site, link: dict[str, Any], *, known: bool = False) -> Request:
        """The request for one document; with conditions if it is known already (but not every time)."""
        headers = request_headers(site)
        confirms = None
        if known and self.session is not None:
            conditions = self.session.archive.snapshots.validators(link["url"])
            confirms = conditions.pop("sha256", None)
            headers |= conditions
        return Request(
            link["url"], callback=self.parse_report, errback=self.report_failed, dont_filter=True,
            priority=(link["year_guess"] or 2000) - 2100, headers=headers,
            cb_kwargs={"site": site.site, "link": link | {"confirms": confirms}},
        )  # fmt: skip

    def parse_report(self, response: Response, site: str, link: dict[str, Any]) -> Requests:
        """A document: on to the pipelines. A 304 only confirms what is there; a way back to the home page is no page."""
        row, fetched = self.sites[site], self.fetched(response)
        assert self.session is not None
        context = self.session.context(row, fetched.final_url, link)
        if response.status == 304:
            self._confirmed(row, link, fetched, context)
            return
        reason = self._not_the_document(row, fetched, link)
        if reason is not None:
            self.session.keep(fetched, "error", context=context, doc_key=link["doc_key"])
            moved = self._moved(row, link, reason)
            if moved is not None:
                yield moved
                return
            self.session.failed(row, link["doc_key"], reason, asked=True)
            return
        kind = "attachment" if self._is_attachment(row, link["url"]) else "report"
        yield page(row.site, link["doc_key"], kind, fetched, context)
        if kind == "report":
            yield from self._beside(row, link, fetched)

    def report_failed(self, failure: Failure) -> Requests:
        """A document that did not come stays work to do."""
        values = failure.request.cb_kwargs  # type: ignore[attr-defined]
        row, link = self.sites[values["site"]], values["link"]
        reason = reason_of(failure.value)
        assert self.session is not None
        moved = self._moved(row, link, reason)
        if moved is not None:
            yield moved
            return
        if reason in ("blocked", "challenge", "forbidden", "rate_limited", "robots"):
            self.session.tallies[row.site].blocked += 1
        self.session.failed(row, link["doc_key"], reason, asked=was_asked(failure.value))
        yield from ()

    def _moved(self, row: Site, link: dict[str, Any], reason: str) -> Request | None:
        """The request for a document at the address that a list of this run gives, where the one asked is no more."""
        assert self.session is not None
        if reason not in VANISHED:
            return None
        now = self.session.archive.frontier.get(link["doc_key"])
        return self.report_request(row, now) if now and now["url"] != link["url"] else None

    def _confirmed(self, row: Site, link: dict[str, Any], fetched: Fetched, context: Context) -> None:
        assert self.session is not None
        tally = self.session.tallies[row.site]
        tally.fetched += 1
        if not link["confirms"]:
            # Nobody asked with conditions; such an answer says nothing.
            self.session.keep(fetched, "error", context=context, doc_key=link["doc_key"])
            self.session.failed(row, link["doc_key"], "bad_status", asked=True)
            return
        stored = self.session.keep(
            fetched, "report", context=context, doc_key=link["doc_key"], confirms=link["confirms"]
        )
        self.session.confirmed(row, link["doc_key"], stored.id, fetched.fetched_at)

    def _not_the_document(self, row: Site, fetched: Fetched, link: dict[str, Any]) -> str | None:
        """Why an answer is not the document that was asked for, as far as address and length tell."""
        if fetched.truncated:
            return "truncated"
        if not fetched.body:
            return "empty"
        platform = self.platform(row, link["url"], "")
        if canonical(link["url"]) == canonical(fetched.final_url):
            return None
        # Sent on to another document or file: reading will tell. Sent on to a column or the home page: it is gone.
        return "moved" if platform.kind(fetched.final_url) == "column" else None

    def _beside(self, row: Site, link: dict[str, Any], fetched: Fetched) -> Requests:
        """What a report's page points at: the files that belong to it, and where nothing else lists them, its siblings."""
        if not is_markup(fetched):
            return
        assert self.session is not None
        text = text_of(fetched)
        platform = self.platform(row, fetched.final_url, text)
        siblings = self.allowed(platform.siblings(fetched.final_url, text))
        if siblings:
            # Under the page's own address: no list vouches for them, so none can say that they are gone.
            self.session.found(row, fetched.final_url, "", self.as_links(row, platform, siblings))
        files = self.allowed(platform.attachments(fetched.final_url, text))[:20]
        found = []
        for file in files:
            title = file.title if labels.is_report_title(file.title) else link["title"] or file.title
            key = platform.doc_key(file.url, row.installation)
            found.append(as_link(key, file.url, title, link["list_date"]))
        if found:
            self.session.found_files(row, link["listing_url"], found)
        if found or siblings:
            yield from self.report_requests(row)

    # -- what a page shows --------------------------------------------------------------------------------------------

    def platform(self, site: Site, url: str, text: str, *, listing: bool = False) -> Platform:
        """The row's platform; for ``auto``, the one this list shows signs of, else what the site's lists showed before."""
        if site.platform != "auto":
            return platforms.get(site.platform)
        recognised = platforms.recognise(url, text)
        signs = recognised.recognise(url, text)
        if listing and signs:
            # Only lists teach: an article may be pasted from another system, editor and all.
            self._platforms[site.site] = recognised
        return recognised if listing and signs else self._platforms.get(site.site, recognised)

    def as_links(self, row: Site, platform: Platform, links: list[FoundLink]) -> list[Link]:
        """Links for the frontier, each with its document's name and the year that it states."""
        return [
            as_link(
                platform.doc_key(d.url, row.installation),
                d.url,
                d.title,
                d.list_date,
                platform.year_of(d.url),
            )
            for d in links
        ]

    def allowed(self, links: list[FoundLink]) -> list[FoundLink]:
        """The links to hosts of the registry."""
        return [link for link in links if self.is_allowed(link.url)]

    def is_allowed(self, url: str) -> bool:
        """Whether an address leads to a host of the registry, and not to a style sheet or the like."""
        return host_of(url) in self.registry.installations and not is_file(url)

    # -- keeping ------------------------------------------------------------------------------------------------------

    def fetched(self, response: Response) -> Fetched:
        """The response as received. Raises ``Refused`` for what is no page."""
        fetched = response.meta[FETCHED]
        assert isinstance(fetched, Fetched)
        if fetched.status not in PAGES and fetched.status != 304:
            raise Refused("bad_status", asked=True)
        return fetched

    def _is_attachment(self, row: Site, url: str) -> bool:
        return self.platform(row, url, "").kind(url) == "attachment"


def page(site: str, doc_key: str, kind: str, fetched: Fetched, context: Context) -> Page:
    """The item for a document that was fetched."""
    return Page(
        site=site, doc_key=doc_key, kind=kind, url=fetched.url, final_url=fetched.final_url, status=fetched.status,
        fetched_at=fetched.fetched_at, body=fetched.body, headers=fetched.headers, context=context,
    )  # fmt: skip


def _as_fetched(item: Page) -> Fetched:
    return Fetched(item.url, item.final_url, item.status, item.fetched_at, item.body, item.headers)


def request_headers(site: Site) -> dict[str, str]:
    """The headers that a row wants sent."""
    return {"Accept-Encoding": site.options.get("encoding", "identity")}
