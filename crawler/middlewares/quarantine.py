"""A page is not a list because it answered 200: block pages, challenges and soft 404s become errors, kept as evidence.

Nothing is solved or worked around; a page that says nothing and names another address is a redirect, and followed. What such pages look like is the business of ``archive.report.trouble``; reports go
through the whole reader anyway, so here only lists are looked at, and answers too short to be a report.
"""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from archive.report.model import Context
from archive.report.read import take_apart
from archive.store.snapshots import PAGES
from crawler.middlewares.capture import FETCHED, ROBOTS, keep
from crawler.middlewares.patience import PatienceMiddleware
from crawler.platforms.base import canonical, is_home
from crawler.sites.hosts import host_of
from crawler.spiders.looking import leads_away, sent_to, text_of
from crawler.trouble import Refused, by_status

LIST_BYTES = 64_000
REPORT_BYTES = 8_000
"""Sizes above which a list, or a report, is not looked at: block pages are short."""
NO_PAGE = frozenset({"blocked", "challenge", "soft_404", "login"})


class QuarantineMiddleware:
    """Between the network and the spider."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> QuarantineMiddleware:
        """The middleware of that crawler."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """Raise ``Refused`` for what only looks like an answer, with what it is as the failure class."""
        if request.meta.get(ROBOTS):
            return response
        if 200 <= response.status < 300 and response.status not in PAGES:
            # Kept by the capture. What says "accepted", or nothing, is no page; firewalls say so to a script.
            self._count(response, by_status(response.status))
            raise Refused(by_status(response.status), f"{response.url}: HTTP {response.status}", asked=True)
        most = REPORT_BYTES if "link" in request.cb_kwargs else LIST_BYTES
        if response.status not in PAGES or len(response.body) > most:
            return response
        fetched = request.meta[FETCHED]
        trouble = take_apart(fetched.body, fetched.headers, Context(url=fetched.final_url)).trouble
        if trouble not in NO_PAGE and leads_away(text := text_of(fetched)):
            following = self._following(request, sent_to(fetched.final_url, text))
            if following is not None:
                keep(self.crawler, request, fetched, "redirect")
                return following
            trouble = "moved" if "link" in request.cb_kwargs else trouble
        if trouble not in NO_PAGE | {"moved"}:
            return response
        keep(self.crawler, request, fetched, "error")
        if trouble not in ("soft_404", "moved"):
            self._count(response, str(trouble))
        raise Refused(str(trouble), f"{response.url}: {trouble}", asked=True)

    def _following(self, request: Request, target: str | None) -> Request | None:
        """The request for where a page without a word of its own sends its reader; not home, and not round and round."""
        passed = [*request.meta.get("redirect_urls", []), request.url]
        if target is None or is_home(target) or canonical(target) in map(canonical, passed):
            return None
        if len(passed) > self.crawler.settings.getint("REDIRECT_MAX_TIMES"):
            return None
        return request.replace(url=target, dont_filter=True, meta=request.meta | {"redirect_urls": passed})

    def _count(self, response: Response, trouble: str) -> None:
        host = host_of(response.url)
        patience = self.crawler.get_downloader_middleware(PatienceMiddleware)
        if host is not None and patience is not None:
            patience.refused_after_all(host, f"a page that is no page ({trouble})")
