"""``gongkai health``: how each site has been. ``health ack``: what an operator knows of a trouble."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from crawler import console
from crawler.options import common_options, example, format_option

COLUMNS = {
    "site": "site", "verdict": "verdict", "reason": "reason", "since": "since", "last_well": "last well",
    "history": "last runs", "links": "links", "new": "new", "failed": "failed", "blocked": "blocked", "known": "known",
}  # fmt: skip


class DateType(click.ParamType[date]):
    """A day, ``2026-12-31``."""

    name = "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day meant. Fails with a usage error (exit code 2) on anything else."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a day (2026-12-31)", param, ctx)


@example("gongkai health --format json")
@click.group("health", invoke_without_command=True)
@format_option("table", "csv", "json")
@common_options()
@click.pass_context
def command(ctx: click.Context, output_format: str, archive: Path) -> None:
    """How each site has been at its last run.

    Troubles first: the last verdict on every enabled site, since when it stands, and the last runs, newest at the right (. well, s
    short, b blocked, B broken, u unreachable). Exit code 1 only for a trouble that nobody has acknowledged; a site
    that no run has asked yet has no verdict.
    """
    from archive.store import Archive, clock
    from crawler.standing import exit_code, standings

    ctx.obj = archive
    if ctx.invoked_subcommand is not None:
        return
    with Archive.open(archive, read_only=True) as opened:
        found = standings(opened, clock.china_day())
    rows = [
        {
            "site": one.site, "verdict": one.verdict, "reason": one.reason, "since": _day(one.since),
            "last_well": _day(one.last_well), "history": one.history,
            **{name: (one.counts or {}).get(name) for name in ("links", "new", "failed", "blocked")},
            "known": f"until {one.known['until']}: {one.known['reason']}" if one.known else None,
        }
        for one in found
    ]  # fmt: skip
    dim = [bool(one.known and one.is_trouble) for one in found]
    if output_format == "table":
        console.print_table(rows, COLUMNS, right=["links", "new", "failed", "blocked"], dim=dim)
    else:
        console.print_rows(rows, COLUMNS, output_format)
    ctx.exit(exit_code(found))


@example('gongkai health ack banan --until 2026-12-31 --reason "portal is being rebuilt, asked the office"')
@command.command("ack")
@click.argument("site")
@click.option(
    "--until", type=DateType(), required=True, help="The last day on which this trouble is no alarm."
)
@click.option("--reason", required=True, help="Why it is none; shown wherever the trouble is.")
@common_options()
@click.pass_context
def ack(ctx: click.Context, site: str, until: date, reason: str, archive: Path) -> None:
    """Silence a known trouble, with its reason and until a day.

    Until then the site raises no exit code 1; it is still crawled, judged and shown, greyed. A day that has passed
    takes an earlier word back.
    """
    from archive.store import Archive, clock

    path = archive if ctx.get_parameter_source("archive") != click.core.ParameterSource.DEFAULT else ctx.obj
    if not reason.strip():
        raise click.UsageError("--reason is empty: say why this trouble is none.")
    with Archive.open(path) as opened:
        opened.runs.acknowledge(site, until, " ".join(reason.split()))
    over = until < clock.china_day()
    console.echo(
        f"{site}: {'alarms again' if over else f'no alarm until {until}'} ({' '.join(reason.split())})"
    )


def _day(moment: str | None) -> str | None:
    return moment[:10] if moment else None
