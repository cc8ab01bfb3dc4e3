"""The commands that ask an archive: show, search, findings, coverage, changes, agencies, health, verify, backup."""

import csv
import io
import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from archive.report.model import Finding
from archive.store import Archive
from crawler.cli import run
from tests.builders import capture, note, report, store, tables

KEY = "500154:township_government:金峰:organ:2025"
ASKING = [
    ["show", KEY], ["search", "公开"], ["findings"], ["coverage"], ["changes"], ["agencies"], ["health"], ["verify"],
    ["serve", "--port", "0"],
]  # fmt: skip


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("made") / "archive.db"
    with Archive.open(made, create=True) as archive:
        finding = Finding(
            "T3-BALANCE", "error", "2 is not 3.", "=2 与 3 不符。", left=2, right=3, difference=-1
        )
        grid = tables(new_received=[2, 0, 0, 0, 0, None, 2])
        first = report(
            tables=grid,
            cells=[note("applications", "new_received", "other_org", "/", "dash")],
            findings=[finding],
        )
        store(archive, first)
        store(
            archive,
            report(year=2024, title="二〇二四年报告"),
            capture(b"2", url="http://127.0.0.1/2.html", doc_key="cq:2"),
        )
        later = capture(b"<html>2</html>", fetched_at="2026-03-01T00:00:00Z")
        store(
            archive,
            report(tables=tables(new_received=[2, 0, 0, 0, 0, None, 4])),
            later,
            now="2026-03-01T00:00:00Z",
        )
        run_id = archive.runs.start("crawl", "test")
        row = {
            "site": "jinfeng", "spider": "district", "platform": "trs", "installation": "cq", "name": "金峰",
            "admin_code": "500154", "list_url": "http://127.0.0.1/", "options": "", "first_year": 2008,
            "last_year": None, "enabled": 1, "note": "",
        }  # fmt: skip
        archive.runs.sync_sites([row])
        archive.runs.site(
            run_id, "jinfeng", links=2, fetched=2, new=2, verdict="short", reason="years_missing"
        )
        archive.runs.finish(run_id, "done")
    return made


@pytest.fixture
def path(made_once: Path, tmp_path: Path) -> Path:
    """A copy of the archive for one test to use as it likes."""
    return Path(shutil.copy(made_once, tmp_path / "archive.db"))


def gongkai(path: Path, *arguments: str) -> int:
    return run([arguments[0], "--archive", str(path), *arguments[1:]])


@pytest.mark.parametrize("arguments", ASKING, ids=lambda a: a[0])
def test_without_an_archive_it_is_2_and_none_is_made(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "nothing.db"
    assert gongkai(missing, *arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not missing.exists()


@pytest.mark.parametrize("content", [b"", b"no database at all", b"SQLite format 3\x00" + b"\x00" * 100])
def test_what_is_no_archive_is_2_with_one_line(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(content)
    assert gongkai(other, "findings") == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("gongkai: ")
    assert captured.err.count("\n") == 1
    assert other.read_bytes() == content


@pytest.mark.parametrize("wanted", [KEY, "http://127.0.0.1/jz/jinfeng/t20260120_1.html", "cq:1", "1"])
def test_show_finds_a_report_by_key_address_or_number(
    wanted: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gongkai(path, "show", wanted) == 0
    out = capsys.readouterr().out
    assert "重庆市开州区金峰镇人民政府 2025" in out
    assert "一、本年新收政府信息公开申请数量" in out
    assert "未收取信息处理费。" in out


def test_show_prints_a_dash_where_the_page_prints_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "a.db"
    with Archive.open(made, create=True) as archive:
        notes = [note("applications", "new_received", "other_org", "/", "dash")]
        store(archive, report(tables=tables(new_received=[2, 0, 0, 0, 0, None, 2]), cells=notes))
    assert gongkai(made, "show", KEY) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("一、本年新收"))
    assert line.split()[1:] == ["2", "0", "0", "0", "0", "/", "2"]


def test_show_signs_what_the_page_does_not_print(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tmp_path / "a.db"
    with Archive.open(made, create=True) as archive:
        notes = [
            note("applications", "new_received", "business", "", "blank"),
            note("applications", "new_received", "other_org", None, "row_absent"),
        ]
        store(archive, report(tables=tables(new_received=[2, None, 0, 0, 0, None, 2]), cells=notes))
    assert gongkai(made, "show", KEY) == 0
    lines = capsys.readouterr().out.splitlines()
    assert next(line for line in lines if line.startswith("一、本年新收")).split()[1:] == [
        "2",
        "0",
        "0",
        "0",
        "×",
        "2",
    ]
    assert "× 页面缺此行 · the row is not there" in lines
    assert "（三）不予公开" in lines


def test_show_says_that_a_report_is_withheld(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gongkai(path, "withdraw", KEY, "--reason", "asked by a person named in it") == 0
    assert gongkai(path, "show", KEY) == 0
    assert "asked by a person named in it" in capsys.readouterr().out


def test_show_as_json_is_what_read_prints(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gongkai(path, "show", KEY, "--format", "json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert list(printed) == list(report().as_json())
    assert printed["source"].startswith("http://127.0.0.1/")
    assert printed["tables"]["applications"]["new_received"]["total"] == 4


def test_show_says_so_when_there_is_none(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gongkai(path, "show", "nobody") == 2
    assert "no report 'nobody'" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["三百"], ["费"], ["信息", "处理费"], ["金峰镇"]])
def test_search_finds_words_of_any_length(
    words: list[str], path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gongkai(path, "search", *words, "--format", "json") == 0
    assert {hit["year"] for hit in json.loads(capsys.readouterr().out)} == {2024, 2025}


def test_search_finds_nothing_quietly(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gongkai(path, "search", '复议"') == 0
    assert "0 reports" in capsys.readouterr().err


def test_csv_is_safe_from_formulas_and_keeps_both_sides(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "a.db"
    with Archive.open(made, create=True) as archive:
        finding = Finding("T3-BALANCE", "error", "2 is not 3.", "=2+3 不符。", left=2, right=3, difference=-1)
        store(archive, report(findings=[finding]))
    assert gongkai(made, "findings", "--format", "csv") == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["message_zh"] == "'=2+3 不符。"
    assert (row["left_value"], row["right_value"], row["difference"]) == ("2", "3", "-1")


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ([], 0),
        (["--all"], 1),
        (
            ["--all", "--severity", "error", "--years", "2025", "--county", "500154", "--rule", "T3-BALANCE"],
            1,
        ),
        (["--all", "--years", "2024"], 0),
        (["--all", "--county", "巴南区"], 0),
    ],
)
def test_findings_can_be_chosen(
    options: list[str], count: int, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gongkai(path, "findings", *options, "--format", "json") == 0
    assert len(json.loads(capsys.readouterr().out)) == count


def test_coverage_tells_late_found_and_not_checked_apart(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        gongkai(
            path, "coverage", "--county", "500154", "--years", "2024-2025", "--kind", "township_government"
        )
        == 0
    )
    lines = capsys.readouterr().out.splitlines()
    jinfeng = next(line for line in lines if "金峰镇" in line)
    assert jinfeng.split()[-2:] == ["L", "✓"]  # the report on 2024 is dated 2026
    assert any(line.split()[-2:] == ["?", "?"] for line in lines)


def test_coverage_counts_by_county(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gongkai(path, "coverage", "--years", "2025") == 0
    kaizhou = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("开州区"))
    assert kaizhou.split()[1].startswith("1/")


def test_changes_tell_before_and_after(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gongkai(path, "changes", "--class", "number", "--format", "json") == 0
    (change,) = json.loads(capsys.readouterr().out)
    assert (change["table_name"], change["row"], change["column"]) == (
        "applications",
        "new_received",
        "total",
    )
    assert (change["before"], change["after"]) == (2, 4)
    assert gongkai(path, "changes") == 0
    assert "金峰镇" in capsys.readouterr().out


def test_agencies_counts_reports(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gongkai(path, "agencies", "--county", "500154", "--format", "json") == 0
    reports = {row["key"]: row["reports"] for row in json.loads(capsys.readouterr().out)}
    assert reports["500154:township_government:金峰"] == 2


def test_health_is_1_while_a_site_is_not_well(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gongkai(path, "health") == 1
    assert "years_missing" in capsys.readouterr().out
    with Archive.open(path) as archive:
        run_id = archive.runs.start("crawl", "test")
        archive.runs.site(run_id, "jinfeng", links=2, verdict="well")
        archive.runs.finish(run_id, "done")
    assert gongkai(path, "health", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)[0]["verdict"] == "well"


def test_verify_finds_damage(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gongkai(path, "verify") == 0
    assert "sound" in capsys.readouterr().out
    conn = sqlite3.connect(path)
    with conn:
        conn.execute("UPDATE body SET data = substr(data, 1, length(data) - 1)")
    conn.close()
    assert gongkai(path, "verify") == 1
    captured = capsys.readouterr()
    assert "damaged" in captured.out
    assert "problems" in captured.err


def test_backup_is_whole_and_never_writes_over_a_file(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = path.with_name("copy.db")
    assert gongkai(path, "backup", str(copy)) == 0
    assert gongkai(copy, "verify") == 0
    size = copy.stat().st_size
    assert gongkai(path, "backup", str(copy)) == 2
    assert copy.stat().st_size == size
    assert gongkai(path, "backup", str(path.parent / "no" / "where.db")) == 2
    assert list(path.parent.glob("*.partial")) == []


@pytest.mark.parametrize(
    "options",
    [
        ["findings", "--rule", "NO-SUCH"],
        ["findings", "--county", "nosuch"],
        ["coverage", "--county", "nosuch"],
    ],
)
def test_a_slip_of_the_pen_is_no_clean_result(
    options: list[str], path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gongkai(path, *options) == 2
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1
