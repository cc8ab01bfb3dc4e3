"""What commands say: messages for people on standard error, results on standard output, and progress in between."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import zip_longest
from typing import Any

import click

Row = Mapping[str, Any]
"""A row of a result: a mapping, or SQLite's own row, which can be asked like one."""


_UNSAFE = re.compile(
    # Beside the styles of our own: bold, dim and their end.
    r"\x1b(?!\[(?:0|1|2|22)m)|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)


def inert(text: str) -> str:
    r"""The text with whatever a terminal would obey, or would hide or turn round by, written out (``\u001b``).

    That are control characters but line feed and tab, and those that steer the direction of writing. Written so, JSON
    remains the same JSON.
    """
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def echo(text: object = "", *, nl: bool = True, err: bool = False) -> None:
    """Print a line of output. All that commands print goes through here: what portals write must not steer a terminal."""
    click.echo(inert(str(text)), nl=nl, err=err)


class Unusable(click.ClickException):
    """Input that cannot be used, or trouble the user can mend: printed as one line, exit code 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:  # noqa: ARG002
        """Print the message as ``gongkai`` prints all its complaints."""
        echo(f"gongkai: {self.format_message()}", err=True)


def say(message: str) -> None:
    """Tell the person at the terminal something, beside the output proper."""
    echo(message, err=True)


def width(text: str) -> int:
    """How many columns of a terminal the text takes: a Chinese character takes two."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def clip(text: str, columns: int) -> str:
    """The text on one line, cut with ``…`` if it takes more than so many columns."""
    text = " ".join(text.split())
    if width(text) <= columns:
        return text
    taken = 0
    for at, character in enumerate(text):
        taken += width(character)
        if taken > columns - 1:
            return text[:at] + "…"
    return text


def print_table(
    rows: Sequence[Row], columns: Mapping[str, str], *, right: Iterable[str] = (), dim: Sequence[bool] = ()
) -> None:
    """Print rows under their headings, aligned for a terminal with wide characters.

    ``columns`` maps the keys to print to their headings; ``right`` names those to align at the right. ``None`` is blank.
    ``dim`` says of each row whether it is greyed.
    """
    flush_right = set(right)
    cells = [[_plain(row[key]) for key in columns] for row in rows]
    widths = [
        max([width(heading), *(width(line[at]) for line in cells)])
        for at, heading in enumerate(columns.values())
    ]

    def line(texts: Sequence[str]) -> str:
        padded = []
        for key, text, wide in zip(columns, texts, widths, strict=True):
            padding = " " * (wide - width(text))
            padded.append(padding + text if key in flush_right else text + padding)
        return "  ".join(padded).rstrip()

    echo(click.style(line(list(columns.values())), bold=True))
    for texts, grey in zip_longest(cells, dim[: len(cells)], fillvalue=False):
        assert isinstance(texts, list)
        echo(click.style(line(texts), dim=True) if grey else line(texts))


def print_csv(rows: Iterable[Row], columns: Sequence[str]) -> None:
    """Print rows as CSV (UTF-8, CRLF-free). Text that a spreadsheet would run as a formula gets a leading apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_inert(row[key]) for key in columns])
    if sys.stdout.isatty():
        echo(buffer.getvalue(), nl=False)
    else:
        click.echo(buffer.getvalue(), nl=False)  # a program reads it: as it is


def print_json(rows: Iterable[Row], columns: Sequence[str]) -> None:
    """Print rows as one JSON array of objects, one object a line."""
    lines = [json.dumps({key: row[key] for key in columns}, ensure_ascii=False) for row in rows]
    echo("[" + ",\n ".join(lines) + "]")


def print_rows(
    rows: Sequence[Row], columns: Mapping[str, str], output_format: str, *, right: Iterable[str] = ()
) -> None:
    """Print rows as ``table``, ``csv`` or ``json``; the programs' formats use the keys as names, people the headings."""
    if output_format == "csv":
        print_csv(rows, list(columns))
    elif output_format == "json":
        print_json(rows, list(columns))
    else:
        print_table(rows, columns, right=right)


@contextmanager
def progress(length: int, label: str, *, every: float = 10.0) -> Iterator[Any]:
    """Show how far long work has come: a bar on a terminal, elsewhere a plain line every so many seconds, if it takes that.

    Yields a function to be called with the number of steps done since the last call.
    """
    if sys.stderr.isatty():
        with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
            yield bar.update
        return
    done, lines, told = 0, 0, time.monotonic()

    def step(count: int = 1) -> None:
        nonlocal done, lines, told
        done += count
        if time.monotonic() - told >= every:
            lines, told = lines + 1, time.monotonic()
            say(f"{label}: {done} of {length}")

    yield step
    if lines:
        say(f"{label}: {done} of {length}")


def _plain(value: object) -> str:
    return "" if value is None else inert(str(value))


def _inert(value: object) -> object:
    """A text that begins like a formula, made harmless. Numbers, negative ones too, stay as they are."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


def passes(bars: ExitStack, label: str) -> Callable[[int, int], None]:
    """Show work that goes over things once or several times, each pass in a bar of its own.

    The function that comes back is told how many are done and how many there are; a pass begins at nothing, or with the
    first thing told. ``bars`` closes the last bar.
    """
    step: Callable[[int], None] | None = None
    before = 0

    def tell(done: int, total: int) -> None:
        nonlocal step, before
        if step is None or done < before or done == 0:
            bars.close()
            step = bars.enter_context(progress(total, label))
            before = 0
        step(done - before)
        before = done

    return tell
