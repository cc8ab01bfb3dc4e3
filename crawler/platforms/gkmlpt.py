"""gkmlpt (政府信息公开目录管理平台): the disclosure catalogues of Guangdong.

Recognised by ``/gkmlpt/`` addresses and ``window._CONFIG = {… SID, TREE …}``. The page itself is a shell: its ``TREE`` names
the categories, and ``/gkmlpt/api/all/<category>?page=N&sid=<SID>`` lists one, a hundred entries a page, as JSON. Documents
are ``/gkmlpt/content/<a>/<b>/post_<id>.html``; the number is their id on the host.

History
- 2026-11-22: written from published descriptions. Most hosts count pages from 1, one was seen to count from 0 (im.dg):
  where number 1 and its followers end before all entries were seen, number 0 is asked for, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from crawler.platforms import html as pages
from crawler.platforms import jsonlist
from crawler.platforms.base import FoundLink, Pager, Platform, canonical, group
from crawler.spiders import labels

_ARTICLE = re.compile(r"/m?post_\d+\.html?$", re.IGNORECASE)
_SIGNS = (
    re.compile(r"/gkmlpt/"),
    re.compile(r"\b_CONFIG\s*=\s*\{"),
    re.compile(r"NFCMS_SITE_ID", re.IGNORECASE),
    re.compile(r"/content/(?:\d+/){0,2}post_\d+\.html"),
)
_CONFIG = re.compile(r"\b_CONFIG\s*=\s*(?=\{)")
_SID = re.compile(r"""['"]?SID['"]?\s*:\s*['"]?(\w+)""")
_TREE = re.compile(r"""['"]?TREE['"]?\s*:\s*(?=\[)""")


@dataclass(frozen=True)
class Gkmlpt(Platform):
    """The catalogue of one body or one county."""

    def recognise(self, url: str, text: str) -> int:
        """One for each kind of sign."""
        return sum(bool(sign.search(text)) for sign in _SIGNS) + ("/gkmlpt/" in urlsplit(url).path)

    def is_article(self, url: str) -> bool:
        """``post_8000000.html`` and its mobile twin ``mpost_…``."""
        return bool(_ARTICLE.search(urlsplit(url).path))

    def doc_key(self, url: str, installation: str) -> str:
        """The canonical address, the mobile twin's as the other's."""
        return super().doc_key(url.replace("/mpost_", "/post_"), installation)

    def data_urls(self, url: str, text: str) -> list[str]:
        """The first page of every category that is called like a column of annual reports."""
        sid = _SID.search(text)
        query = urlencode({"page": 1, "sid": sid[1] if sid else ""})
        categories = [
            str(node["id"])
            for node in _nodes(text)
            if labels.is_annual_column(str(node.get("name") or "")) and str(node.get("id") or "").isdigit()
        ]
        return [f"{urljoin(url, '/gkmlpt/api/all/' + category)}?{query}" for category in categories]

    def data_links(self, url: str, text: str) -> list[FoundLink]:
        """The articles of a page."""
        found = [
            FoundLink(title, address, self.kind(address), day)
            for address, title, day in jsonlist.entries(url, text)
        ]
        return group(found, self._same)

    def data_pager(self, url: str, text: str) -> Pager:
        """How many articles the category has; pages are counted in the address."""
        rows = frozenset(canonical(link.url) for link in self.data_links(url, text))
        try:
            total = int(json.loads(text)["total"])
        except (ValueError, KeyError, TypeError):
            return Pager(rows=rows)
        query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        number = int(query.get("page") or 1)
        following = urlencode(query | {"page": str(number + 1 if rows else 0)})
        return Pager(
            next_url=urlsplit(url)._replace(query=following).geturl() if rows or (number and total) else None,
            records=total,
            rows=rows,
        )


def _nodes(text: str) -> Iterator[dict[str, Any]]:
    """The categories of the page's tree, however deep. The configuration is a script's object, its tree is JSON."""
    script = pages.scripts(pages.parse(text))
    config = _CONFIG.search(script)
    start = config and _TREE.search(script, config.end())
    if not start:
        return
    try:
        waiting, _ = json.JSONDecoder().raw_decode(script, start.end())
    except ValueError:
        return
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, dict):
            yield node
            children = node.get("children")
            waiting.extend(children if isinstance(children, list) else [])


PLATFORM = Gkmlpt("gkmlpt", shell=True)
