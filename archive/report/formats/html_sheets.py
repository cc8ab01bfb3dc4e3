"""Style sheets within a page, as far as they change what its text says: what they hide, strike out, raise or lower.

Only rules that set such a property are looked at, and only simple selectors (elements, classes, ids, one inside the
other); the outcome is written into the elements' own ``style``, where ``html_styles.py`` finds it. Sheets from other
addresses are not asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from archive.report.formats.tree import Element, query, text_of

_PROPERTIES = ("display", "visibility", "opacity", "font-size", "vertical-align", "text-decoration", "clip")
_MATTERS = re.compile(
    r"(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0|font-size\s*:\s*0|clip\s*:\s*rect"
    r"|vertical-align\s*:\s*(?:super|sub|text-top|text-bottom|[-+]?[\d.])|line-through)",
    re.I,
)
_MEDIA = re.compile(r"@media\b(?P<media>[^{}]{0,200})\{(?P<rules>(?:[^{}]*\{[^{}]*\})*[^{}]*)\}", re.I)
_SHOWN_MEDIA = re.compile(r"\s*(?:only\s+)?(?:screen|all)?\s*\Z", re.I)
_AT_RULE = re.compile(r"@[^{};@]{0,200}(?:;|\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})")
_COMPOUND = re.compile(
    r"(?P<tag>\*|[A-Za-z][\w-]*(?:\\?:[A-Za-z]+)?)?(?P<marks>(?:[.#][\w\u0080-\uffff-]+)*)\Z"
)  # without re.I, which unfolds that range at every start for 9 ms
_MOST_RULES = 400
"""Selectors that are tried; pages that print annual reports have a handful."""
_LONGEST_SHEET = 200_000
_LONGEST_SELECTOR = 200
_WITH_CLASS = query("//@class/..")
_WITH_ID = query("//@id/..")


class _Compound(NamedTuple):
    """One step of a selector: an element's name, the classes and the id it must have."""

    tag: str
    classes: frozenset[str]
    id: str

    def fits(self, element: Element) -> bool:
        """Whether this element is meant."""
        if not isinstance(element.tag, str) or (self.tag and element.tag != self.tag):
            return False
        if self.id and element.get("id") != self.id:
            return False
        return not self.classes or self.classes <= set((element.get("class") or "").split())


class _Rule(NamedTuple):
    """A selector with its declarations; ``steps`` from the outermost inwards, ``direct[i]``: step i is a child of i-1."""

    steps: tuple[_Compound, ...]
    direct: tuple[bool, ...]
    declarations: dict[str, tuple[bool, str]]

    @property
    def weight(self) -> tuple[int, int, int]:
        """The selector's specificity: ids, classes, names."""
        return (
            sum(bool(step.id) for step in self.steps),
            sum(len(step.classes) for step in self.steps),
            sum(bool(step.tag) for step in self.steps),
        )

    def fits(self, element: Element) -> bool:
        """Whether the selector means this element."""
        return self.steps[-1].fits(element) and self._inside(element, len(self.steps) - 2)

    def _inside(self, element: Element, step: int) -> bool:
        if step < 0:
            return True
        parent = element.getparent()
        while parent is not None:
            if self.steps[step].fits(parent) and self._inside(parent, step - 1):
                return True
            if self.direct[step + 1]:
                return False
            parent = parent.getparent()
        return False


def written_out(root: Element) -> str:
    """Write what the page's own style sheets say into the ``style`` of the elements meant; all that was written.

    An element's own ``style`` counts before a sheet; of several rules the one that CSS gives precedence.
    """
    sheets = [text_of(style)[:_LONGEST_SHEET] for style in root.iter("style") if _is_shown(style)]
    if not any(_MATTERS.search(sheet) for sheet in sheets):
        return ""
    rules = [rule for sheet in sheets for rule in _rules(sheet)][:_MOST_RULES]
    harmful = {
        name
        for rule in rules
        for name, (_, value) in rule.declarations.items()
        if _MATTERS.search(f"{name}:{value}")
    }
    won: dict[Element, dict[str, tuple[tuple[bool, tuple[int, int, int], int], str]]] = {}
    for order, rule in enumerate(rules):
        said = {name: entry for name, entry in rule.declarations.items() if name in harmful}
        if not said:
            continue
        for element in _candidates(root, rule.steps[-1]):
            if rule.fits(element):
                own = won.setdefault(element, {})
                for name, (important, value) in said.items():
                    rank = (important, rule.weight, order)
                    if name not in own or own[name][0] < rank:
                        own[name] = (rank, value)
    written: set[str] = set()
    for element, properties in won.items():
        style = element.get("style") or ""
        added = ";".join(
            f"{name}:{value}"
            for name, (_, value) in properties.items()
            if _MATTERS.search(f"{name}:{value}") and not re.search(rf"(?:^|[;\s]){name}\s*:", style, re.I)
        )
        if added:
            element.set("style", f"{added};{style}")
            written.add(added)
    return ";".join(written)


def _is_shown(style: Element) -> bool:
    return _SHOWN_MEDIA.match(style.get("media") or "") is not None


def _rules(sheet: str) -> Iterator[_Rule]:
    """The rules of a sheet that apply on a screen and whose selectors are simple."""
    text = _without_comments(sheet)
    text = _MEDIA.sub(lambda m: m["rules"] if _SHOWN_MEDIA.match(m["media"]) else " ", text)
    text = _AT_RULE.sub(" ", text)
    for block in text.split("}"):
        selectors, _, body = block.rpartition("{")
        declarations = _declarations(body)
        if not declarations:
            continue
        for selector in selectors.rpartition("{")[2].split(","):
            if len(selector) <= _LONGEST_SELECTOR and (path := _path(selector)) is not None:
                yield _Rule(*path, declarations)


def _without_comments(sheet: str) -> str:
    first, *rest = sheet.replace("<!--", " ").replace("-->", " ").split("/*")
    return first + "".join(part.partition("*/")[2] for part in rest)


def _declarations(body: str) -> dict[str, tuple[bool, str]]:
    """The properties that matter here, each with its value and whether it is ``!important``."""
    found: dict[str, tuple[bool, str]] = {}
    for declaration in body.split(";"):
        name, _, value = declaration.partition(":")
        name = name.strip().lower().replace("text-decoration-line", "text-decoration")
        if name in _PROPERTIES and value:
            plain = re.sub(r"\s*!\s*important", "", value, flags=re.I).strip()
            found[name] = ("important" in value.lower(), plain)
    return found


def _path(selector: str) -> tuple[tuple[_Compound, ...], tuple[bool, ...]] | None:
    """The steps of a selector, or ``None`` for one that asks for more than names, classes, ids and nesting."""
    steps: list[_Compound] = []
    direct: list[bool] = []
    child = False
    for part in selector.replace(">", " > ").split():
        if part == ">":
            child = True
            continue
        match = _COMPOUND.match(part)
        if match is None or not match.group():
            return None
        marks = re.findall(r"[.#][^.#]+", match["marks"])
        tag = (match["tag"] or "").lower().replace("\\", "")
        steps.append(
            _Compound(
                "" if tag == "*" else tag,
                frozenset(mark[1:] for mark in marks if mark[0] == "."),
                next((mark[1:] for mark in marks if mark[0] == "#"), ""),
            )
        )
        direct.append(child)
        child = False
    return (tuple(steps), tuple(direct)) if steps and not child else None


def _candidates(root: Element, last: _Compound) -> Iterator[Element]:
    """The elements that may be the last step of a selector."""
    if last.classes:
        yield from _WITH_CLASS(root)
    elif last.id:
        yield from _WITH_ID(root)
    elif last.tag:
        yield from root.iter(last.tag)
