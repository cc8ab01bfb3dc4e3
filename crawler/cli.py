"""The command ``gongkai``.

Exit codes: 0 done and well; 1 done, but something fell short, or a question was answered with no; 2 wrong usage or unusable input, with one clear line;
130 interrupted. Anything else is a bug, and says so.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click
from click.exceptions import NoArgsIsHelpError

from crawler import console
from crawler.commands import SUMMARIES

INTERRUPTED = 130
BUG = 70


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is used: ``--help`` must not wait for Scrapy."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names of all commands, in the order of ``SUMMARIES``."""
        return list(SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, imported now; ``None`` if there is none."""
        if cmd_name not in SUMMARIES:
            return None
        command = importlib.import_module(f"crawler.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in click, but an unknown name is answered with the nearest known one."""
        if args and not args[0].startswith("-") and args[0] not in SUMMARIES:
            import difflib

            near = difflib.get_close_matches(args[0], SUMMARIES, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands from ``SUMMARIES``, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. A closed pipe (``gongkai … | head``) ends it quietly: the reader had enough."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # What is still buffered must go nowhere, or the interpreter complains about it while it shuts down.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        return result


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Every command explains itself: gongkai COMMAND --help. Start with: gongkai demo",
)
@click.version_option(package_name="gongkai", prog_name="gongkai")
def cli() -> None:
    """Find, keep, read and check the annual reports of Chinese government bodies on information disclosure.

    政府信息公开工作年度报告的采集、存档、解读与核对。
    """


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run ``gongkai`` and leave the process with its exit code."""
    _settle_encodings()
    sys.exit(run(argv))


def run(argv: Sequence[str] | None = None) -> int:
    """Run ``gongkai`` with these arguments (default: those of the process) and return its exit code. Never raises."""
    try:
        code = cli.main(args=None if argv is None else list(argv), prog_name="gongkai", standalone_mode=False)
    except click.Abort as error:
        # click raises this for Ctrl-C (from an interrupt or the end of input) and for a question answered with no.
        if error.__cause__ is None and error.__context__ is None:
            console.say("nothing was done")
            return 1
        console.say("interrupted")
        return INTERRUPTED
    except NoArgsIsHelpError as error:
        error.show()
        return 2
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "gongkai"
        _complain(f"{error.format_message()} (see '{path} --help')")
        return 2
    except click.ClickException as error:
        _complain(error.format_message())
        return 2
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 0 if error.code is None else 2
    except Exception as error:
        if os.environ.get("GONGKAI_DEBUG"):
            raise
        if _is_expected(error):
            _complain(str(error))
            return 2
        if isinstance(error, UnicodeEncodeError) and "surrogates" in str(error):
            _complain("an argument is not text in this terminal's encoding")
            return 2
        if _is_damage(error):
            _complain(
                f"the archive is damaged ({' '.join(str(error).split())[:200]}): gongkai verify says where"
            )
            return 2
        _complain(
            f"this is a bug in gongkai: {type(error).__name__}: {' '.join(str(error).split())}; "
            "please report it (set GONGKAI_DEBUG=1 for details)"
        )
        return BUG
    return code if isinstance(code, int) else 0


def _is_expected(error: Exception) -> bool:
    """Whether this is trouble with what was given to us, worded for a person, and not a fault of ours.

    Looked up among the modules already loaded: one that was never imported cannot have raised its error.
    """
    for module, name in (("archive.store", "ArchiveError"), ("crawler.sites", "RegistryError")):
        kind = getattr(sys.modules.get(module), name, None)
        if isinstance(kind, type) and isinstance(error, kind):
            return True
    return False


def _is_damage(error: Exception) -> bool:
    """Whether SQLite could not make sense of the file's own bytes."""
    sqlite3 = sys.modules.get("sqlite3")
    if sqlite3 is None or not isinstance(error, sqlite3.DatabaseError):
        return False
    return any(words in str(error) for words in ("malformed", "not a database", "Could not decode to UTF-8"))


def _complain(message: str) -> None:
    console.say(f"gongkai: {message}")


def _settle_encodings() -> None:
    """Programs get UTF-8, a terminal what it asks for; a character it cannot show must not stop the work."""
    for stream in (sys.stdout, sys.stderr):
        if stream is None:  # closed by whoever called us
            continue
        encoding = stream.encoding if stream.isatty() else "utf-8"
        stream.reconfigure(encoding=encoding, errors="backslashreplace")  # type: ignore[union-attr]
