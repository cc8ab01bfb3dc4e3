"""What a fetched page shows: its text, what it calls itself, whether it is a report, what tells it from the next one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml.html import HtmlElement

from archive.report.decode import decode, unpack
from crawler.platforms import FoundLink
from crawler.platforms import html as pages
from crawler.platforms.base import canonical
from crawler.session import Fetched
from crawler.spiders import labels

_SENDS = re.compile(r"location(?:\.href)?\s*=\s*['\"]|location\.(?:replace|assign)\s*\(", re.IGNORECASE)
_REFRESHES = re.compile(r"<meta[^>]*http-equiv=['\"]?refresh", re.IGNORECASE)
A_WORD = 60
"""Characters up to which a page has said nothing."""


def text_of(fetched: Fetched) -> str:
    """The text of an answer: content decoding undone, characters decoded by our own ladder."""
    body = unpack(fetched.body, fetched.headers).body
    return decode(body, fetched.headers).text


def leads_away(text: str) -> bool:
    """Whether a page says nothing and sends its reader elsewhere, by a script or a refresh."""
    if not (_SENDS.search(text) or _REFRESHES.search(text)):
        return False
    tree = pages.parse(text)
    said = "".join(tree.xpath("//body//text()[not(ancestor::script or ancestor::style)]"))
    return len(re.sub(r"\s+", "", said)) < A_WORD


def is_markup(fetched: Fetched) -> bool:
    """Whether an answer may be a page and not a file."""
    return b"<" in fetched.body[:2048] or any(
        name.lower() == "content-encoding" for name, _ in fetched.headers
    )


def column_name(tree: HtmlElement) -> str:
    """What a page calls itself: its ColumnName, the end of its breadcrumb, the beginning of its title."""
    title = pages.heading(tree)
    named = pages.metas(tree).get("columnname") or pages.breadcrumb(tree)
    return named or title.split("_")[0].split("-")[0].strip()


def report_here(tree: HtmlElement) -> str | None:
    """The title of the report that the page itself is, if it is one."""
    if not labels.reads_like_report(tree.text_content()):
        return None
    heads = [pages.flat(h.text_content()) for h in tree.iter("h1", "h2", "h3")]
    candidates = [pages.metas(tree).get("articletitle", ""), *heads, pages.heading(tree)]
    return next((title for title in candidates if labels.is_report_title(title)), None) or pages.heading(tree)


def units(links: Iterable[FoundLink]) -> set[str]:
    """The addresses of the links that are called like an agency."""
    return {canonical(link.url) for link in links if link.kind == "column" and labels.is_unit(link.title)}


def entries(links: Iterable[FoundLink]) -> set[str]:
    """What tells one page of a list from another: its documents, or where there are none, its units."""
    return {canonical(link.url) for link in links if link.kind != "column"} or units(links)
