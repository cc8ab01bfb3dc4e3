"""What was counted is not counted again until the archive changes: pages of many agencies stay quick."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")

KEPT = 200
"""Answers kept for one archive; the oldest gives way."""

_CHINA = timedelta(hours=8)
_answers: WeakKeyDictionary[Any, tuple[object, dict[object, Any]]] = WeakKeyDictionary()


async def remembered(db: Any, key: object, make: Callable[[], Awaitable[T]]) -> T:
    """The answer under ``key`` for Datasette's database ``db``; made if it is not known, or the archive is another since.

    Whoever makes an answer must not change it afterwards.
    """
    stamp = _stamp(Path(db.path))
    known_stamp, answers = _answers.get(db, (None, {}))
    if known_stamp != stamp:
        answers = {}
        _answers[db] = (stamp, answers)
    if key not in answers:
        made = await make()
        while len(answers) >= KEPT:
            del answers[next(iter(answers))]
        answers[key] = made
    answer: T = answers[key]
    return answer


def _stamp(path: Path) -> object:
    """Changes with every commit to the file or its log, and at midnight in China, when reports fall due."""
    files = (path, path.with_name(path.name + "-wal"))
    times = tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)
    return times, (datetime.now(UTC) + _CHINA).date()
