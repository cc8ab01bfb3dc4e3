"""Lines of CSV as all our files have them: UTF-8 with a byte order mark, nothing in them that a spreadsheet would run."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

ENCODING = "utf-8-sig"
END = "\r\n"
ROWS_AT_A_TIME = 2_000

RUNS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""The beginning of a text that some spreadsheet takes for a formula, full-width signs and earlier guards included."""


FIRST = frozenset("'=+-@\t\r\n＝＋－＠")
"""Where such a text begins: asked first, because most texts begin otherwise and there are millions of them."""


def guarded(value: object) -> object:
    """A text that a spreadsheet would run gets an apostrophe in front; one less gives it back (``unguarded``)."""
    if isinstance(value, str) and value[:1] in FIRST and RUNS.match(value):
        return f"'{value}"
    return value


def unguarded(text: str) -> str:
    """The text as it was before ``guarded``."""
    return text[1:] if text.startswith("'") and RUNS.match(text) else text


def creating(path: Path) -> TextIO:
    """The file, open to be written, its byte order mark in it."""
    file = path.open("w", encoding="utf-8", newline="", buffering=1 << 20)
    file.write("\ufeff")  # the codec utf-8-sig runs Python code for every line
    return file


def write_rows(file: TextIO, names: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write a head and rows to an open text file; the number of rows comes back."""
    writer = csv.writer(file, lineterminator=END)
    writer.writerow(names)
    count = 0
    rows = iter(rows)
    while batch := list(islice(rows, ROWS_AT_A_TIME)):
        writer.writerows(_guarded_rows(batch))
        count += len(batch)
    return count


def _guarded_rows(rows: list[Sequence[object]]) -> Iterable[Sequence[object]]:
    """The rows with their texts guarded. Few columns need it: the others are only looked through, in one go each."""
    columns = [
        [guarded(value) for value in column] if any(map(_begins, set(column))) else column
        for column in zip(*rows, strict=True)
    ]
    return zip(*columns, strict=True)


def _begins(value: object) -> bool:
    return isinstance(value, str) and value[:1] in FIRST
