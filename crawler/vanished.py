"""Reports that answer no more: their page is not found, or leads home. Told once, kept as work, taken back if they return.

A report that lists no longer show is the frontier's business (``Frontier.gone``); here it is the page itself that says so.
The link stays to be asked again with growing intervals: portals move things, and bring them back.
"""

from __future__ import annotations

from archive.store import Archive
from archive.store.connection import transaction

REASONS = frozenset({"not_found", "moved", "soft_404"})
"""Answers that say that a page is no more."""

_REPORTS = """
UPDATE report SET gone_on = (
    SELECT iif(count(*) = count(d.gone_on), max(d.gone_on), NULL)
    FROM publication p JOIN document d ON d.doc_key = p.doc_key WHERE p.report_id = report.id
) WHERE id IN (SELECT report_id FROM publication WHERE doc_key = ?)
"""


def all_gone(archive: Archive, site: str) -> set[str]:
    """The site's documents that are gone as far as is known."""
    rows = archive.conn.execute("SELECT doc_key FROM document WHERE site = ? AND gone_on IS NOT NULL", [site])
    return {row[0] for row in rows}


def mark(archive: Archive, doc_key: str, day: str | None) -> bool:
    """Note the day on which a document went, or with ``None`` that it is back. Whether that is news.

    A report is gone when every document that carries it is. A link that was never a document cannot vanish.
    """
    with transaction(archive.db) as conn:
        changed = conn.execute(
            "UPDATE document SET gone_on = ? WHERE doc_key = ? AND (gone_on IS NULL) <> (? IS NULL)",
            [day, doc_key, day],
        ).rowcount
        if changed:
            conn.execute(_REPORTS, [doc_key])
    return bool(changed)
