"""``gongkai findings``: what does not add up, as a table."""

from __future__ import annotations

from pathlib import Path

import click

from archive.store import Archive
from crawler import console
from crawler.options import YEARS, common_options, example, format_option

COLUMNS = {
    "severity": "轻重", "county": "区县", "agency": "机关", "year": "年度", "rule": "规则", "message_zh": "说明",
}  # fmt: skip
ALL_COLUMNS = (
    "report", "county_code", "county", "agency", "kind", "scope", "year", "rule", "severity", "outcome", "message",
    "message_zh", "left_value", "left_where", "right_value", "right_where", "difference", "cells", "quote", "explained",
    "first_seen", "resolved_at", "status", "url",
)  # fmt: skip
WIDEST_MESSAGE = 70


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
@format_option("table", "csv", "json")
@common_options()
def command(
    rules: tuple[str, ...],
    severities: tuple[str, ...],
    county: str | None,
    years: frozenset[int] | None,
    also_resolved: bool,
    output_format: str,
    archive: Path,
) -> None:
    """What does not add up, as a table.

    Both sides of a finding are given; neither is called right.
    """
    where = console.Where()
    where.one_of("f.rule", rules)
    where.one_of("f.severity", severities)
    where.one_of("r.year", years)
    where.county("r", county)
    if not also_resolved:
        where.add("f.resolved_at IS NULL")
    with Archive.open(archive, read_only=True) as opened:
        rows = opened.conn.execute(
            "SELECT f.*, r.key AS report, r.county_code, r.county, r.agency, r.kind, r.scope, r.year, r.url "
            f"FROM finding f JOIN report r ON r.id = f.report_id {where} "
            "ORDER BY CASE f.severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, r.county_code, r.agency, "
            "r.year, f.rule, f.id",
            where.values,
        ).fetchall()
        if output_format != "table":
            console.print_rows(rows, dict.fromkeys(ALL_COLUMNS, ""), output_format)
            return
        shown = [{**dict(row), "message_zh": console.clip(row["message_zh"], WIDEST_MESSAGE)} for row in rows]
        console.print_table(shown, COLUMNS)
        console.say(f"{len(rows)} findings")
