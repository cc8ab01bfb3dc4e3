"""Reports read per second on one core, beside parsers that understand nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from random import Random

import lxml.html

from archive.report import read
from archive.report.model import Context
from benchmarks.harness import Table, compared, rates
from tests.generator import generate

PAGES = 40
PAGE_BYTES = 80_000


def pages() -> list[tuple[bytes, list[tuple[str, str]], Context]]:
    """Generated reports of the form of 2021, each made as large as a real page by links and scripts around the body."""
    out = []
    for seed in range(PAGES):
        page = generate(Random(seed), document="html", form="gb2021", charset="utf-8", inline="word")
        padding = PAGE_BYTES - len(page.body)
        link = '<li><a href="/zwgk/c{0}/" title="栏目{0}">政务公开栏目{0}</a></li>\n'
        filler = "".join(link.format(i) for i in range(padding // 2 // len(link.encode())))
        script = "<script>/*" + "x" * max(0, padding // 2) + "*/</script>"
        body = (
            page.body.decode()
            .replace('<div class="main">', f'<ul>{filler}</ul>{script}<div class="main">')
            .encode()
        )
        out.append((body, page.headers, page.context))
    return out


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


def run(rounds: int = 5) -> Table:
    """The table for docs/benchmarks.md."""
    samples = pages()

    def over(
        one: Callable[[bytes, list[tuple[str, str]], Context], object], take: int = PAGES
    ) -> Callable[[], int]:
        def all_of_them() -> int:
            for body, headers, context in samples[:take]:
                one(body, headers, context)
            return take

        return all_of_them

    contenders: dict[str, Callable[[], int]] = {
        "lxml, parse only": over(lambda body, *_: lxml.html.fromstring(body)),
        "lxml with a grid": over(
            lambda body, *_: [grid(t) for t in lxml.html.fromstring(body).iter("table")]
        ),
        "gongkai, all of it": over(lambda body, headers, context: read(body, headers, context)),
    }
    try:
        import pandas as pd

        contenders["pandas.read_html"] = over(lambda body, *_: pd.read_html(io.BytesIO(body)), take=8)
    except ImportError:
        pass
    try:
        import trafilatura

        contenders["trafilatura"] = over(lambda body, *_: trafilatura.extract(body), take=4)
    except ImportError:
        pass
    measured = rates(contenders, rounds=rounds)
    notes = {"gongkai, all of it": "decoding, body, facts, tables, checks"}
    return Table(
        "reading",
        f"Reports a second on one core; {PAGES} generated pages of {PAGE_BYTES // 1000} kB with Word markup and three tables.",
        "lxml with a grid",
        compared(measured, "lxml with a grid", "reports/s", notes),
        ["Goal: at least 0.5 of lxml with a grid, and three times pandas.read_html."],
    )
