"""Lists that only a script builds: a browser is asked, and only where no JSON and no static list serves.

Recognised by an empty list with a script that fills it: placeholders of template languages (``{{``, ``v-for``,
``ms-repeat``), ``fetch(`` or ``$.ajax(`` beside an empty ``<ul>`` or ``<table>``, or hardly any text at all. The walk renders
the page (``crawler.rendering``) and turns its pages by what is called 下一页; what it then sees is a static list.

History
- 2026-11-21: written from descriptions of portals that are single-page applications.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.platforms import html as pages
from crawler.platforms import trs
from crawler.platforms.base import Platform

_TEMPLATE = re.compile(r"\{\{|<%=|\bms-(?:repeat|for|controller)\b|\bv-(?:for|if|html)\b|\bng-repeat\b")
_LOADS = re.compile(r"\bfetch\s*\(|\$\.(?:ajax|get|post|getJSON)\s*\(|XMLHttpRequest|\baxios\b")
_SHELL = re.compile(r"""<div\s+id=["'](?:app|root)["']\s*>\s*</div>""", re.IGNORECASE)
_LITTLE = 200
"""Characters of visible text below which a page with scripts is a shell."""


@dataclass(frozen=True)
class Script(Platform):
    """A page that says nothing until its script has run."""

    def recognise(self, url: str, text: str) -> int:  # noqa: ARG002
        """One sign at most: any system that shows itself by more goes first."""
        tree = pages.parse(text)
        if not tree.xpath("//script"):
            return 0
        holder = tree.xpath("//ul[not(.//a)] | //tbody[not(.//a)] | //ol[not(.//a)]")
        code = pages.scripts(tree)
        if _SHELL.search(text) or (holder and (_LOADS.search(code) or _TEMPLATE.search(text))):
            return 1
        visible = "".join(tree.xpath("//body//text()[not(ancestor::script or ancestor::style)]"))
        return int(len(re.sub(r"\s+", "", visible)) < _LITTLE and bool(_LOADS.search(code)))

    def is_article(self, url: str) -> bool:
        """As any static page, or as TRS does: its newest lists are built by scripts."""
        return super().is_article(url) or trs.PLATFORM.is_article(url)

    def doc_key(self, url: str, installation: str) -> str:
        """TRS's own number where the address has one, else the canonical address."""
        return trs.PLATFORM.doc_key(url, installation)


PLATFORM = Script("script")
