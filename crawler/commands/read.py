"""``gongkai read``: documents in, JSON out (docs/json.md). Touches no archive and no network."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from crawler import console
from crawler.options import common_options, example

FELL_SHORT = {"unparsed", "not_a_report"}


@example("gongkai read report.html --url http://www.cqbn.gov.cn/zwgk/t20260119_15345678.html")
@click.command("read")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--url", help="Where the document was published; tells the date when the page does not.")
@common_options(archive=False)
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...], url: str | None) -> None:
    """Understand documents and print them as JSON.

    Reads HTML, text, PDF, DOCX and XLSX; - is standard input. One document is printed as an indented object, several as
    one object a line, in the order given. Exit code 1 if any is no report or could not be understood, 2 if a file
    cannot be read.
    """
    if url and len(files) > 1:
        raise click.UsageError("--url belongs to one document; name one FILE with it.")
    if files.count("-") > 1:
        raise click.UsageError("Standard input (-) can be read only once.")
    code = 0
    for file in files:
        try:
            body = _bytes(file)
        except OSError as error:
            console.say(f"gongkai: cannot read {file}: {error.strerror or error}")
            code = 2
            continue
        printed = _read(file, body, url)
        console.echo(json.dumps(printed, ensure_ascii=False, indent=2 if len(files) == 1 else None))
        if printed["status"] in FELL_SHORT:
            code = max(code, 1)
    ctx.exit(code)


def _bytes(file: str) -> bytes:
    """The document's bytes, a little more than the reader accepts at most: it refuses the rest by itself.

    Raises ``OSError`` for a folder, a missing file, or one that may not be read.
    """
    from archive.sandbox import Limits

    limit = Limits().body + 1
    if file == "-":
        return sys.stdin.buffer.read(limit)
    with Path(file).open("rb") as opened:
        return opened.read(limit)


def _read(source: str, body: bytes, url: str | None) -> dict[str, object]:
    from archive.report.model import Context
    from archive.sandbox import read_safely

    return read_safely(body, [], Context(url=url)).as_json(source)
