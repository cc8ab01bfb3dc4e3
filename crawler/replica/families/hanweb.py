"""Hanweb: datastore lists with both dialects of their proxy, units built by jpaas, annual reports by area and year."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from hashlib import md5
from html import escape
from urllib.parse import quote

from crawler.replica.families.base import Family
from crawler.replica.model import Answer, Resource, Visit
from crawler.replica.pages import Link
from crawler.replica.portals import PortalBuilder
from crawler.replica.reports import Report
from crawler.replica.world import Column, Listed

PROXY = "/module/web/jpage/dataproxy.jsp"
UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
ANNUAL = "/module/xxgk/xxgkAnnualReport.jsp"
DISPLAY_PAGES = 3
"""So many display pages stand in the column's page; the proxy gives the others."""
MOST = 300
_STYLE = {"body": "main-txt", "body_id": "zoom", "crumb": "当前位置：", "date": "seconds"}


def _rows(entries: Sequence[Listed]) -> list[str]:
    """Attributes in the platform's disorder, the text cut short, the title whole."""
    return [
        f'<li><a title="{escape(entry.title)}" target="_blank" href="{escape(entry.path)}">{escape(entry.title[:18])}...</a>'
        f"<span>{entry.day}</span></li>"
        for entry in entries
    ]


def _newest(column: Column) -> list[Listed]:
    return sorted(column.entries, key=lambda entry: entry.day, reverse=True)


class Datastore(PortalBuilder):
    """A column whose rows are CDATA inside a script that no HTML parser looks into."""

    grammar = "/art/{day.year}/{day.month}/{day.day}/art_{channel}_{number}.html"
    has_ids = False

    @staticmethod
    def dialect(visit: Visit, entries: Sequence[Listed], block: int) -> Sequence[Listed]:
        """The rows that the proxy gives for this request; overridden."""
        raise NotImplementedError

    def publish_column(self, column: Column) -> None:
        """The column's page with its first block, and the proxy that gives any block."""
        entries, number = _newest(column), _number(column)
        block = column.per_page * DISPLAY_PAGES
        fixed = {
            "appid": "1",
            "webid": "12",
            "path": "/",
            "columnid": number,
            "unitid": f"6{number}",
            "permissiontype": "0",
        }
        tail = "&".join(f"{name}={value}" for name, value in fixed.items())
        following = f'<nextgroup><![CDATA[<a href="{PROXY}?page=1&{tail}&webname={quote(self.site["name"])}"></a>]]></nextgroup>'

        def store(shown: Sequence[Listed]) -> str:
            records = "".join(f"<record><![CDATA[{row}]]></record>" for row in _rows(shown))
            total = f"<totalrecord>{len(entries)}</totalrecord><totalpage>{-(-len(entries) // column.per_page)}</totalpage>"
            return f"<datastore>{following}{total}<recordset>{records}</recordset></datastore>"

        def proxy(visit: Visit) -> Answer:
            known = visit.query.get("columnid") == number and visit.query.get("unitid") == f"6{number}"
            shown = self.dialect(visit, entries, block) if known else ()
            text = (
                f'<?xml version="1.0" encoding="utf-8"?>{store(shown)}'
                if known
                else "<datastore></datastore>"
            )
            return Answer(text.encode(), headers={"Content-Type": "text/xml; charset=utf-8"})

        main = (
            f'<meta name="i_columnid" content="{number}"><div id="{number}"><ul></ul></div>'
            f'<script type="text/xml">{store(entries[:block])}</script><script>jpage("{number}")</script>'
        )
        self._plain(column.path, column.label, main, crumbs=column.crumbs[:-1])
        self.portal.pages[f"{column.path}index.html"] = self.portal.pages[column.path]
        self.portal.pages[PROXY] = proxy


def _number(column: Column) -> str:
    return re.sub(r"\D", "", column.path)


def by_record(visit: Visit, entries: Sequence[Listed], block: int) -> Sequence[Listed]:
    """The dialect that honours ``startrecord`` and ``endrecord``, both counted from 1, and nothing else."""
    first, last = _int(visit, "startrecord", 1), _int(visit, "endrecord", block)
    return entries[first - 1 : min(last, first - 1 + MOST)]


def by_page(visit: Visit, entries: Sequence[Listed], block: int) -> Sequence[Listed]:
    """The dialect that honours ``page``, counted from 1, and ``perpage`` up to 300."""
    size = min(_int(visit, "perpage", block), MOST)
    first = (_int(visit, "page", 1) - 1) * size
    return entries[first : first + size]


def _int(visit: Visit, name: str, otherwise: int) -> int:
    text = visit.query.get(name, "")
    return max(1, int(text)) if text.isdigit() else otherwise


class ByRecord(Datastore):
    """See `by_record`."""

    dialect = staticmethod(by_record)


class ByPage(Datastore):
    """See `by_page`."""

    dialect = staticmethod(by_page)


class Jpaas(PortalBuilder):
    """A column that is built by a unit: JSON that holds HTML, paged only through ``paramJson``."""

    grammar = "/art/{day.year}/art_{hash}.html"
    has_ids = False

    def publish_column(self, column: Column) -> None:
        """The page that only names the unit, and the unit."""
        entries, size = _newest(column), column.per_page
        wanted = {
            "parseType": "bulidstatic",  # the platform's own spelling
            "webId": "8d6f1b0c",
            "tplSetId": "f1c3a2",
            "pageType": "column",
            "tagId": "信息列表",
            "editType": "null",
            "pageId": _number(column),
        }
        data = "{" + ",".join(f"'{name}':'{value}'" for name, value in wanted.items()) + "}"
        main = f'<div class="default_pgContainer" queryData="{data}" url="{UNIT}"></div><script src="/js/unit.js"></script>'

        def unit(visit: Visit) -> Answer:
            headers = {"Content-Type": "application/json;charset=utf-8"}
            if any(visit.query.get(name) != value for name, value in wanted.items() if name != "editType"):
                return Answer(b'{"success":false,"data":null}', headers=headers)
            asked = re.search(r'"pageNo"\s*:\s*"?(\d+)', visit.query.get("paramJson", ""))
            number = int(asked[1]) if asked else 1
            rows = "".join(_rows(entries[(number - 1) * size : number * size]))
            html = f'<ul class="list">{rows}</ul><div class="pagination" rows="{size}" count="{len(entries)}"></div>'
            answer = {"success": True, "code": "200", "data": {"html": html}}
            return Answer(json.dumps(answer, ensure_ascii=False).encode(), headers=headers)

        self._plain(column.path, column.label, main, crumbs=column.crumbs[:-1])
        self.portal.pages[f"{column.path}index.html"] = self.portal.pages[column.path]
        self.portal.pages[UNIT] = unit


class Annual(PortalBuilder):
    """Reports that are one page of the platform, told apart by the query alone, with a list of them."""

    has_ids = False

    def address(self, report: Report, _column: Column) -> str:
        """``xxgkAnnualReport.jsp?area=…&fbtime=…``: the query is the identity."""
        return f"{ANNUAL}?area={_area(report.unit.agency)}&fbtime={report.year}"

    def build(self) -> None:
        """All pages, and the one address that stands for every report."""
        super().build()
        self.portal.pages[ANNUAL] = self._dispatch

    def _dispatch(self, visit: Visit) -> Answer:
        key = f"{ANNUAL}?area={visit.query.get('area')}&fbtime={visit.query.get('fbtime')}"
        page: Resource | None = self.portal.pages.get(key)
        if page is not None:
            return page(visit)
        return Answer(
            "<html><body>暂无年报</body></html>".encode(),
            headers={"Content-Type": "text/html; charset=utf-8"},
        )


class YearTabs(Annual):
    """The same without a list: a report's page names the other years, and the other bodies with their newest one."""

    def build(self) -> None:
        """All pages; the crawl starts at the newest report of the first body."""
        agency = self.site["columns"][0]["series"][0]["agency"]
        self.site["rows"][0]["path"] = f"{ANNUAL}?area={_area(agency)}&fbtime=2025"
        super().build()

    def publish_column(self, column: Column) -> None:
        """No list: only the tabs on every report's page."""
        others = [other for other in self.columns.values() if other is not column]
        units = [(other.label, _newest(other)[0]) for other in others]
        years = [Link(entry.path, f"{entry.path[-4:]}年") for entry in _newest(column)]
        column.nav = (*(Link(entry.path, label) for label, entry in units), *years)

    def _tree_column(self, spec: dict[str, object]) -> None:  # type: ignore[override]
        super()._tree_column(spec)
        column = self.columns[str(spec["path"])]
        column.label = column.entries[0].title.split("20")[0].removeprefix(self.site["county"])


def _area(agency: str) -> str:
    """An internal code of a body, as the platform gives it."""
    return f"00100800{int(md5(agency.encode(), usedforsecurity=False).hexdigest()[:6], 16):08d}"


FAMILIES = (
    Family("hw-record", "hanweb", ByRecord, "/col/col1229/", "/col/col1229/index.html", per_page=4, style=_STYLE),
    Family("hw-page", "hanweb", ByPage, "/col/col5120/", "/col/col5120/index.html", per_page=4, style=_STYLE),
    Family("hw-jpaas", "hanweb", Jpaas, "/col/col2077/", "/col/col2077/index.html", style=_STYLE),
    Family("hw-annual", "hanweb", Annual, "/col/col29/", per_page=30, style=_STYLE),
    Family("hw-years", "hanweb", YearTabs, "/module/xxgk/tree/", style=_STYLE, columns=True),
)  # fmt: skip
