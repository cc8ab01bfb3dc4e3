"""Transaction 1: the bytes, headers, time and context of a page are in the archive before anybody looks at them."""

from __future__ import annotations

from scrapy.crawler import Crawler

from crawler.items import Page
from crawler.middlewares.shared import session_of
from crawler.session import Fetched


class SnapshotPipeline:
    """Sets ``snapshot_id``. What goes wrong here stops the page: nothing may be read that is not kept."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SnapshotPipeline:
        """The pipeline of that crawler."""
        return cls(crawler)

    async def process_item(self, item: Page) -> Page:
        """Keep the page."""
        if item.snapshot_id is not None:
            return item  # an earlier run kept it
        session = session_of(self.crawler)
        assert session is not None
        fetched = Fetched(item.url, item.final_url, item.status, item.fetched_at, item.body, item.headers)
        stored = await session.group.write(
            lambda: session.keep(fetched, item.kind, context=item.context, doc_key=item.doc_key)
        )
        item.snapshot_id = stored.id
        return item
