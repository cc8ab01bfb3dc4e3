"""The blocks of a page in reading order: paragraphs, and tables with their spans resolved."""

from __future__ import annotations

import re
from typing import NamedTuple

from lxml import etree

from archive.report.document import Block, Paragraph, Table, TableCell
from archive.report.findings import finding
from archive.report.formats.tree import Element, text_of
from archive.report.model import Finding

LINE_BREAK = "\u2028"
"""Stands in text for a ``<br>`` until lines are made."""
IMAGE = "\ufffc"
"""Stands in text for an image that is large enough to show a table."""

MAX_SPAN = 100
"""Columns a cell may span: no form has more than 15."""
MAX_PLACES = 200_000
"""Places in all tables of a page together."""

_BREAKS = frozenset([
    "p", "div", "table", "tbody", "thead", "tfoot", "tr", "td", "th", "li", "ul", "ol", "dl", "dt", "dd", "h1", "h2",
    "h3", "h4", "h5", "h6", "section", "article", "header", "footer", "nav", "main", "aside", "center", "blockquote",
    "pre", "form", "fieldset", "legend", "caption", "hr", "address", "figure", "figcaption", "body", "html", "head",
    "title", "details", "summary", "dir", "menu", "frameset", "marquee",
])  # fmt: skip
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_MAY_STAND_OUT = _HEADINGS | {"p", "div"}
_TITLE_CLASS = re.compile(r"tit(?:le)?\b|\bbt\b", re.I)
_ZERO_WIDTH = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")


class Span(NamedTuple):
    """The blocks ``start`` to ``end`` (exclusive) that one element holds, and its class and id."""

    start: int
    end: int
    name: str


def plain(text: str) -> str:
    """Text on one line: white space run together, characters without width and image marks gone."""
    if IMAGE in text:
        text = text.replace(IMAGE, "")
    if _ZERO_WIDTH.search(text):
        text = _ZERO_WIDTH.sub("", text)
    return " ".join(text.split())


def collect(root: Element, findings: list[Finding]) -> tuple[list[Block], list[Span]]:
    """All blocks under ``root``, and for every block element which of them it holds."""
    return _Collector(findings).run(root)


class _Collector:
    """One walk over a tree from which inline elements were dissolved."""

    def __init__(self, findings: list[Finding]) -> None:
        self.items: list[Block] = []
        self.spans: list[Span] = []
        self.pieces: list[str] = []
        self.places = 0
        self.findings = findings

    def run(self, root: Element) -> tuple[list[Block], list[Span]]:
        begun: list[int] = []
        items, pieces = self.items, self.pieces
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            block = tag in _BREAKS
            if event == "start":
                if block:
                    if pieces:
                        self.flush(emphasis=False)
                    begun.append(len(items))
                    if tag == "table" and self.table(element):
                        walk.skip_subtree()
                        continue
                if text := element.text:
                    pieces.append(text)
                continue
            if block:
                if pieces:
                    self.flush(emphasis=tag in _MAY_STAND_OUT and _emphasised(element, tag))
                start = begun.pop()
                if start < len(items):
                    name = f"{element.get('class') or ''} {element.get('id') or ''}"
                    self.spans.append(Span(start, len(items), name))
            if (tail := element.tail) and not tail.isspace() and element is not root:
                pieces.append(tail)
        if pieces:
            self.flush(emphasis=False)
        return self.items, self.spans

    def flush(self, *, emphasis: bool) -> None:
        """Close the paragraph: one block for each of its lines."""
        text = self.pieces[0] if len(self.pieces) == 1 else "".join(self.pieces)
        self.pieces.clear()
        if LINE_BREAK not in text:
            if not text.isspace():
                self.items.append(Paragraph(text, emphasis))
            return
        for line in text.split(LINE_BREAK):
            if line and not line.isspace():
                self.items.append(Paragraph(line, emphasis))

    def table(self, element: Element) -> bool:
        """Take a table as one block. ``False`` for one that only lays out other content."""
        if element.find(".//table") is not None:
            return False
        rows = list(element.iter("tr")) or [element]
        cells = [list(row.iterchildren("td", "th")) for row in rows]
        if _is_layout(cells):
            return False
        table = self.grid(cells)
        if not table.grid:
            return False
        caption = element.find("caption")
        if caption is not None:
            table.caption = plain(text_of(caption).replace(LINE_BREAK, " ")) or None
        self.items.append(table)
        return True

    def grid(self, rows: list[list[Element]]) -> Table:
        """Resolve the spans: every place knows the cell that covers it."""
        grid: list[list[TableCell | None]] = []
        hanging: dict[int, TableCell] = {}
        for r, elements in enumerate(rows):
            if self.places > MAX_PLACES:
                self.tell("HTML-TABLE-SIZE", limit=MAX_PLACES)
                break
            row: list[TableCell | None] = []
            for element in elements:
                while len(row) in hanging:
                    row.append(hanging[len(row)])
                cell = self.cell(element, r, len(row), len(rows))
                if cell.colspan == 1:
                    row.append(cell)
                else:
                    row += [cell] * cell.colspan
                if cell.rowspan > 1:
                    hanging.update(dict.fromkeys(range(cell.column, cell.column + cell.colspan), cell))
            if hanging:
                last = max(hanging)
                while len(row) <= last:
                    row.append(hanging.get(len(row)))
                hanging = {c: cell for c, cell in hanging.items() if cell.row + cell.rowspan > r + 1}
            self.places += len(row)
            grid.append(row)
        width = max((len(row) for row in grid), default=0)
        for row in grid:
            row += [None] * (width - len(row))
        return Table(grid if width else [])

    def cell(self, element: Element, row: int, column: int, rows: int) -> TableCell:
        """One cell; its spans are cut to the table's rows and to ``MAX_SPAN`` columns."""
        raw = _raw_text(element)
        down, across = element.get("rowspan"), element.get("colspan")
        if down is None and across is None:
            return TableCell(_cell_text(raw), row, column, 1, 1, IMAGE in raw)
        rowspan, colspan = _span(down), _span(across)
        if rowspan != 1 or colspan != 1:
            if colspan > MAX_SPAN or rowspan > max(MAX_SPAN, rows):
                self.tell("HTML-SPAN")
            # 0 means "to the end" for rows and nothing for columns.
            rowspan = min(rowspan or rows, rows - row)
            colspan = min(colspan or 1, MAX_SPAN)
        return TableCell(_cell_text(raw), row, column, rowspan, colspan, IMAGE in raw)

    def tell(self, rule: str, **figures: object) -> None:
        """A finding, once a page."""
        if not any(found.rule == rule for found in self.findings):
            self.findings.append(finding(rule, **figures))  # type: ignore[arg-type]


def _emphasised(element: Element, tag: str) -> bool:
    if tag in _HEADINGS:
        return True
    name = element.get("class")
    return bool(name and _TITLE_CLASS.search(name))


def _span(value: str | None) -> int:
    """The number in a span attribute; 1 where it says nothing sensible."""
    if value is None:
        return 1
    number = re.match(r"\s*(\d{1,9})", value)
    return int(number.group(1)) if number else 1


def _raw_text(element: Element) -> str:
    """The text of a cell, its paragraphs parted by ``LINE_BREAK``. Most cells hold text alone or one paragraph."""
    children = len(element)
    if children == 0:
        return element.text or ""
    if children == 1 and len(child := element[0]) == 0:
        before, after = element.text, child.tail
        if not (before and not before.isspace()) and not (after and not after.isspace()):
            return child.text or ""
    return text_of(element, LINE_BREAK)


def _cell_text(raw: str) -> str:
    if raw.isdecimal() or not raw:
        return raw
    if LINE_BREAK not in raw:
        return plain(raw)
    return "\n".join(line for part in raw.split(LINE_BREAK) if (line := plain(part)))


def _is_layout(rows: list[list[Element]]) -> bool:
    """A table of one cell, of one column with sentences, or of few cells, one of which holds an article: it arranges the
    page and tabulates nothing.
    """
    count = sum(map(len, rows))
    if count > 1 and all(len(row) <= 1 for row in rows):
        return sum("。" in text_of(cell) for row in rows for cell in row) > 1
    if count == 1 or count > 30:
        return count == 1
    for row in rows:
        for cell in row:
            text = text_of(cell)
            if len(text) > 300 and (len(cell) >= 2 or LINE_BREAK in text):
                return True
    return False
