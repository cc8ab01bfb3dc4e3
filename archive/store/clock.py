"""Times as the archive writes them: UTC, ISO 8601 with ``Z``, to the second, so that text order is time order.

And the one idea of "today" where a day is meant and no moment: the portals' day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

FORMAT = "%Y-%m-%dT%H:%M:%SZ"
CHINA = timezone(timedelta(hours=8))
"""The clock of the portals and of the regulation, whatever this machine's is; China knows no summer time."""


def now() -> str:
    """This moment."""
    return datetime.now(UTC).strftime(FORMAT)


def china_day(moment: datetime | None = None) -> date:
    """The day in China at a moment with a zone, by default now: on it reports fall due, and days are counted."""
    return (moment or datetime.now(UTC)).astimezone(CHINA).date()


def later(moment: str, delay: timedelta) -> str:
    """The moment that much later."""
    return (parse(moment) + delay).strftime(FORMAT)


def parse(moment: str) -> datetime:
    """A moment as written here, or any ISO 8601 time with a zone. Raises ``ValueError``."""
    return datetime.fromisoformat(moment).astimezone(UTC)
