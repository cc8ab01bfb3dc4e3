"""Two reports on one page: which of them the page is about, and where it begins and ends.

Portals put the report of the year before under the new one, or all years of a town on one page. Each begins with a
title that states its year and has sections of its own, counted from 一; titles without that are only repeated.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from archive.report.document import Document, Paragraph
from archive.report.findings import finding
from archive.report.headings import squeeze
from archive.report.model import Finding
from archive.report.title import Title, parse_title

_LONGEST_TITLE = 90
_SENTENCE = 25
"""Characters from which a line is running text."""
_FIRST_HEADING = re.compile("一[、.,．，]|第一部分")


def own_report(document: Document, link_title: str | None) -> tuple[Document, list[Finding]]:
    """The document with the blocks of its own report alone, and what is said of the reports left out.

    Its own is the one that most titles of the page and the link's title name, of equals the first. A document with
    one report comes back as it is.
    """
    parts = _parts(document)
    named = [title for text in (*document.titles, link_title or "") if (title := parse_title(text))]
    if parts and (above := _untitled(document, parts, named)):
        parts.insert(0, (0, above))
    if len(parts) < 2:
        return document, []
    votes = [sum(_same(title, other) for other in named) for _, title in parts]
    own = votes.index(max(votes))
    start = parts[own][0] if own else 0
    end = parts[own + 1][0] if own + 1 < len(parts) else len(document.blocks)
    told = [
        finding("REPORT-BESIDE", left=parts[own][1].text, right=title.text, right_where="document")
        for i, (_, title) in enumerate(parts)
        if i != own
    ]
    return replace(document, blocks=document.blocks[start:end]), told


def _parts(document: Document) -> list[tuple[int, Title]]:
    """Where each report of the document begins, with its title; neighbours tell of different years or bodies."""
    parts: list[tuple[int, Title]] = []
    begun = True
    for index, block in enumerate(document.blocks):
        if not isinstance(block, Paragraph):
            continue
        if len(block.text) <= _LONGEST_TITLE and (title := parse_title(block.text)) and title.year:
            if not begun:
                parts.pop()  # a title that no section followed was only this one's first print
            if parts and _same(parts[-1][1], title):
                begun = True
                continue
            parts.append((_first_line(document, index, title), title))
            begun = False
        elif not begun and _FIRST_HEADING.match(squeeze(block.text[:20])):
            begun = True
    return parts if begun else parts[:-1]


def _untitled(document: Document, parts: Sequence[tuple[int, Title]], named: Sequence[Title]) -> Title | None:
    """The title of a report that stands above the first printed title: the one that only the page has."""
    before = document.blocks[: parts[0][0]]
    lines = [block.text for block in before if isinstance(block, Paragraph)]
    begun = any(_FIRST_HEADING.match(squeeze(line[:20])) for line in lines)
    if not begun or not any(len(line) >= _SENTENCE for line in lines):
        return None  # a list of contents
    return next((title for title in named if title.year and not any(_same(title, t) for _, t in parts)), None)


def _first_line(document: Document, index: int, title: Title) -> int:
    """Where a title begins: on the line before, if the two together name a body and this one alone does not."""
    before = document.blocks[index - 1] if index else None
    if not title.agency and isinstance(before, Paragraph) and len(before.text) <= _LONGEST_TITLE:
        block = document.blocks[index]
        whole = parse_title(before.text + block.text) if isinstance(block, Paragraph) else None
        if whole is not None and whole.agency:
            return index - 1
    return index


def _same(left: Title, right: Title) -> bool:
    """Whether two titles may name one report: no other year, no other body."""
    names: Sequence[str] = [squeeze(title.agency) for title in (left, right)]
    return left.year == right.year and (not all(names) or names[0] in names[1] or names[1] in names[0])
