"""``python -m benchmarks [NAME…]``: run the benchmarks side by side, keep the raw figures, write docs/benchmarks.md."""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path

from benchmarks.harness import keep, page

BENCHMARKS = (
    "reading", "crawling", "night", "storage", "search", "queries", "startup", "reread", "ingest", "across", "browsing",
    "jobs", "memory",
)  # fmt: skip
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


def main(names: list[str]) -> int:
    """Run them in turn; unknown names are refused. Exit code 1 if something is worse than before, beyond noise."""
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        print(
            f"no benchmark named {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}",
            file=sys.stderr,
        )
        return 2
    worse = []
    for name in names or BENCHMARKS:
        began = time.monotonic()
        table = importlib.import_module(f"benchmarks.{name}").run()
        worse += keep(table)
        print(table.markdown())
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
        PAGE.write_text(page(BENCHMARKS), "utf-8")
    for line in worse:
        print(f"WORSE {line}", file=sys.stderr)
    return int(bool(worse))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
