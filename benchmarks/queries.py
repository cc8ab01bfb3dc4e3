"""What people ask an archive, timed on synthetic archives of three sizes: does it stay below a tenth of a second?"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from math import log
from pathlib import Path

from archive.store import Archive
from archive.store.search import search
from benchmarks.harness import Row, Table
from tests.synthetic import fill

SIZES = (1_000, 5_000, 25_000)
"""Written within minutes; ``GONGKAI_BENCH_REPORTS=1000,10000,100000`` asks for larger ones."""
THEN = 1_000_000
GOAL = 100.0
ROUNDS = 5

Ask = Callable[[Archive], object]


def questions() -> dict[str, Ask]:
    """The queries of docs and commands, as they are put there."""

    def rows(sql: str, *values: object) -> Ask:
        return lambda archive: archive.conn.execute(sql, values).fetchall()

    return {
        "panel of one county, one year": rows(
            "SELECT * FROM panel WHERE county_code = '500113' AND year = 2024"
        ),
        "findings by rule, a page of them": rows(
            "SELECT f.*, r.agency, r.year FROM finding f JOIN report r ON r.id = f.report_id WHERE f.rule = 'T3-BALANCE'"
            " AND f.resolved_at IS NULL LIMIT 100"
        ),
        "findings counted by rule": rows(
            "SELECT rule, severity, count(*) FROM finding WHERE resolved_at IS NULL GROUP BY rule, severity"
        ),
        "coverage of a year": rows("SELECT * FROM coverage WHERE year = 2024"),
        "coverage of a county": rows("SELECT * FROM coverage WHERE county_code = '500113'"),
        "search of two characters": lambda archive: search(archive.conn, "收费"),
        "search of a name": lambda archive: search(archive.conn, "金峰"),
        "one report with its cells": rows("SELECT * FROM cell WHERE report_id = 777"),
        "one report's page": _page,
    }


def _page(archive: Archive) -> object:
    """All that the page of a report in Datasette asks for."""
    from archive.publish import page

    class Asked:
        async def execute(self, sql: str, values: object = ()) -> object:
            class Found:
                rows = archive.conn.execute(sql, values or ()).fetchall()  # type: ignore[call-overload]

                def first(self) -> object:
                    return self.rows[0] if self.rows else None

            return Found()

    return asyncio.run(page.gather(Asked(), 777))


def timed(archive: Archive, ask: Ask) -> float:
    """Milliseconds, the median of some rounds after one to warm up."""
    ask(archive)
    measured = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        ask(archive)
        measured.append((time.perf_counter() - start) * 1000)
    return statistics.median(measured)


def run(sizes: tuple[int, ...] = ()) -> Table:
    """The table for docs/benchmarks.md. ``GONGKAI_BENCH_REPORTS=10000,30000,100000`` asks for other sizes."""
    asked = os.environ.get("GONGKAI_BENCH_REPORTS")
    sizes = sizes or (tuple(int(n) for n in asked.split(",")) if asked else SIZES)
    times: dict[str, list[float]] = {name: [] for name in questions()}
    bytes_per_report = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder) / f"{size}.db"
            fill(path, size)
            bytes_per_report.append(path.stat().st_size / size)
            with Archive.open(path, read_only=True) as archive:
                for name, ask in questions().items():
                    times[name].append(timed(archive, ask))
            path.unlink()
    rows = []
    for name, measured in times.items():
        said = "; ".join(f"{size:,}: {ms:.1f}" for size, ms in zip(sizes, measured, strict=True))
        growth = measured[-1] / max(measured[-2], 0.01) if len(sizes) > 1 else 1.0
        then = (
            ""
            if len(sizes) < 2
            else f"; {THEN:,} would be {measured[-1] * growth ** log(THEN / sizes[-1], sizes[-1] / sizes[-2]):,.0f}"
        )
        slowest = "" if measured[-1] <= GOAL else "; above the goal"
        rows.append(Row(name, [measured[-1]], "ms", growth, f"reports: ms {said}{then}{slowest}"))
    return Table(
        "queries",
        f"Milliseconds for what people ask, warm, growth taken on to {THEN:,} reports as it was from the last size but one; at {sizes[-1]:,} reports; the ratio is to the size before "
        f"({sizes[-2] if len(sizes) > 1 else sizes[-1]:,}).",
        "size before",
        rows,
        [f"Goal: below {GOAL:.0f} ms each. {bytes_per_report[-1]:,.0f} bytes a report without its page."],
    )
