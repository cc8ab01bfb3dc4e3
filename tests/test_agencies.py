"""Identities: what became of bodies is data with a source; what is uncertain is shown and never merged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.reference.agencies import links, reforms, sector
from archive.report.agency import identify
from archive.report.model import Finding
from archive.store import Archive
from archive.store.across.scope import IN_TIME, OTHER_BODY, SAME_BODY
from archive.store.review import REASONS, uncertain
from crawler.cli import run
from crawler.commands.coverage import grounds
from tests.builders import capture, every, fresh, one, report, store
from tests.panel import Panel, prepare

TOWN = "500154:township_government:金峰"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with fresh(tmp_path) as opened:
        yield opened


def reasons(archive: Archive) -> list[tuple[str, str | None, str | None]]:
    return [(row["reason"], row["key"], row["candidate"]) for row in uncertain(archive.conn)]


def test_links_are_of_known_agencies_and_have_a_source(archive: Archive) -> None:
    assert links()
    for link in links():
        assert link["source"] and link["date"]
        assert one(archive, "SELECT 1 FROM agency WHERE key = ?", link["from_key"]), link
    assert one(archive, "SELECT count(*) FROM agency_link") == len(links())


def test_what_a_person_adds_survives_new_reference_data(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    from archive.store import reference

    archive.conn.execute("INSERT INTO agency_link VALUES ('a', 'b', 'renamed', NULL, 'a notice')")
    monkeypatch.setattr(reference, "digest", lambda: "other data")
    path = archive.path
    archive.close()
    with Archive.open(path) as again:
        assert one(again, "SELECT count(*) FROM agency_link") == len(links()) + 1


def test_a_known_town_is_certain(archive: Archive) -> None:
    store(archive, report())
    assert reasons(archive) == []


def test_a_town_that_the_county_does_not_have_is_uncertain(archive: Archive) -> None:
    key = "500154:township_government:无名"
    store(archive, report(agency_key=key, agency="重庆市开州区无名镇人民政府", admin_code="500154"))
    assert reasons(archive) == [("unknown_town", key, None)]
    assert uncertain(archive.conn, "巴南区") == []


def test_one_name_with_two_ranks_is_shown_and_not_merged(archive: Archive) -> None:
    street = "500154:subdistrict_office:金峰"
    store(archive, report(agency_key=street, agency_kind="subdistrict_office", admin_code="500154"))
    assert reasons(archive) == [("other_rank", street, TOWN)]
    assert every(archive, "SELECT key FROM agency WHERE key IN (?, ?)", street, TOWN) == [(street,), (TOWN,)]
    archive.conn.execute(
        "INSERT INTO agency_link VALUES (?, ?, 'status_change', '2025-06', 'a notice')", [TOWN, street]
    )
    assert reasons(archive) == [("unknown_town", street, None)]  # told apart from its former rank by data


def test_departments_with_names_alike_and_no_year_in_common_are_shown(archive: Archive) -> None:
    old, new, other, committee = (
        f"500154:department:{stem}" for stem in ("城市管理局", "城市管理委员会", "统计局", "教育委员会")
    )
    prepare(archive, dict.fromkeys((old, new, other, committee), "500154"))
    panel = Panel(archive)
    spans = ((old, (2019, 2020)), (new, (2021, 2022)), (other, (2019, 2022)), (committee, (2017, 2018)))
    for key, years in spans:
        for year in years:
            panel.put(key, year)
    assert reasons(archive) == [("similar_name", old, new)]
    panel.put(new, 2020)
    assert reasons(archive) == []


def test_a_report_in_another_bodys_folder_is_shown_with_its_finding(archive: Archive) -> None:
    conflict = Finding(
        "META-AGENCY-CONFLICT",
        "warning",
        "m",
        "m",
        left="重庆市开州区金峰镇人民政府",
        right="重庆市开州区中和镇人民政府",
    )
    store(archive, report(findings=[conflict]))
    assert reasons(archive) == [("other_folder", TOWN, "重庆市开州区中和镇人民政府")]


def test_a_report_without_a_place_is_shown(archive: Archive) -> None:
    store(archive, report(agency_key=None, agency=None))
    (row,) = uncertain(archive.conn)
    assert (row["reason"], row["years"]) == ("unplaced", 2025)
    assert set(REASONS) >= {row["reason"]}


def test_the_command_lists_what_is_uncertain(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    street = "500154:subdistrict_office:金峰"
    store(archive, report(agency_key=street, agency_kind="subdistrict_office", admin_code="500154"))
    for arguments in (
        ["agencies", "review", "--archive", str(archive.path)],
        ["agencies", "--archive", str(archive.path), "review"],
    ):
        assert run([*arguments, "--format", "json"]) == 0
        (row,) = json.loads(capsys.readouterr().out)
        assert (row["key"], row["candidate"]) == (street, TOWN)
    assert run(["agencies", "review", "--archive", str(archive.path)]) == 0
    assert "other_rank: 1" in capsys.readouterr().err


# -- what the commands say of coverage and findings


def test_coverage_says_what_it_rests_on(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    store(archive, report())
    store(
        archive,
        report(year=2024, date_quality="migrated"),
        capture(b"2", url="http://127.0.0.1/2", doc_key="cq:2"),
    )
    rows = every_row(archive, "SELECT * FROM coverage WHERE agency_key = ?", TOWN)
    said = "\n".join(grounds(rows, today="2026-11-21"))
    due = sum(row["state"] != "not_yet_due" for row in rows)
    assert f"2 of {due} due" in said
    assert "1 have a day of publication that can be trusted" in said and f"应报 {due} 份中 2 份有结论" in said
    assert "区划表" in said and "departments" in said
    assert grounds([], today="2026-11-21") == []
    assert run(["coverage", "--archive", str(archive.path), "--county", "500154"]) == 0
    assert "missing" not in capsys.readouterr().err


def test_the_matrix_counts_bodies_without_a_roster_apart_and_shows_what_was_not_checked(
    archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(archive, {"500154:department:统计局": "500154"})
    archive.conn.execute("UPDATE agency SET county = '开州区' WHERE key = '500154:department:统计局'")
    Panel(archive).put("500154:department:统计局", 2024)
    Panel(archive).put(TOWN, 2023)
    assert run(["coverage", "--archive", str(archive.path)]) == 0
    told = capsys.readouterr()
    lines = {line.split()[0]: line.split()[1:] for line in told.out.splitlines()}
    towns = one(archive, "SELECT count(*) FROM agency WHERE county_code = '500154'") - 1
    assert lines["区县"] == ["county", "2023", "2024"]
    assert lines["开州区"] == [f"1/{towns}?", "?+1"] and lines["万州区"] == ["?", "?"]
    assert "2009" in told.err and "名单来源 · roster" in told.err


def test_a_body_beyond_the_roster_makes_no_share(
    archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    street = "330102:subdistrict_office:清波"  # on no roster, though its kind is one that Chongqing's has
    prepare(archive, {street: "330102"})
    Panel(archive).put(street, 2024)
    Panel(archive).put(TOWN, 2024)
    rostered = every_row(
        archive, "SELECT agency_key, on_roster FROM coverage WHERE state = 'found' ORDER BY 1"
    )
    assert [tuple(row.values()) for row in rostered] == [(street, 0), (TOWN, 1)]
    assert run(["coverage", "--archive", str(archive.path)]) == 0
    lines = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines()}
    assert lines["—"] == ["+1"] and lines["街道办事处"] == ["?+1"]
    assert run(["coverage", "--archive", str(archive.path), "--county", "330102"]) == 0
    assert "no share can be given" in capsys.readouterr().err


def every_row(archive: Archive, sql: str, *values: object) -> list[dict[str, object]]:
    return [dict(row) for row in archive.conn.execute(sql, values)]


def test_findings_are_told_by_report_in_both_languages(
    archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    first = Finding("T3-SUM", "error", "54 is not 58.", "正文54件，表格58件。", left=54, left_where="text of section 3",
                    right=58, right_where="applications.processed_total.total", quote="办结五十四件")  # fmt: skip
    store(archive, report(findings=[Finding("FMT-ERA", "info", "note", "备注"), first]))
    assert run(["findings", "--archive", str(archive.path)]) == 0
    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert lines[0] == "重庆市开州区金峰镇人民政府 2025"
    assert lines[2].endswith("T3-SUM: 正文54件，表格58件。") and lines[3].strip() == "54 is not 58."
    assert "text of section 3 | applications.processed_total.total" in lines[4]
    assert "办结五十四件" in lines[5]
    assert "2 findings in 1 reports" in told.err


def test_only_what_may_be_published_on_request(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    prepare(archive, {})
    panel = Panel(archive)
    panel.put(TOWN, 2023, t3={"carried_out": 3})
    panel.put(TOWN, 2024, t3={"carried_in": 5})
    archive.runs.finish(archive.runs.start("crawl", "test"), "done")
    for options, count in (([], 1), (["--published"], 0)):
        assert run(["findings", "--archive", str(archive.path), *options, "--format", "json"]) == 0
        assert len(json.loads(capsys.readouterr().out)) == count


# -- sectors and reforms


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("教育委员会", "教育"), ("规划和自然资源局", "规划自然资源"), ("国土资源和房屋管理局", "规划自然资源"),
        ("卫生和计划生育委员会", "卫生健康"), ("农业农村委员会", "农业农村"), ("乡村振兴局", "乡村振兴"),
        ("大数据应用发展管理局", "数据"), ("人力资源和社会保障局", "人力社保"), ("统计局", "统计"), ("某某局", None),
    ],
)  # fmt: skip
def test_departments_of_every_name_have_one_sector(stem: str, expected: str | None) -> None:
    assert sector(stem) == expected


def test_reforms_are_of_bodies_as_they_are_keyed_and_have_a_source() -> None:
    for reform in reforms():
        assert reform.source and reform.first <= reform.last and reform.type in (*SAME_BODY, *OTHER_BODY)
        for stem in (*reform.ended, *reform.successors):
            found = identify(f"重庆市武隆区{stem}")
            assert found is not None and found.key.split(":", 2)[2] == stem, stem
            assert sector(stem), stem


@pytest.mark.parametrize(
    ("date", "years"),
    [("2024-03-01", {2024}), ("2023-11", {2023, 2024}), ("2024", {2024, 2025}), ("2018-03/2019-03", {2018, 2019}),
     ("2023-03/2024-12", {2023, 2024, 2025}), (None, set(range(2016, 2027)))],
)  # fmt: skip
def test_the_years_that_a_merger_touches(archive: Archive, date: str | None, years: set[int]) -> None:
    found = every(
        archive,
        "WITH RECURSIVE r (year) AS (SELECT 2016 UNION ALL SELECT year + 1 FROM r WHERE year < 2026)"
        f" SELECT year FROM r, (SELECT ? AS date) l WHERE {IN_TIME}",
        date,
    )
    assert {row[0] for row in found} == years
