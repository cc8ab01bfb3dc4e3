"""The tables of a report: from a document's blocks to the cells of its form.

Every table is read twice, by its labels and by its order, and a number is stored without a finding only where both
agree. What cannot be told is null with a note. Nothing here raises on bad input.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from archive.reference.forms import Form, FormTable
from archive.reference.forms import form as load_form
from archive.report.document import Document, Paragraph, Table
from archive.report.findings import finding
from archive.report.flat import FlatReader
from archive.report.grid import GridReader, split_line, split_lines, table_of_lines
from archive.report.model import CellKind, CellNote, Finding, Grid, Number, Statistic, Tables
from archive.report.statistics import read_statistics
from archive.report.tables_fill import Filling
from archive.report.tables_form import detect_form, form_of_headings
from archive.report.tables_review import read_review
from archive.report.tables_sheets import ACTIVE, APPLICATIONS, REVIEW, Lexicon, Sheet, SheetBuilder
from archive.report.tables_statutory import read_active, read_applications
from archive.report.tables_years import YearsOfTables

_READERS: dict[str, Callable[[Sheet, FormTable, Lexicon], Filling]] = {
    ACTIVE: read_active,
    APPLICATIONS: read_applications,
    REVIEW: read_review,
}


@dataclass(slots=True)
class TablesReading:
    """All that the tables of one document say.

    ``form`` is a form's code or ``narrative``. ``tables`` holds every cell of a statutory form, ``statistics`` the
    values of an older one. ``present`` says of each table of the form how it was found: the document's format
    (``html``, ``docx`` …), ``flat``, ``image`` or ``absent``. ``consumed`` are the indices of the document's blocks
    that are table content.

    Money: a column with a fixed unit (万元) is null with ``unit_unknown`` unless a unit is printed; one without (2019's
    procurement ``amount``) holds the number as printed, and its note says the unit: kind ``unit`` with ``unit`` set,
    or ``unit_unknown``.
    """

    form: str
    tables: Tables = field(default_factory=dict)
    statistics: list[Statistic] = field(default_factory=list)
    cells: list[CellNote] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    zero_style: dict[str, str] = field(default_factory=dict)
    consumed: set[int] = field(default_factory=set)
    present: dict[str, str] = field(default_factory=dict)


@cache
def _lexicon(code: str) -> Lexicon:
    return Lexicon(load_form(code))


def read_tables(document: Document, *, year_hint: int | None = None) -> TablesReading:
    """Read the tables of a document. ``year_hint`` only settles what the tables leave open between two forms."""
    form = detect_form(document, year_hint)
    grids = grids_of(document)
    if form is None:
        return _without_tables(document, year_hint, grids)
    reading = TablesReading(form.code, grids=grids)
    if form.kind == "statistics":
        reading.statistics, reading.cells, reading.findings, reading.consumed = read_statistics(
            document, form
        )
        reading.present = dict.fromkeys(form.tables, document.format if grids else "flat")
        return reading
    sheets, reading.consumed = _sheets(document, form, year_hint)
    for code, table in form.tables.items():
        own = [sheet for sheet in sheets if sheet.table == code]
        filling = _fill(own, table, _lexicon(form.code), year_hint) if own else None
        if filling is None:
            other = next((sheet.about for sheet in own if sheet.rows), None)
            filling = _absent(table, document, other)
            reading.present[code] = "image" if document.images and other is None else "absent"
        else:
            reading.present[code] = own[0].source
            reading.zero_style[code] = filling.zero_style()
        reading.tables[code] = filling.values
        reading.cells.extend(filling.notes)
        reading.findings.extend(filling.findings)
    return reading


def grids_of(document: Document) -> list[Grid]:
    """Every table of the document as printed."""
    tables = (block for block in document.blocks if isinstance(block, Table) and block.grid)
    return [Grid(table.printed(), table.caption) for table in tables]


def _sheets(document: Document, form: Form, year: int | None) -> tuple[list[Sheet], set[int]]:
    """The printed tables of the document, in order, and the blocks they stand in; ``year`` is the report's own."""
    lexicon = _lexicon(form.code)
    builder, flat_builder = SheetBuilder(lexicon, document.format), SheetBuilder(lexicon, "flat")
    grid, flat = GridReader(lexicon, builder), FlatReader(lexicon, flat_builder)
    lines = _Lines(grid)
    years = YearsOfTables(year)
    consumed: set[int] = set()
    text: list[tuple[str, int]] = []

    above = ""

    def take_text() -> None:
        for i, (line, index) in enumerate(text):
            after = text[i + 1][0] if i + 1 < len(text) else ""
            if not lines.take(line, index, after):
                builder.about = years.line(line)
                flat.line(line, index, about=builder.about)
        text.clear()

    for index, block in enumerate(document.blocks):
        if not isinstance(block, Table):
            text += [(line, index) for line in block.text.split("\n")]
            above = block.text
            continue
        take_text()
        flat.close()
        lines.end()
        if block.caption:
            builder.about = years.line(block.caption) or builder.about
        if grid.read(block, above=block.caption or above):
            consumed.add(index)
        above = ""
    take_text()
    lines.end()
    builder.close()
    flat.finish()
    flat_builder.close()
    consumed |= lines.consumed | flat.consumed
    return [*builder.sheets, *flat_builder.sheets], consumed


def _is_drawn(line: str) -> bool:
    """Whether a line stands between pipes, as the rows of a table drawn in text do."""
    text = line.strip()
    return len(text) > 2 and text.startswith("|") and text.endswith("|") and text.strip("| ") != ""


class _Lines:
    """Collects neighbouring lines of several cells into tables."""

    def __init__(self, reader: GridReader) -> None:
        self.reader = reader
        self.consumed: set[int] = set()
        self._rows: list[str] = []
        self._blocks: list[int] = []

    def take(self, line: str, block: int, after: str) -> bool:
        """Whether this line is a row of cells (then it is kept); ``after`` is the line below it."""
        cells = split_line(line) if "|" in line or "\t" in line else None
        # A label over the whole width of a drawn table is a row of it.
        alone = cells is None and _is_drawn(line) and _is_drawn(after) and split_line(after) is not None
        if cells is None and not alone:
            if line.strip():
                self.end()
            return False
        if cells or alone:
            self._rows.append(line)
        self._blocks.append(block)
        return True

    def end(self) -> None:
        """No further row: read what was collected."""
        if self._rows and self.reader.read(table_of_lines(split_lines(self._rows))):
            self.consumed.update(self._blocks)
        self._rows, self._blocks = [], []


def _fill(sheets: list[Sheet], table: FormTable, lexicon: Lexicon, year: int | None) -> Filling | None:
    """The table from its printings. One printed twice must say the same twice; cells that differ are null.

    One under a heading that names another year is that year's, for comparison, and is left out; also if it is the only.
    """
    filled = [sheet for sheet in sheets if sheet.rows]
    own = [sheet for sheet in filled if sheet.about is None or sheet.about == year]
    if year is None and not own:
        own = filled  # whose year this is, only the captions say
    fillings = [_READERS[table.code](sheet, table, lexicon) for sheet in own]
    fillings.sort(key=lambda f: -sum(v is not None for row in f.values.values() for v in row.values()))
    if not fillings:
        return None
    first = fillings[0]
    for other in fillings[1:]:
        _compare(first, other)
    return first


def _compare(first: Filling, other: Filling) -> None:
    """Hold a second printing against the first: where they differ, or only one of two that differ prints a cell at
    all, nobody can say which is the report's.
    """
    pairs = [(cell, _printed(first, cell), _printed(other, cell)) for cell in _cells_of(first, other)]
    both = [(cell, a, b) for cell, a, b in pairs if a is not _NOT_PRINTED and b is not _NOT_PRINTED]
    if not any(a != b for _, a, b in both):
        return
    differing = [(cell, a, b) for cell, a, b in pairs if a != b]
    for (row, column), a, b in differing:
        if row in first.values and column in first.values[row]:
            first.notes = [note for note in first.notes if (note.row, note.column) != (row, column)]
            first.null(row, [column], "unreadable", f"{_shown(a)} / {_shown(b)}")
    places = [f"{row}.{column}" for (row, column), _, _ in differing]
    first.say("TABLE-TWICE", places, quote=f"{_shown(differing[0][1])} / {_shown(differing[0][2])}")


_NOT_PRINTED = "—"


def _cells_of(first: Filling, other: Filling) -> list[tuple[str, str]]:
    cells = [
        (row, column)
        for filling in (first, other)
        for row in filling.values
        for column in filling.values[row]
    ]
    return list(dict.fromkeys(cells))


def _printed(filling: Filling, cell: tuple[str, str]) -> Number | str | None:
    """The number in a cell, ``None`` if none is printed there, or that the cell itself is not printed."""
    absent = any((n.row, n.column) == cell and n.kind == "row_absent" for n in filling.notes)
    row = filling.values.get(cell[0], {})
    return _NOT_PRINTED if absent or cell[1] not in row else row[cell[1]]


def _shown(value: Number | str | None) -> str:
    return "" if value is None else str(value)


def _absent(table: FormTable, document: Document, other: int | None = None) -> Filling:
    """A table that is not there as text: all cells null, with the reason; ``other`` is the year of the one printed."""
    filling = Filling(table)
    if other is not None:
        filling.finish("table_absent")
        filling.say("TABLE-OTHER-YEAR", year=other)
        return filling
    image = document.images > 0
    kind: CellKind = "table_is_image" if image else "table_absent"
    filling.finish(kind)
    filling.say("TABLE-IS-IMAGE" if image else "TABLE-ABSENT")
    return filling


def _without_tables(document: Document, year_hint: int | None, grids: list[Grid]) -> TablesReading:
    """A document without any table: narrative, unless its headings say that a form's tables should be there."""
    form = form_of_headings(document, year_hint) if document.images else None
    if form is None:
        reading = TablesReading("narrative", grids=grids)
        if document.images and _asks_for_tables(document):
            reading.findings.append(finding("TABLE-IS-IMAGE", table="tables", section="tables"))
        return reading
    reading = TablesReading(form.code, grids=grids)
    for code, table in form.tables.items():
        filling = _absent(table, document)
        reading.tables[code] = filling.values
        reading.cells.extend(filling.notes)
        reading.findings.extend(filling.findings)
        reading.present[code] = "image"
    return reading


def _asks_for_tables(document: Document) -> bool:
    """Whether the headings are those of a statutory form."""
    return any(
        isinstance(block, Paragraph) and "收到和处理政府信息公开申请" in block.text and len(block.text) < 40
        for block in document.blocks
    )
