"""What a page's elements and styles do to its text: hide it, strike it out, set it above or below the line.

Only what stands in the page's own markup is known; style sheets are not read. Every question is asked of the page's
bytes first, because most pages have nothing of the kind and walking a tree costs time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from archive.report.cells import without_struck
from archive.report.formats.marks import LONGEST_MARK, raised, settled, struck
from archive.report.formats.tree import Element, query, text_of

_CAPITALS = "translate(., 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"
_ZERO = r"0+(?:\.0*)?\s*(?:[a-z]+|%)?\s*(?:;|!|$)"
_UNSEEN_LENGTH = 200
"""Characters: more text than this that is only transparent is an article that a script fades in."""


def _styled(word: str, also: str = "") -> Callable[[Element], list[Element]]:
    # By attribute and not by element: XPath is ten times faster that way round.
    return query(f"//@style[contains({_CAPITALS}, '{word}')]/..{also}")


_HIDDEN = query("//@hidden/..")
_HIDDEN_OR_DISPLAY = _styled("display", " | //@hidden/..")
_DECORATED, _ALIGNED = _styled("line-through"), _styled("vertical-align")
_UNSEEN = [(word.encode(), _styled(word)) for word in ("visibility", "opacity", "font-size")]
_DELETED = query("//del | //s | //strike")
_SET_OFF = query("//sup | //sub")
_NOTE_REFERENCES = query(
    "//@class[contains(., 'MsoFootnoteReference') or contains(., 'MsoEndnoteReference')]/.."
)

_NOT_DISPLAYED = re.compile(r"display\s*:\s*none", re.I)
_NOT_SEEN = re.compile(
    rf"visibility\s*:\s*(?:hidden|collapse)|(?:^|[;\s])opacity\s*:\s*{_ZERO}|font-size\s*:\s*{_ZERO}", re.I
)
_ABOVE = re.compile(
    r"vertical-align\s*:\s*(?:super|text-top|\+?(?!0+(?:\.0*)?\s*(?:[a-z]|%|;|$))[\d.])", re.I
)
_BELOW = re.compile(r"vertical-align\s*:\s*(?:sub|text-bottom|-\s*[\d.])", re.I)

_SAYS_NOT_DISPLAYED = re.compile(rb"display\s*:\s*none")
_SAYS_NOT_SEEN = {
    b"visibility": re.compile(rb"visibility\s*:\s*[hc]"),
    b"opacity": re.compile(rb"opacity\s*:\s*0(?![.\d]*[1-9])"),
    b"font-size": re.compile(rb"font-size\s*:\s*0(?![.\d]*[1-9])"),
}
_SAYS_ALIGNED = re.compile(rb"vertical-align\s*:\s*(?:su|text-|[-+.\d])")
_SAYS_DELETED = re.compile(rb"<(?:del|s|strike)[\s>]")
_SAYS_SET_OFF = re.compile(rb"<su[bp][\s>]")


def not_displayed(root: Element, source: bytes) -> list[Element]:
    """The elements whose text a browser does not show. ``source`` is the page in small letters."""
    if _SAYS_NOT_DISPLAYED.search(source):
        found = [
            e
            for e in _HIDDEN_OR_DISPLAY(root)
            if e.get("hidden") is not None or _NOT_DISPLAYED.search(e.get("style", ""))
        ]
    else:
        found = _HIDDEN(root) if b"hidden" in source else []
    for word, elements in _UNSEEN:
        if _SAYS_NOT_SEEN[word].search(source):
            found += [e for e in elements(root) if _NOT_SEEN.search(e.get("style", "")) and _holds_little(e)]
    return found


def _holds_little(element: Element) -> bool:
    """Whether this is a passage and no container: whose children have sizes of their own, or which a script shows."""
    styled = any(child.get("style") or child.get("class") for child in element.iterdescendants())
    return not styled and len(text_of(element)) <= _UNSEEN_LENGTH


def set_off(root: Element, source: bytes, inline: frozenset[str]) -> int:
    """Write the page's superscripts and its deletions as ``marks.py`` has them; how many passages were struck out."""
    blocks = _Blocks(inline)
    for element, below in _marks(root, source):
        _raise(element, below, blocks)
    deleted = _deletions(root, source)
    touched: dict[Element, None] = {}
    for element in deleted:
        for node in element.iter():
            if node.text and not node.text.isspace():
                node.text = struck(node.text)
                touched[blocks.around(node)] = None
            if node is not element and node.tail and not node.tail.isspace():
                node.tail = struck(node.tail)
                touched[blocks.around(node, outside=True)] = None
    for block in touched:
        text = text_of(block)
        if settled(text) != text:
            _drop(block)
    return len(deleted)


class _Blocks:
    """Which block an element's text stands in, and that block's text, each looked up once."""

    def __init__(self, inline: frozenset[str]) -> None:
        self.inline = inline
        self._texts: dict[Element, str] = {}

    def around(self, element: Element, *, outside: bool = False) -> Element:
        """The nearest element that is not inline; ``outside``: for the text behind ``element``."""
        here = element.getparent() if outside else element
        while here is not None and here.tag in self.inline and (parent := here.getparent()) is not None:
            here = parent
        return element if here is None else here

    def text(self, block: Element) -> str:
        """The block's text before anything was set off in it."""
        if block not in self._texts:
            self._texts[block] = text_of(block).strip()
        return self._texts[block]


def _marks(root: Element, source: bytes) -> Iterator[tuple[Element, bool]]:
    """Passages set above the line, or (``True``) below it."""
    if _SAYS_SET_OFF.search(source):
        yield from ((element, element.tag == "sub") for element in _SET_OFF(root))
    if _SAYS_ALIGNED.search(source):
        for element in _ALIGNED(root):
            style = element.get("style", "")
            if _ABOVE.search(style):
                yield element, False
            elif _BELOW.search(style):
                yield element, True
    if b"msofootnotereference" in source or b"msoendnotereference" in source:
        yield from ((element, False) for element in _NOTE_REFERENCES(root))


def _raise(element: Element, below: bool, blocks: _Blocks) -> None:
    """Set off a short passage; a whole paragraph or cell that is raised has nothing to be raised above."""
    if any(node.tag not in blocks.inline for node in element.iter()):
        return
    text = text_of(element).strip()
    if not text or len(text) > LONGEST_MARK or text == blocks.text(blocks.around(element)):
        return
    for node in element.iter():
        if node.text:
            node.text = raised(node.text, below=below)
        if node.tail and node is not element:
            node.tail = raised(node.tail, below=below)


def _deletions(root: Element, source: bytes) -> list[Element]:
    found = _DELETED(root) if _SAYS_DELETED.search(source) else []
    if b"line-through" in source:
        found += _DECORATED(root)
    return [element for element in found if text_of(element).strip()]


def _drop(block: Element) -> None:
    for node in block.iter():
        if node.text:
            node.text = without_struck(node.text)
        if node.tail and node is not block:
            node.tail = without_struck(node.tail)
