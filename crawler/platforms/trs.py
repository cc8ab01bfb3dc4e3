"""TRS WCM (拓尔思), static pages: all portals of Chongqing, many of Hubei, Hunan, Shanxi, Beijing …

Recognised by articles ``…/yyyymm/tyyyymmdd_<id>.html`` (mobile twin ``…_wap.html``), the pager ``createPage(…)`` or
``createPageHTML(…)``, classes ``TRS_Editor``, ``trs_editor_view``, ``TRS_UEDITOR``, the comment ``//wcm分页``.
Example: http://www.cqbn.gov.cn/zwgk_252/zfxxgknb/qzfbm/zfbgs/202601/t20260129_15362835.html

The number in an article's address is the document's id in the whole installation: two columns, http and https, www and
bare host and the mobile twin show one document.

History
- 2026-11-21: written from published descriptions of the pager in all its argument orders and of 20 list templates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.platforms import html as pages
from crawler.platforms.base import Pager, Platform

_ARTICLE = re.compile(r"/t(?:\d{8})?_(\d+)(?:_wap)?\.s?html?$|/t(\d{5,})(?:_wap)?\.s?html?$", re.IGNORECASE)
_SIGNS = (
    re.compile(r"/20\d{4}/t20\d{6}_\d+(?:_wap)?\.s?html?", re.IGNORECASE),
    re.compile(r"\bcreatePage(?:HTML)?\s*\("),
    re.compile(r"trs_editor|trs_ueditor|wcm分页|trssearchform|\btrs-attr", re.IGNORECASE),
)
_CALL = re.compile(r"\bcreatePage(?:HTML)?\s*\(([^()]*)\)")
_VARIABLE = re.compile(r"\b(\w+)\s*=\s*['\"]?(\d+)['\"]?")
_SET_PAGE = re.compile(r"\.pagination\(\s*['\"]setPage['\"]\s*,\s*(\d+)\s*,\s*(\d+)")
_PAGER_OBJECT = re.compile(r"\bPager\(\s*\{([^{}]*)\}")
_PAIR = re.compile(r"(\w+)\s*:\s*['\"]?([\w.-]+)['\"]?")
_TOTAL_PAGE = re.compile(r"\btotalPages?\s*[:=]\s*['\"]?(\d+)")
_EXTENSION = re.compile(r"s?html?|jspx?", re.IGNORECASE)


@dataclass(frozen=True)
class Trs(Platform):
    """TRS WCM."""

    def recognise(self, url: str, text: str) -> int:
        """One for each kind of sign: article addresses, the pager's function, the editor's classes."""
        return sum(bool(sign.search(text)) for sign in _SIGNS) + bool(_ARTICLE.search(urlsplit(url).path))

    def is_article(self, url: str) -> bool:
        """``t20260129_15362835.html``, ``t_14186932.html``, ``t1077272.shtml`` and their ``_wap`` twins."""
        return bool(_ARTICLE.search(urlsplit(url).path))

    def doc_key(self, url: str, installation: str) -> str:
        """``<installation>:<id>`` for an article, else the canonical address."""
        match = _ARTICLE.search(urlsplit(url).path)
        return f"{installation}:{match[1] or match[2]}" if match else super().doc_key(url, installation)

    def pager(self, url: str, text: str) -> Pager:
        """From the pager's call in whatever order its arguments stand, its variables, or its attributes."""
        tree = pages.parse(text)
        script = pages.scripts(tree)
        extension = _extension(url, text)
        guessed = re.search(r"\.s?html?$", urlsplit(url).path) is None
        variables = {name: int(value) for name, value in _VARIABLE.findall(script)}
        found = [
            *_calls(script, variables, extension),
            *_objects(script, extension),
            *_counters(script, variables, tree, extension),
        ]
        if found:
            best = max(found, key=lambda pager: pager.total)
            return replace(best, guessed=best.guessed and guessed)
        return super().pager(url, text)


def _calls(script: str, variables: dict[str, int], extension: str) -> Iterator[Pager]:
    """``createPage(34, 0, "index", "html")`` and its relatives; never the function's own definition."""
    for call in _CALL.finditer(script):
        if re.search(r"function\s+$", script[: call.start()]):
            continue
        numbers: list[int] = []
        words: list[str] = []
        for argument in (piece.strip() for piece in call[1].split(",")):
            bare = argument.strip("'\"")
            if bare.isdigit():
                numbers.append(int(bare))
            elif argument in variables:
                numbers.append(variables[argument])
            else:
                words.append(bare)
        if numbers:
            yield _pager(numbers, words, extension)


def _pager(numbers: list[int], words: list[str], extension: str) -> Pager:
    """The pager behind a call's numbers (pages and current page, in either order, then records) and words."""
    # The current page is never beyond the last one, which tells the two apart.
    total = max(numbers[:2])
    at = next((i for i, word in enumerate(words) if _EXTENSION.fullmatch(word)), None)
    stem = words[at - 1] if at else "index"
    return Pager(
        total=max(total, 1), stem=stem or "index", extension=words[at] if at is not None else extension,
        guessed=at is None,
        records=numbers[2] if len(numbers) > 2 else None,
    )  # fmt: skip


def _objects(script: str, extension: str) -> Iterator[Pager]:
    """``Pager({size: 5, current: 0, prefix: 'index', suffix: 'html'})``"""
    for match in _PAGER_OBJECT.finditer(script):
        pairs = {key.lower(): value for key, value in _PAIR.findall(match[1])}
        if pairs.get("size", "").isdigit():
            yield Pager(
                max(int(pairs["size"]), 1),
                pairs.get("prefix", "index"),
                pairs.get("suffix", extension).lstrip("."),
            )


def _counters(script: str, variables: dict[str, int], tree: HtmlElement, extension: str) -> Iterator[Pager]:
    """Inline counters without a call: ``var countPage = 56``, ``totalPage: 322``, ``<div id="pageDec" pagecount=51>``."""
    by_name = {name.lower(): value for name, value in variables.items()}
    totals = [by_name[name] for name in ("countpage", "pagecount", "npagecount") if name in by_name]
    totals += [int(match[2]) for match in _SET_PAGE.finditer(script)]
    totals += [int(match[1]) for match in _TOTAL_PAGE.finditer(script)]
    totals += [int(count) for count in tree.xpath("//*[@id='pageDec']/@pagecount") if count.isdigit()]
    records = next(
        (by_name[name] for name in ("countnum", "datacount", "recordcount") if name in by_name), None
    )
    for total in totals:
        yield Pager(max(total, 1), "index", extension, records=records, guessed=True)


def _extension(url: str, text: str) -> str:
    """The extension of this system's pages: that of the list's own address, else of the articles on it."""
    for address in (urlsplit(url).path, *(match[0] for match in _SIGNS[0].finditer(text))):
        match = re.search(r"\.(s?html?)$", address)
        if match:
            return match[1]
    return "html"


PLATFORM = Trs("trs")
