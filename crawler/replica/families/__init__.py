"""Hosts that speak the published grammars of other publishing systems and list shapes (`Scenario.platforms`)."""

from __future__ import annotations

from crawler.replica.families import elsewhere, hanweb, plain, script, trs
from crawler.replica.families.base import Family, site
from crawler.replica.portals import PortalBuilder
from crawler.replica.reports import Ids
from crawler.replica.world import World

FAMILIES: tuple[Family, ...] = (
    *trs.FAMILIES,
    *hanweb.FAMILIES,
    *plain.FAMILIES,
    *script.FAMILIES,
    *elsewhere.FAMILIES,
)

__all__ = ["FAMILIES", "Family", "add_families"]


def add_families(world: World, ids: Ids) -> None:
    """Add one host, one row of the registry and eighteen reports for each family."""
    for number, family in enumerate(FAMILIES):
        builder: type[PortalBuilder] = family.builder
        builder(site(family, number), world, ids).build()
