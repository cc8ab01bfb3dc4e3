"""``python -m benchmarks [NAME…]``: run the benchmarks side by side, keep the raw figures, write docs/benchmarks.md."""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import version
from pathlib import Path

from benchmarks.harness import keep, machine

BENCHMARKS = ("reading", "crawling", "night", "memory", "reread", "storage", "queries", "across", "browsing")
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


def main(names: list[str]) -> int:
    """Run them in turn; unknown names are refused. Returns an exit code."""
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        print(
            f"no benchmark named {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}",
            file=sys.stderr,
        )
        return 2
    parts = []
    for name in names or BENCHMARKS:
        table = importlib.import_module(f"benchmarks.{name}").run()
        keep(table)
        print(table.markdown())
        parts.append(table.markdown())
    if not names:
        about = machine()
        versions = ", ".join(f"{p} {version(p)}" for p in ("scrapy", "lxml", "pandas", "trafilatura"))
        head = (
            "# Benchmarks\n\nWritten by `make bench`: every contender once in each round, medians, ratios of the same round. "
            f"Compare rows within a table only.\n\n{about['date']}; {about['machine']}; Python {about['python']}; {versions}.\n"
        )
        PAGE.write_text("\n".join([head, *parts]), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
