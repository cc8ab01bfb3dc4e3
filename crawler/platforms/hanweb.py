"""Hanweb (大汉): Zhejiang, Jiangsu, Shandong, Gansu, Guangxi, many departments.

Recognised by ``<datastore>``, ``dataproxy.jsp``, ``jpaas-publish-server``, ``/module/xxgk/``, the metas ``i_columnid`` and
``i_articleid``, and articles ``/art/2026/1/9/art_1229_4567.html`` (numbers without zeros in front) or
``/art/2026/art_<32 hex>.html``.

Three ways to list:

- a *datastore*: rows as CDATA inside ``<script type="text/xml">``, which no HTML parser looks into; the first block stands
  in the page, the others come from ``dataproxy.jsp``. Some proxies honour ``startrecord`` and ``endrecord``, others only
  ``page``; asked for whole blocks of one size, both give the same, so one question serves both. Some read forms only.
- a *unit* (jpaas): the page names an address and ``queryData``; the answer is JSON that holds HTML, paged by ``paramJson``;
- *annual reports by area and year*: ``xxgkAnnualReport.jsp?area=…&fbtime=2024`` is the report itself. The query is its
  identity; the page names the other years and the other bodies.

History
- 2026-11-21: written from published descriptions of the dialects.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from crawler.platforms import html as pages
from crawler.platforms.base import FoundLink, Kind, Pager, Platform, canonical, group

_ARTICLE = re.compile(r"/art/\d{4}/(?:\d{1,2}/\d{1,2}/)?art_[0-9a-f_]+\.s?html?$", re.IGNORECASE)
_ANNUAL = re.compile(r"/xxgkannualreport\.jsp$", re.IGNORECASE)
_SIGNS = (
    re.compile(r"<datastore>|dataproxy\.jsp", re.IGNORECASE),
    re.compile(r"jpaas-publish-server"),
    re.compile(r"/xxgkannualreport\.jsp\?", re.IGNORECASE),
    re.compile(r"/module/(?:xxgk|web/jpage|jpage)/"),
    re.compile(r"""<meta\s+name=["']i_(?:columnid|articleid)""", re.IGNORECASE),
    re.compile(r"""/art/\d{4}/(?:\d{1,2}/\d{1,2}/)?art_[0-9a-f_]+\.html""", re.IGNORECASE),
)
_RECORD = re.compile(r"<record>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</record>", re.DOTALL | re.IGNORECASE)
_TOTAL = re.compile(r"<totalrecord>\s*(\d+)\s*</totalrecord>", re.IGNORECASE)
_PROXY = re.compile(r"""["']([^"'<>\s]*dataproxy\.jsp\?[^"'<>]*)["']""", re.IGNORECASE)
_PAIR = re.compile(r"""['"]?(\w+)['"]?\s*:\s*(?:'([^']*)'|"([^"]*)"|([\w.-]+))""")
_YEARS_OFFERED = re.compile(r"""<option[^>]*\bvalue=["']?(20\d\d)["'\s>]""", re.IGNORECASE)
_UNIT_ROWS = 15
"""Rows of a unit's page where the page does not say."""


@dataclass(frozen=True)
class Hanweb(Platform):
    """Hanweb's JCMS, its xxgk module and jpaas."""

    def recognise(self, url: str, text: str) -> int:
        """One for each kind of sign."""
        return sum(bool(sign.search(text)) for sign in _SIGNS) + self.is_article(url)

    def is_article(self, url: str) -> bool:
        """An article, or the annual report of one body for one year."""
        parts = urlsplit(url)
        return bool(_ARTICLE.search(parts.path)) or self.year_of(url) is not None

    def kind(self, url: str) -> Kind:
        """Files also come from ``downfile.jsp``, with their name in the query."""
        if pages.download_name(url):
            return "attachment"
        return super().kind(url)

    def doc_key(self, url: str, installation: str) -> str:
        """An annual report is one by area and year, whatever else its query asks for."""
        year = self.year_of(url)
        if year is None:
            return super().doc_key(url, installation)
        return f"{installation}:{canonical(url).partition('?')[0]}?area={_query(url).get('area', '')}&fbtime={year}"

    def year_of(self, url: str) -> int | None:
        """The year that the address of an annual report asks for."""
        parts = urlsplit(url)
        year = _query(url).get("fbtime", "") if _ANNUAL.search(parts.path) else ""
        return int(year) if re.fullmatch(r"20[0-3]\d", year) else None

    def links(self, url: str, text: str) -> list[FoundLink]:
        """The links of the page, those in its datastore before the others."""
        rows = [self._link(anchor) for row in _records(text) for anchor in pages.anchors(url, row)]
        if "dataproxy.jsp" in url.lower():
            return group(rows, self._same)
        return group([*rows, *super().links(url, text)], self._same)

    def pager(self, url: str, text: str) -> Pager:
        """Of a datastore: how many records it claims, which are here, and the next block."""
        total = _TOTAL.search(text)
        if total is None:
            return super().pager(url, text)
        rows = frozenset(
            canonical(anchor.url) for row in _records(text) for anchor in pages.anchors(url, row)
        )
        named = _PROXY.search(text)
        proxy = url if "dataproxy.jsp" in url.lower() else named and urljoin(url, unescape(named[1]))
        query = _query(url) if proxy == url else {}
        size, number = int(query.get("perpage") or len(rows)), int(query.get("page") or 1)
        form = _block(proxy, number + 1, size) if proxy and rows else None
        following = f"{proxy.partition('?')[0]}?{urlencode(form)}" if proxy and form else None
        return Pager(next_url=following, records=int(total[1]), rows=rows, form=form)

    def data_urls(self, url: str, text: str) -> list[str]:
        """The units that the page names, each asked for its first page."""
        found = []
        for element in pages.parse(text).xpath("//*[@querydata]"):
            asked = {key: a or b or c for key, a, b, c in _PAIR.findall(element.get("querydata"))}
            address = (element.get("url") or "").strip()
            if address and asked:
                param = (
                    json.loads(asked.pop("paramJson", "") or "{}")
                    if "{" in asked.get("paramJson", "")
                    else {}
                )
                found.append(
                    _unit_url(urljoin(url, address), asked, 1, int(param.get("pageSize", _UNIT_ROWS)))
                )
        return list(dict.fromkeys(found))

    def data_links(self, url: str, text: str) -> list[FoundLink]:
        """The rows of a unit's answer."""
        return group([self._link(anchor) for anchor in pages.anchors(url, _unit_html(text))], self._same)

    def data_pager(self, url: str, text: str) -> Pager:
        """A unit says how many rows it has and how many make a page; the page's number stands in ``paramJson``."""
        html = _unit_html(text)
        rows = frozenset(canonical(link.url) for link in self.data_links(url, text))
        for element in pages.parse(html).xpath("//*[@count and @rows]"):
            count, size = element.get("count"), element.get("rows")
            if count.isdigit() and size.isdigit() and rows:
                query = _query(url)
                number = int(json.loads(query.get("paramJson") or "{}").get("pageNo", 1))
                following = _unit_url(url.partition("?")[0], query, number + 1, int(size))
                return Pager(next_url=following, records=int(count), rows=rows)
        return Pager(rows=rows)

    def siblings(self, url: str, text: str) -> list[FoundLink]:
        """From an annual report to those of other years and other bodies: its tabs, and the years it offers."""
        if self.year_of(url) is None:
            return []
        linked = [link for link in self.links(url, text) if self.year_of(link.url) is not None]
        query = _query(url)
        offered = [
            FoundLink(
                f"{year}年", f"{url.partition('?')[0]}?{urlencode(query | {'fbtime': year})}", "article"
            )
            for year in _YEARS_OFFERED.findall(text)
        ]
        return [
            link for link in group([*linked, *offered], self._same) if self._same(link.url) != self._same(url)
        ]


def _records(text: str) -> Iterator[str]:
    """The rows of a datastore, each a piece of HTML."""
    if "<record" in text.lower():
        for row in _RECORD.findall(text):
            # Rows are cut from templates and may hold half a tag of another row.
            yield f"<ul><li>{re.sub(r'</?li[^<>]*<?', '', row)}</li></ul>"


def _block(proxy: str, number: int, size: int) -> dict[str, str]:
    """The question for one block, so that either dialect understands it: by record and by page of the same size."""
    asked = _query(proxy)
    first = (number - 1) * size + 1
    return asked | {
        "page": str(number), "startrecord": str(first), "endrecord": str(first + size - 1), "perpage": str(size),
    }  # fmt: skip


def _unit_url(address: str, asked: Mapping[str, str], number: int, size: int) -> str:
    param = json.dumps({"pageNo": number, "pageSize": size}, separators=(",", ":"))
    return f"{address}?{urlencode({**asked, 'paramJson': param})}"


def _unit_html(text: str) -> str:
    try:
        answer: Any = json.loads(text)
    except ValueError:
        return ""
    data = answer.get("data") if isinstance(answer, dict) else None
    html = data.get("html") if isinstance(data, dict) else data
    return html if isinstance(html, str) else ""


def _query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


PLATFORM = Hanweb("hanweb", chained=True)
