"""What the families share: the walk over lists. A spider decides what is a list, what a report link, what to ask next."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlencode

from lxml.html import HtmlElement
from scrapy import Request
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler import platforms
from crawler.browser import find_chromium
from crawler.platforms import FoundLink, Pager, Platform
from crawler.platforms import html as pages
from crawler.platforms.base import canonical, folder, is_home
from crawler.session import Fetched, as_link
from crawler.sites import Site
from crawler.sites.hosts import host_of, twins
from crawler.spiders import labels
from crawler.spiders.documents import NEEDS_BROWSER, DocumentSpider, Requests, page, request_headers
from crawler.spiders.looking import column_name, entries, is_markup, named_here, report_here, text_of, units
from crawler.spiders.walk import ListWalk
from crawler.trouble import reason_of

logger = logging.getLogger(__name__)

AN_INDEX = 3
"""Links to units from which on a page is an index of sub-sites, so that a link 年报 on it is the portal's own."""
BARREN_COLUMNS = 200
FRUITFUL = 5
"""Columns of annual reports that may be entered without finding a report, and how many more each one that holds some
pays for: a tree of folders without content has no end."""
DATA_FILES = 3
FRAMES = 8
"""How many files, and frames, of a list's page are looked into."""


class SiteSpider(DocumentSpider):
    """The base of all families. ``family`` is the spider's name; a subclass says which columns to follow."""

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

    def enter(self, row: Site, walk: ListWalk) -> Iterator[Request]:
        """Walk a column, unless it was walked already or the bounds of the row are reached."""
        if f"{row.site} {canonical(walk.url)}" in self._visited:
            return
        too_deep = walk.depth > row.number("depth", 6)
        self._columns[row.site] += not too_deep
        self._barren[row.site] += walk.annual and not walk.unit
        too_barren = walk.annual and not walk.unit and self._barren[row.site] > BARREN_COLUMNS
        if too_deep or too_barren or self._columns[row.site] > row.number("columns", 2000):
            if self.session:
                self.session.tallies[row.site].list_failures[
                    "too_deep" if too_deep else "too_many_columns"
                ] += 1
            return
        yield self.list_request(walk)

    # -- asking -------------------------------------------------------------------------------------------------------

    def list_request(
        self, walk: ListWalk, url: str | None = None, *, data: Platform | None = None
    ) -> Request:
        """The request for a list's first page, for another of its pages, or for a file that holds its entries."""
        site = self.sites[walk.site]
        if url is None:
            self._visited.add(f"{walk.site} {canonical(walk.url)}")
            if self.session:
                self.session.begun(walk)
        values: dict[str, Any] = {"site": walk.site, "walk": walk}
        callback, errback = (self.parse_list, self.list_failed)
        if data is not None:
            callback, errback = (self.parse_data, self.data_failed)  # type: ignore[assignment]
            values["platform"] = data
        headers = request_headers(site)
        if walk.form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return Request(
            url or walk.url, callback=callback, errback=errback, priority=100 + walk.depth, dont_filter=True,
            method="POST" if walk.form else "GET", body=urlencode(walk.form) if walk.form else None, headers=headers,
            cb_kwargs=values,
        )  # fmt: skip

    def list_failed(self, failure: Failure) -> Requests:
        """A page of a list that did not come."""
        walk: ListWalk = failure.request.cb_kwargs["walk"]  # type: ignore[attr-defined]
        reason = reason_of(failure.value)
        row = self.sites[walk.site]
        if self.session and reason in ("blocked", "challenge", "forbidden", "rate_limited"):
            self.session.tallies[row.site].blocked += 1
        status = failure.value.response.status if isinstance(failure.value, HttpError) else None
        if walk.fetched and status in (404, 405, 410, 501) and walk.refuse():
            yield from self._go_on(row, walk)
            return
        if walk.fetched and status in (404, 410):
            if walk.lost():
                walk.trouble = walk.trouble or "list_incomplete"
            yield from self._go_on(row, walk)
            return
        yield from self._list_lost(row, walk, reason)

    def data_failed(self, failure: Failure) -> Requests:
        """A list's data file that did not come: the list is not complete."""
        walk: ListWalk = failure.request.cb_kwargs["walk"]  # type: ignore[attr-defined]
        walk.open_requests -= 1
        walk.trouble = reason_of(failure.value)
        yield from self._go_on(self.sites[walk.site], walk)

    def _list_lost(self, row: Site, walk: ListWalk, reason: str) -> Requests:
        walk.trouble = reason
        logger.info("%s: list %s: %s", row.site, walk.url, reason)
        if self.session:
            self.session.listed(row, walk)
        yield from ()

    # -- looking ------------------------------------------------------------------------------------------------------

    def parse_list(self, response: Response, site: str, walk: ListWalk) -> Requests:
        """A page of a list: kept, its links remembered, and where to go on from it."""
        row = self.sites[site]
        fetched = self.fetched(response)
        if fetched.truncated:
            walk.trouble = "truncated"  # what came of this page counts, and so do the pages after it
        if is_home(fetched.final_url) and not is_home(walk.url):
            self._keep_list(row, walk, fetched)
            yield from self._list_lost(row, walk, "moved")
            return
        text = text_of(fetched)
        platform = self.platform(row, fetched.final_url, text, listing=True)
        if platform.is_article(fetched.final_url) and not self._is_list(
            walk, platform, fetched.final_url, text
        ):
            yield from self._column_is_report(row, walk, fetched, platform, walk.label)
            walk.take({canonical(fetched.final_url)}, Pager(), fetched.final_url)
            yield from self._go_on(row, walk)
            return
        self._keep_list(row, walk, fetched)
        yield from self._take(row, walk, fetched, text, platform)
        yield from self._go_on(row, walk)

    def _is_list(self, walk: ListWalk, platform: Platform, url: str, text: str) -> bool:
        """Whether a page whose address is that of a document is a list all the same: entries or frames, and no report.

        A frame may hold anything, a counter of visits or a choice of years; it is a document only if it shows one.
        """
        tree = pages.parse(text)
        if report_here(tree) or named_here(tree, ""):
            return False
        if walk.frame and not platform.attachments(url, text):
            return True
        listed = any(
            link.kind != "column" and labels.is_report_title(link.title) for link in platform.links(url, text)
        )
        return listed or any(host_of(frame) == host_of(url) for frame in pages.frames(url, text))

    def _take(self, row: Site, walk: ListWalk, fetched: Fetched, text: str, platform: Platform, *, rendered: bool = False) -> Requests:  # fmt: skip
        """What one page of a list shows."""
        first = walk.fetched == 0
        tree = pages.parse(text)
        address = walk.question or fetched.final_url
        links = self.allowed(platform.links(address, text))
        if first:
            self._name(walk, fetched, tree, links)
        if first and not self.documents(walk, links, platform):
            links += self.allowed(platform.embedded(address, text))
        documents = self.documents(walk, links, platform) + self._known_pages(row, platform, links)
        title = report_here(tree, documents) if first else None
        if first and not documents and not title and not platform.data_urls(address, text):
            title = named_here(tree, walk.label)
        if title:
            yield from self._column_is_report(row, walk, fetched, platform, title)
        # Paging is a matter of lists: the sliders on a home page have a 下一页 too.
        paged = (
            not (title and not documents)
            and not rendered
            and (walk.annual or documents or len(units(links)) >= AN_INDEX)
        )
        walk.take(
            entries(links), platform.pager(address, text) if paged else Pager(), pages.base_url(address, tree)
        )
        self._remember(row, walk, platform, documents)
        yield from self._pass_by(row, walk, platform, documents)
        columns = []
        shown = {document.url for document in documents}
        for column in self.follow(row, walk, links):
            if column.url in shown:
                continue
            # Index to sub-site may lead to another host; anything else that does is somebody else's column.
            to_a_unit = column.unit and not walk.unit
            if to_a_unit or host_of(column.url) in twins(host_of(fetched.final_url) or row.host):
                columns.append(column)
        for column in columns:
            yield from self.enter(row, column)
        if first and (platform.shell or not documents) and not title and not rendered:
            yield from self._look_behind(row, walk, fetched, text, platform, has_columns=bool(columns))

    def _name(self, walk: ListWalk, fetched: Fetched, tree: HtmlElement, links: list[FoundLink]) -> None:
        """What the list is: by the link that led here, by what the page calls itself, by the menu's link to itself."""
        name, here = column_name(tree), canonical(fetched.final_url)
        menu = any(canonical(link.url) == here and labels.is_annual_column(link.title) for link in links)
        walk.annual = walk.annual or labels.is_annual_column(name) or menu
        walk.label = name if labels.is_annual_column(walk.label) and name else walk.label or name
        walk.root = walk.root or folder(fetched.final_url)

    def _look_behind(self, row: Site, walk: ListWalk, fetched: Fetched, text: str, platform: Platform, *, has_columns: bool) -> Requests:  # fmt: skip
        """A page without entries may load them from a file, show them in a frame, or build them by a script."""
        files = [url for url in platform.data_urls(fetched.final_url, text) if self.is_allowed_data(url)]
        for url in files[:DATA_FILES]:
            walk.open_requests += 1
            yield self.list_request(walk, url, data=platform)
        if files or has_columns:
            return
        own = twins(host_of(fetched.final_url) or row.host)
        frames = [url for url in pages.frames(fetched.final_url, text) if host_of(url) in own]
        for url in frames[:FRAMES]:
            inside = ListWalk(
                url, walk.label, row.site, depth=walk.depth + 1, annual=walk.annual, unit=walk.unit, frame=True,
            )  # fmt: skip
            yield from self.enter(row, inside)
        script = platforms.get("script")
        if (
            not frames
            and walk.annual
            and row.platform in NEEDS_BROWSER
            and script.recognise(fetched.final_url, text)
        ):
            yield from self._ask_browser(row, walk, fetched)

    def parse_data(self, response: Response, site: str, walk: ListWalk, platform: Platform) -> Requests:
        """A file that holds entries of a list, all of them or a page."""
        row = self.sites[site]
        fetched = self.fetched(response)
        self._keep_list(row, walk, fetched)
        walk.open_requests -= 1
        text = text_of(fetched)
        links = self.allowed(platform.data_links(fetched.final_url, text))
        pager = platform.data_pager(fetched.final_url, text)
        self._remember(row, walk, platform, self.documents(walk, links, platform))
        if fetched.truncated:
            walk.trouble = "truncated"
        elif pager.counted:
            walk.take_data(pager)
            url = walk.next_url()
            if url and self.is_allowed_data(url):
                walk.open_requests += 1
                yield self.list_request(walk, url, data=platform)
        yield from self._go_on(row, walk)

    def is_allowed_data(self, url: str) -> bool:
        """Whether a file of a list may be asked for: by its host alone, for it may be called ``.json``."""
        return host_of(url) in self.registry.installations

    # -- in the browser -----------------------------------------------------------------------------------------------

    def _ask_browser(self, row: Site, walk: ListWalk, fetched: Fetched) -> Requests:
        if find_chromium() is None:
            walk.trouble = "no_browser"
            logger.warning(
                "%s: %s is built by a script, and no browser was found: install Chromium, or name one with GONGKAI_CHROMIUM",
                row.site, walk.url,
            )  # fmt: skip
            return
        from crawler.rendering import Rendering

        slots: dict[str, dict[str, Any]] = self.settings["DOWNLOAD_SLOTS"]
        delay = float(slots.get(row.installation, {}).get("delay", 1.0))
        rendering = Rendering(row.number("pages", walk.limit), delay)
        walk.open_requests += 1
        yield Request(
            fetched.final_url, callback=self.parse_rendered, errback=self.data_failed, priority=100, dont_filter=True,
            headers={"User-Agent": self.settings["USER_AGENT"]}, meta=rendering.meta(),
            cb_kwargs={"site": row.site, "walk": walk},
        )  # fmt: skip

    def parse_rendered(self, response: Response, site: str, walk: ListWalk) -> Requests:
        """The pages of a list as its script built them, kept beside the document as it was served."""
        from crawler.rendering import rendering_of

        row = self.sites[site]
        fetched, rendering = self.fetched(response), rendering_of(response.request)  # type: ignore[arg-type]
        assert rendering is not None
        walk.open_requests -= 1
        if rendering.served is not None:
            self._keep_list(row, walk, rendering.served)
        walk.fetched = 0
        platform = platforms.get("script")
        for html in rendering.pages:
            built = Fetched(
                fetched.url, fetched.final_url, fetched.status, fetched.fetched_at, html.encode(),
                [("Content-Type", "text/html; charset=utf-8")],
            )  # fmt: skip
            self._keep_list(row, walk, built, kind="rendered")
            yield from self._take(row, walk, built, html, platform, rendered=True)
        if not rendering.finished:
            walk.trouble = walk.trouble or "list_incomplete"
        yield from self._go_on(row, walk)

    # -- going on -----------------------------------------------------------------------------------------------------

    def _go_on(self, row: Site, walk: ListWalk) -> Requests:
        """The next page of a list, or its end; and the report links that are due by now."""
        if self.session and not walk.open_requests:
            walk.limit = row.number("pages", walk.limit)
            url = walk.next_url()
            if url and self.is_allowed_data(url):
                yield self.list_request(walk, url)
            else:
                self._judge_list(row, walk)
                self._barren[row.site] -= FRUITFUL if walk.links else 0
                self.session.listed(row, walk)
        yield from self.report_requests(row)

    def _judge_list(self, row: Site, walk: ListWalk) -> None:
        """A list that showed links before and shows none now is no evidence that they are gone."""
        assert self.session is not None
        if walk.trouble is None and not walk.links and self.session.knew(row, walk.url):
            walk.trouble = (
                "same_page" if self.session.is_one_page_for_all(row, walk.sha256) else "layout_changed"
            )

    # -- reports on lists ---------------------------------------------------------------------------------------------

    def documents(self, walk: ListWalk, links: list[FoundLink], platform: Platform) -> list[FoundLink]:
        """The report links of a list page. In a column of annual reports all but what plainly is something else.

        An address that asks for the report of a body and year is one whatever its link is called: the body's name.
        """
        return [
            link
            for link in links
            if link.kind != "column"
            and (
                labels.is_report_title(link.title)
                or platform.year_of(link.url) is not None
                or (
                    walk.annual and labels.is_candidate(link.title) and folder(link.url).startswith(walk.root)
                )
            )
        ]

    def _known_pages(self, row: Site, platform: Platform, links: list[FoundLink]) -> list[FoundLink]:
        """The links that look like columns and were found to be reports in earlier runs: no list to be walked again."""
        if self.session is None:
            return []
        return [
            link
            for link in links
            if link.kind == "column"
            and labels.names_a_report(link.title)
            and self.session.archive.frontier.get(platform.doc_key(link.url, row.installation))
        ]

    def _column_is_report(
        self, row: Site, walk: ListWalk, fetched: Fetched, platform: Platform, title: str
    ) -> Requests:
        """A column's address that shows its only document: the page is the list and the report in one."""
        if self.session is None:
            return
        key = platform.doc_key(fetched.final_url, row.installation)
        link = as_link(key, fetched.final_url, title, None, platform.year_of(fetched.final_url))
        walk.links += 1
        self.session.found(row, walk.url, walk.unit or walk.label, [link])
        known = self.session.archive.frontier.get(key) or {}
        siblings = []
        if is_markup(fetched):
            # What the entry itself names is listed by it.
            siblings = self.allowed(platform.siblings(fetched.final_url, text_of(fetched)))
            self._remember(row, walk, platform, siblings)
        if self.session.plan.years and link.year_guess and link.year_guess not in self.session.plan.years:
            self._keep_list(row, walk, fetched)
            same_year = [one for one in siblings if platform.year_of(one.url) == link.year_guess]
            yield from self._pass_by(row, walk, platform, same_year)
            return
        context = self.session.context(row, fetched.final_url, known, walk.unit or walk.label)
        self.session.claim(key)
        yield page(row.site, key, "report", fetched, context)
        yield from self._beside(row, known, fetched)

    def _pass_by(
        self, row: Site, walk: ListWalk, platform: Platform, documents: list[FoundLink]
    ) -> Iterator[Request]:
        """Reports of years that are not wanted, looked at all the same where they alone name those that are."""
        wanted = self.plan.years
        if not platform.chained or not wanted:
            return
        for document in documents:
            if platform.year_of(document.url) not in (None, *wanted):
                yield from self.enter(
                    row,
                    ListWalk(
                        document.url, document.title, row.site, depth=walk.depth, annual=True, unit=walk.unit
                    ),
                )

    def _keep_list(self, row: Site, walk: ListWalk, fetched: Fetched, *, kind: str = "list") -> None:
        if self.session is None:
            return
        context = self.session.context(row, fetched.final_url, None, walk.label)
        stored = self.session.keep(fetched, kind, context=context)
        if walk.snapshot_id is None:
            walk.snapshot_id, walk.sha256 = stored.id, stored.sha256
            self.session.saw(row, stored.sha256, canonical(fetched.url))

    def _remember(self, row: Site, walk: ListWalk, platform: Platform, documents: list[FoundLink]) -> None:
        walk.links += len(documents)
        if self.session is not None and documents:
            self.session.found(
                row, walk.url, walk.unit or walk.label, self.as_links(row, platform, documents)
            )
