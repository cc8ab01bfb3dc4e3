"""The same report as a Word or an Excel file."""

from __future__ import annotations

import io

import docx
import openpyxl
from docx.document import Document as WordDocument

from tests.generator.grids import Rows


def word(title: str, lines: list[str], blocks: list[str | Rows]) -> bytes:
    """A .docx: paragraphs and tables with merged cells."""
    document = docx.Document()
    document.add_heading(title, level=0)
    for line in lines:
        document.add_paragraph(line)
    for block in blocks:
        if isinstance(block, str):
            document.add_paragraph(block)
        else:
            _table(document, block)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _table(document: WordDocument, rows: Rows) -> None:
    places = _placed(rows)
    width = max(c + colspan for _, c, _, colspan, _ in places)
    table = document.add_table(rows=len(rows), cols=width)
    cells = [row.cells for row in table.rows]
    for r, c, rowspan, colspan, text in places:
        cell = cells[r][c]
        if rowspan > 1 or colspan > 1:
            cell = cell.merge(cells[min(r + rowspan, len(rows)) - 1][c + colspan - 1])
        cell.text = text


def excel(title: str, lines: list[str], blocks: list[str | Rows]) -> bytes:
    """An .xlsx: everything on one sheet, one under the other."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    at = 0
    for line in [title, *lines]:
        at += 1
        sheet.cell(at, 1, line)
    for block in blocks:
        if isinstance(block, str):
            at += 1
            sheet.cell(at, 1, block)
            continue
        for r, c, rowspan, colspan, text in _placed(block):
            sheet.cell(at + r + 1, c + 1, text or None)
            if rowspan > 1 or colspan > 1:
                sheet.merge_cells(
                    start_row=at + r + 1,
                    start_column=c + 1,
                    end_row=at + min(r + rowspan, len(block)),
                    end_column=c + colspan,
                )
        at += len(block) + 1
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _placed(rows: Rows) -> list[tuple[int, int, int, int, str]]:
    """Row, column, rowspan, colspan and text of every cell."""
    taken: set[tuple[int, int]] = set()
    places = []
    for r, row in enumerate(rows):
        c = 0
        for cell in row:
            while (r, c) in taken:
                c += 1
            taken |= {(r + dr, c + dc) for dr in range(cell.rowspan) for dc in range(cell.colspan)}
            places.append((r, c, cell.rowspan, cell.colspan, cell.text))
            c += cell.colspan
    return places
