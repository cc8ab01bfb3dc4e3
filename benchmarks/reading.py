"""Reports read per second on one core, beside parsers that understand nothing.

Every contender gets the same bytes in the same round, decoding included, and each round has pages that no round before
had: what is remembered from one page to the next is only what pages of different agencies share.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from random import Random

import lxml.html

from archive.report.model import Context
from archive.report.read import read
from benchmarks.harness import Row, Table, compared, rates
from tests.generator import generate
from tests.generator.style import CHOICES

PAGES = 20
"""Pages of one kind in one round."""
PAGE_BYTES = 80_000
USUAL = {name: options[0][0] for name, options in CHOICES.items() if name != "form"}
"""The commonest choice in each dimension of the generator: the official print."""
KINDS = {
    "plain": {**USUAL, "claims": "true"},
    "Word": {**USUAL, "claims": "true", "inline": "word"},
    "any": {"document": "html", "charset": "utf-8", "inline": "word"},
}
"""A portal's page with plain markup; one pasted from Word; one of any shape, mistakes in labels and figures included."""
_WORD_CELL = b'<td width="62" style="border:solid windowtext 1.0pt;padding:0cm 5.4pt"'

Page = tuple[bytes, list[tuple[str, str]], Context]


def page(kind: str, seed: int) -> Page:
    """A generated report of the form of 2021, made as large as a real page by links and scripts around the body."""
    made = generate(Random(seed), form="gb2021", **KINDS[kind])
    body = made.body.replace(b"<td", _WORD_CELL) if kind == "Word" else made.body
    padding = max(0, PAGE_BYTES - len(body))
    link = '<li><a href="/zwgk/c{0}/" title="栏目{0}">政务公开栏目{0}</a></li>\n'
    filler = "".join(link.format(i) for i in range(padding // 2 // len(link.encode()))).encode()
    script = b"<script>/*" + b"x" * (padding // 2) + b"*/</script>"
    start = b'<div class="main">'
    return body.replace(start, b"<ul>" + filler + b"</ul>" + script + start), made.headers, made.context


def pages(count: int = 40) -> list[Page]:
    """Pages of any shape, for the other benchmarks."""
    return [page("any", seed) for seed in range(count)]


def grid(table: lxml.html.HtmlElement) -> list[list[str]]:
    """The plainest grid that resolves spans: the reference for what understanding costs on top."""
    places: dict[tuple[int, int], str] = {}
    for r, row in enumerate(table.iter("tr")):
        c = 0
        for cell in row.iter("td", "th"):
            while (r, c) in places:
                c += 1
            text = cell.text_content().strip()
            for dr in range(int(cell.get("rowspan", 1))):
                for dc in range(int(cell.get("colspan", 1))):
                    places[r + dr, c + dc] = text
    if not places:
        return []
    height, width = max(r for r, _ in places) + 1, max(c for _, c in places) + 1
    return [[places.get((r, c), "") for c in range(width)] for r in range(height)]


def _peers() -> dict[str, Callable[[Page], object]]:
    """What is measured, by name; the first two and ourselves always, the others if they are installed."""
    peers: dict[str, Callable[[Page], object]] = {
        "lxml, parse only": lambda page: lxml.html.fromstring(page[0]),
        "lxml with a grid": lambda page: [grid(t) for t in lxml.html.fromstring(page[0]).iter("table")],
        "gongkai, all of it": lambda page: read(*page),
    }
    try:
        import pandas as pd

        peers["pandas.read_html"] = lambda page: pd.read_html(io.BytesIO(page[0]))
    except ImportError:
        pass
    try:
        import trafilatura

        peers["trafilatura"] = lambda page: trafilatura.extract(page[0])
    except ImportError:
        pass
    return peers


def _over(one: Callable[[Page], object], batches: list[list[Page]]) -> Callable[[], int]:
    """Does the next batch at each call."""
    rest: Iterator[list[Page]] = iter(batches)

    def batch() -> int:
        pages = next(rest)
        for page in pages:
            one(page)
        return len(pages)

    return batch


def _measured(kind: str, rounds: int) -> list[Row]:
    # One batch more than rounds: the first one only fills caches, and is not measured.
    batches = [[page(kind, PAGES * r + i) for i in range(PAGES)] for r in range(rounds + 1)]
    contenders = {name: _over(one, batches) for name, one in _peers().items()}
    notes = {"gongkai, all of it": "decoding, body, facts, tables, checks"}
    rows = compared(
        rates(contenders, rounds=rounds, clock=time.process_time), "lxml with a grid", "reports/s", notes
    )
    for row in rows:
        row.name = f"{kind}: {row.name}"
    return rows


def run(rounds: int = 7) -> Table:
    """The table for docs/benchmarks.md."""
    return Table(
        "reading",
        f"Reports a second on one core, of pages of {PAGE_BYTES // 1000} kB with three tables that were not read before: "
        "`plain` markup, pasted from `Word`, and of `any` shape with Word markup.",
        "lxml with a grid",
        [row for kind in KINDS for row in _measured(kind, rounds)],
        [
            "Goal: at least 0.5 of lxml with a grid, and three times pandas.read_html (docs/reading.md, Speed)."
        ],
    )
