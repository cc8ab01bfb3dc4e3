"""``scrapy crawl``: as in any Scrapy project, with the messages and exit codes of ``gongkai crawl``."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import Any

from scrapy.commands import crawl
from scrapy.exceptions import UsageError


class Command(crawl.Command):
    """What keeps a crawl from starting is one line and exit code 2, not a traceback; a site that fell short is 1."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run the named spider."""
        if len(args) != 1:
            raise UsageError("name one spider: scrapy crawl district -a site=banan")
        process: Any = self.crawler_process
        try:
            crawler = process.create_crawler(args[0])
        except KeyError:
            raise UsageError(f"no spider {args[0]!r}; see scrapy list", print_help=False) from None
        started: asyncio.Task[None] = process.crawl(crawler, **opts.spargs)
        started.add_done_callback(self._ended)
        process.start()
        session = getattr(crawler.spider, "session", None)
        if session is not None and session.broken is not None:
            self.exitcode = 2
            sys.stderr.write(f"scrapy crawl: {session.broken}\n")
        elif self.exitcode == 0 and session is not None:
            self.exitcode = 0 if all(verdict.well for verdict in session.verdicts.values()) else 1

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        self.exitcode = 2 if isinstance(error, UsageError) else 70
        sys.stderr.write(f"scrapy crawl: {error if isinstance(error, UsageError) else repr(error)}\n")
