"""Lists without any script: a link to the next page, UCAP's ``common_list``, and a list inside a frame."""

from __future__ import annotations

from crawler.replica import pages
from crawler.replica.families.base import Family
from crawler.replica.pages import Link
from crawler.replica.portals import PortalBuilder
from crawler.replica.world import Column, html_resource


class NextLink(PortalBuilder):
    """``list.html``, ``list_2.html`` …, held together by 下一页 and 尾页 alone."""

    grammar = "/content/{day:%Y-%m}/{day:%d}/content_{number}.html"
    has_ids = False

    def publish_column(self, column: Column) -> None:
        """Page by page, newest first."""
        entries = sorted(column.entries, key=lambda entry: entry.day, reverse=True)
        parts = [
            entries[start : start + column.per_page] for start in range(0, len(entries), column.per_page)
        ]
        names = ["list.html", *(f"list_{number}.html" for number in range(2, len(parts) + 1))]
        for number, part in enumerate(parts):
            rows = pages.LISTS["li_span"]([Link(entry.path, entry.title, entry.day) for entry in part])
            more = (
                f'<a href="{names[number + 1]}">下一页</a>'
                if number + 1 < len(parts)
                else "<span>下一页</span>"
            )
            turn = (
                f'<div class="page"><a href="list.html">首页</a> {more} <a href="{names[-1]}">尾页</a></div>'
            )
            self._plain(column.path + names[number], column.label, rows + turn, crumbs=column.crumbs[:-1])
        self.portal.pages[column.path] = self.portal.pages[f"{column.path}list.html"]


class Ucap(PortalBuilder):
    """UCAP: channels by number, documents by hash, pages named ``common_list_2.shtml``."""

    grammar = "{folder}{day:%Y%m}/{hash}.shtml"
    has_ids = False


class Framed(PortalBuilder):
    """The column's page holds its list in a frame of the same host, among frames that hold nothing."""

    def build(self) -> None:
        """The portal, and the page around its list."""
        super().build()
        frames = ("/visitcount/", "/login/", "/share/", self.site["columns"][0]["path"])
        main = "".join(f'<iframe src="{path}" frameborder="0"></iframe>' for path in frames)
        self._plain(self.site["rows"][0]["path"], "政府信息公开年报", main)
        for path in frames[:3]:
            self.portal.pages[path] = html_resource(lambda _: "<html><body>0</body></html>")


FAMILIES = (
    Family("static-next", "static", NextLink, "/zwgk/zfxxgknb/", "/zwgk/zfxxgknb/list.html"),
    Family("ucap", "auto", Ucap, "/c117630/", "/c117630/common_list.shtml",
           style={"pager": "common_list", "list": "info", "body": "article", "body_id": "UCAP-CONTENT"}),
    Family("framed", "auto", Framed, "/zfxxgk/nblist/", "/zfxxgk/nb/"),
)  # fmt: skip
