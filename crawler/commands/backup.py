"""``gongkai backup``: a whole copy of the archive, made while others may write to it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import click

from archive.store import Archive
from crawler import console
from crawler.options import common_options, example

PAGES_AT_A_TIME = 2048


@example("gongkai backup /mnt/backups/archive-2026-11-21.db")
@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@common_options()
def command(file: Path, archive: Path) -> None:
    """Copy the archive while it is in use.

    FILE must not be there yet; it appears only when the copy is whole.
    """
    if file.exists():
        raise console.Unusable(f"{file} is there already; name another file")
    partial = file.with_name(file.name + ".partial")
    with Archive.open(archive, read_only=True) as opened:
        try:
            _copy(opened.conn, partial)
            partial.rename(file)
        except (OSError, sqlite3.OperationalError) as error:
            partial.unlink(missing_ok=True)
            raise console.Unusable(f"cannot write {file}: {error}") from None
    console.echo(f"{file}: {file.stat().st_size:,} bytes")


def _copy(source: sqlite3.Connection, target: Path) -> None:
    """SQLite's online backup into a new file, on the disk when this returns."""
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(target)) as copy:
        length = source.execute("PRAGMA page_count").fetchone()[0]
        with console.progress(length, "backup") as step:
            done = 0

            def progress(_status: int, remaining: int, total: int) -> None:
                nonlocal done
                step(total - remaining - done)
                done = total - remaining

            source.backup(copy, pages=PAGES_AT_A_TIME, progress=progress)
    with target.open("rb") as written:
        os.fsync(written.fileno())
