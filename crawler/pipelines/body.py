"""Decode the page and take it apart; HTML below the size cap here, everything else in a killable subprocess."""

from __future__ import annotations

from archive.sandbox import take_apart_safely_async
from crawler.items import Page


class BodyPipeline:
    """Sets ``document``. Never raises: what goes wrong is the document's trouble, and the page goes on."""

    async def process_item(self, item: Page) -> Page:
        """Take the page apart."""
        item.document = await take_apart_safely_async(item.body, item.headers, item.context)
        return item
