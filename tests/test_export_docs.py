"""What is told to researchers works: the example in the documents gives the right rates from an export alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archive.publish.exports.choices import FORM_CHOICES
from archive.publish.exports.export import export
from archive.publish.exports.selection import Selection
from archive.publish.exports.tables import codes
from archive.store import Archive
from archive.store.views import definitions
from tests.builders import capture, fresh, report, store, tables
from tests.export_kit import NOW

ROOT = Path(__file__).parent.parent
OUTCOMES = ("granted", "partially_granted", "processed_total")


def documented(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


def stored(
    archive: Archive, number: int, year: int, granted: int | None, processed: int, suits: tuple[int, int]
) -> None:
    town = ("500154:township_government:金峰", "500154:township_government:麻柳")[number % 2]
    cells = tables(
        granted=[0, 0, 0, 0, 0, 0, granted],
        partially_granted=[0] * 7,
        processed_total=[0, 0, 0, 0, 0, 0, processed],
    )
    empty = {"upheld": 0, "corrected": 0, "other": 0, "pending": 0}
    cells["review_litigation"] = {
        row: {**empty, "total": total}
        for row, total in zip(("litigation_direct", "litigation_after_review"), suits, strict=True)
    }
    page = capture(f"<p>{number}".encode(), url=f"http://127.0.0.1/{number}", doc_key=f"cq:{number}")
    reading = report(agency_key=town, agency=town, year=year, tables=cells)
    assert store(archive, reading, page) == "new"


def test_the_example_computes_the_rates_with_their_true_denominators(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with fresh(tmp_path) as archive:
        stored(archive, 1, 2023, 1, 1, (3, 1))
        stored(archive, 2, 2023, 10, 99, (0, 0))
        stored(archive, 3, 2024, None, 50, (0, 4))
        stored(archive, 4, 2024, 5, 10, (1, 3))
        export(
            archive, tmp_path / "out", output_format="csv", selection=Selection(), now=NOW, software="test"
        )
    (code,) = re.findall(r"```python\n(.*?)```", documented("researchers.md"), re.S)
    monkeypatch.chdir(tmp_path / "out")
    exec(compile(code, "researchers.md", "exec"), {})
    assert capsys.readouterr().out.splitlines() == [
        "township_government 2023 11.0% n=2",
        "township_government 2024 50.0% n=1",
        "2023 75.0% of suits direct n=2",
        "2024 12.5% of suits direct n=2",
    ]


def test_every_missing_value_of_stata_is_explained() -> None:
    text = documented("exports.md")
    script = (ROOT / "archive/publish/exports/data/load_stata.do").read_text("utf-8")
    for letter, label in codes()["missing_labels"].items():
        assert f"`.{letter}` {label.split(' · ')[1]}" in text, letter
        assert f".{letter} " in script, letter


def test_every_rate_and_column_named_to_researchers_is_there(tmp_path: Path) -> None:
    with fresh(tmp_path) as archive:
        there = {
            row["name"]
            for view in definitions()
            for row in archive.conn.execute("SELECT name FROM pragma_table_info(?)", [view])
        }
    text = documented("researchers.md")
    named = set(re.findall(r"`(t[234]_[a-z_]+\*?|[a-z]+(?:_[a-z]+)*_(?:rate|share)(?:_\*)?)`", text))
    assert len(named) > 12
    for name in named:
        start = name.rstrip("*")
        assert name in there or (name.endswith("*") and any(column.startswith(start) for column in there)), (
            name
        )


def test_the_forms_that_can_be_asked_for_are_explained() -> None:
    text = documented("exports.md")
    assert all(
        f"`{form}`" in text or f"--form {form}`" in text
        for form in FORM_CHOICES
        if form in ("since2019", "older", "all")
    )
