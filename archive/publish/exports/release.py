"""Releases: an export that is named, can be checked byte by byte, and says what differs from the one before."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from archive.publish import delimited
from archive.publish.exports import csv as ours
from archive.publish.exports.datapackage import sha256_of
from archive.publish.exports.tables import Table
from archive.store.errors import ArchiveError

SUMS = "SHA256SUMS"
CELLS = "cells.csv"
"""Every value of a release with its kind, in every format: what the next release is compared with."""
CHANGED = "changed.csv"

PLACE = ("report_key", "table_name", "row", "column")
COLUMNS = (
    "change",
    *PLACE,
    "value_before",
    "kind_before",
    "raw_before",
    "value_after",
    "kind_after",
    "raw_after",
)

Key = tuple[str, ...]


def check(since: Path) -> None:
    """Raise ``ArchiveError`` if the folder is no release, or not as it was sealed."""
    if not (since / SUMS).is_file() or not (since / CELLS).is_file():
        raise ArchiveError(f"--since {since}: is no release folder (it has no {SUMS} and {CELLS})")
    for line in (since / SUMS).read_text("utf-8").splitlines():
        digest, _, name = line.partition("  ")
        path = since / name
        if not path.is_file() or sha256_of(path) != digest:
            raise ArchiveError(
                f"--since {since}: {name} is missing or is not as it was when the release was made"
            )


def keep_cells(folder: Path, cells: Table) -> Path:
    """The file of all values; written if the format did not bring it."""
    path = folder / CELLS
    if not path.exists():
        ours.write(path, cells)
    return path


def compare(folder: Path, since: Path) -> int:
    """Write ``changed.csv``: every value added, removed or changed since that release; their number comes back."""
    before, after = _values(since / CELLS), _values(folder / CELLS)
    with delimited.creating(folder / CHANGED) as file:
        return delimited.write_rows(file, COLUMNS, _differences(before, after))


def seal(folder: Path) -> None:
    """Write ``SHA256SUMS`` over everything in the folder, as ``sha256sum --check`` reads it."""
    lines = [f"{sha256_of(path)}  {path.name}\n" for path in sorted(folder.iterdir()) if path.name != SUMS]
    (folder / SUMS).write_text("".join(lines), "utf-8")


def _values(path: Path) -> Iterator[tuple[Key, Sequence[str]]]:
    """Place and (value, kind, raw) of every cell, in the order of the file, which is that of the places."""
    with path.open(encoding=delimited.ENCODING, newline="") as file:
        for row in csv.DictReader(file):
            told = {name: delimited.unguarded(value) for name, value in row.items()}
            yield tuple(told[name] for name in PLACE), (told["value"], told["kind"], told["raw"])


def _differences(
    before: Iterator[tuple[Key, Sequence[str]]], after: Iterator[tuple[Key, Sequence[str]]]
) -> Iterator[tuple[str, ...]]:
    """A merge of two sorted streams. A place that stands twice (older forms) is compared in order."""
    nothing = ("", "", "")
    old, new = next(before, None), next(after, None)
    while old or new:
        if new is None or (old is not None and old[0] < new[0]):
            assert old is not None
            yield "removed", *old[0], *old[1], *nothing
            old = next(before, None)
        elif old is None or new[0] < old[0]:
            yield "added", *new[0], *nothing, *new[1]
            new = next(after, None)
        else:
            if old[1] != new[1]:
                yield "changed", *new[0], *old[1], *new[1]
            old, new = next(before, None), next(after, None)
