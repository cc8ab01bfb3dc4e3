"""Group commit: what several pages have to write at about the same time is one transaction, and one wait for the disk.

Whoever writes goes on only when the transaction is committed, so nothing is acknowledged that a kill could take back;
and the transaction is begun and ended in one go, so the write lock is held no longer than the writing takes.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from sqlite_utils import Database

from archive.store.connection import transaction
from archive.store.errors import ArchiveError

T = TypeVar("T")

PAUSE = 0.02
"""Seconds that the first one waits for others."""


class GroupCommit:
    """Writes for one connection, of one event loop."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: list[tuple[Callable[[], Any], asyncio.Future[Any]]] = []

    async def write(self, write: Callable[[], T]) -> T:
        """Call ``write`` within the next transaction; back comes its outcome, once it is committed.

        ``write`` undoes what it did when it raises (``transaction`` does so), and then only its own caller gets the
        error. Trouble of the archive itself, at a write or at the end, is everybody's: nothing of the group is kept.
        """
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[T] = loop.create_future()
        self._waiting.append((write, outcome))
        if len(self._waiting) == 1:
            loop.call_later(PAUSE, self._flush)
        return await outcome

    def _flush(self) -> None:
        group, self._waiting = self._waiting, []
        told: list[Callable[[], None]] = []
        try:
            with transaction(self._db):
                for write, outcome in group:
                    try:
                        told.append(_telling(outcome.set_result, write()))
                    except (ArchiveError, sqlite3.Error):
                        raise
                    except Exception as error:
                        told.append(_telling(outcome.set_exception, error))
        except Exception as error:
            told = [_telling(outcome.set_exception, error) for _, outcome in group]
        for (_, outcome), tell in zip(group, told, strict=True):
            if not outcome.done():  # whoever waited may have been told to wait no longer
                tell()


def _telling(tell: Callable[[Any], None], what: object) -> Callable[[], None]:
    return lambda: tell(what)
