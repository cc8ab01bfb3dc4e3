"""How a TRS list says how many pages it has, and what its further pages are called (cms-families.md, 1.2)."""

from __future__ import annotations

from dataclasses import dataclass

_FUNCTION = """<div id="page_div"></div><script type="text/javascript">//wcm分页
function %(name)s(%(arguments)s) {
  if (_nPageCount == null || _nPageCount <= 1) { return; }
  for (var i = 0; i < _nPageCount; i++) { /* draws the numbers */ }
}
%(call)s
</script>"""


@dataclass(frozen=True)
class Pager:
    """One shape of pager. Its template may use ``pages``, ``total``, ``zero`` and ``one`` (the page counted from 0 or 1)."""

    template: str
    stem: str = "index"
    extension: str = "html"
    one_based: bool = False
    """Page 2 is ``index_2``; else it is ``index_1``."""

    def draw(self, pages: int, current: int, total: int) -> str:
        """The pager of a page (``current`` from 0) of a list with so many pages and records."""
        size = -(-total // max(1, pages))
        figures = {"pages": pages, "total": total, "zero": current, "one": current + 1, "size": size}
        return self.template % figures

    def page_name(self, number: int) -> str:
        """File name of a list's page; ``number`` counts from 0, the first page is the directory itself."""
        if number == 0:
            return ""
        return f"{self.stem}_{number + self.one_based}.{self.extension}"

    @property
    def first(self) -> str:
        """The first page's own file name."""
        return f"{self.stem}.{self.extension}"


def _function(name: str, arguments: str, call: str) -> str:
    return _FUNCTION % {"name": name, "arguments": arguments, "call": call}


def _inline(script: str) -> str:
    return f'<div class="page"><script>\n{script}\n</script></div>'


_PLAIN = "_nPageCount, _nCurrIndex, _sPageName, _sPageExt"
_CLASSED = f"{_PLAIN}, _sClass, _nTotal"
_DOM = f"_sDomId, {_PLAIN}, _nTotal"

PAGERS: dict[str, Pager] = {
    "createPage": Pager(_function("createPage", _PLAIN, 'createPage(%(pages)d, %(zero)d, "index", "html");')),
    "createPageHTML": Pager(
        _function("createPageHTML", _CLASSED, 'createPageHTML(%(pages)d, %(zero)d, "index", "html", "black2", %(total)d);')
    ),
    "shtml": Pager(
        _function("createPageHTML", _CLASSED, 'createPageHTML(%(pages)d, %(zero)d, "index", "shtml", "black2", %(total)d);'),
        extension="shtml",
    ),
    "dom_one_based": Pager(
        _function("createPageHTML", _DOM, "createPageHTML('page_div', %(pages)d, %(one)d, 'index', 'html', %(total)d);"),
        one_based=True,
    ),
    "common_list": Pager(
        _function("createPageHTML", _DOM, "createPageHTML('page_div',%(pages)d,%(one)d,'common_list','shtml',%(total)d);"),
        stem="common_list", extension="shtml", one_based=True,
    ),
    "count_zero": Pager(_inline("var countPage=%(pages)d;\nvar currentPage=%(zero)d\nvar countnum=%(total)d")),
    "count_one": Pager(_inline('var countPage = %(pages)d ;\nvar dataCount="%(total)d"'), extension="shtml", one_based=True),
    "set_page": Pager(
        '<div class="pagination"></div><script>$(".pagination").pagination({totalPage: %(pages)d, totalCount: %(total)d});\n'
        '$(".pagination").pagination("setPage", %(one)d, %(pages)d);</script>',
        one_based=True,
    ),
    "page_dec": Pager('<div id="pageDec" pagesize="%(size)d" pagecount="%(pages)d"></div><script src="/js/page.js"></script>'),
    "pager_object": Pager(_inline("Pager({size:%(pages)d, current:%(zero)d, prefix:'index', suffix:'html'});")),
}  # fmt: skip
"""Every shape by its name in a portal's ``style``."""
