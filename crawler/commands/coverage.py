"""``gongkai coverage``: who published when, and who was not found."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import click

from archive.reference.duties import duties
from archive.store import Archive, Row, clock
from crawler import console
from crawler.options import YEARS, common_options, example, format_option

SYMBOLS = {
    "published": "✓", "late": "L", "missing": "✗", "not_checked": "?", "not_expected": "-", "not_yet_due": ".",
}  # fmt: skip
MEANINGS = {
    "published": "found", "late": "found, later than due",
    "missing": "not found in the columns looked at, in two complete checks after the due day",
    "not_checked": "not or not completely checked", "not_expected": "not expected", "not_yet_due": "not yet due",
}  # fmt: skip
COLUMNS = (
    "agency_key", "agency", "kind", "scope", "county_code", "county", "year", "status", "state", "timeliness",
    "days_late", "due_on", "due_basis", "published_on", "published_source", "report_id", "lists_checked",
    "complete_checks", "first_check", "last_check", "gone_on", "reason",
)  # fmt: skip
WIDEST_NAME = 44


@example("gongkai coverage --county 500113 --years 2021-2025")
@click.command("coverage")
@click.option("--county", help="Only this county: its code or its name.")
@click.option("--kind", "kinds", multiple=True, help="Only bodies of this kind, such as township_government.")
@click.option("--years", "--year", "years", type=YEARS, help="Only these years reported on.")
@format_option("table", "csv", "json")
@common_options()
def command(
    county: str | None,
    kinds: tuple[str, ...],
    years: frozenset[int] | None,
    output_format: str,
    archive: Path,
) -> None:
    """Who published when, and who was not found.

    A body a line and a year a column; without --county and --kind a county a line, with how many were found of how
    many expected. csv and json give a line for each body and year, with what was looked at. Not found does not mean not
    published.
    """
    where = console.Where()
    where.one_of("c.kind", kinds)
    where.one_of("c.year", years)
    where.county("c", county)
    with Archive.open(archive, read_only=True) as opened:
        where.refuse_unknown(opened.conn, county=county)
        rows = opened.conn.execute(
            f"SELECT c.* FROM coverage c {where} ORDER BY c.county_code, c.kind, c.agency, c.scope, c.year",
            where.values,
        ).fetchall()
    if output_format != "table":
        console.print_rows(rows, dict.fromkeys(COLUMNS, ""), output_format)
        return
    if county or kinds:
        print_bodies(rows)
    else:
        print_counties(rows)
    for status, count in Counter(row["status"] for row in rows).most_common():
        console.say(f"{SYMBOLS.get(status, status)} {MEANINGS.get(status, status)}: {count}")
    for line in grounds(rows, today=clock.now()[:10]):
        console.say(line)
    if not rows:
        console.say("nothing is known of who ought to report here")


def grounds(rows: Sequence[Row], *, today: str) -> list[str]:
    """What the matrix rests on: the share that was decided, how many days are known, and where the roster is from."""
    due = [row for row in rows if row["state"] in ("found", "not_found", "not_checked")]
    if not due:
        return []
    decided = sum(row["state"] != "not_checked" for row in due)
    found = [row for row in due if row["state"] == "found"]
    dated = sum(row["timeliness"] != "unknown" for row in found)
    looks = sorted(row["last_check"] for row in due if row["last_check"])
    seen = f"{looks[0][:10]} to {looks[-1][:10]}" if looks else "none yet"
    sources = dict.fromkeys(duty.source for duty in duties())
    return [
        f"as of {today}: {decided} of {len(due)} due are found or not found ({100 * decided // len(due)} %), "
        f"the others are not checked; last complete checks: {seen}",
        f"of {len(found)} found, {dated} have a day of publication that can be trusted; the others are neither on time nor late",
        "roster: " + " | ".join(sources),
        "departments, vertical agencies and committees have no public roster: what was found of them is listed, "
        "nothing of them is said to be absent",
    ]


def print_bodies(rows: Sequence[Row]) -> None:
    """Print bodies by years, one symbol for each."""
    years = sorted({row["year"] for row in rows})
    lines: dict[tuple[object, ...], dict[str, object]] = {}
    for row in rows:
        name = row["agency"] + ("（汇总）" if row["scope"] == "jurisdiction_aggregate" else "")
        blank = {
            "county": row["county"],
            "agency": console.clip(name, WIDEST_NAME),
            **dict.fromkeys(map(str, years)),
        }
        line = lines.setdefault((row["agency_key"], row["scope"]), blank)
        line[str(row["year"])] = SYMBOLS.get(row["status"], row["status"])
    console.print_table(
        list(lines.values()), {"county": "区县", "agency": "机关", **{str(y): str(y) for y in years}}
    )


def print_counties(rows: Sequence[Row]) -> None:
    """Print counties by years: bodies whose report was found of those expected, nothing where nobody was expected."""
    years = sorted({row["year"] for row in rows})
    expected: dict[str, Counter[int]] = defaultdict(Counter)
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for row in rows:
        county = row["county"] or "—"
        expected[county][row["year"]] += row["state"] != "not_expected"
        found[county][row["year"]] += row["state"] == "found"
    lines = [
        {"county": county, **{str(y): f"{found[county][y]}/{n[y]}" if n[y] else "" for y in years}}
        for county, n in expected.items()
    ]
    headings = {"county": "区县", **{str(y): str(y) for y in years}}
    console.print_table(lines, headings, right=[str(y) for y in years])
