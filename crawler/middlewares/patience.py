"""A host that refuses is left in peace: closed for this run after some refusals in a row, or when it asks for time."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from scrapy.http import Response

from crawler.middlewares.capture import ROBOTS
from crawler.sites.hosts import Host, host_of, written
from crawler.trouble import REFUSALS, Refused, by_status, reason_of

logger = logging.getLogger(__name__)

NO_ANSWER = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    OSError,
)


class PatienceMiddleware:
    """Counts refusals and missing answers of each host, and obeys ``Retry-After``.

    One dead host must not stop the others, so it is the host that is closed, not the crawl. Its links stay due.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.limit = crawler.settings.getint("GONGKAI_HOST_REFUSALS")
        self.patience = crawler.settings.getfloat("GONGKAI_RETRY_AFTER_MAX")
        self.refusals: Counter[Host] = Counter()
        self.closed: dict[Host, str] = {}
        self.causes: dict[Host, str] = {}
        """The failure class of each host's last refusal."""
        self._before: dict[Host, int] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PatienceMiddleware:
        """The middleware of that crawler."""
        return cls(crawler)

    def process_request(self, request: Request) -> Response | None:
        """Raise ``Refused`` for a host that is closed for this run."""
        host = host_of(request.url)
        if host in self.closed:
            if request.meta.get("retry_times") and host in self.causes:
                # It was asked once, and failed of what the host was closed for.
                raise Refused(self.causes[host], f"{written(host)}: {self.closed[host]}", asked=True)
            raise Refused("host_closed", f"{written(host)} is closed for this run: {self.closed[host]}")
        return None

    def process_response(self, request: Request, response: Response) -> Response:
        """Count a refusal; any other answer shows that the host is well."""
        host = host_of(request.url)
        assert host is not None
        self._wait(host, request, response)
        if response.status == 429 and b"Retry-After" not in response.headers:
            self._close(host, "said that we ask too much (HTTP 429)")
        if request.meta.get(ROBOTS) and response.status < 500:
            return response  # that there are no rules, or that they are not for us, is no refusal of pages
        if response.status in REFUSALS or response.status >= 500:
            self.causes[host] = by_status(response.status)
            self.refused(host, f"HTTP {response.status}")
        else:
            self._before[host], self.refusals[host] = self.refusals[host], 0
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Count a missing answer."""
        host = host_of(request.url)
        if host is not None and isinstance(exception, NO_ANSWER):
            self.causes[host] = reason_of(exception)
            self.refused(host, type(exception).__name__)

    def refused_after_all(self, host: Host, how: str) -> None:
        """The answer just let through turns out to be a refusal in the shape of a page."""
        self.refusals[host] = self._before.pop(host, 0)
        self.refused(host, how)

    def refused(self, host: Host, how: str) -> None:
        """Count one refusal, and close the host when it is one too many."""
        self.refusals[host] += 1
        if self.refusals[host] >= self.limit:
            self._close(host, f"{self.limit} refusals in a row, the last one {how}")

    def _wait(self, host: Host, request: Request, response: Response) -> None:
        """``Retry-After``: a short wait slows the installation's slot, a long one closes the host for this run."""
        seconds = retry_after(response.headers.get(b"Retry-After"), datetime.now(UTC))
        if seconds is None or response.status < 300:
            return
        # It said when to come back; coming back at once would be rude.
        request.meta["dont_retry"] = True
        if seconds > self.patience:
            self._close(host, f"asked us to come back in {seconds:.0f} s")
            return
        assert self.crawler.engine is not None
        slots = self.crawler.engine.downloader.slots
        slot = slots.get(request.meta.get("download_slot", ""))
        if slot is not None:
            slot.delay = max(slot.delay, seconds)

    def _close(self, host: Host, why: str) -> None:
        if host not in self.closed:
            logger.warning("%s is closed for this run: %s", written(host), why)
            self.closed[host] = why


def retry_after(value: bytes | None, now: datetime) -> float | None:
    """The seconds that a ``Retry-After`` header asks for, as a number or as a date; ``None`` if it cannot be read."""
    text = (value or b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
