"""A portal's own column tree of annual reports: the district's, its office's, its departments', its towns'.

The walk starts at ``list_url``, the column 政府信息公开年报 (or a page that links to it), and follows its sub-columns by
what they are called: groups (区政府, 部门, 街镇), agencies, years. How deep they lie and what their paths look like does
not matter; that a link lies below the column it stands in does.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawler.platforms import FoundLink
from crawler.platforms.base import canonical, folder
from crawler.sites import Site
from crawler.spiders import labels
from crawler.spiders.base import SiteSpider
from crawler.spiders.columns import BLIND, WAYS, annual_columns, blind_steps, sub_columns
from crawler.spiders.walk import ListWalk


class DistrictSpider(SiteSpider):
    """Walks the annual-report columns of district portals."""

    name = "district"

    def entry(self, site: Site) -> ListWalk:
        """The portal's column of annual reports, or a page above it."""
        return ListWalk(site.list_url, "", site.site)

    def follow(self, site: Site, walk: ListWalk, links: list[FoundLink]) -> Iterator[ListWalk]:
        """Sub-columns of an annual-report column; from a page above it, the columns so called, or a step towards them."""
        here = canonical(walk.url)
        named = list(annual_columns(links, here))
        ways = [link for link in links if link.kind == "column" and labels.is_way(link.title)]
        # A row points at its column; what neither says so nor leads to another one is taken at the row's word.
        if walk.annual or walk.links or (walk.depth == 0 and not named and not ways):
            walk.annual = True
            for link in sub_columns(links, walk.root, here):
                blind = blind_steps(walk.blind, link.title)
                if blind > BLIND:
                    continue
                below = folder(link.url).startswith(walk.root)
                yield ListWalk(
                    link.url, link.title, site.site, depth=walk.depth + 1, annual=True,
                    root=walk.root if below else "", blind=blind,
                )  # fmt: skip
            return
        for link in named:
            yield ListWalk(link.url, link.title, site.site, depth=walk.depth + 1, annual=True)
        if walk.depth < WAYS and not named:
            for link in ways:
                yield ListWalk(link.url, link.title, site.site, depth=walk.depth + 1)
