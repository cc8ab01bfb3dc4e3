"""Lonsun (龙讯): Anhui, also Sichuan and Gansu.

Recognised by ``Ls.pagination(…)``, ``/public/column/<body>?type=4&catId=…&action=list`` and documents
``/public/content/<id>`` without an ending. A list's pager is a call, ``Ls.pagination("#page_6800", …, {currPage: 1,
pageCount: 3})``; its pages are asked for by ``pageIndex`` in the query, from 1 on. With ``type=3&timeFrame=2024`` the
address of a column is the annual report of that body and year itself: the query is its identity.

History
- 2026-11-22: written from published descriptions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from crawler.platforms.base import Pager, Platform

_ARTICLE = re.compile(
    r"/(?:public|site)?/?content(?:/detail)?/(?:[0-9a-f]{24}|\d+)(?:\.s?html?)?$", re.IGNORECASE
)
_COLUMN = re.compile(r"/public/column/\d+$")
_SIGNS = (
    re.compile(r"\bLs\.pagination\s*\("),
    re.compile(r"/public/column/\d+\?[^\"']*(?:catId|action)="),
    re.compile(r"/public/content/\d+"),
    re.compile(r"\bdoc_list\b[^>]*\blist-\d+"),
)
_CALL = re.compile(r"\bLs\.pagination\s*\(")
_PAGES = re.compile(r"\bpageCount\s*:\s*['\"]?(\d+)")
_PAGE = re.compile(r"\bcurrPage\s*:\s*['\"]?(\d+)")


@dataclass(frozen=True)
class Lonsun(Platform):
    """Lonsun's portals and their disclosure module."""

    def recognise(self, url: str, text: str) -> int:
        """One for each kind of sign."""
        return sum(bool(sign.search(text)) for sign in _SIGNS) + bool(_COLUMN.search(urlsplit(url).path))

    def is_article(self, url: str) -> bool:
        """A document by its number, or the annual report that a column's address asks for."""
        return (
            bool(_ARTICLE.search(urlsplit(url).path))
            or self.year_of(url) is not None
            or super().is_article(url)
        )

    def year_of(self, url: str) -> int | None:
        """The year for which a column's address asks for the report."""
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        year = query.get("timeFrame", "") if _COLUMN.search(parts.path) and query.get("type") == "3" else ""
        return int(year) if re.fullmatch(r"20[0-3]\d", year) else None

    def pager(self, url: str, text: str) -> Pager:
        """From the pager's call; the next page has its number in the query."""
        call = _CALL.search(text)
        if call is None:
            return super().pager(url, text)
        total, current = _PAGES.search(text, call.end()), _PAGE.search(text, call.end())
        pages, page = int(total[1]) if total else 1, int(current[1]) if current else 1
        parts = urlsplit(url)
        query = urlencode(dict(parse_qsl(parts.query, keep_blank_values=True)) | {"pageIndex": str(page + 1)})
        return Pager(total=pages, next_url=parts._replace(query=query).geturl() if page < pages else None)


PLATFORM = Lonsun("lonsun")
