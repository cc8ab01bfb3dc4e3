"""What marks come to: how many of the values that the archive now holds are those of the page, with an interval.

A mark tells what the page prints, not only what a reader once made of it: marks stay of use when the reader changes. So
the archive's present value is held against the mark's truth, as long as it is read from the same bytes.
"""

from __future__ import annotations

import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation

from archive.publish.accuracy.marks import RIGHT, UNMARKED, UNSURE, WRONG, Mark
from archive.publish.accuracy.sample import FACTS, Place, cells, report_of

Z = 1.959963984540054
"""The normal quantile of a two-sided interval of 95 %."""

FIGURES, NOT_ZERO, FACT, REPORTS = "figures", "figures_not_zero", "facts", "reports"
WHAT = (FIGURES, NOT_ZERO, FACT, REPORTS)
ALL = "all"
OTHER_PAGE = "other_page"

Group = tuple[str, str]
"""Form and year; ``ALL`` for all of them."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the archive agrees with the pages: ``n = right + wrong``; the shares are null where nothing was decided.

    ``what``: every figure; those that the page prints as a number other than 0; facts about the report; or whole
    reports, right if every figure of theirs is. ``unsure`` and ``unmarked`` values are not in ``n``, nor those of a page
    that has changed since or is no longer in the archive (``other_page``).
    """

    form: str
    year: str
    what: str
    n: int
    right: int
    wrong: int
    agreement: float | None
    low: float | None
    high: float | None
    unsure: int
    unmarked: int
    other_page: int


COLUMNS = tuple(field.name for field in fields(Agreement))


def wilson(right: int, n: int) -> tuple[float, float] | None:
    """The 95 % interval of a share after Wilson (1927), good for small n and shares near 1; ``None`` for n = 0."""
    if n == 0:
        return None
    share, square = right / n, Z * Z
    centre = share + square / (2 * n)
    spread = Z * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    low, high = ((centre + sign * spread) / (1 + square / n) for sign in (-1, 1))
    return (0.0 if right == 0 else max(0.0, low)), (1.0 if right == n else min(1.0, high))


def agreement(conn: sqlite3.Connection, marks: Iterable[Mark]) -> list[Agreement]:
    """The agreement of an archive with marks, for every form and year, then for all; lines without a value left out."""
    counts: defaultdict[tuple[Group, str], Counter[str]] = defaultdict(Counter)
    of_report: defaultdict[tuple[str, str], list[Mark]] = defaultdict(list)
    for mark in marks:
        of_report[mark.report_key, mark.sha256].append(mark)
    for (key, sha256), told in of_report.items():
        now = _now(conn, key, sha256)
        figures: list[str] = []
        for mark in told:
            verdict = judge(mark, now)
            groups: Sequence[Group] = ((mark.form, str(mark.year)), (ALL, ALL))
            kinds = [FACT] if mark.table_name == FACTS else [FIGURES]
            if mark.table_name != FACTS:
                figures.append(verdict)
                if _is_not_zero(mark, now):
                    kinds.append(NOT_ZERO)
            for group in groups:
                for kind in kinds:
                    counts[group, kind][verdict] += 1
        if figures:
            for group in ((told[0].form, str(told[0].year)), (ALL, ALL)):
                counts[group, REPORTS][_whole(figures)] += 1
    order = sorted(counts, key=lambda key: (key[0] == (ALL, ALL), key[0], WHAT.index(key[1])))
    return [_line(group, what, counts[group, what]) for group, what in order]


def judge(mark: Mark, now: dict[Place, str] | None) -> str:
    """``right`` or ``wrong``: whether the archive's present value is the page's; else why that cannot be said."""
    if now is None:
        return OTHER_PAGE
    if mark.mark in (UNMARKED, UNSURE):
        return mark.mark or "unmarked"
    value = now.get(mark.place, "")
    if mark.mark == RIGHT:
        return RIGHT if _same(value, mark.value) else WRONG
    if mark.correct is not None:
        return RIGHT if _same(value, mark.correct) else WRONG
    return (
        WRONG if _same(value, mark.value) else UNSURE
    )  # read anew since, and nobody wrote down what is right


def _now(conn: sqlite3.Connection, key: str, sha256: str) -> dict[Place, str] | None:
    report = report_of(conn, key)
    if report is None or report["sha256"] != sha256:
        return None
    return {read.place: read.value for read in cells(conn, report)}


def _whole(verdicts: Sequence[str]) -> str:
    """A report is wrong if one figure is; right only if every one was decided."""
    if WRONG in verdicts:
        return WRONG
    return next((verdict for verdict in (OTHER_PAGE, "unmarked", UNSURE) if verdict in verdicts), RIGHT)


def _is_not_zero(mark: Mark, now: dict[Place, str] | None) -> bool:
    """Whether the page prints a number that is not 0 there, or the archive holds one."""
    truth = mark.correct if mark.mark == WRONG else mark.value
    return any(text and not _same(text, "0") for text in (truth, (now or {}).get(mark.place, "")))


def _same(one: str, other: str) -> bool:
    """Equal as numbers, if both are; else as texts."""
    try:
        return Decimal(one.replace(",", "")) == Decimal(other.replace(",", ""))
    except InvalidOperation:
        return one == other


def _line(group: Group, what: str, count: Counter[str]) -> Agreement:
    right, wrong = count[RIGHT], count[WRONG]
    n = right + wrong
    low, high = wilson(right, n) or (None, None)
    return Agreement(
        *group, what, n, right, wrong, right / n if n else None, low, high, count[UNSURE], count["unmarked"],
        count[OTHER_PAGE],
    )  # fmt: skip
