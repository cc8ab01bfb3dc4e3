"""robots.txt as RFC 9309 says: rules are obeyed, a 4xx means that there are none, a 5xx or no answer means: not now."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from archive.report.decode import unpack
from archive.store import ArchiveError
from crawler.middlewares.capture import FETCHED, ROBOTS
from crawler.middlewares.shared import site_of
from crawler.trouble import Refused

logger = logging.getLogger(__name__)

TOKEN = "gongkai"
"""The product token by which robots.txt may address us."""
MAX_BYTES = 512_000
"""How much of a robots.txt is read; RFC 9309 asks for 500 kibibytes at least, and for a limit."""

NOT_ASKED = frozenset({"host_closed", "window_closed", "daily_cap"})
"""Reasons for which robots.txt was not asked for at all."""

Rule = Callable[[str], str | None]
"""From an address to the reason why it must not be asked, or ``None``."""


class RobotsMiddleware:
    """Asks once a run for each scheme, host and port, and keeps the answer as a snapshot (by the capture)."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._rules: dict[str, asyncio.Future[Rule]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        """The middleware of that crawler."""
        return cls(crawler)

    async def process_request(self, request: Request) -> Response | None:
        """Raise ``Refused`` if the host's robots.txt, or the lack of an answer, says so."""
        if request.meta.get(ROBOTS):
            return None
        site = site_of(self.crawler, request)
        if site is not None and not site.obeys_robots:
            return None
        rule = await self._rule(request)
        reason = rule(request.url)
        if reason is not None:
            # A rule is an answer about this page; silence is not, so the page stays due.
            raise Refused(reason, f"{request.url}: {reason}", asked=reason == "robots")
        return None

    async def _rule(self, request: Request) -> Rule:
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules:
            future = self._rules[origin] = asyncio.get_running_loop().create_future()
            rule: Rule = _unreachable
            try:
                rule = await self._ask(origin, request)
            finally:
                # Whatever happened: everybody else on this host waits for it.
                future.set_result(rule)
        return await self._rules[origin]

    async def _ask(self, origin: str, request: Request) -> Rule:
        asking = Request(
            f"{origin}/robots.txt", callback=NO_CALLBACK, priority=1000, dont_filter=True, meta={ROBOTS: True},
            cb_kwargs={"site": request.cb_kwargs.get("site")}, headers={"Accept-Encoding": "identity"},
        )  # fmt: skip
        assert self.crawler.engine is not None
        try:
            response = await self.crawler.engine.download_async(asking)
            return rule_of(response.status, _body(response))
        except ArchiveError:
            raise  # the answer could not be kept: no trouble of the host
        except Refused as error:
            # Sent on to a host that is none of ours, or the host is closed: there is no answer.
            logger.info("%s/robots.txt: %s", origin, error)
            silence = error.reason if error.reason in NOT_ASKED else "robots_unreachable"
            return lambda _: silence
        except Exception as error:
            logger.info("%s/robots.txt: no answer (%s)", origin, type(error).__name__)
            return _unreachable


def rule_of(status: int, body: bytes) -> Rule:
    """What an answer to the request for robots.txt allows."""
    if status >= 500 or status == 429:
        return _unreachable
    if not 200 <= status < 300:
        return lambda _: None
    parser = Protego.parse(body[:MAX_BYTES].decode("utf-8-sig", "replace"))
    return lambda url: None if parser.can_fetch(url, TOKEN) else "robots"


def _unreachable(_: str) -> str:
    return "robots_unreachable"


def _body(response: Response) -> bytes:
    fetched = response.meta[FETCHED]
    return unpack(fetched.body, fetched.headers).body
