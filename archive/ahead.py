"""Reading ahead, on other cores: documents come out in the order in which they came, with their readings, a few in hand.

For whoever takes in documents one after the other and must do so in order: only the reading, which is most of the work and
depends on nothing else, is done elsewhere. What is in hand is bounded by number and by bytes, so that a quick source waits
for the readers, and memory for none of them.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.process
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Generic, NamedTuple, Self, TypeVar

from archive.report.model import Context
from archive.sandbox import read_safely
from archive.store.errors import ArchiveError
from archive.store.prepared import Prepared

T = TypeVar("T")
Read = Callable[[], Prepared]
"""Gives a document's reading when it is asked for it, with what storing it takes: the writer is one, the readers many."""

AHEAD = 8
"""Documents in hand for each process."""
BYTES = 64 << 20
"""Bytes of documents in hand, above which no further one is taken; one that is larger alone is taken alone."""
FEW = 32
"""Documents that are read in this process: the others take longer to start."""


class Wanted(NamedTuple):
    """What is to be read."""

    body: bytes
    headers: list[tuple[str, str]]
    context: Context


class Readers(Generic[T]):
    """So many processes that read, started when there is enough to do. Use it as a context manager."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None
        self._seen = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def ahead(
        self, found: Iterator[T], wanted: Callable[[T], Wanted | None]
    ) -> Iterator[tuple[T, Read | None]]:
        """All that is found, in order, each with a way to its reading if ``wanted`` said that it will be needed.

        An error of ``found`` comes out after what was found before it. Raises ``ArchiveError`` if a process dies.
        """
        hand: deque[tuple[T, Read | None, int]] = deque()
        held = 0
        error: Exception | None = None
        while True:
            try:
                one = next(found)
            except StopIteration:
                break
            except Exception as trouble:
                error = trouble
                break
            asked = wanted(one)
            size = len(asked.body) if asked else 0
            while hand and (held + size > BYTES or len(hand) >= AHEAD * self._jobs):
                earlier, read, freed = hand.popleft()
                held -= freed
                yield earlier, read
            hand.append((one, self._begin(asked) if asked else None, size))
            held += size
        while hand:
            yield hand.popleft()[:2]
        if error is not None:
            raise error

    def _begin(self, asked: Wanted) -> Read:
        self._seen += 1
        if self._jobs == 1 or self._seen <= FEW:
            return lambda: Prepared(read_safely(*asked))
        if self._pool is None:
            # Spawned, not forked: a child must inherit neither the archive's connection nor half-used locks.
            self._pool = ProcessPoolExecutor(
                self._jobs, mp_context=multiprocessing.get_context("spawn"), initializer=end_with_parent
            )
        future: Future[tuple[bytes, bytes, bytes]] = self._pool.submit(_frames, asked)

        def result() -> Prepared:
            try:
                return Prepared.from_frames(future.result())
            except BrokenProcessPool:
                raise ArchiveError(
                    "a reading process died; what was read until then is kept, start again to go on"
                ) from None

        return result


def _frames(asked: Wanted) -> tuple[bytes, bytes, bytes]:
    return Prepared(read_safely(*asked)).frames()


def end_with_parent() -> None:
    """In a process of a pool: however the parent goes (a signal, the kernel short of memory), end with it.

    Otherwise it would wait for ever for work that nobody can give it.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_outlive_nobody, args=(parent,), daemon=True).start()


def _outlive_nobody(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)
