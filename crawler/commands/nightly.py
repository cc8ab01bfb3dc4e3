"""``gongkai nightly``: the scheduled run, and a summary that is read in ten seconds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from crawler.commands._crawling import rows, run
from crawler.options import common_options, example

SHARE = 1 / 30
"""The part of the known pages that is asked again each night: all of them once a month."""


@example("gongkai nightly --json > night.json")
@click.command("nightly")
@click.option(
    "--share",
    type=click.FloatRange(0, 1),
    default=SHARE,
    show_default="1/30",
    help="Part of the known pages to ask again.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the summary.")
@common_options(sites=True)
@click.pass_context
def command(ctx: click.Context, share: float, as_json: bool, archive: Path, sites: Path | None) -> None:
    """The scheduled run: what is new, what is due again.

    Walks the lists of all enabled sites, fetches new reports and those whose retry is due, and asks again for a rolling
    share of the known ones, longest ago first. Ends with a summary, new troubles first. Exit code 1 if a site fell
    short.
    """
    from archive.store import Archive
    from crawler.session import Plan

    outcome = run(archive, sites, (), Plan(share=share), command="nightly")
    with Archive.open(archive, read_only=True) as opened:
        before = _verdicts_before(opened, outcome.crawl_id)
    found = [{**row, "before": before.get(row["site"])} for row in rows(outcome)]
    found.sort(key=lambda row: (row["verdict"] == "well", row["verdict"] == row["before"]))
    if as_json:
        printed = {
            "crawl": outcome.crawl_id,
            "finished": outcome.finished,
            "exit_code": outcome.exit_code,
            "sites": found,
        }
        click.echo(json.dumps(printed, ensure_ascii=False, indent=2))
    else:
        _summary(found, finished=outcome.finished)
    ctx.exit(outcome.exit_code)


def _verdicts_before(archive: Any, crawl_id: int) -> Mapping[str, str]:
    """The verdict on each site in the last run before this one."""
    asked = archive.conn.execute(
        "SELECT site, verdict FROM crawl_site WHERE crawl_id < ? AND verdict IS NOT NULL ORDER BY crawl_id",
        [crawl_id],
    )
    return {row["site"]: row["verdict"] for row in asked}


def _summary(found: list[dict[str, Any]], *, finished: bool) -> None:
    total = {
        name: sum(row[name] for row in found) for name in ("links", "fetched", "new", "changed", "failed")
    }
    well = sum(row["verdict"] == "well" for row in found)
    click.echo(
        f"{well} of {len(found)} sites well; {total['new']} new, {total['changed']} changed, {total['failed']} failed; "
        f"{total['fetched']} pages fetched, {total['links']} links seen"
        + ("" if finished else "; INTERRUPTED")
    )
    for row in found:
        if row["verdict"] != "well":
            since = "NEW " if row["verdict"] != row["before"] else "    "
            detail = f" ({row['detail']})" if row["detail"] else ""
            click.echo(f"{since}{row['site']}: {row['verdict']}, {row['reason']}{detail}")
    back = [row["site"] for row in found if row["verdict"] == "well" and row["before"] not in (None, "well")]
    if back:
        click.echo(f"well again: {', '.join(back)}")
