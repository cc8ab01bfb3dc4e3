"""What was counted is not counted again until the archive changes: pages of many agencies stay quick."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")

KEPT = 200
"""Answers kept for one archive; the oldest gives way."""

REST = 60.0
"""Seconds before what takes seconds is made anew: a crawl changes the archive all the time, and pages need the cores."""

_CHINA = timedelta(hours=8)
_answers: WeakKeyDictionary[Any, dict[object, tuple[object, Any, float]]] = WeakKeyDictionary()
_making: WeakKeyDictionary[Any, dict[object, asyncio.Task[None]]] = WeakKeyDictionary()


async def remembered(db: Any, key: object, make: Callable[[], Awaitable[T]]) -> T:
    """The answer under ``key`` for Datasette's database ``db``; made if it is not known, or the archive is another since.

    Whoever makes an answer must not change it afterwards.
    """
    known = _answers.setdefault(db, {})
    stamp = _stamp(Path(db.path))
    if key not in known or known[key][0] != stamp:
        _keep(known, key, stamp, await make())
    answer: T = known[key][1]
    return answer


async def remembered_meanwhile(db: Any, key: object, make: Callable[[], Awaitable[T]]) -> T:
    """As ``remembered``, for what takes seconds: once an answer is known, nobody waits for a newer one.

    The known answer is given while a newer one is made. What may be told must be part of ``key``, so that no answer
    outlives a decision to withhold; and the answer should say when it was made.
    """
    known, making = _answers.setdefault(db, {}), _making.setdefault(db, {})

    async def renew() -> None:
        try:
            await remembered(db, key, make)
        finally:
            making.pop(key, None)

    if key not in known:
        if key not in making:
            making[key] = asyncio.create_task(renew())
        await asyncio.shield(
            making[key]
        )  # who comes first, and all who come meanwhile, wait for the same one
    elif key not in making:
        stamp, _, made_at = known[key]
        if stamp != _stamp(Path(db.path)) and monotonic() - made_at >= REST:
            making[key] = asyncio.create_task(renew())
    answer: T = known[key][1]
    return answer


def _keep(known: dict[object, tuple[object, Any, float]], key: object, stamp: object, answer: Any) -> None:
    known.pop(key, None)
    while len(known) >= KEPT:
        del known[next(iter(known))]
    known[key] = (stamp, answer, monotonic())


def _stamp(path: Path) -> object:
    """Changes with every commit to the file or its log, and at midnight in China, when reports fall due."""
    files = (path, path.with_name(path.name + "-wal"))
    times = tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)
    return times, (datetime.now(UTC) + _CHINA).date()
