"""What may be told outside: the view ``published_finding``.

Fairness to those reported on: what compares a report with others is told when a person has confirmed it, or when it has
stood for ``RIPE_DAYS`` days, in which its agency's page or our reading may be put right. "Not found" waits as long
(``archive.publish.withheld.unripe_absence``).
"""

from __future__ import annotations

from archive.store import withheld

RIPE_DAYS = 14
"""How long an unconfirmed comparison stays inside."""


def published_finding() -> str:
    """The SELECT of the view: findings not dismissed, not withheld, and ripe."""
    return f"""SELECT f.* FROM finding f
WHERE f.status <> 'dismissed'
    AND (f.origin <> 'comparison' OR f.status = 'confirmed' OR date(f.first_seen, '+{RIPE_DAYS} days') <= date('now'))
    AND f.report_id NOT IN ({withheld.reports()})
    AND (f.other_report_id IS NULL OR f.other_report_id NOT IN ({withheld.reports()}))
    AND NOT EXISTS (SELECT 1 FROM withheld w WHERE w.target_type = 'finding' AND w.target_key = f.key)"""
