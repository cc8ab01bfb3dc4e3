"""Reports made for the tests of the rules: tables that balance, and the real samples where they are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from archive.report.model import CheckResult, Finding, Report, Section, Tables
from archive.report.rules import check

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "data" / "samples"
TEXTS = (
    "banan-office-2025",
    "beibei-office-2024",
    "nanan-2023",
    "kaizhou-jinfeng-2025",
    "yuzhong-chaotianmen-2025",
)

APPLICANTS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other_org")
T4_OUTCOMES = ("upheld", "corrected", "other", "pending")
T4_ROWS = ("review", "litigation_direct", "litigation_after_review")
RESULTS = (
    "granted", "partially_granted", "refused_state_secret", "refused_law_prohibited", "refused_security_stability",
    "refused_third_party", "refused_internal_affairs", "refused_process_info", "refused_enforcement_file",
    "refused_admin_query", "unavailable_not_held", "unavailable_needs_creation",
    "unavailable_unclear_after_correction", "unprocessed_complaint", "unprocessed_repeat", "unprocessed_publication",
    "unprocessed_mass_repeat", "unprocessed_confirm_reissue",
)  # fmt: skip
OTHERS = ("other_correction_overdue", "other_fee_unpaid", "other_other")


class Evidence:
    """The years that title and period state."""

    def __init__(self, title_year: int | None = None, period_year: int | None = None) -> None:
        self.title_year = title_year
        self.period_year = period_year


def outcome(report: Report, **years: int | None) -> tuple[dict[str, CheckResult], list[Finding]]:
    """The results by rule, and the findings."""
    results, findings = check(report, Evidence(**years))
    assert len({result.rule for result in results}) == len(results)
    return {result.rule: result for result in results}, findings


def failed(report: Report, **years: int | None) -> dict[str, int]:
    """The rules that failed, with how often."""
    results, findings = outcome(report, **years)
    fails = {rule: result.failed for rule, result in results.items() if result.outcome == "fail"}
    assert sum(fails.values()) == len(findings)
    return fails


def applications(
    rows: dict[str, list[int]], carried_in: list[int], carried_out: list[int]
) -> dict[str, dict[str, Any]]:
    """Table 3 that balances: results and what was carried are given per applicant, all the rest follows."""
    processed = [sum(values[i] for values in rows.values()) for i in range(6)]
    received = [processed[i] + carried_out[i] - carried_in[i] for i in range(6)]
    order = {"new_received": received, "carried_in": carried_in, **rows}
    order |= {"processed_total": processed, "carried_out": carried_out}
    return {
        row: dict(zip((*APPLICANTS, "total"), (*values, sum(values)), strict=True))
        for row, values in order.items()
    }


def cases(values: list[list[int]]) -> dict[str, dict[str, Any]]:
    """Table 4 whose totals are right."""
    return {
        row: dict(zip((*T4_OUTCOMES, "total"), (*parts, sum(parts)), strict=True))
        for row, parts in zip(T4_ROWS, values, strict=True)
    }


counts = st.integers(0, 50)


@st.composite
def balanced_tables(draw: st.DrawFn, *, others: tuple[str, ...] = OTHERS) -> Tables:
    """Tables of the form of 2021 (of 2019 with ``others=("other",)``) that keep every identity."""
    six = st.lists(counts, min_size=6, max_size=6)
    rows = {row: draw(six) for row in (*RESULTS, *others)}
    carried_out = draw(six)
    # What was carried in is among what was done or carried on, so that nothing received becomes negative.
    carried_in = [draw(st.integers(0, rows["granted"][i] + carried_out[i])) for i in range(6)]
    made = draw(counts)
    documents = {"made": made, "repealed": draw(counts), "valid": made + draw(counts)}
    return {
        "active_disclosure": {
            "regulations": {"made": 0, "repealed": 0, "valid": 0},
            "normative_documents": documents,
        },
        "applications": applications(rows, carried_in, carried_out),
        "review_litigation": cases([draw(st.lists(counts, min_size=4, max_size=4)) for _ in T4_ROWS]),
    }


def small_report(**fields: Any) -> Report:
    """A report on 2024 whose tables are easy to reason about: 60 received, 4 carried in, 58 done, 6 carried over."""
    rows = {row: [0] * 6 for row in (*RESULTS, *OTHERS)}
    rows["granted"] = [16, 2, 0, 0, 0, 0]
    rows["partially_granted"] = [11, 0, 0, 0, 0, 0]
    rows["refused_process_info"] = [2, 0, 0, 0, 0, 0]
    rows["refused_third_party"] = [3, 0, 0, 0, 0, 0]
    rows["unavailable_not_held"] = [19, 0, 0, 0, 0, 0]
    rows["unavailable_unclear_after_correction"] = [1, 0, 0, 0, 0, 0]
    rows["unprocessed_repeat"] = [1, 0, 0, 0, 0, 0]
    rows["other_correction_overdue"] = [3, 0, 0, 0, 0, 0]
    tables: Tables = {
        "active_disclosure": {
            "regulations": {"made": 0, "repealed": 0, "valid": 0},
            "normative_documents": {"made": 5, "repealed": 3, "valid": 88},
            "administrative_fees": {"amount_wan_yuan": 12.5},
        },
        "applications": applications(rows, [4, 0, 0, 0, 0, 0], [6, 0, 0, 0, 0, 0]),
        "review_litigation": cases([[1, 1, 0, 2], [0, 0, 0, 0], [6, 0, 0, 6]]),
    }
    report = Report(
        status="parsed", form="gb2021", year=2024, scope="organ", agency_kind="department", admin_code="500109",
        tables=tables,
    )  # fmt: skip
    for name, value in fields.items():
        setattr(report, name, value)
    return report


def telling(text: str, *, heading: str = "（二）依申请公开情况。", **fields: Any) -> Report:
    """The small report with this text under a sub-heading of its first section."""
    return small_report(sections=[Section(1, "一、总体情况", heading + text)], **fields)


_HEADINGS = ("总体情况", "主动公开政府信息", "收到和处理", "行政复议", "主要问题", "其他需要报告")


def sample(name: str) -> tuple[Report, dict[str, Any]]:
    """A real sample as a report, with tables from its truth and sections split naively, and that truth."""
    if not SAMPLES.is_dir():
        pytest.skip(f"the samples are not beside this checkout ({SAMPLES.name})")
    truth = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    text = (SAMPLES / f"{name}.txt").read_text("utf-8")
    sections: list[Section] = []
    lines: list[str] = []
    for line in text.splitlines():
        heading = re.match(r"[一二三四五六]、(.*)", line.strip().strip("|").strip())
        number = len(sections)
        if heading and number < 6 and _HEADINGS[number] in heading[1] and "数量" not in heading[1]:
            lines = []
            sections.append(Section(number + 1, line.strip(), ""))
        elif sections:
            # Table content is no text; in these samples it stands in sections 2 to 4 only.
            lines += [line] if sections[-1].number in (1, 5, 6) else []
            last = sections[-1]
            sections[-1] = Section(last.number, last.heading, "\n".join(lines))
    report = Report(
        status="parsed", title=truth["title"], agency=truth["agency"], agency_kind=truth["unit_kind"],
        scope=truth["report_scope"], year=truth["report_year"], published_on=truth["published_date"],
        form=truth["format_era"], tables=truth["tables"], sections=sections,
        admin_code=truth["region"]["county_code"],
        period=tuple(truth["stat_period"]) if truth["stat_period"] else None,
    )  # fmt: skip
    return report, truth
