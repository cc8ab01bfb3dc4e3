"""``python -m crawler.docs`` prints docs/commands.md from the help of every command; a test keeps the two in step."""

from __future__ import annotations

import click

from crawler.cli import cli
from crawler.commands import SUMMARIES

HEAD = """# The commands

Made from the commands' own help by `python -m crawler.docs > docs/commands.md`; change it there.

Every command takes `--archive PATH` (or `GONGKAI_ARCHIVE`; default `archive.db` in the current folder) and `--sites PATH`
(or `GONGKAI_SITES`), used or not. YEARS is `2019`, `2019-2023` or `2019,2021`.

Exit codes: **0** done and well; **1** done, but something fell short; **2** wrong usage or unusable input, with one
clear line; **130** interrupted. Any other code is a bug.
"""


def markdown() -> str:
    """The whole page."""
    parts = [HEAD]
    root = click.Context(cli, info_name="gongkai", **cli.context_settings)
    for name in SUMMARIES:
        command = cli.get_command(root, name)
        assert command is not None
        parts += _section(command, click.Context(command, info_name=name, parent=root), level=2)
    return "\n".join(parts)


def _section(command: click.Command, context: click.Context, *, level: int) -> list[str]:
    # click keeps the first help option it made; one made without the group above would lack -h.
    command._help_option = None
    context.max_content_width = 100
    context.terminal_width = 100
    lines = [
        f"{'#' * level} {context.command_path}\n",
        f"```text\n{command.get_help(context).rstrip()}\n```\n",
    ]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            lines += _section(inner, click.Context(inner, info_name=name, parent=context), level=level + 1)
    return lines


if __name__ == "__main__":
    click.echo(markdown(), nl=False)
