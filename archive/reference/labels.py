"""Short names of tables, rows, columns and sources for sentences, in Chinese and English (``data/labels.json``).

Not the printed labels of the forms: those, with their numbering and variants, belong to the forms themselves.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from archive.reference.forms import forms

Label = tuple[str, str]
"""Chinese and English."""


@cache
def _labels() -> dict[str, dict[str, Label]]:
    text = (resources.files("archive.reference") / "data" / "labels.json").read_text("utf-8")
    return {
        group: {code: (zh, en) for code, (zh, en) in labels.items()}
        for group, labels in json.loads(text).items()
    }


@cache
def _printed() -> dict[str, dict[str, Label]]:
    """The forms' own labels, the newest form's first: for what has no short name yet."""
    found: dict[str, dict[str, Label]] = {"rows": {}, "columns": {}}
    for form in forms().values():
        for table in form.tables.values():
            for row in table.rows:
                found["rows"].setdefault(row.code, (row.label, row.label_en))
            for column in table.columns:
                found["columns"].setdefault(column.code, (column.label, column.label_en))
    return found


def row_label(row: str) -> Label:
    """The row's short name, or as its form prints it; the code itself for a row of no form."""
    return _labels()["rows"].get(row) or _printed()["rows"].get(row, (row, row))


def column_label(column: str) -> Label:
    """The column's short name, or as its form prints it; the code itself for a column of no form."""
    return _labels()["columns"].get(column) or _printed()["columns"].get(column, (column, column))


def source_label(source: str | None) -> Label:
    """Where on or about a page something is said, such as ``title`` or ``url``; any other place as it is called."""
    return _labels()["sources"].get(source or "", (source or "", source or ""))


def cell_label(row: str, column: str) -> Label:
    """The cell's short name: row and column."""
    (row_zh, row_en), (column_zh, column_en) = row_label(row), column_label(column)
    return f"{row_zh}·{column_zh}", f"{row_en}, {column_en}"
