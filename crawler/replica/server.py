"""Serves the portals on loopback: one port for each host, in a thread of its own, for a bounded time."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import gzip
import hashlib
import io
import socket
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from types import TracebackType

from aiohttp import web

from crawler.replica import wire
from crawler.replica.model import INSTALLATION, Answer, Scenario, Truth, Visit
from crawler.replica.portals import build
from crawler.replica.world import Portal, World

LOOPBACK = "127.0.0.1"
COLUMNS = (
    "site", "spider", "platform", "name", "admin_code", "list_url", "options", "first_year", "last_year", "enabled", "note",
)  # fmt: skip
START_SECONDS = 20.0


@dataclass(frozen=True)
class Seen:
    """One request as the replica saw it."""

    at: float
    """Monotonic seconds."""
    host: str
    path: str
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""


class Replica:
    """A running replica of the portals. Use it as a context manager, or call `start` and `stop`.

    ``port`` fixes the first host's port and the others follow it; 0 takes free ones. After ``max_seconds`` it stops
    by itself, so that nothing is left behind by a process that died or a test that hung.
    """

    def __init__(
        self,
        scenario: Scenario | None = None,
        *,
        port: int = 0,
        delay: float = 0.0,
        max_seconds: float = 3600.0,
    ) -> None:
        self.world: World = build(scenario or Scenario())
        self.log: list[Seen] = []
        self.sent: Counter[tuple[str, str]] = Counter()
        """(host, path) -> bytes of bodies that were handed to the network."""
        self.errors: list[str] = []
        """What went wrong in the replica itself; empty if it is right."""
        self._port, self._delay, self._max_seconds = port, delay, max_seconds
        self._ports: dict[str, int] = {}
        self._attempts: Counter[tuple[str, str]] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._done: asyncio.Event | None = None
        self._ready = threading.Event()
        self._failure: OSError | None = None
        self._thread: threading.Thread | None = None

    # --- life ------------------------------------------------------------------------------------------------------

    def start(self) -> Replica:
        """Listen on every host's port. Raises ``OSError`` if a port is taken."""
        self._thread = threading.Thread(target=self._run, name="replica", daemon=True)
        self._thread.start()
        if not self._ready.wait(START_SECONDS):
            raise OSError("the replica did not start")
        if self._failure:
            self._thread.join()
            raise self._failure
        return self

    def stop(self) -> None:
        """Close every port and wait until nothing of it runs any more."""
        if self._loop and self._done and not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):  # it may have come to its own end just now
                self._loop.call_soon_threadsafe(self._done.set)
        if self._thread:
            self._thread.join()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it has stopped by itself, or so long."""
        if self._thread:
            self._thread.join(seconds)

    def __enter__(self) -> Replica:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def night(self, number: int) -> None:
        """Show the portals as they are in another night, at the same addresses."""
        self.world = build(self.world.scenario.at_night(number))
        self._attempts.clear()

    # --- what it knows ---------------------------------------------------------------------------------------------

    def base(self, host: str) -> str:
        """``http://127.0.0.1:PORT`` of a host."""
        return f"http://{LOOPBACK}:{self._ports[host]}"

    @property
    def hosts(self) -> dict[str, str]:
        """Name of each host -> its base address."""
        return {host: self.base(host) for host in self._ports}

    def truth(self) -> Truth:
        """What a complete crawl must find tonight."""
        return self.world.truth()

    def registry_csv(self) -> str:
        """A registry (design 5.2) whose rows are the portals that are played here."""
        return registry_csv(self.world, self.hosts)

    # --- at work ---------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._done = asyncio.get_running_loop(), asyncio.Event()
        web_servers: list[web.Server] = []
        listeners: list[asyncio.Server] = []
        idle: list[socket.socket] = []
        try:
            for number, (host, portal) in enumerate(self.world.portals.items()):
                if portal.refuses:  # bound and never listened to: refused, and nobody else can take the port
                    taken = socket.socket()
                    idle.append(taken)
                    taken.bind((LOOPBACK, self._port + number if self._port else 0))
                    self._ports[host] = taken.getsockname()[1]
                    continue
                handler = web.Server(partial(self._handle, host), access_log=None)
                listener = await self._loop.create_server(
                    handler, LOOPBACK, self._port + number if self._port else 0, backlog=256
                )
                web_servers.append(handler)
                listeners.append(listener)
                self._ports[host] = listener.sockets[0].getsockname()[1]
        except OSError as error:
            self._failure = error
        else:
            self._ready.set()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._done.wait(), self._max_seconds)
        finally:
            for listener in listeners:
                listener.close()
            for taken in idle:
                taken.close()
            await asyncio.gather(*(handler.shutdown(0.5) for handler in web_servers))
            self._ready.set()

    async def _handle(self, host: str, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path_qs
        self._attempts[host, path] += 1
        headers = {name.lower(): value for name, value in request.headers.items()}
        query = dict(request.query)
        if request.method == "POST":
            query |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        visit = Visit(self.base, self._attempts[host, path], query, headers)
        try:
            answer = self._answer(self.world.portals[host], request.path, visit)
        except Exception as error:  # a fault of the replica must be seen by its tests, not hang a crawl
            self.errors.append(f"{host}{path}: {error!r}")
            answer = Answer(b"replica error", 500)
        response = _response(answer, request)
        self.log.append(Seen(time.monotonic(), host, path, response.status, headers))
        if self._delay or answer.delay:
            await asyncio.sleep(self._delay + answer.delay)
        if answer.mute:
            await wire.say_nothing(answer.mute, request)
        if response.status == 304:
            return response
        if way := wire.sending(answer):
            return await wire.send(way, answer, response, request, partial(self._count, host, path))
        self._count(host, path, len(answer.body))
        return response

    def _count(self, host: str, path: str, size: int) -> None:
        self.sent[host, path] += size

    @staticmethod
    def _answer(portal: Portal, path: str, visit: Visit) -> Answer:
        resource = portal.find(path)
        if resource is not None:
            return resource(visit)
        if portal.find(f"{path}/") is not None:
            return Answer(b"", 301, {"Location": f"{visit.base(portal.host)}{path}/"})
        return Answer(
            "<html><body>404 找不到页面</body></html>".encode(),
            404,
            {"Content-Type": "text/html; charset=utf-8"},
        )


def _response(answer: Answer, request: web.BaseRequest) -> web.Response:
    """The answer as HTTP: validators, 304 if they match, gzip if it was asked for."""
    headers = dict(answer.headers)
    if answer.status == 200 and answer.modified and not answer.volatile:
        etag = answer.etag or f'"{hashlib.sha256(answer.body).hexdigest()[:20]}"'
        headers["ETag"] = etag
        moment = datetime(answer.modified.year, answer.modified.month, answer.modified.day, 8, tzinfo=UTC)
        headers["Last-Modified"] = format_datetime(moment, usegmt=True)
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag, "Last-Modified": headers["Last-Modified"]})
    body = answer.body
    if (
        "Content-Encoding" not in headers
        and "gzip" in request.headers.get("Accept-Encoding", "")
        and answer.status == 200
        and body
    ):
        body = gzip.compress(body, mtime=0)
        headers["Content-Encoding"] = "gzip"
        headers["Vary"] = "Accept-Encoding"
    return web.Response(body=body, status=answer.status, headers=headers)


def registry_csv(world: World, hosts: Mapping[str, str]) -> str:
    """The registry (design 5.2) for these portals at these base addresses."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in world.rows:
        installation = INSTALLATION if world.scenario.shared else world.portals[row.host].installation
        options = ";".join(part for part in (f"installation={installation}", row.options) if part)
        url = f"{hosts[row.host]}{row.path}"
        platform = "auto" if world.scenario.auto else row.platform
        first = "" if row.first_year is None else str(row.first_year)
        writer.writerow(
            (row.site, row.spider, platform, row.name, row.admin_code, url, options, first, "", "1", row.note)
        )
    return out.getvalue()
