"""How long a person waits before anything happens: the command's start, beside Python's own and that of its peers."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.harness import Row, Table

ROUNDS = 7
GOAL = 150.0
BIN = Path(sys.executable).parent
CONTENDERS: dict[str, list[str]] = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "gongkai --help": [sys.executable, "-m", "crawler", "--help"],
    "gongkai --version": [sys.executable, "-m", "crawler", "--version"],
    "gongkai show --help": [sys.executable, "-m", "crawler", "show", "--help"],
    "gongkai crawl --help": [sys.executable, "-m", "crawler", "crawl", "--help"],
    "gongkai nightly --help": [sys.executable, "-m", "crawler", "nightly", "--help"],
    "scrapy version": [str(BIN / "scrapy"), "version"],
    "datasette --help": [str(BIN / "datasette"), "--help"],
    "sqlite-utils --help": [str(BIN / "sqlite-utils"), "--help"],
}


def run(rounds: int = ROUNDS) -> Table:
    """The table for docs/benchmarks.md: milliseconds from start to exit."""
    there = {name: command for name, command in CONTENDERS.items() if Path(command[0]).exists()}
    measured: dict[str, list[float]] = {name: [] for name in there}
    for number in range(rounds + 1):  # the first round fills the disk's cache and is not counted
        for name, command in there.items():
            start = time.perf_counter()
            subprocess.run(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, env=os.environ
            )
            if number:
                measured[name].append((time.perf_counter() - start) * 1000)
    base = measured["python -c pass"]
    rows = [
        Row(name, values, "ms", statistics.median(v / b for v, b in zip(values, base, strict=True)))
        for name, values in measured.items()
    ]
    return Table(
        "startup", "Milliseconds from start to exit, warm.", "python -c pass", rows,
        [f"Goal: `gongkai --help` below {GOAL:.0f} ms."],
    )  # fmt: skip
