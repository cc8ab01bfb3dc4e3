"""``gongkai crawl``: fetch what is new at the sites of the registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.commands._crawling import SITES, parts_options, run_and_tell
from crawler.options import YEARS, common_options, example
from crawler.spiders import FAMILIES

if TYPE_CHECKING:
    from crawler.fleet.night import Way


@example("gongkai crawl banan banan-towns --years 2021-2025")
@click.command("crawl")
@SITES
@click.option("--family", type=click.Choice(list(FAMILIES)), help="Only sites of this family.")
@click.option("--years", type=YEARS, help="Leave out links whose title states another year.")
@click.option("--refresh", is_flag=True, help="Ask again for every known page.")
@parts_options
@common_options(sites=True)
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    family: str | None,
    years: frozenset[int] | None,
    refresh: bool,
    archive: Path,
    sites: Path | None,
    way: Way | None,
) -> None:
    """Fetch what is new at these sites, or at all of them.

    Walks the lists of each SITE (default: all enabled ones), fetches the reports that are new or due again, and judges
    each site. Exit code 1 if a site yields less than is known to be there. Set GONGKAI_CONTACT for hosts other than
    this machine.
    """
    from crawler.session import Plan

    plan = Plan(years=years, refresh=refresh)
    run_and_tell(ctx, archive, sites, names, plan, command="crawl", family=family, way=way)
