"""``gongkai nightly``: the scheduled run, and a summary that is read in ten seconds."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler import console
from crawler.commands._crawling import parts_options, rows, run
from crawler.options import common_options, example

if TYPE_CHECKING:
    from archive.store import Archive
    from crawler.fleet.night import Way
    from crawler.run import Outcome
    from crawler.standing import Standing

SHARE = 1 / 30
"""The part of the known pages that is asked again each night: all of them once a month."""
TOTALS = ("links", "fetched", "new", "changed", "unchanged", "vanished", "failed", "blocked", "requests")


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
@parts_options
@common_options(sites=True)
@click.pass_context
def command(
    ctx: click.Context, share: float, as_json: bool, archive: Path, sites: Path | None, way: Way | None
) -> None:
    """The scheduled run: what is new, what is due again.

    Walks the lists of all enabled sites, fetches new reports and those whose retry is due, and asks again for a rolling
    share of the known ones, longest ago first. Ends with a summary, new troubles first, and tells GONGKAI_WEBHOOK if it
    is set. Exit code 1 if a site fell short and nobody has acknowledged it.
    """
    from archive.store import Archive, clock
    from crawler.session import Plan
    from crawler.standing import standings

    outcome = run(archive, sites, (), Plan(share=share), command="nightly", way=way)
    with Archive.open(archive, read_only=True) as opened:
        found = standings(opened, clock.china_day(), outcome.verdicts)
        before = _well_before(opened, outcome)
    told = _told(outcome, found)
    if as_json:
        console.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _summary(
            told,
            found,
            back=[one.site for one in found if not one.is_trouble and before.get(one.site) is False],
        )
    webhook = os.environ.get("GONGKAI_WEBHOOK", "").strip()
    if webhook:
        from crawler.webhook import tell

        if failure := tell(webhook, told):
            console.say(f"the webhook was not told: {failure}")
    ctx.exit(outcome.exit_code)


def _told(outcome: Outcome, found: Sequence[Standing]) -> dict[str, Any]:
    """The night as one JSON object, troubles first."""
    counted = {row["site"]: row for row in rows(outcome)}
    return {
        "crawl": outcome.crawl_id,
        "finished": outcome.finished,
        "exit_code": outcome.exit_code,
        "seconds": round(outcome.seconds),
        "totals": {name: sum(row[name] for row in counted.values()) for name in TOTALS},
        "sites": [
            {
                **counted[one.site], "new_trouble": one.is_new(), "since": one.since if one.is_trouble else None,
                "acknowledged": {"until": one.known["until"], "reason": one.known["reason"]} if one.known else None,
            }
            for one in found
        ],
    }  # fmt: skip


def _summary(told: Mapping[str, Any], found: Sequence[Standing], *, back: Sequence[str]) -> None:
    totals = told["totals"]
    alarms = [one for one in found if one.is_alarm]
    fresh = sum(one.is_new() for one in alarms)
    known = sum(one.is_trouble and one.known is not None for one in found)
    well = sum(not one.is_trouble for one in found)
    console.echo(
        f"{well} of {len(found)} sites well; {fresh} new troubles, {len(alarms) - fresh} old, {known} acknowledged"
        + ("" if told["finished"] else "; INTERRUPTED")
    )
    console.echo(
        f"reports: {totals['new']} new, {totals['changed']} changed, {totals['vanished']} vanished, "
        f"{totals['failed']} failed; {totals['requests']} requests, {totals['links']} links seen, "
        f"{_span(told['seconds'])}"
    )
    details = {row["site"]: row["detail"] for row in told["sites"]}
    for one in found:
        if not one.is_trouble:
            continue
        word = "known" if one.known else "NEW" if one.is_new() else "old"
        line = f"{word:<5} {one.site}: {one.verdict}, {one.reason}"
        if details[one.site]:
            line += f" ({details[one.site]})"
        if one.known:
            line += f"; until {one.known['until']}: {one.known['reason']}"
        elif not one.is_new():
            line += f"; since {(one.since or '')[:10]}"
        console.echo(click.style(line, dim=one.known is not None, bold=one.is_new()))
    if back:
        console.echo(f"well again: {', '.join(back)}")


def _well_before(archive: Archive, outcome: Outcome) -> dict[str, bool]:
    """Whether each site was well in the last run before this one."""
    return archive.runs.well_before(outcome.crawl_id)


def _span(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
