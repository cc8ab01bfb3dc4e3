"""One workbook for people who work in Excel: a sheet a table, heads frozen, filters on, codes as text, nothing that runs."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.escape import escape

from archive.publish.exports.files import Done
from archive.publish.exports.tables import Field, Table
from archive.store.errors import ArchiveError

FILE = "gongkai.xlsx"
FIRST_SHEETS = ("panel_core", "panel", "panel_kinds")
NOT_IN = frozenset(["cells"])
"""Too long for a sheet, and all in ``panel`` and ``panel_kinds``: the other formats have it."""

MOST_ROWS = 1_048_576
LONGEST_TEXT = 32_767
CUT = "…（截断 · cut）"
WIDTHS = {"text": 24, "integer": 10, "number": 12, "date": 12}
WIDE = frozenset(["agency", "label_zh", "label_en", "message", "message_zh", "title", "url"])
NARROW_COLUMNS = 3
"""How many columns of a panel stay in sight: the report, the agency's key, the agency."""

MODIFIED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
"""The workbook's own dates: the same figures must give the same file."""
EPOCH = "2000-01-01T00:00:00Z"


def write_all(folder: Path, tables: Sequence[Table], done: Done) -> dict[str, Path]:
    """Write the workbook; its path by the name of every table in it. ``ArchiveError`` if a table is longer than a sheet."""
    book = Workbook(write_only=True)
    wanted = [table for table in tables if table.name not in NOT_IN]
    wanted.sort(key=lambda t: FIRST_SHEETS.index(t.name) if t.name in FIRST_SHEETS else len(FIRST_SHEETS))
    raw, path = folder / ".raw.xlsx", folder / FILE
    try:
        written = [table.name for table in wanted if _sheet(book, table, done)]
        book.save(raw)
    except BaseException:
        _abandon(book)
        raise
    _settle(raw, path)
    raw.unlink()
    return dict.fromkeys(written, path)


def _sheet(book: Any, table: Table, done: Done) -> bool:
    """A sheet of the workbook; none for a table without rows."""
    done(1)
    rows = _rows(table)
    first = next(rows, None)
    if first is None:
        return False
    sheet = book.create_sheet(table.name)
    last = get_column_letter(len(table.fields))
    sheet.freeze_panes = f"{get_column_letter(NARROW_COLUMNS + 1)}2" if table.first_cell else "A2"
    for number, field in enumerate(table.fields, 1):
        sheet.column_dimensions[get_column_letter(number)].width = (
            40 if field.name in WIDE else WIDTHS[field.type]
        )
    sheet.append([_cell(sheet, field.name, head=True) for field in table.fields])
    height = 1
    for row in chain([first], rows):
        height += 1
        if height > MOST_ROWS:
            raise ArchiveError(
                f"--format xlsx: {table.name} has more rows than a sheet can hold; choose less, or csv"
            )
        sheet.append([_cell(sheet, value) for value in row])
    sheet.auto_filter.ref = f"A1:{last}{height}"
    return True


def _rows(table: Table) -> Iterator[tuple[object, ...]]:
    for row in table.rows():
        yield tuple(_shown(field, value) for field, value in zip(table.fields, row, strict=True))


def _shown(field: Field, value: object) -> object:
    """A value as the sheet holds it; dates stay text, which no locale of a spreadsheet turns around."""
    if isinstance(value, str) or (value is not None and field.type == "text"):
        text = str(value)
        return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - len(CUT)] + CUT
    return value


def _cell(sheet: Any, value: object, *, head: bool = False) -> object:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=escape(value))
    cell.data_type = "s"  # said outright: openpyxl takes a text that begins with = for a formula
    if head:
        cell.font = Font(bold=True)
    return cell


def _abandon(book: Any) -> None:
    """Finish sheets that nobody will save: left half written they complain when they are collected."""
    for sheet in book.worksheets:
        with suppress(Exception):
            sheet.close()


def _settle(raw: Path, path: Path) -> None:
    """The workbook with the same dates whenever it is written."""
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if name == "docProps/core.xml":
                target.writestr(info, MODIFIED.sub(rb"\g<1>" + EPOCH.encode(), source.read(name)))
                continue
            with source.open(name) as member, target.open(info, "w", force_zip64=True) as copy:
                while piece := member.read(1 << 20):
                    copy.write(piece)
