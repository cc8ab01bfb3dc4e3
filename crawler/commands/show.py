"""``gongkai show``: one report on the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import click

from crawler import console
from crawler.options import common_options, example, format_option


@example("gongkai show 500154:township_government:金峰:organ:2025")
@click.command("show")
@click.argument("report")
@format_option("text", "json")
@common_options()
def command(report: str, output_format: str, archive: Path) -> None:
    """One report on the terminal.

    REPORT is its key, its number in this archive, or the address it was published at.
    """
    from archive.store import Archive
    from crawler.showing import find, print_report, reading

    with Archive.open(archive, read_only=True) as opened:
        row = find(opened, report)
        if output_format == "json":
            console.echo(json.dumps(reading(opened, row), ensure_ascii=False, indent=2))
        else:
            print_report(opened, row)
