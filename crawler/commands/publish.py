"""``gongkai publish``: an immutable copy of the archive, ready for the open internet."""

from __future__ import annotations

from pathlib import Path

import click

from crawler import console
from crawler.options import common_options, example


@example("gongkai publish public/ && public/serve")
@click.command("publish")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--with-bodies", is_flag=True, help="Put the stored pages in, as served: nothing in them is masked."
)
@click.option("--static", is_flag=True, help="Add every report's page as a plain file.")
@common_options()
def command(folder: Path, archive: Path, with_bodies: bool, static: bool) -> None:
    """Write everything needed to host the archive into FOLDER.

    A read-only copy without stored pages, without what is withheld, without findings and absences before their time, and
    with personal data in texts masked; its configuration; and a command that serves it. FOLDER must be new.
    """
    from archive.publish.publication import publish
    from archive.store import Archive, clock

    with Archive.open(archive, read_only=True) as opened:
        done = publish(
            opened, folder, now=clock.now(), bodies=with_bodies, static=static, progress=console.progress
        )
    console.echo(
        f"{folder}: {done.reports} reports; left out: {done.withheld} withheld, {done.unripe} findings withheld, "
        f"dismissed or not yet ripe; {done.masked} texts with personal data masked"
    )
    console.echo(f"Serve it:  {folder}/serve")
