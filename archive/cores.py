"""Work on an archive on all cores: each process opens the file for itself, read-only; what they find comes back in order."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, TypeVar

from archive.ahead import end_with_parent
from archive.store import Archive, ArchiveError

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 3
"""Tasks in hand for each process: enough to keep it busy, few enough to bound the memory."""


def spread(
    archive: Archive, work: Callable[[Archive, T], R], tasks: Iterable[T], jobs: int, *, ahead: int = AHEAD
) -> Generator[R]:
    """``work(archive, task)`` for every task, in order, in so many processes, at most ``ahead`` tasks in hand for each.

    ``work`` is a function of a module, and what it takes and gives can be pickled. With one job it is done here. Raises
    ``ArchiveError`` if a process dies.
    """
    if jobs == 1:
        yield from (work(archive, task) for task in tasks)
        return
    # Spawned, not forked: a child must inherit neither the parent's connection nor its half-used locks.
    pool = ProcessPoolExecutor(
        jobs,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_open,
        initargs=(archive.path,),
    )
    running: deque[Future[Any]] = deque()
    try:
        for task in tasks:
            running.append(pool.submit(_work, work, task))
            if len(running) >= jobs * ahead:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    except BrokenProcessPool:
        raise ArchiveError(
            f"{archive.path}: a process of this command died; what was done until then is kept, start again to go on"
        ) from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


_archive: Archive | None = None


def _open(path: Path) -> None:
    global _archive  # the one archive of this process, opened once for all its tasks
    end_with_parent()
    _archive = Archive.open(path, read_only=True)


def _work(work: Callable[[Archive, T], R], task: T) -> R:
    assert _archive is not None
    return work(_archive, task)
