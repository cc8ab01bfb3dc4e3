"""Understanding stored pages again: one process beside several, by the same command's code."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from archive import reread
from archive.store import Archive, Capture
from benchmarks.harness import Table, compared, rates
from benchmarks.reading import pages

COPIES = 30
"""Pages of the reading benchmark, each kept so often under other addresses: enough to outweigh the processes' start."""


def fill(path: Path) -> None:
    """Keep and read the pages. Copies bear other bytes, so that each is unpacked and read for itself."""
    with Archive.open(path, create=True) as archive:
        for copy in range(COPIES):
            for number, (body, headers, context) in enumerate(pages()):
                doc_key, url = f"cq:{copy}-{number}", f"http://127.0.0.1/{copy}/{number}.html"
                capture = Capture(
                    url=url, final_url=url, kind="report", status=200, fetched_at="2026-01-20T08:00:00Z",
                    body=body + f"<!-- {copy} -->".encode(), headers=list(headers), context=context.as_dict(),
                    doc_key=doc_key,
                )  # fmt: skip
                archive.snapshots.add(capture, crawl_id=None)
        reread.reread(archive, jobs=os.cpu_count() or 1)


def run(rounds: int = 3) -> Table:
    """The table for docs/benchmarks.md."""
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        fill(path)
        with Archive.open(path) as archive:
            contenders = {
                "one process": lambda: reread.reread(archive, jobs=1).read,
                f"{cores} processes": lambda: reread.reread(archive, jobs=cores).read,
            }
            measured = rates(contenders, rounds=rounds)
            items = reread.total(archive.conn, outdated=False)
    return Table(
        "reread",
        f"Stored pages understood again a second: {items:,} pages of 80 kB, the start of the processes included.",
        "one process",
        compared(measured, "one process", "pages/s"),
        ["Goal: at least 1.8 on two cores."],
    )
