"""A report held against the rules that can be tested inside it alone (docs/rules.md): figures, text and form.

``check`` gives one result for each of these rules on every report, so that a rate of failures has its denominator,
and a finding for each instance that fails.
"""

from __future__ import annotations

from typing import Protocol

from archive.report.model import CheckResult, Finding, Report
from archive.report.rules import arithmetic, form, narrative, statistics
from archive.report.rules.tally import Tally


class FactsEvidence(Protocol):
    """What the checks need to know beside the report: from which places its year was taken."""

    @property
    def title_year(self) -> int | None:
        """The year that the title states."""

    @property
    def period_year(self) -> int | None:
        """The year of the stated statistical period."""


def check(report: Report, facts: FactsEvidence) -> tuple[list[CheckResult], list[Finding]]:
    """The outcome of every rule on this report, and a finding for every failure. Pure; the report is not changed."""
    tallies: list[Tally] = [
        *arithmetic.check(report),
        *statistics.check(report),
        *narrative.check(report),
        *form.check(report, getattr(facts, "title_year", None), getattr(facts, "period_year", None)),
    ]
    return [tally.result() for tally in tallies], [found for tally in tallies for found in tally.findings]
