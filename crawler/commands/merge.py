"""``gongkai merge``: archives of several machines united into one."""

from __future__ import annotations

from pathlib import Path

import click

from crawler import console
from crawler.options import common_options, example


@example("gongkai merge north.db south.db --archive chongqing.db")
@click.command("merge")
@click.argument("others", nargs=-1, required=True, metavar="OTHER.db...", type=click.Path(path_type=Path))
@common_options()
def command(others: tuple[Path, ...], archive: Path) -> None:
    """Unite archives without loss or duplicates.

    Everything the OTHER archives know is taken over into the archive, which is made if it is not there; they are only
    read. In any order the same comes out, and merging again changes nothing. What is withheld in any of them is
    withheld. Each OTHER is taken over whole or not at all. Damaged bytes are mended where another archive has them.
    """
    from archive.store import Archive, across
    from archive.store.merging import merge

    for other in others:  # all are looked at before the first is taken
        Archive.open(other, read_only=True).close()
    with Archive.open(archive, create=True) as opened:
        for other in others:
            with console.progress(5, f"merge {other.name}") as step:
                merged = merge(opened, other, tell=lambda _step, step=step: step(1))  # type: ignore[misc]
            gained = ", ".join(f"{count:,} {table}" for table, count in merged.gained.items() if count)
            more = f"; {merged.rebuilt} documents worked out again" if merged.rebuilt else ""
            healed = f"; {merged.healed} damaged bodies mended" if merged.healed else ""
            console.say(f"{other}: {gained or 'nothing new'}{more}{healed}")
        across.update(opened.db)
        opened.truncate_log()  # what another archive's decision removed must not linger there
