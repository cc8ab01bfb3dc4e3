"""From what is drawn on a PDF page to the grids of its tables: rules, how they meet, the cells they enclose.

Printed tables are rarely closed on all sides: a page break cuts cells open, many forms have no rule at their left and
right. So a grid is closed around everything its rules reach, which the usual way (cells are rectangles with four
drawn corners) does not do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

MAX_RULES = 8_000
"""Drawn things on one page; a page with more is a picture, not a form."""
MAX_EDGES = 120
"""Boundaries of rows or columns in one grid."""
SNAP = 3.0
"""Points within which two rules are one: double rules, and boxes set side by side."""
_THIN = 3.0
"""Points up to which a filled rectangle is a rule and not a shade."""
_TOUCH = 4.0
"""Points that two rules may miss each other by and still meet."""
_COVERED = 0.6
"""Share of a place's side that must be ruled to part it from the next place."""


@dataclass(slots=True)
class Rule:
    """A straight rule: at ``at`` (x of an upright, y of a level one), from ``start`` to ``end`` along the other axis."""

    at: float
    start: float
    end: float


@dataclass(slots=True)
class Box:
    """A cell: the rows and columns of the grid that it covers, ends exclusive."""

    row: int
    column: int
    row_end: int
    column_end: int


@dataclass(slots=True)
class RuledGrid:
    """A table as drawn: boundaries of rows and columns, and its cells. ``open_below`` are cells without a lower rule."""

    ys: list[float]
    xs: list[float]
    boxes: list[Box] = field(default_factory=list)
    open_below: list[Box] = field(default_factory=list)


def grids_of(page: Any, strokes: Sequence[dict[str, Any]] = ()) -> list[RuledGrid]:
    """The grids drawn on a page (a pdfplumber page); none where there is too much drawn to be a form.

    ``strokes`` are among the things drawn and no rules.
    """
    things = [*page.lines, *page.rects, *page.curves]
    if len(things) > MAX_RULES:
        return []
    level: list[Rule] = []
    upright: list[Rule] = []
    left_out = {id(stroke) for stroke in strokes}
    for thing in things:
        if id(thing) not in left_out and _is_visible(thing):
            _add_rules(thing, level, upright)
    level, upright = _merged(level), _merged(upright)
    return [grid for component in _components(level, upright) for grid in _grids(*component)]


def _is_visible(thing: dict[str, Any]) -> bool:
    if thing.get("stroke") and not _is_white(thing.get("stroking_color")):
        return True
    return bool(thing.get("fill")) and _is_thin(thing) and not _is_white(thing.get("non_stroking_color"))


def _is_thin(thing: dict[str, Any]) -> bool:
    return bool(min(thing["x1"] - thing["x0"], thing["bottom"] - thing["top"]) <= _THIN)


def _is_white(colour: object) -> bool:
    values = colour if isinstance(colour, list | tuple) else (colour,)
    if not values or not all(isinstance(v, int | float) for v in values):
        return False
    # One and three numbers are light (grey, RGB), four are ink (CMYK).
    return all(v == 0 for v in values) if len(values) == 4 else all(v >= 0.99 for v in values)


def _add_rules(thing: dict[str, Any], level: list[Rule], upright: list[Rule]) -> None:
    x0, x1, top, bottom = thing["x0"], thing["x1"], thing["top"], thing["bottom"]
    wide, high = x1 - x0 > _THIN, bottom - top > _THIN
    if wide and not high:
        level.append(Rule((top + bottom) / 2, x0, x1))
    elif high and not wide:
        upright.append(Rule((x0 + x1) / 2, top, bottom))
    elif wide and high and thing["object_type"] == "rect":
        level += [Rule(top, x0, x1), Rule(bottom, x0, x1)]
        upright += [Rule(x0, top, bottom), Rule(x1, top, bottom)]


def _merged(rules: list[Rule]) -> list[Rule]:
    """The rules with those on one line put together: a rule is often drawn in pieces, cell by cell."""
    found: list[Rule] = []
    for line in _lines(rules):
        at = sum(rule.at for rule in line) / len(line)
        line.sort(key=lambda rule: rule.start)
        for rule in line:
            if found and found[-1].at == at and rule.start <= found[-1].end + _TOUCH:
                found[-1].end = max(found[-1].end, rule.end)
            else:
                found.append(Rule(at, rule.start, rule.end))
    return found


def _lines(rules: list[Rule]) -> list[list[Rule]]:
    lines: list[list[Rule]] = []
    for rule in sorted(rules, key=lambda rule: rule.at):
        if lines and rule.at - lines[-1][0].at <= SNAP:
            lines[-1].append(rule)
        else:
            lines.append([rule])
    return lines


def _components(level: list[Rule], upright: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """The rules in groups of those that meet: one group is one table, or one frame."""
    groups = _Groups(len(level) + len(upright))
    for n, row in enumerate(level):
        for m, column in enumerate(upright):
            meets = row.start - _TOUCH <= column.at <= row.end + _TOUCH
            if meets and column.start - _TOUCH <= row.at <= column.end + _TOUCH:
                groups.unite(n, len(level) + m)
    found: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for n, rule in enumerate([*level, *upright]):
        pair = found.setdefault(groups.leader(n), ([], []))
        pair[n >= len(level)].append(rule)
    tables = [pair for pair in found.values() if pair[0] and pair[1]]
    for pair in found.values():
        if not pair[0]:
            _adopt(pair[1], tables)
    return tables


def _adopt(alone: list[Rule], tables: list[tuple[list[Rule], list[Rule]]]) -> None:
    """Gives an upright that meets no level rule to the table it runs beside.

    It is the outer side of a cell that spans all rows of the page, such as the group label of a long table.
    """
    for rule in alone:
        for _, upright in tables:
            top, bottom = min(r.start for r in upright), max(r.end for r in upright)
            shared = min(rule.end, bottom) - max(rule.start, top)
            if shared >= 0.8 * max(bottom - top, rule.end - rule.start):
                upright.append(rule)
                break


class _Groups:
    """Disjoint sets of the numbers below ``size``."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def leader(self, n: int) -> int:
        while self._parent[n] != n:
            self._parent[n] = self._parent[self._parent[n]]
            n = self._parent[n]
        return n

    def unite(self, a: int, b: int) -> None:
        self._parent[self.leader(a)] = self.leader(b)


def _grids(level: list[Rule], upright: list[Rule]) -> list[RuledGrid]:
    """The grids of rules that meet: two where one table is set right below another."""
    xs = _closed([r.at for r in upright], [x for r in level for x in (r.start, r.end)])
    ys = _closed([r.at for r in level], [y for r in upright for y in (r.start, r.end)])
    if not (2 <= len(xs) <= MAX_EDGES and 2 <= len(ys) <= MAX_EDGES):
        return []
    walls = [
        {c for c in range(1, len(xs) - 1) if _is_ruled(upright, xs[c], top, bottom)}
        for top, bottom in pairwise(ys)
    ]
    for k in range(1, len(walls)):
        above, below = set().union(*walls[:k]), set().union(*walls[k:])
        if _differ(above, below) and _is_ruled(level, ys[k], xs[0], xs[-1], share=0.95):
            return [
                *_grids(*_clipped(level, upright, ys[0], ys[k])),
                *_grids(*_clipped(level, upright, ys[k], ys[-1])),
            ]
    return [_grid(level, walls, xs, ys)]


def _differ(above: set[int], below: set[int]) -> bool:
    """Whether two sets of columns belong to two tables: each has its own, and few are shared."""
    fewer = min(len(above), len(below))
    return fewer >= 2 and 2 * len(above & below) < fewer


def _clipped(
    level: list[Rule], upright: list[Rule], top: float, bottom: float
) -> tuple[list[Rule], list[Rule]]:
    kept = [rule for rule in level if top - SNAP <= rule.at <= bottom + SNAP]
    cut = [Rule(rule.at, max(rule.start, top), min(rule.end, bottom)) for rule in upright]
    return kept, [rule for rule in cut if rule.end - rule.start > SNAP]


def _grid(level: list[Rule], walls: list[set[int]], xs: list[float], ys: list[float]) -> RuledGrid:
    """The cells between boundaries; ``walls`` are, row by row, the column boundaries that are ruled."""
    grid = RuledGrid(ys, xs)
    rows, columns = len(ys) - 1, len(xs) - 1
    groups = _Groups(rows * columns)
    for r in range(rows):
        for c in range(columns):
            if c + 1 < columns and c + 1 not in walls[r]:
                groups.unite(r * columns + c, r * columns + c + 1)
            if r + 1 < rows and not _is_ruled(level, ys[r + 1], xs[c], xs[c + 1]):
                groups.unite(r * columns + c, (r + 1) * columns + c)
    places: dict[int, list[tuple[int, int]]] = {}
    for n in range(rows * columns):
        places.setdefault(groups.leader(n), []).append(divmod(n, columns))
    for covered in places.values():
        grid.boxes += _rectangles(covered)
    grid.boxes.sort(key=lambda box: (box.row, box.column))
    grid.open_below = [
        box for box in grid.boxes
        if box.row_end == rows and not _is_ruled(level, ys[-1], xs[box.column], xs[box.column_end])
    ]  # fmt: skip
    return grid


def _closed(ruled: Iterable[float], reached: Sequence[float]) -> list[float]:
    """The boundaries that are ruled, and those that other rules reach beyond the first and the last of them."""
    found = sorted(set(ruled))
    edges = [found[0]]
    for value in found[1:]:
        if value - edges[-1] > SNAP:
            edges.append(value)
    low, high = min(reached), max(reached)
    if edges[0] - low > 2 * _TOUCH:
        edges.insert(0, low)
    if high - edges[-1] > 2 * _TOUCH:
        edges.append(high)
    return edges


def _is_ruled(rules: list[Rule], at: float, start: float, end: float, *, share: float = _COVERED) -> bool:
    """Whether rules on that line cover enough of the way from ``start`` to ``end``."""
    covered = sum(
        max(0.0, min(rule.end, end) - max(rule.start, start)) for rule in rules if abs(rule.at - at) <= SNAP
    )
    return covered >= share * (end - start)


def _rectangles(places: list[tuple[int, int]]) -> list[Box]:
    """The places as one box if they are a rectangle; else row by row, equal runs one above the other put together."""
    runs: list[Box] = []
    for r, c in sorted(places):
        last = runs[-1] if runs else None
        if last is not None and last.row == r and last.column_end == c:
            last.column_end = c + 1
        else:
            runs.append(Box(r, c, r + 1, c + 1))
    boxes: list[Box] = []
    for run in runs:
        above = next(
            (
                b
                for b in boxes
                if b.row_end == run.row and (b.column, b.column_end) == (run.column, run.column_end)
            ),
            None,
        )
        if above is not None:
            above.row_end = run.row_end
        else:
            boxes.append(run)
    return boxes
