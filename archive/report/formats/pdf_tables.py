"""From the ruled lines of PDF pages to tables with spans, also where a table goes on over a page break."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from archive.report.document import Table, TableCell
from archive.report.formats.pdf_lines import Char, Line, is_enumerated, lines_of
from archive.report.formats.pdf_rules import RuledGrid, grids_of
from archive.report.formats.spans import GridBuilder

_SAME = 4.0
"""Points by which two edges may differ and be the same edge."""
_CELL_MARGIN = 4.0
"""Points that a cell keeps free at its left and right, at least."""
_EXTENT = 8.0
"""Points by which the outer edges of one table's parts differ from page to page."""


@dataclass(slots=True)
class DrawnCell:
    """A cell as drawn on one page.

    ``is_cut``: no rule closes it at the foot of the page. ``is_full``: its last line leaves no room for one more
    character, so that its text may go on.
    """

    text: str
    row: int
    column: int
    rowspan: int
    colspan: int
    is_cut: bool = False
    is_full: bool = False


@dataclass(slots=True)
class Fragment:
    """The part of a table on one page: cells by row and column boundaries, counted within the fragment."""

    top: float
    bottom: float
    x0: float
    x1: float
    cells: list[DrawnCell] = field(default_factory=list)
    edges: list[float] = field(default_factory=list)
    """The x of every column boundary, ``x0`` and ``x1`` among them."""
    rows: int = 0

    @property
    def columns(self) -> int:
        """How many columns the fragment has."""
        return len(self.edges) - 1


def fragments_of(
    page: Any, chars: Sequence[Char], strokes: Sequence[dict[str, Any]] = ()
) -> tuple[list[Fragment], list[Char]]:
    """The ruled tables of a page (a pdfplumber page) from top to bottom, and the characters in none of them.

    ``strokes`` are drawn lines that strike something out and part no cells.

    A box around running text has one column and is no table; nor is a frame around other tables.
    """
    found = [pair for grid in grids_of(page, strokes) if not is_box((pair := _fragment(grid, chars))[0])]
    kept = [
        pair
        for pair in found
        if not any(pair is not other and _contains(pair[0], other[0]) for other in found)
    ]
    used = {number for _, taken in kept for number in taken}
    return sorted((f for f, _ in kept), key=lambda f: f.top), [c for c in chars if id(c) not in used]


def _contains(outer: Fragment, inner: Fragment) -> bool:
    level = outer.x0 - 1 <= inner.x0 and inner.x1 <= outer.x1 + 1
    return level and outer.top - 1 <= inner.top and inner.bottom <= outer.bottom + 1


def _fragment(grid: RuledGrid, chars: Sequence[Char]) -> tuple[Fragment, set[int]]:
    """The grid with its text, and the identities of the characters in it."""
    xs, ys = grid.xs, grid.ys
    held: dict[tuple[int, int], list[Char]] = {(box.row, box.column): [] for box in grid.boxes}
    home = {
        (r, c): (box.row, box.column)
        for box in grid.boxes
        for r in range(box.row, box.row_end)
        for c in range(box.column, box.column_end)
    }
    for char in chars:
        x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
        if xs[0] <= x <= xs[-1] and ys[0] <= y <= ys[-1]:
            place = min(bisect(ys, y), len(ys) - 1) - 1, min(bisect(xs, x), len(xs) - 1) - 1
            held[home[place]].append(char)
    for box in grid.open_below:
        held[box.row, box.column] += _overflow(chars, xs[box.column], xs[box.column_end], ys[-1])
    cells = []
    for box in grid.boxes:
        lines, width = lines_of(held[box.row, box.column]), xs[box.column_end] - xs[box.column]
        spans = box.row_end - box.row, box.column_end - box.column
        # No line begins with a comma and none ends with a bracket, so a full one may lack a character more.
        is_full = bool(lines) and _fills(lines[-1], width, room=2.5)
        text = _cell_text(lines, width)
        cells.append(DrawnCell(text, box.row, box.column, *spans, box in grid.open_below, is_full))
    fragment = Fragment(ys[0], ys[-1], xs[0], xs[-1], cells, xs, len(ys) - 1)
    return fragment, {id(char) for inside in held.values() for char in inside}


def _cell_text(lines: list[Line], width: float) -> str:
    """The cell's lines; a number that its narrow cell breaks over two lines is one number again.

    The break is the cell's, and not the writer's, if the next character would not have found room beside the margins.
    """
    text = ""
    before: Line | None = None
    for line in lines:
        piece = line.text.replace("\t", " ")
        if before is not None:
            figure = text[-1:].isdecimal() and piece[:1].isdecimal()
            text += "" if figure and _fills(before, width) else "\n"
        text += piece
        before = line
    return text


def _fills(line: Line, width: float, *, room: float = 1.0) -> bool:
    """Whether the line leaves less than ``room`` characters' room in a cell of that width."""
    return width - (line.x1 - line.x0) < room * line.size + 2 * _CELL_MARGIN


def _overflow(chars: Sequence[Char], x0: float, x1: float, bottom: float) -> list[Char]:
    """What stands right below a cell that the page break cut open: the end of a label that found no room."""
    found: list[Char] = []
    reached = bottom
    for char in sorted(chars, key=lambda c: c["top"]):
        middle = (char["top"] + char["bottom"]) / 2
        if x0 <= char["x0"] and char["x1"] <= x1 and bottom < middle < reached + 1.6 * char["size"]:
            found.append(char)
            reached = max(reached, middle)
    return found


def _boundaries(values: list[float]) -> list[float]:
    """The values in order, those that are nearly the same taken once."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _SAME:
            found.append(value)
    return found


def _nearest(boundaries: list[float], value: float) -> int:
    return min(range(len(boundaries)), key=lambda n: abs(boundaries[n] - value))


# --- over page breaks ---


def may_continue(above: Fragment, below: Fragment) -> bool:
    """Whether two fragments, the last thing on one page and the first on the next, can be one table."""
    if abs(above.x0 - below.x0) > _EXTENT or abs(above.x1 - below.x1) > _EXTENT:
        return False
    # Columns of its own make it another table, unless one of the two has next to none (the head of an item).
    inner = [_onto(above, below, x) for x in below.edges[1:-1]]
    shared = sum(abs(above.edges[_nearest(above.edges, x)] - x) <= _SAME for x in inner)
    fewer = min(len(inner), len(above.edges) - 2)
    return fewer < 2 or 2 * shared >= fewer


def is_box(fragment: Fragment) -> bool:
    """A frame around running text: one column, and more text than a heading row has."""
    return fragment.columns == 1 and (fragment.rows > 2 or any(len(c.text) > 40 for c in fragment.cells))


def is_table(fragments: Sequence[Fragment]) -> bool:
    """Whether fragments make a table at all: two columns and two rows somewhere."""
    return max(f.columns for f in fragments) >= 2 and sum(f.rows for f in fragments) >= 2


def joined(fragments: Sequence[Fragment]) -> Table:
    """One table from its fragments, in the order of the pages.

    Columns are matched by their edges (pages are set a little apart, so edges are compared relative to the outer
    ones). Header rows that are repeated on the next page are left out, a row or a label that a page break cuts is
    put together again.
    """
    first = fragments[0]
    scaled = [[_onto(first, f, x) for x in f.edges] for f in fragments]
    edges = _boundaries([x for xs in scaled for x in xs])
    cells: list[DrawnCell] = []
    rows = 0
    for fragment, xs in zip(fragments, scaled, strict=True):
        columns = [_nearest(edges, x) for x in xs]
        moved = [
            replace(c, column=columns[c.column], colspan=columns[c.column + c.colspan] - columns[c.column])
            for c in fragment.cells
        ]
        skipped = _repeated_rows(cells, moved) if cells else 0
        moved = [replace(c, row=c.row - skipped) for c in moved if c.row >= skipped]
        rows = _append(cells, rows, moved, fragment.rows - skipped)
    grid = GridBuilder()
    for cell in cells:
        grid.put(TableCell(cell.text, cell.row, cell.column, cell.rowspan, cell.colspan))
    return grid.table()


def _onto(first: Fragment, other: Fragment, x: float) -> float:
    width = max(other.x1 - other.x0, 1.0)
    return first.x0 + (x - other.x0) / width * (first.x1 - first.x0)


def _row_texts(cells: list[DrawnCell], row: int) -> list[tuple[int, str]]:
    return sorted((c.column, "".join(c.text.split())) for c in cells if c.row == row)


def _repeated_rows(above: list[DrawnCell], below: list[DrawnCell]) -> int:
    """How many rows at the head of the next page repeat the table's own head."""
    count = 0
    while (
        (texts := _row_texts(below, count)) and texts == _row_texts(above, count) and any(t for _, t in texts)
    ):
        count += 1
    # A cell that reaches from the repeated rows into the rest shows that the rows are not a repeated head.
    return 0 if any(c.row < count < c.row + c.rowspan for c in below) else count


def _append(cells: list[DrawnCell], rows: int, below: list[DrawnCell], count: int) -> int:
    """Adds the next page's cells to ``cells``, which have ``rows`` rows; gives the new number of rows."""
    upper = {(c.column, c.colspan): c for c in cells if c.row + c.rowspan == rows}
    lower = {(c.column, c.colspan): c for c in below if c.row == 0}
    pairs = [(upper[place], lower[place]) for place in sorted(lower) if place in upper]
    cut = [c.is_cut for c in upper.values()]
    overlap = 0
    if any(cut) and not all(cut):
        # The page closes what ends there and leaves open what goes on: nothing is left to guess.
        goes_on = [pair for pair in pairs if pair[0].is_cut]
    elif len(pairs) == len(upper) == len(lower) and _is_cut_row(pairs, drawn_open=all(cut)):
        goes_on, overlap = pairs, 1
    else:
        goes_on = [(a, b) for a, b in pairs if max(a.rowspan, b.rowspan) > 1 and _continues(a, b)]
    for above, cell in goes_on:
        above.text = "\n".join(text for text in (above.text, cell.text) if text)
        above.rowspan += cell.rowspan - overlap
        above.is_cut, above.is_full = cell.is_cut, cell.is_full
        below.remove(cell)
    cells += [replace(c, row=c.row + rows - overlap) for c in below]
    return rows + count - overlap


def _continues(above: DrawnCell, below: DrawnCell) -> bool:
    """Whether a label that spans rows goes on after the break: nothing there, or words without a number of their own."""
    if not below.text.strip():
        return True
    if not above.is_full or is_enumerated(below.text) or _is_value(below.text):
        return False
    return is_enumerated(above.text)


def _is_cut_row(pairs: list[tuple[DrawnCell, DrawnCell]], *, drawn_open: bool) -> bool:
    """Whether the break runs through a row: its cells stand on one page or the other, a full label on both.

    Where the page closes the row with a rule, its label has to show that it is not complete.
    """
    single = [(a, b) for a, b in pairs if a.rowspan == b.rowspan == 1]
    on_both = [(a, b) for a, b in pairs if a.text and b.text]
    if len(single) < 2 or any(not a.is_full or _is_value(a.text) or _is_value(b.text) for a, b in on_both):
        return False
    labels = [(a, b) for a, b in single if not _is_value(a.text) or not _is_value(b.text)]
    if any(is_enumerated(b.text) for _, b in labels):
        return False
    if drawn_open:
        return True
    unclosed = any(_unclosed(a.text) for a, _ in labels)
    values_above, values_below = (
        any(pair[n].text and _is_value(pair[n].text) for pair in single) for n in (0, 1)
    )
    numbered = any(is_enumerated(a.text) for a, _ in labels)
    return (unclosed and not values_above) or ((unclosed or numbered) and values_above != values_below)


def _is_value(text: str) -> bool:
    """Whether the cell holds a figure, a sign for none, or nothing: what stands in a form's value cells."""
    return re.fullmatch(r"[\d\s.,，+＋－—–/-]*", text) is not None


def _unclosed(text: str) -> bool:
    return len(re.findall(r"[（(]", text)) > len(re.findall(r"[）)]", text))
