"""``gongkai backfill``: ``gongkai crawl --years``, years first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.commands._crawling import SITES, parts_options, run_and_tell
from crawler.options import YEARS, common_options, example

if TYPE_CHECKING:
    from crawler.fleet.night import Way


@example("gongkai backfill 2008-2020 banan beibei")
@click.command("backfill")
@click.argument("years", type=YEARS)
@SITES
@parts_options
@common_options(sites=True)
@click.pass_context
def command(
    ctx: click.Context,
    years: frozenset[int],
    names: tuple[str, ...],
    archive: Path,
    sites: Path | None,
    way: Way | None,
) -> None:
    """Fetch the reports of past years.

    The same as crawl with --years: YEARS are those reported on, and links whose title states none of them are left
    out, links that state no year are not. A run that was broken off goes on where it stood.
    """
    from crawler.session import Plan

    run_and_tell(ctx, archive, sites, names, Plan(years=years), command="backfill", way=way)
