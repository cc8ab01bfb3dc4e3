"""The bytes as sent. What the spider will never see is kept right here: redirects, errors, answers that are retried."""

from __future__ import annotations

from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from archive.store import clock
from archive.store.snapshots import PAGES
from crawler.middlewares.shared import session_of, site_of
from crawler.session import Fetched

FETCHED = "gongkai_fetched"
"""Key in ``request.meta`` under which the spider finds the response as received."""
ROBOTS = "gongkai_robots"
"""Key in ``request.meta`` of requests for robots.txt."""


class CaptureMiddleware:
    """Nearest to the network: sees every answer, and sees it before its content is decoded."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CaptureMiddleware:
        """The middleware of that crawler."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep the answer, or hand it on to be kept as what the spider finds it to be."""
        fetched = Fetched(
            url=(request.meta.get("redirect_urls") or [request.url])[0], final_url=response.url,
            status=response.status, fetched_at=clock.now(), body=response.body, headers=_pairs(response),
            truncated="dataloss" in response.flags,
        )  # fmt: skip
        request.meta[FETCHED] = fetched
        kind = _kind(request, response)
        if kind is not None:
            keep(self.crawler, request, fetched, kind)
        return response


def keep(crawler: Crawler, request: Request, fetched: Fetched, kind: str) -> None:
    """Keep an answer as evidence of that kind, under the document it was asked for."""
    session, site = session_of(crawler), site_of(crawler, request)
    if session is None or site is None:
        return
    link: dict[str, Any] = request.cb_kwargs.get("link") or {}
    context = session.context(site, fetched.final_url, link)
    session.keep(fetched, kind, context=context, doc_key=link.get("doc_key"))


def _kind(request: Request, response: Response) -> str | None:
    """The kind of evidence, ``None`` for what goes on to the spider (pages, and answers to conditional requests)."""
    if request.meta.get(ROBOTS):
        return "robots" if not _redirects(response) else "redirect"
    if response.status in PAGES or response.status == 304:
        return None
    return "redirect" if _redirects(response) else "error"


def _redirects(response: Response) -> bool:
    return 300 <= response.status < 400 and b"Location" in response.headers


def _pairs(response: Response) -> list[tuple[str, str]]:
    """Headers as parsed, one pair for each value. Header bytes are Latin-1 by the letter of HTTP: nothing is lost."""
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    ]
