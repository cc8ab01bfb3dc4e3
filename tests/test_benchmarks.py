"""What became worse between two runs of a benchmark is told; noise, and another machine, are not."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import harness, plan
from benchmarks.harness import Row, Table

HERE = {"date": "2026-11-22", "machine": "a", "python": "3.11"}


def table(*rows: Row, reference: str = "peer") -> Table:
    return Table("t", "?", reference, list(rows))


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        ([100.0, 101.0], [80.0, 81.0], "us is 2"),  # a rate that fell
        ([100.0, 101.0], [95.0, 96.0], None),  # less than a tenth
        ([100.0, 200.0], [80.0, 130.0], None),  # within what both runs spread
        ([80.0, 81.0], [100.0, 101.0], None),  # better
    ],
)
def test_what_is_worse_beyond_noise_is_told(then: list[float], now: list[float], told: str | None) -> None:
    before = HERE | asdict(table(Row("us", then, "pages/s")))
    found = harness.regressions(table(Row("us", now, "pages/s")), before, HERE)
    assert len(found) == (told is not None)
    assert told is None or told in found[0]
    assert harness.regressions(table(Row("us", now, "pages/s")), before, HERE | {"machine": "b"}) == []


def test_a_cost_is_worse_when_it_grows_and_a_slow_day_is_no_regression() -> None:
    before = HERE | asdict(table(Row("peer", [100.0], "ms", 1.0), Row("us", [50.0], "ms", 0.5)))
    slow_day = table(Row("peer", [300.0], "ms", 1.0), Row("us", [150.0], "ms", 0.5))
    assert harness.regressions(slow_day, before, HERE) == []
    found = harness.regressions(
        table(Row("peer", [100.0], "ms", 1.0), Row("us", [90.0], "ms", 0.9)), before, HERE
    )
    assert len(found) == 1 and "80% worse" in found[0]


def test_the_page_is_made_of_the_raw_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness, "RESULTS", tmp_path / "results")
    assert harness.keep(table(Row("us", [100.0, 101.0], "pages/s"))) == []
    assert len(json.loads((tmp_path / "results" / "t.json").read_text("utf-8"))["rows"][0]["rates"]) == 2
    assert "Nothing is slower" in harness.page(["t", "never-run"])
    assert len(harness.keep(table(Row("us", [50.0, 51.0], "pages/s")))) == 1
    page = harness.page(["t"])
    assert "- t: us is" in page and "| us | 50.5 pages/s |" in page


def test_unknown_names_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["reeding"]) == 2
    assert "no benchmark named reeding" in capsys.readouterr().err


def test_the_plan_says_which_table_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "RESULTS", tmp_path)
    worked_out = plan.Plan()
    rate = worked_out.measured("pages crawled", "crawling", "gongkai crawl", "/s")
    worked_out.put("cores", 300 / rate, "", "installations ÷ pages crawled")
    assert "run `python -m benchmarks crawling` first" in worked_out.lines[0]
    assert worked_out.lines[1].startswith("| cores | — ")
