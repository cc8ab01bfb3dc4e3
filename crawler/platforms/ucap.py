"""UCAP (开普云网站群): Heilongjiang, Jiangxi, ministries.

Recognised by channels ``/c117630/``, articles ``…/202601/<32 hex>.shtml`` or ``c01_868731.shtml``, ``common_list.shtml``,
``#UCAP-CONTENT``, the meta ``channelid``. Lists are static (``common_list_2.shtml`` is the second page) or JSON behind
``/common/search/<channel>`` and ``/searchList/<channel>``, which the page's script names.

History
- 2026-11-21: written from published descriptions.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from crawler.platforms import html as pages
from crawler.platforms import jsonlist, trs
from crawler.platforms.base import FoundLink, Pager, Platform, canonical, group

_ARTICLE = re.compile(r"/(?:[0-9a-f]{32}|c\d+_\d+|content)\.s?html?$", re.IGNORECASE)
_LIST = re.compile(r"/common_list(?:_\d+)?\.s?html?$", re.IGNORECASE)
_SIGNS = (
    re.compile(r"UCAP-CONTENT", re.IGNORECASE),
    re.compile(r"common_list(?:_\d+)?\.s?html|['\"]common_list['\"]"),
    re.compile(r"""<meta\s+name=["']channelid""", re.IGNORECASE),
    re.compile(r"/c\d{5,}/(?:20\d{4}/)?(?:[0-9a-f]{32}|c\d+_\d+|content)\.s?html"),
    re.compile(r"/(?:common/search|searchList)/"),
)
_CHANNEL_SEARCH = re.compile(r"""['"]([^'"\s<>]*/(?:common/search|searchList)/)['"]""")
_QUESTION = {"_isAgg": "true", "_isJson": "true", "_pageSize": "18", "_template": "index"}
_SEARCH = re.compile(r"""['"]([^'"\s<>]*/(?:common/search|searchList)/[0-9a-fA-F]{16,}[^'"\s<>]*)['"]""")


@dataclass(frozen=True)
class Ucap(Platform):
    """UCAP."""

    def recognise(self, url: str, text: str) -> int:
        """One for each kind of sign."""
        return sum(bool(sign.search(text)) for sign in _SIGNS) + bool(_LIST.search(urlsplit(url).path))

    def is_article(self, url: str) -> bool:
        """A page named by a hash or a number; never a page of a list."""
        return bool(_ARTICLE.search(urlsplit(url).path))

    def pager(self, url: str, text: str) -> Pager:
        """Static lists use the pager's call of many systems, with their own stem."""
        found = trs.PLATFORM.pager(url, text)
        return found if found.stem else super().pager(url, text)

    def data_urls(self, url: str, text: str) -> list[str]:
        """The channel's search: as the page's script names it, or puts it together from the page's own channel."""
        tree = pages.parse(text)
        script = pages.scripts(tree)
        named = _SEARCH.findall(script)
        channel = pages.metas(tree).get("channelid", "")
        if not named and re.fullmatch(r"[0-9a-fA-F]{16,}", channel):
            named = [f"{start}{channel}?{urlencode(_QUESTION)}" for start in _CHANNEL_SEARCH.findall(script)]
        return list(dict.fromkeys(_numbered(urljoin(url, address), 1) for address in named))

    def data_links(self, url: str, text: str) -> list[FoundLink]:
        """The results of a search."""
        found = [
            FoundLink(title, address, self.kind(address), day)
            for address, title, day in jsonlist.entries(url, text)
        ]
        return group(found, self._same)

    def data_pager(self, url: str, text: str) -> Pager:
        """A search says which page this is, how many rows make one, and how many there are."""
        rows = frozenset(canonical(link.url) for link in self.data_links(url, text))
        try:
            data: Any = json.loads(text)["data"]
            page, total = int(data["page"]), int(data["total"])
        except (ValueError, KeyError, TypeError):
            return Pager(rows=rows)
        return Pager(next_url=_numbered(url, page + 1) if rows else None, records=total, rows=rows)


def _numbered(url: str, page: int) -> str:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | {"page": str(page)}
    return parts._replace(query=urlencode(query)).geturl()


PLATFORM = Ucap("ucap")
