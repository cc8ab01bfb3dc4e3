"""Counts the instances of one rule on one report, and turns the counts into its one outcome (report-format D.0)."""

from __future__ import annotations

from dataclasses import dataclass, field

from archive.report.model import CheckResult, Finding

NOT_ON_FORM = "not on this form"
NO_NUMBER = "no number in a cell it needs"


@dataclass(slots=True)
class Tally:
    """What became of the instances of ``rule``.

    ``blank`` of the ``tested`` ones hold only if blank cells are read as 0; ``missing`` could not be tested.
    ``note`` is a reason worth keeping beside the outcome.
    """

    rule: str
    tested: int = 0
    blank: int = 0
    missing: int = 0
    failed: int = 0
    findings: list[Finding] = field(default_factory=list)
    note: str | None = None

    def fail(self, found: Finding) -> None:
        """Count one tested instance that failed, with its finding."""
        self.tested += 1
        self.failed += 1
        self.findings.append(found)

    def result(self) -> CheckResult:
        """The one outcome: a failure outweighs all, nothing tested is not assessable and says why."""
        if self.failed:
            return CheckResult(self.rule, "fail", self.tested, self.failed, self._reason())
        if not self.tested:
            return CheckResult(self.rule, "not_assessable", 0, 0, self._reason() or NOT_ON_FORM)
        return CheckResult(
            self.rule, "pass_blank_as_zero" if self.blank else "pass", self.tested, 0, self._reason()
        )

    def _reason(self) -> str | None:
        if self.note is None and self.missing:
            return NO_NUMBER if not self.tested else f"{self.missing} not tested: {NO_NUMBER}"
        return self.note


def not_assessable(rule: str, reason: str) -> Tally:
    """A rule that cannot be tested on this report."""
    return Tally(rule, note=reason)


def single(rule: str, found: Finding | None, note: str | None = None) -> Tally:
    """A rule with exactly one instance: failed with ``found``, passed without."""
    tally = Tally(rule, note=note)
    if found is None:
        tally.tested = 1
    else:
        tally.fail(found)
    return tally
