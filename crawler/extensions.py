"""What ties a spider to a run: opens one where plain ``scrapy crawl`` brought none, and judges each site at the end."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from pathlib import Path
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured, UsageError
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from twisted.python.failure import Failure

from archive.store import ArchiveError
from crawler.allowance import Allowance, AllowanceError
from crawler.items import Page
from crawler.locks import LockedError
from crawler.session import NotStartedError, Session, open_session

logger = logging.getLogger(__name__)


class RunExtension:
    """Opens the run before the first request, closes it after the last."""

    def __init__(self, crawler: Crawler, spider: Any) -> None:
        self.own: Session | None = None
        self.closing: asyncio.Future[None] | None = None
        if spider.session is None:
            self.own = spider.session = _open(crawler, spider)
        self.crawler = crawler
        crawler.signals.connect(self.spider_error, signal=signals.spider_error)
        crawler.signals.connect(self.item_error, signal=signals.item_error)
        crawler.signals.connect(self.spider_closed, signal=signals.spider_closed)
        crawler.signals.connect(self.engine_stopped, signal=signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RunExtension:
        """The extension of that crawler. Raises ``UsageError`` with one clear line if no run can be opened."""
        spider = crawler.spider
        if (
            spider is None
            or not hasattr(spider, "session")
            or not crawler.settings.getbool("GONGKAI_RUN", True)
        ):
            raise NotConfigured  # a shell, a probe, or a spider that is only looked at
        return cls(crawler, spider)

    def spider_error(self, failure: Failure, response: Response | Failure | None, spider: Any) -> None:
        """A callback crashed: what it was made for is lost in this run, and told. Without a request: all sites are."""
        request = getattr(response, "request", None)
        values: dict[str, Any] = request.cb_kwargs if request is not None else {}
        link: dict[str, Any] = values.get("link") or {}
        sites = [values["site"]] if values.get("site") in spider.sites else list(spider.sites)
        self._crashed(spider, failure.value, sites, walk=values.get("walk"), doc_key=link.get("doc_key"))

    def item_error(self, item: Page, failure: Failure, spider: Any) -> None:
        """A pipeline crashed: the page is lost in this run."""
        self._crashed(spider, failure.value, [item.site], doc_key=item.doc_key)

    def _crashed(self, spider: Any, error: BaseException | None, sites: list[str], **lost: Any) -> None:
        session: Session = spider.session
        session.crashed(error, sites, **lost)
        if session.broken is not None and self.crawler.engine is not None and not self.closing:
            # Nothing more can be kept, so nothing more may be asked for.
            self.closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="archive"))

    def spider_closed(self, spider: Any, reason: str) -> None:
        """Judge every site of the family."""
        session: Session = spider.session
        cut = "error" if reason == "finished" or session.broken is not None else "interrupted"
        try:
            for site in spider.chosen:
                verdict = session.judge(site, cut=cut)
                if self.own is not None:
                    logger.warning(
                        "%s: %s %s %s", site.site, verdict.word, verdict.reason or "", verdict.detail
                    )
        except (ArchiveError, sqlite3.Error) as error:
            session.crashed(error, ())
        if self.own is not None:
            self._close("done" if reason == "finished" else "interrupted")

    def _close(self, status: str) -> None:
        own, self.own = self.own, None
        assert own is not None
        try:
            own.close("failed" if own.broken is not None else status)
        except ArchiveError as error:
            own.crashed(error, ())

    def engine_stopped(self) -> None:
        """Whatever happened: give back the locks."""
        if self.own is not None:
            self._close("failed")


def _open(crawler: Crawler, spider: Any) -> Session:
    settings = crawler.settings
    try:
        return open_session(
            Path(settings["GONGKAI_ARCHIVE"]), spider.registry, spider.chosen, spider.plan,
            command=f"scrapy crawl {spider.name}", contact=settings.get("GONGKAI_CONTACT"),
            allowance=Allowance.of_settings(settings),
        )  # fmt: skip
    except (AllowanceError, ArchiveError, LockedError, NotStartedError) as error:
        raise UsageError(str(error)) from None


class QuietLogFormatter(LogFormatter):
    """Items hold whole pages: what is logged of them is their address. Errors of a spider are told as Scrapy does."""

    def scraped(self, item: Page, response: Response | Failure | None, spider: Spider) -> LogFormatterResult:  # noqa: ARG002
        """One line for a page that went through."""
        return {
            "level": logging.DEBUG,
            "msg": "%(outcome)s %(url)s",
            "args": {"outcome": item.outcome, "url": item.url},
        }

    def item_error(
        self,
        item: Page,
        exception: BaseException,
        response: Response | Failure | None,  # noqa: ARG002
        spider: Spider,  # noqa: ARG002
    ) -> LogFormatterResult:
        """One line for a page that could not be kept or stored."""
        return {"level": _level(exception), "msg": "could not store %(url)s", "args": {"url": item.url}}

    def spider_error(
        self,
        failure: Failure,
        request: Request,
        response: Response | Failure,
        spider: Spider,
    ) -> LogFormatterResult:
        """As Scrapy tells it, but trouble with the archive ends the run and is told there, once."""
        told = super().spider_error(failure, request, response, spider)
        return {**told, "level": _level(failure.value)}

    def download_error(
        self, failure: Failure, request: Request, spider: Spider, errmsg: str | None = None
    ) -> LogFormatterResult:
        """Likewise: what could not be kept was downloaded."""
        told = super().download_error(failure, request, spider, errmsg)
        return {**told, "level": _level(failure.value)}


def _level(error: BaseException | None) -> int:
    return logging.DEBUG if isinstance(error, ArchiveError) else logging.ERROR
