"""Reports that answer no more: their page is not found, or leads home. Told once, kept as work, taken back if they return.

A report that lists no longer show is the frontier's business (``Frontier.gone``); here it is the page itself that says so.
The link stays to be asked again with growing intervals: portals move things, and bring them back.
"""

from __future__ import annotations

from archive.store import Archive

REASONS = frozenset({"not_found", "moved", "soft_404"})
"""Answers that say that a page is no more."""


def all_gone(archive: Archive, site: str) -> set[str]:
    """The site's documents that are gone as far as is known."""
    rows = archive.conn.execute("SELECT doc_key FROM document WHERE site = ? AND gone_on IS NOT NULL", [site])
    return {row[0] for row in rows}
