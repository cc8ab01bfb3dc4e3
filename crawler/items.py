"""What flows through the pipelines."""

from __future__ import annotations

from dataclasses import dataclass

from archive.report.document import Document
from archive.report.model import Context, Report
from archive.store.prepared import Prepared


@dataclass(slots=True)
class Page:
    """One response as received, on its way into the archive.

    The spider fills the first block. ``snapshot`` adds ``snapshot_id``, ``body`` the document, ``tables`` the reading
    (or ``body`` both in one, where a reader process does it), ``store`` the outcome. ``kind`` is that of the table ``snapshot``; only ``report`` and ``attachment`` are read.
    ``body`` holds the bytes after transfer decoding and before content decoding; ``headers`` is a list of pairs.
    """

    site: str
    doc_key: str | None
    kind: str
    url: str
    final_url: str
    status: int
    fetched_at: str
    body: bytes
    headers: list[tuple[str, str]]
    context: Context
    # filled on the way
    snapshot_id: int | None = None
    document: Document | None = None
    reading: Prepared | None = None
    outcome: str | None = None
    """new | changed | unchanged | unplaced | failed"""

    @property
    def report(self) -> Report | None:
        """What was understood of it so far."""
        return self.reading.report if self.reading is not None else None
