"""Pages per second of the whole pipeline (fetch, keep, read, check, store), beside a bare Scrapy spider on the same server."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.harness import Table, compared
from crawler.replica import Replica, Scenario

TOWNS = 60
YEARS = (2021, 2022, 2023, 2024, 2025)

BARE = """
import scrapy


class BareSpider(scrapy.Spider):
    name = "bare"
    custom_settings = {{"LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False,
                       "ROBOTSTXT_OBEY": False, "CONCURRENT_REQUESTS": 16, "CONCURRENT_REQUESTS_PER_DOMAIN": 16}}

    async def start(self):
        for url in open({urls!r}, encoding="utf-8").read().split():
            yield scrapy.Request(url, self.parse, dont_filter=True)

    def parse(self, response):
        yield {{"url": response.url, "bytes": len(response.body)}}
"""


def run(rounds: int = 3) -> Table:
    """The table for docs/benchmarks.md. Start-up of both processes is part of what is measured."""
    measured: dict[str, list[float]] = {"bare Scrapy spider": [], "gongkai crawl": []}
    with tempfile.TemporaryDirectory() as folder, Replica(Scenario(towns=TOWNS, town_years=YEARS)) as replica:
        sites = Path(folder) / "sites.csv"
        sites.write_text(replica.registry_csv(), "utf-8")
        environment = {**os.environ, "GONGKAI_DELAY": "0", "GONGKAI_SITES": str(sites)}
        pages = 0
        for number in range(rounds):
            replica.log.clear()
            archive = Path(folder) / f"{number}.db"
            command = [sys.executable, "-m", "crawler", "crawl", "load-towns", "--archive", str(archive)]
            seconds = _seconds(command, environment)
            seen = [entry for entry in replica.log if entry.status == 200]
            pages = len(seen)
            measured["gongkai crawl"].append(pages / seconds)
            urls = Path(folder) / "urls.txt"
            urls.write_text("\n".join(replica.base(entry.host) + entry.path for entry in seen), "utf-8")
            spider = Path(folder) / "bare.py"
            spider.write_text(BARE.format(urls=str(urls)), "utf-8")
            seconds = _seconds(
                [sys.executable, "-m", "scrapy", "runspider", str(spider), "-o", os.devnull + ":jsonlines"],
                environment,
            )
            measured["bare Scrapy spider"].append(pages / seconds)
    return Table(
        "crawling",
        f"Pages a second from start to exit, {pages} pages of {TOWNS} towns, one process, the replica on the other core.",
        "bare Scrapy spider",
        compared(measured, "bare Scrapy spider", "pages/s"),
        ["Goal: at least half of the bare spider, which keeps, reads and checks nothing."],
    )


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{command}: exit {done.returncode}\n{done.stderr[-2000:]}")
    return time.perf_counter() - start
