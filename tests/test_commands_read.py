"""``gongkai read``: what is printed, in which shape, with which exit code."""

import io
import json
import sys
from pathlib import Path

import pytest

from crawler.cli import run
from tests.builders import report

GUIDE = "政府信息公开指南\n为方便公众获取信息，编制本指南。\n"


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    file = tmp_path / "指南.txt"
    file.write_text(GUIDE, "utf-8")
    return file


def test_one_document_is_one_indented_object(guide: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["read", str(guide)]) == 1
    out = capsys.readouterr().out
    printed = json.loads(out)
    assert printed["source"] == str(guide)
    assert printed["status"] == "not_a_report"
    assert out.startswith("{\n  ")
    assert list(printed) == list(report().as_json())


def test_several_documents_are_one_object_a_line_in_order(
    guide: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = guide.with_name("b.html")
    other.write_bytes("<html><body><p>通知</p></body></html>".encode("gb18030"))
    assert run(["read", str(other), str(guide), str(other)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["source"] for line in lines] == [str(other), str(guide), str(other)]


def test_what_can_be_read_is_printed_though_another_path_cannot(
    guide: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = guide.with_name("nobody.html")
    assert run(["read", str(guide), str(missing), str(guide.parent), str(guide)]) == 2
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 2
    assert captured.err.splitlines() == [
        f"gongkai: cannot read {missing}: No such file or directory",
        f"gongkai: cannot read {guide.parent}: Is a directory",
    ]


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(GUIDE.encode())))
    assert run(["read", "-"]) == 1
    assert json.loads(capsys.readouterr().out)["source"] == "-"


@pytest.mark.parametrize("arguments", [["-", "-"], ["a", "b", "--url", "http://127.0.0.1/"], []])
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["read", *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "body", [b"", b"\x00\x01\x02\xff" * 100, b"PK\x03\x04 no zip", b"%PDF-1.7 no pdf", b"<", b"\xff\xfe"]
)
def test_rubbish_is_an_answer_not_an_error(
    body: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x"
    file.write_bytes(body)
    assert run(["read", str(file)]) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)["status"] in ("unparsed", "not_a_report")
    assert "Traceback" not in captured.err


@pytest.mark.samples
def test_a_report_is_0_and_all_cells_come_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    samples = Path(__file__).parent.parent.parent / "shared" / "data" / "samples"
    if not samples.is_dir():
        pytest.skip("the real samples are not beside this checkout")
    assert run(["read", str(samples / "nanan-2023.txt")]) == 0
    printed = json.loads(capsys.readouterr().out)
    truth = json.loads((samples / "nanan-2023.json").read_text("utf-8"))
    assert printed["tables"] == truth["tables"]
    assert printed["agency"] == truth["agency"]
    assert printed["year"] == truth["report_year"]
