"""Understand the document: tables as printed, the form's cells, the facts around them, findings."""

from __future__ import annotations

from archive.report import understand
from crawler.items import Page


class TablesPipeline:
    """Sets ``report``. Never raises: what goes wrong is a finding, and the page goes on."""

    def process_item(self, item: Page) -> Page:
        """Understand the document."""
        assert item.document is not None
        item.report = understand(item.document, item.context)
        return item
