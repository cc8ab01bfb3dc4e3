"""Labels of the forms: normalisation, and matching of what a page prints with what a form calls it.

A label is matched exactly after normalisation, else without its numbering, else as a misspelling that is close to one
label and to no other. What is only close to two labels, or is a known name of something else, matches none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from rapidfuzz.distance import LCSseq, Levenshtein

from archive.reference.forms import FormTable

Quality = Literal["official", "variant", "cut", "misspelt", "false_friend", "ambiguous"]
"""How a label fits: as the form prints it (after normalisation), as a known variant, as the first part of the official
label, as a misspelling of it; or it is a false friend, or a cut label that several columns share."""

_QUOTES = "\"'“”„‟‘’‚‛〝〞〟「」『』《》＂＇″′`´"
_DELETE = dict.fromkeys(map(ord, "|\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_UNIFY = str.maketrans(
    {"、": ",", "；": ";", "·": ".", "•": ".", "〔": "(", "〕": ")", "【": "(", "】": ")", "[": "(", "]": ")"}
)
# Radicals of the CJK supplement that NFKC leaves alone, though PDF text layers print them for the whole character.
_RADICALS = str.maketrans(
    "⺠⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻥⻦⻩⻬⺟⻄", "民见角贝车长门青韦页风飞食马骨鱼鸟黄齐母西"
)
_REMEMBERED = 4096
"""How many texts are remembered in one place: the labels of many reports, not the words of all."""
_SPACE = re.compile(r"\s+")
_NOTE_MARKS = re.compile(r"(?:[*＊※①-⑳⑴-⒇⁰¹²³⁴-⁹⁽⁾₀-₉]|[(（\[［]?注[0-9０-９①-⑨]?[)）\]］])+[\s:：]*\Z")
_REMARK = re.compile(r"[(（][^()（）]*[)）]")
_TURNS = frozenset("上下去前次未不无非累")
"""Characters that turn a label into that of another quantity: 上年新收 is no misspelt 本年新收."""
_YEAR_NOTE = re.compile(r"\((?:20[0-9]{2})年?度?\)")
_NUMBERING = re.compile(
    r"(?:其中[:：]?)?(?:[一二三四五六七八九十]{1,3}[,.、:]?|\((?:[一二三四五六七八九十]{1,3}|[0-9]{1,2})\)[,.]?|[0-9]{1,2}[,.:)]|[0-9]{1,2}(?![0-9年])[,.]?)"
)
_UNIT_NOTE = re.compile(r"\((?:单位[:,]?)?(?:万元|亿元|千元|元|件|条|个|次)[^)]*\)\Z")
_DIGITS = re.compile(r"[0-9]")
_BARE_NUMERAL = re.compile(r"[一二三四五六七八九十]{1,3}(?![,.、:])")


@lru_cache(maxsize=_REMEMBERED)
def soft_key(text: str) -> str:
    """``text`` as far as two prints of the same official label may differ: NFKC, no white space, one kind of quotation
    mark, brackets and list commas; 其它 and 合计 as 其他 and 总计. Two labels with one soft key are the same print.
    """
    text = _NOTE_MARKS.sub("", text) or text
    text = unicodedata.normalize("NFKC", text).translate(_DELETE).translate(_RADICALS).translate(_UNIFY)
    text = _YEAR_NOTE.sub("", _SPACE.sub("", text))
    for mark in _QUOTES:
        text = text.replace(mark, '"')
    return text.replace("其它", "其他").replace("合计", "总计").strip(",.:;")


@lru_cache(maxsize=_REMEMBERED)
def key(text: str) -> str:
    """The soft key without quotation marks and commas: what labels are compared by."""
    return soft_key(text).replace('"', "").replace(",", "")


@lru_cache(maxsize=_REMEMBERED)
def bare(text: str) -> str:
    """The key without leading numbering, 其中： and a unit in brackets at the end."""
    stripped = soft_key(text)
    while (found := _NUMBERING.match(stripped)) and found.end() < len(stripped):
        if _BARE_NUMERAL.fullmatch(found[0]):
            break
        stripped = stripped[found.end() :]
    stripped = _UNIT_NOTE.sub("", stripped) or stripped
    stripped = stripped.removeprefix("其中:").removeprefix("其中")
    return stripped.replace('"', "").replace(",", "").lstrip(".:)")


def turned(label: str, printed: str) -> bool:
    """Whether ``printed`` has a character that makes another quantity of ``label``, however like they are."""
    if _TURNS.isdisjoint(printed):
        return False
    printed = _REMARK.sub("", printed)
    return any(printed.count(ch) > label.count(ch) for ch in _TURNS)


def likeness(label: str, printed: str) -> float:
    """The share of ``label``'s characters that stand in ``printed`` in the same order (0 to 1)."""
    return LCSseq.similarity(label, printed) / len(label) if label else 0.0


@dataclass(frozen=True, slots=True)
class Match:
    """A printed label understood: the code it stands for and how well it fits. ``official`` is the form's label."""

    code: str
    quality: Quality
    official: str


_Candidate = tuple[str, list[str], Match | None]
"""A label, the digits in it, and what it stands for; ``None`` for the name of something else."""


class Matcher:
    """Finds labels of one kind (the rows of a table, its columns, its groups)."""

    def __init__(self) -> None:
        self._exact: dict[str, Match] = {}
        self._bare: dict[str, Match | None] = {}
        self._strangers: set[str] = set()
        self._cache: dict[str, Match | None] = {}
        self._prefixes: dict[str, Match | None] = {}
        self._candidates: dict[int, list[_Candidate]] | None = None
        """Made when the first text is looked for; no label is added after that."""

    def add(
        self, code: str, official: str, variants: Iterable[str] = (), *, quality: Quality = "variant"
    ) -> None:
        """Make ``official`` and ``variants`` known as labels of ``code``. Earlier labels win over later variants."""
        self._exact.setdefault(soft_key(official), Match(code, "official", official))
        for text in (official, *variants):
            fit = "official" if _same_print(text, official) else quality
            if key(text) != soft_key(official):
                self._exact.setdefault(soft_key(text), Match(code, fit, official))
                self._exact.setdefault(
                    key(text), Match(code, "variant" if fit == "official" else fit, official)
                )
            self._offer(self._bare, bare(text), Match(code, fit, official))

    def shared(self, label: str) -> None:
        """Make ``label`` known as a cut label that several codes share."""
        self._exact.setdefault(soft_key(label), Match(f"?{label}", "ambiguous", label))

    def stranger(self, label: str) -> None:
        """Make ``label`` known as the name of something else: it and what is closest to it match nothing."""
        self._strangers.add(bare(label))

    @staticmethod
    def _offer(index: dict[str, Match | None], name: str, match: Match) -> None:
        """Two codes under one name leave the name without meaning."""
        known = index.get(name, match)
        index[name] = (
            match if known is not None and known.code == match.code and known.quality != "official" else known
        )
        if known is not None and known.code != match.code:
            index[name] = None

    def exact(self, text: str) -> Match | None:
        """The match of ``text`` without allowing misspellings, or ``None``."""
        found = self._exact.get(soft_key(text)) or self._exact.get(key(text))
        if found is not None:
            return found
        name = bare(text)
        if name in self._strangers:
            return None
        found = self._bare.get(name)
        if (
            found is not None
            and found.quality == "official"
            and '"' in soft_key(found.official)
            and '"' not in soft_key(text)
        ):
            return Match(found.code, "variant", found.official)
        return found

    def find(self, text: str) -> Match | None:
        """The match of ``text``, misspellings of one or two characters included, or ``None``."""
        if text not in self._cache:
            if len(self._cache) > _REMEMBERED:  # a long run must not grow without end
                self._cache.clear()
            self._cache[text] = self.exact(text) or self._close(bare(text))
        return self._cache[text]

    def longest(self) -> int:
        """How many characters ``bare(text)`` may have at most for ``find`` to match anything."""
        return max([*map(len, self._exact), *(len(name) + 2 for name in self._bare)], default=0)

    def begins(self, text: str) -> Match | None:
        """The one label that begins with ``text`` (at least four characters of it), or ``None``."""
        name = bare(text)
        if len(name) < 4:
            return None
        if name not in self._prefixes:
            if len(self._prefixes) > _REMEMBERED:
                self._prefixes.clear()
            codes = {m.code: m for n, m in self._bare.items() if m is not None and n.startswith(name)}
            only = next(iter(codes.values())) if len(codes) == 1 else None
            self._prefixes[name] = Match(only.code, "cut", only.official) if only else None
        return self._prefixes[name]

    def _close(self, name: str) -> Match | None:
        """The one label within one character (short labels) or two; ``None`` if a second one is nearly as close."""
        if len(name) < 3 or name in self._strangers:
            return None
        limit = 1 if len(name) < 7 else 2
        digits = _DIGITS.findall(name)
        best: dict[str, tuple[int, Match | None]] = {}
        for length in range(len(name) - limit - 1, len(name) + limit + 2):
            for label, its_digits, match in self._by_length().get(length, ()):
                if match is None or (its_digits == digits and not turned(label, name)):
                    far = Levenshtein.distance(name, label, score_cutoff=limit + 1)
                    if far <= limit + 1:
                        self._note(best, match.code if match else label, far, match)
        ranked = sorted(best.values(), key=lambda entry: entry[0])
        if not ranked or ranked[0][0] > limit or ranked[0][1] is None:
            return None
        if len(ranked) > 1 and ranked[1][0] <= ranked[0][0] + (ranked[0][0] > 1):
            return None
        return Match(ranked[0][1].code, "misspelt", ranked[0][1].official)

    def _by_length(self) -> dict[int, list[_Candidate]]:
        """The labels that a misspelling may be meant for, and the strangers (without a match), by their length."""
        if self._candidates is None:
            self._candidates = {}
            known = [
                (label, _DIGITS.findall(label), match)
                for label, match in self._bare.items()
                if match is not None and match.quality in ("official", "variant")
            ]
            for candidate in [*known, *((label, [], None) for label in self._strangers)]:
                self._candidates.setdefault(len(candidate[0]), []).append(candidate)
        return self._candidates

    @staticmethod
    def _note(best: dict[str, tuple[int, Match | None]], name: str, far: int, match: Match | None) -> None:
        if name not in best or far < best[name][0]:
            best[name] = (far, match)


def _same_print(text: str, official: str) -> bool:
    """Whether two labels differ in their numbering at most."""
    quoted = ('"' in soft_key(text)) == ('"' in soft_key(official))
    return text == official or (quoted and bare(text) == bare(official))


@dataclass(frozen=True, slots=True)
class TableLabels:
    """The matchers of one table of a form. ``headers`` finds header cells that name no column."""

    rows: Matcher
    columns: Matcher
    groups: Matcher
    headers: Matcher

    def longest(self) -> int:
        """How many characters ``bare(text)`` may have at most to be any of these labels."""
        return max(m.longest() for m in (self.rows, self.columns, self.groups, self.headers))


def _columns(table: FormTable) -> Matcher:
    matcher = Matcher()
    for column in (*table.columns, *table.extra_columns):
        matcher.add(column.code, column.label, column.variants)
    for column in table.columns:
        matcher.add(column.code, column.label, column.false_friends, quality="false_friend")
        for text in column.ambiguous_variants:
            matcher.shared(text)
    return matcher


@cache
def table_labels(table: FormTable) -> TableLabels:
    """The matchers of this table, built once."""
    rows, groups, headers = Matcher(), Matcher(), Matcher()
    for row in (*table.rows, *(a.row for a in table.alternates)):
        rows.add(row.code, row.label, row.variants)
    for group in table.groups:
        groups.add(group.code, group.label)
        if rows.exact(group.label) is None:  # （六）其他处理 is a group in one print and a row in another
            rows.stranger(group.label)
    for label in table.unknown_labels:
        rows.stranger(label)
    for number, label in enumerate(table.headers):
        headers.add(str(number), label)
    return TableLabels(rows, _columns(table), groups, headers)


@lru_cache(maxsize=4096)
def is_cut(text: str, official: str) -> bool:
    """Whether ``text`` is only the first part of the official label."""
    short, whole = key(text), key(official)
    return len(short) < len(whole) and whole.startswith(short)
