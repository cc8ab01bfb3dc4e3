"""Options and argument types that the commands share."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

FIRST_YEAR = 2008
"""The first year anybody had to report on: the first regulation came into force on 2008-05-01."""
LAST_YEAR = 2100


class YearsType(click.ParamType[frozenset[int]]):
    """``2019``, ``2019-2023`` or ``2019,2021`` (also mixed) as a frozenset of years."""

    name = "YEARS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[int]:
        """The years meant. Fails with a usage error (exit code 2) on anything else, and on an empty range."""
        if isinstance(value, frozenset):
            return value
        years: set[int] = set()
        for part in str(value).split(","):
            match = re.fullmatch(r"\s*([0-9]{4})\s*(?:[-–]\s*([0-9]{4})\s*)?", part)
            if not match:
                self.fail(
                    f"{value!r} is not a year, a range or a list of years (2019, 2019-2023, 2019,2021)",
                    param,
                    ctx,
                )
            first, last = int(match[1]), int(match[2] or match[1])
            if first > last:
                self.fail(f"the range {part.strip()} runs backwards", param, ctx)
            if first < FIRST_YEAR or last > LAST_YEAR:
                self.fail(f"{part.strip()}: reports exist from {FIRST_YEAR} on", param, ctx)
            years.update(range(first, last + 1))
        return frozenset(years)


YEARS = YearsType()


def common_options(*, archive: bool = True, sites: bool = False) -> Callable[[Command], Command]:
    """Give a command ``--archive PATH`` and ``--sites PATH``, with their environment variables and defaults.

    The command receives ``archive: Path`` and ``sites: Path | None`` if it says that it uses them. What it does not
    use is accepted all the same and not shown, so that a script may pass the same options to every command.
    """

    def decorate(command: Command) -> Command:
        command = click.option(
            "--sites",
            type=click.Path(path_type=Path),
            envvar="GONGKAI_SITES",
            help="A registry of sites that replaces the built-in one.  [env: GONGKAI_SITES]",
            expose_value=sites,
            hidden=not sites,
        )(command)
        return click.option(
            "--archive",
            type=click.Path(path_type=Path),
            envvar="GONGKAI_ARCHIVE",
            default=Path("archive.db"),
            help="The archive.  [env: GONGKAI_ARCHIVE; default: archive.db]",
            expose_value=archive,
            hidden=not archive,
        )(command)

    return decorate


def format_option(*formats: str) -> Callable[[Command], Command]:
    """Give a command ``--format``: the first one named is the default. The command receives ``output_format: str``."""
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How to print.",
    )


def example(text: str) -> Callable[[Command], Command]:
    """The example at the end of a command's help. Goes above ``@click.command``."""

    def decorate(command: Command) -> Command:
        assert isinstance(command, click.Command)
        command.epilog = f"Example: {text}"
        return command

    return decorate
