"""CSV for spreadsheets and programs alike: UTF-8 with a byte order mark, codes as text, nothing that runs."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path

from archive.publish.exports.tables import Table

ENCODING = "utf-8-sig"

RUNS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""The beginning of a text that some spreadsheet takes for a formula, full-width signs and earlier guards included."""


def guarded(value: object) -> object:
    """A text that a spreadsheet would run gets an apostrophe in front; one less gives it back (``unguarded``)."""
    return f"'{value}" if isinstance(value, str) and RUNS.match(value) else value


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


def write_all(folder: Path, tables: Sequence[Table]) -> dict[str, Path]:
    """Write every table that has rows, and a script that loads the panel in R; the files by the tables' names."""
    files: dict[str, Path] = {}
    for table in tables:
        path = folder / f"{table.name}.csv"
        if write(path, table):
            files[table.name] = path
        else:
            path.unlink()
    script = (resources.files(__package__) / "data" / "load_csv.R").read_text("utf-8")
    (folder / "load.R").write_text(script, "utf-8")
    return files
