"""What the text says against the tables: every true mismatch is found, and what is no claim stays silent."""

from __future__ import annotations

import json
import time

import pytest

from archive.report.model import Context, Report, Section
from archive.report.read import read
from archive.report.rules import check
from archive.report.rules.claims import read_claims
from archive.report.rules.narrative import compare
from tests.rules_support import SAMPLES, TEXTS, Evidence, failed, outcome, sample, small_report, telling


def claims(report: Report) -> set[tuple[str, object]]:
    return {(claim.kind, claim.value) for claim in read_claims(report)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("全年共收到政府信息公开申请60件，办结58件（含上年结转4件），结转下年度办理6件。",
         {("new_received", 60), ("processed_total", 58), ("carried_in", 4), ("carried_out", 6)}),
        ("全年新收政府信息公开申请 1,234 件；答复 1，230 件，另有19件转结到下一年度。",
         {("new_received", 1234), ("processed_total", 1230), ("carried_out", 19)}),
        ("新受理依申请公开事项６０起。", {("new_received", 60)}),
        ("共收到申请十二件，已答复十二件。", {("new_received", 12), ("processed_total", 12)}),
        ("本局未收到政府信息公开申请，也未发生行政复议、行政诉讼案件。",
         {("new_received", 0), ("review_total", 0), ("litigation_total", 0)}),
        ("2023年结转4件，本年新收60件，办结58件，结转2025年6件。",
         {("carried_in", 4), ("new_received", 60), ("processed_total", 58), ("carried_out", 6)}),
        ("2023年收到政府信息公开申请55件，2024年收到政府信息公开申请60件。", {("new_received", 60)}),
        ("共办理政府信息公开申请64件，已办结58件。", {("processed_total", 58)}),
        ("通过网站、信函等方式收到公民、法人和其他组织提交的政府信息公开申请60件，申请人均为自然人。",
         {("new_received", 60), ("only_natural_person", True)}),
        ("其中，予以公开18件，部分公开11件，不予公开5件，无法提供20件，不予处理1件，其他处理3件。",
         {("granted", 18), ("partially_granted", 11), ("refused", 5), ("unavailable", 20), ("unprocessed", 1), ("other", 3)}),
        ("答复中，18件予以公开，5件不予公开。", {("granted", 18), ("refused", 5)}),
        ("因重复申请不予处理1件，因本机关不掌握等原因无法提供20件。", {("unprocessed_repeat", 1), ("unavailable", 20)}),
        ("引发行政复议4件，其中结果维持1件、纠错1件；行政诉讼12件，其中复议后起诉12件。",
         {("review_total", 4), ("review_upheld", 1), ("review_corrected", 1), ("litigation_total", 12),
          ("litigation_after_review_total", 12)}),
        ("引发行政复议4件，其中1件维持，1件纠正。",
         {("review_total", 4), ("review_upheld", 1), ("review_corrected", 1)}),
        ("被申请行政复议4件、提起行政诉讼12件，均得到维持。",
         {("review_total", 4), ("review_upheld", 4), ("litigation_total", 12), ("litigation_upheld", 12)}),
        ("制发行政规范性文件5件，废止3件，现行有效88件。",
         {("normative_made", 5), ("normative_repealed", 3), ("normative_valid", 88)}),
        ("全年收取信息处理费1.5万元。", {("processing_fee_collected_yuan", 15000)}),
    ],
)  # fmt: skip
def test_claims_are_read(text: str, expected: set[tuple[str, object]]) -> None:
    assert claims(telling(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "办理人大代表建议12件、政协提案8件，办结率100%。",
        "受理12345热线工单2000件，回复群众留言30件。",
        "全年受理行政许可办件300件，办结300件。",
        "收到信访件20件、政府信息公开申请5件，办结25件。",
        "上年收到政府信息公开申请55件。",
        "通过门户网站收到政府信息公开申请6件。",
        "其中受理自然人申请28件。",
        "全区共收到政府信息公开申请235件。",
        "指导各部门答复政府信息公开申请500件。",
        "收到政府信息公开申请约60件，答复近百件。",
        "不予受理3件，延期答复2件，尚未办结5件。",
        "在20个工作日内答复，召开会议2次，培训3次。",
        "审结行政复议案件8件，未发生行政复议被纠正的情况。",
        "行政复议、行政诉讼案件共16件。",
        "印发政策文件20件，审查规范性文件9件，废止、失效行政规范性文件5件。",
        "本年收到政府信息公开申请3\n5件。",
        "收到政府信息公开申请1.5万件。",
        "无正当理由大量反复申请的情形不存在。",
        "区住建委收到12件，其中区教委受理3件，转送相关部门办理2件。",
        "公开区政府规范性文件6件，区政府办规范性文件5件。",
        "2019年以来共收到政府信息公开申请600件。",
    ],
)
def test_what_is_no_claim_stays_silent(text: str) -> None:
    assert claims(telling(text)) == set()


def test_other_business_outside_the_heading_on_requests_stays_silent() -> None:
    report = telling("全年共收到申请60件，办结54件，行政复议案件共3件。", heading="（五）监督保障情况。")
    assert claims(report) == set()


def test_a_heading_ends_what_the_one_before_it_said() -> None:
    report = telling("加强指导。（五）监督保障情况。全年受理12件，答复12件。")
    assert claims(report) == set()


def test_aggregate_reports_speak_of_the_whole_county() -> None:
    def told(text: str) -> list[tuple[str, object, bool]]:
        report = telling(text, scope="jurisdiction_aggregate", agency_kind="county_government")
        return [(claim.kind, claim.value, claim.other_scope) for claim in read_claims(report)]

    assert told("全区共收到政府信息公开申请60件。") == [("new_received", 60, False)]
    assert told("区政府共收到政府信息公开申请12件。") == [("new_received", 12, True)]
    assert told("区政府办公室收到政府信息公开申请12件。") == []
    assert told("区民政局收到政府信息公开申请12件。") == []
    assert told("区政府共收到行政复议申请120件，受理110件，其中信息公开类8件。") == []


MISMATCHES = [
    ("办结54件，共收到政府信息公开申请60件。", "N-PROCESSED", "warning", 54, 58, "excludes carried-in"),
    ("全年办结政府信息公开申请50件。", "N-PROCESSED", "warning", 50, 58, None),
    ("共收到政府信息公开申请64件（含上年结转4件）。", "N-RECEIVED", "info", 64, 60, "includes carried-in"),
    ("共收到政府信息公开申请61件。", "N-RECEIVED", "warning", 61, 60, None),
    ("未收到政府信息公开申请。", "N-RECEIVED", "warning", 0, 60, None),
    ("含上年度结转5件。", "N-CARRIED-IN", "warning", 5, 4, None),
    ("结转至下一年办理7件。", "N-CARRIED-OUT", "warning", 7, 6, None),
    ("予以公开及部分公开16件。", "N-RESULTS", "info", 16, 29, "a single cell"),
    ("予以公开及部分公开27件。", "N-RESULTS", "info", 27, 29, "a single column"),
    ("无法提供1件。", "N-RESULTS", "info", 1, 20, "a single row"),
    ("不予公开7件。", "N-RESULTS", "warning", 7, 5, None),
    ("因重复申请不予处理2件。", "N-RESULTS", "warning", 2, 1, None),
    ("申请人均为自然人。", "N-APPLICANT", "warning", 58, 60, None),
    ("引发行政复议5件。", "N-REVIEW", "warning", 5, 4, None),
    ("引发行政复议4件，均获维持。", "N-REVIEW", "warning", 4, 1, None),
    ("提起行政诉讼10件。", "N-LITIGATION", "warning", 10, 12, None),
    ("制发行政规范性文件6件。", "N-NORMATIVE", "warning", 6, 5, None),
    ("主动公开政府信息100条，其中网站60条、微信30条、其他渠道20条。", "N-PARTS", "info", 100, 110, None),
]


@pytest.mark.parametrize(("text", "rule", "severity", "left", "right", "explained"), MISMATCHES)
def test_mismatches_are_found(
    text: str, rule: str, severity: str, left: int, right: int, explained: str | None
) -> None:
    results, findings = outcome(telling(text))
    found = next(f for f in findings if f.rule == rule)
    assert (found.severity, found.left, found.right, found.explained) == (severity, left, right, explained)
    assert found.difference == left - right
    assert found.quote is not None and found.quote in telling(text).sections[0].text
    assert str(left) in found.message and str(right) in found.message
    assert str(left) in found.message_zh and str(right) in found.message_zh
    assert results[rule].outcome == "fail"


def test_the_explanation_names_its_figure() -> None:
    (found,) = outcome(telling("2024年共收到政府信息公开申请60件，办结54件。"))[1][:1]
    assert "equals the 4 carried in" in found.message
    assert "上年结转的 4 件" in found.message_zh
    assert found.cells == ("applications.processed_total.total",)
    assert found.quote == "2024年共收到政府信息公开申请60件，办结54件"


def test_one_of_two_kinds_of_lawsuit_is_grey() -> None:
    report = telling("提起行政诉讼6件。")
    report.tables["review_litigation"]["litigation_direct"] = {
        "upheld": 6, "corrected": 0, "other": 0, "pending": 0, "total": 6,
    }  # fmt: skip
    found = next(f for f in outcome(report)[1] if f.rule == "N-LITIGATION")
    assert (found.right, found.severity, found.explained) == (18, "info", "only one of the two")


@pytest.mark.parametrize(
    "text",
    [
        "公开规范性文件88件。",
        "主动公开政府信息100条，其中网站60条、微信30条。",
        "因信访举报投诉等原因不予公开2件。",
        "本单位未收取信息处理费。",
    ],
)
def test_what_the_words_allow_is_no_finding(text: str) -> None:
    findings = outcome(telling(text))[1]
    assert [f for f in findings if f.rule.startswith("N-")] == []


def test_fees_for_information_are_never_compared_with_administrative_fees() -> None:
    report = telling("本机关未发出收费通知，未收取信息处理费。", heading="")
    assert "N-FEE" not in failed(report)
    report.tables["applications"]["other_fee_unpaid"]["total"] = 2
    found = next(f for f in outcome(report)[1] if f.rule == "N-FEE")
    assert (found.left, found.right) == (0, 2)
    contradiction = telling("未收取信息处理费。收取信息处理费300元。", heading="")
    assert failed(contradiction)["N-FEE"] == 1


def test_a_missing_number_is_not_assessable() -> None:
    report = telling("全年办结政府信息公开申请50件。")
    report.tables["applications"]["processed_total"]["total"] = None
    results, findings = outcome(report)
    assert [f for f in findings if f.rule.startswith("N-")] == []
    assert results["N-PROCESSED"].outcome == "not_assessable"


def test_long_quotes_are_cut_at_clauses_and_stay_verbatim() -> None:
    padding = "，".join(["持续完善 制度，强化培训与指导"] * 12)
    report = telling(f"{padding}，全年办结政府信息公开申请 50 件，{padding}。")
    found = next(f for f in outcome(report)[1] if f.rule == "N-PROCESSED")
    assert found.quote is not None and found.quote in report.sections[0].text
    assert "办结政府信息公开申请 50 件" in found.quote
    assert len(found.quote) < 250


@pytest.mark.parametrize(
    "unit",
    [
        "收到申请1件，", "1", "1,", "其中", "（二）", "未收到", "公开、", "行政复议、行政诉讼", "受理办结", "政府信息公开申请", "(", "一二三十百",
        "规范性文件", "收取信息处理费", "未发生 ", "均为", "2024年",
    ],
)  # fmt: skip
def test_no_text_makes_the_checks_slow(unit: str) -> None:
    text = (unit * (200_000 // len(unit)))[:200_000]
    report = small_report(sections=[Section(1, "三、收到和处理政府信息公开申请情况", text)])
    start = time.perf_counter()
    check(report, Evidence())
    assert time.perf_counter() - start < 5


@pytest.mark.samples
@pytest.mark.parametrize("name", TEXTS)
def test_every_claim_of_the_samples_is_read_and_judged(name: str) -> None:
    report, truth = sample(name)
    read = read_claims(report)
    # 公开 N 件规范性文件 is what the truth calls normative_made.
    kinds = {"normative_disclosed": "normative_made"}
    told = {(kinds.get(claim.kind, claim.kind), claim.value) for claim in read}
    judged = {
        (kinds.get(c.claim.kind, c.claim.kind), c.claim.value, c.expression): (c.right, c.agrees)
        for c in compare(report, read)
    }
    for claim in truth["narrative_claims"]:
        assert (claim["claim"], claim["value"]) in told
        if claim["table_expression"] is not None:
            key = (claim["claim"], claim["value"], claim["table_expression"])
            assert judged[key] == (claim["table_value"], claim["agrees"])


@pytest.mark.samples
def test_claims_broken_over_the_lines_of_a_pdf() -> None:
    if not SAMPLES.is_dir():
        pytest.skip("the samples are not beside this checkout")
    truth = json.loads((SAMPLES / "huaian-2024.json").read_text("utf-8"))
    report = read((SAMPLES / "huaian-2024.pdf").read_bytes(), [], Context())
    told = {(claim.kind, claim.value) for claim in read_claims(report)}
    assert {(claim["claim"], claim["value"]) for claim in truth["narrative_claims"]} <= told
    assert [found.rule for found in outcome(report)[1] if found.rule.startswith(("N-", "T3-", "T4-"))] == []


@pytest.mark.samples
@pytest.mark.parametrize("name", TEXTS)
def test_the_samples_raise_what_they_must_and_nothing_else(name: str) -> None:
    report, truth = sample(name)
    years = (
        truth["report_year"] if truth["title"] else None,
        int(truth["stat_period"][0][:4]) if truth["stat_period"] else None,
    )
    results, findings = check(report, Evidence(*years))
    raised = {found.rule for found in findings}
    ours = {result.rule for result in results}
    required = {entry["rule"] for entry in truth["findings"]} & ours
    allowed = required | {entry["rule"] for entry in truth["optional_findings"]}
    assert required <= raised <= allowed
    for entry in truth["findings"]:
        if entry["rule"] == "N-PROCESSED":
            found = next(f for f in findings if f.rule == "N-PROCESSED")
            assert (found.left, found.right, found.difference) == (
                entry["narrative"],
                entry["table"],
                entry["delta"],
            )
            assert (found.severity, found.quote, found.explained) == (
                "warning",
                entry["quote"],
                "excludes carried-in",
            )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("累计收到政府信息公开申请999件（2008年以来）。", set()),
        ("收到政府信息公开申请60件（含上年结转4件）。", {("new_received", 60), ("carried_in", 4)}),
        ("指导各村（社区）办理依申请公开3件。", set()),
        ("指导基层站所（中心）办理依申请公开3件，督促部门答复依申请公开2件。", set()),
    ],
)
def test_other_years_and_other_bodies_in_brackets_are_no_claim(
    text: str, expected: set[tuple[str, object]]
) -> None:
    assert claims(telling(text)) == expected
