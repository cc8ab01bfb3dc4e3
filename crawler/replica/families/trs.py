"""TRS: every order of the pager's arguments, and a column that is one JSONP file (cms-families.md, 1.2)."""

from __future__ import annotations

from crawler.replica import pagers
from crawler.replica.families.base import Family
from crawler.replica.model import Answer
from crawler.replica.portals import PortalBuilder
from crawler.replica.world import Column, href

PAGERS = ("createPage", "createPageHTML", "shtml", "dom_one_based", "count_zero", "count_one", "set_page", "page_dec",
          "pager_object")  # fmt: skip


class MyJson(PortalBuilder):
    """The list's page is empty; a script fetches all rows as JSONP with single quotes, which is not JSON."""

    def publish_column(self, column: Column) -> None:
        """The page without rows, and the file that has them."""
        entries = sorted(column.entries, key=lambda entry: entry.day, reverse=True)
        rows = ",\n".join(
            f"{{'title':'{entry.title}','url':'{href(column.path, entry.path)}','fbrq':'{entry.day}','classname':'{column.label}'}}"
            for entry in entries
        )
        script = (
            '<ul class="list" id="myjson-list"></ul><script>$.ajax({url:"./myjson.json?myjson=myjson&_=1",'
            'dataType:"jsonp",jsonpCallback:"myjson",success:function(d){draw(d.datas);}});</script>'
        )
        self._plain(column.path, column.label, script, crumbs=column.crumbs[:-1])
        body = f"myjson({{\n'count':'{len(entries)}',\n'datas':[\n{rows}\n]}})".encode()
        self.portal.pages[f"{column.path}myjson.json"] = lambda _: Answer(
            body, headers={"Content-Type": "application/json"}, modified=self.portal.modified
        )


def _paged(number: int, pager: str) -> Family:
    folder = f"/zwgk_{300 + number}/zfxxgknb/"
    shape = pagers.PAGERS[pager]
    entry = folder + shape.first if shape.extension != "html" else ""  # nothing else tells the extension
    return Family(
        f"trs-{pager.replace('_', '-').lower()}", "trs", PortalBuilder, folder, entry, style={"pager": pager}
    )


FAMILIES = (
    *(_paged(number, pager) for number, pager in enumerate(PAGERS)),
    Family("trs-myjson", "trs", MyJson, "/zwgk_320/zfxxgkml_154818/zfxxgknb_1/"),
)
