"""CSV for spreadsheets and programs alike: UTF-8 with a byte order mark, codes as text, nothing that runs."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from archive.publish.exports.files import Done, put_script, write_each
from archive.publish.exports.tables import Table

ENCODING = "utf-8-sig"

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


def write(path: Path, table: Table) -> int:
    """Write one table; the number of its rows comes back. Null is an empty field, text never is null."""
    with path.open("w", encoding=ENCODING, newline="") as file:
        return write_rows(file, [field.name for field in table.fields], table.rows())


def write_rows(file: object, names: Iterable[str], rows: Iterable[Iterable[object]]) -> int:
    """Write a head and rows to an open text file; the number of rows comes back."""
    writer = csv.writer(file, lineterminator="\r\n")  # type: ignore[arg-type]
    writer.writerow(names)
    count = 0
    for row in rows:
        writer.writerow([guarded(value) for value in row])
        count += 1
    return count


def write_all(folder: Path, tables: Sequence[Table], done: Done) -> dict[str, Path]:
    """Write every table that has rows, and a script that loads the panel in R; the files by the tables' names."""
    put_script(folder, "load.R", "load_csv.R")
    return write_each(folder, tables, ".csv", write, done)
