"""The statistics of the older forms (2008–2018): one long list of indicators with a unit and one or more values.

Local prints add, drop and rename rows. A row is known by its label and numbering and, where two share a label, by the
heading above it; a row that the form does not know keeps its label, unit and values under ``x_1``, ``x_2`` …
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from archive.reference.forms import Form, FormTable, Row
from archive.report.cells import parse_cell
from archive.report.document import Document, Table
from archive.report.findings import finding
from archive.report.grid import own_cells
from archive.report.labels import Match, bare, key, table_labels
from archive.report.model import CellNote, Finding, Statistic
from archive.report.statistics_lines import (
    NO_UNIT,
    UNIT_WORDS,
    FlatRow,
    is_label,
    most_values,
    read_flat,
)


@dataclass(slots=True)
class _Line:
    """One printed line: label, unit and values."""

    label: str
    unit: str | None
    values: list[str]
    half: int = 0
    """0, or 1 in the right half of a list that stands in two halves side by side."""


@dataclass(slots=True)
class _Found:
    statistics: list[Statistic] = field(default_factory=list)
    notes: list[CellNote] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    """Labels of the value columns, as printed."""


def read_statistics(
    document: Document, form: Form
) -> tuple[list[Statistic], list[CellNote], list[Finding], set[int]]:
    """The statistics, notes on cells that are no plain number, findings, and the blocks they stand in."""
    table = next(iter(form.tables.values()))
    reader = _Reader(table)
    consumed: set[int] = set()
    flat: list[tuple[str, int]] = []
    for index, block in enumerate(document.blocks):
        if isinstance(block, Table):
            rows = [[cell.text for cell in own_cells(block, r)] for r in range(len(block.grid))]
            if sum(reader.knows(row) for row in rows) >= 2 or reader.started:
                for row in rows:
                    reader.cells(row)
                consumed.add(index)
        else:
            flat.extend((line, index) for line in block.text.split("\n"))
    reader.commit()
    if not reader.started:
        consumed |= _read_lines(reader, flat)
    return reader.found.statistics, reader.found.notes, reader.finish(), consumed


def _read_lines(reader: _Reader, lines: list[tuple[str, int]]) -> set[int]:
    """Flattened text. A row whose values cannot be told apart is null, with what is printed."""
    flat = read_flat(lines, reader, len(reader.table.columns))
    reader.found.labels = flat.labels
    consumed: set[int] = set()
    for row in flat.rows:
        if (not row.rows and not reader.started) or _is_title(row, reader):
            continue
        consumed.update(row.blocks)
        if row.cells is not None:
            reader.cells(row.cells)
            continue
        reader.commit()
        if row.heading and not any(parse_cell(v).value is not None for v in row.values):
            reader.heading(row.label)
            reader.started = True
        else:
            reader.take(_Line(row.label, row.unit, row.values), columns=flat.columns)
    reader.commit()
    return consumed


def _is_title(row: FlatRow, reader: _Reader) -> bool:
    """Whether a line only resembles a row's label (主动公开政府信息情况): nothing is printed after it."""
    return row.cells is None and not row.heading and not (row.unit or row.values or reader.exact(row.label))


def _is_unit(text: str, place: int) -> bool:
    """Whether a cell after a label is its unit; a dash is one only directly after the label."""
    return key(text) in UNIT_WORDS or (place == 0 and bool(NO_UNIT.match(key(text))))


class _Reader:
    """Turns printed rows into statistics. ``started`` once a row of the form was met."""

    def __init__(self, table: FormTable) -> None:
        self.table = table
        self.rows = table_labels(table).rows
        self.found = _Found()
        self.started = False
        self._by_bare: dict[str, list[Row]] = {}
        for row in table.rows:
            for text in (row.label, *row.variants):
                self._by_bare.setdefault(bare(text), []).append(row)
        self._index = {row.code: i for i, row in enumerate(table.rows)}
        self._waiting: list[_Line] = []
        self._at = -1
        self._heading: Row | None = None
        self._seen: set[str] = set()
        self._unknown = 0
        self._doubtful: list[tuple[str, _Line, int]] = []
        """Rows with too few or too many values, with the number that they should have."""
        self._half: int | None = None
        """Where the right half begins, in cells, if the header says that there are two."""

    def knows(self, cells: list[str]) -> bool:
        """Whether one of these cells is a row's label."""
        return any(text and self.candidates(text) for text in cells)

    def heading(self, text: str) -> bool:
        """Take a heading row's label; whether it is one."""
        rows = [row for row in self.candidates(text) if row.heading]
        if rows:
            self._at, self._heading = self._index[rows[0].code], rows[0]
        return bool(rows)

    def exact(self, text: str) -> list[Row]:
        """The rows that this text names, without misspellings."""
        known = self._by_bare.get(bare(text))
        if known:
            return known
        match = self.rows.exact(text)
        return [self.table.row(match.code)] if match else []

    def names_column(self, text: str) -> bool:
        """Whether this is a header cell: of the indicator, the unit, the number."""
        return key(text) in {key(header) for header in self.table.headers}

    def candidates(self, text: str) -> list[Row]:
        """The rows that this text may name, misspelt or without its remark in brackets."""
        known = self._by_bare.get(bare(text))
        if known:
            return known
        match: Match | None = self.rows.find(text)
        if match is None:
            core = re.sub(r"[（(].*[)）]\s*\Z", "", text)
            match = self.rows.begins(core) if len(bare(core)) >= 6 else None
        return [self.table.row(match.code)] if match else []

    def cells(self, cells: list[str]) -> None:
        """Take one printed row; it is understood when all are there (``commit``)."""
        texts = [text.strip() for text in cells]
        filled = [text for text in texts if text]
        if not filled or self._is_header(filled):
            return
        for line in self._lines(texts):
            self.started = self.started or bool(self.candidates(line.label))
            self._waiting.append(line)

    def commit(self) -> None:
        """Understand the rows taken: each must have as many values as the header names, or as most rows have."""
        sizes = [len(line.values) for line in self._waiting if self.candidates(line.label)]
        columns = len(self.found.labels) or most_values(sizes, len(self.table.columns))
        self._waiting.sort(
            key=lambda line: line.half
        )  # the left half is read to its end before the right one
        for line in self._waiting:
            while len(line.values) > columns and parse_cell(line.values[-1]).kind in ("blank", "text"):
                line.values.pop()  # a remark, or a spare column
            if not self.heading(line.label) or any(parse_cell(v).value is not None for v in line.values):
                self.take(line, columns)
        self._waiting.clear()

    def take(self, line: _Line, columns: int) -> None:
        """Take a row understood as label, unit and values; ``columns`` are how many values it must have."""
        row = self._choose(line)
        if row is None and not self.started:
            return
        self.started = True
        if len(line.values) == columns or (columns == 1 and not line.values):
            self._store(line, row)
        elif row is not None:
            self._unreadable(line, row, columns)

    def _unreadable(self, line: _Line, row: Row, columns: int) -> None:
        """A row with too few or too many values: it cannot be said which stands in which column."""
        self._seen.add(row.code)
        self._at = max(self._at, self._index[row.code])
        raw = " ".join((line.label, *line.values))
        for i in range(columns):
            column = self._column(i, columns)
            self.found.statistics.append(Statistic(row.code, column, line.label, line.unit, None, row.parent))
            self.found.notes.append(CellNote("statistics", row.code, column, raw, "unreadable"))
        self._doubtful.append((row.code, line, columns))

    def _column(self, i: int, count: int) -> str:
        """The code of value column ``i`` of ``count``."""
        return f"value_{i + 1}" if count > len(self.table.columns) else self.table.columns[i].code

    def _is_header(self, filled: list[str]) -> bool:
        names = {key(header) for header in self.table.headers} | {key(c.label) for c in self.table.columns}
        hits = sum(key(text) in names for text in filled)
        if hits >= 2 or (hits and len(filled) <= 2):
            again = next((i for i, text in enumerate(filled) if i and key(text) == key(filled[0])), None)
            if again is not None and len(filled) == 2 * again:
                self._half, filled = again, filled[:again]  # the header of two halves side by side
            values = [
                text for text in filled if key(text) not in {key(header) for header in self.table.headers}
            ]
            if values:
                self.found.labels = values
            return True
        return False

    def _lines(self, texts: list[str]) -> list[_Line]:
        """The rows printed on one line: mostly one, two where the list stands in two halves side by side."""
        places = [i for i, text in enumerate(texts) if text and is_label(text)]
        known = [i for i in places if self.candidates(texts[i])]
        starts = known or places[-1:]
        lines = []
        for at, end in zip(starts, [*starts[1:], len(texts)][: len(starts)], strict=True):
            rest = texts[at + 1 : end]
            unit = next((i for i, text in enumerate(rest) if _is_unit(text, i)), None)
            printed = key(rest.pop(unit)) if unit is not None else None
            if rest or end == len(texts):
                half = int(self._half is not None and at >= self._half)
                lines.append(_Line(texts[at], printed, rest, half))
            else:
                self.heading(texts[at])
        return lines

    def _choose(self, line: _Line) -> Row | None:
        """The row a label stands for; of several with one label, the next one not yet met after the last heading."""
        rows = [row for row in self.candidates(line.label) if not row.heading and row.code not in self._seen]
        if not rows:
            return None
        later = [row for row in rows if self._index[row.code] > self._at]
        if len(rows) > 1 and not later:
            return None
        return (later or rows)[0]

    def _store(self, line: _Line, row: Row | None) -> None:
        values = line.values or [""]
        if row is None:
            if all(parse_cell(value).value is None for value in values):
                return
            self._unknown += 1
            code = f"x_{self._unknown}"
            self.found.findings.append(
                finding("ROW-UNKNOWN", quote=" ".join((line.label, *values)), label=line.label)
            )
        else:
            code = row.code
            self._seen.add(code)
            self._at = max(self._at, self._index[code])
        unit = line.unit if line.unit and not NO_UNIT.match(line.unit) else None
        for i, text in enumerate(values):
            self._value(code, i, text, line, unit, row)

    def _value(self, code: str, i: int, text: str, line: _Line, unit: str | None, row: Row | None) -> None:
        column = self._column(i, len(line.values))
        label = (
            self.found.labels[i]
            if i < len(self.found.labels) and len(self.found.labels) == len(line.values)
            else None
        )
        read = parse_cell(text)
        parent = row.parent if row else (self._heading.code if self._heading else None)
        statistic = Statistic(
            code, column, line.label.replace("\n", ""), unit or read.unit, read.value, parent, label
        )
        self.found.statistics.append(statistic)
        if read.kind is not None:
            self.found.notes.append(CellNote("statistics", code, column, text, read.kind, read.unit))

    def finish(self) -> list[Finding]:
        """The findings, with the rows of the form that were not met."""
        if self._doubtful:
            _, line, columns = self._doubtful[0]
            self.found.findings.append(
                finding(
                    "READINGS-DISAGREE",
                    cells=[f"statistics.{code}" for code, _, _ in self._doubtful],
                    quote=" ".join((line.label, *line.values)),
                    left="、".join(self._column(i, columns) for i in range(columns)),
                    left_where="labels",
                    right=" | ".join(line.values) or "—",
                    right_where="order",
                    what=line.label,
                    count=len(self._doubtful),
                    section="统计表",
                )
            )
        missing = [row for row in self.table.rows if not row.heading and row.code not in self._seen]
        if self._seen and missing:
            labels = "、".join(row.label for row in missing)
            cells = [f"statistics.{row.code}" for row in missing]
            self.found.findings.append(finding("ROW-ABSENT", cells=cells, labels=labels, section="统计表"))
        return self.found.findings
