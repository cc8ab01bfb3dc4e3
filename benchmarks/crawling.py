"""Pages per second of the whole pipeline (fetch, keep, read, check, store), beside Scrapy that does nothing, or writes files.

All contenders ask one server for the same pages in the same round. The server is this process; its processor time is
told beside the crawler's, for on two cores the three share them.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import Row, Table, compared
from crawler.replica import Replica, Scenario

TOWNS = int(os.environ.get("GONGKAI_BENCH_TOWNS", "100"))
YEARS = (2021, 2022, 2023, 2024, 2025)
BARE, FILES = "bare Scrapy spider", "Scrapy, each page to a file"
ALONE, READERS = "gongkai crawl, one process", "gongkai crawl, with a reader process"

SPIDER = """
import hashlib, pathlib, sys
import scrapy


class BareSpider(scrapy.Spider):
    name = "bare"
    custom_settings = {{"LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False,
                       "ROBOTSTXT_OBEY": False, "CONCURRENT_REQUESTS": 16, "CONCURRENT_REQUESTS_PER_DOMAIN": 16}}

    async def start(self):
        for url in open({urls!r}, encoding="utf-8").read().split():
            yield scrapy.Request(url, self.parse, dont_filter=True)

    def parse(self, response):
        if {files!r}:
            name = hashlib.sha256(response.url.encode()).hexdigest()
            (pathlib.Path({files!r}) / name).write_bytes(response.body)
        yield {{"url": response.url, "bytes": len(response.body)}}
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one contender: seconds from start to exit, from its first request to exit, and of processors."""

    pages: int
    seconds: float
    steady: float
    own: float
    server: float


def run(rounds: int = 3) -> Table:
    """The table for docs/benchmarks.md."""
    runs: dict[str, list[Run]] = {name: [] for name in (BARE, FILES, ALONE, READERS)}
    with (
        tempfile.TemporaryDirectory() as folder,
        Replica(Scenario(portals=False, towns=TOWNS, town_years=YEARS)) as replica,
    ):
        sites = Path(folder) / "sites.csv"
        sites.write_text(replica.registry_csv(), "utf-8")
        environment = {
            **os.environ, "GONGKAI_DELAY": "0", "GONGKAI_SITES": str(sites), "XDG_STATE_HOME": folder,
        }  # fmt: skip
        for number in range(rounds):
            for name, readers in ((ALONE, "0"), (READERS, "1")):
                archive = Path(folder) / f"{number}-{readers}.db"
                command = [sys.executable, "-m", "crawler", "crawl", "--archive", str(archive)]
                runs[name].append(_run(replica, command, {**environment, "GONGKAI_READERS": readers}))
            urls = Path(folder) / "urls.txt"
            seen = [entry for entry in replica.log if entry.status == 200]
            urls.write_text("\n".join(replica.base(entry.host) + entry.path for entry in seen), "utf-8")
            for name, files in ((BARE, ""), (FILES, str(Path(folder) / f"pages-{number}"))):
                if files:
                    Path(files).mkdir()
                spider = Path(folder) / "bare.py"
                spider.write_text(SPIDER.format(urls=str(urls), files=files), "utf-8")
                output = os.devnull + ":jsonlines"
                command = [sys.executable, "-m", "scrapy", "runspider", str(spider), "-o", output]
                # Elsewhere than here: beside scrapy.cfg the spider would be given this project's settings.
                runs[name].append(_run(replica, command, environment, folder))
    steady = {name: [one.pages / one.steady for one in of] for name, of in runs.items()}
    rows = compared(steady, BARE, "pages/s", {name: _note(of) for name, of in runs.items()})
    whole = {f"{name}, from start to exit": [r.pages / r.seconds for r in of] for name, of in runs.items()}
    rows += [
        Row(name, values, "pages/s", _ratio(values, whole[f"{BARE}, from start to exit"]))
        for name, values in whole.items()
    ]
    return Table(
        "crawling",
        f"Pages a second from the first request to exit: {runs[BARE][0].pages} pages of {TOWNS} towns, of which five in seven"
        " are reports. The server shares the cores.",
        BARE,
        rows,
        [
            "Goal: half of the bare spider, which keeps, reads and checks nothing. What the distance consists of: docs/performance.md."
        ],
    )


def _ratio(values: list[float], reference: list[float]) -> float:
    ratios = sorted(value / other for value, other in zip(values, reference, strict=True))
    return ratios[len(ratios) // 2]


def _note(runs: list[Run]) -> str:
    own = sum(run.own for run in runs) / sum(run.pages for run in runs)
    server = sum(run.server for run in runs) / sum(run.pages for run in runs)
    return f"{own * 1000:.1f} ms of processor a page, start included; the server {server * 1000:.1f} ms"


def _run(
    replica: Replica, command: list[str], environment: Mapping[str, str], folder: str | None = None
) -> Run:
    replica.log.clear()
    before, server = _children(), time.process_time()
    start = time.monotonic()
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=900, check=False
    )
    end = time.monotonic()
    pages = sum(entry.status == 200 for entry in replica.log)
    if done.returncode not in (0, 1) or pages < TOWNS * len(YEARS):
        raise RuntimeError(f"{command}: exit {done.returncode}, {pages} pages\n{done.stderr[-2000:]}")
    first = min(entry.at for entry in replica.log)
    return Run(pages, end - start, end - first, _children() - before, time.process_time() - server)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
