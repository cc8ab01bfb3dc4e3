"""Parts crawled by processes of this machine, so many at a time."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path
from types import FrameType

from crawler import console
from crawler.fleet.attempt import Attempt, DiedError, beat_of, patience_of
from crawler.fleet.night import Night
from crawler.fleet.parts import Part, lost

LEASE = 20.0
ATTEMPTS = 3
"""How often a part is begun whose process dies, before it is told as a fault of ours."""
LOCKED_WAIT = 30.0
LOCKED_TRIES = 20


class Processes:
    """So many children at a time, each with a seed of its own in the run's folder."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._running: dict[str, Attempt] = {}
        self._tries: dict[str, int] = {}
        self._not_before: dict[str, float] = {}
        self._stop = threading.Event()

    def work(self, night: Night) -> None:
        """Crawl what is left of the night. Raises ``KeyboardInterrupt`` after the children have ended, if asked to stop."""
        before = {
            number: signal.signal(number, self._asked_to_stop) for number in (signal.SIGINT, signal.SIGTERM)
        }
        over = threading.Event()
        # Beside the loop: merging a large part must not let the others die unvouched for.
        threading.Thread(target=self._vouch, args=(over,), daemon=True).start()
        try:
            while night.left:
                if self._stop.is_set() and not self._running:
                    raise KeyboardInterrupt
                self._begin(night)
                time.sleep(0.05 if self._running else 0.5)
                self._tend(night)
        finally:
            over.set()
            for attempt in self._running.values():
                attempt.kill()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _vouch(self, over: threading.Event) -> None:
        while not over.wait(beat_of(LEASE)):
            for attempt in list(self._running.values()):
                attempt.vouch()

    def _asked_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _begin(self, night: Night) -> None:
        for part in night.left:
            if len(self._running) >= self._count or self._stop.is_set():
                return
            if part.installation in self._running or time.monotonic() < self._not_before.get(
                part.installation, 0
            ):
                continue
            path = night.folder / f"{part.file}.db"
            if not path.exists():  # else an earlier process began it
                night.seed(part, path)
            self._running[part.installation] = Attempt(part, path, patience=patience_of(LEASE))

    def _tend(self, night: Night) -> None:
        for installation, attempt in list(self._running.items()):
            if self._stop.is_set():
                attempt.stop()
            if attempt.is_over():
                del self._running[installation]
                self._ended(night, attempt, night.folder / f"{attempt.part.file}.db")

    def _ended(self, night: Night, attempt: Attempt, path: Path) -> None:
        part = attempt.part
        self._tries[part.installation] = self._tries.get(part.installation, 0) + 1
        try:
            said = attempt.result()
        except DiedError as error:
            if self._stop.is_set():
                night.take(part, lost(part, "interrupted"), path)
            elif self._tries[part.installation] >= ATTEMPTS:
                console.say(f"{error}; given up after {ATTEMPTS} attempts")
                night.take(part, lost(part, "error", str(error)), path)
            else:
                console.say(f"{error}; begun again")
            return
        if "locked" in said:
            self._wait(night, part, said["locked"])
            return
        night.take(part, said, path)

    def _wait(self, night: Night, part: Part, why: str) -> None:
        """Somebody else speaks to the installation: its turn comes later, or not in this run."""
        if self._tries[part.installation] == 1:
            console.say(f"{why}; its turn comes later")
        if self._tries[part.installation] > LOCKED_TRIES or self._stop.is_set():
            night.take(part, lost(part, "error", why), None)
        self._not_before[part.installation] = time.monotonic() + LOCKED_WAIT
