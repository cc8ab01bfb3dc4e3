"""Rules across reports: what is planted is found with both sides, nothing else is, and only what changed is compared."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.reference.rules import groups
from archive.report.model import Finding
from archive.store import Archive, across
from archive.store.across import RULES, same
from archive.store.connection import transaction
from tests.builders import capture, every, fresh, one, report, store, tables
from tests.panel import Panel, prepare
from tests.panel import report as made_up

TOWN = "500154:township_government:试验"
OTHER = "500154:subdistrict_office:试验"
OFFICE = "500199:government_office:某"
COUNTY = "500199:county_government:某"
BUREAU = "500199:department:统计局"
NORM = "normative_documents"
AGENCIES = {TOWN: "500154", OTHER: "500154", OFFICE: "500199", COUNTY: "500199", BUREAU: "500199"}
PROSE = "。".join(
    f"本年度第{n}项工作由办公室会同有关科室按月推进并向社会公布进展" for n in "甲乙丙丁戊己庚辛壬癸子丑寅卯"
)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with fresh(tmp_path) as opened:
        prepare(opened, AGENCIES)
        yield opened


@pytest.fixture
def panel(archive: Archive) -> Panel:
    return Panel(archive)


def found(archive: Archive, rule: str) -> list[dict[str, Any]]:
    """The open findings of a rule, after what is due has been compared."""
    across.update(archive.db)
    rows = archive.conn.execute(
        "SELECT f.*, r.year AS y FROM finding f JOIN report r ON r.id = f.report_id"
        " WHERE rule = ? AND resolved_at IS NULL ORDER BY r.year, cells",
        [rule],
    )
    return [dict(row) for row in rows]


def outcome(archive: Archive, rule: str, year: int, agency: str = TOWN) -> tuple[str, str | None]:
    across.update(archive.db)
    row = archive.conn.execute(
        "SELECT c.outcome, c.reason FROM check_result c JOIN report r ON r.id = c.report_id"
        " JOIN agency a ON a.id = r.agency_id WHERE rule = ? AND r.year = ? AND a.key = ?",
        [rule, year, agency],
    ).fetchone()
    return row["outcome"], row["reason"]


def link(archive: Archive, kind: str, date: str | None, source: str = TOWN, target: str = OTHER) -> None:
    archive.conn.execute("INSERT INTO agency_link VALUES (?, ?, ?, ?, 'test')", [source, target, kind, date])


# -- X-CARRY


def test_what_is_carried_in_is_held_against_what_was_carried_over(archive: Archive, panel: Panel) -> None:
    before = panel.put(TOWN, 2023, t3={"carried_out": 3})
    panel.put(TOWN, 2024, t3={"carried_in": 5})
    (finding,) = found(archive, "X-CARRY")
    assert (finding["left_value"], finding["right_value"], finding["difference"]) == (5, 3, 2)
    assert (finding["severity"], finding["other_report_id"], finding["y"]) == ("warning", before, 2024)
    assert finding["left_where"] == f"{TOWN}:organ:2024 applications.carried_in.total"
    assert finding["right_where"] == f"{TOWN}:organ:2023 applications.carried_out.total"
    assert "5" in finding["message_zh"] and "3" in finding["message_zh"] and "截至" in finding["message_zh"]
    assert outcome(archive, "X-CARRY", 2024) == ("fail", None)


def test_columns_that_differ_under_equal_totals_are_only_noted(archive: Archive, panel: Panel) -> None:
    panel.put(TOWN, 2023, t3={"carried_out": [3, 0, 0, 0, 0, 0, 3]})
    panel.put(TOWN, 2024, t3={"carried_in": [2, 1, 0, 0, 0, 0, 3]})
    findings = found(archive, "X-CARRY")
    assert [(f["severity"], f["left_value"], f["right_value"]) for f in findings] == [
        ("info", 1, 0),
        ("info", 2, 3),
    ]
    assert {f["explained"] for f in findings} == {"columns only"}


def test_the_change_of_form_in_2021_is_no_obstacle_and_2019_has_nothing_before_it(
    archive: Archive, panel: Panel
) -> None:
    panel.put(TOWN, 2018, form="stat2014")
    panel.put(TOWN, 2019, t3={"carried_in": 9})
    panel.put(TOWN, 2020, t3={"carried_out": 4})
    panel.put(TOWN, 2021, t3={"carried_in": 1})
    assert [f["y"] for f in found(archive, "X-CARRY")] == [2021]
    assert outcome(archive, "X-CARRY", 2019)[0] == "not_assessable"
    assert outcome(archive, "X-CARRY", 2020)[0] == "pass"


@pytest.mark.parametrize(("printed", "expected"), [(0, "pass_blank_as_zero"), (2, "not_assessable")])
def test_a_blank_row_may_pass_as_zero_and_never_fails(
    archive: Archive, panel: Panel, printed: int, expected: str
) -> None:
    panel.put(TOWN, 2023, t3={"carried_out": [printed] * 6 + [6 * printed]})
    columns = (
        "natural_person",
        "business",
        "research",
        "public_welfare",
        "legal_service",
        "other_org",
        "total",
    )
    panel.put(TOWN, 2024, blank=[("applications", "carried_in", c) for c in columns])
    assert outcome(archive, "X-CARRY", 2024)[0] == expected


def test_a_blank_among_printed_zeros_is_no_zero(archive: Archive, panel: Panel) -> None:
    panel.put(TOWN, 2023)
    panel.put(TOWN, 2024, blank=[("applications", "carried_in", "total")])
    assert outcome(archive, "X-CARRY", 2024) == ("pass", "1 not tested: no number in a cell it needs")


@pytest.mark.parametrize(
    ("kind", "date", "expected"),
    [
        ("renamed", "2024-03-01", "fail"), ("status_change", None, "fail"), ("merged", "2024-03-01", "not_assessable"),
        ("split", "2023-12-31", "not_assessable"), ("transferred", None, "not_assessable"), ("merged", "2020-01-01", None),
    ],
)  # fmt: skip
def test_a_series_goes_on_through_another_name_or_rank_and_not_through_a_merger(
    archive: Archive, panel: Panel, kind: str, date: str | None, expected: str | None
) -> None:
    link(archive, kind, date)
    panel.put(TOWN, 2023, t3={"carried_out": 3})
    panel.put(OTHER, 2024, t3={"carried_in": 4})
    told, reason = outcome(archive, "X-CARRY", 2024, OTHER)
    if expected is None:
        assert (told, reason) == ("not_assessable", "no report on the year before in the archive")
    else:
        assert told == expected


def test_a_merged_bodys_own_series_is_not_compared(archive: Archive, panel: Panel) -> None:
    link(archive, "merged", "2024-03-01")
    panel.put(OTHER, 2023, t3={"carried_out": 3})
    panel.put(OTHER, 2024, t3={"carried_in": 4})
    assert outcome(archive, "X-CARRY", 2024, OTHER)[1] == "the body was merged, split or given other tasks"


def test_boundary_breaks_suspend_every_comparison(archive: Archive, panel: Panel) -> None:
    town = "500109:township_government:试验"
    prepare(archive, {town: "500109"})
    panel = Panel(archive)
    figures = {"new_received": [7, 1, 0, 0, 0, 0, 8], "carried_out": 3, "carried_in": 9}
    for year in (2023, 2024, 2025, 2026):
        panel.put(town, year, t3=figures, t2={NORM: {"made": 2, "repealed": 0, "valid": 30}}, text=PROSE)
    across.update(archive.db)
    years = every(
        archive,
        "SELECT DISTINCT r.year FROM finding f JOIN report r ON r.id = f.report_id WHERE origin = 'comparison'",
    )
    assert years == [(2024,)]
    assert outcome(archive, "X-SAME", 2025, town) == ("not_assessable", "boundaries changed")


# -- X-VALID, X-ITEMS-19, X-FEE-MEDIAN


@pytest.mark.parametrize(
    ("valid", "severity"), [(103, "info"), (60, "warning"), (114, "info"), (116, "warning")]
)
def test_documents_in_force_follow_from_the_year_before(
    archive: Archive, panel: Panel, valid: int, severity: str
) -> None:
    panel.put(TOWN, 2023, t2={NORM: {"made": 9, "repealed": 9, "valid": 100}})
    panel.put(TOWN, 2024, t2={NORM: {"made": 7, "repealed": 3, "valid": valid}})
    (finding,) = found(archive, "X-VALID")
    assert (finding["left_value"], finding["right_value"], finding["severity"]) == (valid, 104, severity)
    assert finding["explained"] == ("fewer in force" if valid < 104 else None)


def test_the_columns_of_2019_are_not_those_of_2021(archive: Archive, panel: Panel) -> None:
    panel.put(TOWN, 2020, t2={NORM: {"newly_made": 3, "newly_disclosed": 3, "disclosed_total": 40}})
    panel.put(TOWN, 2021, t2={NORM: {"made": 1, "repealed": 0, "valid": 7}})
    assert found(archive, "X-VALID") == []
    assert outcome(archive, "X-VALID", 2021)[0] == "not_assessable"


def test_items_of_the_form_of_2019(archive: Archive, panel: Panel) -> None:
    panel.put(
        TOWN, 2019, t2={"administrative_licensing": {"prior_year_items": 20, "change": -2, "decisions": 4}}
    )
    panel.put(
        TOWN, 2020, t2={"administrative_licensing": {"prior_year_items": 19, "change": 0, "decisions": 4}}
    )
    (finding,) = found(archive, "X-ITEMS-19")
    assert (finding["left_value"], finding["right_value"], finding["severity"]) == (19, 18, "info")


def test_fees_far_above_the_bodys_other_years(archive: Archive, panel: Panel) -> None:
    for year, amount in ((2021, 3.5), (2022, 4.25), (2023, 41000), (2024, 3)):
        panel.put(TOWN, year, t2={"administrative_fees": {"amount_wan_yuan": amount}})
    (finding,) = found(archive, "X-FEE-MEDIAN")
    assert (finding["y"], finding["left_value"], finding["right_value"]) == (2023, 41000, 3.875)


# -- X-SAME

FIGURES = {"new_received": [7, 1, 0, 0, 0, 0, 8], "granted": [5, 1, 0, 0, 0, 0, 6], "processed_total": 6}


def test_tables_taken_over_are_found_and_all_zero_ones_are_not(archive: Archive, panel: Panel) -> None:
    before = panel.put(TOWN, 2023, t3=FIGURES)
    panel.put(TOWN, 2024, t3=FIGURES)
    for year in (2023, 2024):
        panel.put(OTHER, year)
    (finding,) = found(archive, "X-SAME")
    assert (finding["y"], finding["severity"], finding["other_report_id"]) == (2024, "warning", before)
    assert outcome(archive, "X-SAME", 2024, OTHER)[0] == "not_assessable"


def test_few_figures_that_agree_may_be_chance_and_stocks_are_no_sign(archive: Archive, panel: Panel) -> None:
    for year in (2023, 2024):
        panel.put(TOWN, year, t3={"new_received": 1, "granted": 1, "processed_total": 1})
        panel.put(OTHER, year, t2={NORM: {"made": 0, "repealed": 0, "valid": 12}})
    (finding,) = found(archive, "X-SAME")
    assert (finding["severity"], finding["explained"]) == ("info", "few figures")
    assert outcome(archive, "X-SAME", 2024, OTHER)[0] == "not_assessable"


def test_one_figure_of_its_own_is_enough(archive: Archive, panel: Panel) -> None:
    panel.put(TOWN, 2023, t3=FIGURES)
    panel.put(TOWN, 2024, t3=FIGURES, t4={"review": [0, 0, 0, 1, 1]})
    assert found(archive, "X-SAME") == []


def test_texts_are_equal_but_for_years_and_numbers(archive: Archive, panel: Panel) -> None:
    panel.put(TOWN, 2023, text=f"2023年,发布信息312条,答复申请五件。{PROSE}")
    panel.put(TOWN, 2024, text=f"2024年，发布信息1,045条，答复申请十二件。{PROSE}")
    (finding,) = found(archive, "X-SAME")
    assert finding["left_where"] == f"{TOWN}:organ:2024 text"
    assert "100%" in finding["message_zh"]


def test_texts_of_which_a_fifth_is_new_are_not_the_same(archive: Archive, panel: Panel) -> None:
    panel.put(TOWN, 2023, text=PROSE)
    new = "新建政务公开专区并开展问卷调查" * (len(PROSE) // 60)
    panel.put(TOWN, 2024, text=f"{PROSE}。{new}")
    assert found(archive, "X-SAME") == []
    assert outcome(archive, "X-SAME", 2024)[0] == "pass"


def test_too_little_text_says_nothing(archive: Archive, panel: Panel) -> None:
    for year in (2023, 2024):
        panel.put(TOWN, year, text="无其他需要报告的事项。")
    assert found(archive, "X-SAME") == []


def test_the_measure_of_likeness() -> None:
    assert same.parts("2024年,收到12件;收到十二件。") == {"年", "收到件"}
    assert same.share(same.parts("甲乙,丙丁"), same.parts("甲乙。丙戊")) == 0.5
    assert same.share(frozenset(), frozenset()) == 0.0


# -- A-SUM


def county(panel: Panel, total: int, parts: tuple[int, int]) -> None:
    panel.put(COUNTY, 2024, t3={"new_received": total})
    panel.put(OFFICE, 2024, t3={"new_received": parts[0]})
    panel.put(BUREAU, 2024, t3={"new_received": parts[1]})


def expect(archive: Archive, *agencies: str) -> None:
    archive.agencies.expect(
        {"agency_key": key, "year": 2024, "basis": "local_notice", "source": "roster"} for key in agencies
    )


@pytest.mark.parametrize(
    ("total", "severity"), [(100, None), (102, "info"), (120, "warning"), (80, "warning")]
)
def test_a_total_is_the_sum_where_every_body_was_read(
    archive: Archive, panel: Panel, total: int, severity: str | None
) -> None:
    expect(archive, OFFICE, BUREAU)
    county(panel, total, (60, 40))
    findings = found(archive, "A-SUM")
    assert [f["severity"] for f in findings] == ([severity] if severity else [])
    if findings:
        assert (findings[0]["left_value"], findings[0]["right_value"]) == (total, 100)
    assert outcome(archive, "A-SUM", 2024, COUNTY)[0] == ("fail" if severity else "pass")
    assert outcome(archive, "A-SUM", 2024, OFFICE)[0] == "not_assessable"


@pytest.mark.parametrize(("total", "expected"), [(120, []), (97, []), (80, ["info"])])
def test_without_every_body_only_a_sum_that_exceeds_is_told(
    archive: Archive, panel: Panel, total: int, expected: list[str]
) -> None:
    expect(archive, OFFICE)  # departments have no roster
    county(panel, total, (60, 40))
    assert [f["severity"] for f in found(archive, "A-SUM")] == expected


# -- outcomes, time, what is due


def test_every_rule_answers_on_every_report(archive: Archive, panel: Panel) -> None:
    for key in AGENCIES:
        for year, form in ((2012, "narrative"), (2016, "stat2014"), (2019, "gb2019"), (2022, "gb2021")):
            panel.put(key, year, form=form)
    panel.put(TOWN, 2023, form="narrative", status="unparsed")
    across.update(archive.db)
    reports = one(archive, "SELECT count(*) FROM report")
    for rule in groups()["across"]:
        assert one(archive, "SELECT count(*) FROM check_result WHERE rule = ?", rule.rule) == reports
    assert (
        one(archive, "SELECT count(*) FROM check_result WHERE outcome = 'not_assessable' AND reason IS NULL")
        == 0
    )


def test_what_is_mended_is_resolved_and_keeps_its_key(archive: Archive, panel: Panel) -> None:
    panel.put(TOWN, 2023, t3={"carried_out": 3})
    report_id = panel.put(TOWN, 2024, t3={"carried_in": 5})
    (first,) = found(archive, "X-CARRY")
    mend(archive, report_id, 3)
    assert found(archive, "X-CARRY") == []
    gone = archive.conn.execute(
        "SELECT status, resolved_at FROM finding WHERE key = ?", [first["key"]]
    ).fetchone()
    assert gone["status"] == "resolved" and gone["resolved_at"]
    mend(archive, report_id, 4)
    (again,) = found(archive, "X-CARRY")
    assert (again["key"], again["first_seen"], again["left_value"]) == (first["key"], first["first_seen"], 4)


def mend(archive: Archive, report_id: int, total: int) -> None:
    """As a reading writes it: the cells, and the report's row."""
    with transaction(archive.db) as conn:
        conn.execute(
            "UPDATE applications SET natural_person = ?, total = ? WHERE report_id = ? AND row = 'carried_in'",
            [total, total, report_id],
        )
        conn.execute("UPDATE report SET form = form WHERE id = ?", [report_id])


def test_a_report_that_goes_takes_its_comparisons_along(archive: Archive, panel: Panel) -> None:
    before = panel.put(TOWN, 2023, t3={"carried_out": 3})
    panel.put(TOWN, 2024, t3={"carried_in": 5})
    assert found(archive, "X-CARRY")
    archive.conn.execute("DELETE FROM report WHERE id = ?", [before])
    assert found(archive, "X-CARRY") == []
    assert outcome(archive, "X-CARRY", 2024)[0] == "not_assessable"


def test_a_page_seen_again_makes_nothing_due(archive: Archive, panel: Panel) -> None:
    panel.put(TOWN, 2023)
    across.update(archive.db)
    archive.conn.execute("UPDATE report SET last_seen = '2026-03-01T00:00:00Z'")
    assert across.update(archive.db) == across.Compared()


def test_only_what_a_change_bears_upon_is_compared(archive: Archive, panel: Panel) -> None:
    for key in AGENCIES:
        for year in (2022, 2023):
            panel.put(key, year)
    across.update(archive.db)
    panel.put(BUREAU, 2024)
    done = across.update(archive.db)
    assert (done.due, done.reports) == (1, 3)  # the bureau's three years; its county has no total for 2024
    panel.put(COUNTY, 2024)
    mend(archive, one(archive, "SELECT id FROM report WHERE key LIKE ?", f"{BUREAU}%2024"), 0)
    assert across.update(archive.db).reports == 6


def test_a_run_that_ends_compares(archive: Archive, panel: Panel) -> None:
    run = archive.runs.start("crawl", "test")
    panel.put(TOWN, 2023, t3={"carried_out": 3})
    panel.put(TOWN, 2024, t3={"carried_in": 5})
    archive.runs.finish(run, "done")
    assert one(archive, "SELECT count(*) FROM finding WHERE rule = 'X-CARRY'") == 1


def test_other_rules_make_everything_due(
    archive: Archive, panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.put(TOWN, 2023)
    across.update(archive.db)
    monkeypatch.setattr(across, "VERSION", across.VERSION + 1)
    assert across.update(archive.db).reports == 1
    assert across.update(archive.db).reports == 0


def test_findings_of_the_reading_are_left_alone(archive: Archive, panel: Panel) -> None:
    from archive.store import findings

    report_id = panel.put(TOWN, 2023)
    with transaction(archive.db) as conn:
        told = [Finding("T3-BALANCE", "error", "a", "a", cells=("x",))]
        findings.sync(conn, report_id, "k", told, origin="reading", now="2026-01-01T00:00:00Z")
    across.update(archive.db, everything=True)
    assert one(archive, "SELECT count(*) FROM finding WHERE rule = 'T3-BALANCE' AND resolved_at IS NULL") == 1


# -- what may be published


def test_comparisons_are_published_when_confirmed_or_ripe(archive: Archive, panel: Panel) -> None:
    panel.put(TOWN, 2023, t3={"carried_out": 3})
    panel.put(TOWN, 2024, t3={"carried_in": 5})
    assert found(archive, "X-CARRY")
    assert one(archive, "SELECT count(*) FROM published_finding") == 0
    for change in ("status = 'confirmed'", "status = 'open', first_seen = date('now', '-14 days')"):
        archive.conn.execute(f"UPDATE finding SET {change}")
        assert one(archive, "SELECT count(*) FROM published_finding") == 1
    archive.conn.execute("UPDATE finding SET first_seen = date('now', '-13 days')")
    assert one(archive, "SELECT count(*) FROM published_finding") == 0
    archive.conn.execute("UPDATE finding SET status = 'dismissed', first_seen = '2020-01-01'")
    assert one(archive, "SELECT count(*) FROM published_finding") == 0


def test_nothing_is_published_that_quotes_a_withheld_report(archive: Archive, panel: Panel) -> None:
    panel.put(TOWN, 2023, t3={"carried_out": 3})
    panel.put(TOWN, 2024, t3={"carried_in": 5})
    across.update(archive.db)
    archive.conn.execute("UPDATE finding SET status = 'confirmed'")
    archive.conn.execute(
        "INSERT INTO withheld SELECT 'report', key, 'hide', 'test', '2026-01-01' FROM report WHERE year = 2023"
    )
    assert one(archive, "SELECT count(*) FROM published_finding") == 0


def test_a_purge_takes_along_what_quotes_the_report(archive: Archive) -> None:
    figures = {"carried_out": [3, 0, 0, 0, 0, 0, 3], "carried_in": [5, 0, 0, 0, 0, 0, 5]}
    for year in (2023, 2024):
        page = capture(b"%d" % year, url=f"http://127.0.0.1/{year}", doc_key=f"cq:{year}")
        store(archive, report(year=year, tables=tables(**figures)), page)
    across.update(archive.db)
    assert one(archive, "SELECT right_value FROM finding WHERE rule = 'X-CARRY'") == 3
    key = one(archive, "SELECT key FROM report WHERE year = 2023")
    archive.readings.withdraw(key, "purge", "test", decided_on="2026-03-01")
    assert one(archive, "SELECT count(*) FROM finding WHERE rule = 'X-CARRY'") == 0
    across.update(archive.db)
    assert one(archive, "SELECT count(*) FROM finding WHERE rule = 'X-CARRY'") == 0


# -- nothing invented, nothing missed


def consistent(seed: int) -> list[dict[str, Any]]:
    """Six years of two bodies and their county's total, in which every rule holds."""
    rng, made = random.Random(seed), []
    carried, valid, items = {OFFICE: 0, BUREAU: 0}, {OFFICE: 20, BUREAU: 5}, {OFFICE: 30, BUREAU: 8}
    for year in range(2019, 2025):
        total: dict[str, int] = dict.fromkeys(
            ("new_received", "carried_in", "granted", "processed_total", "carried_out"), 0
        )
        for body in (OFFICE, BUREAU):
            new, left = rng.randint(1, 90), carried[body]
            over = rng.randint(0, min(9, new + left))
            line = {"new_received": new, "carried_in": left, "granted": new + left - over,
                    "processed_total": new + left - over, "carried_out": over}  # fmt: skip
            carried[body] = over
            for row, value in line.items():
                total[row] += value
            if year < 2021:
                change = rng.randint(-3, 3)
                t2 = {
                    "administrative_licensing": {
                        "prior_year_items": items[body],
                        "change": change,
                        "decisions": year,
                    }
                }
                items[body] += change
            else:
                up, down = rng.randint(0, 4), rng.randint(0, 3)
                t2 = {NORM: {"made": up, "repealed": down, "valid": valid[body] + up - down},
                      "administrative_licensing": {"decisions": year},
                      "administrative_fees": {"amount_wan_yuan": rng.randint(1, 40)}}  # fmt: skip
                valid[body] += up - down
            words = "，".join(
                f"{chr(0x4E00 + rng.randrange(9000))}{chr(0x4E00 + rng.randrange(9000))}办理"
                for _ in range(120)
            )
            made.append(made_up(body, year, t3=line, t2=t2, text=words))  # type: ignore[arg-type]
        made.append(made_up(COUNTY, year, t3=total, t2={"administrative_licensing": {"decisions": year}}))  # type: ignore[arg-type]
    return made


def filled(folder: Path, reports: list[dict[str, Any]]) -> Archive:
    archive = fresh(folder)
    prepare(archive, AGENCIES)
    for year in range(2019, 2025):
        archive.agencies.expect(
            {"agency_key": key, "year": year, "basis": "local_notice", "source": "roster"}
            for key in (OFFICE, BUREAU)
        )
    Panel(archive).write(reports)
    return archive


def told(archive: Archive) -> list[tuple[Any, ...]]:
    return sorted(
        every(
            archive,
            "SELECT f.rule, r.key, f.left_value, f.right_value, f.cells, f.message FROM finding f"
            " JOIN report r ON r.id = f.report_id WHERE origin = 'comparison' AND resolved_at IS NULL",
        )
    )


def results(archive: Archive) -> list[tuple[Any, ...]]:
    return every(
        archive, "SELECT r.key, c.rule, c.outcome, c.tested, c.failed, c.reason FROM check_result c"
        " JOIN report r ON r.id = c.report_id ORDER BY 1, 2"
    )  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6), st.data())
def test_planted_differences_are_found_and_no_others(seed: int, data: st.DataObject) -> None:
    reports = consistent(seed)
    with tempfile.TemporaryDirectory() as folder, filled(Path(folder), reports) as archive:
        across.update(archive.db)
        assert told(archive) == []
        year = data.draw(st.integers(2020, 2024))
        body = data.draw(st.sampled_from([OFFICE, BUREAU]))
        more = data.draw(st.integers(1, 50))
        key = f"{body}:organ:{year}"
        report_id = one(archive, "SELECT id FROM report WHERE key = ?", key)
        value = one(
            archive, "SELECT total FROM applications WHERE report_id = ? AND row = 'carried_in'", report_id
        )
        mend(archive, report_id, value + more)
        across.update(archive.db)
        assert [row[:4] for row in told(archive) if row[0] != "A-SUM"] == [
            ("X-CARRY", key, value + more, value)
        ]
        assert {row[1] for row in told(archive) if row[0] == "A-SUM"} == {
            f"{COUNTY}:jurisdiction_aggregate:{year}"
        }
        step_by_step = told(archive), results(archive)
        across.update(archive.db, everything=True)
        assert (told(archive), results(archive)) == step_by_step


def test_rules_are_those_of_the_data() -> None:
    assert set(RULES) == {"X-CARRY", "X-VALID", "X-ITEMS-19", "X-SAME", "X-FEE-MEDIAN", "A-SUM"}
