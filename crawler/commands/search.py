"""``gongkai search``: words in titles and texts."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler import console
from crawler.options import common_options, example, format_option

if TYPE_CHECKING:
    from archive.store.search import Hit

COLUMNS = ("key", "agency", "year", "scope", "title", "url", "excerpt")


@example("gongkai search 行政复议 朝天门 --limit 50")
@click.command("search")
@click.argument("words", nargs=-1, required=True)
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="At most so many reports."
)
@format_option("text", "csv", "json")
@common_options()
def command(words: tuple[str, ...], limit: int, output_format: str, archive: Path) -> None:
    """Find words in titles and texts.

    Every word must be there; Chinese words of any length are found. Best matches first.
    """
    from archive.store import Archive
    from archive.store.search import search

    with Archive.open(archive, read_only=True) as opened:
        hits = search(opened.conn, " ".join(words), limit=limit)
    if output_format != "text":
        console.print_rows([asdict(hit) for hit in hits], dict.fromkeys(COLUMNS, ""), output_format)
        return
    for hit in hits:
        console.echo(click.style(f"{hit.agency} {hit.year}", bold=True), nl=False)
        console.echo(f"  {hit.key}")
        console.echo(f"  {highlighted(hit)}")
    more = ", perhaps more: --limit" if len(hits) == limit else ""
    console.say(f"{len(hits)} reports{more}")


def highlighted(hit: Hit) -> str:
    """The excerpt on one line, its hits in bold."""
    shown, at = "", 0
    for start, end in hit.marks:
        shown += hit.excerpt[at:start] + click.style(hit.excerpt[start:end], bold=True)
        at = end
    return " ".join((shown + hit.excerpt[at:]).split())
