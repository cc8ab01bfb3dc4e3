"""Systems of other provinces, and lists that give their entries in other ways than by rows or files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from crawler.replica import pages
from crawler.replica.families.base import Family
from crawler.replica.model import Answer, Visit
from crawler.replica.pages import Link
from crawler.replica.portals import PortalBuilder
from crawler.replica.world import Column, Listed, html_resource

CATALOGUE = "/gkmlpt/index"
CATEGORY = 5410
API = f"/gkmlpt/api/all/{CATEGORY}"
SID = "200001"


def _newest(column: Column) -> list[Listed]:
    return sorted(column.entries, key=lambda entry: entry.day, reverse=True)


def _parts(column: Column) -> list[list[Listed]]:
    entries = _newest(column)
    return [entries[start : start + column.per_page] for start in range(0, len(entries), column.per_page)]


def _rows(entries: Sequence[Listed]) -> str:
    return pages.LISTS["li_span"]([Link(entry.path, entry.title, entry.day) for entry in entries])


class Reverse(PortalBuilder):
    """VSB: the second page of three is ``nb/2.htm``, the last ``nb/1.htm``; numbers cannot be built, only followed."""

    grammar = "/info/1041/{number}.htm"
    has_ids = False

    def publish_column(self, column: Column) -> None:
        """Page by page; the addresses count down."""
        parts, first = _parts(column), f"{column.path.rstrip('/')}.htm"
        paths = [first, *(f"{column.path}{number}.htm" for number in range(len(parts) - 1, 0, -1))]
        for at, (path, part) in enumerate(zip(paths, parts, strict=True)):
            following = (
                f'<span class="p_next p_fun"><a href="{paths[at + 1]}">下页</a></span>'
                f'<span class="p_last p_fun"><a href="{paths[-1]}">尾页</a></span>'
                if at + 1 < len(paths)
                else ""
            )
            turn = f'<span class="p_pages"><span class="p_t">{at + 1}/{len(parts)}</span>{following}</span>'
            self._plain(path, column.label, _rows(part) + turn, crumbs=column.crumbs[:-1])


class Catalogue(PortalBuilder):
    """gkmlpt: a shell whose tree names a category, and a program that lists it."""

    grammar = "/gkmlpt/content/9/{day:%Y}/post_{number}.html"
    has_ids = False

    def publish_column(self, column: Column) -> None:
        """The shell, and the category page by page."""
        leaves = [{"id": 7, "name": "机构职能"}, {"id": CATEGORY, "name": column.label}]
        tree = [
            {"id": 1, "name": "政府信息公开指南"},
            {"id": 3, "name": "法定主动公开内容", "children": leaves},
        ]
        config = f"window._CONFIG = {{ SID: '{SID}', TREE: {json.dumps(tree, ensure_ascii=False)} }};"
        shell = f'<div id="app"></div><script>{config}</script><script src="/gkmlpt/static/app.js"></script>'
        self.portal.pages[CATALOGUE] = html_resource(
            lambda _: (
                f"<!DOCTYPE html><html><head><title>政府信息公开平台</title></head><body>{shell}</body></html>"
            )
        )
        parts = _parts(column)

        def listed(visit: Visit) -> Answer:
            number = int(visit.query.get("page", "1"))
            shown = parts[number - 1] if 1 <= number <= len(parts) and visit.query.get("sid") == SID else []
            articles = [
                {"id": at, "title": entry.title, "url": entry.path, "created_at": f"{entry.day} 10:00:00"}
                for at, entry in enumerate(shown)
            ]
            answer: dict[str, Any] = {"articles": articles, "total": len(column.entries)}
            return Answer(json.dumps(answer).encode(), headers={"Content-Type": "application/json"})

        self.portal.pages[API] = listed


class Indexed(PortalBuilder):
    """Lonsun: one address for all pages of a list, told apart by ``pageIndex``."""

    grammar = "/public/content/{number}"
    has_ids = False

    def publish_column(self, column: Column) -> None:
        """The list, whichever page is asked for."""
        parts, pager = _parts(column), "function(p){ location.href = '?pageIndex=' + p }"

        def listed(visit: Visit) -> Answer:
            number = int(visit.query.get("pageIndex", "1"))
            call = f'Ls.pagination("#page_68", {pager}, {{currPage: {number}, pageCount: {len(parts)}}});'
            main = f'{_rows(parts[number - 1])}<div id="page_68"></div><script>{call}</script>'
            text = pages.page(self._frame(visit, (column.label,), (), "utf-8"), column.label, main)
            return Answer(text.encode(), headers={"Content-Type": "text/html; charset=utf-8"})

        self.portal.pages[column.path.rstrip("/")] = listed


class Embedded(PortalBuilder):
    """The rows stand as data among the statements of the page's own script."""

    grammar = "/{day:%Y%m%d}/i{number}.html"
    has_ids = False

    def publish_column(self, column: Column) -> None:
        """One page with everything."""
        rows = [{"title": e.title, "url": e.path, "date": str(e.day)} for e in _newest(column)]
        script = f"var dataList=[{{infolist:{json.dumps(rows, ensure_ascii=False)}}}]; draw(dataList);"
        self._plain(
            column.path, column.label, f"<ul></ul><script>{script}</script>", crumbs=column.crumbs[:-1]
        )


class ColumnShaped(PortalBuilder):
    """Documents whose addresses look like those of columns; the list's last 下一页 leads to its beginning."""

    grammar = "/view/{number}/index.html"
    has_ids = False

    def publish_column(self, column: Column) -> None:
        """Page by page, once round."""
        parts = _parts(column)
        names = ["", *(f"list{number}.html" for number in range(2, len(parts) + 1)), "list1.html"]
        for at, part in enumerate(parts):
            turn = f'<div class="page"><a href="{names[at + 1]}">下一页</a></div>'
            self._plain(column.path + names[at], column.label, _rows(part) + turn, crumbs=column.crumbs[:-1])
        self.portal.pages[f"{column.path}list1.html"] = self.portal.pages[column.path]


FAMILIES = (
    Family("vsb", "auto", Reverse, "/xxgk/nb/", "/xxgk/nb.htm"),
    Family("gkmlpt", "auto", Catalogue, "/gkmlpt/", CATALOGUE),
    Family("lonsun", "auto", Indexed, "/content/column/6800/", "/content/column/6800"),
    Family("embedded", "auto", Embedded, "/zwgk/nb/"),
    Family("column-shaped", "auto", ColumnShaped, "/zwgk/nb/"),
)
