"""From the characters of a PDF page to lines, and from lines to paragraphs.

A PDF states where characters stand and nothing else. Spaces that only come from the setting (between Chinese and
digits) are not written; a gap as wide as a character and a half is written as a tab, because it parts two cells.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any

from archive.report.document import Paragraph
from archive.report.formats.marks import raised, settled, struck
from archive.report.formats.radicals import unified

Char = dict[str, Any]
"""A character as pdfplumber has it: text, x0, x1, top, bottom, size."""

CELL_GAP = 0.8
"""Gap in units of the character's size from which two texts on one line are two cells."""
VALUE_GAP = 0.45
"""The same beside a figure or a dash: a sign must not join the figure of the next cell. Setting a text in lines of
equal length puts up to 0.35 between Chinese and digits."""
WORD_GAP = 0.18
"""Gap from which two words in letters are two words."""
_MARK_SIZE = 0.87
"""Size of a footnote's mark, or of an index, beside the print that it belongs to, at most."""
_MARK_OFFSET = 0.12
"""How far it stands off the line, in sizes of that print, at least."""
_STROKE = 2.0
"""Points up to which a line drawn through a character is thick."""
_LONGEST_STROKE = 20
"""Characters that one may cross; what is longer is a rule."""
_NARROWEST = 20
"""Characters that a line of running text has room for, at least."""
UNREADABLE = "\N{REPLACEMENT CHARACTER}"

_CID = re.compile(r"\(cid:\d+\)")
_WORD = re.compile(r"[A-Za-z0-9.,%]")
_VALUE = re.compile(r"[\d/—–－-]")
_ENUMERATED = re.compile(
    r"\s*(?:[（(]?\s*[一二三四五六七八九十]{1,3}\s*[）)、.．]|[（(]?\d{1,2}\s*(?:[）)、．]|\.(?!\d))|第[一二三四五六七八九十百]+[条章部])"
)


@dataclass(slots=True)
class Piece:
    """What stands on a line between two wide gaps: a cell, or all of the line."""

    text: str
    x0: float
    x1: float


@dataclass(slots=True)
class Line:
    """One line of text on a page: its pieces parted by tabs. ``size`` is that of most of its characters."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    pieces: list[Piece] = field(default_factory=list)

    @property
    def centre(self) -> float:
        """The middle of the line from left to right, for what is set in the middle of the page."""
        return (self.x0 + self.x1) / 2

    @property
    def middle(self) -> float:
        """The middle of the line from its upper to its lower edge."""
        return (self.top + self.bottom) / 2


def readable(char: Char) -> Char:
    """The character as read: a radical as the character it stands for, a glyph of unknown meaning as U+FFFD."""
    text = char["text"]
    if _CID.fullmatch(text) or "\ue000" <= text[:1] <= "\uf8ff":
        return {**char, "text": UNREADABLE}
    return {**char, "text": unified(text)} if "\u2e3a" <= text[:1] <= "\u2fd5" else char


def with_strokes(
    chars: list[Char], drawn: Sequence[dict[str, Any]]
) -> tuple[list[Char], list[dict[str, Any]]]:
    """The characters, those with a line drawn through their middle marked ``struck``, and the lines that do so.

    ``drawn`` are the page's lines and rectangles. A rule of a table lies between lines of text, never in one.
    """
    flat = [
        thing
        for thing in drawn
        if thing["bottom"] - thing["top"] <= _STROKE and thing["x1"] - thing["x0"] > 2 * _STROKE
    ]
    flat.sort(key=_height)
    used: dict[int, dict[str, Any]] = {}
    marked = list(chars)
    for n, char in enumerate(chars if flat else ()):
        through = _through(char, flat)
        if through is not None:
            marked[n] = {**char, "struck": True}
            used[id(through)] = through
    return marked, list(used.values())


def _height(thing: dict[str, Any]) -> float:
    return float(thing["top"] + thing["bottom"]) / 2


def _through(char: Char, flat: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The line among ``flat`` (from top to bottom) that strikes the character out."""
    margin = 0.3 * (char["bottom"] - char["top"])
    middle = (char["x0"] + char["x1"]) / 2
    for place in range(bisect(flat, char["top"] + margin, key=_height), len(flat)):
        line = flat[place]
        if char["text"].isspace() or _height(line) >= char["bottom"] - margin:
            return None
        if line["x0"] <= middle <= line["x1"] and line["x1"] - line["x0"] <= _LONGEST_STROKE * char["size"]:
            return line
    return None


def lines_of(chars: Sequence[Char]) -> list[Line]:
    """The characters as lines from top to bottom."""
    rows: list[list[Char]] = []
    middle = 0.0
    for char in sorted(chars, key=lambda c: (c["top"] + c["bottom"], c["x0"])):
        here = (char["top"] + char["bottom"]) / 2
        if not rows or here - middle > 0.45 * max(char["size"], 1.0):
            rows.append([])
            middle = here
        rows[-1].append(char)
    return [line for row in rows if (line := _line(row)).text]


def _line(row: list[Char]) -> Line:
    row.sort(key=lambda c: c["x0"])
    visible = [c for c in row if not c["text"].isspace()]
    if not visible:
        return Line("", 0.0, 0.0, 0.0, 0.0, 0.0)
    blanks = [c for c in row if c["text"].isspace()]
    pieces = [Piece(_print(visible[0], None), visible[0]["x0"], visible[0]["x1"])]
    on_line = visible[0]
    for before, char in pairwise(visible):
        gap = _gap(before, char, blanks)
        if gap == "\t":
            pieces.append(Piece(_print(char, None), char["x0"], char["x1"]))
            on_line = char
        else:
            pieces[-1].text += gap + _print(char, on_line)
            pieces[-1].x1 = char["x1"]
            if not _off_line(char, on_line):
                on_line = char
    for piece in pieces:
        piece.text = settled(piece.text)
    return Line(
        text="\t".join(piece.text for piece in pieces),
        x0=visible[0]["x0"],
        x1=visible[-1]["x1"],
        top=min(c["top"] for c in visible),
        bottom=max(c["bottom"] for c in visible),
        size=median(c["size"] for c in visible),
        pieces=pieces,
    )


def _print(char: Char, on_line: Char | None) -> str:
    """The character, marked if it is struck out or stands off the line of ``on_line``, the last one on it."""
    text = str(char["text"])
    if char.get("struck"):
        return struck(text)
    if on_line is not None and text.isascii() and _off_line(char, on_line):
        return raised(text, below=char["bottom"] > on_line["bottom"])
    return text


def _off_line(char: Char, on_line: Char) -> bool:
    """Whether the character is a mark: much smaller than its neighbour on the line, and set higher or lower."""
    if char["size"] > _MARK_SIZE * on_line["size"]:
        return False
    return bool(abs(char["bottom"] - on_line["bottom"]) > _MARK_OFFSET * on_line["size"])


def _gap(before: Char, char: Char, blanks: list[Char]) -> str:
    """What is written for the room between two characters: nothing, a space, or a tab between two cells."""
    size = max(before["size"], char["size"], 1.0)
    gap = (char["x0"] - before["x1"]) / size
    if gap <= WORD_GAP:
        return ""
    values = [_VALUE.match(c["text"]) is not None for c in (before, char)]
    typed = sum(c["x1"] - c["x0"] for c in blanks if before["x0"] <= c["x0"] < char["x0"]) / size
    # A space that somebody typed parts words, not cells; between two figures it cannot be told from a cell's room.
    if (gap if all(values) else gap - typed) > (VALUE_GAP if any(values) else CELL_GAP):
        return "\t"
    return " " if typed or (_WORD.match(before["text"]) and _WORD.match(char["text"])) else ""


def is_enumerated(text: str) -> bool:
    """Whether the text begins with a number of its own: ``（四）``, ``三、``, ``2.``, ``第二十条``."""
    return _ENUMERATED.match(text) is not None


class Paragraphs:
    """Joins lines to paragraphs, over page breaks too. Ask for ``flush`` before anything that is not a line."""

    def __init__(self, lines: Sequence[Line]) -> None:
        """``lines`` are all lines of the document: what is usual among them tells what a paragraph looks like."""
        long = [line for line in lines if len(line.text) >= 12 and "\t" not in line.text] or list(lines)
        self._size = median(line.size for line in long) if long else 0.0
        self._left = min((line.x0 for line in long), default=0.0)
        # The right edge that full lines reach; a few stick out with their last comma.
        self._right = sorted(line.x1 for line in long)[(len(long) - 1) * 9 // 10] if long else 0.0
        # Where a document has short lines only, none of them is full.
        self._right = max(self._right, self._left + _NARROWEST * self._size)
        self._open: list[Line] = []

    def add(self, line: Line, *, new_page: bool = False) -> list[Paragraph]:
        """Takes the next line; gives the paragraph that it shows to be complete, if it does."""
        done = [] if self._open and self._continues(self._open[-1], line, new_page) else self.flush()
        self._open.append(line)
        return done

    def flush(self) -> list[Paragraph]:
        """The paragraph begun, if there is one."""
        lines, self._open = self._open, []
        if not lines:
            return []
        text = lines[0].text
        for line in lines[1:]:
            joint = (
                " "
                if text[-1:].isascii()
                and text[-1:].isalnum()
                and line.text[:1].isascii()
                and line.text[:1].isalpha()
                else ""
            )
            text += joint + line.text
        return [Paragraph(text, emphasis=self._is_marked(lines[0]))]

    def _continues(self, before: Line, line: Line, new_page: bool) -> bool:
        em = max(self._size, 1.0)
        if "\t" in before.text or "\t" in line.text or self._is_marked(before) or self._is_marked(line):
            return False
        if abs(before.size - line.size) > 0.15 * em or before.x1 < self._right - 1.5 * em:
            return False
        if line.x0 > self._left + 0.8 * em:
            return False
        return new_page or line.top - before.bottom < 1.6 * em

    def _is_marked(self, line: Line) -> bool:
        """A line in larger print in the middle of the page: a title."""
        off_centre = abs(line.centre - (self._left + self._right) / 2)
        return line.size >= 1.2 * self._size and off_centre < 0.06 * (self._right - self._left)
