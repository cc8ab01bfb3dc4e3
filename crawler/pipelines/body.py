"""Decode the page and take it apart; HTML below the size cap here, everything else in a killable subprocess.

Where pages come fast, reader processes take them apart and understand them, too (``archive.readers``).
"""

from __future__ import annotations

import time
from typing import Self

from scrapy.crawler import Crawler

from archive.readers import Readers
from archive.sandbox import take_apart_safely_async
from crawler.items import Page


class BodyPipeline:
    """Sets ``document``, or ``reading``. Never raises: what goes wrong is the document's trouble, and the page goes on."""

    def __init__(self, readers: int = 0) -> None:
        self.readers = Readers(readers)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The pipeline of that crawler, with as many readers as it may have."""
        return cls(crawler.settings.getint("GONGKAI_READERS"))

    async def process_item(self, item: Page) -> Page:
        """Take the page apart."""
        if self.readers.wanted(time.monotonic()):
            item.reading = await self.readers.read(item.body, item.headers, item.context)
        if item.reading is None:
            item.document = await take_apart_safely_async(item.body, item.headers, item.context)
        return item

    async def close_spider(self) -> None:
        """Nothing is left to read: the readers may end."""
        await self.readers.close()
