"""One crawling process for each installation: an operating-system lock, which a killed process cannot leave behind.

The lock files lie in the user's state folder, not beside an archive: two archives must not mean twice the rate.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import IO


class LockedError(Exception):
    """Another process speaks to an installation, or the locks cannot be kept; one clear line."""


def folder() -> Path:
    """Where the lock files lie: ``$XDG_STATE_HOME/gongkai/locks``, by default below ``~/.local/state``."""
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "gongkai" / "locks"


class Locks:
    """The locks of a set of installations, taken together or not at all. Use as a context manager, or ``release``."""

    def __init__(self, installations: Iterable[str]) -> None:
        self._held: list[IO[str]] = []
        try:
            folder().mkdir(parents=True, exist_ok=True, mode=0o700)
            # In one order everywhere, so that two processes cannot each wait for the other.
            for name in sorted(set(installations)):
                self._take(name)
        except OSError as error:
            self.release()
            raise LockedError(f"cannot keep locks in {folder()}: {error.strerror or error}") from None
        except LockedError:
            self.release()
            raise

    def _take(self, installation: str) -> None:
        path = folder() / (re.sub(r"[^\w.-]", "_", installation) + ".lock")
        file = path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise LockedError(
                f"installation {installation!r} is being crawled already (process {holder})"
            ) from None
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._held.append(file)

    def release(self) -> None:
        """Give all locks back."""
        while self._held:
            self._held.pop().close()

    def __enter__(self) -> Locks:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
