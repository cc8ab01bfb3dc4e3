"""Transaction 2: the reading is in the archive and the link is closed, or kept as work still to do."""

from __future__ import annotations

from functools import partial

from scrapy.crawler import Crawler

from archive.store import clock
from crawler.items import Page
from crawler.middlewares.shared import session_of


class StorePipeline:
    """Sets ``outcome`` and counts it for the site."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StorePipeline:
        """The pipeline of that crawler."""
        return cls(crawler)

    async def process_item(self, item: Page) -> Page:
        """Store the reading."""
        session = session_of(self.crawler)
        assert (
            session is not None and item.snapshot_id is not None and item.reading is not None and item.doc_key
        )
        readings = session.archive.readings
        readings.foresee(item.snapshot_id, doc_key=item.doc_key)
        store = partial(
            readings.store, item.snapshot_id, item.reading, doc_key=item.doc_key, site=item.site, url=item.url,
            now=clock.now(),
        )  # fmt: skip
        item.outcome = await session.group.write(store)
        session.read(item)
        return item
