"""``gongkai backup``: a whole copy of the archive, made while others may write to it."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from crawler import console
from crawler.options import common_options, example


@example("gongkai backup /mnt/backups/archive-2026-11-21.db")
@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@common_options()
def command(file: Path, archive: Path) -> None:
    """Copy the archive while it is in use.

    FILE must not be there yet; it appears only when the copy is whole.
    """
    from archive.store import Archive

    with Archive.open(archive, read_only=True) as opened, ExitStack() as bars:
        opened.backup(file, progress=console.passes(bars, "backup"))
    console.echo(f"{file}: {file.stat().st_size:,} bytes")
