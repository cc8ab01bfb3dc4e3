"""Parquet: one file a table, integers that may be null, meanings in the columns' metadata."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice, repeat
from pathlib import Path
from types import NoneType
from typing import Any

from archive.publish.exports.files import Done, write_each
from archive.publish.exports.tables import Field, Table, Type, Values
from archive.store.errors import ArchiveError

ROWS_AT_A_TIME = 20_000
"""Rows of a row group: what is held in memory."""
GROUPS_AT_A_TIME = 100
"""Reports, of which each has 200 cells: about as many rows."""


def write_all(folder: Path, tables: Sequence[Table], done: Done) -> dict[str, Path]:
    """Write every table that has rows; the files by the tables' names. ``ArchiveError`` without pyarrow."""
    return write_each(folder, tables, ".parquet", write, done)


def write(path: Path, table: Table) -> int:
    """Write one table; the number of its rows comes back. ``ArchiveError`` without pyarrow."""
    pa, pq = _pyarrow()
    kinds: dict[Type, Any] = {
        "text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "date": pa.date32(),
    }  # fmt: skip
    schema = pa.schema(
        [
            pa.field(field.name, kinds[field.type], metadata={"description": field.label})
            for field in table.fields
        ],
        metadata={"description": table.description},
    )
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for columns in _groups(table, schema, pa) if table.groups else _rows(table):
            part = pa.table(columns, schema=schema)
            writer.write_table(part)
            count += part.num_rows
    return count


def _rows(table: Table) -> Iterator[list[Sequence[object]]]:
    """The columns of a table, some rows at a time."""
    rows = table.rows()
    while batch := list(islice(rows, ROWS_AT_A_TIME)):
        pairs = zip(table.fields, zip(*batch, strict=True), strict=True)
        yield [_typed(field, values) for field, values in pairs]


def _groups(table: Table, schema: Any, pa: Any) -> Iterator[list[Any]]:
    """As ``_rows``, of rows in parts: parts are numbered and made columns once, then taken by their numbers."""
    assert table.groups
    groups = table.groups()
    while batch := list(islice(groups, GROUPS_AT_A_TIME)):
        heads, places, tolds = _Numbers(), _Numbers(), _Numbers()
        taken = (
            (heads, [number for head, found in batch for number in repeat(heads[head], len(found))]),
            (places, [places[place] for _, found in batch for place, _ in found]),
            (tolds, [tolds[told] for _, found in batch for _, told in found]),
        )
        types = iter(schema.types)
        yield [
            pa.array(column, next(types)).take(pa.array(numbers))
            for parts, numbers in taken
            for column in zip(*parts, strict=True)
        ]


class _Numbers(dict[Values, int]):
    """The parts of rows in the order in which they first occur, with their numbers."""

    def __missing__(self, part: Values) -> int:
        self[part] = number = len(self)
        return number


def _pyarrow() -> tuple[Any, Any]:
    """The two modules used, imported when they are needed: they are an extra."""
    try:
        import pyarrow  # type: ignore[import-untyped]
        import pyarrow.parquet  # type: ignore[import-untyped]
    except ImportError:
        raise ArchiveError(
            "--format parquet needs the package pyarrow: pip install 'gongkai[export]'"
        ) from None
    return pyarrow, pyarrow.parquet


def _typed(field: Field, values: Sequence[Any]) -> Sequence[object]:
    """A column as its type asks for; most need nothing done, and there are millions of values."""
    kinds = set(map(type, values)) - {NoneType}
    if field.type == "text" and kinds - {str}:
        return [None if value is None else str(value) for value in values]
    if field.type == "date":
        return [None if value is None else date.fromisoformat(value) for value in values]
    return values
