"""Parts crawled by workers wherever they run: sent by Celery, brought back through the exchange, sent again if lost."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from celery.exceptions import OperationalError as EngineError
from kombu.exceptions import OperationalError as TransportError
from redis.exceptions import RedisError

from crawler import console
from crawler.fleet.attempt import told_environment
from crawler.fleet.broker import BrokenError, Exchange, TooLargeError, announced, connect_patiently
from crawler.fleet.night import Night
from crawler.fleet.parts import Part, lost
from crawler.fleet.tasks import QUEUE, application
from crawler.tool import tool

TROUBLE = (RedisError, EngineError, TransportError, ConnectionError, TimeoutError)
"""What a broker that is away raises, whoever asks it. A full disk here is none of it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How patient a run is. ``out`` bounds what lies in the broker at a time: seeds sent, results not fetched."""

    out: int = 64
    lease: float = 30.0
    poll: float = 0.5
    attempts: int = 8
    hours: float = 20.0


class Workers:
    """Sends the parts of a run to workers and takes back what they bring."""

    def __init__(self, url: str, terms: Terms | None = None) -> None:
        self._terms = terms or Terms()
        self._redis = connect_patiently(url)
        self._app = application(url)
        self._sent: dict[str, float] = {}  # when each part that is out was sent, or last seen to be crawled
        self._silent_since = time.monotonic()
        self._away = False

    def work(self, night: Night) -> None:
        """Until every part is back, or the night is over: then what is left is told as not crawled.

        Raises ``KeyboardInterrupt`` after it has told the workers to stop.
        """
        exchange = Exchange(self._redis, night.key)
        until = time.monotonic() + self._terms.hours * 3600
        try:
            while night.left and time.monotonic() < until:
                try:
                    self._round(night, exchange)
                    self._back()
                except TROUBLE as error:
                    self._gone(error)
                time.sleep(self._terms.poll)
        except KeyboardInterrupt:
            self._close(exchange)
            raise
        self._close(exchange)

    def _close(self, exchange: Exchange) -> None:
        """The run is over: its tasks are dropped, and whoever still crawls stops."""
        try:
            exchange.forget()
        except TROUBLE as error:
            self._gone(error)

    def _round(self, night: Night, exchange: Exchange) -> None:
        exchange.keep_open()
        for line in exchange.complaints():
            console.say(line)
        for part in night.left:
            self._fetch(night, part, exchange)
        left = night.left
        busy = {part.installation for part in left if exchange.is_held(part.installation)}
        queued = int(self._redis.llen(QUEUE))
        self._send(night, left, busy, queued, exchange)
        self._mind(left, busy, queued)

    def _fetch(self, night: Night, part: Part, exchange: Exchange) -> None:
        """Take a part's result if it is there."""
        said = exchange.said("result", part.file)
        if said is None:
            return
        path = night.folder / f"{part.file}.result.db"
        try:
            found = exchange.get("result", part.file, path)
        except BrokenError as error:
            console.say(f"{error}; crawled again")
            exchange.drop("result", part.file, wholly=True)
            return
        night.take(part, said, path if found else None)
        exchange.drop("result", part.file)
        exchange.drop("seed", part.file, wholly=True)
        self._sent.pop(part.installation, None)
        self._silent_since = time.monotonic()

    def _send(self, night: Night, left: list[Part], busy: set[str], queued: int, exchange: Exchange) -> None:
        """Send parts for the first time, as many as may be out; and again what nobody has and no queue holds."""
        now = time.monotonic()
        for part in left:
            name = part.installation
            last = self._sent.get(name)
            if name in busy:
                self._sent[name] = now
                continue
            fresh = last is None and len(self._sent) < self._terms.out
            # Nobody has it and no queue holds it: whoever had it is dead. If he is only slow, his lease or result tells.
            again = last is not None and not queued and now - last > self._terms.lease / 2
            if not fresh and not again:
                continue
            try:
                self._post(night, part, exchange)
            except TooLargeError as error:
                night.take(part, lost(part, "error", str(error)), None)
                continue
            self._sent[name] = now

    def _post(self, night: Night, part: Part, exchange: Exchange) -> None:
        if exchange.said("seed", part.file) is None:
            path = night.folder / f"{part.file}.seed.db"
            night.seed(part, path)
            exchange.put("seed", part.file, path, {})
            path.unlink()
        job: dict[str, Any] = {
            "run": night.key, "part": part.as_dict(), "lease": self._terms.lease,
            "attempts": self._terms.attempts, "environment": told_environment(),
        }  # fmt: skip
        self._app.send_task(
            "gongkai.crawl", args=[job], queue=QUEUE, retry=False, argsrepr=f"({part.installation})"
        )

    def _mind(self, left: list[Part], busy: set[str], queued: int) -> None:
        """Say it when parts wait and nobody works on any."""
        if busy or not left or not queued:
            self._silent_since = time.monotonic()
        elif time.monotonic() - self._silent_since > 60:
            self._silent_since = time.monotonic()
            others = ", ".join(
                f"{node} {its}" for node, its in announced(self._redis).items() if its != tool()
            )
            console.say(
                f"{queued} installations wait and no worker of {tool()} takes one: is `gongkai worker` running on this"
                " broker?" + (f" There are others: {others}" if others else "")
            )

    def _gone(self, error: Exception) -> None:
        if not self._away:
            console.say(f"the broker is away ({type(error).__name__}); waiting for it, nothing is lost")
        self._away = True

    def _back(self) -> None:
        if self._away:
            console.say("the broker is there again")
        self._away = False
