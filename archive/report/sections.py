"""The report's sections, from the paragraphs that no table consumed."""

from __future__ import annotations

import re
from typing import NamedTuple

from archive.report.document import Document, Paragraph, Table
from archive.report.headings import Heading, numeral, squeeze, statutory_heading
from archive.report.model import Finding, Section
from archive.report.title import title_lines

_SUBHEADING_LENGTH = 45
_NUMERALS = frozenset("一二三四五六七八九十1234567890lI第")
_SENTENCE = re.compile("[。;；!！?？]|[,，].{8}")


class _Line(NamedTuple):
    text: str
    in_table: bool
    """Whether a table consumed it; then it can still be a heading, but is no text."""


def read_sections(document: Document, consumed: set[int]) -> tuple[list[Section], list[Finding]]:
    """The sections in reading order; what stands before the first is a section without number and heading.

    The statutory six are found by wording and order. A report of an older form keeps its own headings, numbered as
    they are printed.
    """
    lines = _lines(document, consumed)
    found = _statutory(lines)
    if len(found) < 3 and (older := _printed_headings(lines)) and len(older) >= max(2, len(found)):
        found = older
    return _cut(lines, found), []


def _lines(document: Document, consumed: set[int]) -> list[_Line]:
    """The document line by line. Of a consumed block only what may be a heading; of another table every row.

    A heading may stand in a table's first row, or be taken by the reader of tables for its caption.
    """
    lines: list[_Line] = []
    for index, block in enumerate(document.blocks):
        taken = index in consumed
        if isinstance(block, Paragraph):
            parts = block.text.split("\n")
        else:
            parts = [
                _row(block, r) for r in range(len(block.grid)) if not taken or r < 2 or _is_one_cell(block, r)
            ]
        for part in parts:
            text = part.strip().strip("|").strip()
            if text and (not taken or (len(text) <= _SUBHEADING_LENGTH and text[0] in _NUMERALS)):
                lines.append(_Line(text, taken))
    return lines


def _is_one_cell(table: Table, r: int) -> bool:
    """Whether a row is one cell from end to end, as headings within a table are."""
    row = table.grid[r]
    return bool(row) and row[0] is not None and row[0].row == r and row[0] is row[-1]


def _row(table: Table, r: int) -> str:
    own = [
        cell.text.replace("\n", "")
        for c, cell in enumerate(table.grid[r])
        if cell and cell.column == c and cell.row == r
    ]
    return "\t".join(own)


Found = list[tuple[int, int, Heading]]
"""Position in the lines, how many lines the heading takes, the heading."""


def _statutory(lines: list[_Line]) -> Found:
    candidates: Found = []
    for position, line in enumerate(lines):
        heading, taken = statutory_heading(line.text), 1
        if line.in_table and (heading is None or heading.rest):
            continue
        if (
            heading is None
            and len(line.text) < 30
            and numeral(squeeze(line.text))[0]
            and position + 1 < len(lines)
        ):
            # A heading broken over two lines, as in the text of a PDF.
            following = lines[position + 1].text
            if len(following) < 15:
                heading, taken = statutory_heading(line.text + following), 2
        if heading is not None and (taken == 1 or not heading.rest):
            candidates.append((position, taken, heading))
    return _best_chain(candidates)


def _best_chain(candidates: Found) -> Found:
    """The weightiest run of candidates whose numbers rise; of equal ones the last, for a table of contents is first."""
    best: list[tuple[float, int]] = []
    by_number: dict[int, tuple[float, int]] = {}  # the best chain so far that ends with this number
    for i, (_, _, heading) in enumerate(candidates):
        weight = (
            2.0
            + 2.0 * heading.official
            + 1.0 * (heading.printed == heading.number)
            - 1.5 * bool(heading.rest)
        )
        before = max(
            (chain for number, chain in by_number.items() if number < heading.number), default=(0.0, -1)
        )
        best.append((weight + before[0], before[1]))
        by_number[heading.number] = max(by_number.get(heading.number, (0.0, -1)), (best[i][0], i))
    chain: Found = []
    at = max(range(len(best)), key=lambda i: (best[i][0], i), default=-1)
    while at >= 0:
        chain.append(candidates[at])
        at = best[at][1]
    return chain[::-1]


def _printed_headings(lines: list[_Line]) -> Found:
    """Headings of older reports: short lines numbered 一、二、三 in turn."""
    found: Found = []
    for position, line in enumerate(lines):
        if (
            line.in_table
            or len(line.text) > _SUBHEADING_LENGTH
            or not re.match(r"[一二三四五六七八九十]", line.text)
        ):
            continue
        text = squeeze(line.text)
        printed, words = numeral(text)
        if printed == len(found) + 1 and words and not _SENTENCE.search(words):
            found.append((position, 1, Heading(printed, printed, words, "", False)))
    return found


def _cut(lines: list[_Line], found: Found) -> list[Section]:
    sections: list[Section] = []
    first = found[0][0] if found else len(lines)
    head = [line.text for line in lines[:first] if not line.in_table]
    titled = {i for title in title_lines(head[:10]) for i in range(title.first, title.last + 1)}
    preamble = "\n".join(text for i, text in enumerate(head) if i not in titled)
    if preamble:
        sections.append(Section(None, "", preamble))
    for i, (position, taken, heading) in enumerate(found):
        end = found[i + 1][0] if i + 1 < len(found) else len(lines)
        text = [heading.rest] if heading.rest else []
        text += [line.text for line in lines[position + taken : end] if not line.in_table]
        sections.append(Section(heading.number, heading.heading, "\n".join(text)))
    return sections
