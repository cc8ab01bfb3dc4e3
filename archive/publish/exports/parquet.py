"""Parquet: one file a table, integers that may be null, meanings in the columns' metadata."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from archive.publish.exports.files import Done, write_each
from archive.publish.exports.tables import Field, Table, Type, Values
from archive.store.errors import ArchiveError

ROWS_AT_A_TIME = 20_000
"""Rows of a row group: what is held in memory."""


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
        for rows in _batches(table.rows()):
            columns = [
                [_typed(field, value) for value in values]
                for field, values in zip(table.fields, zip(*rows, strict=True), strict=True)
            ]
            writer.write_table(pa.table(columns, schema=schema))
            count += len(rows)
    return count


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


def _batches(rows: Iterator[Values]) -> Iterator[list[Values]]:
    while batch := list(islice(rows, ROWS_AT_A_TIME)):
        yield batch


def _typed(field: Field, value: Any) -> object:
    if value is None:
        return None
    if field.type == "text":
        return str(value)
    if field.type == "date":
        return date.fromisoformat(value)
    return float(value) if field.type == "number" else value
