"""What the formats that write a file a table have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import resources
from pathlib import Path

from archive.publish.exports.tables import Table

Done = Callable[[int], object]
"""Told how many steps more are done: tables written, or snapshots."""

Progress = Callable[[int, str], AbstractContextManager[Done]]
"""Begins a piece of work of so many steps, under that name."""


def quietly(_steps: int, _name: str) -> AbstractContextManager[Done]:
    """Progress that nobody is told of."""
    return nullcontext(lambda _: None)


def write_each(
    folder: Path, tables: Sequence[Table], suffix: str, write: Callable[[Path, Table], int], done: Done
) -> dict[str, Path]:
    """Write every table that has rows into a file of its own; the files by the tables' names."""
    files: dict[str, Path] = {}
    for table in tables:
        path = folder / f"{table.name}{suffix}"
        if write(path, table):
            files[table.name] = path
        else:
            path.unlink(missing_ok=True)
        done(1)
    return files


def put_script(folder: Path, name: str, source: str) -> None:
    """Put one of the scripts in ``data/`` beside the files."""
    text = (resources.files(__package__) / "data" / source).read_text("utf-8")
    (folder / name).write_text(text, "utf-8")
