"""Comparing reports with each other: everything anew, after a night's crawl, and one county's panel."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from archive.store import Archive, across
from archive.store.connection import transaction
from benchmarks.harness import Row, Table
from tests.panel import Panel, prepare, report

REPORTS = int(os.environ.get("GONGKAI_BENCH_ACROSS", "20000"))
"""A country's worth of comparing is asked for with ``GONGKAI_BENCH_ACROSS=100000``; writing it takes longer than measuring."""
YEARS = range(2016, 2026)
COUNTIES = 100
NIGHT = 1_500
WORDS = (
    "公开平台",
    "政策解读",
    "依申请公开",
    "目录管理",
    "信息发布",
    "业务培训",
    "公众参与",
    "监督保障",
    "规范性文件",
    "专题专栏",
)
SENTENCES = 40


def run(rounds: int = 3, reports: int = REPORTS) -> Table:
    """The table for docs/benchmarks.md. The archive takes longer to write than all that is measured."""
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "a.db", create=True) as archive:
        fill(archive, reports)
        measured: dict[str, list[float]] = {
            name: [] for name in ("everything", "after a night", "after one reading", "one county's panel")
        }
        notes = dict.fromkeys(measured, "")
        for _ in range(rounds):
            done = across.Compared()
            measured["everything"].append(
                timed(lambda: across.update(archive.db, everything=True), into=done)
            )
            notes["everything"] = f"{done.reports:,} reports compared, {done.findings:,} findings"
            touch(archive, NIGHT)
            measured["after a night"].append(timed(lambda: across.update(archive.db), into=done))
            notes["after a night"] = f"{done.due:,} new readings, {done.reports:,} reports compared"
            touch(archive, 1)
            measured["after one reading"].append(timed(lambda: across.update(archive.db), into=done))
            notes["after one reading"] = f"{done.reports:,} reports compared"
            measured["one county's panel"].append(timed(lambda: panel(archive)))
    return Table(
        "across",
        f"Seconds to compare reports across years and units, among {reports:,} reports with all cells and texts.",
        "everything",
        [Row(name, seconds, "s", note=notes[name]) for name, seconds in measured.items()],
        [
            "Goals: everything in less than 60 s at 100,000 reports (`GONGKAI_BENCH_ACROSS=100000`), one county's panel in less than 0.05 s."
        ],
    )


def timed(work: Callable[[], Any], *, into: across.Compared | None = None) -> float:
    """Seconds that the work took; what an update came to is put ``into``."""
    start = time.perf_counter()
    result = work()
    taken = time.perf_counter() - start
    if into is not None:
        into.due, into.reports, into.findings = result.due, result.reports, result.findings
    return taken


def panel(archive: Archive) -> int:
    """One county's panel, read whole."""
    return len(archive.conn.execute("SELECT * FROM panel WHERE county_code = '900001'").fetchall())


def touch(archive: Archive, count: int) -> None:
    """As if a night's crawl had read so many reports on the last year."""
    with transaction(archive.db) as conn:
        conn.execute(
            "UPDATE report SET form = form WHERE id IN (SELECT id FROM report WHERE year = ? LIMIT ?)",
            [YEARS[-1], count],
        )


def fill(archive: Archive, reports: int) -> None:
    """Bodies of made-up counties over ten years, one in fifty of their figures not carried over rightly."""
    rng = random.Random(1)
    bodies = reports // len(YEARS)
    agencies = {}
    for number in range(bodies):
        code = f"9{number % COUNTIES:05}"
        kind = (
            "county_government"
            if number < COUNTIES
            else "township_government"
            if number % 2
            else "department"
        )
        agencies[f"{code}:{kind}:{number}"] = code
    prepare(archive, agencies)
    writer = Panel(archive)
    batch: list[dict[str, Any]] = []
    for key in agencies:
        batch += series(key, rng)
        if len(batch) >= 2_000:
            writer.write(batch)
            batch = []
    writer.write(batch)


def series(key: str, rng: random.Random) -> list[dict[str, Any]]:
    """One body's ten reports."""
    made, carried, valid = [], 0, rng.randint(0, 40)
    for year in YEARS:
        new, over = rng.randint(0, 20), rng.randint(0, 3)
        start = carried if rng.random() > 0.02 else carried + 1
        up, down = rng.randint(0, 3), rng.randint(0, 2)
        valid = max(0, valid + up - down)
        t3 = {
            "new_received": new,
            "carried_in": start,
            "processed_total": new + start - over,
            "carried_out": over,
        }
        t2 = {"normative_documents": {"made": up, "repealed": down, "valid": valid}} if year >= 2021 else None
        form = "stat2014" if year < 2019 else None
        made.append(report(key, year, form=form, t3=None if form else t3, t2=t2, text=text(rng)))  # type: ignore[arg-type]
        carried = over
    return made


def text(rng: random.Random) -> str:
    """About 1,500 characters, as a town's report has."""
    return "。".join(
        f"{rng.choice(WORDS)}方面，全年{rng.choice(WORDS)}{rng.randint(1, 900)}条，{rng.choice(WORDS)}与{rng.choice(WORDS)}协同推进"
        for _ in range(SENTENCES)
    )


if __name__ == "__main__":
    print(run(rounds=1).markdown())
