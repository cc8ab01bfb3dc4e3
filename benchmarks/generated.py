"""How right reading is: generated pages of every shape with known truth. ``python -m benchmarks.generated [PAGES] [SEED]``."""

from __future__ import annotations

import sys
import time
from collections import Counter
from random import Random

from archive.report import read
from tests.generator import generate
from tests.generator.judge import judge


def run(pages: int, first: int = 0) -> dict[str, int]:
    """Counts of pages and cells: exact, told, silent. Prints every silent page's seed, so that it can be looked at."""
    counts: Counter[str] = Counter()
    start = time.perf_counter()
    for seed in range(first, first + pages):
        page = generate(Random(seed))
        verdict = judge(page, read(page.body, page.headers, page.context))
        counts["pages"] += 1
        counts["cells"] += verdict.cells
        counts["cells exact"] += verdict.exact
        counts["cells told"] += verdict.told
        counts["cells silent"] += len(verdict.silent)
        counts["pages exact"] += verdict.is_exact
        html = page.style.document == "html"
        counts["html pages"] += html
        counts["html pages exact"] += html and verdict.is_exact
        counts["pages wrong"] += verdict.is_wrong
        counts["facts wrong"] += len(verdict.wrong_facts)
        counts["facts lost"] += len(verdict.lost_facts)
        counts["findings wrong"] += len(verdict.wrong_findings)
        if verdict.is_wrong:
            print(f"seed {seed} ({page.style.described()})")
            for line in verdict.complaints()[:4]:
                print(f"    {line}")
    counts["seconds"] = round(time.perf_counter() - start)
    return dict(counts)


if __name__ == "__main__":
    arguments = [int(a) for a in sys.argv[1:]]
    for name, count in run(*(arguments or [10_000])).items():
        print(f"{name:>14}: {count:,}")
