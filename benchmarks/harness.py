"""Timing side by side: every contender once in each round, so that a machine that slows down slows them all."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


@dataclass(slots=True)
class Row:
    """One contender: its rate in each round, their median, and the ratio to the reference of the table."""

    name: str
    rates: list[float]
    unit: str
    ratio: float | None = None
    note: str = ""

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


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {memory} GB",
    }


def keep(table: Table) -> None:
    """The raw figures, as JSON, for the next run to compare with."""
    RESULTS.mkdir(exist_ok=True)
    data = {**machine(), **asdict(table)}
    (RESULTS / f"{table.name}.json").write_text(
        json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8"
    )
