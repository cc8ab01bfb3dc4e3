"""What a night on an unchanged portal costs, in requests, beside the first crawl."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.harness import Row, Table
from crawler.replica import Replica, Scenario

TOWNS = 60
YEARS = (2021, 2022, 2023, 2024, 2025)
SHARE = 1 / 30


def run(nights: int = 3) -> Table:
    """The table for docs/benchmarks.md: requests of the first crawl, then of nights on which nothing changed."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Replica(Scenario(portals=False, towns=TOWNS, town_years=YEARS), max_seconds=900) as replica,
    ):
        sites = Path(folder) / "sites.csv"
        sites.write_text(replica.registry_csv(), "utf-8")
        environment = {
            **os.environ, "GONGKAI_DELAY": "0", "GONGKAI_SITES": str(sites), "XDG_STATE_HOME": folder,
            "GONGKAI_ARCHIVE": str(Path(folder) / "archive.db"),
        }  # fmt: skip
        rows: list[Row] = []
        for number in range(nights + 1):
            replica.log.clear()
            command = ["nightly"] if number else ["crawl"]
            subprocess.run(
                [sys.executable, "-m", "crawler", *command], env=environment, capture_output=True, check=True
            )
            statuses = [entry.status for entry in replica.log]
            reports = sum("/t20" in entry.path for entry in replica.log)
            first = rows[0].rates[0] if rows else float(len(statuses))
            note = f"{len(statuses) - reports} lists and robots.txt, {reports} reports, {statuses.count(304)} answered 304"
            name = f"night {number}, unchanged" if number else "first crawl"
            rows.append(Row(name, [float(len(statuses))], "requests", len(statuses) / first, note))
    return Table(
        "night",
        f"Requests for {TOWNS} towns with {len(YEARS)} reports each; every night asks 1/30 of the known reports again.",
        "first crawl",
        rows,
        [f"A quiet night is its lists and {SHARE:.0%} of the reports, two times of three with conditions."],
    )
