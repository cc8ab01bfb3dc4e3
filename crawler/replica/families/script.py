"""A list that only a script builds: its data come after a moment, and only for a sign that the script works out."""

from __future__ import annotations

import json

from crawler.replica.families.base import Family
from crawler.replica.model import Answer, Visit
from crawler.replica.portals import PortalBuilder
from crawler.replica.world import Column, href

SEED = 20861
MOMENT_MS = 250

_SCRIPT = """
var page = 1, seed = %(seed)d;
function sign(n) { var h = seed; for (var i = 0; i < 9; i++) { h = (h * 31 + n * 17 + i) %% 1000003; } return h.toString(16); }
function draw(d) {
  document.getElementById('list').innerHTML = d.rows.map(function (r) {
    return '<li><a href="' + r.u + '">' + r.t + '</a><span>' + r.d + '</span></li>'; }).join('');
  document.getElementById('more').style.display = d.more ? '' : 'none';
  page = d.page;
}
function load(n) {
  setTimeout(function () {
    fetch('rows?n=' + n + '&s=' + sign(n)).then(function (a) { return a.json(); }).then(draw);
  }, %(moment)d);
}
document.getElementById('more').addEventListener('click', function (e) { e.preventDefault(); load(page + 1); });
load(1);
"""


def sign(page: int) -> str:
    """What the script works out for a page: the server gives nothing without it."""
    value = SEED
    for step in range(9):
        value = (value * 31 + page * 17 + step) % 1000003
    return f"{value:x}"


class Scripted(PortalBuilder):
    """See the module. Its page has an empty list and a 下一页 that has no address."""

    def publish_column(self, column: Column) -> None:
        """The page with its script, and the data behind it."""
        entries = sorted(column.entries, key=lambda entry: entry.day, reverse=True)
        size = column.per_page
        main = (
            '<ul class="list" id="list"></ul><div class="page"><a id="more" href="javascript:void(0)">下一页</a></div>'
            f"<script>{_SCRIPT % {'seed': SEED, 'moment': MOMENT_MS}}</script>"
        )

        def rows(visit: Visit) -> Answer:
            headers = {"Content-Type": "application/json"}
            asked = visit.query.get("n", "")
            if not asked.isdigit() or visit.query.get("s") != sign(int(asked)):
                return Answer(b'{"error":"sign"}', 403, headers)
            number = int(asked)
            part = entries[(number - 1) * size : number * size]
            answer = {
                "page": number,
                "more": number * size < len(entries),
                "rows": [{"t": one.title, "u": href(column.path, one.path), "d": one.day} for one in part],
            }
            return Answer(json.dumps(answer, ensure_ascii=False).encode(), headers=headers)

        self._plain(column.path, column.label, main, crumbs=column.crumbs[:-1])
        self.portal.pages[f"{column.path}rows"] = rows


FAMILIES = (Family("script-list", "script", Scripted, "/zwgk_330/zfxxgknb/"),)
