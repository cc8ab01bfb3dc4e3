"""Excel files: each visible sheet as a table, values as the sheet prints them, formulas by their stored results.

openpyxl reads the cells as a stream, because its full mode builds an object for every place that a merge covers and
one merge may cover a whole sheet of 17 billion. The merges are read here, and which rows and columns are hidden: what
nobody sees on the sheet is not what it prints.
"""

from __future__ import annotations

import io
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import openpyxl
from openpyxl.utils.cell import range_boundaries

from archive.report.document import Block, Document, Paragraph, TableCell
from archive.report.findings import finding
from archive.report.formats.number_formats import printed
from archive.report.formats.package import BombError, Package, local_name
from archive.report.formats.refusal import refusal
from archive.report.formats.spans import MAX_COLUMNS, MAX_ROWS, GridBuilder
from archive.report.model import Finding

MAX_SHEETS = 20

Bounds = tuple[int, int, int, int]
"""First column, first row, last column, last row, counted from 1."""


_TAG = rb"<(?:\w+:)?%b\s[^>]*?>"
_ROW, _COLUMN, _MERGE = (re.compile(_TAG % name) for name in (b"row", b"col", b"mergeCell"))
_ATTRIBUTE = re.compile(rb"\s(\w+)\s*=\s*[\"']([^\"']{0,40})[\"']")
_HIDDEN = re.compile(rb"\shidden\s*=\s*[\"'](?:1|true)[\"']")


@dataclass(slots=True)
class _Layout:
    """A sheet's merged ranges, and the numbers of its hidden rows and columns, all counted from 1."""

    merges: list[Bounds] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def take_apart_xlsx(body: bytes) -> Document:
    """The document of an Excel file (xlsx, xlsm). A file that cannot be read has ``trouble``."""
    try:
        package = Package(body)
        return _read(package, body)
    except BombError as bomb:
        return refusal("FILE-BOMB", "xlsx", size=bomb.size, entries=bomb.entries)
    except MemoryError:
        raise
    except Exception as error:  # openpyxl has no error of its own: whatever it meets in a bad file comes out
        return refusal("FILE-DAMAGED", "xlsx", name="xlsx", detail=str(error)[:200] or type(error).__name__)


def _read(package: Package, body: bytes) -> Document:
    book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
    layouts = _layouts(package)
    blocks: list[Block] = []
    findings: list[Finding] = []
    for sheet in book.worksheets[:MAX_SHEETS]:
        if sheet.sheet_state != "visible":
            continue
        rows = _rows(sheet)
        if len(rows) > MAX_ROWS:
            rows = rows[:MAX_ROWS]
            findings.append(
                finding(
                    "FILE-TRUNCATED",
                    read=MAX_ROWS,
                    total=f"> {MAX_ROWS}",
                    unit="rows of a sheet",
                    unit_zh="行",
                )
            )
        blocks += _blocks(*_shown(rows, layouts.get(sheet.title, _Layout())))
    if len(book.worksheets) > MAX_SHEETS:
        findings.append(
            finding(
                "FILE-TRUNCATED",
                read=MAX_SHEETS,
                total=len(book.worksheets),
                unit="sheets",
                unit_zh="个工作表",
            )
        )
    title = package.title()
    book.close()
    return Document("xlsx", blocks=blocks, titles=[title] if title else [], findings=findings)


def _rows(sheet: Any) -> list[list[tuple[str, bool]]]:
    """The rows as (text, has a border), one more than the bound if there are more.

    What lies below the last row and right of the last column with text or border is not part of the sheet's print.
    """
    rows: list[list[tuple[str, bool]]] = []
    height = width = 0
    for row in sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=MAX_COLUMNS):
        rows.append([(printed(cell.value, cell.number_format), _has_border(cell)) for cell in row])
        used = [column for column, place in enumerate(rows[-1], start=1) if any(place)]
        if used:
            height, width = len(rows), max(width, used[-1])
    return [row[:width] for row in rows[:height]]


def _has_border(cell: Any) -> bool:
    border = getattr(cell, "border", None)  # an empty cell has none
    if border is None:
        return False
    return any(
        side is not None and side.style for side in (border.left, border.right, border.top, border.bottom)
    )


def _layouts(package: Package) -> dict[str, _Layout]:
    """The layout of each sheet by its title."""
    main = package.main_part("xl/workbook.xml")
    parts = package.related(main)
    found: dict[str, _Layout] = {}
    for element in package.xml(main).iter():
        if local_name(element) != "sheet":
            continue
        # `sheet` has two attributes named id; the relationship's is the one with a namespace.
        key = next((str(v) for k, v in element.attrib.items() if str(k).endswith("}id")), "")
        if key in parts and parts[key][1] in package:
            found[element.get("name", "")] = _layout(package.read(parts[key][1]))
    return found


def _layout(text: bytes) -> _Layout:
    """The layout of a sheet's XML, which is large: only these few of its tags are looked at."""
    layout = _Layout(list(_merged_ranges(text)))
    if not _HIDDEN.search(text):
        return layout
    for tag in (match[0] for match in _ROW.finditer(text)):
        number = dict(_ATTRIBUTE.findall(tag)).get(b"r", b"")
        if _HIDDEN.search(tag) and number.isdigit():
            layout.hidden_rows.add(int(number))
    for tag in (match[0] for match in _COLUMN.finditer(text)):
        said = dict(_ATTRIBUTE.findall(tag))
        first, last = said.get(b"min", b""), said.get(b"max", b"")
        if _HIDDEN.search(tag) and first.isdigit() and last.isdigit():
            layout.hidden_columns.update(range(int(first), min(int(last), MAX_COLUMNS) + 1))
    return layout


def _merged_ranges(text: bytes) -> Iterator[Bounds]:
    for match in _MERGE.finditer(text):
        try:
            reference = dict(_ATTRIBUTE.findall(match[0])).get(b"ref", b"").decode("ascii")
            left, top, right, bottom = range_boundaries(reference)
        except (ValueError, TypeError):
            continue
        if left and top and right and bottom and left <= MAX_COLUMNS and top <= MAX_ROWS:
            yield left, top, min(right, MAX_COLUMNS), min(bottom, MAX_ROWS)


def _shown(
    rows: list[list[tuple[str, bool]]], layout: _Layout
) -> tuple[list[list[tuple[str, bool]]], list[Bounds]]:
    """The rows and merges without what is hidden; a merge shows its text wherever a part of it is seen."""
    merges = layout.merges
    if not (layout.hidden_rows or layout.hidden_columns):
        return rows, merges
    width = max((len(row) for row in rows), default=0)
    lines = [r for r in range(1, len(rows) + 1) if r not in layout.hidden_rows]
    columns = [c for c in range(1, width + 1) if c not in layout.hidden_columns]
    seen = [[rows[r - 1][c - 1] for c in columns] for r in lines]
    kept: list[Bounds] = []
    for left, top, right, bottom in merges:
        first, last = bisect_left(columns, left), bisect_right(columns, right)
        upper, lower = bisect_left(lines, top), bisect_right(lines, bottom)
        if first < last and upper < lower and top <= len(rows) and left <= width:
            seen[upper][first] = rows[top - 1][left - 1]
            kept.append((first + 1, upper + 1, last, lower))
    return seen, kept


def _blocks(rows: list[list[tuple[str, bool]]], merges: list[Bounds]) -> Iterator[Block]:
    """A sheet's titles and notes as paragraphs, what lies between them as tables; an empty row ends a table."""
    width = max((len(row) for row in rows), default=0)
    merges = [
        (left, top, min(right, width), min(bottom, len(rows)))
        for left, top, right, bottom in merges
        if left <= width and top <= len(rows)
    ]
    covered = {(r, left) for left, top, _, bottom in merges for r in range(top, bottom + 1)}
    spans = {(top, left): (bottom - top + 1, right - left + 1) for left, top, right, bottom in merges}
    has_borders = any(border for row in rows for _, border in row)
    grid, first = GridBuilder(), 0
    filled = False
    for number, row in enumerate(rows, start=1):
        texts = [(column, text, border) for column, (text, border) in enumerate(row, start=1) if text]
        # Where the sheet draws borders they tell a note from a row; elsewhere only the beginning of a table does.
        alone = len(texts) == 1 and not texts[0][2] and (has_borders or not filled)
        continued = any(
            (number, column) in covered and (number, column) not in spans for column in range(1, 4)
        )
        if (not texts and not continued) or (alone and not continued):
            if filled:
                yield grid.table()
            grid, filled = GridBuilder(), False
            if alone:
                yield Paragraph(texts[0][1], emphasis=number == 1)
            continue
        if not filled:
            first, filled = number, True
        _lay(grid, row, number, first, spans)
    if filled:
        yield grid.table()


def _lay(
    grid: GridBuilder,
    row: list[tuple[str, bool]],
    number: int,
    first: int,
    spans: dict[tuple[int, int], tuple[int, int]],
) -> None:
    built = grid.row(number - first)
    for column, (text, _) in enumerate(row, start=1):
        if column <= len(built) and built[column - 1] is not None:
            continue
        rowspan, colspan = spans.get((number, column), (1, 1))
        grid.put(TableCell(text, number - first, column - 1, rowspan, colspan))
