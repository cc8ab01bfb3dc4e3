"""Tables without rules in a PDF: the lines of a wrapped label brought together with the figures of their row.

A label of two lines stands above and below its figures, one of three around them, and the label of a group stands
beside the rows. Read line by line they are torn apart. Here every row becomes one line, label first; what the
figures mean is left to the reader of flattened tables.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from archive.report.formats.pdf_lines import Line, Piece, is_enumerated

_VALUE = re.compile(r"[+＋－-]?\d[\d,，.]*(?:件|条|项|个|万元|元)?|[-—–－/]{1,2}|无")
_FEWEST_VALUES = 3
"""Figures on a line from which it is surely the row of a table."""
_FEWEST_ROWS = 3
_LINE_GAP = 0.9
"""Room between two lines of one label, in units of the print's size."""


@dataclass(slots=True)
class _Label:
    """A label, or a part of one: its text, and where it stands."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        """Half-way between its first and its last line: where its figures stand."""
        return (self.top + self.bottom) / 2

    def add(self, part: _Label) -> None:
        """Takes the label's next line."""
        self.text += part.text
        self.bottom = part.bottom


def rows_together(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page from top to bottom, the wrapped labels of its unruled tables joined to their rows."""
    lines = _heads_together(lines)
    found: list[Line] = []
    place = 0
    while place < len(lines):
        end = _end_of_run(lines, place)
        run = list(lines[place:end])
        if sum(len(_values(line)) >= _FEWEST_VALUES for line in run) < _FEWEST_ROWS:
            found.append(lines[place])
            place += 1
            continue
        # The first row's label may begin on lines above its figures.
        left = min(_values(line)[0].x0 for line in run if _values(line))
        while found and found[-1].x1 < left and _is_near(found[-1], run[0]) and _may_begin(run[0], left):
            run.insert(0, found.pop())
        found += _together(run)
        place = end
    return found


def _heads_together(lines: Sequence[Line]) -> list[Line]:
    """The lines, the label over a group of columns brought to the line of the columns at its sides.

    Those reach over both lines of the head and are set in the middle of them, so that they stand below the group's
    label and above the labels of its columns.
    """
    found = list(lines)
    for place in range(len(lines) - 3, -1, -1):
        group, sides, members = found[place : place + 3]
        between = _is_between(sides, group.pieces[-1:]) and _is_between(sides, members.pieces)
        if between and len(members.pieces) > 1 and _is_near(group, sides) and _is_near(sides, members):
            pieces = sorted([*group.pieces, *sides.pieces], key=lambda piece: piece.x0)
            text = "\t".join(piece.text for piece in pieces)
            found[place : place + 2] = [
                Line(text, pieces[0].x0, pieces[-1].x1, group.top, sides.bottom, group.size, pieces)
            ]
    return found


def _is_between(sides: Line, pieces: Sequence[Piece]) -> bool:
    """Whether all of these stand in the room between the last two pieces of the line."""
    if len(sides.pieces) < 2 or not pieces:
        return False
    left, right = sides.pieces[-2:]
    return left.x1 < pieces[0].x0 and pieces[-1].x1 < right.x0


def _values(line: Line) -> list[Piece]:
    """The figures at the end of a line."""
    values: list[Piece] = []
    for piece in reversed(line.pieces):
        if _VALUE.fullmatch(piece.text.replace(" ", "")) is None:
            break
        values.insert(0, piece)
    return values


def _end_of_run(lines: Sequence[Line], start: int) -> int:
    """Where the table ends whose first row of figures is the line at ``start``."""
    first = _values(lines[start])
    if len(first) < _FEWEST_VALUES:
        return start
    left, end = first[0].x0 - first[0].x1 + first[0].x0, start + 1
    for place in range(start + 1, len(lines)):
        line, values = lines[place], _values(lines[place])
        if line.top - lines[place - 1].bottom > 4 * line.size:
            break
        if len(values) > len(first) or (values and values[0].x0 < left - 2 * line.size):
            break
        if not values and line.x1 > first[0].x1:
            break
        if values or (not is_enumerated(line.text) and _is_near(lines[place - 1], line)):
            end = place + 1
    return end


def _is_near(above: Line, below: Line) -> bool:
    return below.top - above.bottom < _LINE_GAP * max(above.size, below.size)


def _may_begin(line: Line, left: float) -> bool:
    """Whether the label on this line has its beginning above: there is none yet, or one without a number."""
    label = [piece for piece in line.pieces if piece.x1 < left]
    return not label or not is_enumerated(label[-1].text)


def _together(run: list[Line]) -> list[Line]:
    rows = [line for line in run if _values(line)]
    groups, labels = _parted(run)
    numbered = 2 * sum(is_enumerated(label.text) for label in labels) >= len(rows)
    labels = _joined(labels, rows, numbered=numbered)
    beside: dict[int, _Label] = {}
    alone: list[_Label] = []
    for label in sorted(labels, key=lambda label: abs(_nearest(rows, label).middle - label.middle)):
        key = id(_nearest(rows, label))
        if key in beside:
            alone.append(label)  # its row has no figures
        else:
            beside[key] = label
    found = [_line(run[0], label.middle, label.text) for label in [*_stacked(groups), *alone]]
    for row in rows:
        own = [beside[id(row)].text] if id(row) in beside else []
        texts = own + [piece.text for piece in _values(row)]
        found.append(_line(run[0], row.middle, "\t".join(texts)))
    return sorted(found, key=lambda line: line.top)


def _parted(run: list[Line]) -> tuple[list[_Label], list[_Label]]:
    """The pieces of the labels of groups, and of the labels of rows.

    Where a line has two labels the first is a group's; what stands alone in the same column is so too.
    """
    parts = [
        (
            n,
            len(line.pieces) - len(_values(line)),
            _Label(piece.text, piece.x0, piece.x1, line.top, line.bottom),
        )
        for line in run
        for n, piece in enumerate(line.pieces[: len(line.pieces) - len(_values(line))])
    ]
    columns = [(label.x0, label.x1) for n, count, label in parts if n + 1 < count]
    groups: list[_Label] = []
    labels: list[_Label] = []
    for n, count, label in parts:
        inside = any(x0 - 2 <= label.x0 and label.x1 <= x1 + 2 for x0, x1 in columns)
        (groups if n + 1 < count or (count == 1 and inside) else labels).append(label)
    return groups, labels


def _joined(parts: list[_Label], rows: list[Line], *, numbered: bool) -> list[_Label]:
    """The labels of rows from their lines. A number begins a label; without numbers, the row nearest by does."""
    labels: list[_Label] = []
    row: Line | None = None
    for part in parts:
        nearest = _nearest(rows, part)
        goes_on = not is_enumerated(part.text) if numbered else nearest is row
        if labels and goes_on:
            labels[-1].add(part)
        else:
            labels.append(part)
        row = nearest
    return labels


def _stacked(parts: list[_Label]) -> list[_Label]:
    """The labels of groups from their lines: what stands close below in the same column goes on."""
    groups: list[_Label] = []
    for part in parts:
        above = next((g for g in reversed(groups) if g.x0 < part.x1 and part.x0 < g.x1), None)
        near = above is not None and part.top - above.bottom < part.bottom - part.top
        if above is not None and near and not is_enumerated(part.text):
            above.add(part)
        else:
            groups.append(part)
    return groups


def _nearest(rows: list[Line], label: _Label) -> Line:
    return min(rows, key=lambda row: abs(row.middle - label.middle))


def _line(like: Line, middle: float, text: str) -> Line:
    half = like.size / 2
    return Line(text, like.x0, like.x1, middle - half, middle + half, like.size)
