"""Time and memory of each long job, on archives of two sizes: what grows with the archive, and what does not."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.harness import Row, Table, job
from tests.synthetic import fill

SIZES = (500, 2_000)


def jobs(folder: Path) -> dict[str, list[str]]:
    """Each job's arguments, without the archive."""
    return {
        "reread --jobs 1": ["reread", "--jobs", "1"],
        "verify": ["verify"],
        "export csv": ["export", "--format", "csv", str(folder / "csv")],
        "export warc": ["export", "--format", "warc", str(folder / "warc")],
        "backup": ["backup", str(folder / "backup.db")],
        "publish": ["publish", str(folder / "published")],
        "merge into an empty archive": ["merge"],
    }


def run() -> Table:
    """The table for docs/benchmarks.md: peak memory; the ratio is to the size before."""
    peaks: dict[str, list[float]] = {}
    seconds: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for size in SIZES:
            folder = Path(temporary) / str(size)
            folder.mkdir()
            archive = folder / "archive.db"
            fill(archive, size, nights=30)
            for name, arguments in jobs(folder).items():
                # A job may write: each has the archive as it was made.
                own = folder / "own.db"
                shutil.copyfile(archive, own)
                into = ["--archive", str(own)]
                if arguments == ["merge"]:
                    arguments, into = ["merge", str(own)], ["--archive", str(folder / "merged.db")]
                took, peak = job([sys.executable, "-m", "crawler", *arguments, *into])
                peaks.setdefault(name, []).append(peak)
                seconds.setdefault(name, []).append(took)
                for file in folder.glob("own.db*"):
                    file.unlink()
    small, large = SIZES
    rows = [
        Row(name, [found[-1]], "MB", found[-1] / found[0], f"{seconds[name][-1]:.1f} s")
        for name, found in peaks.items()
    ]
    return Table(
        "jobs",
        f"Peak memory of the job's largest process on an archive of {large:,} reports; the ratio is to {small:,}, of which it has"
        f" {large // small} times as many.",
        f"{small:,} reports",
        rows,
        ["A ratio near 1 is bounded memory. The crawl has a table of its own."],
    )
