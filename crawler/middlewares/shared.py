"""What every middleware needs: the run and the row that a request belongs to."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.allowance import Allowance
from crawler.session import Session
from crawler.sites import Site


def session_of(crawler: Crawler) -> Session | None:
    """The run of that crawler; ``None`` where a spider is used without one (in a shell, in a probe)."""
    return getattr(crawler.spider, "session", None)


def allowance_of(crawler: Crawler) -> Allowance | None:
    """What that crawler may still ask: its run's allowance, or its own where it has no run (a probe)."""
    session = session_of(crawler)
    return session.allowance if session is not None else getattr(crawler.spider, "allowance", None)


def site_of(crawler: Crawler, request: Request) -> Site | None:
    """The row a request was made for; ``None`` for a request that no row asked for."""
    name = request.cb_kwargs.get("site")
    sites: dict[str, Site] = getattr(crawler.spider, "sites", {})
    return sites.get(name) if isinstance(name, str) else None
