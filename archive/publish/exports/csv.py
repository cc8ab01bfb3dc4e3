"""CSV for spreadsheets and programs alike: UTF-8 with a byte order mark, codes as text, nothing that runs."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import TextIO

from archive.publish.exports.cells import Group, Values
from archive.publish.exports.files import Done, put_script, write_each
from archive.publish.exports.tables import Table

ENCODING = "utf-8-sig"
END = "\r\n"
ROWS_AT_A_TIME = 2_000
MOST_PARTS = 200_000
"""How many parts of rows are remembered: most cells of most reports hold one of a few hundred numbers."""

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
    with creating(path) as file:
        names = [field.name for field in table.fields]
        if table.groups:
            return _write_groups(file, names, table.groups())
        return write_rows(file, names, table.rows())


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


def _write_groups(file: TextIO, names: Sequence[str], groups: Iterator[Group]) -> int:
    """As ``write_rows``, of rows in parts: a part that recurs is made text once."""
    parts = _Parts()
    file.write(parts[tuple(names)] + END)
    count = 0
    for head, found in groups:
        start = parts.text(head)
        file.writelines([f"{start},{parts[place]},{parts[told]}{END}" for place, told in found])
        count += len(found)
        if len(parts) > MOST_PARTS:
            parts.clear()
    return count


class _Parts(dict[Values, str]):
    """Parts of rows as text, remembered."""

    def __missing__(self, part: Values) -> str:
        self[part] = text = self.text(part)
        return text

    def text(self, part: Values) -> str:
        """A part of a row as it stands in the file."""
        buffer = StringIO()
        csv.writer(buffer, lineterminator="").writerow([guarded(value) for value in part])
        return buffer.getvalue()


def write_all(folder: Path, tables: Sequence[Table], done: Done) -> dict[str, Path]:
    """Write every table that has rows, and a script that loads the panel in R; the files by the tables' names."""
    put_script(folder, "load.R", "load_csv.R")
    return write_each(folder, tables, ".csv", write, done)
