"""Only hosts and ports of the registry are asked: after redirects, after retries, whatever ``dont_filter`` says."""

from __future__ import annotations

import logging

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.sites import Registry
from crawler.sites.hosts import host_of, is_loopback
from crawler.trouble import Refused

logger = logging.getLogger(__name__)


class HostsMiddleware:
    """The allow-list. Every request passes here, those that other middlewares make included."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.contact = bool(crawler.settings.get("GONGKAI_CONTACT"))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> HostsMiddleware:
        """The middleware of that crawler."""
        return cls(crawler)

    def process_request(self, request: Request) -> Response | None:
        """Raise ``Refused`` for a host that is in no enabled row, and without a contact for any but this machine."""
        assert self.crawler.spider is not None
        registry: Registry = self.crawler.spider.registry  # type: ignore[attr-defined]
        host = host_of(request.url)
        if host is None or host not in registry.installations:
            # Logged without the address's query: it may hold what is nobody's business.
            logger.info("Not asked, its host is in no enabled row: %s", request.url.partition("?")[0])
            sent_there = "redirect_urls" in request.meta
            raise Refused("moved", f"{request.url}: its host is in no enabled row", asked=sent_there)
        if not self.contact and not is_loopback(host[0]):
            raise Refused("no_contact", "GONGKAI_CONTACT is not set")
        return None
