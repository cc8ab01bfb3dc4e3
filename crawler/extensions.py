"""What ties a spider to a run: opens one where plain ``scrapy crawl`` brought none, and judges each site at the end."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from scrapy import Spider, signals
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
        if spider.session is None:
            self.own = spider.session = _open(crawler, spider)
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

    def spider_closed(self, spider: Any, reason: str) -> None:
        """Judge every site of the family."""
        session: Session = spider.session
        for site in spider.chosen:
            verdict = session.judge(site)
            if self.own is not None:
                logger.warning("%s: %s %s %s", site.site, verdict.word, verdict.reason or "", verdict.detail)
        if self.own is not None:
            self.own.close("done" if reason == "finished" else "interrupted")
            self.own = None

    def engine_stopped(self) -> None:
        """Whatever happened: give back the locks."""
        if self.own is not None:
            self.own.close("failed")
            self.own = None


def _open(crawler: Crawler, spider: Any) -> Session:
    settings = crawler.settings
    try:
        return open_session(
            Path(settings["GONGKAI_ARCHIVE"]), spider.registry, spider.chosen, spider.plan,
            command=f"scrapy crawl {spider.name}", contact=settings.get("GONGKAI_CONTACT"),
            allowance=Allowance.of(settings.get("GONGKAI_WINDOW") or "", settings.get("GONGKAI_DAILY_CAP") or 0),
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
        exception: BaseException,  # noqa: ARG002
        response: Response | Failure | None,  # noqa: ARG002
        spider: Spider,  # noqa: ARG002
    ) -> LogFormatterResult:
        """One line for a page that could not be kept or stored."""
        return {"level": logging.ERROR, "msg": "could not store %(url)s", "args": {"url": item.url}}
