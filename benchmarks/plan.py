"""The arithmetic of docs/national-plan.md with the latest measured figures: ``python -m benchmarks.plan``.

Inputs are taken from ``benchmarks/results``; what is not there is said to be missing, and what nobody can measure here is
an assumption with a name. Rates that no table has are measured now, on one core.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from dataclasses import dataclass, field
from math import isnan, nan
from pathlib import Path
from statistics import median

from archive.store import Archive
from archive.store.merging import merge
from benchmarks.harness import RESULTS, job
from benchmarks.ingest import write
from tests.synthetic import fill

ASSUMED = {
    "bodies that report": (
        143_000,
        "2,843 counties × 45, 333 prefectures × 40, 31 provinces × 45, the centre 80",
    ),
    "years": (18, "2008 to 2025"),
    "installations": (300, "publishing systems in the country"),
    "largest installation": (0.03, "its share of all reports; Chongqing has 1.3 % of the counties"),
    "seconds between requests": (1.0, "GONGKAI_DELAY"),
    "asked again each night": (1 / 30, "gongkai nightly --share"),
    "pages of a web crawl": (3.0e9, "one monthly crawl of Common Crawl's size"),
    "share on government hosts": (0.004, "addresses under .gov.cn, from the crawl's own index"),
    "compressed page": (20_000, "bytes of a WARC record of HTML"),
    "candidates": (0.02, "government pages that pass the byte filter"),
    "lists a body": (2, "its column and what leads there, asked every night"),
    "dollars a thousand requests": (0.0004, "reading ranges from an object store"),
    "dollars a core hour": (0.04, "a cloud's spot machine"),
    "dollars a GB and month": (0.023, "a cloud's object store"),
}


@dataclass
class Plan:
    """Named figures, each with where it comes from, printed as they are worked out."""

    values: dict[str, float] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def put(self, name: str, value: float, unit: str, source: str) -> float:
        """Note a figure."""
        self.values[name] = value
        shown = "—" if isnan(value) else f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
        self.lines.append(f"| {name} | {shown} {unit} | {source} |")
        return value

    def measured(self, name: str, table: str, row: str, unit: str) -> float:
        """A figure of the last run of a benchmark. Not a number if it was never run: nor is what follows from it then."""
        path = RESULTS / f"{table}.json"
        data = json.loads(path.read_text("utf-8")) if path.exists() else {"rows": []}
        found = next((r for r in data["rows"] if re.fullmatch(row, r["name"])), None)
        if found is None:
            return self.put(name, nan, unit, f"missing: run `python -m benchmarks {table}` first")
        return self.put(name, median(found["rates"]), unit, f"`python -m benchmarks {table}`, {data['date']}")


def main() -> None:
    """Print inputs and results as the tables of the page."""
    plan = Plan()
    for name, (value, why) in ASSUMED.items():
        plan.put(name, value, "", f"assumption: {why}")
    read = plan.measured("reports read a second and core", "reading", "(any: )?gongkai, all of it", "/s")
    crawl = plan.measured(
        "pages crawled a second and core", "crawling", "gongkai crawl(, one process)?", "/s"
    )
    page = plan.measured("bytes of a stored page", "storage", "archive", "B")
    per_list = plan.measured("bytes of a list that changed", "storage", "a list again, token.*", "B")
    filtered, taken, merged, rows = _measure()
    plan.put(
        "pages taken in from WARC a second",
        taken,
        "/s",
        "measured now, one process reading, without its start",
    )
    plan.put("pages filtered a second and core", filtered, "/s", "measured now")
    plan.put("reports merged a second", merged, "/s", "measured now")
    plan.put("bytes of a report's rows", rows, "B", "measured now")
    inputs, plan.lines = plan.lines, []

    value = {name: number for name, (number, _) in ASSUMED.items()}
    reports = plan.put("R reports", value["bodies that report"] * value["years"], "", "bodies × years")
    lists = value["bodies that report"] * value["lists a body"]
    first = plan.put("first crawl, requests", reports + lists, "", "R + bodies × lists")
    installations, delay = value["installations"], value["seconds between requests"]
    plan.put(
        "first crawl, a mean installation",
        first / installations * delay / 3600,
        "h",
        "requests ÷ installations × delay",
    )
    plan.put(
        "first crawl, the largest",
        first * value["largest installation"] * delay / 86400,
        "days",
        "requests × its share × delay",
    )
    plan.put(
        "cores while all are crawled",
        installations / delay / crawl,
        "",
        "installations ÷ delay ÷ pages crawled",
    )
    night = plan.put(
        "a night, requests", lists + reports * value["asked again each night"], "",
        "bodies × lists + R × share",
    )  # fmt: skip
    plan.put(
        "a night, mean installation",
        night / installations * delay / 60,
        "min",
        "requests ÷ installations × delay",
    )
    plan.put(
        "a night, the largest",
        night * value["largest installation"] * delay / 3600,
        "h",
        "requests × its share × delay",
    )
    plan.put("merging the first crawl", reports / merged / 3600, "h", "R ÷ reports merged")
    plan.put("reading everything anew", reports / read / 3600, "core h", "R ÷ reports read")
    pages_gb = plan.put("stored pages", reports * page / 1e9, "GB", "R × bytes of a page")
    rows_gb = plan.put("rows and search", reports * rows / 1e9, "GB", "R × bytes of rows")
    plan.put(
        "a year of lists, at most",
        lists * 365 * per_list / 1e9,
        "GB",
        "bodies × lists × 365 × bytes of a list",
    )
    plan.put(
        "to keep it", (pages_gb + rows_gb) * value["dollars a GB and month"] * 12, "$ a year", "GB × $ × 12"
    )
    governed = plan.put(
        "web crawl: government pages",
        value["pages of a web crawl"] * value["share on government hosts"],
        "",
        "pages × share",
    )
    plan.put(
        "web crawl: fetched by range",
        governed * value["compressed page"] / 1e9,
        "GB",
        "government pages × bytes",
    )
    filtering = plan.put(
        "web crawl: filtering", governed / filtered / 3600, "core h", "government pages ÷ filtered a second"
    )
    found = plan.put(
        "web crawl: candidates", governed * value["candidates"], "", "government pages × share that passes"
    )
    taking = plan.put(
        "web crawl: taking in", found / taken / 3600, "core h", "candidates ÷ taken in a second"
    )
    money = (filtering + taking) * value["dollars a core hour"]
    money += governed / 1000 * value["dollars a thousand requests"]
    plan.put(
        "web crawl: money", money, "$ a crawl", "core hours × $ + requests × $; beside the data, no egress"
    )
    whole = plan.put(
        "web crawl: filtering all of it instead",
        value["pages of a web crawl"] / filtered / 3600,
        "core h",
        "all pages ÷ filtered a second",
    )
    plan.put(
        "web crawl: money for all of it", whole * value["dollars a core hour"], "$ a crawl", "core hours × $"
    )
    print(
        "\n".join(
            [
                "| input | value | from |",
                "|---|---|---|",
                *inputs,
                "",
                "| result | value | formula |",
                "|---|---|---|",
                *plan.lines,
            ]
        )
    )


def _measure() -> tuple[float, float, float, float]:
    """Pages through the byte filter and pages taken in a second, reports merged a second, bytes of a report's rows."""
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    words = [
        word.encode(code) for word in ("政府信息公开", "年度报告", "年报") for code in ("utf-8", "gb18030")
    ]
    with tempfile.TemporaryDirectory() as folder:
        warc = Path(folder) / "pages.warc.gz"
        count_all = write(warc, copies=3)
        start, passed = time.perf_counter(), 0
        with warc.open("rb") as stream:
            for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
                body = record.reader.read()
                passed += any(word in body for word in words)
        assert passed == count_all
        filtered = count_all / (time.perf_counter() - start)
        few = Path(folder) / "few.warc.gz"
        more = count_all - write(few, copies=1)
        command = [sys.executable, "-m", "crawler", "ingest", "--jobs", "1", "--archive"]
        seconds = {file: job([*command, f"{file}.db", str(file)])[0] for file in (few, warc)}
        taken = more / (seconds[warc] - seconds[few])  # the start is that of both
        source = Path(folder) / "source.db"
        reports = fill(source, 600, nights=1)
        empty = Path(folder) / "empty.db"
        with Archive.open(empty, create=True) as archive:
            before = empty.stat().st_size
            start = time.perf_counter()
            merge(archive, source)
            seconds = time.perf_counter() - start
            bodies = archive.conn.execute("SELECT sum(length(data)) FROM body").fetchone()[0]
            archive.truncate_log()
        return filtered, taken, reports / seconds, (empty.stat().st_size - before - bodies) / reports


if __name__ == "__main__":
    main()
