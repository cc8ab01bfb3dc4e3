"""``gongkai ingest``: saved documents and WARC files into the archive, as if they had been crawled."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from crawler import console
from crawler.options import common_options, example
from crawler.tool import tool

if TYPE_CHECKING:
    from crawler import saved, saved_warc

F = TypeVar("F")
TOLD = 20
"""Lines about single records; beyond them only the counts tell."""


@example("gongkai ingest saved-pages/ crawl.warc.gz --archive chongqing.db")
@click.command("ingest")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--url", help="Where the one document named was published.")
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=os.cpu_count() or 1,
    show_default="all cores",
    help="Processes that read.",
)
@common_options(sites=True)
@click.pass_context
def command(
    ctx: click.Context, paths: tuple[Path, ...], url: str | None, jobs: int, archive: Path, sites: Path | None
) -> None:
    """Put saved documents or WARC files into the archive.

    Takes files, folders and WARC files. Beside a file page.html, page.html.meta.json may tell its url, fetched_at,
    title, list_date, column_name, site, site_name, county_code, status and headers; without fetched_at the file's own
    date stands. Of a WARC file the answers that may hold a report are taken, at their own times; one written by gongkai
    export gives back all its snapshots. What is in the archive already is skipped, so that a broken-off run goes on.
    """
    from archive.ahead import Readers
    from archive.store import Archive, questions
    from crawler import saved, saved_warc
    from crawler.intake import NOT_DOCUMENTS, OUTCOMES, WANTING, Intake
    from crawler.sites import load as load_registry

    if url and (len(paths) > 1 or paths[0].is_dir() or saved.is_warc(paths[0])):
        raise click.UsageError("--url belongs to one document; name one file with it.")
    if missing := [path for path in paths if not path.exists()]:
        raise console.Unusable(f"cannot read {missing[0]}: no such file or folder")
    registry = load_registry(sites)
    complaints = Complaints()
    files = list(saved.find(list(paths), tell=complaints.tell))
    size = sum(_kilobytes(file) for file in files)
    counts: Counter[str] = Counter()
    made = not archive.exists()
    with (
        Archive.open(archive, create=True) as opened,
        console.progress(size, "ingest (kB)") as step,
        Readers[saved.Saved | saved_warc.Found](jobs) as readers,
    ):
        run = opened.runs.start("ingest", tool())
        intake = Intake(opened, registry, run)
        waiting: dict[Path, set[int]] = {}
        for file in files:
            coming = readers.ahead(_found(file, url, complaints.tell, step), intake.wanted)
            for number, (found, read) in complaints.watch(coming):
                outcome = intake.take(found, read)
                if outcome == "unknown":
                    waiting.setdefault(file, set()).add(number)
                else:
                    counts[outcome] += 1
        # What a repeat refers to may stand in a later record or file: those files are gone through once more.
        for file, numbers in waiting.items():
            for number, found in complaints.watch(_found(file, url), again=True):
                if number in numbers:
                    counts[intake.take(found)] += 1
        opened.runs.finish(run, "failed" if complaints.unusable else "done")
        empty = questions.is_empty(opened.conn)
    if made and empty and complaints.unusable:
        for left in archive.parent.glob(f"{archive.name}*"):
            if left.name in (archive.name, f"{archive.name}-wal", f"{archive.name}-shm"):
                left.unlink()  # nothing could be used: no archive is left that nobody asked for
    complaints.sum_up()
    for outcome, meaning in OUTCOMES.items():
        if counts[outcome]:
            console.echo(f"{counts[outcome]:6}  {outcome}: {meaning}")
    if not any(counts[outcome] for outcome in OUTCOMES if outcome not in NOT_DOCUMENTS):
        console.echo("no document found")
    ctx.exit(2 if complaints.unusable else int(any(counts[outcome] for outcome in WANTING)))


class Complaints:
    """What was wrong with files and records: the first are told one by one, then only how many more there were."""

    def __init__(self) -> None:
        self.unusable = False
        self._untold = 0
        self._told = 0

    def tell(self, line: str) -> None:
        """Something about one record or file that does not stop the work."""
        self._told += 1
        if self._told <= TOLD:
            console.say(f"gongkai: {line}")
        else:
            self._untold += 1

    def watch(self, found: Iterator[F], *, again: bool = False) -> Iterator[tuple[int, F]]:
        """Number what is found in a file; where the file cannot be used any further that is told, and it ends."""
        from crawler import saved

        try:
            yield from enumerate(found)
        except saved.SavedError as error:
            self.unusable = True
            if not again:
                console.say(f"gongkai: {error}")

    def sum_up(self) -> None:
        """Tell how many complaints were not told."""
        if self._untold:
            console.say(f"gongkai: {self._untold} more complaints about single records")


def _found(
    file: Path, url: str | None, tell: Callable[[str], None] = lambda _: None,
    step: Callable[[int], object] = lambda _: None,
) -> Iterator[saved.Saved | saved_warc.Found]:  # fmt: skip
    """What a file holds; ``step`` is told the kilobytes that were gone through."""
    from crawler import saved, saved_warc

    done = 0

    def progress(place: int) -> None:
        nonlocal done
        if place // 1000 > done:
            step(place // 1000 - done)
            done = place // 1000

    if saved.is_warc(file):
        yield from saved_warc.load(file, tell=tell, progress=progress)
    else:
        yield saved.load(file, url=url)
    step(max(_kilobytes(file) - done, 0))


def _kilobytes(file: Path) -> int:
    try:
        return file.stat().st_size // 1000 + 1
    except OSError:
        return 1
