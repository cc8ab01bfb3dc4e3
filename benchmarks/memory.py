"""Memory of one crawling process over a long crawl: flat, or growing with the pages."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.harness import Row, Table
from crawler.replica import Replica, Scenario

TOWNS = int(os.environ.get("GONGKAI_BENCH_TOWNS", "200"))
YEARS = (2021, 2022, 2023, 2024, 2025)
LONG = 20_000
"""Pages of the long crawl that the goal speaks of."""


def run() -> Table:
    """Resident memory after every tenth of the crawl, and what it comes to for a crawl of ``LONG`` pages."""
    samples: list[tuple[int, float]] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        Replica(Scenario(portals=False, towns=TOWNS, town_years=YEARS), max_seconds=3000) as replica,
    ):
        sites = Path(folder) / "sites.csv"
        sites.write_text(replica.registry_csv(), "utf-8")
        environment = {
            **os.environ, "GONGKAI_DELAY": "0", "GONGKAI_SITES": str(sites), "XDG_STATE_HOME": folder,
            "GONGKAI_ARCHIVE": str(Path(folder) / "archive.db"),
        }  # fmt: skip
        crawl = subprocess.Popen(
            [sys.executable, "-m", "crawler", "crawl"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while crawl.poll() is None:
            samples.append((len(replica.log), _resident(crawl.pid)))
            time.sleep(0.2)
    samples = [sample for sample in samples if sample[1]]
    pages = samples[-1][0]
    tenths = [next(mb for count, mb in samples if count >= pages * part / 10) for part in range(1, 11)]
    # The first third fills caches (modules, reference data, patterns); growth is what comes after.
    growth = max(0.0, (tenths[9] - tenths[3]) / (pages * 0.6))
    rows = [
        Row("after a tenth", [tenths[0]], "MB", tenths[0] / tenths[9]),
        Row("after a half", [tenths[4]], "MB", tenths[4] / tenths[9]),
        Row("at the end", [tenths[9]], "MB", 1.0, f"{pages} requests"),
        Row(
            f"extrapolated to {LONG:,} requests", [tenths[9] + growth * max(0, LONG - pages)], "MB", None,
            f"{growth * 1000:.1f} MB for every 1,000 requests after the first 40 %; not measured",
        ),
    ]  # fmt: skip
    return Table(
        "memory",
        f"Resident memory of one `gongkai crawl` over {TOWNS} towns with {len(YEARS)} reports each.",
        "at the end",
        rows,
        ["More towns: `GONGKAI_BENCH_TOWNS=3000 python -m benchmarks memory`. Goal: flat."],
    )


def _resident(pid: int) -> float:
    """Megabytes, 0 for a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)
