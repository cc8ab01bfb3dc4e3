"""Memory of every long job, over its time: flat, or growing with what it has done.

Resident memory of the process and of those it started, together. The jobs do one after the other what an operator
does: crawl, read everything again, compare everything with everything, export.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.harness import Row, Table
from crawler.replica import Replica, Scenario

TOWNS = int(os.environ.get("GONGKAI_BENCH_TOWNS", "200"))
YEARS = (2021, 2022, 2023, 2024, 2025)
GOAL = 0.10
"""A job whose second half takes more than this beyond its first is not flat."""

COMPARE = (
    "import sys; from pathlib import Path; from archive.store import Archive, across\n"
    "with Archive.open(Path(sys.argv[1])) as archive: across.update(archive.db, everything=True)"
)


def run() -> Table:
    """The table for docs/benchmarks.md: megabytes at the end of each job, with what it took on the way."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "archive.db"
        environment = {
            **os.environ, "GONGKAI_DELAY": "0", "GONGKAI_SITES": str(Path(folder) / "sites.csv"),
            "XDG_STATE_HOME": folder, "GONGKAI_ARCHIVE": str(archive),
        }  # fmt: skip
        with Replica(Scenario(portals=False, towns=TOWNS, town_years=YEARS), max_seconds=3500) as replica:
            (Path(folder) / "sites.csv").write_text(replica.registry_csv(), "utf-8")
            crawl = _watched(["-m", "crawler", "crawl"], environment, lambda: len(replica.log))
            requests = len(replica.log)
        jobs = {
            f"crawl, {requests:,} requests": crawl,
            "reread": _watched(["-m", "crawler", "reread", "--accept-worse"], environment),
            "comparison with each other": _watched(["-c", COMPARE, str(archive)], environment),
            "export, CSV": _watched(["-m", "crawler", "export", "--format", "csv", folder + "/csv"], environment),
        }  # fmt: skip
    rows = [_row(name, samples) for name, samples in jobs.items()]
    return Table(
        "memory",
        f"Resident memory at the end of each long job, over {TOWNS} towns with {len(YEARS)} reports each.",
        "most in its first half",
        rows,
        [
            f"Goal: at most {1 + GOAL:.2f}. More: `GONGKAI_BENCH_TOWNS=2900 python -m benchmarks memory` asks for 20,000 pages."
        ],
    )


def _row(name: str, samples: list[tuple[float, float]]) -> Row:
    """A job's row. The halves are those of its work, or where that cannot be seen, of its time."""
    half = samples[-1][0] / 2
    first = max(megabytes for done, megabytes in samples if done <= half)
    second = max(megabytes for done, megabytes in samples if done > half)
    quarter = max(megabytes for done, megabytes in samples if done <= half / 2)
    note = f"most in its first quarter {quarter:,.0f} MB, in its first half {first:,.0f}, afterwards {second:,.0f}"
    return Row(name, [samples[-1][1]], "MB", second / first, note)


def _watched(
    arguments: list[str], environment: Mapping[str, str], done: Callable[[], float] | None = None
) -> list[tuple[float, float]]:
    """Run Python on something; how much was done (or how long it took) and megabytes, ten times a second."""
    samples: list[tuple[float, float]] = []
    start = time.monotonic()
    job = subprocess.Popen(
        [sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while job.poll() is None:
            megabytes = sum(map(_resident, _family(job.pid)))
            if megabytes:
                samples.append((done() if done else time.monotonic() - start, megabytes))
            time.sleep(0.1)
    finally:
        job.kill()
    if job.returncode not in (0, 1):
        raise RuntimeError(f"{arguments}: exit {job.returncode}")
    return samples


def _family(pid: int) -> list[int]:
    """A process and all that it, or one of them, started."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    return [pid, *(member for child in children for member in _family(int(child)))]


def _resident(pid: int) -> float:
    """Megabytes, 0 for a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)
