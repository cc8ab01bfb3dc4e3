"""The rules as data: complete, worded in both languages, answered on every report, and in step with docs/rules.md."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from archive.reference.rules import as_markdown, groups, rules
from archive.report.findings import finding
from archive.report.model import Report
from tests.rules_support import outcome, small_report

OURS = ("arithmetic", "statistics", "narrative", "form")


def test_every_rule_is_complete() -> None:
    for rule in rules().values():
        assert rule.severity in ("error", "warning", "info")
        for text in (rule.statement_zh, rule.statement_en, rule.source, rule.message_zh, rule.message_en):
            assert text.strip(), rule.rule
        for reading in rule.readings.values():
            assert set(reading) == {"zh", "en"}


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_both_languages_give_the_same_figures() -> None:
    for group in OURS:
        for rule in groups()[group]:
            plain = [
                {name.removesuffix("_zh").removesuffix("_en") for name in fields(text)}
                for text in (rule.message_zh, rule.message_en)
            ]
            assert plain[0] - plain[1] <= {"left_terms"}, rule.rule
            assert plain[1] - plain[0] <= {"right_terms"}, rule.rule


@pytest.mark.parametrize(
    "report", [Report(), small_report(), Report(form="stat2014", year=2016), Report(form="narrative")]
)
def test_every_rule_answers_once_on_every_report(report: Report) -> None:
    results, _ = outcome(report)
    assert list(results) == [rule.rule for group in OURS for rule in groups()[group]]
    for result in results.values():
        assert result.outcome != "not_assessable" or result.reason


def test_an_unknown_rule_is_no_finding() -> None:
    with pytest.raises(KeyError):
        finding("NO-SUCH-RULE")


def test_differences_of_amounts_carry_no_binary_noise() -> None:
    found = finding("NUM-KIND", left=0.3, right=0.1, where_zh="", where_en="")
    assert found.difference == 0.2


def test_the_page_of_rules_is_in_step() -> None:
    page = Path(__file__).resolve().parents[1] / "docs" / "rules.md"
    assert page.read_text("utf-8") == as_markdown(), "run: python -m archive.reference.rules > docs/rules.md"
