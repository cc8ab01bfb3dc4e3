"""Reading in processes of their own, so that an event loop goes on fetching and storing meanwhile.

Reading is a pure function and most of what a page costs. ``Readers`` starts readers (``python -m archive.readers``)
when pages come so fast that this pays, at most as many as it was told, and hands each a few pages ahead: no more
memory than that, and none idle while the loop is busy. What comes back is what reading here would have given.

A reader that dies costs the page it was at, which is told in its reading; those behind it are read by another. It
holds no file of the archive. When its socket ends (this process is gone, however it went), it ends too.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from archive.frames import LENGTH, EndedError, TooLargeError, receive, send
from archive.report.formats.refusal import refusal
from archive.report.model import READER, Context
from archive.report.read import understand
from archive.report.sniff import sniff_binary
from archive.sandbox import read_safely
from archive.store.prepared import Prepared

logger = logging.getLogger(__name__)

Headers = Sequence[tuple[str, str]]

MANY, WITHIN = 64, 4.0
"""So many pages within so many seconds are more than one process should read beside its other work. A start costs as
much as reading a hundred pages; a polite crawl of one installation never comes near."""
AHEAD = 4
"""Pages in the hands of one reader."""
SECONDS = 300
"""What one document may take a reader, by the clock; the sandbox ends what is hostile long before."""
LARGEST = 256 << 20
"""Bytes of a frame; the fetcher takes no body of an eighth of this."""
FAILED_STARTS = 2
"""Readers in a row that die before they are ready, until no more are started."""


class _DiedError(Exception):
    """The reader is gone. ``culprit``: it was at this page; else the page may be given to another."""

    def __init__(self, *, culprit: bool) -> None:
        self.culprit = culprit


@dataclass(eq=False)
class _Reader:
    """One process, its end of the socket, and the pages it was given, in order."""

    process: subprocess.Popen[bytes]
    answers: asyncio.StreamReader
    requests: asyncio.StreamWriter
    asked: deque[asyncio.Future[Prepared]] = field(default_factory=deque)
    ready: bool = False
    listening: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls) -> _Reader:
        """Start a process. Raises ``OSError`` if that cannot be done."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                process = subprocess.Popen(
                    [sys.executable, "-m", "archive.readers"],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=_environment(),
                    cwd="/",
                    process_group=0,  # Ctrl-C is for us: what is under way is read and stored first
                )
        except BaseException:
            ours.close()
            raise
        answers, requests = await asyncio.open_connection(sock=ours, limit=1 << 20)
        reader = cls(process, answers, requests)
        reader.listening = asyncio.ensure_future(reader._listen())
        return reader

    def ask(self, request: bytes, body: bytes) -> asyncio.Future[Prepared]:
        """Give it a page; ``_DiedError`` comes back if it dies before it answers."""
        answer: asyncio.Future[Prepared] = asyncio.get_running_loop().create_future()
        self.asked.append(answer)
        for frame in (request, body):
            self.requests.write(LENGTH.pack(len(frame)))
            self.requests.write(frame)
        return answer

    async def _listen(self) -> None:
        """Hand every answer to whoever waits for it, until the reader is gone."""
        try:
            if await self._frame() != READER.encode():
                return  # the program on disk is another one by now: its readings are not ours
            self.ready = True
            while True:
                answer = Prepared.from_frames([await self._frame() for _ in range(3)])
                waiting = self.asked.popleft()
                if not waiting.done():
                    waiting.set_result(answer)
        except Exception as error:  # it is gone, or talks nonsense, which comes to the same
            logger.debug("a reader is gone: %r", error)
        finally:
            self.process.kill()
            self.requests.close()
            for place, waiting in enumerate(self.asked):
                if not waiting.done():
                    waiting.set_exception(_DiedError(culprit=place == 0 and self.ready))
            self.asked.clear()

    async def _frame(self) -> bytes:
        (length,) = LENGTH.unpack(await self.answers.readexactly(LENGTH.size))
        if length > LARGEST:
            raise ValueError(f"a frame of {length} bytes")
        return await self.answers.readexactly(length)

    async def close(self) -> None:
        """End it: it has nothing more to do."""
        self.process.kill()
        if self.listening is not None:
            await self.listening
        await asyncio.to_thread(self.process.wait)


class Readers:
    """At most so many reader processes, for one event loop. ``close`` ends them."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._readers: list[_Reader] = []
        self._places = asyncio.Semaphore(most * AHEAD)
        self._starting = asyncio.Lock()
        self._failed = 0
        self._came: deque[float] = deque(maxlen=MANY)

    def wanted(self, now: float) -> bool:
        """Whether to give the page that came ``now`` (seconds of a clock) to ``read``; else the caller reads it himself."""
        self._came.append(now)
        many = len(self._came) == MANY and now - self._came[0] <= WITHIN
        return bool(self._readers) or (self.most > 0 and many)

    async def read(self, body: bytes, headers: Headers, context: Context) -> Prepared | None:
        """The page's reading; ``None`` if no reader can be had. Never raises for what the bytes are.

        Waits for a place. A page at which a reader dies has the finding FILE-CRASHED, as one at which the sandbox does.
        """
        asked = {"headers": [list(pair) for pair in headers], "context": context.as_dict()}
        request = json.dumps(asked).encode()
        async with self._places:
            while (reader := await self._reader()) is not None:
                try:
                    return await reader.ask(request, body)
                except _DiedError as error:
                    self._bury(reader)
                    if error.culprit:
                        kind = sniff_binary(body) or "unknown"
                        crashed = refusal("FILE-CRASHED", kind, detail="the reader died of it")
                        return Prepared(understand(crashed, context))
        return None

    async def _reader(self) -> _Reader | None:
        """The one with the least to do; another one is started while all have something to do."""
        async with self._starting:
            if len(self._readers) < self.most and all(reader.asked for reader in self._readers):
                with contextlib.suppress(OSError):
                    self._readers.append(await _Reader.start())
        return min(self._readers, key=lambda reader: len(reader.asked), default=None)

    def _bury(self, reader: _Reader) -> None:
        if reader not in self._readers:
            return
        self._readers.remove(reader)
        reader.process.wait()  # it was killed
        self._failed = 0 if reader.ready else self._failed + 1
        if self._failed >= FAILED_STARTS:
            logger.warning("no process that reads can be started; pages are read in this one")
            self.most = 0

    async def close(self) -> None:
        """End all readers; nobody may be waiting for one."""
        readers, self._readers = self._readers, []
        for reader in readers:
            await reader.close()


def _environment() -> dict[str, str]:
    """What a reader needs to find this program and LibreOffice; nothing else of ours is its business."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "GONGKAI_STRICT") if name in os.environ}
    return {**kept, "PYTHONPATH": str(Path(__file__).resolve().parent.parent), "LANG": "C.UTF-8"}


def serve() -> None:
    """The reader's side: answer requests on standard input, which is a socket, until it ends."""
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.SIG_IGN)  # who asks us decides when to end: by closing the socket
    with (
        socket.socket(fileno=os.dup(0)) as ours,
        ours.makefile("rb") as requests,
        ours.makefile("wb") as answers,
        contextlib.suppress(EndedError, TooLargeError, OSError),
    ):
        send(answers, READER.encode())
        while True:
            request = json.loads(receive(requests, LARGEST))
            body = receive(requests, LARGEST)
            signal.alarm(SECONDS)  # the kernel ends who never comes to an end, whether or not anybody waits
            headers = [(name, value) for name, value in request["headers"]]
            frames = Prepared(read_safely(body, headers, Context.from_dict(request["context"]))).frames()
            signal.alarm(0)
            send(answers, *frames)


if __name__ == "__main__":
    serve()
