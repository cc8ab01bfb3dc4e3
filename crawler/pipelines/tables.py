"""Understand the document: tables as printed, the form's cells, the facts around them, findings."""

from __future__ import annotations

from archive.report.read import understand
from archive.store.prepared import Prepared
from crawler.items import Page


class TablesPipeline:
    """Sets ``reading``, if no reader process has done so. Never raises: what goes wrong is a finding, and the page goes on."""

    def process_item(self, item: Page) -> Page:
        """Understand the document."""
        if item.reading is None:
            assert item.document is not None
            item.reading = Prepared(understand(item.document, item.context))
        return item
