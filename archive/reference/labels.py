"""Short names of tables, rows and columns for sentences, in Chinese and English (``data/labels.json``).

Not the printed labels of the forms: those, with their numbering and variants, belong to the forms themselves.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

Label = tuple[str, str]
"""Chinese and English."""


@cache
def _labels() -> dict[str, dict[str, Label]]:
    text = (resources.files("archive.reference") / "data" / "labels.json").read_text("utf-8")
    return {
        group: {code: (zh, en) for code, (zh, en) in labels.items()}
        for group, labels in json.loads(text).items()
    }


def row_label(row: str) -> Label:
    """The row's short name; the code itself for a row without one."""
    return _labels()["rows"].get(row, (row, row))


def column_label(column: str) -> Label:
    """The column's short name; the code itself for a column without one."""
    return _labels()["columns"].get(column, (column, column))


def cell_label(row: str, column: str) -> Label:
    """The cell's short name: row and column."""
    (row_zh, row_en), (column_zh, column_en) = row_label(row), column_label(column)
    return f"{row_zh}·{column_zh}", f"{row_en}, {column_en}"
