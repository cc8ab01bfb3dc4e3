"""The six statutory section headings: recognised by their wording, whatever numeral stands before it."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

from archive.reference.pages import page_data

_NUMERAL = re.compile(
    r"^[lLI|]?(?:第?(?P<chinese>[一二三四五六七八九十]{1,3})(?:部分|章|、|\.|,|:|;|，|\s)+|(?P<digit>\d{1,2})(?:、|\.(?!\d)|,))"
)
_STOP = re.compile(r"[。.:：;；]")
_CHINESE = {numeral: value for value, numeral in enumerate("一二三四五六七八九十", start=1)}


class Heading(NamedTuple):
    """A line that is, or begins with, a section heading."""

    number: int
    """The section by wording, 1 to 6."""
    printed: int | None
    """The number printed before it."""
    heading: str
    """The wording as printed, without number and spaces."""
    rest: str
    """What follows on the same line."""
    official: bool


def squeeze(text: str) -> str:
    """NFKC without any white space: the form in which wordings are compared."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def numeral(text: str) -> tuple[int | None, str]:
    """The section number at the front of a squeezed line (``None`` without one) and the line after it."""
    match = _NUMERAL.match(text)
    if match is None:
        return None, text
    chinese = match.group("chinese")
    if chinese is None:
        return int(match.group("digit")), text[match.end() :]
    tens, _, ones = chinese.rpartition("十")
    value = _CHINESE.get(ones, 0) + (10 if "十" in chinese else 0) * (_CHINESE.get(tens, 1) if tens else 1)
    return value or None, text[match.end() :]


@cache
def _wordings() -> list[tuple[int, str, re.Pattern[str]]]:
    return [
        (entry["number"], entry["official"], re.compile("|".join(f"(?:{w})" for w in entry["wordings"])))
        for entry in page_data("headings")["sections"]
    ]


@lru_cache(maxsize=4096)  # one line is looked at by several steps of one reading
def statutory_heading(line: str) -> Heading | None:
    """The heading that this line is or begins with, or ``None``.

    A heading stands alone on its line; only behind a numeral may a sentence run on from it. Without a numeral the
    official wording is required: 主动公开情况 alone is a sub-heading.
    """
    text = squeeze(line[:200])
    if len(text) < 2 or text[0] in "((":
        return None
    printed, words = numeral(text)
    for number, official, wording in _wordings():
        exact = words.startswith(official)
        match = wording.match(words)
        if match is None and not exact:
            continue
        end = max(len(official) if exact else 0, match.end() if match else 0)
        heading, rest = words[:end], words[end:]
        if not _STOP.sub("", rest):
            if printed is not None or exact:
                return Heading(number, printed, heading, "", exact)
        elif printed is not None and _runs_on(rest) and _is_own_numeral(printed, line):
            return Heading(number, printed, heading, _rest_of(line, heading), exact)
    return None


def _is_own_numeral(printed: int, line: str) -> bool:
    """Behind a Chinese numeral only: ``1.总体情况良好`` is a point in a list."""
    return printed <= 10 and bool(re.match(r"\s*[lLI|]?第?[一二三四五六七八九十]", line))


def _runs_on(rest: str) -> bool:
    """Whether a sentence starts behind the heading: after a stop, or with a year, or by another way to begin."""
    if re.search(r"[二三四五六]、.{0,12}(?:情况|事项)", rest):
        return False  # a table of contents on one line
    return bool(_STOP.match(rest) or re.match(r"(?:20\d\d|本|一是|根据|按照|我|全|截至|\(一\))", rest))


def _rest_of(line: str, heading: str) -> str:
    """What stands behind the heading, as printed."""
    last = heading[-1]
    wanted = heading.count(last)
    position = -1
    for _ in range(wanted):
        position = line.find(last, position + 1)
    return line[position + 1 :].lstrip(" 。.:：;；\u3000")
