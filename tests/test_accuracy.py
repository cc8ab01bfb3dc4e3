"""How right the readings are: the sample, the sheet, the marks, and what they come to."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archive.publish.accuracy import marks, sample, sheet
from archive.publish.accuracy.agreement import Agreement, agreement, wilson
from archive.publish.accuracy.marks import Mark
from archive.publish.accuracy.sample import Read
from archive.report.model import Context
from archive.report.read import read
from archive.store import Archive, ArchiveError
from crawler.cli import run
from tests import samples
from tests.builders import capture, fresh, one, report, store, tables
from tests.export_kit import HERE, HIDDEN, filled, withhold

T3 = "applications"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with filled(tmp_path) as opened:
        yield opened


def lines(archive: Archive) -> list[Mark]:
    """A blank line for every value of every report."""
    reports = sample.draw(archive.conn, 99, "x")
    return [marks.blank(r, each) for r in reports for each in sample.cells(archive.conn, r)]


def counted(archive: Archive, told: list[Mark], what: str, form: str = "all") -> Agreement:
    return next(line for line in agreement(archive.conn, told) if line.form == form and line.what == what)


# -- intervals


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 2, 0.0945, 0.9055), (81, 263, 0.2553, 0.3662)],
)
def test_the_interval_is_wilsons(right: int, n: int, low: float, high: float) -> None:
    """Figures of the third line by hand; of the last: Newcombe 1998, table I."""
    assert wilson(right, n) == pytest.approx((low, high), abs=5e-5)


def test_nothing_decided_has_no_interval() -> None:
    assert wilson(0, 0) is None


# -- the sample


def test_a_sample_is_stratified_and_does_not_move_when_the_archive_grows(archive: Archive) -> None:
    def drawn(seed: str, each: int = 1) -> list[str]:
        return [r["key"] for r in sample.draw(archive.conn, each, seed)]

    groups = [(r["form"], r["year"]) for r in sample.draw(archive.conn, 1, "a")]
    assert groups == [("gb2021", 2024), ("gb2021", 2025), ("stat2014", 2016)]
    first = drawn("a")
    assert set(first) <= set(drawn("a", 99)) and drawn("a") == first
    assert (
        len({tuple(drawn(str(seed))) for seed in range(20)}) == 3
    )  # three reports on 2025, each drawn at times
    town = report(agency_key="500154:township_government:麻柳", agency="x", year=2023)
    store(archive, town, capture(b"new", url="http://127.0.0.1/new", doc_key="cq:new"))
    assert [key for key in drawn("a") if not key.endswith("2023")] == first


def test_withheld_and_unread_reports_are_not_drawn(archive: Archive) -> None:
    withhold(archive, "report", HIDDEN)
    archive.conn.execute("UPDATE report SET status = 'unparsed' WHERE key = ?", [HERE])
    assert {HERE, HIDDEN} & {r["key"] for r in sample.draw(archive.conn, 99, "a")} == set()


def test_every_value_can_be_checked_nulls_with_their_reason(archive: Archive) -> None:
    reads = {
        each.place: each for each in sample.cells(archive.conn, sample.report_of(archive.conn, HERE) or {})
    }
    new = {
        place.column: each
        for place, each in reads.items()
        if (place.table, place.row) == (T3, "new_received")
    }
    assert (new["natural_person"].value, new["business"].value, new["business"].kind) == ("2", "", "blank")
    assert reads[sample.Place(sample.FACTS, "", "year")].value == "2025"
    older = one(archive, "SELECT key FROM report WHERE form = 'stat2014'")
    (old,) = [
        each for each in sample.cells(archive.conn, sample.report_of(archive.conn, older) or {})
        if each.place.table == "statistics"
    ]  # fmt: skip
    assert old.value == "120" and "主动公开" in old.label


# -- marks


def test_marks_come_back_as_they_were_written(tmp_path: Path, archive: Archive) -> None:
    told = lines(archive)
    told[0] = replace(told[0], mark="right")
    told[1] = replace(told[1], mark="wrong", correct="")
    told[2] = replace(told[2], mark="wrong", correct="-3", label="=1+1")
    told[3] = replace(told[3], mark="wrong")
    marks.write(tmp_path / "marks.csv", told)
    assert marks.read([tmp_path / "marks.csv"]) == told


def test_marks_are_understood_in_chinese_and_a_second_look_counts(tmp_path: Path, archive: Archive) -> None:
    first, *_ = lines(archive)
    for name, mark in (("a.csv", "对"), ("b.csv", "错"), ("c.csv", "")):
        marks.write(tmp_path / name, [replace(first, mark=mark)])
    (told,) = marks.read([tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "c.csv"])
    assert told.mark == "wrong"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "the column column is missing"),
        (",".join(marks.COLUMNS) + "\n" + "k,s,f,x,t,r,c,l,1,,right,\n", "line 2: the year 'x'"),
        (",".join(marks.COLUMNS) + "\n" + "k,s,f,2024,t,r,c,l,1,,perhaps,\n", "the mark 'perhaps' is not understood"),
        (",".join(marks.COLUMNS) + "\n" + "k,s\n", "line 2: the year ''"),
    ],
)  # fmt: skip
def test_a_file_of_marks_that_cannot_be_used_is_one_clear_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "m.csv").write_text(text, "utf-8")
    with pytest.raises(ArchiveError, match=said):
        marks.read([tmp_path / "m.csv"])
    with pytest.raises(ArchiveError, match="cannot be read"):
        marks.read([tmp_path / "nowhere.csv"])


# -- agreement


def test_what_is_right_wrong_unsure_or_not_looked_at(archive: Archive) -> None:
    told = [mark for mark in lines(archive) if mark.report_key == HERE and mark.table_name == T3][:8]
    given = ["right", "right", "wrong", "unsure", "", "right", "right", "right"]
    told = [replace(mark, mark=m) for mark, m in zip(told, given, strict=True)]
    line = counted(archive, told, "figures")
    assert (line.n, line.right, line.wrong, line.unsure, line.unmarked) == (6, 5, 1, 1, 1)
    assert line.agreement == pytest.approx(5 / 6) and line.low and line.low < 5 / 6 < (line.high or 0)
    assert (counted(archive, told, "reports").wrong, counted(archive, told, "reports").n) == (1, 1)
    assert next((each.form, each.year) for each in agreement(archive.conn, told)) == ("gb2021", "2025")


def test_marks_hold_the_page_against_what_the_archive_says_now(archive: Archive) -> None:
    """Whoever corrected a value has told the truth of the page: a better reader is right by the same marks."""
    told = [replace(mark, mark="right") for mark in lines(archive) if mark.report_key == HERE]
    at = next(n for n, m in enumerate(told) if m.value == "2")
    told[at] = replace(told[at], mark="wrong", correct="7")
    assert counted(archive, told, "figures").wrong == 1
    place = told[at].place
    archive.conn.execute(
        f"UPDATE {place.table} SET {place.column} = 7 WHERE row = ? AND report_id ="
        " (SELECT id FROM report WHERE key = ?)", [place.row, HERE],
    )  # fmt: skip
    assert counted(archive, told, "figures").wrong == 0
    told[at] = replace(
        told[at], correct=None
    )  # nobody wrote down what is right, and the value is another now
    assert (counted(archive, told, "figures").wrong, counted(archive, told, "figures").unsure) == (0, 1)


def test_marks_of_another_page_decide_nothing(archive: Archive) -> None:
    told = [replace(mark, mark="right", sha256="0" * 64) for mark in lines(archive)]
    line = counted(archive, told, "figures")
    assert (line.n, line.agreement, line.other_page) == (
        0,
        None,
        len([m for m in told if m.table_name != "report"]),
    )


def test_figures_that_are_not_zero_are_counted_apart(archive: Archive) -> None:
    told = [replace(mark, mark="right") for mark in lines(archive) if mark.report_key == HERE]
    assert counted(archive, told, "figures_not_zero").n == sum(
        mark.value not in ("", "0") for mark in told if mark.table_name != "report"
    )


@pytest.mark.samples
def test_the_real_samples_agree_with_their_truth(tmp_path: Path) -> None:
    """Marks made of the truth that people established, not of what was read."""
    told: list[Mark] = []
    with fresh(tmp_path) as archive:
        for name in samples.NAMES:
            truth, body = samples.truth(name), samples.body(name)
            url = f"http://127.0.0.1/{name}"
            store(archive, read(body, [], Context()), capture(body, url=url, doc_key=url))
            drawn = next(r for r in sample.draw(archive.conn, 99, "x") if r["url"] == url)
            told += [
                made for each in sample.cells(archive.conn, drawn) if (made := marked(drawn, each, truth))
            ]
        figures, facts = counted(archive, told, "figures"), counted(archive, told, "facts")
        assert (figures.n, figures.right, facts.n, facts.right) == (1200, 1200, 36, 36)
        assert (figures.low, counted(archive, told, "reports").low) == pytest.approx(
            (0.9968, 0.6097), abs=1e-4
        )


def marked(drawn: Any, each: Read, truth: dict[str, Any]) -> Mark:
    """What a person who has the truth would write."""
    place = each.place
    if place.table == sample.FACTS:
        names = {"year": "report_year", "scope": "report_scope", "form": "format_era", "published_on": "published_date",
                 "signed_on": "signed_date"}  # fmt: skip
        value = truth[names.get(place.column, place.column)]
    else:
        value = truth["tables"][place.table][place.row][place.column]
    correct = "" if value is None else str(value)
    mark = "right" if correct == each.value else "wrong"
    return replace(marks.blank(drawn, each), mark=mark, correct=correct if mark == "wrong" else None)


# -- the sheet and the command


def test_the_sheet_has_every_value_and_nothing_that_runs_but_its_own_script(tmp_path: Path) -> None:
    hostile = b"<html><body><script>alert(1)</script><img src='http://127.0.0.1/x' onerror=alert(1)>12</body></html>"
    with fresh(tmp_path) as archive:
        bad = report(title="</script><script>alert(2)</script>", tables=tables(new_received=[1] * 7))
        store(archive, bad, capture(hostile))
        drawn = sample.draw(archive.conn, 1, "x")
        count = sheet.write(archive.conn, tmp_path / "out", drawn, described="test")
    page = (tmp_path / "out" / "pages" / "001.html").read_text("utf-8")
    assert "alert" not in page and "onerror" not in page and "default-src 'none'" in page
    html = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "alert(2)" not in html and html.count('class="v"') == count
    assert "<iframe sandbox " in html
    assert len(marks.read([tmp_path / "out" / "marks.csv"])) == count


def test_what_is_no_page_lies_beside_as_it_was_sent(tmp_path: Path) -> None:
    with fresh(tmp_path) as archive:
        store(archive, report(), capture(b"%PDF-1.4 figures", url="http://127.0.0.1/a.pdf"))
        sheet.write(archive.conn, tmp_path / "out", sample.draw(archive.conn, 1, "x"), described="test")
    (page,) = (tmp_path / "out" / "pages").iterdir()
    assert page.name == "001-a.pdf" and page.read_bytes() == b"%PDF-1.4 figures"


def test_the_command_lays_out_counts_and_tells_by_its_code(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--archive", str(archive.path)]
    assert run(["accuracy", *here, "--each", "1", str(tmp_path / "out")]) == 0
    assert "3 reports" in capsys.readouterr().out
    path = tmp_path / "out" / "marks.csv"
    told = [replace(mark, mark="right") for mark in marks.read([path])]
    marks.write(path, told)
    assert run(["accuracy", *here, "--marks", str(path), "--format", "json"]) == 0
    assert {row["agreement"] for row in json.loads(capsys.readouterr().out)} == {1.0}
    marks.write(path, [*told[1:], replace(told[0], mark="wrong", correct="another")])
    assert run(["accuracy", *here, "--marks", str(path)]) == 1
    assert "%" in capsys.readouterr().out
    for wrong in (
        [],
        ["--marks", str(path), "again"],
        ["--county", "nowhere", "again"],
        ["--years", "2009", "again"],
    ):
        assert run(["accuracy", *here, *wrong]) == 2
    assert not Path("again").exists()


def test_a_release_keeps_the_marks_and_what_they_come_to(archive: Archive, tmp_path: Path) -> None:
    path, out = tmp_path / "marks.csv", tmp_path / "out"
    marks.write(path, [replace(mark, mark="right") for mark in lines(archive)])
    withhold(archive, "report", HIDDEN)
    here = ["export", "--archive", str(archive.path), "--marks", str(path)]
    assert run([*here, str(out)]) == 2
    assert run([*here, "--release", "r1", str(out)]) == 0
    with (out / "accuracy.csv").open(encoding="utf-8-sig", newline="") as file:
        (line,) = [row for row in csv.DictReader(file) if (row["form"], row["what"]) == ("all", "figures")]
    assert line["agreement"] == "1.0" and 0.9 < float(line["low"]) < 1
    kept = marks.read([out / "accuracy_marks.csv"])
    assert kept and HIDDEN not in {mark.report_key for mark in kept}
    assert "accuracy.csv" in (out / "SHA256SUMS").read_text("utf-8")
    assert "accuracy.csv" in (out / "README.md").read_text("utf-8")
