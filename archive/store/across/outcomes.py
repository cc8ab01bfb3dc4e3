"""What the rules found, as outcomes for every target and findings for those that failed."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from archive.reference.labels import column_label, row_label
from archive.reference.rules import groups, rule
from archive.report.findings import finding
from archive.report.model import Finding, Number
from archive.store import findings
from archive.store.across.same import TABLES
from archive.store.across.scope import NO_NUMBER

RULES = tuple(entry.rule for entry in groups()["across"])
"""The rules across reports, in the order of their data."""

Told = dict[str, Finding]
"""Findings of one report by their place."""


def write_results(conn: sqlite3.Connection) -> None:
    """One row in ``check_result`` for every rule and target. A failure outweighs all; nothing tested says why."""
    for name in RULES:
        conn.execute(
            """
            INSERT OR REPLACE INTO check_result (report_id, rule, outcome, tested, failed, reason)
            SELECT
                t.report_id, :rule,
                CASE
                    WHEN c.failed > 0 THEN 'fail' WHEN coalesce(c.tested, 0) = 0 THEN 'not_assessable'
                    WHEN c.blank > 0 THEN 'pass_blank_as_zero' ELSE 'pass'
                END,
                coalesce(c.tested, 0), coalesce(c.failed, 0),
                CASE
                    WHEN coalesce(c.tested, 0) = 0 THEN coalesce(h.reason, c.reason, :missing)
                    WHEN c.tested < c.places THEN printf('%d not tested: %s', c.places - c.tested, coalesce(c.reason, :missing))
                END
            FROM temp.target t
            LEFT JOIN (
                SELECT report_id, count(*) AS places, count(outcome) AS tested, sum(outcome = 'fail') AS failed,
                    sum(outcome = 'pass_blank_as_zero') AS blank, max(iif(outcome IS NULL, reason, NULL)) AS reason
                FROM temp.compared WHERE rule = :rule GROUP BY report_id
            ) c ON c.report_id = t.report_id
            LEFT JOIN temp.hindered h ON h.rule = :rule AND h.report_id = t.report_id
            """,
            {"rule": name, "missing": NO_NUMBER},
        )


def write_findings(conn: sqlite3.Connection, *, now: str) -> int:
    """Bring the findings of all targets to what was found; back comes how many stand."""
    told: dict[int, list[Finding]] = defaultdict(list)
    for report_id, found in _found(conn):
        told[report_id].append(found)
    known = conn.execute(
        "SELECT DISTINCT f.report_id FROM finding f JOIN temp.target t ON t.report_id = f.report_id"
        " WHERE f.origin = 'comparison' AND f.resolved_at IS NULL"
    )
    for report_id in sorted({row[0] for row in known} | set(told)):
        pair = conn.execute(
            "SELECT report_key, before_id FROM temp.pair WHERE report_id = ?", [report_id]
        ).fetchone()
        others = {
            name: pair["before_id"] for name in RULES if name.startswith("X-") and name != "X-FEE-MEDIAN"
        }
        findings.sync(
            conn, report_id, pair["report_key"], told.get(report_id, ()), origin="comparison", now=now, others=others
        )  # fmt: skip
    return sum(map(len, told.values()))


def _found(conn: sqlite3.Connection) -> Iterator[tuple[int, Finding]]:
    """Every failure as a finding. Where the totals carried differ, the columns are told with them."""
    rows = conn.execute(
        "SELECT c.*, p.report_key, p.before_key, p.year, p.as_of FROM temp.compared c"
        " JOIN temp.pair p ON p.report_id = c.report_id WHERE c.outcome = 'fail' ORDER BY c.report_id, c.rule, c.place"
    ).fetchall()
    carried: dict[int, dict[str, sqlite3.Row]] = defaultdict(dict)
    for row in rows:
        if row["rule"] == "X-CARRY":
            carried[row["report_id"]][row["place"]] = row
        else:
            yield row["report_id"], _WORDED[row["rule"]](row)
    agreed = {
        row[0]
        for row in conn.execute(
            "SELECT report_id FROM temp.compared WHERE rule = 'X-CARRY' AND place = 'total' AND outcome LIKE 'pass%'"
        )
    }
    for report_id, places in carried.items():
        if "total" in places:
            columns = [place for place in places if place != "total"]
            yield report_id, _carry(places["total"], columns=columns)
        else:
            for row in places.values():
                yield report_id, _carry(row, explained="columns only" if report_id in agreed else None)


def _carry(row: sqlite3.Row, *, columns: list[str] | None = None, explained: str | None = None) -> Finding:
    place = row["place"]
    zh, en = column_label(place)
    differ_zh = "、".join(column_label(c)[0] for c in columns or ())
    differ_en = ", ".join(column_label(c)[1] for c in columns or ())
    left, right = f"applications.carried_in.{place}", f"applications.carried_out.{place}"
    return finding(
        "X-CARRY",
        severity=None if place == "total" else "info",
        **_sides(row, left, right),
        cells=[left],
        explained=explained,
        where_zh=zh,
        where_en=en,
        columns_zh=f"各列中不一致的：{differ_zh}。" if columns else "",
        columns_en=f"Columns that differ: {differ_en}." if columns else "",
    )


def _valid(row: sqlite3.Row) -> Finding:
    limits = rule("X-VALID").parameters
    valid, made, repealed = json.loads(row["more"])
    gap = abs(row["left_value"] - row["right_value"])
    large = gap > max(limits["warning_above"], limits["warning_above_share"] * row["left_value"])
    zh, en = row_label(row["place"])
    left = f"active_disclosure.{row['place']}.valid"
    return finding(
        "X-VALID",
        severity="warning" if large else "info",
        **_sides(row, left, left, " + made - repealed"),
        cells=[left],
        explained="fewer in force" if row["left_value"] < row["right_value"] else None,
        where_zh=zh,
        where_en=en,
        valid=valid,
        made=made,
        repealed=repealed,
    )


def _items(row: sqlite3.Row) -> Finding:
    zh, en = row_label(row["place"])
    left = f"active_disclosure.{row['place']}.prior_year_items"
    return finding(
        "X-ITEMS-19", **_sides(row, left, left, " + change"), cells=[left], where_zh=zh, where_en=en
    )


def _same(row: sqlite3.Row) -> Finding:
    limits = rule("X-SAME").parameters
    tables = row["place"] == TABLES
    few = tables and row["left_value"] < limits["least_figures"]
    what = limits["what"][row["place"]]
    percent = 100 if tables else int(100 * row["left_value"])
    sides = _sides(row, row["place"], row["place"])
    return finding(
        "X-SAME",
        severity="info" if few else None,
        **{**sides, "left": None, "right": None},
        explained="few figures" if few else None,
        what_zh=what["zh"].format(percent=percent),
        what_en=what["en"].format(percent=percent),
    )


def _fees(row: sqlite3.Row) -> Finding:
    cell = "active_disclosure.administrative_fees.amount_wan_yuan"
    sides = _sides(row, cell, cell)
    return finding(
        "X-FEE-MEDIAN",
        **{**sides, "right_where": "median of the years"},
        cells=[cell],
        years=int(row["more"]),
    )


def _sum(row: sqlite3.Row) -> Finding:
    bodies, whole = json.loads(row["more"])
    _, body, column = row["place"].split(".")
    (row_zh, row_en), (column_zh, column_en) = row_label(body), column_label(column)
    limits = rule("A-SUM").parameters
    gap = abs(row["left_value"] - row["right_value"])
    large = whole and gap > limits["warning_above_share"] * row["left_value"]
    sides = _sides(row, row["place"], row["place"])
    return finding(
        "A-SUM",
        severity="warning" if large else "info",
        **{**sides, "right_where": f"sum of {row['place']}"},
        cells=[row["place"]],
        explained=None if whole else "not every body",
        where_zh=f"{row_zh}·{column_zh}",
        where_en=f"{row_en}, {column_en}",
        bodies=bodies,
    )


_WORDED = {"X-VALID": _valid, "X-ITEMS-19": _items, "X-SAME": _same, "X-FEE-MEDIAN": _fees, "A-SUM": _sum}


def _sides(row: sqlite3.Row, left: str, right: str, formula: str = "") -> dict[str, Any]:
    """Both sides of a comparison with where they stand: the reports by their public keys, and when they were seen."""
    numbers = row["left_value"], row["right_value"]
    gap = None if None in numbers else _plain(abs(numbers[0] - numbers[1]))
    return {
        "left": row["left_value"], "left_where": f"{row['report_key']} {left}", "right": row["right_value"],
        "right_where": f"{row['before_key']} {right}{formula}", "year": row["year"], "before": row["year"] - 1,
        "as_of": row["as_of"], "gap": gap,
    }  # fmt: skip


def _plain(value: Number) -> Number:
    """Without the binary noise that a difference of amounts may have."""
    return value if isinstance(value, int) else round(value, 6)
