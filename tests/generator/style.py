"""The ways in which one report is laid out: every dimension that published pages were seen to vary in."""

from __future__ import annotations

from dataclasses import dataclass, fields
from random import Random
from typing import Any

STATUTORY = ("gb2021", "gb2019")
TEXTS = ("lines", "wrapped", "pipes", "tabs")
FILES = ("docx", "xlsx")

CHOICES: dict[str, list[tuple[Any, int]]] = {
    "form": [("gb2021", 12), ("gb2019", 6), ("stat2014", 2), ("legacy2008", 1), ("narrative", 1)],
    "one_row": [(False, 5), (True, 1)],  # gb2021 only; gb2019 always prints one row
    "document": [
        ("html", 24), ("lines", 2), ("wrapped", 1), ("pipes", 2), ("tabs", 2), ("pre", 1), ("docx", 2), ("xlsx", 1),
    ],
    "spans": [("official", 6), ("empty", 2), ("repeat", 1)],
    "broken_at": [(None, 6), ("rows", 2), ("rows_with_header", 1)],
    "cases": [("row", 8), ("three", 1), ("rows", 1), ("down", 1), ("pairs", 1)],
    "one_table": [(False, 9), (True, 1)],
    "layout": [("plain", 5), ("nested", 2), ("wrapped_divs", 2), ("tables_in_cells", 1)],
    "spare_column": [(False, 8), (True, 1)],
    "wide_values": [(False, 8), (True, 1)],  # value spans that do not line up with header spans
    "subtotals": [("none", 12), ("column", 1), ("rows", 1), ("both", 1)],
    "rows": [("official", 12), ("one_lost", 1), ("one_added", 1)],
    "article": [("official", 6), ("long", 1), ("plain", 1), ("lost", 1)],  # 第二十条第（一）项
    "change_label": [("official", 5), ("cut", 1), ("friend", 1)],  # gb2019: 本年增/减, 本年增/, 本年数量
    "money": [("official", 5), ("header", 2), ("cell", 2), ("yuan", 1), ("none", 1)],  # where its unit is printed
    "inline": [("plain", 4), ("word", 3), ("split", 3), ("font", 1), ("pieces", 1)],
    "numbering": [("official", 6), ("ideographic", 2), ("fullwidth", 1), ("none", 1), ("mixed", 1)],
    "punctuation": [("full", 6), ("half", 3)],
    "quotes": [("curly", 5), ("straight", 2), ("none", 2)],
    "spaced": [("no", 6), ("inside", 2), ("breaks", 2)],
    "characters": [("ordinary", 9), ("kangxi", 1)],
    "misspelt": [(0, 8), (1, 2), (2, 1)],  # how many labels have one character wrong
    "total_word": [("总计", 6), ("合计", 1)],
    "zeros": [("printed", 6), ("blank", 2), ("nbsp", 1), ("dash", 2), ("word", 1), ("mixed", 1)],
    "digits": [("ascii", 6), ("fullwidth", 1), ("thousands", 1), ("padded", 1)],
    "annotated": [(0, 8), (1, 1), (3, 1)],  # how many cells carry a remark, a unit or a sign
    "fault": [(None, 6), ("one", 1), ("three", 1)],  # cells whose figure breaks the sums
    "claims": [("none", 3), ("true", 2), ("false", 2)],  # what the text says of the tables
    "headings": [("official", 5), ("variant", 3), ("half", 2)],
    "title": [("h1", 4), ("styled", 2), ("broken", 2), ("twice", 1), ("meta", 1)],
    "named_in": [("title", 8), ("sentence", 1), ("link", 1)],  # who reports
    "decoy": [("none", 6), ("hidden", 1), ("metadata", 1), ("list", 1), ("last_year", 1), ("years", 1)],
    "second": [("none", 14), ("below", 1), ("above", 1)],  # the report of the year before on the same page
    "body_year": [("right", 14), ("wrong", 1)],  # the text speaks of the year before
    "beside": [("none", 14), ("number", 1), ("unit", 1), ("last_year", 1)],  # a column that table 3 does not have
    "sheet": [("none", 14), ("hidden", 1), ("raised", 1), ("struck", 1)],  # what a style sheet does to figures
    "date": [("label", 5), ("source_first", 2), ("glued", 1), ("meta", 2), ("none", 1)],
    "period": [("plain", 5), ("none", 2)],
    "charset": [
        ("utf-8", 6), ("bom", 1), ("gb18030 as gb2312", 2), ("utf-8 as latin1", 1), ("undeclared gb18030", 1),
    ],
}  # fmt: skip


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
    subtotals: str
    rows: str
    article: str
    change_label: str
    money: str
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
    fault: str | None
    claims: str
    headings: str
    title: str
    named_in: str
    decoy: str
    second: str
    body_year: str
    beside: str
    sheet: str
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
        if style.document in TEXTS or style.document == "pre":
            # A text copy has lost its spans and its markup already.
            style.inline, style.spans = "plain", "official"
            style.wide_values = style.spare_column = style.one_table = False
            if style.subtotals != "none":
                style.subtotals = "none"
        if style.document != "html":
            style.layout = "plain"
            style.decoy = "none" if style.decoy in ("hidden", "metadata", "list") else style.decoy
            style.sheet = "none"
        if style.document != "html" and style.second == "above":
            style.second = "below"  # only a page has a title beside the report's
        if style.second != "none":
            style.decoy = "none"
        if style.beside == "number":
            style.broken_at = (
                None  # what goes on behind the break stands behind the number, which is not made here
            )
        if style.document in FILES:
            style.inline = "plain"
            style.charset = "utf-8"
        if style.spans != "official" or style.broken_at or style.one_table:
            style.subtotals = "none"
        return style

    @property
    def is_text(self) -> bool:
        """Whether the page is a text copy, without cells."""
        return self.document in TEXTS

    def described(self) -> str:
        """The choices that are not the first, for a test's message."""
        return ", ".join(
            f"{f.name}={getattr(self, f.name)}"
            for f in fields(self)
            if getattr(self, f.name) != CHOICES[f.name][0][0]
        )
