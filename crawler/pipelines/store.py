"""Transaction 2: the reading is in the archive and the link is closed, or kept as work still to do."""

from __future__ import annotations

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

    def process_item(self, item: Page) -> Page:
        """Store the reading."""
        session = session_of(self.crawler)
        assert (
            session is not None and item.snapshot_id is not None and item.reading is not None and item.doc_key
        )
        item.outcome = session.archive.readings.store(
            item.snapshot_id,
            item.reading,
            doc_key=item.doc_key,
            site=item.site,
            url=item.url,
            now=clock.now(),
        )
        session.read(item)
        return item
