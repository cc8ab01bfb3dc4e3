"""What stays out of everything published: what was withheld by decision, and what is not yet ripe to be told.

Every way out (exports, WARC, ``publish``) asks here, so that none can forget. Decisions stand in the table ``withheld``
(``archive.store.withheld`` says what they cover; of whatever level, nothing of their targets goes out);
ripeness follows the fairness rule of the project: what compares one body's report with another's, and "not found", is
told only when a person has confirmed it or it has stood for ``RIPE_DAYS`` days.
"""

from __future__ import annotations

import sqlite3

from archive.store.across.published import RIPE_DAYS, told
from archive.store.errors import ArchiveError
from archive.store.withheld import TARGETS, reports, snapshots

__all__ = ["RIPE_DAYS", "TARGETS", "findings", "refuse_unknown", "reports", "snapshots", "unripe_absence"]


def refuse_unknown(conn: sqlite3.Connection) -> None:
    """Raise ``ArchiveError`` if a decision is about something this program does not know: it could not honour it."""
    unknown = conn.execute(
        f"SELECT target_type, target_key FROM withheld WHERE target_type NOT IN ({', '.join('?' * len(TARGETS))}) LIMIT 1",
        TARGETS,
    ).fetchone()
    if unknown:
        raise ArchiveError(
            f"the table withheld names a {unknown[0]!r} ({unknown[1]}), which this version cannot withhold; "
            "nothing is published before that is put right"
        )


def findings(today: str) -> str:
    """SQL: ids of the findings that are not told on that day (``YYYY-MM-DD``): withheld, dismissed, or not yet ripe."""
    return f"SELECT f.id FROM finding f WHERE NOT coalesce({told(repr(today))}, 0)"


def unripe_absence(coverage: str, today: str) -> str:
    """SQL: whether a row of the view ``coverage`` says "not found" and the first look that it rests on is too recent."""
    return (
        f"({coverage}.state = 'not_found'"
        f" AND coalesce(date({coverage}.first_check, '+{RIPE_DAYS} days') > date('{today}'), 1))"
    )
