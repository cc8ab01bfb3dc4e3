"""What the shapes of a page are brought to before a form is read from it: sheets of printed rows.

``grid.py`` makes them of tables, ``flat.py`` of flattened text; from here on nobody asks which it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from archive.reference.forms import Form, FormTable
from archive.report.cells import UNREADABLE, Printed, parse_cell
from archive.report.document import TableCell
from archive.report.labels import Match, TableLabels, bare, key, table_labels

ACTIVE, APPLICATIONS, REVIEW = "active_disclosure", "applications", "review_litigation"

ARTICLE = re.compile(r"第[一二三四五六七八九十]+条第?\(?[一二三四五六七八九十]+\)?项")
_LONGEST_LABEL = 90
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Word:
    """One cell's text, looked up once: its number, and which labels of which table it may be.

    ``tables`` are the tables whose labels it may be, ``owner`` the only one of them; ``blank``: nothing is printed;
    ``number``: a number is; ``is_label``: it is text and no value (a word such as 无 is a value).
    """

    text: str
    printed: Printed
    rows: dict[str, Match]
    columns: dict[str, Match]
    headers: frozenset[str]
    groups: frozenset[str]
    article: bool
    tables: frozenset[str]
    owner: str | None
    blank: bool
    number: bool
    is_label: bool


class Lexicon:
    """All labels of one form; looks words up and remembers them."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.labels: dict[str, TableLabels] = {
            code: table_labels(table) for code, table in form.tables.items()
        }
        self._longest = max(labels.longest() for labels in self.labels.values())
        self._words: dict[str, Word] = {}

    def word(self, text: str) -> Word:
        """The word for a cell's text."""
        found = self._words.get(text)
        if found is None:
            if len(self._words) > 8_192:  # a long run must not grow without end
                self._words.clear()
            found = self._words[text] = self._look(text)
        return found

    def _look(self, text: str) -> Word:
        printed = parse_cell(text)
        if printed.kind in (None, "blank", "dash"):
            return Word(
                text,
                printed,
                {},
                {},
                _NOTHING,
                _NOTHING,
                False,
                _NOTHING,
                None,
                printed.kind == "blank",
                printed.kind is None,
                False,
            )
        name = key(text) if len(text) < 4 * _LONGEST_LABEL else ""
        rows: dict[str, Match] = {}
        columns: dict[str, Match] = {}
        headers: set[str] = set()
        groups: set[str] = set()
        if name and "勾稽关系" in name and len(name) <= _LONGEST_LABEL and APPLICATIONS in self.labels:
            headers.add(APPLICATIONS)
        if name and not name.isdigit() and len(bare(text)) <= self._longest:
            for code, labels in self.labels.items():
                if row := labels.rows.find(text):
                    rows[code] = row
                if column := labels.columns.find(text):
                    columns[code] = column
                if labels.headers.find(text):
                    headers.add(code)
                if labels.groups.find(text):
                    groups.add(code)
        article = len(name) <= 40 and ARTICLE.search(name) is not None
        tables = frozenset({*rows, *columns, *headers, *groups, *((ACTIVE,) if article else ())})
        return Word(
            text, printed, rows, columns, frozenset(headers), frozenset(groups), article, tables,
            owner=next(iter(tables)) if len(tables) == 1 else None,
            blank=printed.kind == "blank",
            number=printed.kind in (None, "signed", "unit", "annotated"),
            is_label=printed.kind == "text" or bool(tables),
        )  # fmt: skip


class Value(NamedTuple):
    """A printed cell at a value's place, and what it prints."""

    text: str
    printed: Printed
    column: int = 0
    colspan: int = 1
    rowspan: int = 1

    @classmethod
    def of_text(cls, text: str, column: int = 0) -> Value:
        """A value of flattened text, which has no cells."""
        return cls(text, parse_cell(text), column)

    @classmethod
    def of_cell(cls, cell: TableCell, printed: Printed) -> Value:
        """The value in a cell; one that holds only an image cannot be read."""
        if cell.has_image and printed.kind == "blank":
            printed = UNREADABLE
        return cls(cell.text, printed, cell.column, cell.colspan, cell.rowspan)


@dataclass(frozen=True, slots=True)
class Head:
    """A header cell: its text and grid column (in flattened text: its place in the order of reading)."""

    text: str
    column: int
    row: int = 0
    colspan: int = 1


@dataclass(slots=True)
class PrintedRow:
    """A row as printed: its labels from left to right, its values, the header above it.

    ``match`` is the row label understood, ``context`` all label text near the row for judging a doubtful label.
    ``line`` is the resolved grid row (``None`` in flattened text, where blank cells leave no trace).
    """

    labels: list[str]
    values: list[Value]
    match: Match | None = None
    label: str = ""
    context: str = ""
    header: list[Head] = field(default_factory=list)
    line: list[TableCell | None] | None = None
    number: int = 0
    about: int | None = None
    """The year that stands before its values, where a table has a row for each of several years."""

    @property
    def code(self) -> str | None:
        """The code of the row label, if it was understood."""
        return self.match.code if self.match else None

    @property
    def empty(self) -> bool:
        """Whether no value is printed in the row."""
        return all(value.printed.kind == "blank" for value in self.values)

    @property
    def reach(self) -> int:
        """How many grid columns the row fills; 0 in flattened text."""
        return len(self.line) - self.line.count(None) if self.line else 0

    def raw(self) -> str:
        """What is printed, in one line."""
        texts = [self.label or "".join(self.labels), *(value.text for value in self.values)]
        return " ".join(text.replace("\n", "").strip() for text in texts).strip()


@dataclass(slots=True)
class Sheet:
    """One printing of one table: its header cells and rows. ``source`` is ``flat`` or the document's format."""

    table: str
    source: str
    header: list[Head] = field(default_factory=list)
    rows: list[PrintedRow] = field(default_factory=list)
    about: int | None = None
    """The year that the heading above it names."""
    last: int = -1
    """The greatest official index of a row so far."""


@cache
def _order_of_rows(table: FormTable) -> Mapping[str, int]:
    """Where each row stands in the form, an alternate one at the first it stands for."""
    order = {code: i for i, code in enumerate(table.row_codes())}
    return order | {a.row.code: order[a.replaces[0]] for a in table.alternates}


class SheetBuilder:
    """Collects header cells and rows into sheets; a table split by a page break becomes one sheet again.

    A header met after rows belongs to the same sheet if the rows go on from where they were, else to a new sheet.
    """

    def __init__(self, lexicon: Lexicon, source: str) -> None:
        self.lexicon = lexicon
        self.source = source
        self.sheets: list[Sheet] = []
        self.about: int | None = None
        """The year named by the heading last met."""
        self._index = {code: _order_of_rows(table) for code, table in lexicon.form.tables.items()}
        self._open: dict[str, Sheet] = {}
        self._waiting: dict[str, list[Head]] = {}

    def head(self, table: str, heads: list[Head], *, fresh: bool) -> None:
        """Header cells of ``table``; ``fresh`` if the row before was not a header row of the same table."""
        if fresh or table not in self._waiting:
            self._waiting[table] = []
        self._waiting[table].extend(heads)

    def row(self, table: str, row: PrintedRow) -> bool:
        """A row of ``table``. ``False`` if it belongs to no sheet: a row label without a header before it."""
        index = self._index[table].get(row.code or "", -1)
        sheet = self._open.get(table)
        heads = self._waiting.pop(table, None)
        if heads is None and sheet is None and not self._speaks_for_itself(table, row):
            return False
        about = row.about or self.about
        if heads is None and sheet is not None and sheet.about != about:
            heads = (sheet.rows[-1].header or sheet.header) if sheet.rows else sheet.header
        if sheet is None or sheet.about != about or (heads is not None and 0 <= index <= sheet.last):
            sheet = Sheet(table, self.source, list(heads or ()), about=about)
            self._open[table] = sheet
            self.sheets.append(sheet)
        elif heads and table == APPLICATIONS and len(heads) > len(sheet.header):
            sheet.header = list(heads)
        if table != APPLICATIONS:
            row.header = heads if heads is not None else sheet.rows[-1].header if sheet.rows else sheet.header
        sheet.rows.append(row)
        sheet.last = max(sheet.last, index)
        return True

    def _speaks_for_itself(self, table: str, row: PrintedRow) -> bool:
        """Whether a row needs no header: in table 4 printed down the page, each row names its column."""
        return table == REVIEW and any(REVIEW in self.lexicon.word(text).columns for text in row.labels)

    def is_open(self, table: str) -> bool:
        """Whether a row of ``table`` was met."""
        return table in self._open

    def close(self) -> None:
        """End of the document: a header that no row followed is a sheet without rows."""
        for table, heads in self._waiting.items():
            if table not in self._open:
                self.sheets.append(Sheet(table, self.source, heads))
        self._waiting.clear()
