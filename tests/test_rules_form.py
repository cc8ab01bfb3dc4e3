"""Checks on the form and the metadata: sections, era, years, dates, duties of governments, plausibility."""

from __future__ import annotations

import pytest

from archive.report.model import Attachment, CellNote, Report, Section
from tests.rules_support import failed, outcome, small_report

HEADINGS = (
    "一、总体情况", "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况", "六、其他需要报告的事项",
)  # fmt: skip
PLAIN = "本机关未收取信息处理费。"


def complete(**fields: object) -> Report:
    sections = [Section(n, heading, PLAIN if n == 6 else "") for n, heading in enumerate(HEADINGS, start=1)]
    return small_report(**{"sections": sections, **fields})


def test_a_complete_report_has_no_findings() -> None:
    report = complete(published_on="2025-01-20")
    results, findings = outcome(report, title_year=2024, period_year=2024)
    assert findings == []
    assert results["FMT-SECTIONS"].outcome == "pass"
    assert results["META-YEAR"].tested == 2
    assert results["CONTENT-GOV"].outcome == "not_assessable"


def test_missing_sections_are_named() -> None:
    report = complete()
    report.sections = [s for s in report.sections if s.number not in (3, 5)]
    found = outcome(report)[1][0]
    assert (found.rule, found.explained) == ("FMT-SECTIONS", None)
    assert "五、存在的主要问题及改进情况" in found.message_zh
    assert "section 3" in found.message


@pytest.mark.parametrize(
    "heading",
    ["四、因政府信息公开工作被申请行政复议、提起行政诉讼情况", "3、政府信息公开行政复议和行政诉讼情况"],
)
def test_headings_are_known_by_their_words(heading: str) -> None:
    report = complete()
    report.sections[3] = Section(None, heading, "")
    assert "FMT-SECTIONS" not in failed(report)


def test_tables_that_stand_elsewhere_are_explained() -> None:
    report = complete(attachments=[Attachment("https://example.invalid/a.pdf", "年报", "pdf")])
    del report.tables["review_litigation"]
    found = outcome(report)[1][0]
    assert (found.rule, found.explained) == ("FMT-SECTIONS", "tables elsewhere")
    report = complete()
    for row, columns in report.tables["review_litigation"].items():
        for column in columns:
            columns[column] = None
            report.cells.append(CellNote("review_litigation", row, column, None, "table_is_image"))
    assert outcome(report)[1][0].explained == "tables elsewhere"


def test_a_narrative_of_an_old_year_needs_no_sections() -> None:
    results, findings = outcome(Report(form="narrative", year=2012))
    assert findings == []
    assert results["FMT-SECTIONS"].outcome == "not_assessable"
    assert failed(Report(form="narrative", year=2023)) == {"FMT-SECTIONS": 1}


@pytest.mark.parametrize(
    ("form", "year", "fails"),
    [("gb2021", 2021, False), ("gb2021", 2025, False), ("gb2019", 2023, True), ("gb2019", 2020, False), ("stat2014", 2018, False),
     ("gb2021", 2020, True), ("legacy2008", 2009, False)],
)  # fmt: skip
def test_form_by_content_and_by_year(form: str, year: int, fails: bool) -> None:
    assert ("FMT-ERA" in failed(complete(form=form, year=year))) is fails


def test_statement_on_fees() -> None:
    report = complete()
    report.sections[5] = Section(6, HEADINGS[5], "无其他需要报告的事项。")
    assert failed(report) == {"FMT-FEE-STATEMENT": 1}
    assert "FMT-FEE-STATEMENT" not in failed(small_report(sections=report.sections, year=2020, form="gb2019"))
    report.sections[0] = Section(1, HEADINGS[0], "全年未收取信息 处理费。")
    results, findings = outcome(report)
    assert findings == []
    assert results["FMT-FEE-STATEMENT"].reason is not None


def test_contents_asked_of_governments() -> None:
    report = complete(agency_kind="township_government")
    assert failed(report) == {"CONTENT-GOV": 1}
    report.sections[0] = Section(1, HEADINGS[0], "开展工作考核，")
    found = outcome(report)[1][0]
    assert "考核" not in found.message_zh
    assert "责任追究" in found.message_zh
    report.sections[0] = Section(1, HEADINGS[0], "开展考核和社会评议，未发生追究责任的情况。")
    assert failed(report) == {}


def test_years_of_title_period_and_publication() -> None:
    results, findings = outcome(complete(published_on="2025-02-01"), title_year=2024, period_year=2023)
    assert [(f.rule, f.severity, f.left, f.right) for f in findings] == [("META-YEAR", "error", 2024, 2023)]
    assert results["META-YEAR"].tested == 2
    late = outcome(complete(published_on="2026-03-01"), title_year=2024, period_year=2024)[1]
    assert [(f.rule, f.severity, f.right, f.explained) for f in late] == [
        ("META-YEAR", "warning", 2025, "late publication")
    ]
    migrated = complete(published_on="2026-03-01", date_quality="migrated")
    assert failed(migrated, title_year=2024, period_year=2024) == {}
    only_period = complete(published_on="2025-03-01", period=("2024-01-01", "2024-12-31"))
    assert outcome(only_period)[0]["META-YEAR"].outcome == "pass"
    assert outcome(complete())[0]["META-YEAR"].outcome == "not_assessable"


def test_publication_before_the_end_of_the_year() -> None:
    early = outcome(complete(published_on="2024-12-30"), title_year=2024)[1]
    assert {f.rule for f in early} == {"META-YEAR", "META-PUB-EARLY"}
    assert failed(complete(published_on="2025-01-01"), title_year=2024) == {}


@pytest.mark.parametrize(
    ("kind", "code", "agency", "expected"),
    [
        ("township_government", "500154", None, "fail"),
        ("county_government", "500108", None, "fail"),
        ("government_office", "500113", None, "fail"),
        ("government_office", None, "重庆市巴南区人民政府办公室", "fail"),
        ("government_office", "500000", None, "not_assessable"),
        ("department", None, None, "not_assessable"),
        ("municipal_government", "320800", None, "pass"),
        (None, "500108", None, "not_assessable"),
    ],
)
def test_power_to_make_regulations(
    kind: str | None, code: str | None, agency: str | None, expected: str
) -> None:
    report = complete(agency_kind=kind, admin_code=code, agency=agency)
    report.tables["active_disclosure"]["regulations"] = {"made": 0, "repealed": 0, "valid": 11}
    results, findings = outcome(report)
    assert results["T2-REGULATION-POWER"].outcome == expected
    assert [f.left for f in findings if f.rule == "T2-REGULATION-POWER"] == (
        [11] if expected == "fail" else []
    )


@pytest.mark.parametrize(
    ("kind", "amount", "expected"),
    [
        ("township_government", 153103.83, "fail"),
        ("township_government", 5, "pass"),
        ("county_government", 153103.83, "not_assessable"),
        ("department", None, "not_assessable"),
    ],
)
def test_plausible_fees(kind: str, amount: float | None, expected: str) -> None:
    report = complete(agency_kind=kind)
    report.tables["active_disclosure"]["administrative_fees"]["amount_wan_yuan"] = amount
    assert outcome(report)[0]["T2-FEE-UNIT"].outcome == expected
