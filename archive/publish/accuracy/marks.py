"""Marks: what people wrote beside the values they checked. One CSV for the sheet, for spreadsheets, and for coming back."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from archive.publish import delimited
from archive.publish.accuracy.sample import Place, Read
from archive.publish.metadata import load
from archive.store.connection import Row
from archive.store.errors import ArchiveError

RIGHT, WRONG, UNSURE, UNMARKED = "right", "wrong", "unsure", ""


@dataclass(frozen=True, slots=True)
class Mark:
    """One line: a value as it was read from the page of that digest, and what a person says of it.

    ``correct`` is what the page prints where the value is wrong; ``None`` if nobody wrote it down, empty for "no number".
    """

    report_key: str
    sha256: str
    form: str
    year: int
    table_name: str
    row: str
    column: str
    label: str
    value: str
    kind: str
    mark: str = UNMARKED
    correct: str | None = None

    @property
    def place(self) -> Place:
        """Where the value stands."""
        return Place(self.table_name, self.row, self.column)


COLUMNS = tuple(field.name for field in fields(Mark))


def blank(report: Row, read: Read) -> Mark:
    """The line for a value that nobody has looked at yet."""
    return Mark(
        report["key"], report["sha256"], report["form"], report["year"], read.place.table, read.place.row,
        read.place.column, read.label, read.value, read.kind,
    )  # fmt: skip


def values(mark: Mark) -> tuple[object, ...]:
    """A mark as a line of its file, in the order of ``COLUMNS``; "no number" is written as a dash."""
    told = [getattr(mark, name) for name in COLUMNS]
    told[COLUMNS.index("correct")] = {None: "", "": "-"}.get(mark.correct, mark.correct)
    return tuple(told)


def write(path: Path, marks: Iterable[Mark]) -> None:
    """Write a file of marks, as spreadsheets open it."""
    with delimited.creating(path) as file:
        delimited.write_rows(file, COLUMNS, map(values, marks))


def read(paths: Iterable[Path]) -> list[Mark]:
    """All lines of these files; of one place of one page the last mark counts, so that a second look may correct a first.

    Raises ``ArchiveError`` with file and line for a file that is no such file, or a mark that is not understood.
    """
    found: dict[tuple[str, str, Place], Mark] = {}
    for path in paths:
        try:
            for mark in _lines(path):
                key = (mark.report_key, mark.sha256, mark.place)
                if mark.mark or key not in found:
                    found[key] = mark
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise ArchiveError(f"--marks {path}: cannot be read ({error})") from None
    return list(found.values())


def _lines(path: Path) -> Iterator[Mark]:
    with path.open(encoding=delimited.ENCODING, newline="") as file:
        lines = csv.DictReader(file)
        missing = set(COLUMNS) - set(lines.fieldnames or ())
        if missing:
            raise ArchiveError(
                f"--marks {path}: the column {min(missing)} is missing; `gongkai accuracy FOLDER` writes such files"
            )
        for line in lines:
            told = {name: delimited.unguarded((line[name] or "").strip()) for name in COLUMNS}
            where = f"--marks {path}, line {lines.line_num}"
            if not told["year"].isdigit():
                raise ArchiveError(f"{where}: the year {told['year']!r} is no year")
            mark = _understood(told.pop("mark"), where)
            correct = told.pop("correct")
            year = int(told.pop("year"))
            yield Mark(**told, year=year, mark=mark, correct=_correct(correct))


def _understood(text: str, where: str) -> str:
    for mark, words in _words()["marks"].items():
        if text.lower() in words:
            return mark
    if text:
        known = ", ".join(words[0] for words in _words()["marks"].values())
        raise ArchiveError(f"{where}: the mark {text!r} is not understood; write one of {known}, or nothing")
    return UNMARKED


def _correct(text: str) -> str | None:
    return "" if text.lower() in _words()["no_number"] else text or None


def _words() -> dict[str, dict[str, list[str]]]:
    return load("accuracy")
