"""XLSX, Parquet and Stata, each read back with the tool's own reader and compared with the archive."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pyreadstat
import pytest
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from archive.publish.exports import dta, stata, xlsx
from archive.publish.exports.choices import ALL
from archive.publish.exports.dta import SYSTEM_MISSING, Missing, Variable
from archive.publish.exports.export import export
from archive.publish.exports.selection import Selection
from archive.publish.exports.tables import codes
from archive.publish.words import words
from archive.report.model import CellKind
from archive.store import Archive, ArchiveError
from tests.builders import capture, one, report, store, tables
from tests.export_kit import FORMULA, HERE, HIDDEN, JINFENG, NANAN, NOW, filled, withhold

FEW = Selection(county="500154", years=frozenset([2016, 2024, 2025]))
"""One county: the coverage of all would fill the sheets of these tests with thousands of rows."""

SHEETS = ["panel_core", "panel", "panel_kinds", "panel_statistics", "panel_statistics_kinds"]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with filled(tmp_path) as opened:
        yield opened


def exported(archive: Archive, folder: Path, output_format: str, selection: Selection | None = None) -> Path:
    export(
        archive, folder, output_format=output_format, selection=selection or Selection(), now=NOW, software="test"
    )  # fmt: skip
    return folder


# -- XLSX


def sheet(folder: Path, name: str) -> list[dict[str, Any]]:
    rows = load_workbook(folder / "gongkai.xlsx")[name].iter_rows(values_only=True)
    head = next(rows)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_a_workbook_has_the_panels_first_and_the_codebook(archive: Archive, tmp_path: Path) -> None:
    out = exported(
        archive, tmp_path / "out", "xlsx", Selection(county="500154", years=FEW.years, scope=ALL, form=ALL)
    )
    book = load_workbook(out / "gongkai.xlsx")
    assert book.sheetnames[:5] == SHEETS
    assert "codebook" in book.sheetnames
    for each in book:
        assert each.freeze_panes in ("A2", "D2")
        assert each.auto_filter.ref == each.dimensions
        assert each["A1"].font.bold


def test_a_workbook_holds_numbers_as_numbers_codes_as_text_and_null_as_nothing(
    archive: Archive, tmp_path: Path
) -> None:
    out = exported(archive, tmp_path / "out", "xlsx", FEW)
    here = next(row for row in sheet(out, "panel") if row["report_key"] == HERE)
    assert (here["t3_new_np"], here["t3_new_biz"], here["county_code"]) == (2, None, "500154")
    assert next(r for r in sheet(out, "panel") if r["year"] == 2024)["t2_fee_wan"] == 5.25
    assert next(r for r in sheet(out, "panel_kinds") if r["report_key"] == HERE)["t3_new_biz"] == "blank"


def test_a_workbook_runs_no_formula_of_a_page(archive: Archive, tmp_path: Path) -> None:
    out = exported(archive, tmp_path / "out", "xlsx", FEW)
    quote = next(
        cell
        for row in load_workbook(out / "gongkai.xlsx")["findings"].iter_rows()
        for cell in row
        if cell.value == "@SUM(1)"
    )
    assert quote.data_type == "s"
    archive.conn.execute("UPDATE finding SET quote = ?", [FORMULA])
    again = exported(archive, tmp_path / "again", "xlsx", FEW)
    with zipfile.ZipFile(again / "gongkai.xlsx") as packed:
        assert not any(b"<f>" in packed.read(n) for n in packed.namelist() if n.startswith("xl/worksheets"))
    assert sheet(again, "findings")[0]["quote"] == FORMULA


def test_texts_that_no_sheet_can_hold_are_cut_visibly(archive: Archive, tmp_path: Path) -> None:
    archive.conn.execute("UPDATE finding SET quote = ?, message = ?", ["长" * 40_000, "a\x0bb"])
    found = sheet(exported(archive, tmp_path / "out", "xlsx", FEW), "findings")[0]
    assert len(found["quote"]) == xlsx.LONGEST_TEXT
    assert found["quote"].endswith(xlsx.CUT)
    assert unescape(found["message"]) == "a\x0bb"


def test_more_rows_than_a_sheet_has_are_refused(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "MOST_ROWS", 3)
    with pytest.raises(ArchiveError, match="more rows than a sheet can hold"):
        exported(archive, tmp_path / "out", "xlsx", FEW)
    assert not (tmp_path / "out").exists()


# -- Parquet


def test_parquet_has_integers_that_may_be_null(archive: Archive, tmp_path: Path) -> None:
    out = exported(archive, tmp_path / "out", "parquet")
    panel = pq.read_table(out / "panel.parquet")
    assert panel.schema.field("t3_new_np").type == "int64"
    assert panel.schema.field("t2_fee_wan").type == "double"
    assert panel.schema.field("county_code").type == "string"
    assert panel.column("t3_new_biz").to_pylist() == [0, 0, None]
    assert panel.column("t2_fee_wan").to_pylist() == [5.25, 5.25, None]
    assert "自然人".encode() in panel.schema.field("t3_new_np").metadata[b"description"]
    reports = pq.read_table(out / "reports.parquet")
    assert reports.column("published_on").to_pylist()[0] == date(2026, 1, 20)


def test_parquet_has_every_cell_of_the_archive(archive: Archive, tmp_path: Path) -> None:
    cells = pq.read_table(exported(archive, tmp_path / "out", "parquet") / "cells.parquet").to_pylist()
    wanted = one(
        archive,
        "SELECT count(*) FROM cell c JOIN report r ON r.id = c.report_id WHERE r.scope = 'organ' AND r.form = 'gb2021'",
    )
    assert len(cells) == wanted
    here = {(c["row"], c["column"]): c for c in cells if c["report_key"] == HERE}
    assert here["new_received", "public_welfare"]["raw"] == FORMULA


def test_a_count_with_a_fraction_is_kept_and_makes_its_column_one_of_numbers(
    archive: Archive, tmp_path: Path
) -> None:
    odd = tables(new_received=[1.5, 0, 0, 0, 0, 0, 1])  # type: ignore[list-item]
    assert (
        store(
            archive, report(year=2023, tables=odd), capture(b"<p>9", doc_key="cq:9", url="http://127.0.0.1/9")
        )
        == "new"
    )
    panel = pq.read_table(exported(archive, tmp_path / "out", "parquet") / "panel.parquet")
    assert panel.column("t3_new_np").to_pylist() == [7.0, 1.5, 1.0, 2.0]
    assert panel.schema.field("t3_new_biz").type == "int64"


# -- Stata


def data(path: Path) -> tuple[dict[str, list[Any]], Any]:
    found: tuple[dict[str, list[Any]], Any] = pyreadstat.read_dta(
        path, user_missing=True, output_format="dict"
    )
    return found


def test_stata_says_why_a_value_is_missing(archive: Archive, tmp_path: Path) -> None:
    withhold(archive, "report", HIDDEN)
    values, meta = data(exported(archive, tmp_path / "out", "stata") / "panel.dta")
    at = values["report_key"].index(HERE)
    found = {
        name: values[name][at]
        for name in (
            "t3_new_np",
            "t3_new_biz",
            "t3_new_res",
            "t3_new_ngo",
            "t3_new_law",
            "t3_new_oth",
            "t2_fee_wan",
        )
    }
    assert found == {
        "t3_new_np": 2.0, "t3_new_biz": "a", "t3_new_res": "b", "t3_new_ngo": "e", "t3_new_law": "d", "t3_new_oth": "h",
        "t2_fee_wan": "f",
    }  # fmt: skip
    assert values["t3_other_all_np"][at] == "c"
    assert values["t3_new_np"][values["report_key"].index(HIDDEN)] == "g"
    assert meta.variable_value_labels["t3_new_np"]["a"] == "空白 · blank"


def test_stata_has_labels_and_a_unit_that_never_changes(archive: Archive, tmp_path: Path) -> None:
    values, meta = data(exported(archive, tmp_path / "out", "stata", Selection(scope=ALL)) / "panel.dta")
    assert all(len(name) <= 32 for name in meta.column_names)
    assert all(0 < len(label) <= 80 for label in meta.column_labels)
    assert "自然人" in meta.column_names_to_labels["t3_new_np"]
    assert meta.variable_value_labels["scope"][1] == words("scope", "organ")
    assert values["scope"][values["agency_key"].index(NANAN)] == 2
    units = dict(zip(values["agency_key"], values["unit_id"], strict=True))
    assert units[JINFENG] == stata.unit_number(f"{JINFENG}:organ") == 19590358627541
    assert len({(unit, year) for unit, year in zip(values["unit_id"], values["year"], strict=True)}) == 4


def test_two_units_of_one_number_are_refused(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stata, "unit_number", lambda unit: 1)
    with pytest.raises(ArchiveError, match="one number"):
        exported(archive, tmp_path / "out", "stata")


def test_stata_scripts_stand_beside_the_data(archive: Archive, tmp_path: Path) -> None:
    out = exported(archive, tmp_path / "out", "stata")
    assert "xtset unit_id year" in (out / "load.do").read_text("utf-8")
    assert "read_dta" in (out / "load.R").read_text("utf-8")
    assert {path.stem for path in out.glob("*.dta")} >= {
        "panel",
        "panel_core",
        "reports",
        "coverage",
        "codebook",
    }


def test_every_reason_has_a_letter_and_every_letter_a_label() -> None:
    reasons = codes()["missing"]
    assert set(CellKind.__args__) | {"withheld"} == set(reasons)  # type: ignore[attr-defined]
    assert set(reasons.values()) == set(codes()["missing_labels"])
    for name, known in codes()["categories"].items():
        assert [word for word in known if words(name, word) == word and word not in codes()["words"]] == []


def test_long_texts_and_every_kind_of_value_come_back(tmp_path: Path) -> None:
    variables = [
        Variable("text", "短", "text", width=6), Variable("prose", "长", "text", width=9000),
        Variable("number", "数", "double"), Variable("count", "整", "long", labels="yes"),
    ]  # fmt: skip
    rows = [
        ["重庆", "长" * 3000, 1.5, 1],
        ["", "", SYSTEM_MISSING, Missing("a")],
        ["a", "b", Missing("z"), -7],
    ]
    path = tmp_path / "x.dta"
    labels = {"yes": {1: "是", Missing("a"): "空白"}}
    assert dta.write(path, variables, iter(rows), label="测试", value_labels=labels) == 3
    values, meta = data(path)
    assert values["text"] == ["重庆", "", "a"]
    assert values["prose"] == ["长" * 3000, "", "b"]
    assert values["number"][0] == 1.5
    assert values["number"][2] == "z"
    assert values["number"][1] is None or values["number"][1] != values["number"][1]
    assert values["count"] == [1, "a", -7]
    assert meta.file_label == "测试"
    assert meta.variable_value_labels["count"] == {1: "是", "a": "空白"}


@pytest.mark.parametrize("name", ["if", "9a", "a" * 33, "with space", "值"])
def test_names_that_stata_refuses_are_refused_here(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArchiveError, match="Stata cannot have a variable"):
        dta.write(tmp_path / "x.dta", [Variable(name, "", "double")], iter([]), label="", value_labels={})


# -- all of them


@pytest.mark.parametrize("output_format", ["csv", "xlsx", "parquet", "stata"])
def test_the_same_archive_gives_the_same_bytes(archive: Archive, tmp_path: Path, output_format: str) -> None:
    first, second = (exported(archive, tmp_path / name, output_format, FEW) for name in "ab")
    assert {p.name: p.read_bytes() for p in first.iterdir()} == {
        p.name: p.read_bytes() for p in second.iterdir()
    }


@pytest.mark.parametrize("output_format", ["xlsx", "parquet", "stata"])
def test_a_release_in_any_format_can_be_compared_with_the_next(
    archive: Archive, tmp_path: Path, output_format: str
) -> None:
    out = tmp_path / "out"
    export(
        archive, out, output_format=output_format, selection=FEW, now=NOW, software="test", tag="1"
    )  # fmt: skip
    done = export(
        archive, tmp_path / "next", output_format="csv", selection=FEW, now=NOW, software="test", tag="2", since=out
    )  # fmt: skip
    assert done.changed == 0
