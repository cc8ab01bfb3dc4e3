"""What a fetched page shows: its text, what it calls itself, whether it is a report, what tells it from the next one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urljoin

from lxml.html import HtmlElement
from w3lib.html import get_meta_refresh

from archive.report.decode import decode, unpack
from crawler.platforms import FoundLink
from crawler.platforms import html as pages
from crawler.platforms.base import canonical
from crawler.session import Fetched
from crawler.spiders import labels

_SENDS = re.compile(
    r"""location(?:\.href)?\s*=\s*['"](?P<set>[^'"]*)|location\.(?:replace|assign)\s*\(\s*(?:['"](?P<called>[^'"]*))?""",
    re.IGNORECASE,
)
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


def sent_to(url: str, text: str) -> str | None:
    """Where such a page sends its reader, ``None`` if it does not say so in so many words."""
    _, target = get_meta_refresh(text, url)
    if target is None:
        tree = pages.parse(text)
        match = _SENDS.search(pages.scripts(tree))
        written = match and (match["set"] or match["called"])
        target = urljoin(pages.base_url(url, tree), written.strip()) if written else None
    return target.partition("#")[0] if target and target.startswith(("http://", "https://")) else None


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


def report_here(tree: HtmlElement, documents: Iterable[FoundLink] = ()) -> str | None:
    """The title of the report that the page itself is, if it is one.

    A page may show a report and list others beside it; the one it shows counts unless it is in the list, too.
    """
    if not labels.reads_like_report(tree.text_content()):
        return None
    title = _own_title(tree)
    listed = [labels.plain(link.title) for link in documents]
    if not listed:
        return title or pages.heading(tree)
    return title if title and labels.plain(title) not in listed else None


def named_here(tree: HtmlElement, label: str) -> str | None:
    """The title under which a page without entries stands for one report, by the link that led to it or by its heading.

    Older reports have no headings by which to know them, and some are nothing but a file or a picture.
    """
    return next((title for title in (label, *_heads(tree)) if labels.names_a_report(title)), None)


def _own_title(tree: HtmlElement) -> str | None:
    candidates = [*_heads(tree), pages.heading(tree)]
    return next((title for title in candidates if labels.is_report_title(title)), None)


def _heads(tree: HtmlElement) -> list[str]:
    heads = [pages.flat(h.text_content()) for h in tree.iter("h1", "h2", "h3")]
    return [pages.metas(tree).get("articletitle", ""), *heads]


def units(links: Iterable[FoundLink]) -> set[str]:
    """The addresses of the links that are called like an agency."""
    return {canonical(link.url) for link in links if link.kind == "column" and labels.is_unit(link.title)}


def entries(links: Iterable[FoundLink]) -> set[str]:
    """What tells one page of a list from another: its documents, or where there are none, its units."""
    links = list(links)
    documents = {
        canonical(link.url) for link in links if link.kind != "column" or labels.is_report_title(link.title)
    }
    return documents or units(links)
