"""Labels and values as a clerk might type them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from random import Random

from tests.generator.style import Style

FULLWIDTH = str.maketrans("0123456789.-+", "０１２３４５６７８９．－＋")
HALF = str.maketrans("（），：；", "(),:;")
# Look-alikes that WPS puts into PDF and HTML text; NFKC folds them back.
KANGXI = str.maketrans("一自人行大工用", "⼀⾃⼈⾏⼤⼯⽤")


@dataclass(slots=True)
class Cell:
    """A cell to be printed; ``path`` is set for a value cell."""

    text: str
    rowspan: int = 1
    colspan: int = 1
    path: tuple[str, str, str] | None = None


@dataclass(slots=True)
class Printed:
    """What a value cell prints, and the number it states: ``None`` where it states none."""

    text: str
    value: int | float | None


def label(random: Random, style: Style, text: str) -> str:
    """``text`` in the hand of ``style``."""
    if style.total_word == "合计":
        text = text.replace("总计", "合计")
    if style.numbering == "ideographic":
        text = _renumber(text, "、")
    elif style.numbering == "fullwidth":
        text = _renumber(text, "．")
    elif style.numbering == "none":
        text = _unnumbered(text)
    elif style.numbering == "mixed":
        text = random.choice([text, _renumber(text, "、"), _renumber(text, "．")])
    if style.quotes == "straight":
        text = text.replace("“", '"').replace("”", '"')
    elif style.quotes == "none":
        text = text.replace("“", "").replace("”", "")
    if style.punctuation == "half":
        text = text.translate(HALF)
    if style.characters == "kangxi":
        text = text.translate(KANGXI)
    if len(text) > 3 and style.spaced != "no" and random.random() < 0.4:
        at = random.randint(1, len(text) - 1)
        text = text[:at] + (" " if style.spaced == "inside" else "\n") + text[at:]
    return text


def misspell(random: Random, text: str) -> str:
    """``text`` with one character lost or mistaken, never its first two nor its numbering."""
    places = [i for i, c in enumerate(text) if "\u4e00" <= c <= "\u9fff" and i > 3]
    if len(places) < 4:
        return text
    at = random.choice(places)
    return text[:at] + random.choice(["", "某"]) + text[at + 1 :]


def _renumber(text: str, mark: str) -> str:
    return text[0] + mark + text[2:] if text[:1].isdigit() and text[1:2] == "." else text


def _unnumbered(text: str) -> str:
    if text[:1].isdigit() and text[1:2] == ".":
        return text[2:]
    return text


def value(random: Random, style: Style, number: int | float, *, remark: bool, column: str) -> Printed:
    """``number`` as printed."""
    if column in ("amount_wan_yuan", "amount"):
        return _money(random, style, number, remark=remark, column=column)
    if column == "change" and style.change_label == "friend":
        return Printed(str(abs(number)), None)  # 本年数量 is another quantity
    if number == 0 and not remark:
        return _zero(random, style)
    text = f"{number:,}" if style.digits == "thousands" else str(number)
    if column == "change" and number > 0 and random.random() < 0.5:
        text = "+" + text
    if style.digits == "fullwidth":
        text = text.translate(FULLWIDTH)
    elif style.digits == "padded":
        text = f" {text}\u3000"
    if remark:
        text += random.choice(["件", f"（其中本级{number // 2 if isinstance(number, int) else 1}件）"])
    return Printed(text, number)


def _money(random: Random, style: Style, number: int | float, *, remark: bool, column: str) -> Printed:
    """A sum: its unit stands in the header, in the cell or nowhere; a fee in 元 is stored in 万元."""
    if number == 0 and not remark:
        return _zero(random, style)
    text = f"{number:,}" if style.digits == "thousands" else str(number)
    if style.digits == "fullwidth":
        text = text.translate(FULLWIDTH)
    stated: int | float = number
    if style.money == "yuan" and column == "amount_wan_yuan" and not remark:
        exact = Decimal(str(number)) / 10000
        stated = int(exact) if exact == exact.to_integral_value() else float(exact)
    elif style.money == "cell" or remark:
        text += "万元"
    elif style.money == "none" and column == "amount_wan_yuan":
        return Printed(text, None)  # a sum without a unit is no sum in 万元
    return Printed(text, stated)


def _zero(random: Random, style: Style) -> Printed:
    how = style.zeros
    if how == "mixed":
        how = random.choice(["printed", "printed", "blank", "dash"])
    if how == "blank":
        return Printed("", None)
    if how == "nbsp":
        return Printed("\u00a0", None)
    if how == "word":
        return Printed(random.choice(["无", "不适用"]), None)
    if how == "dash":
        return Printed(random.choice(["-", "—", "/", "－"]), None)
    return Printed("0".translate(FULLWIDTH) if style.digits == "fullwidth" else "0", 0)
