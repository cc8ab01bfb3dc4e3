"""Times as the archive writes them: UTC, ISO 8601 with ``Z``, to the second, so that text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def now() -> str:
    """This moment."""
    return datetime.now(UTC).strftime(FORMAT)


def later(moment: str, delay: timedelta) -> str:
    """The moment that much later."""
    return (parse(moment) + delay).strftime(FORMAT)


def parse(moment: str) -> datetime:
    """A moment as written here, or any ISO 8601 time with a zone. Raises ``ValueError``."""
    return datetime.fromisoformat(moment).astimezone(UTC)
