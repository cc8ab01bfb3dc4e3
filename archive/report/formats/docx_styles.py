"""What Word keeps outside of the text: which styles are headings, which numbers it counts and prints by itself."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Literal

from lxml import etree

from archive.report.formats.package import Package, attribute, local_name

_MAX_CHAIN = 12
"""Styles based on styles based on …: longer chains are loops."""
_HEADING = re.compile(r"^(heading\s*[1-9]|title|subtitle|标题(\s*[1-9])?|副标题)$", re.I)
_DIGITS = "〇一二三四五六七八九"
_UNITS = ("", "十", "百", "千")
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
Look = Literal["", "struck", "raised", "lowered"]
"""How a run is set, as far as it changes what the print says."""
_ALIGNED: dict[str, Look] = {"superscript": "raised", "subscript": "lowered"}
_COUNTED_CHINESE = {"chineseCounting", "chineseCountingThousand", "chineseLegalSimplified", "japaneseCounting",
                    "taiwaneseCounting", "taiwaneseCountingThousand"}  # fmt: skip


def child(element: etree._Element, *path: str) -> etree._Element | None:
    """The first descendant along a path of local names."""
    found: etree._Element | None = element
    for name in path:
        found = next((e for e in found if local_name(e) == name), None) if found is not None else None
    return found


def value_of(element: etree._Element, *path: str) -> str | None:
    """The attribute ``val`` of the element at the path."""
    found = child(element, *path)
    return attribute(found, "val") if found is not None else None


def number_of(element: etree._Element, *path: str, default: int = 0) -> int:
    """``value_of`` as a number that is not negative; ``default`` where there is none or it is no number."""
    text = value_of(element, *path) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else default


def on(element: etree._Element, *path: str) -> bool:
    """Whether the switch at the path is there and not set off."""
    found = child(element, *path)
    return found is not None and attribute(found, "val") not in ("0", "false", "off", "none")


class Styles:
    """The paragraph styles and lists of one file. ``number`` counts, so paragraphs are asked for in reading order."""

    def __init__(self, styles: etree._Element | None, numbering: etree._Element | None) -> None:
        self._styles: dict[str, etree._Element] = {}
        for style in styles if styles is not None else ():
            if local_name(style) == "style" and (key := attribute(style, "styleId")) is not None:
                self._styles[key] = style
        self._lists = _Lists(numbering)

    @classmethod
    def of(cls, package: Package, main: str) -> Styles:
        """The styles that belong to the main part; none where the file has none. Raises ``PackageError``."""
        parts = {kind: target for kind, target in package.related(main).values() if target in package}
        roots = [package.xml(parts[kind]) if kind in parts else None for kind in ("styles", "numbering")]
        return cls(*roots)

    def _chain(self, paragraph: etree._Element) -> list[etree._Element]:
        """The paragraph, its style, the style that one is based on, and so on."""
        chain = [paragraph]
        key = value_of(paragraph, "pPr", "pStyle")
        while key in self._styles and len(chain) < _MAX_CHAIN:
            chain.append(self._styles[key])
            key = value_of(self._styles[key], "basedOn")
        return chain

    def is_heading(self, paragraph: etree._Element) -> bool:
        """Whether the paragraph has a heading's or title's style, or a level in the outline."""
        chain = self._chain(paragraph)
        if any(_HEADING.match((value_of(style, "name") or "").strip()) for style in chain[1:]):
            return True
        level = next((v for e in chain if (v := value_of(e, "pPr", "outlineLvl")) is not None), "9")
        return level.isdigit() and int(level) < 9

    def is_centred(self, paragraph: etree._Element) -> bool:
        """Whether the paragraph stands in the middle of the line."""
        place = next((v for e in self._chain(paragraph) if (v := value_of(e, "pPr", "jc")) is not None), "")
        return place == "center"

    def size(self, paragraph: etree._Element) -> int:
        """The size of the paragraph's first printed run in half-points; 0 where none is stated."""
        for run in paragraph.iter():
            if local_name(run) == "r" and child(run, "t") is not None:
                if size := number_of(run, "rPr", "sz"):
                    return size
                break
        return next((size for e in self._chain(paragraph)[1:] if (size := number_of(e, "rPr", "sz"))), 0)

    def look(self, run: etree._Element) -> Look:
        """Whether the run is struck out, or stands above or below the line, by itself or by its character style."""
        for holder in self._run_chain(run):
            for setting in holder:
                name = local_name(setting)
                if name in ("strike", "dstrike") and on(holder, name):
                    return "struck"
                if name == "vertAlign":
                    return _ALIGNED.get(attribute(setting, "val") or "", "")
                if name == "position":
                    height = attribute(setting, "val") or ""
                    return "lowered" if height.startswith("-") else "raised" if height.strip("0") else ""
        return ""

    def _run_chain(self, run: etree._Element) -> list[etree._Element]:
        """The properties of a run: its own, those of its style, and of what that one is based on."""
        own = child(run, "rPr")
        if own is None:
            return []
        chain = [own]
        key = value_of(own, "rStyle")
        while key in self._styles and len(chain) < _MAX_CHAIN:
            style = self._styles[key]
            if (properties := child(style, "rPr")) is not None:
                chain.append(properties)
            key = value_of(style, "basedOn")
        return chain

    def number(self, paragraph: etree._Element) -> str:
        """The number Word prints before the paragraph (``一、``, ``1.``); empty for bullets and plain paragraphs."""
        for element in self._chain(paragraph):
            if (settings := child(element, "pPr", "numPr")) is not None and (
                key := value_of(settings, "numId")
            ):
                return self._lists.next(key, min(number_of(settings, "ilvl"), 8))
        return ""


class _Lists:
    """The numbered lists: their levels' looks, and how far each has counted."""

    def __init__(self, numbering: etree._Element | None) -> None:
        self._levels: dict[str, dict[int, etree._Element]] = {}
        self._abstract: dict[str, str] = {}
        self._restarts: dict[str, dict[int, int]] = {}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        for element in numbering if numbering is not None else ():
            if local_name(element) == "abstractNum":
                levels = {_level(e): e for e in element if local_name(e) == "lvl"}
                self._levels[attribute(element, "abstractNumId") or ""] = levels
            elif local_name(element) == "num":
                key = attribute(element, "numId") or ""
                self._abstract[key] = value_of(element, "abstractNumId") or ""
                self._restarts[key] = {
                    _level(e): number_of(e, "startOverride", default=1)
                    for e in element
                    if local_name(e) == "lvlOverride" and child(e, "startOverride") is not None
                }

    def next(self, key: str, level: int) -> str:
        abstract = self._abstract.get(key, "")
        levels = self._levels.get(abstract, {})
        if level not in levels:
            return ""
        counts = self._counts[abstract]
        start = self._restarts.get(key, {}).pop(level, None)
        first = number_of(levels[level], "start", default=1)
        counts[level] = start if start is not None else counts.get(level, first - 1) + 1
        for deeper in [n for n in counts if n > level]:
            del counts[deeper]
        text = value_of(levels[level], "lvlText") or ""
        if value_of(levels[level], "numFmt") == "bullet":
            return ""
        return re.sub(r"%([1-9])", lambda m: self._count(levels, counts, int(m[1]) - 1), text)

    @staticmethod
    def _count(levels: dict[int, etree._Element], counts: dict[int, int], level: int) -> str:
        if level not in levels:
            return ""
        count = counts.get(level, number_of(levels[level], "start", default=1))
        return written(count, value_of(levels[level], "numFmt") or "decimal")


def _level(element: etree._Element) -> int:
    text = attribute(element, "ilvl") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) == 1 else 0


def written(count: int, style: str) -> str:
    """A count as Word writes it in the number format ``style``; decimal for formats that reports do not use."""
    if style in _COUNTED_CHINESE and 0 < count < 10_000:
        return _chinese(count)
    match style:
        case "none" | "bullet":
            return ""
        case "ideographDigital" | "taiwaneseDigital" | "japaneseDigitalTenThousand":
            return "".join(_DIGITS[int(digit)] for digit in str(count))
        case "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" if 0 < count <= 20:
            return chr(ord("①") + count - 1)
        case "upperLetter" | "lowerLetter" if 0 < count <= 26:
            return chr(ord("A" if style == "upperLetter" else "a") + count - 1)
        case "upperRoman" | "lowerRoman" if 0 < count < 40:
            roman = "X" * (count // 10) + _ROMAN[count % 10]
            return roman if style == "upperRoman" else roman.lower()
        case _:
            return str(count)


def _chinese(count: int) -> str:
    digits = str(count)
    parts = []
    for place, digit in enumerate(digits):
        power = len(digits) - 1 - place
        if digit != "0":
            parts.append(_DIGITS[int(digit)] + _UNITS[power])
        elif parts and parts[-1] != "〇" and digits[place:].strip("0"):
            parts.append("〇")
    text = "".join(parts).replace("〇", "零")
    return text[1:] if text.startswith("一十") else text
