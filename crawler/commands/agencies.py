"""``gongkai agencies``: who reports. ``agencies review``: uncertain identities, for a person to decide."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from crawler import console
from crawler.options import common_options, example, format_option

COLUMNS = {
    "key": "编号 key", "name": "机关 agency", "kind": "类别 kind", "county": "区县 county", "reports": "报告 reports", "first_year": "最早 first",
    "last_year": "最近 last",
}  # fmt: skip
REVIEW_COLUMNS = {
    "reason": "原因 reason", "county": "区县 county", "key": "编号 key", "name": "名称 name", "years": "年度 years", "candidate": "可能是 perhaps",
    "candidate_years": "其年度 its years", "url": "网页 page",
}  # fmt: skip


@example("gongkai agencies --county 500113 --kind department")
@click.group("agencies", invoke_without_command=True)
@click.option("--county", help="Only this county: its code or its name.")
@click.option("--kind", "kinds", multiple=True, help="Only bodies of this kind, such as township_government.")
@format_option("table", "csv", "json")
@common_options()
@click.pass_context
def command(
    ctx: click.Context, county: str | None, kinds: tuple[str, ...], output_format: str, archive: Path
) -> None:
    """Who reports: names, kinds, counties.

    With the number of their reports in the archive and the years these span.
    """
    from archive.store import Archive, questions

    ctx.obj = archive
    if ctx.invoked_subcommand is not None:
        return
    with Archive.open(archive, read_only=True) as opened:
        rows = questions.agencies(opened.conn, county=county, kinds=kinds)
    console.print_rows(rows, COLUMNS, output_format, right=["reports"])


@example("gongkai agencies review --county 开州区")
@command.command("review")
@click.option("--county", help="Only this county: its code or its name.")
@format_option("table", "csv", "json")
@common_options()
@click.pass_context
def review(ctx: click.Context, county: str | None, output_format: str, archive: Path) -> None:
    """Uncertain identities, for a person to decide.

    Nothing is merged by itself. What you find out belongs into archive/reference/data/agencies, with its source:
    aliases.csv (another name of a body), links.csv (renamed, merged, split, transferred, other rank).
    """
    from archive.store import Archive
    from archive.store.review import REASONS, uncertain

    chosen = ctx.get_parameter_source("archive") is click.core.ParameterSource.DEFAULT
    with Archive.open(ctx.obj if chosen and ctx.obj else archive, read_only=True) as opened:
        rows = uncertain(opened.conn, county)
    console.print_rows(rows, REVIEW_COLUMNS, output_format)
    if output_format == "table":
        for reason, count in Counter(row["reason"] for row in rows).items():
            console.say(f"{reason}: {count}: {REASONS[reason]}")
        if not rows:
            console.say("没有待定的机关 · nothing uncertain")
