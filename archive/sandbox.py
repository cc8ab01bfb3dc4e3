"""Reading documents that nobody vouches for: in a child process that may be killed, with bounded time and memory.

HTML and plain text below a size cap, and of tags that are parsed in no time, are taken apart right here. Everything else goes to a warm worker
(``python -m archive.sandbox``), which gets the bytes over a pipe and answers with JSON. A worker that takes too
long, needs too much memory or dies costs one document: the caller gets a ``Document`` whose ``trouble`` says why,
never an exception, and the next document gets a new worker.

Two sides, one file: ``Sandbox`` is the parent's, ``serve`` the worker's. They talk in frames
(archive/frames.py). A worker first sends one empty frame: it is ready. A request is two frames,
JSON (headers, context) and the body. An answer is one: the document (archive/report/wire.py), or no byte at all when
the memory did not suffice.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import json
import os
import re
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from archive import office
from archive.frames import EndedError, TooLargeError, receive, send
from archive.report.decode import unpack
from archive.report.document import Document, Format, Paragraph
from archive.report.formats import doc
from archive.report.formats.refusal import refusal
from archive.report.model import Context, Report
from archive.report.read import take_apart, understand
from archive.report.sniff import sniff_binary
from archive.report.wire import WireError, decode, encode

Headers = Sequence[tuple[str, str]]

_MEMORY_GONE = b""
_SIMPLE = 96 << 10
"""Bytes of a page in which not even a single tag could be slow to parse (the worst takes a second or two)."""
_TANGLED = re.compile(
    rb"""<[A-Za-z][^>"']*+(?:(?:"[^"]*+"|'[^']*+')[^>"']*+){1000}|[<>"'][^<>"']{16000}""",
)
"""A tag with a thousand quoted values, or sixteen thousand bytes that no sign of markup parts."""
_OVERLOADED_TAG = re.compile(rb"""(<[A-Za-z]\w*+)\s[^>"']*+(?:(?:"[^"]*+"|'[^']*+')[^>"']*+){1000,}+>""")
"""Such a tag from end to end: nobody reads its attributes."""
_HEAD = 512 << 10
"""Bytes of a page that is not read in which its title and particulars are looked for."""
_LINES = 200
_TAGS = 60_000
"""So many tags of a page are read in this process; libxml2 takes out neighbouring ones in quadratic time (a million line
breaks: minutes), and only a worker has a deadline. Published pages have some thousands.
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost. The bounds lie far above any published report.

    ``cpu_seconds`` is what the document itself uses up; ``wall_seconds`` also ends a worker that waits or that a
    busy machine does not let run. ``memory`` bounds the worker's address space. ``light`` is the size up to which
    HTML and text are read in this process, ``page`` the size up to which they are read at all, ``body`` the size above which nothing is read at all. ``characters`` and
    ``blocks`` bound what is handed on to be understood: understanding takes place outside of the worker.
    """

    cpu_seconds: int = 20
    wall_seconds: float = 60.0
    memory: int = 1 << 30
    light: int = 8 << 20
    page: int = 16 << 20
    body: int = 64 << 20
    answer: int = 32 << 20
    characters: int = 2_000_000
    blocks: int = 20_000
    documents_per_worker: int = 100


# --- the parent's side -----------------------------------------------------------------------------------------


class _Worker:
    """One child process. Not safe for two threads at a time: the sandbox hands it to one."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.documents = 0
        self.overdue = False
        package_root = str(Path(__file__).resolve().parent.parent)
        command = [sys.executable, "-m", "archive.sandbox", str(limits.memory), str(limits.cpu_seconds)]
        self.process = subprocess.Popen(
            [*command, str(limits.wall_seconds), str(limits.body)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Nothing of this process's environment is the business of code that reads hostile bytes.
            env={"PYTHONPATH": package_root, "LANG": "C.UTF-8", "PATH": os.defpath},
            cwd="/",
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._requests: IO[bytes] = self.process.stdin
        self._answers: IO[bytes] = self.process.stdout
        try:
            with self._deadline():
                receive(self._answers, 0)
        except (EndedError, TooLargeError) as error:
            raise EndedError(f"status {self.close()}") from error

    def ask(self, request: bytes, body: bytes) -> bytes:
        """The worker's answer. Raises ``EndedError`` or ``TooLargeError``; kills it at the deadline."""
        self.documents += 1
        with self._deadline():
            try:
                send(self._requests, request, body)
                return receive(self._answers, self.limits.answer)
            except OSError as error:  # its end of the pipe is gone
                raise EndedError from error

    @contextlib.contextmanager
    def _deadline(self) -> Iterator[None]:
        timer = threading.Timer(self.limits.wall_seconds, self._end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _end(self) -> None:
        self.overdue = True
        self.process.kill()

    def wait_a_moment(self) -> None:
        """Lets a worker whose pipe has ended finish dying, so that its own status is seen and not our kill."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(2)

    def close(self) -> int:
        """Ends the worker and gives its exit status as ``Popen.returncode`` does."""
        self.process.kill()
        status = self.process.wait()
        self.disown()
        return status

    def disown(self) -> None:
        """Closes this process's ends of the pipes and leaves the worker alone."""
        for pipe in (self._requests, self._answers):
            with contextlib.suppress(OSError):
                pipe.close()
        # A forked copy of the parent must not wait for, nor warn about, a child that is not its own.
        self.process.returncode = self.process.returncode or 0


class Sandbox:
    """Takes documents apart in worker processes, at most as many at a time as there are processors.

    Safe for threads. Workers stay warm between documents and are replaced after a failure or after
    ``limits.documents_per_worker``. ``close`` ends them; so does the end of this process.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._reset()
        os.register_at_fork(after_in_child=self._after_fork)
        atexit.register(self.close)

    def _reset(self) -> None:
        self._idle: list[_Worker] = []
        self._alive: set[_Worker] = set()
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(os.cpu_count() or 1)

    def _after_fork(self) -> None:
        # The workers belong to the parent: two processes on one pipe would get each other's answers.
        alive = self._alive
        self._reset()
        for worker in alive:
            worker.disown()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends all idle workers. The sandbox may be used again and then starts new ones."""
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            self._retire(worker)

    def take_apart(self, body: bytes, headers: Headers, context: Context) -> Document:
        """The document, with ``trouble`` and a finding where it could not be taken apart. Never raises."""
        if len(body) > self.limits.body:
            return refusal(
                "FILE-TOO-LARGE", sniff_binary(body) or "unknown", size=len(body), limit=self.limits.body
            )
        unpacked = unpack(body, headers)
        if unpacked.trouble is not None:
            return Document("unknown", trouble=unpacked.trouble, findings=list(unpacked.findings))
        plain_headers = [(name, value) for name, value in headers if name.lower() != "content-encoding"]
        document = self._plain(unpacked.body, plain_headers, context)
        characters, blocks = _extent(document)
        if characters > self.limits.characters or blocks > self.limits.blocks:
            refused = refusal("FILE-TOO-LONG", document.format, characters=characters, blocks=blocks)
            document = _with_surroundings(refused, document)
        document.findings[:0] = unpacked.findings
        return document

    def _plain(self, body: bytes, headers: Headers, context: Context) -> Document:
        if sniff_binary(body) is None:
            if len(body) > self.limits.page:
                refused = refusal("FILE-TOO-LARGE", "unknown", size=len(body), limit=self.limits.page)
                return _with_surroundings(refused, take_apart(body[:_HEAD], headers, context))
            if is_tangled(body):
                body = _OVERLOADED_TAG.sub(rb"\1>", body)
            if len(body) <= self.limits.light and body.count(b"<") <= _TAGS and not is_tangled(body):
                return take_apart(body, headers, context)
        kind = doc.identify(body) or ""
        target = doc.CONVERTIBLE.get(kind)
        if target is not None and office.available():
            try:
                body = office.convert(body, kind, target)
            except office.ConversionTimeoutError:
                return refusal("FILE-TOO-SLOW", "doc", seconds=office.SECONDS)
            except office.ConversionError as error:
                return refusal("FILE-DAMAGED", "doc", name=kind, detail=str(error))
            document = self._in_worker(body, (), context)
            document.format = "doc"
            return document
        return self._in_worker(body, headers, context)

    def _in_worker(self, body: bytes, headers: Headers, context: Context) -> Document:
        kind = sniff_binary(body) or "unknown"
        request = json.dumps(
            {"headers": [list(pair) for pair in headers], "context": context.as_dict()}
        ).encode()
        with self._places:
            try:
                worker = self._take()
            except (OSError, EndedError) as error:
                return refusal("FILE-CRASHED", kind, detail=f"it did not start: {error}")
            return self._ask(worker, request, body, kind)

    def _take(self) -> _Worker:
        while True:
            with self._lock:
                worker = self._idle.pop() if self._idle else None
            if worker is None:
                break
            if worker.process.poll() is None:
                return worker
            self._retire(worker)  # died of something else while it had nothing to do
        worker = _Worker(self.limits)
        with self._lock:
            self._alive.add(worker)
        return worker

    def _retire(self, worker: _Worker) -> int:
        with self._lock:
            self._alive.discard(worker)
        return worker.close()

    def _ask(self, worker: _Worker, request: bytes, body: bytes, kind: Format) -> Document:
        try:
            answer = worker.ask(request, body)
            if answer == _MEMORY_GONE:
                self._retire(worker)
                return self._too_hungry(kind)
            document = decode(answer)
        except EndedError:
            return self._post_mortem(worker, kind)
        except (TooLargeError, MemoryError):
            self._retire(worker)
            return self._too_hungry(kind)
        except WireError as error:
            self._retire(worker)
            return refusal("FILE-CRASHED", kind, detail=f"its answer makes no sense: {error}")
        if worker.documents >= self.limits.documents_per_worker:
            self._retire(worker)
        else:
            with self._lock:
                self._idle.append(worker)
        return document

    def _post_mortem(self, worker: _Worker, kind: Format) -> Document:
        worker.wait_a_moment()
        status = self._retire(worker)
        if worker.overdue:
            return refusal("FILE-TOO-SLOW", kind, seconds=f"{self.limits.wall_seconds:g}")
        if status in (-signal.SIGXCPU, -signal.SIGALRM):
            return refusal("FILE-TOO-SLOW", kind, seconds=self.limits.cpu_seconds)
        return refusal("FILE-CRASHED", kind, detail=f"signal {-status}" if status < 0 else f"status {status}")

    def _too_hungry(self, kind: Format) -> Document:
        return refusal("FILE-TOO-HUNGRY", kind, megabytes=self.limits.memory >> 20)


def is_tangled(body: bytes) -> bool:
    """Whether a page has a tag of so many attributes that its parser, which compares each with each, takes long."""
    return len(body) > _SIMPLE and _TANGLED.search(body) is not None


def _with_surroundings(refused: Document, document: Document) -> Document:
    """The refusal with what the document says around its body: who published what, and when."""
    refused.format, refused.encoding = document.format, document.encoding
    refused.titles, refused.metas = document.titles, document.metas
    refused.furniture = document.furniture[:_LINES]
    return refused


def _extent(document: Document) -> tuple[int, int]:
    """The document's characters and blocks; every place of a table counts as a character at least."""
    characters = sum(
        len(block.text)
        if isinstance(block, Paragraph)
        else sum(len(cell.text) + 1 if cell else 1 for row in block.grid for cell in row)
        for block in document.blocks
    )
    return characters, len(document.blocks)


_default = Sandbox()


def take_apart_safely(body: bytes, headers: Headers, context: Context) -> Document:
    """The document, taken apart within bounded time and memory. Never raises, whatever the bytes are.

    Blocks; where an event loop runs, use ``take_apart_safely_async``.
    """
    return _default.take_apart(body, headers, context)


async def take_apart_safely_async(body: bytes, headers: Headers, context: Context) -> Document:
    """``take_apart_safely`` in a thread of its own, for callers whose event loop must not wait."""
    import asyncio  # whoever awaits has it already; for a single document it would be a tenth of the start

    return await asyncio.to_thread(take_apart_safely, body, headers, context)


def read_safely(body: bytes, headers: Headers, context: Context) -> Report:
    """``archive.report.read`` for bytes that nobody vouches for. Never raises."""
    return understand(take_apart_safely(body, headers, context), context)


# --- the worker's side -----------------------------------------------------------------------------------------


def serve(memory: int, cpu_seconds: int, wall_seconds: float, body_limit: int) -> None:
    """Answers requests on the standard streams until the parent closes them or is gone."""
    requests, answers = _take_streams()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    send(answers, b"")
    while True:
        try:
            request = json.loads(receive(requests, body_limit))
            body = receive(requests, body_limit)
        except EndedError:
            return
        with _guarded(requests, cpu_seconds, wall_seconds):
            answer = _answer(request, body)
        send(answers, answer)
        if answer == _MEMORY_GONE:
            return


def _take_streams() -> tuple[IO[bytes], IO[bytes]]:
    """The two pipes, out of reach of any library that prints or reads: they get ``/dev/null`` in their place."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return requests, answers


@contextlib.contextmanager
def _guarded(requests: IO[bytes], cpu_seconds: int, wall_seconds: float) -> Iterator[None]:
    """Lets the kernel end this process, by default actions of signals, when the document costs too much.

    SIGXCPU for processor time, SIGALRM for the clock (the parent's own deadline comes first; this one holds when
    the parent is gone), and SIGIO when the pipe from the parent closes while no request is due: the parent died.
    """
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + 1 + cpu_seconds, hard))
    signal.setitimer(signal.ITIMER_REAL, wall_seconds + 5)
    flags = fcntl.fcntl(requests, fcntl.F_GETFL)
    fcntl.fcntl(requests, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(requests, fcntl.F_SETFL, flags | os.O_ASYNC)
    try:
        yield
    finally:
        fcntl.fcntl(requests, fcntl.F_SETFL, flags)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(request: dict[str, object], body: bytes) -> bytes:
    try:
        headers = [(str(name), str(value)) for name, value in request["headers"]]  # type: ignore[attr-defined]
        return encode(take_apart(body, headers, Context.from_dict(request["context"])))  # type: ignore[arg-type]
    except MemoryError:
        return _MEMORY_GONE


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
