"""Sub-sites of towns, streets and departments, each with its own column of annual reports.

The walk starts at an index of sub-sites, at one sub-site, or at one column. From an index it visits every unit; on a
unit's page it looks for the column by its label, if need be by way of 政务公开. Slugs and node numbers are copied between
units and say nothing about whose page it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawler.platforms import FoundLink
from crawler.platforms.base import canonical, folder
from crawler.sites import Site
from crawler.spiders import labels
from crawler.spiders.base import AN_INDEX, SiteSpider
from crawler.spiders.columns import BLIND, WAYS, annual_columns, blind_steps, sub_columns
from crawler.spiders.walk import ListWalk


class TownshipSpider(SiteSpider):
    """Walks the annual-report columns of sub-sites."""

    name = "township"

    def entry(self, site: Site) -> ListWalk:
        """The index, the sub-site, or the column."""
        return ListWalk(site.list_url, "", site.site)

    def follow(self, site: Site, walk: ListWalk, links: list[FoundLink]) -> Iterator[ListWalk]:
        """From an index its units, from a unit its column, from a column its sub-columns."""
        here = canonical(walk.url)
        if walk.annual:
            for link in sub_columns(links, walk.root, here):
                blind = blind_steps(walk.blind, link.title)
                own = folder(link.url).startswith(walk.root) or labels.is_report_title(link.title)
                if blind <= BLIND and (own or labels.is_year(link.title)):
                    yield ListWalk(
                        link.url, link.title, site.site, depth=walk.depth + 1, annual=True, root=walk.root,
                        unit=walk.unit, blind=blind,
                    )  # fmt: skip
            return
        units = [] if walk.unit else self._units(walk, links, here)
        walk.index = (
            walk.index or len(units) >= AN_INDEX or bool(units and not _leads_to_a_column(walk, links))
        )
        if walk.index:
            most = site.number("units", 500)
            if len(units) > most:
                walk.trouble = (
                    walk.trouble or "too_many_columns"
                )  # the others are not looked at: that must be told
            for link in units[:most]:
                yield ListWalk(
                    link.url,
                    link.title,
                    site.site,
                    depth=walk.depth + 1,
                    root=folder(link.url),
                    unit=link.title,
                )
            return
        yield from self._column_of(site, walk, links, here)

    def _units(self, walk: ListWalk, links: list[FoundLink], here: str) -> list[FoundLink]:
        """The sub-sites that an index shows: links called like an agency, those below the index before any other."""
        columns = [link for link in links if link.kind == "column" and canonical(link.url) != here]
        below = [
            link
            for link in columns
            if folder(link.url).startswith(walk.root) and folder(link.url) != walk.root
        ]
        for group in (below, columns):
            units = [link for link in group if labels.is_unit(link.title)]
            if len(units) >= AN_INDEX:
                return units
        return [link for link in below if labels.is_unit(link.title)] or [
            link for link in columns if labels.is_town(link.title)
        ]

    def _column_of(self, site: Site, walk: ListWalk, links: list[FoundLink], here: str) -> Iterator[ListWalk]:
        """A unit's column, by its label: the unit's own, else by its own way, else one elsewhere (it was moved), else by any way."""
        unit = walk.unit or walk.label or site.name
        named = [
            link for link in annual_columns(links, here) if canonical(link.url) not in self._portal_columns
        ]
        own = _within(named, walk.root)
        ways = [
            link for link in links if link.kind == "column" and labels.is_way(link.title) and walk.ways < WAYS
        ]
        if not own and _within(ways, walk.root):
            # The page's menu shows the portal's column too; the unit's own way is tried before it is taken for the unit's.
            for link in _within(ways, walk.root):
                yield ListWalk(
                    link.url, link.title, site.site, depth=walk.depth + 1, root=walk.root, unit=unit,
                    ways=walk.ways + 1,
                    elsewhere=tuple(link.url for link in named),
                )  # fmt: skip
            return
        columns = [(link.url, link.title) for link in own or named]
        for url, title in columns or [(url, "") for url in walk.elsewhere]:
            yield ListWalk(url, title, site.site, depth=walk.depth + 1, annual=True, unit=unit)
        if columns or walk.elsewhere or walk.links:
            return
        for link in ways:
            yield ListWalk(
                link.url,
                link.title,
                site.site,
                depth=walk.depth + 1,
                root=walk.root,
                unit=unit,
                ways=walk.ways + 1,
            )
        if not ways:
            walk.trouble = "no_column"

    @property
    def _portal_columns(self) -> frozenset[str]:
        """The columns of district rows: never a unit's own."""
        return frozenset(canonical(row.list_url) for row in self.registry if row.spider == "district")


def _within(links: list[FoundLink], root: str) -> list[FoundLink]:
    """The links that stay within the unit's folder."""
    return [link for link in links if folder(link.url).startswith(root)]


def _leads_to_a_column(walk: ListWalk, links: list[FoundLink]) -> bool:
    """Whether the page shows a way to a column of its own, as the page of a unit does."""
    return any(
        (labels.is_way(link.title) or labels.is_annual_column(link.title))
        and folder(link.url).startswith(walk.root)
        and folder(link.url) != walk.root
        for link in links
        if link.kind == "column"
    )
