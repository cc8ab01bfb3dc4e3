"""The command as a whole: help, exit codes, encodings. Each subcommand has tests of its own."""

import json
import os
import pkgutil
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import crawler.cli
import crawler.commands
from crawler import console
from crawler.cli import BUG, cli, run
from crawler.commands import SUMMARIES
from crawler.options import YEARS

GONGKAI = [sys.executable, "-m", "crawler"]


def command(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


def test_the_list_of_commands_is_the_list_of_modules() -> None:
    modules = [module.name for module in pkgutil.iter_modules(crawler.commands.__path__)]
    assert set(SUMMARIES) == {name for name in modules if not name.startswith("_")}


@pytest.mark.parametrize("name", SUMMARIES)
def test_the_summary_is_the_first_line_of_the_help(name: str) -> None:
    assert (command(name).help or "").split("\n")[0].strip() == SUMMARIES[name]


@pytest.mark.parametrize("name", SUMMARIES)
def test_every_command_has_an_example_and_the_common_options(name: str) -> None:
    found = command(name)
    assert (found.epilog or "").startswith("Example: gongkai ")
    options = {option for parameter in found.params for option in parameter.opts}
    assert {"--archive", "--sites"} <= options


def test_help_imports_nothing_heavy_and_is_quick() -> None:
    """Neither ``gongkai --help`` nor that of any command."""
    heavy = [
        "scrapy",
        "twisted",
        "lxml",
        "datasette",
        "pandas",
        "numpy",
        "celery",
        "redis",
        "sqlite_utils",
        "archive.store",
    ]
    code = f"""
import sys, io, contextlib
from crawler.cli import run
for command in {["", *SUMMARIES]!r}:
    with contextlib.redirect_stdout(io.StringIO()):
        assert run([command, "--help"] if command else ["--help"]) == 0
    for module in [m for m in {heavy!r} if m in sys.modules]:
        print(command, "imports", module)
"""
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout == ""


def test_an_archive_is_opened_without_parsers_and_data_frames() -> None:
    """sqlite_utils would import pandas and numpy where they are: half a second for every command and every process."""
    code = "import archive.store, sys; print([m for m in ('lxml', 'pandas', 'numpy') if m in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("gongkai, version ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["raed"], "Did you mean 'read'?"),
        (["--no-such-option"], "No such option"),
        (["read"], "Missing argument"),
        (["coverage", "--years", "20x9"], "is not a year"),
    ],
)
def test_wrong_usage_is_one_line_and_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_no_command_prints_the_help_and_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    assert "Commands:" in capsys.readouterr().err


def raising(error: BaseException) -> Callable[[str], click.Command]:
    @click.command()
    def broken() -> None:
        raise error

    return lambda name: broken


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (
            RuntimeError("two\nlines"),
            BUG,
            "this is a bug in gongkai: RuntimeError: two lines; please report it",
        ),
        (KeyboardInterrupt(), 130, "interrupted"),
        (click.ClickException("no such thing"), 2, "gongkai: no such thing"),
        (SystemExit(1), 1, ""),
    ],
)
def test_errors_and_their_exit_codes(
    error: BaseException,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("GONGKAI_DEBUG", raising=False)
    broken = raising(error)("")
    monkeypatch.setattr(crawler.cli.LazyGroup, "get_command", lambda self, ctx, name: broken)
    assert run(["read"]) == code
    captured = capsys.readouterr()
    assert said in captured.err
    assert "Traceback" not in captured.err


def test_a_question_answered_with_no_is_no_interruption(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    def asking() -> None:
        click.confirm("Remove it?", abort=True, err=True)

    monkeypatch.setattr(crawler.cli.LazyGroup, "get_command", lambda self, ctx, name: asking)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: "n")
    assert run(["withdraw"]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == "nothing was done"

    def end_of_input(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("click.termui.visible_prompt_func", end_of_input)
    assert run(["withdraw"]) == 130


def test_a_bug_shows_its_traceback_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = raising(RuntimeError("x"))("")
    monkeypatch.setattr(crawler.cli.LazyGroup, "get_command", lambda self, ctx, name: broken)
    monkeypatch.setenv("GONGKAI_DEBUG", "1")
    with pytest.raises(RuntimeError):
        run(["read"])


def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    page = tmp_path / "notice.txt"
    page.write_text("政府信息公开指南\n" * 20_000, "utf-8")
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*GONGKAI, "read", str(page)], stdout=writing, stderr=subprocess.PIPE, timeout=60
        )
    finally:
        os.close(writing)
    assert done.stderr == b""
    assert done.returncode == 0


def test_ctrl_c_leaves_no_traceback() -> None:
    with subprocess.Popen([*GONGKAI, "read", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in err


def test_output_to_programs_is_utf8_whatever_the_locale(tmp_path: Path) -> None:
    page = tmp_path / "通知.txt"
    page.write_text("政府信息公开指南", "utf-8")
    done = subprocess.run(
        [*GONGKAI, "read", str(page)],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert "通知.txt" in done.stdout.decode("utf-8")


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2019", {2019}),
        ("2019-2021", {2019, 2020, 2021}),
        ("2019,2021", {2019, 2021}),
        ("2008, 2019-2020", {2008, 2019, 2020}),
    ],
)
def test_years(text: str, years: set[int]) -> None:
    assert YEARS.convert(text, None, None) == years


@pytest.mark.parametrize("text", ["", "19", "2021-2019", "1999", "2019;2020", "2019-", "２０１９"])
def test_years_refused(text: str) -> None:
    with pytest.raises(click.UsageError):
        YEARS.convert(text, None, None)


def test_the_archive_is_taken_from_option_environment_or_folder(tmp_path: Path) -> None:
    from crawler.options import common_options

    @click.command()
    @common_options()
    def show(archive: Path) -> None:
        click.echo(archive)

    runner = CliRunner()
    assert runner.invoke(show, []).output == "archive.db\n"
    assert runner.invoke(show, [], env={"GONGKAI_ARCHIVE": "a.db"}).output == "a.db\n"
    assert runner.invoke(show, ["--archive", "b.db"], env={"GONGKAI_ARCHIVE": "a.db"}).output == "b.db\n"
    assert runner.invoke(show, ["--sites", "x.csv"]).exit_code == 0


def test_tables_are_aligned_by_the_width_of_their_characters(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"name": "重庆", "n": 5}, {"name": "ab", "n": None}]
    console.print_table(rows, {"name": "机关名称", "n": "份"}, right=["n"])
    assert capsys.readouterr().out.splitlines() == ["机关名称  份", "重庆       5", "ab"]


@pytest.mark.parametrize(
    ("text", "columns", "clipped"),
    [("重庆市", 6, "重庆市"), ("重庆市", 5, "重庆…"), ("a\n b", 9, "a b"), ("abc", 2, "a…")],
)
def test_clipping_counts_columns_not_characters(text: str, columns: int, clipped: str) -> None:
    assert console.clip(text, columns) == clipped


@pytest.mark.parametrize("text", ["=1+1", "+1", "-x", "@a", "\tx", "\rx"])
def test_a_text_like_a_formula_is_made_harmless(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    console.print_csv([{"a": text, "n": -1}], ["a", "n"])
    body = capsys.readouterr().out.partition("\n")[2]
    assert body.lstrip('"').startswith("'")
    assert body.rstrip().endswith(",-1")


def test_long_work_tells_how_far_it_is_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress(2, "read", every=0) as step:
        step(1)
        step(1)
    with console.progress(2, "read") as step:
        step(2)
    assert capsys.readouterr().err.splitlines() == ["read: 1 of 2", "read: 2 of 2", "read: 2 of 2"]


@pytest.mark.parametrize(
    "character", ["\x1b", "\x07", "\x9b", "\x7f", "\r", "\u202e", "\u2066", "\u200f", "\u2028", "\ufeff"]
)
def test_what_a_portal_writes_does_not_steer_the_terminal(
    character: str, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"title": f"甲{character}[2J乙"}
    console.echo(row["title"])
    console.say(row["title"])
    console.print_table([row], {"title": "title"})
    console.print_json([row], ["title"])
    said = capsys.readouterr()
    printed = said.out.replace("\x1b[1m", "").replace("\x1b[0m", "") + said.err
    assert character not in printed
    array = said.out[said.out.index("[{") :]
    assert json.loads(array) == [row], "programs get it as it was"


def test_our_own_styles_stay() -> None:
    assert (
        console.inert("\x1b[1mbold\x1b[0m \x1b[8mhidden\x1b[0m")
        == "\x1b[1mbold\x1b[0m \\u001b[8mhidden\x1b[0m"
    )


@pytest.mark.parametrize(
    "path", sorted((Path(console.__file__).parent / "commands").glob("*.py")), ids=lambda p: p.stem
)
def test_commands_print_through_one_place(path: Path) -> None:
    assert re.findall(r"click\.s?echo\(|\bprint\(|sys\.stdout", path.read_text("utf-8")) == []
