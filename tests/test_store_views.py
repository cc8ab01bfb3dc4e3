"""The views of the contract: right sums, no mixing, and verdicts that rest on what was looked at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.reference.duties import deadlines, duties
from archive.reference.forms import codebook, forms
from archive.report.model import Finding, Statistic
from archive.store import Archive
from archive.store.checks import covers
from archive.store.rows import VALUE_COLUMNS
from tests.builders import capture, every, fresh, note, one, report, store, tables

JINFENG = "500154:township_government:金峰"
DUE = "2026-01-31"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with fresh(tmp_path) as opened:
        yield opened


def row(archive: Archive, sql: str, *parameters: object) -> dict[str, Any]:
    rows = archive.conn.execute(sql, parameters).fetchall()
    assert len(rows) == 1
    return dict(rows[0])


# -- cells


def test_cells_are_told_apart_by_what_is_printed(archive: Archive) -> None:
    store(
        archive,
        report(
            tables=tables(granted=[0, None, 3, 0, 0, 0, 3]),
            cells=[note("applications", "granted", "business", "—", "dash")],
        ),
    )
    cells = every(archive, """SELECT "column", short, value, kind, raw FROM cell WHERE row = 'granted'""")
    assert ("natural_person", "t3_grant_np", 0, "number", "0") in cells
    assert ("business", "t3_grant_biz", None, "dash", "—") in cells
    assert len(cells) == 7


def test_panel_has_every_cell_of_the_statutory_forms_by_its_short_name(archive: Archive) -> None:
    store(archive, report())
    panel = row(archive, "SELECT * FROM panel")
    statutory = {f.code for f in forms().values() if f.kind == "statutory"}
    assert {entry.short for entry in codebook() if entry.form in statutory} <= set(panel)
    assert (panel["t3_new_np"], panel["t3_grant_tot"], panel["t2_fee_wan"]) == (2, 2, 5.25)
    assert panel["agency_key"] == JINFENG


def test_value_columns_are_those_of_the_forms() -> None:
    for table, columns in VALUE_COLUMNS.items():
        named = {c.code for f in forms().values() if table in f.tables for c in f.tables[table].columns}
        assert set(columns) == named


def test_scopes_are_never_mixed(archive: Archive) -> None:
    store(archive, report())
    county = {"agency_key": "500154:county_government:开州", "scope": "jurisdiction_aggregate"}
    store(
        archive,
        report(**county, agency_kind="county_government"),
        capture(b"2", url="http://127.0.0.1/2", doc_key="cq:2"),
    )
    assert every(archive, "SELECT agency_key FROM panel_organ") == [(JINFENG,)]
    assert every(archive, "SELECT agency_key FROM panel_aggregate") == [(county["agency_key"],)]


def test_other_all_joins_the_one_row_of_2019_with_the_three_of_2021(archive: Archive) -> None:
    parts = {"other_correction_overdue": 1, "other_fee_unpaid": 0, "other_other": 2}
    store(archive, report(year=2021, tables=tables(**{name: [n] * 7 for name, n in parts.items()})))
    store(
        archive,
        report(year=2019, form="gb2019", tables=tables(other=[5] * 7)),
        capture(b"2", doc_key="cq:2", url="http://127.0.0.1/2"),
    )
    parts["other_other"] = None  # type: ignore[assignment]
    store(
        archive, report(year=2022, tables=tables(**{name: [n] * 7 for name, n in parts.items()})),
        capture(b"3", doc_key="cq:3", url="http://127.0.0.1/3"),
    )  # fmt: skip
    assert every(archive, "SELECT year, t3_other_all_tot FROM panel ORDER BY year") == [
        (2019, 5),
        (2021, 3),
        (2022, None),
    ]


def test_open_failures_are_counted(archive: Archive) -> None:
    findings = [
        Finding("T3-BALANCE", "error", "a", "a", cells=("x",)), Finding("FMT-ERA", "warning", "b", "b"),
        Finding("META-YEAR", "warning", "c", "c", outcome="not_assessable"),
    ]  # fmt: skip
    store(archive, report(findings=findings))
    assert every(archive, "SELECT findings_error, findings_warning FROM panel") == [(1, 1)]
    archive.conn.execute("UPDATE finding SET status = 'dismissed'")
    assert every(archive, "SELECT findings_error, findings_warning FROM panel") == [(0, 0)]


def test_rates_have_numerator_and_denominator(archive: Archive) -> None:
    table = forms()["gb2021"].tables["applications"]
    rows = {code: [0] * 7 for code in table.row_codes()}
    rows |= {"new_received": [6, 0, 0, 0, 0, 0, 8], "granted": [3] * 7, "partially_granted": [1] * 7}
    rows |= {"refused_process_info": [2] * 7, "processed_total": [8] * 7, "carried_out": [1] * 7}
    store(archive, report(tables=tables(**rows)))  # type: ignore[arg-type]
    core = row(archive, "SELECT * FROM panel_core")
    assert (core["disclosure_rate_num"], core["disclosure_rate_den"], core["disclosure_rate"]) == (4, 8, 0.5)
    assert core["disclosure_rate_substantive"] == pytest.approx(4 / 6)
    assert (core["refused"], core["refusal_rate"], core["natural_share"]) == (2, 0.25, 0.75)
    assert core["backlog_rate"] == pytest.approx(1 / 8)
    assert (core["correction_rate_review_num"], core["correction_rate_review_den"]) == (0, 1)


def test_rates_are_null_without_a_denominator(archive: Archive) -> None:
    blank = {code: [None] * 7 for code in forms()["gb2021"].tables["applications"].row_codes()}
    store(archive, report(tables=tables(**{**blank, "processed_total": [0] * 7, "granted": [0] * 7})))
    core = row(archive, "SELECT * FROM panel_core")
    assert (core["not_held_share"], core["disclosure_rate"], core["refused"]) == (None, None, None)
    assert (core["processed_total"], core["disclosure_rate_den"], core["disclosure_rate_num"]) == (
        0,
        None,
        None,
    )


def test_numerators_and_denominators_are_of_the_same_reports(archive: Archive) -> None:
    known = tables(granted=[1] * 7, partially_granted=[1] * 7, processed_total=[8] * 7)
    for year, unknown in ((2023, "granted"), (2024, "processed_total"), (2025, None)):
        rows = {**known["applications"], **({unknown: {}} if unknown else {})}
        page = capture(b"%d" % year, url=f"http://127.0.0.1/{year}", doc_key=f"cq:{year}")
        store(archive, report(year=year, tables={**known, "applications": rows}), page)
    sums = "SELECT sum(disclosure_rate_num), sum(disclosure_rate_den), count(disclosure_rate_den) FROM panel_core"
    assert every(archive, sums) == [(2, 8, 1)]


def test_the_share_of_direct_suits(archive: Archive) -> None:
    both = tables()
    both["review_litigation"] = {"litigation_direct": {"total": 1}, "litigation_after_review": {"total": 3}}
    store(archive, report(tables=both))
    core = row(archive, "SELECT * FROM panel_core")
    assert (core["direct_share_num"], core["direct_share_den"], core["direct_share"]) == (1, 4, 0.25)


def test_older_forms_have_their_own_panel(archive: Archive) -> None:
    values = [Statistic("disclosed_total", "value", "主动公开政府信息数", "条", 7)]
    store(archive, report(year=2016, form="stat2014", tables={}, statistics=values))
    assert every(archive, "SELECT st_d_tot FROM panel_statistics") == [(7,)]
    assert one(archive, "SELECT count(*) FROM panel") == 0
    assert every(archive, "SELECT value, kind FROM cell WHERE short = 'st_d_tot'") == [(7, "number")]


def test_boundary_breaks_are_marked(archive: Archive) -> None:
    store(archive, report(agency_key="500109:township_government:天府", county_code="500109"))
    assert one(archive, "SELECT boundary_break FROM panel") == 1


# -- who reports


def test_the_roster_is_that_of_the_table_of_divisions(archive: Archive) -> None:
    kinds = dict(every(archive, "SELECT kind, count(*) FROM agency GROUP BY kind"))
    assert kinds["county_government"] == kinds["government_office"] == 38
    assert kinds["township_government"] + kinds["subdistrict_office"] == 1031


def test_every_kind_that_is_expected_has_a_due_day_for_every_year(archive: Archive) -> None:
    for duty in duties():
        for year in range(duty.first_year, 2027):
            days = [
                d
                for d in deadlines()
                if d.kind == duty.kind and d.first_year <= year <= (d.last_year or 9999)
            ]
            assert len(days) == 1, (duty.kind, year)


def test_a_former_name_is_known(archive: Archive) -> None:
    names = every(archive, "SELECT agency_key FROM agency_name WHERE name = '重庆市开县人民政府'")
    assert names == [("500154:county_government:开州",)]


# -- coverage


def looked(
    archive: Archive,
    day: str,
    *,
    complete: bool = True,
    spider: str = "township",
    code: str = "500154",
    sites: tuple[str, ...] = ("",),
    walked: tuple[str, ...] | None = None,
    status: str = "done",
) -> None:
    """One run over sites of the county, two lists each: ``sites`` are enabled, ``walked`` of them walked (default: all)."""
    known = every(archive, "SELECT site, spider, admin_code, enabled FROM site")
    rows = {key: {"site": key, "spider": s, "admin_code": c, "enabled": e} for key, s, c, e in known}
    named = {more: f"{spider}-{code}{more}" for more in sites}
    for key in named.values():
        rows[key] = {"site": key, "spider": spider, "admin_code": code, "enabled": True}
    archive.runs.sync_sites(rows.values())
    crawl = archive.runs.start("crawl", "test")
    for more in sites if walked is None else walked:
        for n, whole in enumerate((True, complete)):
            archive.frontier.listed(
                crawl_id=crawl, site=named[more], url=f"http://127.0.0.1/{n}", column_name=None, pages_claimed=1,
                pages_fetched=1, links=0, complete=whole, snapshot_id=None, listed_at=f"{day}T08:00:00Z",
            )  # fmt: skip
    if status != "running":
        archive.runs.finish(crawl, status)


def verdict(archive: Archive, year: int = 2025, key: str = JINFENG) -> dict[str, Any]:
    return row(archive, "SELECT * FROM coverage WHERE agency_key = ? AND year = ?", key, year)


def test_nothing_looked_at_is_not_checked(archive: Archive) -> None:
    told = verdict(archive)
    assert (told["state"], told["status"], told["timeliness"]) == ("not_checked", "not_checked", None)
    assert (told["due_on"], told["due_basis"], told["reason"]) == (DUE, "local_notice", "no_site_for_towns")


@pytest.mark.parametrize(
    ("days", "status", "reason"),
    [
        (["2026-03-01"], "not_checked", "one_complete_check_only"),
        (["2026-03-01", "2026-03-02"], "missing", "absent_from_complete_lists"),
        (["2026-01-30", "2026-01-31"], "not_checked", "no_list_read_since_due"),
    ],
    ids=["one", "two", "before the due day"],
)
def test_missing_takes_two_complete_checks_after_the_due_day(
    archive: Archive, days: list[str], status: str, reason: str
) -> None:
    for day in days:
        looked(archive, day)
    told = verdict(archive)
    assert (told["status"], told["reason"]) == (status, reason)
    if status == "missing":
        assert (told["complete_checks"], told["lists_checked"]) == (2, 4)
        assert (told["first_check"][:10], told["last_check"][:10]) == (days[0], days[1])
        assert one(archive, "SELECT next_step FROM gap WHERE agency_key = ? AND year = 2025", JINFENG)


def test_a_run_with_one_broken_list_is_no_check(archive: Archive) -> None:
    for day in ("2026-03-01", "2026-03-02", "2026-03-03"):
        looked(archive, day, complete=False)
    told = verdict(archive)
    assert (told["status"], told["complete_checks"], told["reason"]) == ("not_checked", 0, "lists_incomplete")


def test_two_sites_of_one_county_in_one_run_are_one_check(archive: Archive) -> None:
    looked(archive, "2026-03-01", sites=("-east", "-west"))
    told = verdict(archive)
    assert (told["status"], told["complete_checks"], told["lists_checked"]) == ("not_checked", 1, 4)
    looked(archive, "2026-03-01", sites=("-east", "-west"))
    assert verdict(archive)["status"] == "missing"


def test_a_run_that_left_out_a_site_of_the_county_is_no_check(archive: Archive) -> None:
    for day in ("2026-03-01", "2026-03-02", "2026-03-03"):
        looked(archive, day, sites=("-east", "-west"), walked=("-east",))
    told = verdict(archive)
    assert (told["status"], told["complete_checks"], told["reason"]) == ("not_checked", 0, "lists_incomplete")


def test_departments_sites_say_nothing_about_towns(archive: Archive) -> None:
    for day in ("2026-03-01", "2026-03-02"):
        looked(archive, day, sites=("-departments",))
    told = verdict(archive)
    assert (told["status"], told["reason"]) == ("not_checked", "no_site_for_towns")
    looked(archive, "2026-03-03", sites=("-departments", "-towns"))
    looked(archive, "2026-03-04", sites=("-departments", "-towns"), walked=("-towns",))
    assert verdict(archive)["status"] == "missing"


@pytest.mark.parametrize("status", ["interrupted", "failed", "running"])
def test_a_run_that_did_not_come_to_its_end_is_no_check(archive: Archive, status: str) -> None:
    for day in ("2026-03-01", "2026-03-02"):
        looked(archive, day, status=status)
    assert verdict(archive)["complete_checks"] == 0


def test_a_site_enabled_later_takes_checks_away(archive: Archive) -> None:
    for day in ("2026-03-01", "2026-03-02"):
        looked(archive, day)
    assert verdict(archive)["status"] == "missing"
    looked(archive, "2026-03-03", sites=("", "-new"), walked=())
    assert verdict(archive)["status"] == "not_checked"


@pytest.mark.parametrize(
    ("site", "name", "covered"),
    [
        ("banan-towns", "巴南区部门街镇", "towns"), ("kaizhou-towns", "开州区乡镇街道", "towns"),
        ("yuzhong-depts", "渝中区部门", "departments"), ("yuzhong-scjg", "渝中区市场监督管理局", "departments"),
        ("wanzhou-departments", None, "departments"), ("x", "", "towns"),
    ],
)  # fmt: skip
def test_what_a_row_of_sub_sites_covers(site: str, name: str | None, covered: str) -> None:
    assert covers({"site": site, "name": name, "spider": "township"}) == covered
    assert covers({"site": site, "name": name, "spider": "district"}) == "county"


def test_another_countys_or_the_portals_lists_say_nothing_about_a_town(archive: Archive) -> None:
    looked(archive, "2026-03-01")
    for day in ("2026-03-02", "2026-03-03"):
        looked(archive, day, code="500113")
        looked(archive, day, spider="district")
    assert verdict(archive)["status"] == "not_checked"
    assert verdict(archive, key="500154:government_office:开州")["status"] == "missing"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"published_on": DUE}, ("published", "on_time", None)),
        ({"published_on": "2026-02-03"}, ("late", "late", 3)),
        ({"published_on": "2026-02-03", "date_quality": "url_only"}, ("published", "unknown", None)),
        ({"published_on": "2026-02-03", "date_quality": "migrated"}, ("published", "unknown", None)),
        ({"published_on": None, "date_quality": "none"}, ("published", "unknown", None)),
    ],
    ids=["on the day", "three days", "only the address says so", "migrated", "no date"],
)
def test_late_only_with_a_trusted_date(
    archive: Archive, values: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    store(archive, report(**values))
    told = verdict(archive)
    assert (told["status"], told["timeliness"], told["days_late"]) == expected
    assert told["state"] == "found"


def test_a_countys_total_is_due_by_the_end_of_march(archive: Archive) -> None:
    told = verdict(archive, key="500154:county_government:开州")
    assert (told["due_on"], told["due_basis"], told["scope"]) == (
        "2026-03-31",
        "law",
        "jurisdiction_aggregate",
    )
    assert verdict(archive, 2017, key="500154:government_office:开州")["due_on"] == "2018-03-31"


def test_an_agency_that_ended_is_not_expected(archive: Archive) -> None:
    told = verdict(archive, key="500105:county_government:江北")
    assert (told["status"], told["reason"]) == ("not_expected", "agency_existed_part_of_year")
    assert verdict(archive, 2024, key="500105:county_government:江北")["status"] == "not_checked"


@pytest.mark.parametrize(
    "key",
    ["500105:subdistrict_office:大石坝", "500109:subdistrict_office:水土", "500112:township_government:大湾"],
)
def test_towns_of_the_counties_that_were_redrawn_are_not_missing(archive: Archive, key: str) -> None:
    for day in ("2026-03-01", "2026-03-02"):
        looked(archive, day, code=key[:6])
    assert (verdict(archive, 2024, key=key)["status"], verdict(archive, 2025, key=key)["status"]) == (
        "missing",
        "not_expected",
    )


@pytest.mark.parametrize(
    ("founded", "expected"),
    [
        (None, "missing"), ("2025", "missing"), ("2025-01-01", "missing"), ("2025-01", "missing"),
        ("2025-06", "agency_existed_part_of_year"), ("2025-06-30", "agency_existed_part_of_year"),
        ("2026-02", "agency_did_not_exist"),
    ],
)  # fmt: skip
def test_a_body_founded_within_the_year_is_not_missing(
    archive: Archive, founded: str | None, expected: str
) -> None:
    archive.conn.execute("UPDATE agency SET valid_from = ? WHERE key = ?", [founded, JINFENG])
    for day in ("2026-03-01", "2026-03-02"):
        looked(archive, day)
    told = verdict(archive)
    assert expected in (told["status"], told["reason"])
    assert (told["status"] == "missing") == (expected == "missing")


def test_a_town_that_reports_under_a_functional_area_is_not_missing(archive: Archive) -> None:
    for day in ("2026-03-01", "2026-03-02"):
        looked(archive, day, code="500107")
    key = "500107:township_government:白市驿"
    assert verdict(archive, key=key)["status"] == "missing"
    store(archive, report(agency_key="cq-gxq:township_government:白市驿", county_code="cq-gxq"))
    told = verdict(archive, key=key)
    assert (told["status"], told["reason"]) == ("not_expected", "reports_under_functional_area")


def test_departments_are_found_but_never_missing(archive: Archive) -> None:
    store(
        archive,
        report(agency_key="500154:department:统计局", agency_kind="department", agency="重庆市开州区统计局"),
    )
    keys = every(archive, "SELECT agency_key, year, status FROM coverage WHERE kind = 'department'")
    assert keys == [("500154:department:统计局", 2025, "published")]


def test_the_year_that_has_not_ended_is_not_expected_yet(archive: Archive) -> None:
    assert one(archive, "SELECT max(year) FROM coverage") == one(
        archive, "SELECT strftime('%Y', 'now', '+8 hours') - 1"
    )


def test_a_change_names_report_and_captures(archive: Archive) -> None:
    store(archive, report())
    store(archive, report(title="改"), capture(b"2", fetched_at="2026-03-01T00:00:00Z"))
    told = row(archive, "SELECT * FROM change")
    assert (told["agency_key"], told["class"], told["after"]) == (JINFENG, "wording", "改")
    assert told["snapshot_before"] != told["snapshot_after"]
