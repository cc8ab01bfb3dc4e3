"""One printed cell: its text -> value, kind and unit.

The value is what the page printed or ``None``; nothing here looks at neighbours or guesses. Kinds are the closed list
of docs/json.md; ``None`` as kind means a plain number. Sources: the contract's definition of a plain number
(``^\\d+(\\.\\d+)?$`` after NFKC, without spaces and thousands separators) and the prints met in published reports.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from archive.report.model import CellKind, Number


@dataclass(frozen=True, slots=True)
class Printed:
    """What one cell prints. ``kind`` is ``None`` for a plain number; ``unit`` is the unit printed in the cell."""

    value: Number | None
    kind: CellKind | None
    unit: str | None = None


BLANK = Printed(None, "blank")
UNREADABLE = Printed(None, "unreadable")

# A number in thousands groups begins with no zero: "0,123" and "0 123" are two numbers in one cell.
_NUMBER = r"[0-9]+(?:\.[0-9]+)?|[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?"
_UNITS = "万元|亿元|千元|元|人次|件|条|次|个|篇|人|份|宗|项|起|例|笔|场|期|部|家"
_PLAIN = re.compile(rf"(?:{_NUMBER})\Z")
_SIGNED = re.compile(rf"([+-]|增加|减少|增|减)({_NUMBER})({_UNITS})?\Z")
_UNIT = re.compile(rf"({_NUMBER})\(?({_UNITS})\)?\Z")
_ANNOTATED = re.compile(rf"(?:\+|增|增加)?({_NUMBER})({_UNITS})?[(\[]([^0-9)\]][^)\]]*)[)\]]\Z")
_MARKED = re.compile(rf"({_NUMBER})(?:\*+|[(\[]?注[0-9]?[)\]]?)\Z")
_DASH = re.compile(r"[-‐‑‒–—―−─━/\\]+\Z")
_NONE_WORDS = frozenset({"无", "不适用", "没有", "暂无", "无数据", "N/A", "n/a", "NA", "不涉及"})
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_SPACE = re.compile(r"\s+")
_SPLIT_DIGITS = re.compile(r"[0-9.,]\s+[0-9.,]")
_SPACED = re.compile(r"[1-9][0-9]*(?:[^\S\n\r\u2028]+[0-9]+)+\Z")
STROKE = "\u0336"
"""The combining stroke that follows a character struck out (``formats/marks.py``)."""
_STRUCK = re.compile(f".?{STROKE}", re.S)  # a stroke may have lost its character
_MARK_TAGS = ("<super>", "<sub>", "<circle>", "<fraction>")


def number(digits: str) -> Number:
    """The number that these ASCII digits print: ``int`` without a decimal point, else ``float``."""
    digits = digits.replace(",", "")
    return float(digits) if "." in digits else int(digits)


@lru_cache(maxsize=8192)
def parse_cell(text: str) -> Printed:
    """The value, kind and unit of a cell's text.

    ``annotated``, ``signed`` and ``unit`` keep a value, because it is printed without doubt; all other kinds have none.
    Digits parted by a space on one line are one number, as the contract has it, unless the first is a zero; a line
    break between digits may part two numbers.
    """
    if text.isascii() and text.isdigit() and len(text) <= 18:  # nearly every cell; the rest only costs time
        return Printed(int(text), None)
    if STROKE in text:
        return _corrected(text)
    marked = [ch for ch in text if ch > "\u00a0" and unicodedata.decomposition(ch).startswith(_MARK_TAGS)]
    if marked:
        return _footnoted(text, marked)
    clean = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip()
    if not clean:
        return BLANK
    if _SPLIT_DIGITS.search(clean) and not _SPACED.match(clean):
        return UNREADABLE
    return _compact(_SPACE.sub("", clean))


def _compact(text: str) -> Printed:
    """As ``parse_cell``, for text that is normalised and free of space."""
    if _PLAIN.match(text):
        return Printed(number(text), None) if len(text) <= 18 else UNREADABLE
    if _DASH.match(text):
        return Printed(None, "dash")
    if text in _NONE_WORDS:
        return Printed(None, "none_word")
    text = text.replace("−", "-").replace("—", "-").replace("–", "-")
    if found := _SIGNED.match(text):
        value = number(found[2])
        return Printed(-value if found[1] in ("-", "减", "减少") else value, "signed", found[3])
    if found := _UNIT.match(text):
        return Printed(number(found[1]), "unit", found[2])
    if found := _ANNOTATED.match(text):
        return Printed(number(found[1]), "annotated", found[2])
    if found := _MARKED.match(text):
        return Printed(number(found[1]), "annotated")
    digits = sum(ch.isdigit() for ch in text)
    return UNREADABLE if digits and digits * 2 >= len(text) else Printed(None, "text")


def without_struck(text: str) -> str:
    """``text`` without its characters that are struck out."""
    return _STRUCK.sub("", text)


def _corrected(text: str) -> Printed:
    """A cell in which something is struck out: the number left standing, if one is, and never what was deleted."""
    rest = parse_cell(without_struck(text))
    if rest.kind == "blank":
        return UNREADABLE
    return Printed(rest.value, rest.kind or "annotated", rest.unit)


def _footnoted(text: str, marks: list[str]) -> Printed:
    """A number with footnote marks (``5①``, ``3²``): NFKC would make them digits of the number, so they go first."""
    rest = _INVISIBLE.sub("", text)
    for mark in marks:
        rest = rest.replace(mark, "")
    plain = parse_cell(rest)
    if plain.kind is None and any(not unicodedata.decomposition(m).startswith("<fraction>") for m in marks):
        return Printed(plain.value, "annotated")
    return UNREADABLE


def to_wan_yuan(value: Number, unit: str) -> Number | None:
    """``value`` in ``unit`` as 万元, exactly by decimal arithmetic; ``None`` for a unit that is not one of money."""
    factor = {
        "元": Decimal("0.0001"),
        "千元": Decimal("0.1"),
        "万元": Decimal(1),
        "亿元": Decimal(10000),
    }.get(unit)
    if factor is None:
        return None
    if unit == "万元":
        return value
    exact = Decimal(str(value)) * factor
    return int(exact) if exact == exact.to_integral_value() else float(exact)
