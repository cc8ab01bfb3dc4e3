"""Holds a reading against what a generated page states."""

from __future__ import annotations

from dataclasses import dataclass, field

from archive.report.model import Report
from tests.generator.expected import JUDGED
from tests.generator.page import Generated


@dataclass(slots=True)
class Verdict:
    """How one page was read. ``silent`` is what must never be: a wrong number, or a lost one without a word."""

    cells: int = 0
    exact: int = 0
    told: int = 0
    silent: list[str] = field(default_factory=list)
    wrong_facts: list[str] = field(default_factory=list)
    lost_facts: list[str] = field(default_factory=list)
    wrong_findings: list[str] = field(default_factory=list)
    """Findings raised without cause, and such as should have been raised and were not."""

    @property
    def is_exact(self) -> bool:
        """Every cell, every fact and every finding as printed."""
        return self.exact == self.cells and not (self.wrong_facts or self.lost_facts or self.wrong_findings)

    @property
    def is_wrong(self) -> bool:
        """Whether anything at all is said that the page does not say."""
        return bool(self.silent or self.wrong_facts or self.wrong_findings)

    def complaints(self) -> list[str]:
        """What is wrong, worst first."""
        return self.silent + self.wrong_facts + self.wrong_findings + self.lost_facts


def judge(page: Generated, report: Report) -> Verdict:
    """The verdict on ``report`` as a reading of ``page``.

    A cell is exact if the same number, or no number where none is printed, was read; told if it is null with a note
    of its own; silent otherwise. Facts (year, agency, kind, scope, title, date) are wrong or lost likewise.
    """
    verdict = Verdict()
    _judge_cells(page, report, verdict)
    _judge_facts(page, report, verdict)
    _judge_findings(page, report, verdict)
    return verdict


def _judge_cells(page: Generated, report: Report, verdict: Verdict) -> None:
    noted = {(note.table, note.row, note.column) for note in report.cells}
    values = {
        (t, r, c): v for t, rows in report.tables.items() for r, row in rows.items() for c, v in row.items()
    }
    values |= {("statistics", s.row, s.column): s.value for s in report.statistics}
    said = " ".join(" ".join(f.cells) for f in report.findings)
    for path, printed in page.cells().items():
        verdict.cells += 1
        read = values.pop(path, None)
        place = ".".join(path)
        if read is not None and read == printed.value:
            verdict.exact += 1
        elif read is not None:
            verdict.silent.append(f"{place}: printed {printed.text!r}, read {read}")
        elif path not in noted and not (path[0] == "statistics" and f"statistics.{path[1]}" in said):
            verdict.silent.append(f"{place}: printed {printed.text!r}, lost without a note")
        elif printed.value is None:
            verdict.exact += 1
        else:
            verdict.told += 1
    for path, read in values.items():
        if read is not None:
            verdict.silent.append(f"{'.'.join(path)}: printed nowhere, read {read}")


def _judge_facts(page: Generated, report: Report, verdict: Verdict) -> None:
    who = page.who
    facts = {
        "year": page.year, "agency": who.name, "agency_kind": who.kind, "scope": who.scope,
        "county_code": who.county_code, "title": page.title, "form": page.style.form, "published_on": page.published_on,
    }  # fmt: skip
    for name, value in facts.items():
        read = getattr(report, name)
        from_address = name == "published_on" and value is None and report.published_source == "url"
        if read is None and value is not None:
            verdict.lost_facts.append(f"{name}: {value!r}")
        elif read != value and not from_address:
            verdict.wrong_facts.append(f"{name}: {value!r} read as {read!r}")


def _judge_findings(page: Generated, report: Report, verdict: Verdict) -> None:
    """Each expected finding is there, unless a cell it needs was told; none is there that is not expected."""
    raised = {
        (f.rule, frozenset((*f.cells, str(f.left)) if f.rule.startswith("N-") else f.cells))
        for f in report.findings
        if f.rule.startswith(JUDGED)
    }
    for rule, cells in raised - page.findings:
        verdict.wrong_findings.append(f"{rule} raised on {sorted(cells)[:3]} without cause")
    known = page.cells()
    for rule, cells in page.findings - raised:
        paths = [tuple(cell.split(".")) for cell in cells if cell.count(".") == 2]
        values = {
            p: report.tables.get(p[0], {}).get(p[1], {}).get(p[2]) for p in paths if p[0] != "statistics"
        }
        if all(value is not None for path, value in values.items() if known[path].value is not None):  # type: ignore[index]
            verdict.wrong_findings.append(f"{rule} not raised on {sorted(cells)[:3]}")
