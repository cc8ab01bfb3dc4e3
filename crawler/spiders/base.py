"""What the families share: the walk over lists, and the way from a link to a page that is kept and read.

A spider collects. It decides what is a list, what is a report link and what to ask for next; it reads no report and
touches neither files nor SQL.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar, Self

import click
import scrapy
from lxml.html import HtmlElement
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from archive.report.model import Context
from crawler import platforms
from crawler.items import Page
from crawler.middlewares.capture import FETCHED, PAGES
from crawler.middlewares.slots import download_slots
from crawler.options import YEARS
from crawler.platforms import FoundLink, Platform
from crawler.platforms import html as pages
from crawler.platforms.base import canonical, folder, is_file, is_home
from crawler.session import Fetched, Plan, Session, as_link
from crawler.sites import Registry, RegistryError, Site, load
from crawler.sites.hosts import host_of, twins
from crawler.spiders import labels
from crawler.spiders.looking import column_name, entries, is_markup, report_here, text_of, units
from crawler.spiders.walk import ListWalk
from crawler.trouble import Refused, reason_of, was_asked

logger = logging.getLogger(__name__)

Requests = Iterator[Request | Page]

AN_INDEX = 3
"""Links to units from which on a page is an index of sub-sites, so that a link 年报 on it is the portal's own."""


class SiteSpider(scrapy.Spider):
    """The base of all families. ``family`` is the spider's name; a subclass says which columns to follow."""

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

    # -- the walk -----------------------------------------------------------------------------------------------------

    async def start(self) -> AsyncIterator[Any]:
        """The entry of every site, then what is due of it: so a broken list does not hold up known work."""
        for site in self.chosen:
            yield self.list_request(self.entry(site))
        for site in self.chosen:
            for request in self.report_requests(site, again=True):
                yield request

    def entry(self, site: Site) -> ListWalk:
        """Where the walk of a site begins."""
        raise NotImplementedError

    def follow(self, site: Site, walk: ListWalk, links: list[FoundLink]) -> Iterator[ListWalk]:
        """The columns to walk from a page of a list (columns walked already are left out by ``enter``)."""
        raise NotImplementedError

    def list_request(self, walk: ListWalk, url: str | None = None) -> Request:
        """The request for a list's first page, or for another of its pages."""
        site = self.sites[walk.site]
        if url is None:
            self._visited.add(f"{walk.site} {canonical(walk.url)}")
        return Request(
            url or walk.url, callback=self.parse_list, errback=self.list_failed, priority=100 - walk.depth,
            dont_filter=True, headers=_headers(site), cb_kwargs={"site": walk.site, "walk": walk},
        )  # fmt: skip

    def parse_list(self, response: Response, site: str, walk: ListWalk) -> Requests:
        """A page of a list: kept, its links remembered, and where to go on from it."""
        row = self.sites[site]
        fetched = self._fetched(response)
        if fetched.truncated:
            yield from self._list_lost(row, walk, "truncated")
            return
        if is_home(fetched.final_url) and not is_home(walk.url):
            self._keep_list(row, walk, fetched)
            yield from self._list_lost(row, walk, "moved")
            return
        text = text_of(fetched)
        platform = self.platform(row, fetched.final_url, text)
        if platform.is_article(fetched.final_url):
            yield from self._column_is_report(row, walk, fetched, platform, walk.label)
            walk.take({canonical(fetched.final_url)}, platforms.Pager(), fetched.final_url)
            yield from self._go_on(row, walk)
            return
        self._keep_list(row, walk, fetched)
        tree = pages.parse(text)
        links = self.allowed(platform.links(fetched.final_url, text))
        yield from self._take(row, walk, fetched, text, tree, platform, links)

    def _take(
        self, row: Site, walk: ListWalk, fetched: Fetched, text: str, tree: HtmlElement, platform: Platform,
        links: list[FoundLink],
    ) -> Requests:  # fmt: skip
        first = walk.fetched == 0
        if first:
            self._name(walk, fetched, tree, links)
        documents = self.documents(walk, links)
        title = report_here(tree) if first and not documents else None
        if title:
            yield from self._column_is_report(row, walk, fetched, platform, title)
        elif first and not documents:
            yield from self._ask_data(row, walk, fetched, text, platform)
        # Paging is a matter of lists: the sliders on a home page have a 下一页 too.
        paged = walk.annual or documents or len(units(links)) >= AN_INDEX
        pager = platform.pager(fetched.final_url, text) if paged and not title else platforms.Pager()
        walk.take(entries(links), pager, pages.base_url(fetched.final_url, tree))
        self._remember(row, walk, platform, documents)
        for column in self.follow(row, walk, links):
            # Index to sub-site may lead to another host; anything else that does is somebody else's column.
            to_a_unit = column.unit and not walk.unit
            if to_a_unit or host_of(column.url) in twins(host_of(fetched.final_url) or row.host):
                yield from self.enter(row, column)
        yield from self._go_on(row, walk)

    def _name(self, walk: ListWalk, fetched: Fetched, tree: HtmlElement, links: list[FoundLink]) -> None:
        """What the list is: by the link that led here, by what the page calls itself, by the menu's link to itself."""
        name, here = column_name(tree), canonical(fetched.final_url)
        menu = any(canonical(link.url) == here and labels.is_annual_column(link.title) for link in links)
        walk.annual = walk.annual or labels.is_annual_column(name) or menu
        walk.label = name if labels.is_annual_column(walk.label) and name else walk.label or name
        walk.root = walk.root or folder(fetched.final_url)

    def _ask_data(
        self, row: Site, walk: ListWalk, fetched: Fetched, text: str, platform: Platform
    ) -> Requests:
        """A page without entries may load them from a file."""
        for url in platform.data_urls(fetched.final_url, text)[:3]:
            walk.open_requests += 1
            yield Request(
                url, callback=self.parse_data, errback=self.data_failed, priority=100, dont_filter=True,
                headers=_headers(row), cb_kwargs={"site": row.site, "walk": walk, "platform": platform},
            )  # fmt: skip

    def parse_data(self, response: Response, site: str, walk: ListWalk, platform: Platform) -> Requests:
        """A file that holds the entries of a list."""
        row = self.sites[site]
        fetched = self._fetched(response)
        self._keep_list(row, walk, fetched)
        links = self.allowed(platform.data_links(fetched.final_url, text_of(fetched)))
        walk.open_requests -= 1
        self._remember(row, walk, platform, self.documents(walk, links))
        yield from self._go_on(row, walk)

    def data_failed(self, failure: Failure) -> Requests:
        """A list's data file that did not come: the list is not complete."""
        walk: ListWalk = failure.request.cb_kwargs["walk"]  # type: ignore[attr-defined]
        walk.open_requests -= 1
        walk.trouble = reason_of(failure.value)
        yield from self._go_on(self.sites[walk.site], walk)

    def list_failed(self, failure: Failure) -> Requests:
        """A page of a list that did not come."""
        walk: ListWalk = failure.request.cb_kwargs["walk"]  # type: ignore[attr-defined]
        reason = reason_of(failure.value)
        row = self.sites[walk.site]
        if self.session and reason in ("blocked", "challenge", "forbidden", "rate_limited"):
            self.session.tallies[row.site].blocked += 1
        missing = isinstance(failure.value, HttpError) and failure.value.response.status in (404, 410)
        if walk.fetched and missing:
            if walk.lost():
                walk.trouble = walk.trouble or "list_incomplete"
            yield from self._go_on(row, walk)
            return
        yield from self._list_lost(row, walk, reason)

    def _list_lost(self, row: Site, walk: ListWalk, reason: str) -> Requests:
        walk.trouble = reason
        logger.info("%s: list %s: %s", row.site, walk.url, reason)
        if self.session:
            self.session.listed(row, walk)
        yield from ()

    def _go_on(self, row: Site, walk: ListWalk) -> Requests:
        """The next page of a list, or its end; and the report links that are due by now."""
        if self.session:
            walk.limit = row.number("pages", walk.limit)
            url = walk.next_url()
            if url and self._is_allowed(url):
                yield self.list_request(walk, url)
            elif not walk.open_requests:
                self._judge_list(row, walk)
                self.session.listed(row, walk)
        yield from self.report_requests(row)

    def _judge_list(self, row: Site, walk: ListWalk) -> None:
        """A list that showed links before and shows none now is no evidence that they are gone."""
        assert self.session is not None
        if walk.trouble is None and not walk.links and self.session.knew(row, walk.url):
            walk.trouble = (
                "same_page" if self.session.is_one_page_for_all(row, walk.sha256) else "layout_changed"
            )

    def enter(self, row: Site, walk: ListWalk) -> Iterator[Request]:
        """Walk a column, unless it was walked already or the bounds of the row are reached."""
        if f"{row.site} {canonical(walk.url)}" in self._visited or walk.depth > row.number("depth", 6):
            return
        self._columns[row.site] += 1
        if self._columns[row.site] > row.number("columns", 2000):
            if self.session:
                self.session.tallies[row.site].list_failures["too_many_columns"] += 1
            return
        yield self.list_request(walk)

    # -- reports ------------------------------------------------------------------------------------------------------

    def report_requests(self, site: Site, *, again: bool = False) -> Iterator[Request]:
        """Requests for the site's links that are due and were not asked for in this run yet."""
        if self.session is None:
            return
        for link in self.session.due(site):
            yield self.report_request(site, link)
        if again:
            for link in self.session.again(site):
                yield self.report_request(site, link, known=True)

    def report_request(self, site: Site, link: dict[str, Any], *, known: bool = False) -> Request:
        """The request for one document; with conditions if it is known already (but not every time)."""
        headers = _headers(site)
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
        row, fetched = self.sites[site], self._fetched(response)
        assert self.session is not None
        context = self.session.context(row, fetched.final_url, link)
        if response.status == 304:
            self._confirmed(row, link, fetched, context)
            return
        reason = self._not_the_document(row, fetched, link)
        if reason is not None:
            self.session.keep(fetched, "error", context=context, doc_key=link["doc_key"])
            self.session.failed(row, link["doc_key"], reason, asked=True)
            return
        kind = "attachment" if self._is_attachment(row, link["url"]) else "report"
        yield page(row.site, link["doc_key"], kind, fetched, context)
        if kind == "report":
            yield from self._attachments(row, link, fetched)

    def report_failed(self, failure: Failure) -> Requests:
        """A document that did not come stays work to do."""
        values = failure.request.cb_kwargs  # type: ignore[attr-defined]
        row, link = self.sites[values["site"]], values["link"]
        reason = reason_of(failure.value)
        assert self.session is not None
        if reason in ("blocked", "challenge", "forbidden", "rate_limited", "robots"):
            self.session.tallies[row.site].blocked += 1
        self.session.failed(row, link["doc_key"], reason, asked=was_asked(failure.value))
        yield from ()

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
        self.session.archive.readings.confirmed(stored.id, doc_key=link["doc_key"], now=fetched.fetched_at)
        tally.unchanged += 1
        self.session.told(row.site)

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

    def _attachments(self, row: Site, link: dict[str, Any], fetched: Fetched) -> Iterator[Request]:
        """The files that a report's page points at belong to it."""
        if not is_markup(fetched):
            return
        assert self.session is not None
        text = text_of(fetched)
        platform = self.platform(row, fetched.final_url, text)
        files = self.allowed(platform.attachments(fetched.final_url, text))[:20]
        found = []
        for file in files:
            title = file.title if labels.is_report_title(file.title) else link["title"] or file.title
            key = platform.doc_key(file.url, row.installation)
            found.append(as_link(key, file.url, title, link["list_date"]))
        self.session.archive.frontier.found(row.site, link["listing_url"], found, now=fetched.fetched_at)
        yield from self.report_requests(row)

    def _column_is_report(
        self, row: Site, walk: ListWalk, fetched: Fetched, platform: Platform, title: str
    ) -> Requests:
        """A column's address that shows its only document: the page is the list and the report in one."""
        if self.session is None:
            return
        key = platform.doc_key(fetched.final_url, row.installation)
        link = as_link(key, fetched.final_url, title, None)
        walk.links += 1
        self.session.found(row, walk.url, walk.unit or walk.label, [link])
        known = self.session.archive.frontier.get(key) or {}
        if self.session.plan.years and link.year_guess and link.year_guess not in self.session.plan.years:
            return
        context = self.session.context(row, fetched.final_url, known, walk.unit or walk.label)
        self.session.claim(key)
        yield page(row.site, key, "report", fetched, context)
        yield from self._attachments(row, known, fetched)

    # -- what a page shows --------------------------------------------------------------------------------------------

    def platform(self, site: Site, url: str, text: str) -> Platform:
        """The row's platform; for ``auto``, the one this page shows signs of, else what the site showed before."""
        if site.platform != "auto":
            return platforms.get(site.platform)
        recognised = platforms.recognise(url, text)
        if recognised.recognise(url, text):
            self._platforms[site.site] = recognised
        return self._platforms.get(site.site, recognised)

    def allowed(self, links: list[FoundLink]) -> list[FoundLink]:
        """The links to hosts of the registry."""
        return [link for link in links if self._is_allowed(link.url)]

    def _is_allowed(self, url: str) -> bool:
        return host_of(url) in self.registry.installations and not is_file(url)

    def documents(self, walk: ListWalk, links: list[FoundLink]) -> list[FoundLink]:
        """The report links of a list page. In a column of annual reports all but what plainly is something else."""
        documents = [link for link in links if link.kind != "column"]
        if walk.annual:
            return [
                link
                for link in documents
                if labels.is_report_title(link.title)
                or (labels.is_candidate(link.title) and folder(link.url).startswith(walk.root))
            ]
        return [link for link in documents if labels.is_report_title(link.title)]

    # -- keeping ------------------------------------------------------------------------------------------------------

    def _fetched(self, response: Response) -> Fetched:
        fetched = response.meta[FETCHED]
        assert isinstance(fetched, Fetched)
        if fetched.status not in PAGES and fetched.status != 304:
            raise Refused("bad_status", asked=True)
        return fetched

    def _keep_list(self, row: Site, walk: ListWalk, fetched: Fetched) -> None:
        if self.session is None:
            return
        context = self.session.context(row, fetched.final_url, None, walk.label)
        stored = self.session.keep(fetched, "list", context=context)
        if walk.snapshot_id is None:
            walk.snapshot_id, walk.sha256 = stored.id, stored.sha256
            self.session.saw(row, stored.sha256, canonical(fetched.url))

    def _remember(self, row: Site, walk: ListWalk, platform: Platform, documents: list[FoundLink]) -> None:
        walk.links += len(documents)
        if self.session is not None and documents:
            links = [
                as_link(platform.doc_key(d.url, row.installation), d.url, d.title, d.list_date)
                for d in documents
            ]
            self.session.found(row, walk.url, walk.unit or walk.label, links)

    def _is_attachment(self, row: Site, url: str) -> bool:
        return self.platform(row, url, "").kind(url) == "attachment"


def page(site: str, doc_key: str, kind: str, fetched: Fetched, context: Context) -> Page:
    """The item for a document that was fetched."""
    return Page(
        site=site, doc_key=doc_key, kind=kind, url=fetched.url, final_url=fetched.final_url, status=fetched.status,
        fetched_at=fetched.fetched_at, body=fetched.body, headers=fetched.headers, context=context,
    )  # fmt: skip


def _headers(site: Site) -> dict[str, str]:
    return {"Accept-Encoding": site.options.get("encoding", "identity")}
