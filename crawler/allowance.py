"""When, and how often, an installation may be asked: a window of the night and a number of requests a day.

Both are an operator's promise to the portals, so they hold over processes and archives: the day's count of each
installation lies in the state folder, beside its lock, which its holder alone may touch.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from archive.store import clock
from crawler.locks import folder

WRITE_EVERY = 20
"""Requests after which the day's count is written; a kill forgets fewer than these."""


class AllowanceError(ValueError):
    """A window, a cap, a delay or a contact that cannot be understood; one clear line."""


@dataclass(frozen=True, slots=True)
class Window:
    """From a time of day to another, over midnight or not. The last minute is no part of it."""

    begins: time
    ends: time

    @classmethod
    def parse(cls, text: str) -> Window | None:
        """``22:00-06:00``; ``None`` for an empty text. Raises ``AllowanceError``."""
        if not text.strip():
            return None
        match = re.fullmatch(r"\s*(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)\s*", text)
        try:
            if match is None:
                raise ValueError
            hours = [int(n) for n in match.groups()]
            return cls(time(hours[0], hours[1]), time(hours[2] % 24, hours[3]))
        except ValueError:
            raise AllowanceError(f"GONGKAI_WINDOW {text!r} is no window of the day (22:00-06:00)") from None

    def is_open(self, moment: datetime) -> bool:
        """Whether that moment, on the portals' clock, lies in the window."""
        now = moment.astimezone(clock.CHINA).time()
        if self.begins <= self.ends:
            return self.begins <= now < self.ends
        return now >= self.begins or now < self.ends

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}-{self.ends:%H:%M} (UTC+8)"


@dataclass
class Allowance:
    """What may still be asked now. ``cap`` is the number of requests a day to each installation; 0: as many as needed."""

    window: Window | None = None
    cap: int = 0
    _counts: dict[str, tuple[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, window: str, cap: str | int) -> Allowance:
        """From the settings ``GONGKAI_WINDOW`` and ``GONGKAI_DAILY_CAP``. Raises ``AllowanceError``."""
        text = str(cap or "0").strip()
        if not (text.isascii() and text.isdigit()):
            raise AllowanceError(f"GONGKAI_DAILY_CAP {cap!r} is no number of requests")
        return cls(Window.parse(window), int(text))

    @classmethod
    def of_settings(cls, settings: Any) -> Allowance:
        """From Scrapy's settings. Raises ``AllowanceError`` for anything in the environment that cannot be understood."""
        for complaint in settings.get("GONGKAI_COMPLAINTS") or ():
            raise AllowanceError(complaint)
        return cls.of(settings.get("GONGKAI_WINDOW") or "", settings.get("GONGKAI_DAILY_CAP") or 0)

    def refusal(self, installation: str, now: datetime) -> str | None:
        """The failure class for a request that must wait: ``window_closed``, ``daily_cap``; ``None``: it may go, and counts."""
        if self.window is not None and not self.window.is_open(now):
            return "window_closed"
        if not self.cap:
            return None
        today = clock.china_day(now).isoformat()
        day, count = self._counts.get(installation) or _stored(installation)
        if day != today:
            day, count = today, 0
        if count >= self.cap:
            return "daily_cap"
        self._counts[installation] = (day, count + 1)
        if (count + 1) % WRITE_EVERY == 0:
            _store(installation, day, count + 1)
        return None

    def close(self) -> None:
        """Write the counts down."""
        for installation, (day, count) in self._counts.items():
            _store(installation, day, count)


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def _path(installation: str) -> Path:
    return folder() / (re.sub(r"[^\w.-]", "_", installation) + ".count")


def _stored(installation: str) -> tuple[str, int]:
    try:
        kept = json.loads(_path(installation).read_text("utf-8"))
        return str(kept["day"]), int(kept["requests"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", 0


def _store(installation: str, day: str, requests: int) -> None:
    path = _path(installation)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    part.write_text(json.dumps({"day": day, "requests": requests}), "utf-8")
    part.replace(path)
