"""SQLite's functions whose time grows with the product of two arguments, made anew so that one call ends soon.

A time limit looks only between SQLite's steps, and a call of a function is one step: ``instr`` of two long texts, in
SQLite's own make, holds a server for hours.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

LONGEST_RESULT = 4_000_000


def instr(text: Any, part: Any) -> int | None:
    """As SQLite's: the place of ``part``, from 1; 0 if it is not there. Python's search takes linear time."""
    if text is None or part is None:
        return None
    if isinstance(text, bytes) and isinstance(part, bytes):
        return text.find(part) + 1
    return _text(text).find(_text(part)) + 1


def replace(text: Any, old: Any, new: Any) -> str | None:
    """As SQLite's. Raises ``ValueError`` for a result longer than ``LONGEST_RESULT``."""
    if text is None or old is None or new is None:
        return None
    whole, before, after = _text(text), _text(old), _text(new)
    if not before:
        return whole
    if len(whole) + whole.count(before) * (len(after) - len(before)) > LONGEST_RESULT:
        raise ValueError("too long")
    return whole.replace(before, after)


def _trimmed(*, left: bool, right: bool) -> Callable[[Any, Any], str | None]:
    def trim(text: Any, characters: Any) -> str | None:
        if text is None or characters is None:
            return None
        whole, taken = _text(text), frozenset(_text(characters))
        start, end = 0, len(whole)
        while left and start < end and whole[start] in taken:
            start += 1
        while right and start < end and whole[end - 1] in taken:
            end -= 1
        return whole[start:end]

    return trim


def _refused(*_: Any) -> None:
    raise ValueError("not here")


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def register(conn: sqlite3.Connection) -> None:
    """Put these in the place of SQLite's own, for all statements of this connection."""
    functions: list[tuple[str, int, Callable[..., Any]]] = [
        ("instr", 2, instr),
        ("replace", 3, replace),
        ("trim", 2, _trimmed(left=True, right=True)),
        ("ltrim", 2, _trimmed(left=True, right=False)),
        ("rtrim", 2, _trimmed(left=False, right=True)),
        ("json_patch", 2, _refused),
        ("unhex", 2, _refused),
    ]
    for name, count, function in functions:
        conn.create_function(name, count, function, deterministic=True)
