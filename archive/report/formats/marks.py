"""Print that plain characters cannot say: figures set above or below the line, and words struck out.

Written as plain text a footnote's mark would become a digit of the number before it, and a deleted number would join
the one that replaced it. Unicode has characters for both, so nothing of the print is lost: ``128¹`` is 128 with a
mark, and a figure struck out carries a stroke on each character. ``cells.py`` reads both as ``annotated``.
"""

from __future__ import annotations

import unicodedata

from archive.report.cells import STROKE, without_struck

_RAISED = str.maketrans("0123456789()[]〔〕【】", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾⁽⁾⁽⁾⁽⁾")
_LOWERED = str.maketrans("0123456789()[]〔〕【】", "₀₁₂₃₄₅₆₇₈₉₍₎₍₎₍₎₍₎")
_WIDE = str.maketrans("０１２３４５６７８９（）［］", "0123456789()[]")
_LONGEST_FIGURE = 24
LONGEST_MARK = 12
"""Characters: what is longer is text in an odd place and no footnote's mark."""


def raised(text: str, *, below: bool = False) -> str:
    """``text`` with its digits and brackets as superscripts (``below``: as subscripts); the rest as it is."""
    return text.translate(_WIDE).translate(_LOWERED if below else _RAISED)


def struck(text: str) -> str:
    """``text`` with a stroke on every visible character; one that has strokes already comes back unchanged."""
    if STROKE in text:
        return text
    return "".join(c if c.isspace() or unicodedata.combining(c) else c + STROKE for c in text)


def settled(text: str) -> str:
    """A paragraph's or cell's text with what is struck out in it left out, unless it is a figure beside a figure.

    A deleted word is no longer said; that a figure was corrected belongs to the figure, so there the strokes stay.
    """
    if STROKE not in text:
        return text
    rest = without_struck(text)
    return text if _is_figure(rest if rest.strip() else text.replace(STROKE, "")) else rest


def _is_figure(text: str) -> bool:
    """Whether this is a number, with a unit or a mark at most."""
    bare = "".join(text.split())
    return len(bare) <= _LONGEST_FIGURE and sum(c.isdigit() for c in bare) * 2 >= len(bare)
