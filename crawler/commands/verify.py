"""``gongkai verify``: is every byte and every row of the archive sound."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler import console
from crawler.options import common_options, example

if TYPE_CHECKING:
    from archive.store import Archive
    from archive.store.verify import Part, Problem

MANY = 2000
"""Things to look at that are worth the start of processes."""

AHEAD = 32
"""Parts in hand for each process: while one is at a long one, the others are to have work."""


@example("gongkai verify --archive chongqing.db")
@click.command("verify")
@click.option(
    "--sample",
    type=click.IntRange(1, 1_000_000_000),
    help="Look at so many of each kind only, drawn at random, and leave out what reads the whole file: for every night.",
)
@click.option(
    "--manifest",
    "manifests",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Compare this manifest file with the archive; may be given again.",
)
@click.option(
    "--mend",
    is_flag=True,
    help="First make anew what follows from the rest: report rows, search index, views.",
)
@click.option(
    "--reread",
    "again",
    is_flag=True,
    help="Also read the stored pages again: does today's reader say the same?",
)
@click.option(
    "--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, show_default="all cores", help="Processes."
)
@common_options()
@click.pass_context
def command(
    ctx: click.Context,
    sample: int | None,
    manifests: tuple[Path, ...],
    mend: bool,
    again: bool,
    jobs: int,
    archive: Path,
) -> None:
    """Check that every byte and row of the archive is sound.

    Bodies against their digests, readings against theirs, and every row that follows from others (reports, cells,
    findings, changes, sums over lists, reference data, search) against what it follows from. Changes nothing unless
    told to mend. Each problem is a line, with what helps in brackets; exit code 1 if there is any.
    """
    from archive import reread
    from archive.store import Archive, questions
    from archive.store.manifest import check_file
    from archive.store.verify import REREAD, Problem, verify
    from archive.store.verify import mend as make_anew

    if mend:
        with Archive.open(archive) as opened:
            console.say(f"made anew: {', '.join(make_anew(opened.db))}")
    with Archive.open(archive, read_only=True) as opened:
        with ExitStack() as bars:
            verdict = verify(
                opened.db,
                progress=console.passes(bars, "verify"),
                sample=sample,
                spread=lambda parts: _spread(opened, parts, jobs),
            )
        problems = verdict.problems
        for file in manifests:
            problems += [Problem(where, what) for where, what in check_file(opened.conn, file)]
        if again:
            count, differing = reread.compare(opened, sample=sample, jobs=jobs)
            verdict.looked["pages by today's reader"] = count
            problems += [Problem(where, what, REREAD) for where, what in differing]
        unsealed = questions.unsealed(opened.conn)
    for problem in problems:
        console.echo(str(problem))
    looked = ", ".join(f"{some} of {all_} {kind}" for kind, (some, all_) in verdict.looked.items())
    left_out = f"; left out: {', '.join(verdict.left_out)}" if verdict.left_out else ""
    about = f"(looked at: {looked}, and what holds them together{left_out})"
    if problems:
        console.say(f"{archive}: {len(problems)} problems {about}")
    else:
        console.echo(f"{archive}: sound {about}")
    if unsealed:
        console.say(f"{unsealed} snapshots are sealed by no manifest yet: gongkai manifest")
    if problems:
        ctx.exit(1)


def _spread(opened: Archive, parts: Sequence[Part], jobs: int) -> Iterable[list[Problem]]:
    from archive import cores

    many = sum(part.size for part in parts) >= MANY
    return cores.spread(opened, _look, parts, jobs if many else 1, ahead=AHEAD)


def _look(opened: Archive, part: Part) -> list[Problem]:
    from archive.store.verify import look

    return look(opened.db, part)
