"""Timing side by side: every contender once in each round, so that a machine that slows down slows them all."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
NOISE = 0.1
"""The least by which a figure must be worse to be told: less is a matter of the day."""
PEERS = ("scrapy", "lxml", "pandas", "trafilatura", "datasette", "warcio")
HEAD = """# Benchmarks

Written by `make bench`: every contender once in each round, medians, ratios of the same round. Compare rows within a table
only. The raw figures of all rounds are in `benchmarks/results/`; `python -m benchmarks NAME` runs one again and renews this
page. docs/national-plan.md works with them.
"""


@dataclass(slots=True)
class Row:
    """One contender: its rate in each round, their median, and the ratio to the reference of the table."""

    name: str
    rates: list[float]
    unit: str
    ratio: float | None = None
    note: str = ""

    @property
    def less_is_better(self) -> bool:
        """Whether the figure is a cost (time, bytes, requests) and no rate."""
        return not self.unit.endswith("/s")

    @property
    def spread(self) -> float:
        """Half the range over the rounds, as a share of the median; 0 for a single figure."""
        return (max(self.rates) - min(self.rates)) / 2 / self.median if self.median else 0.0

    @property
    def median(self) -> float:
        return statistics.median(self.rates)


@dataclass(slots=True)
class Table:
    """What one benchmark found."""

    name: str
    question: str
    reference: str
    rows: list[Row]
    remarks: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        """The table for docs/benchmarks.md."""
        lines = [
            f"## {self.name}",
            "",
            self.question,
            "",
            f"| contender | median | range | × {self.reference} | |",
            "|---|---|---|---|---|",
        ]
        for row in self.rows:
            ratio = f"{row.ratio:.2f}" if row.ratio is not None else ""
            spread = f"{min(row.rates):,.1f}–{max(row.rates):,.1f}" if len(row.rates) > 1 else ""
            lines.append(f"| {row.name} | {row.median:,.1f} {row.unit} | {spread} | {ratio} | {row.note} |")
        return "\n".join([*lines, "", *self.remarks, ""])


def rates(
    contenders: dict[str, Callable[[], int]],
    *,
    rounds: int = 5,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Things done per second by each contender, round by round. A contender returns how many things it did.

    ``clock`` is ``time.process_time`` for what only computes: then others on the machine disturb less.
    """
    for run in contenders.values():
        run()  # imports and caches are not what is measured
    measured: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            start = clock()
            done = run()
            measured[name].append(done / (clock() - start))
    return measured


def compared(
    measured: dict[str, list[float]], reference: str, unit: str, notes: dict[str, str] | None = None
) -> list[Row]:
    """Rows with the median of the round-by-round ratios to ``reference``."""
    base = measured[reference]
    return [
        Row(
            name,
            values,
            unit,
            statistics.median(v / b for v, b in zip(values, base, strict=True)),
            (notes or {}).get(name, ""),
        )
        for name, values in measured.items()
    ]


def job(command: list[str]) -> tuple[float, float]:
    """Seconds and megabytes at the peak of a process. Its exit code may say that something fell short (1).

    The peak is read while it runs: what the system tells of an ended child counts its parent's memory too.
    """
    start, peak = time.perf_counter(), 0.0
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        while process.poll() is None:
            peak = max(peak, _high_water(process.pid))
            time.sleep(0.02)
        if process.returncode not in (0, 1):
            said.seek(0)
            raise RuntimeError(
                f"{command}: exit {process.returncode}\n{said.read()[-2000:].decode('utf-8', 'replace')}"
            )
    return time.perf_counter() - start, peak


def _high_water(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {memory} GB",
    }


def versions() -> dict[str, str]:
    """Versions of what is measured and of its peers, as far as they are installed."""
    found = {}
    for package in ("gongkai", *PEERS):
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def keep(table: Table) -> list[str]:
    """The raw figures, as JSON, for the next run to compare with; back comes what became worse since the last ones."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{table.name}.json"
    about = machine()
    worse = regressions(table, json.loads(path.read_text("utf-8")), about) if path.exists() else []
    data = {**about, "versions": versions(), "worse": worse, **asdict(table)}
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return worse


def regressions(table: Table, before: dict[str, Any], about: dict[str, str]) -> list[str]:
    """What is worse than in an earlier run on the same machine by more than noise: one line each.

    Noise is what both runs spread over their rounds, and a tenth at least. Where a row has a ratio to a peer of its own
    round, the ratio is compared: a machine that was slower that day slowed both.
    """
    if before.get("machine") != about["machine"]:
        return []
    earlier = {
        row["name"]: Row(row["name"], row["rates"], row["unit"], row["ratio"]) for row in before["rows"]
    }
    # A table may hold its reference several times, for several kinds of input: `plain: lxml`, `Word: lxml`.
    beside_a_peer = any(row.name.endswith(table.reference) for row in table.rows)
    found = []
    for row in table.rows:
        old = earlier.get(row.name)
        if old is None or old.unit != row.unit or row.name.endswith(table.reference):
            continue
        by_ratio = beside_a_peer and row.ratio and old.ratio
        now, then = (row.ratio, old.ratio) if by_ratio else (row.median, old.median)
        if not now or not then:
            continue
        worse = now / then - 1 if row.less_is_better else then / now - 1
        noise = max(NOISE, row.spread + old.spread)
        if worse > noise:
            what = f"× {table.reference}" if by_ratio else row.unit
            found.append(
                f"{table.name}: {row.name} is {worse:.0%} worse than on {before['date']} "
                f"({then:,.2f} -> {now:,.2f} {what}; noise {noise:.0%})"
            )
    return found


def page(names: Iterable[str]) -> str:
    """docs/benchmarks.md from the raw figures, in this order; each table with the day and the machine of its run."""
    parts, worse = [], []
    for name in names:
        path = RESULTS / f"{name}.json"
        if not path.exists():
            continue
        data = json.loads(path.read_text("utf-8"))
        rows = [Row(**row) for row in data["rows"]]
        table = Table(data["name"], data["question"], data["reference"], rows, data["remarks"])
        told = ", ".join(f"{package} {number}" for package, number in data.get("versions", {}).items())
        about = f"{data['date']}; {data['machine']}; Python {data['python']}" + (f"; {told}" if told else "")
        parts.append(f"{table.markdown()}\n<sub>{about}</sub>\n")
        worse += data.get("worse", [])
    noticed = (
        "".join(f"- {line}\n" for line in worse)
        or "Nothing is slower or larger, beyond noise, than in the run before.\n"
    )
    return "\n".join([HEAD, "## Worse than the run before\n", noticed, *parts])
