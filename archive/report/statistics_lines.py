"""Statistics of the older forms in flattened text: from lines to rows of label, unit and values.

A label may be broken over lines, also inside a number (计 / 1条), so labels are looked for first, the longest known one
at every line; what is left between two labels are the unit and the values of the first. Blank cells may have left no
trace: a row with another number of values than the table has columns is not read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

from archive.reference.forms import Row
from archive.report.cells import parse_cell
from archive.report.grid import split_line
from archive.report.labels import key

UNIT_WORDS = frozenset(
    ["条", "件", "次", "篇", "个", "人", "人次", "万元", "元", "份", "项", "部", "场", "期"]
)
NO_UNIT = re.compile(r"[-—–－]{1,4}\Z")
_HEADING_UNIT = re.compile(r"[-—–－]{2,4}\Z")
_NUMBER_CELL = re.compile(r"[0-9]{1,3}\Z")
_LONGEST = 90
_PIECES = 8


class Labels(Protocol):
    """What is asked of the form's labels."""

    def exact(self, text: str) -> list[Row]:
        """The rows that this text names, without misspellings."""

    def candidates(self, text: str) -> list[Row]:
        """The rows that this text may name."""

    def names_column(self, text: str) -> bool:
        """Whether this is a header cell: of the indicator, the unit, the number."""


@dataclass(slots=True)
class FlatRow:
    """A row of text: its label, the form's rows that it may be, its unit and values; ``blocks`` are where it stands."""

    label: str
    rows: list[Row]
    unit: str | None = None
    values: list[str] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    cells: list[str] | None = None
    """The cells of a row that stands on one line."""

    @property
    def heading(self) -> bool:
        """Whether it is a heading of the form, which has no values."""
        return any(row.heading for row in self.rows)


@dataclass(slots=True)
class FlatTable:
    """The rows met, the labels of the value columns if a header names them, and how many there are."""

    rows: list[FlatRow] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    columns: int = 1


def is_label(text: str) -> bool:
    """Whether a cell's text is words, and neither a unit nor a value."""
    name = key(text)
    return (
        name not in UNIT_WORDS and not NO_UNIT.match(name) and parse_cell(text).kind in ("text", "unreadable")
    )


def read_flat(lines: Iterable[tuple[str, int]], form: Labels, columns: int) -> FlatTable:
    """The statistics among these lines, each with the number of its block; ``columns`` as the form has them."""
    table = FlatTable(columns=columns)
    tokens: list[tuple[str, int]] = []
    for line, block in lines:
        cells = split_line(line)
        if cells is not None and len(cells) > 1:
            _take(table, tokens, form)
            tokens = []
            known = next(
                (form.candidates(cell) for cell in cells if is_label(cell) and form.candidates(cell)), []
            )
            table.rows.append(FlatRow("", known, blocks=[block], cells=cells))
        else:
            tokens += [(text, block) for text in _texts(line)]
    _take(table, tokens, form)
    while table.rows and not table.rows[-1].rows:
        table.rows.pop()  # what follows the last row of the form is running text
    _drop_numbers(table.rows)
    _count_columns(table)
    return table


def _texts(line: str) -> list[str]:
    """The cells of a line that holds one, or label, unit and values parted by spaces. ``""`` is a blank cell."""
    text = line.replace("|", " ").strip()
    if not text:
        return [""] if line.strip() == "|" or line.startswith("\t") else []
    pieces = text.split()
    if len(pieces) < 2 or all(is_label(piece) for piece in pieces[1:]):
        return [text]
    at = len(pieces)
    while at > 1 and not is_label(pieces[at - 1]):
        at -= 1
    number = int(at > 1 and bool(_NUMBER_CELL.match(pieces[0])))  # the line's own, before its label
    return [*pieces[:number], "".join(pieces[number:at]), *pieces[at:]]


def _take(table: FlatTable, tokens: Sequence[tuple[str, int]], form: Labels) -> None:
    """Make rows of tokens."""
    i = 0
    row: FlatRow | None = None
    header = False
    while i < len(tokens):
        text, block = tokens[i]
        size, rows = _longest_label(tokens, i, form)
        if rows and row is not None:
            _give_back_numbering(row, text)
        if rows:
            label = "".join(piece for piece, _ in tokens[i : i + size])
            row = FlatRow(label, rows, blocks=[at for _, at in tokens[i : i + size]])
            table.rows.append(row)
            header = False
        elif form.names_column(text):
            header, row = not any(known.rows for known in table.rows), None
        elif header and is_label(text) and text:
            table.labels.append(text)
        elif len(text) > _LONGEST:
            row = None
        elif text and is_label(text):
            row = _unknown(table, row, text, block)
        elif row is not None:
            _add(row, text, block)
        i += size
    return


def _give_back_numbering(row: FlatRow, label: str) -> None:
    """Take the numeral from the row before that a line break has cut off from this label (2 / .传真申请数)."""
    if label.startswith((".", "．", "、", ",", "，", ")", "）")) and row.values:
        last = row.values[-1]
        if last.isdigit() and len(last) <= 2:
            row.values.pop()


def _longest_label(tokens: Sequence[tuple[str, int]], i: int, form: Labels) -> tuple[int, list[Row]]:
    """How many pieces from here make up the longest label of the form, and its rows; one piece may be misspelt."""
    first = tokens[i][0]
    if not first or len(first) > _LONGEST or not is_label(first):
        return 1, []
    for size in range(min(_PIECES, len(tokens) - i), 0, -1):
        pieces = [text for text, _ in tokens[i : i + size]]
        if all(pieces) and (rows := form.exact("".join(pieces))):
            return size, rows
    return 1, form.candidates(first)


def _unknown(table: FlatTable, row: FlatRow | None, text: str, block: int) -> FlatRow:
    """A label that the form does not know; a second piece of one goes on."""
    if row is not None and not row.rows and row.unit is None and not row.values:
        row.label += text
        row.blocks.append(block)
        return row
    new = FlatRow(text, [], blocks=[block])
    table.rows.append(new)
    return new


def _add(row: FlatRow, text: str, block: int) -> None:
    """A unit or a value of this row."""
    name = key(text)
    unit = name in UNIT_WORDS or (row.heading and NO_UNIT.match(name)) or _HEADING_UNIT.match(name)
    if unit and row.unit is None and not row.values:
        row.unit = name
    else:
        row.values.append(text)
    row.blocks.append(block)


def _drop_numbers(rows: Sequence[FlatRow]) -> None:
    """Take the indicators' printed numbers (01, 02 …), which stand before the next label, from the values."""
    pairs = [(row, after) for row, after in pairwise(rows) if after.rows]
    numbered = [(row, after) for row, after in pairs if _is_number_of(row, after)]
    if len(numbered) * 2 > len(pairs):
        for row, _ in numbered:
            row.values.pop()


def _is_number_of(row: FlatRow, after: FlatRow) -> bool:
    last = row.values[-1] if row.values else ""
    return bool(_NUMBER_CELL.match(last)) and any(r.number and int(r.number) == int(last) for r in after.rows)


def _count_columns(table: FlatTable) -> None:
    """How many value columns there are: as many as the fullest rows have (blanks leave no trace), and as the header
    names, unless no row agrees with the header, whose labels are broken then.
    """
    sizes = [len(row.values) for row in table.rows if row.rows and row.values and not row.heading]
    most = most_values(sizes, table.columns)
    if table.labels and (len(table.labels) == most or len(table.labels) in sizes):
        table.columns = len(table.labels)
    else:
        table.columns, table.labels = most, []


def most_values(sizes: Sequence[int], usual: int) -> int:
    """The greatest number of values that several rows have; ``usual`` if no two rows have any."""
    counts = Counter(sizes)
    return max(
        (size for size, often in counts.items() if often * 10 > len(sizes) and often > 1), default=usual
    )
