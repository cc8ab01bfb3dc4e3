"""The pages people open, timed at a served archive: does every one come within a fifth of a second?

Each page is asked for the first time since the archive changed (nothing is remembered), and then again.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

from benchmarks.harness import Row, Table
from tests.synthetic import fill

REPORTS = int(os.environ.get("GONGKAI_BENCH_BROWSING", "20000"))
"""The goal is for 100,000: ask for them with ``GONGKAI_BENCH_BROWSING=100000``; writing them takes a quarter of an hour."""
GOAL = 200.0
ROUNDS = 5

PICK = {
    "report": "SELECT id FROM report WHERE form = 'gb2021' ORDER BY id LIMIT 1 OFFSET (SELECT count(*) / 4 FROM report)",
    "county": "SELECT county_code FROM report WHERE county_code IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
    "agency": (
        "SELECT a.key FROM report r JOIN agency a ON a.id = r.agency_id WHERE a.kind = 'department'"
        " GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    ),
    "snapshot": "SELECT snapshot_id FROM report ORDER BY id LIMIT 1 OFFSET (SELECT count(*) / 3 FROM report)",
}


def pages(path: Path) -> dict[str, str]:
    """What is asked for, by its name: the largest county, a body with as many reports as any."""
    with closing(sqlite3.connect(path)) as conn:
        picked = {name: quote(str(conn.execute(sql).fetchone()[0])) for name, sql in PICK.items()}
    return {
        "home": "/",
        "home, another year, all bodies": "/?year=2023&group=all",
        "report": f"/archive/report/{picked['report']}",
        "report, one cell in full": f"/archive/report/{picked['report']}?cell=applications.granted.total",
        "county, six years": f"/-/county/{picked['county']}",
        "county, all years": f"/-/county/{picked['county']}?from=2008&to=2025",
        "agency": f"/-/agency/{picked['agency']}",
        "snapshot": f"/-/snapshot/{picked['snapshot']}",
        "charts, all counties": "/-/charts",
        "charts, one county": f"/-/charts?county={picked['county']}",
        "search of two characters": f"/-/search?q={quote('复议')}",
    }


@contextmanager
def served(path: Path) -> Iterator[str]:
    """The archive served by ``gongkai serve`` in a process of its own; the address."""
    command = [sys.executable, "-m", "crawler", "serve", "--archive", str(path), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = re.search(r"http://[\d.]+:\d+", process.stderr.readline())
        try:
            if not found:
                raise RuntimeError("gongkai serve did not say where it listens")
            yield found[0]
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def asked(address: str) -> float:
    """Milliseconds until the whole page is here."""
    start = time.perf_counter()
    with urlopen(address, timeout=120) as answer:
        answer.read()
    return (time.perf_counter() - start) * 1000


def run() -> Table:
    """The table for docs/benchmarks.md. ``GONGKAI_BENCH_ARCHIVE`` names a synthetic archive that is there already."""
    given = os.environ.get("GONGKAI_BENCH_ARCHIVE")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        if given:
            shutil.copyfile(given, path)
        else:
            fill(path, REPORTS)
        with closing(sqlite3.connect(path)) as conn:
            reports = conn.execute("SELECT count(*) FROM report").fetchone()[0]
        wanted = pages(path)
        first: dict[str, list[float]] = {name: [] for name in wanted}
        again: dict[str, list[float]] = {name: [] for name in wanted}
        with served(path) as base:
            asked(base)
            for _ in range(ROUNDS):
                for name, address in wanted.items():
                    os.utime(path)  # as if a crawl had written: what the pages remember is forgotten
                    first[name].append(asked(base + address))
                    again[name].append(asked(base + address))
    rows = [
        Row(name, times, "ms", statistics.median(again[name]) / statistics.median(times), _said(times))
        for name, times in first.items()
    ]
    return Table(
        "browsing",
        f"Milliseconds until a page is there, at {reports:,} reports, the first time since the archive changed; "
        "the ratio is what the second time takes.",
        "the first time",
        rows,
        [f"Goal: below {GOAL:.0f} ms each."],
    )


def _said(times: list[float]) -> str:
    return "" if statistics.median(times) <= GOAL else "above the goal"


if __name__ == "__main__":
    sys.stdout.write(run().markdown())
