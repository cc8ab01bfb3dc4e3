"""``gongkai reread``: understand stored pages again, with today's reader, without network."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler import console
from crawler.options import common_options, example

if TYPE_CHECKING:
    from archive import reread

SHOWN = 6
"""Differences named for each reading; the table ``reading_change`` has all of them."""
WIDEST = 40


@example("gongkai reread --outdated --jobs 4")
@click.command("reread")
@click.option("--outdated", is_flag=True, help="Only what an earlier version of the reader has read.")
@click.option(
    "--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, show_default="all cores", help="Processes."
)
@click.option(
    "--accept-worse", is_flag=True, help="Take over readings that are worse than the stored ones too."
)
@common_options()
@click.pass_context
def command(ctx: click.Context, outdated: bool, jobs: int, accept_worse: bool, archive: Path) -> None:
    """Understand stored pages again, without network.

    Each reading that comes out differently is a line. One that is worse (fewer numbers, new errors, no agency or year)
    is told and left out; exit code 1 if there is any. Makes no versions: what differs is a correction of ours, kept in
    the table reading_change. If broken off, the next start goes on.
    """
    from archive import reread
    from archive.report.model import READER
    from archive.store import Archive

    with Archive.open(archive) as opened:
        length = reread.total(opened.conn, outdated=outdated)
        with console.progress(length, "reread") as step:
            summary = reread.reread(
                opened,
                outdated=outdated,
                jobs=jobs,
                accept_worse=accept_worse,
                on_outcome=tell,
                progress=step,
            )
    if summary.resumed_after:
        console.say(f"went on after the {summary.resumed_after} read before")
    console.say(
        f"{summary.read} read by reader {READER}: {summary.same} the same, {summary.corrected} corrected, "
        f"{summary.found} placed or explained anew, {summary.kept_out} worse and left out, {summary.unreadable} unreadable"
    )
    for place, count in sorted(summary.places.items(), key=lambda item: -item[1]):
        console.say(f"  {place}: {count} differences")
    if summary.kept_out:
        console.say("look at what is worse; --accept-worse takes it over")
    if summary.kept_out or summary.unreadable:
        ctx.exit(1)


def tell(outcome: reread.Outcome, taken: bool) -> None:
    """Print what came out differently: of which document, why (which reader), and where."""
    from archive.report.model import READER

    if outcome.trouble:
        console.echo(f"unreadable  {outcome.item.doc_key}: {outcome.trouble}")
        return
    word = "corrected " if taken else "left out  "
    readers = f"reader {outcome.reader_before or 'none'} -> {READER}"
    console.echo(f"{word}  {console.clip(outcome.title, 2 * WIDEST)} ({outcome.item.doc_key}; {readers})")
    for loss in outcome.losses:
        console.echo(f"    worse: {loss}")
    for change in outcome.changes[:SHOWN]:
        before, after = (
            "nothing" if value is None else console.clip(str(value), WIDEST)
            for value in (change.before, change.after)
        )
        console.echo(f"    {change.place}: {before} -> {after}")
    if len(outcome.changes) > SHOWN:
        console.echo(f"    … and {len(outcome.changes) - SHOWN} more")
