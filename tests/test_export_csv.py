"""``gongkai export``: what is in it, what is not, and that it says so; CSV read back with Python's own reader."""

from __future__ import annotations

import csv
import errno
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.publish import delimited as ours
from archive.publish.exports import csv as writer
from archive.publish.exports.export import export
from archive.publish.exports.folder import appearing
from archive.publish.exports.selection import Selection
from archive.publish.withheld import unripe_absence
from archive.store import Archive, ArchiveError
from crawler.cli import run
from tests.builders import fresh, one
from tests.export_kit import CHAOTIANMEN, FORMULA, HERE, HIDDEN, JINFENG, NANAN, NOW, filled, withhold


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with filled(tmp_path) as opened:
        yield opened


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def exported(archive: Archive, folder: Path, **selection: object) -> Path:
    export(
        archive, folder, output_format="csv", selection=Selection(**selection), now=NOW, software="test",  # type: ignore[arg-type]
    )  # fmt: skip
    return folder


def command(archive: Archive, *arguments: object) -> int:
    return run(["export", "--archive", str(archive.path), *map(str, arguments)])


# -- what is in it


def test_a_panel_holds_one_scope_and_forms_that_compare(archive: Archive, tmp_path: Path) -> None:
    panel = read(exported(archive, tmp_path / "out") / "panel.csv")
    assert [row["report_key"] for row in panel] == [HIDDEN, f"{JINFENG}:organ:2024", HERE]
    here = panel[2]
    assert (here["t3_new_np"], here["t3_new_biz"], here["t2_fee_wan"]) == ("2", "", "")
    assert panel[1]["t2_fee_wan"] == "5.25"
    assert here["county_code"] == "500154"


def test_beside_the_panel_stands_why_a_cell_is_null(archive: Archive, tmp_path: Path) -> None:
    out = exported(archive, tmp_path / "out")
    panel, kinds = read(out / "panel.csv"), read(out / "panel_kinds.csv")
    assert [row["report_key"] for row in kinds] == [row["report_key"] for row in panel]
    cells = [name for name in kinds[0] if name != "report_key"]
    assert cells == list(panel[0])[-len(cells) :]
    here = kinds[2]
    assert {name: here[name] for name in ("t3_new_np", "t3_new_biz", "t3_new_res", "t3_new_ngo", "t3_new_law")} == {
        "t3_new_np": "number", "t3_new_biz": "blank", "t3_new_res": "dash", "t3_new_ngo": "unreadable",
        "t3_new_law": "row_absent",
    }  # fmt: skip
    assert (here["t2_fee_wan"], here["t3_grant_np"]) == ("unit_unknown", "number")
    for values, why in zip(panel, kinds, strict=True):
        assert all((values[name] != "") == (why[name] in ("number", "derived")) for name in cells)


def test_other_scopes_and_forms_are_asked_for(archive: Archive, tmp_path: Path) -> None:
    everything = exported(archive, tmp_path / "all", scope="all", form="all")
    assert {row["scope"] for row in read(everything / "panel.csv")} == {"organ", "jurisdiction_aggregate"}
    assert [row["year"] for row in read(everything / "panel_statistics.csv")] == ["2016"]
    assert [row["value"] for row in read(everything / "statistics.csv")] == ["120"]
    totals = exported(archive, tmp_path / "totals", scope="jurisdiction_aggregate")
    assert [row["agency_key"] for row in read(totals / "panel.csv")] == [NANAN]
    town = exported(
        archive, tmp_path / "town", county="开州区", kinds=("township_government",), years=frozenset([2024])
    )
    assert [row["report_key"] for row in read(town / "reports.csv")] == [f"{JINFENG}:organ:2024"]


def test_what_is_left_out_is_said(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(archive, tmp_path / "out") == 0
    said = capsys.readouterr().out
    assert "3 reports" in said
    assert "1 reports of the other scope" in said
    assert "1 reports of other forms" in said
    assert "1 reports of the other scope" in (tmp_path / "out" / "README.md").read_text("utf-8")


def test_formulas_do_not_run_and_come_back_whole(archive: Archive, tmp_path: Path) -> None:
    out = exported(archive, tmp_path / "out")
    raw = next(row["raw"] for row in read(out / "cells.csv") if row["kind"] == "unreadable")
    assert raw == f"'{FORMULA}"
    assert ours.unguarded(raw) == FORMULA
    for path in out.glob("*.csv"):
        for row in read(path):
            assert not any(
                value.startswith(("=", "+", "-", "@")) and not value[1:2].isdigit() for value in row.values()
            )


@pytest.mark.parametrize("text", ["=1", "'=1", "''-", "+5", "＝1", "\t=1", "'s", "plain", "", "@"])
def test_a_guard_is_undone_without_loss(text: str) -> None:
    assert ours.unguarded(str(ours.guarded(text))) == text


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed here")
@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_r_loads_every_row_whatever_its_locale(archive: Archive, tmp_path: Path, locale: str) -> None:
    folder = exported(archive, tmp_path / "out")
    asked = """
        source("load.R")
        cat(nrow(panel), nrow(coverage), nrow(codebook), names(panel)[1], panel$county_code[1], "\n")
        cat(is.na(panel$t3_new_biz[3]), nchar(panel$agency[1], "chars") > 5, Encoding(panel$agency[1]), "\n")
        found <- pooled("natural_share", "year")
        cat(paste(found$year, found$num, found$den, found$n), sep = "\n")
    """
    done = subprocess.run(
        ["Rscript", "-e", asked], cwd=folder, env={**os.environ, "LC_ALL": locale}, capture_output=True, text=True, timeout=60
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    first, second, *rates = done.stdout.splitlines()
    rows = [str(len(read(folder / f"{name}.csv"))) for name in ("panel", "coverage", "codebook")]
    assert first.split() == [*rows, "report_key", "500103"] and second.split() == ["TRUE", "TRUE", "UTF-8"]
    core = [row for row in read(folder / "panel_core.csv") if row["natural_share_den"]]
    assert rates == [
        f"{year} {sum(int(r['natural_share_num']) for r in of)} {sum(int(r['natural_share_den']) for r in of)} {len(of)}"
        for year in sorted({row["year"] for row in core})
        if (of := [row for row in core if row["year"] == year])
    ]


def test_an_export_is_the_same_twice(archive: Archive, tmp_path: Path) -> None:
    first, second = exported(archive, tmp_path / "a"), exported(archive, tmp_path / "b")
    assert {p.name: p.read_bytes() for p in first.iterdir()} == {
        p.name: p.read_bytes() for p in second.iterdir()
    }


def test_the_data_package_describes_every_file(archive: Archive, tmp_path: Path) -> None:
    out = exported(archive, tmp_path / "out")
    package = json.loads((out / "datapackage.json").read_text("utf-8"))
    assert {resource["path"] for resource in package["resources"]} == {
        path.name for path in out.glob("*.csv")
    }
    for resource in package["resources"]:
        rows = read(out / resource["path"])
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == list(rows[0])
        assert all(field["title"] != field["name"] for field in fields), resource["path"]
        keys = [tuple(row[name] for name in resource["schema"]["primaryKey"]) for row in rows]
        assert len(set(keys)) == len(keys)
        for field in fields:
            values = [row[field["name"]] for row in rows if row[field["name"]]]
            if field["type"] in ("integer", "number"):
                _ = [(int if field["type"] == "integer" else float)(value) for value in values]
            if field["type"] == "date":
                assert all(len(value) == 10 for value in values)
    assert "不主张权利" in package["licenses"][0]["title"]


# -- what must not be in it


@pytest.mark.parametrize(
    ("target_type", "key"), [("report", HIDDEN), ("agency", CHAOTIANMEN), ("document", "cq:3")]
)
def test_a_withheld_report_leaves_a_tombstone_and_no_figure(
    archive: Archive, tmp_path: Path, target_type: str, key: str
) -> None:
    withhold(archive, target_type, key)
    out = exported(archive, tmp_path / "out")
    panel = {row["report_key"]: row for row in read(out / "panel.csv")}
    assert panel[HIDDEN]["status"] == "withheld"
    assert panel[HIDDEN]["t3_new_np"] == ""
    assert panel[HERE]["t3_new_np"] == "2"
    kinds = next(row for row in read(out / "panel_kinds.csv") if row["report_key"] == HIDDEN)
    assert set(kinds.values()) == {HIDDEN, "withheld"}
    (stone,) = read(out / "withheld.csv")
    assert (stone["report_key"], stone["level"], stone["reason"]) == (HIDDEN, "hide", "asked for by a person")
    assert HIDDEN not in {row["report_key"] for row in read(out / "cells.csv")}
    reports = next(row for row in read(out / "reports.csv") if row["report_key"] == HIDDEN)
    assert (reports["title"], reports["url"], reports["sha256"]) == ("", "", "")
    assert "withheld by decision" in (out / "README.md").read_text("utf-8")


def test_a_decision_that_is_not_understood_stops_the_export(archive: Archive, tmp_path: Path) -> None:
    withhold(archive, "paragraph", "x")
    with pytest.raises(ArchiveError, match="cannot withhold"):
        exported(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_personal_data_in_texts_are_masked(archive: Archive, tmp_path: Path) -> None:
    archive.conn.execute("UPDATE finding SET quote = '申请人张伟不服，电话13912345678。'")
    archive.conn.execute("UPDATE cell_note SET kind = 'text', raw = '见13912345678' WHERE kind = 'none_word'")
    out = exported(archive, tmp_path / "out")
    assert read(out / "findings.csv")[0]["quote"].startswith("申请人")
    assert not any("13912345678" in path.read_text("utf-8-sig") for path in out.iterdir())
    assert not any("张伟" in path.read_text("utf-8-sig") for path in out.iterdir())


def test_comparisons_are_told_when_they_are_ripe(archive: Archive, tmp_path: Path) -> None:
    archive.conn.execute("UPDATE finding SET origin = 'comparison', first_seen = '2026-11-10T00:00:00Z'")
    young = exported(archive, tmp_path / "young")
    assert not (young / "findings.csv").exists()
    assert (
        next(row for row in read(young / "panel.csv") if row["report_key"] == HERE)["findings_error"] == "0"
    )
    assert "1 findings" in (young / "README.md").read_text("utf-8")
    archive.conn.execute("UPDATE finding SET first_seen = '2026-11-01T00:00:00Z'")
    ripe = exported(archive, tmp_path / "ripe")
    assert [row["report_key"] for row in read(ripe / "findings.csv")] == [HERE]
    assert next(row for row in read(ripe / "panel.csv") if row["report_key"] == HERE)["findings_error"] == "1"


@pytest.mark.parametrize(
    ("state", "first_check", "young"),
    [
        ("not_found", "2026-11-10T00:00:00Z", 1),
        ("not_found", "2026-11-01T00:00:00Z", 0),
        ("not_found", None, 1),
        ("found", "2026-11-20T00:00:00Z", 0),
        ("not_checked", None, 0),
    ],
)
def test_not_found_is_told_when_it_is_ripe(
    archive: Archive, state: str, first_check: str | None, young: int
) -> None:
    sql = f"SELECT {unripe_absence('v', '2026-11-21')} FROM (SELECT ? AS state, ? AS first_check) v"
    assert one(archive, sql, state, first_check) == young


# -- the folder


def test_a_folder_with_something_in_it_is_refused(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("keep", "utf-8")
    assert command(archive, out) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert [path.name for path in out.iterdir()] == ["mine.txt"]


def test_an_empty_folder_and_missing_parents_will_do(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert command(archive, tmp_path / "empty") == 0
    assert command(archive, tmp_path / "deep" / "er") == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--county", "999999"], ["--kind", "no_such_kind"], ["--years", "2009"], ["--since", "x"],
        ["--release", "a/b"], ["--release", "1", "--since", "nowhere"], ["--scope", "both"],
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said_in_one_line(
    archive: Archive, tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(archive, tmp_path / "out", *arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("archive.db")) == []


def test_an_archive_without_reports_gives_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with fresh(tmp_path) as empty:
        assert command(empty, tmp_path / "out") == 2
    assert "no report fits" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=os.strerror(errno.ENOSPC)), appearing(tmp_path / "out") as partial:
        (partial / "half.csv").write_text("a", "utf-8")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_disk_that_fills_while_a_table_is_written_is_one_clear_line(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = writer.write

    def full(path: Path, table: object) -> int:
        if path.name == "cells.csv":
            path.symlink_to("/dev/full")
        return real(path, table)  # type: ignore[arg-type]

    monkeypatch.setattr(writer, "write", full)
    with pytest.raises(ArchiveError, match="nothing was left there"):
        exported(archive, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == []


# -- releases


def test_a_release_can_be_checked_and_says_what_changed(archive: Archive, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert command(archive, "--release", "2026-10", first) == 0
    where = "WHERE report_id = (SELECT id FROM report WHERE key = ?) AND row = 'granted'"
    archive.conn.execute(f"UPDATE applications SET natural_person = 3 {where}", [HERE])
    archive.conn.execute(f"DELETE FROM applications {where}", [f"{JINFENG}:organ:2024"])
    assert command(archive, "--release", "2026-11", "--since", first, second) == 0
    changed = read(second / "changed.csv")
    assert [(r["change"], r["report_key"], r["column"], r["value_before"], r["value_after"]) for r in changed][-1] == (
        "changed", HERE, "natural_person", "2", "3",
    )  # fmt: skip
    assert {r["change"] for r in changed[:-1]} == {"removed"}
    assert len(changed) == 8
    sums = dict(line.split("  ")[::-1] for line in (second / "SHA256SUMS").read_text("utf-8").splitlines())
    assert set(sums) == {path.name for path in second.iterdir()} - {"SHA256SUMS"}
    assert json.loads((second / "datapackage.json").read_text("utf-8"))["version"] == "2026-11"


def test_a_release_that_was_altered_is_not_compared_with(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(archive, "--release", "1", tmp_path / "first") == 0
    with (tmp_path / "first" / "cells.csv").open("a", encoding="utf-8") as file:
        file.write("x")
    assert command(archive, "--release", "2", "--since", tmp_path / "first", tmp_path / "second") == 2
    assert "cells.csv is missing or is not as it was" in capsys.readouterr().err
