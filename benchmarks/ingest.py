"""Taking in a WARC file: one reading process beside several, by the command itself; pages a second and peak memory."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.harness import Table, compared, job
from benchmarks.reading import pages

COPIES = 6
"""Pages of the reading benchmark, each so often under other addresses with another text."""


def write(path: Path, copies: int = COPIES) -> int:
    """A WARC.gz of pages that no two are alike; their number comes back."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    count = 0
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for copy in range(copies):
            for number, (body, headers, _) in enumerate(pages()):
                http = StatusAndHeaders("200 OK", list(headers), protocol="HTTP/1.1")
                writer.write_record(
                    writer.create_warc_record(
                        f"http://127.0.0.1/{copy}/{number}.html", "response",
                        payload=io.BytesIO(body + f"<!-- {copy} -->".encode()), http_headers=http,
                        warc_headers_dict={"WARC-Date": "2026-02-01T08:00:00Z"},
                    )
                )  # fmt: skip
                count += 1
    return count


def run(rounds: int = 3) -> Table:
    """The table for docs/benchmarks.md."""
    cores = os.cpu_count() or 1
    measured: dict[str, list[float]] = {f"{jobs} reading": [] for jobs in sorted({1, cores})}
    peaks = dict.fromkeys(measured, 0.0)
    with tempfile.TemporaryDirectory() as folder:
        warc = Path(folder) / "pages.warc.gz"
        count = write(warc)
        for number in range(rounds):
            for jobs, name in zip(sorted({1, cores}), measured, strict=True):
                archive = Path(folder) / f"{number}-{jobs}.db"
                command = [sys.executable, "-m", "crawler", "ingest", str(warc), "--jobs", str(jobs), "--archive", str(archive)]  # fmt: skip
                seconds, peak = job(command)
                measured[name].append(count / seconds)
                peaks[name] = max(peaks[name], peak)
                archive.unlink()
    notes = {name: f"{peak:.0f} MB at most in the process that writes" for name, peak in peaks.items()}
    return Table(
        "ingest",
        f"Pages of 80 kB a second from a WARC.gz of {count} pages into a new archive, the command's start included.",
        "1 reading",
        compared(measured, "1 reading", "pages/s", notes),
        ["One process unpacks and writes; what it hands out for reading is bounded by number and by bytes."],
    )
