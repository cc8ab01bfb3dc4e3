"""The real samples read exactly: every cell, every fact, every finding, and no false alarm."""

from __future__ import annotations

import re
from functools import cache

import pytest

from archive.report.model import Context, Report
from archive.report.read import read
from tests import samples

pytestmark = pytest.mark.samples


@cache
def report_of(name: str) -> Report:
    return read(samples.body(name), [], Context())


@pytest.mark.parametrize("name", samples.NAMES)
def test_every_cell_is_exact(name: str) -> None:
    report, truth = report_of(name), samples.truth(name)
    assert report.tables == truth["tables"]
    assert sum(len(columns) for rows in report.tables.values() for columns in rows.values()) == 200
    assert report.form == truth["format_era"]
    assert report.cells == []


@pytest.mark.parametrize("name", samples.NAMES)
def test_facts_around_the_tables(name: str) -> None:
    report, truth = report_of(name), samples.truth(name)
    assert report.status == "parsed"
    assert report.title == truth["title"]
    assert report.agency == truth["agency"]
    assert report.year == truth["report_year"]
    assert report.published_on == truth["published_date"]
    assert report.signed_on == truth["signed_date"]
    assert report.period == (tuple(truth["stat_period"]) if truth["stat_period"] else None)
    assert (report.agency_kind, report.scope) == (truth["unit_kind"], truth["report_scope"])
    region = truth["region"]
    assert report.county_code == region["county_code"]
    assert report.admin_code == (region["township_code"] or region["county_code"])


@pytest.mark.parametrize("name", samples.NAMES)
def test_the_six_sections(name: str) -> None:
    numbers = [section.number for section in report_of(name).sections if section.number]
    assert numbers == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("name", samples.NAMES)
def test_findings_are_those_expected_and_no_others(name: str) -> None:
    report, truth = report_of(name), samples.truth(name)
    raised = {(finding.rule, finding.severity) for finding in report.findings}
    expected = {(finding["rule"], finding["severity"]) for finding in truth["findings"]}
    allowed = {(finding["rule"], finding["severity"]) for finding in truth["optional_findings"]}
    assert expected <= raised
    # Everything else, what must stay silent (must_not_raise) included, is a false alarm.
    assert raised - expected - allowed == set()


def test_what_must_stay_silent_is_named_by_rule() -> None:
    silent = {
        (name, match.group())
        for name in samples.NAMES
        for text in samples.truth(name)["must_not_raise"]
        if (match := re.match(r"[A-Z0-9]+-[A-Z0-9-]+", text))
    }
    assert silent, "the truth names rules that must stay silent"
    raised = {(name, finding.rule) for name in samples.NAMES for finding in report_of(name).findings}
    expected = {(name, f["rule"]) for name in samples.NAMES for f in samples.truth(name)["findings"]}
    assert silent & (raised - expected) == set()


def test_the_only_numeric_mismatch_keeps_both_sides() -> None:
    (found,) = [f for f in report_of("beibei-office-2024").findings if f.rule == "N-PROCESSED"]
    assert (found.left, found.right, found.difference) == (54, 58, -4)
    assert found.quote
    assert found.explained


def test_a_blank_form_holds_no_zero() -> None:
    body = (samples.require() / "blank-form-2021.docx").read_bytes()
    report = read(body, [], Context())
    values = {v for rows in report.tables.values() for columns in rows.values() for v in columns.values()}
    assert values <= {None}
    assert report.status != "parsed"
