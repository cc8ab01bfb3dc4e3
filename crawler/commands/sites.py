"""``gongkai sites``: the registry. ``check`` proves it sound, ``probe`` looks at one entry point."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler import console
from crawler.options import common_options, example, format_option
from crawler.spiders import FAMILIES

if TYPE_CHECKING:
    from crawler.probe import Probe

COLUMNS = {
    "site": "site", "spider": "family", "platform": "platform", "installation": "installation", "name": "name",
    "list_url": "list_url", "first_year": "from", "last_year": "to", "enabled": "enabled", "note": "note",
}  # fmt: skip
SHOWN = 15


@example("gongkai sites probe banan")
@click.group("sites", invoke_without_command=True)
@format_option("table", "csv", "json")
@common_options(archive=False, sites=True)
@click.pass_context
def command(ctx: click.Context, output_format: str, sites: Path | None) -> None:
    """List, check and probe the registry of sites.

    Without a subcommand: the rows, enabled or not.
    """
    from crawler.sites import load

    ctx.obj = sites
    if ctx.invoked_subcommand is None:
        console.print_rows([row.as_row() for row in load(sites)], COLUMNS, output_format)


@example("gongkai sites check --sites my-sites.csv")
@command.command("check")
@common_options(archive=False, sites=True)
@click.pass_context
def check(ctx: click.Context, sites: Path | None) -> None:
    """Prove the registry sound, offline.

    Rows, hosts, codes and options; entries that stand there twice; in the built-in registry, that every county has a
    row, enabled or saying why not.

    Exit code 2 with file, line and reason for a row that cannot be used; 1 for rows that can, but look wrong.
    """
    from crawler.sites import RegistryError, load
    from crawler.sites.soundness import doubts, summary

    try:
        registry = load(sites or ctx.obj)
    except RegistryError as error:
        for line in error.every:
            console.say(f"gongkai: {line}")
        ctx.exit(2)
    found = list(doubts(registry))
    for doubt in found:
        console.say(doubt)
    for line in summary(registry):
        console.echo(line)
    console.echo(f"doubts: {len(found)}")
    ctx.exit(1 if found else 0)


@example("gongkai sites probe http://www.cqbn.gov.cn/zwgk_252/zfxxgknb/")
@command.command("probe")
@click.argument("target", metavar="SITE|URL")
@click.option(
    "--family",
    type=click.Choice(list(FAMILIES)),
    help="Look at it as this family does, whatever its row says: township for an index of towns or departments.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@common_options(archive=False, sites=True)
@click.pass_context
def probe(ctx: click.Context, target: str, family: str | None, as_json: bool, sites: Path | None) -> None:
    """Fetch one entry point and show what a crawl would make of it.

    Shows the platform recognised, the pager, the report links and the columns that would be followed. Asks for
    robots.txt first and keeps to the rate, the lock, the window and the day's requests of the installation; an address
    on a host of the registry is looked at as that row says. Stores nothing, and ends with what to do next. Exit code 1 if
    nothing useful is found.
    """
    from crawler.allowance import AllowanceError
    from crawler.locks import LockedError
    from crawler.probe import probe as look
    from crawler.probe import to_be_asked
    from crawler.session import NotStartedError
    from crawler.sites import load
    from crawler.sites.hosts import split

    if "://" in target and split(target) is None:
        raise click.UsageError(f"{target!r} is no http or https address.")
    registry, site = to_be_asked(load(sites or ctx.obj), target, family)
    try:
        found = look(registry, site)
    except (AllowanceError, LockedError, NotStartedError) as error:
        raise console.Unusable(str(error)) from None
    _print_json(found) if as_json else _print(found)
    ctx.exit(0 if found.trouble is None and (found.reports or found.columns) else 1)


def _print(found: Probe) -> None:
    if found.trouble:
        console.echo(f"{found.site.list_url}: {found.trouble}")
        console.echo(f"next      {found.advice}")
        return
    console.echo(f"address   {found.final_url} (HTTP {found.status})")
    console.echo(f"platform  {found.platform}")
    console.echo(f"column    {found.column}{'' if found.annual else ' (not a column of annual reports)'}")
    console.echo(f"pages     {found.pager.total}")
    console.echo(f"reports   {len(found.reports)}")
    for link in found.reports[:SHOWN]:
        console.echo(f"  {link.list_date or '          '}  {link.title}  {link.url}")
    console.echo(f"columns   {len(found.columns)}")
    for column in found.columns[:SHOWN]:
        console.echo(f"  {column.label}  {column.url}")
    console.echo(f"others    {found.others} links left alone")
    console.echo(f"next      {found.advice}")


def _print_json(found: Probe) -> None:
    printed = {
        "site": found.site.site, "list_url": found.site.list_url, "trouble": found.trouble, "advice": found.advice, "status": found.status,
        "final_url": found.final_url, "platform": found.platform, "column": found.column, "annual": found.annual,
        "pages": found.pager.total,
        "reports": [{"title": x.title, "url": x.url, "list_date": x.list_date} for x in found.reports],
        "columns": [{"label": x.label, "url": x.url} for x in found.columns], "others": found.others,
    }  # fmt: skip
    console.echo(json.dumps(printed, ensure_ascii=False, indent=2))
