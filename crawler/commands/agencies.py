"""``gongkai agencies``: who reports."""

from __future__ import annotations

from pathlib import Path

import click

from archive.store import Archive
from crawler import console
from crawler.options import common_options, example, format_option

COLUMNS = {
    "key": "编号", "name": "机关", "kind": "类别", "county": "区县", "reports": "报告", "first_year": "最早",
    "last_year": "最近",
}  # fmt: skip


@example("gongkai agencies --county 500113 --kind department")
@click.command("agencies")
@click.option("--county", help="Only this county: its code or its name.")
@click.option("--kind", "kinds", multiple=True, help="Only bodies of this kind, such as township_government.")
@format_option("table", "csv", "json")
@common_options()
def command(county: str | None, kinds: tuple[str, ...], output_format: str, archive: Path) -> None:
    """Who reports: names, kinds, counties.

    With the number of their reports in the archive and the years these span.
    """
    where = console.Where()
    where.one_of("a.kind", kinds)
    where.county("a", county)
    with Archive.open(archive, read_only=True) as opened:
        rows = opened.conn.execute(
            "SELECT a.key, a.name, a.kind, a.county, count(r.id) AS reports, min(r.year) AS first_year, "
            f"max(r.year) AS last_year FROM agency a LEFT JOIN report r ON r.agency_id = a.id {where} "
            "GROUP BY a.id ORDER BY a.county_code, a.kind, a.name",
            where.values,
        ).fetchall()
    console.print_rows(rows, COLUMNS, output_format, right=["reports"])
