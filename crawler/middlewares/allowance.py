"""What is left of the night and of the day's requests; and how many requests a site cost."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.allowance import now
from crawler.middlewares.shared import allowance_of, session_of
from crawler.trouble import Refused


class AllowanceMiddleware:
    """Beside the network: retries, redirects and robots.txt are requests too."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AllowanceMiddleware:
        """The middleware of that crawler."""
        return cls(crawler)

    def process_request(self, request: Request) -> Response | None:
        """Raise ``Refused`` when the window has closed, or the day's requests to the installation are used up."""
        allowance = allowance_of(self.crawler)
        if allowance is None:
            return None
        reason = allowance.refusal(request.meta.get("download_slot", ""), now())
        if reason is not None:
            raise Refused(reason, f"{request.url}: {reason}")
        session, site = session_of(self.crawler), request.cb_kwargs.get("site")
        if session is not None and isinstance(site, str):
            session.tallies[site].requests += 1
        return None
