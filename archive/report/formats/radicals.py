"""Radicals and ligatures in place of the characters they stand for.

Fonts whose glyph serves both as a radical and as a character (⼈ and 人, ⺠ and 民) often leave the radical in a PDF's
text layer. The Kangxi radicals (U+2F00 to U+2FD5) decompose to their characters by Unicode; those of the supplement
(U+2E80 to U+2EF3) do not, so the ones that are characters of their own are listed here. Nor do the dashes of double
and triple length, which fonts put for two and three dashes.
"""

from __future__ import annotations

import unicodedata

_SUPPLEMENT = dict(
    zip(
        "⺁⺇⺌⺎⺐⺒⺓⺝⺟⺠⺧⺩⺪⺬⺮⺯⺶⺷⺹⺻⺼⺽⻁⻄⻅⻆⻉⻊⻋⻑⻓⻔⻗⻘⻙⻚⻛⻜⻝⻞⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻱⻳",
        "厂几小兀尢巳幺月母民牛王疋示竹糸羊羊老聿肉臼虎西见角贝足车長长门雨青韦页风飞食食马骨鬼鱼鸟卤麦黄黾齐齿龙龜龟",
        strict=True,
    )
)
_KANGXI = {chr(c): unicodedata.normalize("NFKC", chr(c)) for c in range(0x2F00, 0x2FD6)}
_DASHES = {"⸺": "——", "⸻": "———"}
_TABLE = str.maketrans({**_KANGXI, **_SUPPLEMENT, **_DASHES})


def unified(text: str) -> str:
    """The text with radicals and long dashes replaced by the characters they stand for."""
    return text.translate(_TABLE)
