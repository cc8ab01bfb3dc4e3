"""No search for reference cycles while one document is read."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def undisturbed(step: Callable[P, T]) -> Callable[P, T]:
    """``step`` with Python's collector of cycles paused; for short steps that make thousands of objects and no cycle.

    Some 5,000 cells, words and values live as long as one reading; the collector would walk over them four times and
    find nothing. Whatever ``step`` drops is freed at once by its reference count, as ever.
    """

    @wraps(step)
    def paused(*args: P.args, **kwargs: P.kwargs) -> T:
        if not gc.isenabled():
            return step(*args, **kwargs)
        gc.disable()
        try:
            return step(*args, **kwargs)
        finally:
            gc.enable()

    return paused
