"""How right reading is: generated pages of every shape with known truth. ``python -m benchmarks.generated [PAGES] [SEED]``.

A page is exact if every cell, every fact and every finding is as printed, whatever its shape; a text copy that lost its
blank cells cannot be, and must say so.
"""

from __future__ import annotations

import resource
import sys
import time
from collections import Counter
from random import Random

from archive.report.read import read
from tests.generator import generate
from tests.generator.judge import judge


def run(pages: int, first: int = 0) -> dict[str, int]:
    """Counts of pages and cells: exact, told, silent. Prints every silent page's seed, so that it can be looked at."""
    counts: Counter[str] = Counter()
    memory = 0
    start = time.perf_counter()
    for seed in range(first, first + pages):
        page = generate(Random(seed))
        verdict = judge(page, read(page.body, page.headers, page.context))
        counts["pages"] += 1
        if seed == first + pages // 5:
            memory = _peak()
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
    counts["MB at a fifth"], counts["MB at the end"] = memory, _peak()
    counts["seconds"] = round(time.perf_counter() - start)
    return dict(counts)


def _peak() -> int:
    """The most memory that this process ever held, in MB; what does not grow after the first pages does not leak."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    arguments = [int(a) for a in sys.argv[1:]]
    for name, count in run(*(arguments or [10_000])).items():
        print(f"{name:>14}: {count:,}")
