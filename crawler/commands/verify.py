"""``gongkai verify``: is every byte and every row of the archive sound."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from archive import reread
from archive.store import Archive, questions
from archive.store.manifest import check_file
from archive.store.verify import REREAD, Problem, verify
from archive.store.verify import mend as make_anew
from crawler import console
from crawler.options import common_options, example


@example("gongkai verify --archive chongqing.db")
@click.command("verify")
@click.option(
    "--sample",
    type=click.IntRange(1, 1_000_000_000),
    help="Look at so many bodies, readings and reports only, drawn at random.",
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
@common_options()
@click.pass_context
def command(
    ctx: click.Context,
    sample: int | None,
    manifests: tuple[Path, ...],
    mend: bool,
    again: bool,
    archive: Path,
) -> None:
    """Check that every byte and row of the archive is sound.

    Bodies against their digests, readings against theirs, and every row that follows from others (reports, cells,
    findings, changes, sums over lists, reference data, search) against what it follows from. Changes nothing unless
    told to mend. Each problem is a line, with what helps in brackets; exit code 1 if there is any.
    """
    if mend:
        with Archive.open(archive) as opened:
            console.say(f"made anew: {', '.join(make_anew(opened.db))}")
    with Archive.open(archive, read_only=True) as opened:
        with ExitStack() as bars:
            verdict = verify(opened.db, progress=console.passes(bars, "verify"), sample=sample)
        problems = verdict.problems
        for file in manifests:
            problems += [Problem(where, what) for where, what in check_file(opened.conn, file)]
        if again:
            count, differing = reread.compare(opened, sample=sample)
            verdict.looked["pages by today's reader"] = count
            problems += [Problem(where, what, REREAD) for where, what in differing]
        unsealed = questions.unsealed(opened.conn)
    for problem in problems:
        console.echo(str(problem))
    looked = ", ".join(f"{some} of {all_} {kind}" for kind, (some, all_) in verdict.looked.items())
    if sample is None:
        looked += ", comparisons of reports, the search index"
    about = f"(looked at: structure, references, {looked})"
    if problems:
        console.say(f"{archive}: {len(problems)} problems {about}")
    else:
        console.echo(f"{archive}: sound {about}")
    if unsealed:
        console.say(f"{unsealed} snapshots are sealed by no manifest yet: gongkai manifest")
    if problems:
        ctx.exit(1)
