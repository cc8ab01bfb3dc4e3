"""What is no report: block pages, challenges, soft 404s, logins, lists; guides, notices and other kinds of documents.

Decided by positive proof, for all of these are served with status 200: a page that holds the form's tables, its
section headings or a report's title is never one of them.
"""

from __future__ import annotations

import re
from functools import cache

from archive.reference.pages import page_data
from archive.report.document import Document, Paragraph
from archive.report.headings import squeeze, statutory_heading
from archive.report.title import parse_title

_SHORT = 2000
"""Characters of visible text above which a page is an article, whatever words stand in it."""
_SHELL = 200
"""Characters of visible text below which a page that forwards or only runs scripts shows nothing."""
_LISTED = re.compile(r"\s*[\[［(（]?(?:20\d\d[-/.年])?\d{1,2}[-/.月]\d{1,2}日?[\]］)）]?\s*")
_LISTED_LENGTH = 120
_LABELS = re.compile(
    "本年制发件数|本年新制作数量|结转政府信息公开申请|复议后起诉|统计指标|主动公开政府信息数"
)


@cache
def _any_of(name: str) -> re.Pattern[str]:
    return re.compile("|".join(page_data("documents")[name]), re.I)


def page_trouble(document: Document, source: str) -> str | None:
    """The trouble of a page: ``feed, challenge, blocked, soft_404, login, redirect, empty``; ``None`` for a normal page.

    ``source`` is the page's text before it was taken apart: challenges are scripts and show nothing.
    """
    if re.match(page_data("documents")["feed"], source[:2000], re.S):
        return "feed"  # a list of articles for programs; titles of reports stand in it
    if sum(len(block.text) for block in document.blocks if isinstance(block, Paragraph)) > 2 * _SHORT:
        return None
    if has_report(document):
        return None
    visible = document.text() + "\n" + "\n".join(document.furniture)
    length = len("".join(visible.split()))
    if length > _SHORT:
        return None
    if length < _SHELL and _any_of("challenge").search(source[:100_000]):
        return "challenge"
    said = squeeze(" ".join([*document.titles, visible])).lower()
    for trouble in ("soft_404", "blocked"):
        words = page_data("documents")[trouble]
        if any("".join(word.split()).lower() in said for word in words):
            return trouble
    if length >= _SHELL or document.attachments or document.images:
        return None
    if re.search(page_data("documents")["redirect"], source[:100_000], re.I):
        return "redirect"
    if any(word in said for word in page_data("documents")["login"]):
        return "login"
    return "empty" if length < 20 else None


def has_report(document: Document) -> bool:
    """Whether anything on the page can only come from a report: a title, tables of a form, two section headings."""
    if any(parse_title(title) for title in document.titles):
        return True
    headings: set[int] = set()
    for block in document.blocks:
        if isinstance(block, Paragraph):
            if _LABELS.search(block.text) or (len(block.text) < 90 and parse_title(block.text)):
                return True
            if len(block.text) < 60 and (heading := statutory_heading(block.text)):
                headings.add(heading.number)
        elif any(cell and _LABELS.search(squeeze(cell.text)) for row in block.grid for cell in row):
            return True
    return len(headings) >= 2


def is_list(document: Document) -> bool:
    """Whether the page lists reports instead of being one: several titles, or titles beside dates."""
    lines = [block.text for block in document.blocks if isinstance(block, Paragraph)] + document.furniture
    titles: set[str] = set()
    for line in lines:
        if len(line) > _LISTED_LENGTH:
            continue
        bare = _LISTED.sub("", line)
        if not (title := parse_title(bare)):
            continue
        titles.add(title.text)
        if (
            bare != line.strip()
            and len(line) - len(bare) >= 5
            and not line.strip().startswith(("发布", "日期"))
        ):
            return True
    return len(titles) >= 3
