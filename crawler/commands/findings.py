"""``gongkai findings``: what does not add up, by report, so that whoever wrote it can mend it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler import console
from crawler.options import YEARS, common_options, example, format_option

if TYPE_CHECKING:
    from archive.store import Row

SEVERITIES = {"error": "不符 error", "warning": "待说明 warning", "info": "备注 info"}
ALL_COLUMNS = (
    "report", "county_code", "county", "agency", "kind", "scope", "year", "rule", "severity", "outcome", "message",
    "message_zh", "left_value", "left_where", "right_value", "right_where", "difference", "cells", "quote", "explained",
    "first_seen", "resolved_at", "status", "url", "other_url",
)  # fmt: skip
WIDEST_QUOTE = 90


@example("gongkai findings --severity error --years 2023-2025 --format csv")
@click.command("findings")
@click.option(
    "--rule", "rules", multiple=True, help="Only findings of this rule; may be given several times."
)
@click.option(
    "--severity",
    "severities",
    multiple=True,
    type=click.Choice(["error", "warning", "info"]),
    help="Only these.",
)
@click.option("--county", help="Only this county: its code or its name.")
@click.option("--years", "--year", "years", type=YEARS, help="Only reports on these years.")
@click.option("--all", "also_resolved", is_flag=True, help="Also findings that are resolved.")
@click.option(
    "--published",
    is_flag=True,
    help="Only what may be published: nothing withheld or dismissed, comparisons only when confirmed or 14 days old.",
)
@format_option("table", "csv", "json")
@common_options()
def command(
    rules: tuple[str, ...],
    severities: tuple[str, ...],
    county: str | None,
    years: frozenset[int] | None,
    also_resolved: bool,
    published: bool,
    output_format: str,
    archive: Path,
) -> None:
    """What does not add up, as a table.

    By report, the gravest first: what differs, in Chinese and English, and where each side stands; neither is called
    right. csv and json give a line for each finding.
    """
    from archive.store import Archive, questions
    from archive.store.across.published import RIPE_DAYS

    with Archive.open(archive, read_only=True) as opened:
        rows = questions.findings(
            opened.conn, rules=rules, severities=severities, county=county, years=years,
            also_resolved=also_resolved, published=published,
        )  # fmt: skip
        if output_format != "table":
            console.print_rows(rows, dict.fromkeys(ALL_COLUMNS, ""), output_format)
            return
    print_reports(rows)
    reports = len({row["report_id"] for row in rows})
    console.say(f"{reports} 份报告，{len(rows)} 条 · {len(rows)} findings in {reports} reports")
    waiting = sum(row["origin"] == "comparison" and row["status"] == "open" for row in rows)
    if waiting and not published:
        console.say(
            f"其中 {waiting} 条为报告之间的比较，经人确认或满 {RIPE_DAYS} 日后方可公开 · {waiting} of them compare reports and may be "
            f"published only when confirmed or {RIPE_DAYS} days old (--published leaves out what is not)"
        )


def print_reports(rows: Sequence[Row]) -> None:
    """Print findings under the report they are about: what differs, then where both sides stand."""
    for _, group in groupby(rows, key=lambda row: row["report_id"]):
        findings = list(group)
        head = findings[0]
        scope = "（汇总）" if head["scope"] == "jurisdiction_aggregate" else ""
        console.echo(click.style(f"{head['agency']}{scope} {head['year']}", bold=True))
        console.echo(f"  {head['url']}")
        for row in findings:
            resolved = "，已不再出现 resolved" if row["resolved_at"] else ""
            console.echo(f"  [{SEVERITIES[row['severity']]}{resolved}] {row['rule']}: {row['message_zh']}")
            console.echo(f"      {row['message']}")
            if row["left_where"] and row["right_where"]:
                console.echo(f"      {row['left_where']} | {row['right_where']}")
            if row["quote"]:
                console.echo(f"      “{console.clip(row['quote'], WIDEST_QUOTE)}”")
            if row["other_url"] and row["other_url"] != head["url"]:
                console.echo(f"      {row['other_url']}")
        console.echo()
