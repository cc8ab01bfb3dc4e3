"""One attempt at a part: start the child, keep it alive while the installation is ours, take what it says at its end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crawler.fleet.parts import Part

ENVIRONMENT = ("GONGKAI_CONTACT", "GONGKAI_DELAY", "GONGKAI_WINDOW", "GONGKAI_DAILY_CAP")
"""What the one who starts a run may say of how it is done; a worker's own environment comes first."""
ALONE = {"GONGKAI_READERS": "0"}
"""Where children share the cores with each other none is spare: each reads what it fetches by itself."""


class DiedError(Exception):
    """The child ended without a word; one line with the last that it logged."""


class Attempt:
    """A child that crawls a part into the archive at ``archive``, which is a seed. ``log`` takes what it logs."""

    def __init__(
        self, part: Part, archive: Path, *, patience: float, environment: Mapping[str, str] | None = None
    ) -> None:
        self.part = part
        self.archive = archive
        self.log = archive.with_suffix(".log")
        self._outcome = archive.with_suffix(".outcome")
        self._outcome.unlink(missing_ok=True)
        self._told_to_stop = False
        job = {
            "part": part.as_dict(), "archive": str(archive), "outcome": str(self._outcome), "patience": patience,
        }  # fmt: skip
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C reaches it through us, once, and not a second time from the terminal.
            self.process = subprocess.Popen(
                [sys.executable, "-m", "crawler.fleet.child"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                stderr=log, env={**ALONE, **(environment or {}), **os.environ}, start_new_session=True,
            )  # fmt: skip
        self._say(json.dumps(job))

    def vouch(self) -> None:
        """Say that the installation is still ours; to be said more often than ``patience``."""
        self._say("")

    def is_over(self) -> bool:
        """Whether the child has ended."""
        return self.process.poll() is not None

    def wait(self, seconds: float) -> bool:
        """Wait so long for the end; whether it came."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        return self.is_over()

    def stop(self) -> None:
        """Ask the child to end its crawl and say how far it came; a second call does nothing."""
        if not self._told_to_stop:
            self._told_to_stop = True
            self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the child at once: the installation is not ours any more."""
        self._signal(signal.SIGKILL)
        self.process.wait()
        self._close()

    def result(self) -> dict[str, Any]:
        """What the child said at its end. Raises ``DiedError`` if it said nothing."""
        self.process.wait()
        self._close()
        try:
            said = json.loads(self._outcome.read_text("utf-8"))
        except (OSError, ValueError):
            raise DiedError(
                f"the crawl of {self.part.installation} ended with {self.process.returncode}: {self._last_words()}"
            ) from None
        self._outcome.unlink(missing_ok=True)
        assert isinstance(said, dict)
        return said

    def _last_words(self) -> str:
        try:
            lines = self.log.read_text("utf-8", "replace").split("\n")
        except OSError:
            return "no log"
        return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "nothing was logged")

    def _say(self, line: str) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):  # it is gone, which its end tells
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    def _close(self) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()


def told_environment() -> dict[str, str]:
    """What this process's environment says of how a run is done, to be handed on."""
    return {name: os.environ[name] for name in ENVIRONMENT if os.environ.get(name)}


def patience_of(lease: float) -> float:
    """How long a child goes on unvouched for: well inside the lease that its parent renews before it vouches."""
    return lease * 0.6


def beat_of(lease: float) -> float:
    """How often a parent renews its lease and vouches."""
    return lease * 0.15
