"""The sums inside the long statistical forms of 2008 to 2018 (S14-*, L08-*), as ``data/rules/statistics.json`` has them.

Each value column stands for itself: 本年 and 历年累计 are never added. A sum with a null operand is not tested.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from archive.reference.rules import Rule, groups
from archive.report.findings import finding
from archive.report.model import Number, Report
from archive.report.rules.tally import Tally, not_assessable

_ADDED_ROWS = "added rows"


def check(report: Report) -> list[Tally]:
    """All rules of the older forms on one report; not assessable on a report of another form."""
    columns: dict[str, dict[str, Number | None]] = defaultdict(dict)
    for statistic in report.statistics:
        columns[statistic.column][statistic.row] = statistic.value
    return [
        _check(rule, columns)
        if rule.parameters["form"] == report.form
        else not_assessable(rule.rule, "not on this form")
        for rule in groups()["statistics"]
    ]


def _check(rule: Rule, columns: Mapping[str, Mapping[str, Number | None]]) -> Tally:
    tally = Tally(rule.rule)
    total_row, parts = rule.parameters["total"], rule.parameters["parts"]
    at_most = rule.parameters.get("at_most", False)
    for column, values in columns.items():
        total = values.get(total_row)
        numbers = [number for part in parts if (number := values.get(part)) is not None]
        if total is None or len(numbers) < len(parts):
            tally.missing += 1
            continue
        amount = round(sum(numbers), 6)
        if abs(amount - total) < 1e-6 or (at_most and amount < total):
            tally.tested += 1
            continue
        explained = rule.parameters.get("larger_total") if total > amount else None
        if explained == _ADDED_ROWS and not any(row.startswith("x_") for row in values):
            explained = None
        total_path, part_paths = (
            f"statistics.{total_row}.{column}",
            [f"statistics.{part}.{column}" for part in parts],
        )
        sides = ((total, total_path), (amount, " + ".join(part_paths)))
        (left, left_where), (right, right_where) = reversed(sides) if at_most else sides
        tally.fail(
            finding(
                rule.rule,
                severity="warning" if explained else None,
                left=left,
                left_where=left_where,
                right=right,
                right_where=right_where,
                cells=[total_path, *part_paths],
                explained=explained,
            )
        )
    return tally
