"""What may be told outside: the view ``published_finding``.

Fairness to those reported on: what compares a report with others is told when a person has confirmed it, or when it has
stood for ``RIPE_DAYS`` days, in which its agency's page or our reading may be put right. "Not found" waits as long
(``archive.publish.withheld.unripe_absence``).
"""

from __future__ import annotations

from archive.store import withheld

RIPE_DAYS = 14
"""How long an unconfirmed comparison stays inside."""


def told(today: str = "date('now')") -> str:
    """SQL: whether the finding ``f`` may be told on that day: not dismissed, not withheld, and ripe.

    A finding is withheld with its report, and with the other report that it quotes.
    """
    return f"""(f.status <> 'dismissed'
    AND (f.origin <> 'comparison' OR f.status = 'confirmed' OR date(f.first_seen, '+{RIPE_DAYS} days') <= {today})
    AND f.report_id NOT IN ({withheld.reports()})
    AND (f.other_report_id IS NULL OR f.other_report_id NOT IN ({withheld.reports()}))
    AND NOT EXISTS (SELECT 1 FROM withheld w WHERE w.target_type = 'finding' AND w.target_key = f.key))"""


def published_finding() -> str:
    """The SELECT of the view."""
    return f"SELECT f.* FROM finding f\nWHERE {told()}"
