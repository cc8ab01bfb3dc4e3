"""Which findings a page must raise: every sum that its printed figures break, every figure its text tells otherwise.

Computed from what is printed, with sums of its own; a sum with a cell that prints no number can raise nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.generator import forms, forms_older
from tests.generator.claims import Told
from tests.generator.figures import PARTS
from tests.generator.grids import Truth

Expected = tuple[str, frozenset[str]]
"""A rule and the cells it speaks of; for what the text tells, the cells with the number told among them."""

JUDGED = ("T3-", "T4-", "T2-MADE", "T2-19", "NUM-KIND", "S14-", "L08-", "N-", "SUBTOTAL")
"""Rules of which a finding is right exactly if it is expected."""


def in_tables(truth: Truth, *, one_row: bool) -> set[Expected]:
    """The sums of the statutory tables that do not hold."""
    found: set[Expected] = set()

    def equation(rule: str, left: Sequence[str], right: Sequence[str]) -> None:
        sides = [[_number(truth, path) for path in side] for side in (left, right)]
        if None in sides[0] or None in sides[1]:
            return
        if abs(_sum(sides[0]) - _sum(sides[1])) > 1e-6:
            found.add((rule, frozenset((*left, *right))))

    columns = [*PARTS, "total"]
    rows = [code for code, _, _ in forms.results(one_row=one_row)]
    t3 = "applications.{}.{}".format
    for column in columns:
        equation(
            "T3-BALANCE",
            [t3("new_received", column), t3("carried_in", column)],
            [t3("processed_total", column), t3("carried_out", column)],
        )
        equation("T3-RESULT-SUM", [t3("processed_total", column)], [t3(row, column) for row in rows])
    for row in truth.get("applications", {}):
        equation("T3-ROW-TOTAL", [t3(row, "total")], [t3(row, part) for part in PARTS])
    for case in forms.CASES:
        path = f"review_litigation.{case}."
        equation("T4-TOTAL", [path + "total"], [path + code for code, _ in forms.OUTCOMES[:-1]])
    for row, cells in truth.get("active_disclosure", {}).items():
        for rule, low, high in (
            ("T2-MADE-LE-VALID", "made", "valid"),
            ("T2-19-DISCLOSED", "newly_disclosed", "disclosed_total"),
        ):
            if low in cells:
                paths = [f"active_disclosure.{row}.{column}" for column in (low, high)]
                lower, upper = (_number(truth, path) for path in paths)
                if lower is not None and upper is not None and lower > upper:
                    found.add((rule, frozenset(paths)))
    return found


def in_statistics(truth: Truth, form: str) -> set[Expected]:
    """The sums of an older form that do not hold."""
    found: set[Expected] = set()
    columns = {column for row in truth["statistics"].values() for column in row}
    for rule, total, parts, at_most in forms_older.SUMS[form]:
        for column in columns:
            paths = [f"statistics.{row}.{column}" for row in (total, *parts)]
            numbers = [_number(truth, path) for path in paths]
            if None in numbers:
                continue
            amount = _sum(numbers[1:])
            whole = numbers[0]
            if whole is not None and (amount > whole if at_most else amount != whole):
                found.add((rule, frozenset(paths)))
    return found


def in_text(truth: Truth, told: Iterable[Told]) -> set[Expected]:
    """The figures of the text that the printed cells do not bear out."""
    found: set[Expected] = set()
    for figure in told:
        numbers = [_number(truth, path) for path in figure.cells]
        if None not in numbers and _sum(numbers) != figure.number:
            found.add((figure.rule, frozenset((*figure.cells, str(figure.number)))))
    return found


def _number(truth: Truth, path: str) -> int | float | None:
    table, row, column = path.split(".")
    printed = truth.get(table, {}).get(row, {}).get(column)
    return printed.value if printed else None


def _sum(numbers: Iterable[int | float | None]) -> int | float:
    return sum(number for number in numbers if number is not None)
