"""One download slot for each installation, so that 40 portals of one publishing system are asked at one rate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.sites import Registry, Site
from crawler.sites.hosts import host_of

CONCURRENCY = 4
MINIMUM_DELAY = 1.0
"""Seconds between two requests to an installation of real hosts, whatever the environment says."""


class SlotsMiddleware:
    """Overwrites the slot from the host: robots.txt requests carry none, and redirected ones the one of where they began."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SlotsMiddleware:
        """The middleware of that crawler."""
        return cls(crawler)

    def process_request(self, request: Request) -> Response | None:
        """Put the request into the slot of its host's installation."""
        assert self.crawler.spider is not None
        registry: Registry = self.crawler.spider.registry  # type: ignore[attr-defined]
        host = host_of(request.url)
        if host is not None and host in registry.installations:
            request.meta["download_slot"] = registry.installations[host]
        return None


def download_slots(sites: Iterable[Site], delay: float) -> dict[str, dict[str, Any]]:
    """The setting ``DOWNLOAD_SLOTS``: a slot for each installation. Below one second only where all is this machine."""
    local: dict[str, bool] = {}
    for site in sites:
        if site.enabled:
            local[site.installation] = local.get(site.installation, True) and site.is_loopback
    return {
        name: {
            "concurrency": CONCURRENCY,
            "delay": delay if loopback else max(delay, MINIMUM_DELAY),
            "jitter": 0,
        }
        for name, loopback in local.items()
    }
