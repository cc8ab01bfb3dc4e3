"""``gongkai verify``: is every byte and every row of the archive sound."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from archive.store import Archive
from archive.store.manifest import check_file
from archive.store.verify import Problem, Progress, verify
from archive.store.verify import mend as make_anew
from crawler import console
from crawler.options import common_options, example


@example("gongkai verify --archive chongqing.db")
@click.command("verify")
@click.option(
    "--sample",
    type=click.IntRange(1, 1_000_000_000),
    help="Read only so many bodies and readings, drawn at random.",
)
@click.option(
    "--manifest",
    "manifests",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Compare this manifest file with the archive; may be given again.",
)
@click.option(
    "--mend", is_flag=True, help="Make the search index anew, which follows from the reports, then check."
)
@common_options()
@click.pass_context
def command(
    ctx: click.Context, sample: int | None, manifests: tuple[Path, ...], mend: bool, archive: Path
) -> None:
    """Check that every byte and row of the archive is sound.

    Reads everything again and changes nothing. Each problem is a line, with what helps in brackets; exit code 1 if there
    is any.
    """
    if mend:
        with Archive.open(archive) as opened:
            console.say(f"made anew: {', '.join(make_anew(opened.db))}")
    with Archive.open(archive, read_only=True) as opened:
        counts = [
            opened.conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("body", "report")
        ]
        with ExitStack() as bars:
            problems = verify(opened.db, progress=_progress(bars), sample=sample)
        for file in manifests:
            problems += [Problem(where, what) for where, what in check_file(opened.conn, file)]
    for problem in problems:
        click.echo(str(problem))
    if problems:
        console.say(f"{archive}: {len(problems)} problems")
        ctx.exit(1)
    looked = f"{sample} of each at random" if sample else "all"
    click.echo(f"{archive}: sound ({counts[0]} bodies and {counts[1]} reports, {looked} read again)")


def _progress(bars: ExitStack) -> Progress:
    """Shows each pass over the archive in a bar of its own: ``verify`` starts each anew at nothing."""
    step = None
    before = 0

    def tell(done: int, total: int) -> None:
        nonlocal step, before
        if done == 0:
            bars.close()
            step = bars.enter_context(console.progress(total, "verify"))
            before = 0
        if step is not None:
            step(done - before)
            before = done

    return tell
