"""``gongkai coverage``: who published when, and who was not found."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler import console
from crawler.options import YEARS, common_options, example, format_option

if TYPE_CHECKING:
    from archive.store import Row

SYMBOLS = {
    "published": "✓", "late": "L", "missing": "✗", "not_checked": "?", "not_expected": "-", "not_yet_due": ".",
}  # fmt: skip
MEANINGS = {
    "published": "已见 · found", "late": "已见，晚于期限或当地通行时间 · found, later than due or than is customary",
    "missing": "到期后两次完整查看所列栏目，均未见 · not found in the columns looked at, in two complete checks after the due day",
    "not_checked": "未查或未查全 · not or not completely checked", "not_expected": "不应报 · not expected",
    "not_yet_due": "未到期 · not yet due",
}  # fmt: skip
NOT_CHECKED = "?"
KEY = (
    "已见/应报；+n 为名单外（部门、外地机关等）已见份数；? 尚有未查的，单独一个 ? 为全部未查 · found/expected; +n: found of bodies on no roster "
    "(departments, other places); ?: some are not checked, alone: none is"
)
COLUMNS = (
    "agency_key", "agency", "kind", "scope", "county_code", "county", "year", "status", "state", "timeliness",
    "days_late", "due_on", "due_basis", "published_on", "published_source", "report_id", "lists_checked",
    "complete_checks", "first_check", "last_check", "gone_on", "reason", "on_roster",
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

    A body a line and a year a column; without --county and --kind a county and a kind a line, with how many were found
    of how many expected. csv and json give a line for each body and year, with what was looked at. Not found does not mean not
    published.
    """
    from archive.store import Archive, clock, questions

    with Archive.open(archive, read_only=True) as opened:
        rows = questions.coverage(opened.conn, county=county, kinds=kinds, years=years)
    if output_format != "table":
        console.print_rows(rows, dict.fromkeys(COLUMNS, ""), output_format)
        return
    if county or kinds:
        print_bodies(rows)
    else:
        told = checked_years(rows)
        print_groups(rows, told, "county", "区县 county")
        console.say("")
        print_groups(rows, told, "kind", "类别 kind")
        console.say(KEY)
        if left_out := sorted({row["year"] for row in rows} - set(told)):
            console.say(f"未查的年度，不列 · not checked at all, left out: {', '.join(map(str, left_out))}")
    for status, count in Counter(row["status"] for row in rows).most_common():
        console.say(f"{SYMBOLS.get(status, status)} {MEANINGS.get(status, status)}: {count}")
    for line in grounds(rows, today=clock.now()[:10]):
        console.say(line)
    if not rows:
        console.say("不知道这里谁应当报告 · nothing is known of who ought to report here")


def grounds(rows: Sequence[Row], *, today: str) -> list[str]:
    """What the matrix rests on: the share that was decided, how many days are known, and where the roster is from."""
    from archive.reference.duties import duties

    known = [row for row in rows if row["state"] in ("found", "not_found", "not_checked")]
    if not known:
        return []
    due = [row for row in known if row["on_roster"]]
    decided = sum(row["state"] != "not_checked" for row in due)
    found = [row for row in known if row["state"] == "found"]
    dated = sum(row["timeliness"] != "unknown" for row in found)
    looks = sorted(row["last_check"] for row in due if row["last_check"])
    seen = f"{looks[0][:10]} – {looks[-1][:10]}" if looks else "尚无 · none yet"
    sources = dict.fromkeys(duty.source for duty in duties())
    share = (
        f"截至 {today}：应报 {len(due)} 份中 {decided} 份有结论（{100 * decided // len(due)} %），其余未查；最近的完整查看："
        f"{seen} · as of {today}: {decided} of {len(due)} due are found or not found, the others are not checked"
        if due
        else f"截至 {today}：所列机关均不在名单上，算不出比例 · as of {today}: none of these bodies is on a roster, no share can be given"
    )
    return [
        share,
        f"已见 {len(found)} 份中 {dated} 份的发布日期可信，其余不判断早晚 · of {len(found)} found, {dated} have a day of "
        "publication that can be trusted; the others are neither on time nor late",
        "名单来源 · roster: " + " | ".join(sources),
        "部门、垂直管理机关、管委会以及名单所未及的地方没有名单：已见的列出，不说谁“未见” · departments, vertical agencies, committees and "
        "places beyond the roster have none: what was found of them is listed, nothing of them is said to be absent",
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
        list(lines.values()),
        {"county": "区县 county", "agency": "机关 agency", **{str(y): str(y) for y in years}},
    )


def checked_years(rows: Sequence[Row]) -> list[int]:
    """The years of which anything at all was found, or looked for to the end."""
    return sorted({row["year"] for row in rows if row["state"] in ("found", "not_found", "not_yet_due")})


def print_groups(rows: Sequence[Row], years: Sequence[int], by: str, heading: str) -> None:
    """Print counties or kinds by years; see ``KEY`` for what stands in a cell."""
    groups: dict[str, dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        groups[row[by] or "—"][row["year"]].append(row)
    lines = [
        {by: _in_words(by, name), **{str(year): _share(found[year]) for year in years}}
        for name, found in groups.items()
    ]
    console.print_table(
        lines, {by: heading, **{str(y): str(y) for y in years}}, right=[str(y) for y in years]
    )


def _in_words(by: str, name: str) -> str:
    from archive.publish.words import words

    return words("kind", name).split(" · ")[0] if by == "kind" else name


def _share(rows: Sequence[Row]) -> str:
    """How many were found of those expected. Bodies on no roster are counted apart: only those found are known."""
    expected = [row for row in rows if row["on_roster"] and row["state"] != "not_expected"]
    found = sum(row["state"] == "found" for row in expected)
    beside = sum(row["state"] == "found" for row in rows if not row["on_roster"])
    unchecked = sum(row["state"] == "not_checked" for row in expected)
    if expected and unchecked == len(expected):
        text = NOT_CHECKED
    else:
        text = f"{found}/{len(expected)}{NOT_CHECKED if unchecked else ''}" if expected else ""
    return f"{text}+{beside}" if beside else text
