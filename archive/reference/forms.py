"""The forms a report may follow, as data: one JSON file for each form in ``data/forms/``.

A new official form is a new file: codes, labels, variants, layout and the marks by which it is recognised all stand
there, and no code names a row or column of a particular form except where its meaning needs arithmetic.
Source of the codes: the project's codebook; of the layouts: 国办公开办函〔2019〕60号 and 〔2021〕30号.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a form. ``columns`` names the columns it has, or is empty if it has all of its table's.

    ``group`` is the label of the row group it stands in, ``item`` the article of the Regulations it is listed under.
    Statistics rows also have ``unit``, ``level``, ``parent`` (a heading's code), ``number`` and ``heading``.
    """

    code: str
    short: str | None
    label: str
    label_en: str
    variants: tuple[str, ...] = ()
    group: str | None = None
    item: str | None = None
    law: str | None = None
    columns: tuple[str, ...] = ()
    role: str | None = None
    type: str | None = None
    unit: str | None = None
    comparable_code: str | None = None
    comparable_note: str | None = None
    level: int | None = None
    parent: str | None = None
    number: str | None = None
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a form.

    ``ambiguous_variants`` are cut labels that other columns share: they say nothing but "a label of this kind".
    ``false_friends`` look like the label but stand for another quantity. ``sum_of`` is set for subtotal columns,
    which are accepted and checked but are no cell of the form.
    """

    code: str
    short: str | None
    label: str
    label_en: str = ""
    variants: tuple[str, ...] = ()
    ambiguous_variants: tuple[str, ...] = ()
    false_friends: tuple[str, ...] = ()
    group: str | None = None
    unit: str | None = None
    type: str = "integer"
    role: str | None = None
    money: bool = False
    comparable_code: str | None = None
    comparable_note: str | None = None
    sum_of: tuple[str, ...] = ()
    told_as: tuple[str, ...] = ()
    """What running text calls this number of normative documents: ``made, disclosed, repealed, valid``."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of rows, named by a label that has no values of its own."""

    code: str
    label: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Alternate:
    """A row that stands in place of others in some reports; the table then holds its code and not theirs."""

    row: Row
    replaces: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class LayoutCell:
    """A cell of the official print: a ``label``, or the ``value`` of ``row.column``."""

    label: str | None = None
    value: str | None = None
    rowspan: int = 1
    colspan: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class FormTable:
    """One table of a form, with its rows and columns in official order. Compared and hashed by identity."""

    code: str
    short: str
    section: str | None
    label_en: str
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    groups: tuple[Group, ...] = ()
    alternates: tuple[Alternate, ...] = ()
    extra_columns: tuple[Column, ...] = ()
    headers: tuple[str, ...] = ()
    unknown_labels: tuple[str, ...] = ()
    layout: tuple[tuple[LayoutCell, ...], ...] = ()
    _rows: Mapping[str, Row] = field(default_factory=dict, repr=False, compare=False, hash=False)
    _columns: Mapping[str, Column] = field(default_factory=dict, repr=False, compare=False, hash=False)

    def row(self, code: str) -> Row:
        """The row of that code, an alternate one included. Raises ``KeyError`` if there is none."""
        return self._rows[code]

    def column(self, code: str) -> Column:
        """The column of that code. Raises ``KeyError`` if there is none."""
        return self._columns[code]

    def columns_of(self, row: str) -> tuple[str, ...]:
        """The codes of the columns that this row has, in order."""
        return self._rows[row].columns or tuple(self._columns)

    def row_codes(self, alternate: str | None = None) -> tuple[str, ...]:
        """The codes of the rows in official order; with ``alternate``, that row in place of those it replaces."""
        return _row_codes(self, alternate)

    def places(self, alternate: str | None = None) -> Mapping[tuple[str, str], int]:
        """Every (row, column) of the form, and which it is in official order."""
        return _places(self, alternate)


# Asked for again and again by every reading; forms are few and live as long as the process.
@cache
def _row_codes(table: FormTable, alternate: str | None) -> tuple[str, ...]:
    if alternate is None:
        return tuple(row.code for row in table.rows)
    wanted = next(a for a in table.alternates if a.row.code == alternate)
    codes: list[str] = []
    for row in table.rows:
        if row.code not in wanted.replaces:
            codes.append(row.code)
        elif row.code == wanted.replaces[0]:
            codes.append(alternate)
    return tuple(codes)


@cache
def _places(table: FormTable, alternate: str | None) -> Mapping[tuple[str, str], int]:
    cells = [(code, column) for code in table.row_codes(alternate) for column in table.columns_of(code)]
    return {cell: place for place, cell in enumerate(cells)}


@dataclass(frozen=True, slots=True)
class Detect:
    """Marks of a form: all of ``all`` and one of ``any`` (if given) must stand in the tables' labels.

    The lowest ``priority`` that fits decides. A ``weak`` mark gives way to the year if table 2 is not there.
    """

    priority: int
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """One official layout: ``statutory`` forms have three tables, ``statistics`` forms one long list."""

    code: str
    kind: Literal["statutory", "statistics"]
    label_zh: str
    label_en: str
    first_year: int
    last_year: int | None
    source: str
    confidence: str
    detect: tuple[Detect, ...]
    tables: Mapping[str, FormTable]

    def covers(self, year: int) -> bool:
        """Whether reports on that year are expected to follow this form."""
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)


@dataclass(frozen=True, slots=True)
class CodebookEntry:
    """One row of the archive's table ``codebook``: a cell of a form and what it means."""

    form: str
    table_name: str
    row: str
    column: str
    short: str | None
    row_group: str | None
    role: str | None
    label_zh: str
    label_en: str
    unit: str | None
    type: str
    law: str | None
    comparable_code: str | None
    comparable_note: str | None
    confidence: str


def _tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry with lists as tuples, so that what is built of it cannot change."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}


def _table(code: str, data: Mapping[str, Any]) -> FormTable:
    rows = tuple(Row(**_tuples(entry)) for entry in data["rows"])
    columns = tuple(Column(**_tuples(entry)) for entry in data["columns"])
    alternates = tuple(
        Alternate(Row(**_tuples(entry["row"])), tuple(entry["replaces"]), entry.get("note", ""))
        for entry in data.get("alternates", ())
    )
    by_row = {row.code: row for row in rows} | {a.row.code: a.row for a in alternates}
    by_column = {column.code: column for column in columns}
    for row in by_row.values():
        if missing := set(row.columns) - set(by_column):
            raise ValueError(f"{code}.{row.code} names unknown columns {sorted(missing)}")
    return FormTable(
        code=code,
        short=data["short"],
        section=data["section"],
        label_en=data["label_en"],
        rows=rows,
        columns=columns,
        groups=tuple(Group(**entry) for entry in data.get("groups", ())),
        alternates=alternates,
        extra_columns=tuple(Column(short=None, **_tuples(e)) for e in data.get("extra_columns", ())),
        headers=tuple(data.get("headers", ())),
        unknown_labels=tuple(data.get("unknown_labels", ())),
        layout=tuple(tuple(LayoutCell(**cell) for cell in line) for line in data.get("layout", ())),
        _rows=by_row,
        _columns=by_column,
    )


def _form(data: Mapping[str, Any]) -> Form:
    return Form(
        code=data["form"],
        kind=data["kind"],
        label_zh=data["label_zh"],
        label_en=data["label_en"],
        first_year=data["years"][0],
        last_year=data["years"][1],
        source=data["source"],
        confidence=data["confidence"],
        detect=tuple(Detect(**_tuples(entry)) for entry in data["detect"]),
        tables={code: _table(code, table) for code, table in data["tables"].items()},
    )


@cache
def forms() -> dict[str, Form]:
    """All forms by code, newest first. Raises ``ValueError`` if two files define one form."""
    folder = resources.files("archive.reference") / "data" / "forms"
    found: dict[str, Form] = {}
    for file in folder.iterdir():
        if file.name.endswith(".json"):
            form = _form(json.loads(file.read_text("utf-8")))
            if form.code in found:
                raise ValueError(f"form {form.code} is defined twice, the second time in {file.name}")
            found[form.code] = form
    return dict(sorted(found.items(), key=lambda item: -item[1].first_year))


def form(code: str) -> Form:
    """The form of that code. Raises ``KeyError`` if there is none."""
    return forms()[code]


@cache
def statutory() -> tuple[str, ...]:
    """The codes of the forms with three tables, the oldest first."""
    return tuple(code for code, form in reversed(forms().items()) if form.kind == "statutory")


@cache
def forms_with(column: str) -> tuple[str, ...]:
    """The codes of the forms whose table 2 has this column, the oldest first."""
    return tuple(
        code
        for code in statutory()
        if column in {c.code for c in form(code).tables["active_disclosure"].columns}
    )


def form_of_year(year: int) -> Form | None:
    """The form that reports on that year are expected to follow, for the rule FMT-ERA; ``None`` before the first."""
    return next((form for form in forms().values() if form.covers(year)), None)


def variable_name(table: FormTable, row: Row, column: Column) -> str | None:
    """The short name of a cell for wide exports, such as ``t3_ref_secur_np``; ``None`` for heading rows."""
    if row.short is None:
        return None
    return "_".join(part for part in (table.short, row.short, column.short) if part)


def _comparable(row: Row, column: Column, table: FormTable) -> tuple[str | None, str | None]:
    if table.code == "statistics":
        return row.comparable_code, row.comparable_note
    if table.code == "active_disclosure":
        return (
            (f"{row.code}.{column.code}", column.comparable_note) if column.comparable_code else (None, None)
        )
    return f"{row.comparable_code}.{column.code}", row.comparable_note


def _role(row: Row, column: Column, table: FormTable) -> str | None:
    return row.role if table.code == "applications" else column.role or row.role


@cache
def codebook() -> tuple[CodebookEntry, ...]:
    """Every cell of every form, alternate rows included, for the archive's table ``codebook``."""
    entries: list[CodebookEntry] = []
    for form in forms().values():
        for table in form.tables.values():
            for row in (*table.rows, *(a.row for a in table.alternates)):
                if row.heading:
                    continue
                for column in (table.column(code) for code in table.columns_of(row.code)):
                    comparable, note = _comparable(row, column, table)
                    entries.append(
                        CodebookEntry(
                            form=form.code,
                            table_name=table.code,
                            row=row.code,
                            column=column.code,
                            short=variable_name(table, row, column),
                            row_group=row.group or row.item or row.parent,
                            role=_role(row, column, table),
                            label_zh=f"{row.label}：{column.label}",
                            label_en=f"{row.label_en}: {column.label_en}",
                            unit=row.unit or column.unit,
                            type=row.type or column.type,
                            law=row.law or row.item,
                            comparable_code=comparable,
                            comparable_note=note,
                            confidence=form.confidence,
                        )
                    )
    return tuple(entries)
