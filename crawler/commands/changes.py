"""``gongkai changes``: what changed at the source after publication."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler import console
from crawler.options import YEARS, common_options, example, format_option

if TYPE_CHECKING:
    from archive.store import Row

ALL_COLUMNS = (
    "report_key", "county_code", "agency", "year", "scope", "class", "table_name", "row", "column", "section", "before",
    "after", "from_version", "to_version", "last_seen_before", "first_seen_after", "url",
)  # fmt: skip
COLUMNS = {
    "seen": "见于 seen",
    "agency": "机关 agency",
    "year": "年度 year",
    "class": "类别 class",
    "place": "何处 where",
    "before": "改前 before",
    "after": "改后 after",
}
WIDEST = 32


@example("gongkai changes --county 500113 --class number")
@click.command("changes")
@click.option("--county", help="Only this county: its code or its name.")
@click.option("--years", "--year", "years", type=YEARS, help="Only reports on these years.")
@click.option(
    "--class",
    "classes",
    multiple=True,
    type=click.Choice(["number", "wording", "date", "layout"]),
    help="Only changes of this class.",
)
@format_option("table", "csv", "json")
@common_options()
def command(
    county: str | None,
    years: frozenset[int] | None,
    classes: tuple[str, ...],
    output_format: str,
    archive: Path,
) -> None:
    """What changed at the source after publication.

    Only what differs between two captures of one page, latest first; corrections of our reader are not among them.
    """
    from archive.store import Archive, questions

    with Archive.open(archive, read_only=True) as opened:
        rows = questions.changes(opened.conn, county=county, years=years, classes=classes)
        if output_format != "table":
            console.print_rows(rows, dict.fromkeys(ALL_COLUMNS, ""), output_format)
            return
        shown = [_short(row) for row in rows]
        console.print_table(shown, COLUMNS)
        console.say(f"{len(rows)} changes")


def _short(row: Row) -> dict[str, object]:
    place = [row["section"], row["table_name"], row["row"], row["column"]]
    return {
        "seen": row["first_seen_after"][:10],
        "agency": row["agency"],
        "year": row["year"],
        "class": row["class"],
        "place": ".".join(part for part in place if part),
        "before": console.clip(str(row["before"] or ""), WIDEST),
        "after": console.clip(str(row["after"] or ""), WIDEST),
    }
