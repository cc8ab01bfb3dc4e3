"""The two things asked of a parsed page everywhere, with the types that lxml's stubs leave open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from lxml import etree

Element = etree._Element


def text_of(element: Element, joint: str = "") -> str:
    """All text under ``element``, the pieces joined by ``joint``."""
    return joint.join(cast(list[str], list(element.itertext())))


def query(expression: str) -> Callable[[Element], list[Element]]:
    """A compiled XPath expression that selects elements."""
    compiled: Any = etree.XPath(expression)
    return cast(Callable[[Element], list[Element]], compiled)
