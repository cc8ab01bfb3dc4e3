"""What a page's elements and styles do to its text: hide it, strike it out, set it above or below the line.

What the page's own style sheets say stands in the elements' ``style`` by then (``html_sheets.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archive.report.cells import without_struck
from archive.report.formats.marks import LONGEST_MARK, raised, settled, struck
from archive.report.formats.tree import Element, query, text_of

_ZERO = r"0+(?:\.0*)?\s*(?:[a-z]+|%)?\s*(?:;|!|$)"
_UNSEEN_LENGTH = 200
"""Characters: more text than this that is only transparent is an article that a script fades in."""

# By attribute and not by element: XPath is ten times faster that way round.
_HIDDEN = query("//@hidden/..")
_HIDDEN_OR_STYLED = query("//@hidden/.. | //@style/..")
_STYLED = query("//@style/..")
_NOTE_REFERENCES = query(
    "//@class[contains(., 'MsoFootnoteReference') or contains(., 'MsoEndnoteReference')]/.."
)

_STYLE = re.compile(rb"""style\s*=\s*("[^"]*|'[^']*|[^\s>"']+)""")
_NOT_DISPLAYED = re.compile(r"display\s*:\s*none", re.I)
_NOT_SEEN = re.compile(
    rf"visibility\s*:\s*(?:hidden|collapse)|(?:^|[;\s])opacity\s*:\s*{_ZERO}|font-size\s*:\s*{_ZERO}"
    r"|(?:^|[;\s])clip\s*:\s*rect\(\s*[01](?!\d)",
    re.I,
)
_STRUCK = re.compile("line-through", re.I)
_ABOVE = re.compile(
    r"vertical-align\s*:\s*(?:super|text-top|\+?(?!0+(?:\.0*)?\s*(?:[a-z]|%|;|$))[\d.])", re.I
)
_BELOW = re.compile(r"vertical-align\s*:\s*(?:sub|text-bottom|-\s*[\d.])", re.I)


def styles_of(source: bytes) -> str:
    """The different styles that stand in a page's bytes (in small letters), parted by semicolons.

    A page repeats a few styles a thousand times; what none of them says need not be looked for in the tree.
    """
    return ";".join(style.strip(b"\"'").decode("latin-1") for style in set(_STYLE.findall(source)))


def not_displayed(root: Element, source: bytes, styles: str) -> list[Element]:
    """The elements whose text a browser does not show. ``source`` is the page in small letters."""
    if not (_NOT_DISPLAYED.search(styles) or _NOT_SEEN.search(styles)):
        return _HIDDEN(root) if b"hidden" in source else []
    return [e for e in _HIDDEN_OR_STYLED(root) if e.get("hidden") is not None or _is_unseen(e)]


def _is_unseen(element: Element) -> bool:
    style = element.get("style", "")
    if _NOT_DISPLAYED.search(style):
        return True
    return _NOT_SEEN.search(style) is not None and _holds_little(element)


def _holds_little(element: Element) -> bool:
    """Whether this is a passage and no container: whose children have sizes of their own, or which a script shows."""
    styled = any(child.get("style") or child.get("class") for child in element.iterdescendants())
    return not styled and len(text_of(element)) <= _UNSEEN_LENGTH


def set_off(root: Element, source: bytes, styles: str, inline: frozenset[str]) -> int:
    """Write the page's superscripts and its deletions as ``marks.py`` has them; how many passages were struck out."""
    blocks = _Blocks(inline)
    for element, below in _marks(root, source, styles):
        _raise(element, below, blocks)
    deleted = _deletions(root, styles)
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


def _marks(root: Element, source: bytes, styles: str) -> Iterator[tuple[Element, bool]]:
    """Passages set above the line, or (``True``) below it."""
    yield from [(element, element.tag == "sub") for element in root.iter("sup", "sub")]
    if _ABOVE.search(styles) or _BELOW.search(styles):
        for element in _STYLED(root):
            style = element.get("style", "")
            if _ABOVE.search(style):
                yield element, False
            elif _BELOW.search(style):
                yield element, True
    if b"notereference" in source:
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


def _deletions(root: Element, styles: str) -> list[Element]:
    found = list(root.iter("del", "s", "strike"))
    if _STRUCK.search(styles):
        found += [element for element in _STYLED(root) if _STRUCK.search(element.get("style", ""))]
    return [element for element in found if text_of(element).strip()]


def _drop(block: Element) -> None:
    for node in block.iter():
        if node.text:
            node.text = without_struck(node.text)
        if node.tail and node is not block:
            node.tail = without_struck(node.tail)
