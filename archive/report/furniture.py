"""The lines of a page that belong to the page and not to the report: breadcrumbs, date lines, print and share."""

from __future__ import annotations

import re
from functools import cache

from archive.reference.pages import page_data

_GLUED = re.compile(r"^大\s*中\s*小\s*(?=\S{4})")
"""The font switch, printed into the first sentence (开州, 合川, 奉节)."""

_LONGEST = 160
"""A longer line is text, whatever it begins with."""


@cache
def _patterns() -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(page_data("furniture")["patterns"]) + ")", re.I)


@cache
def _tokens() -> frozenset[str]:
    return frozenset(page_data("furniture")["tokens"])


def is_furniture(line: str) -> bool:
    """Whether this line of a page is furniture. ``line`` has no spaces at its ends."""
    if not line or len(line) > _LONGEST:
        return False
    if _patterns().fullmatch(line):
        return True
    tokens = _tokens()
    return line in tokens or all(part in tokens for part in line.replace("】【", "】 【").split())


@cache
def _ends() -> re.Pattern[str]:
    return re.compile("|".join(page_data("furniture")["ends"]))


def ends_body(line: str) -> bool:
    """Whether this line opens what a page shows below an article: related pages, the next one, the one before."""
    return len(line) <= _LONGEST and _ends().fullmatch(line) is not None


def without_font_switch(line: str) -> str:
    """The line without a ``大中小`` glued to its front."""
    return _GLUED.sub("", line) if line.startswith("大") else line
