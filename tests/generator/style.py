"""The ways in which one report is laid out: every dimension that published pages were seen to vary in."""

from __future__ import annotations

from dataclasses import dataclass, fields
from random import Random
from typing import Any

CHOICES: dict[str, list[tuple[Any, int]]] = {
    "form": [("gb2021", 6), ("gb2019", 3)],
    "one_row": [(False, 5), (True, 1)],  # gb2021 only; gb2019 always prints one row
    "document": [("html", 12), ("lines", 2), ("pipes", 1), ("tabs", 1)],
    "spans": [("official", 6), ("empty", 2), ("repeat", 1)],
    "broken_at": [(None, 6), ("rows", 2), ("rows_with_header", 1)],
    "cases": [("row", 6), ("three", 1)],
    "one_table": [(False, 9), (True, 1)],
    "layout": [("plain", 5), ("nested", 2), ("wrapped_divs", 2)],
    "spare_column": [(False, 8), (True, 1)],
    "wide_values": [(False, 8), (True, 1)],  # value spans that do not line up with header spans
    "inline": [("plain", 4), ("word", 3), ("split", 3), ("font", 1)],
    "numbering": [("official", 6), ("ideographic", 2), ("fullwidth", 1), ("none", 1)],
    "punctuation": [("full", 6), ("half", 3)],
    "quotes": [("curly", 5), ("straight", 2), ("none", 2)],
    "spaced": [("no", 6), ("inside", 2), ("breaks", 2)],
    "characters": [("ordinary", 9), ("kangxi", 1)],
    "misspelt": [(0, 8), (1, 2), (2, 1)],  # how many labels have one character wrong
    "total_word": [("总计", 6), ("合计", 1)],
    "zeros": [("printed", 6), ("blank", 2), ("nbsp", 1), ("dash", 2), ("mixed", 1)],
    "digits": [("ascii", 6), ("fullwidth", 1), ("thousands", 1), ("padded", 1)],
    "annotated": [(0, 8), (1, 1), (3, 1)],  # how many cells carry a remark, a unit or a sign
    "headings": [("official", 5), ("variant", 3), ("half", 2)],
    "title": [("h1", 4), ("styled", 2), ("broken", 2), ("twice", 1), ("meta", 1)],
    "date": [("label", 5), ("source_first", 2), ("glued", 1), ("meta", 2), ("none", 1)],
    "period": [("plain", 5), ("none", 2)],
    "charset": [
        ("utf-8", 6),
        ("bom", 1),
        ("gb18030 as gb2312", 2),
        ("utf-8 as latin1", 1),
        ("undeclared gb18030", 1),
    ],
}


@dataclass(slots=True)
class Style:
    """One choice in each dimension; the names are the keys of ``CHOICES``."""

    form: str
    one_row: bool
    document: str
    spans: str
    broken_at: str | None
    cases: str
    one_table: bool
    layout: str
    spare_column: bool
    wide_values: bool
    inline: str
    numbering: str
    punctuation: str
    quotes: str
    spaced: str
    characters: str
    misspelt: int
    total_word: str
    zeros: str
    digits: str
    annotated: int
    headings: str
    title: str
    date: str
    period: str
    charset: str

    @classmethod
    def draw(cls, random: Random, **fixed: Any) -> Style:
        """A style at random; ``fixed`` pins some dimensions."""
        drawn = {
            name: random.choices([value for value, _ in options], [weight for _, weight in options])[0]
            for name, options in CHOICES.items()
        }
        style = cls(**{**drawn, **fixed})
        if style.form == "gb2019":
            style.one_row = True
        if style.document != "html":
            # A text copy has lost its spans and its markup already.
            style.inline, style.layout, style.spans = "plain", "plain", "official"
            style.wide_values = style.spare_column = style.one_table = False
        return style

    def described(self) -> str:
        """The choices that are not the first, for a test's message."""
        return ", ".join(
            f"{f.name}={getattr(self, f.name)}"
            for f in fields(self)
            if getattr(self, f.name) != CHOICES[f.name][0][0]
        )
