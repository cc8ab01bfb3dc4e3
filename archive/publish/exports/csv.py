"""CSV for spreadsheets and programs alike: UTF-8 with a byte order mark, codes as text, nothing that runs."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import TextIO

from archive.publish.delimited import END, creating, guarded, write_rows
from archive.publish.exports.cells import Group, Values
from archive.publish.exports.files import Done, put_script, write_each
from archive.publish.exports.tables import Table

MOST_PARTS = 200_000
"""How many parts of rows are remembered: most cells of most reports hold one of a few hundred numbers."""


def write(path: Path, table: Table) -> int:
    """Write one table; the number of its rows comes back. Null is an empty field, text never is null."""
    with creating(path) as file:
        names = [field.name for field in table.fields]
        if table.groups:
            return _write_groups(file, names, table.groups())
        return write_rows(file, names, table.rows())


def _write_groups(file: TextIO, names: Sequence[str], groups: Iterator[Group]) -> int:
    """As ``write_rows``, of rows in parts: a part that recurs is made text once."""
    parts = _Parts()
    file.write(parts[tuple(names)] + END)
    count = 0
    for head, found in groups:
        start = parts.text(head)
        file.write("".join([f"{start},{parts[place]},{parts[told]}{END}" for place, told in found]))
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
