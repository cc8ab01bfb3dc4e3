"""Holds a reading against what a generated page states."""

from __future__ import annotations

from dataclasses import dataclass, field

from archive.report.model import Report
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

    @property
    def is_exact(self) -> bool:
        """Every cell and every fact as printed."""
        return self.exact == self.cells and not self.wrong_facts and not self.lost_facts


def judge(page: Generated, report: Report) -> Verdict:
    """The verdict on ``report`` as a reading of ``page``.

    A cell is exact if the same number, or no number where none is printed, was read; told if it is null with a note
    of its own; silent otherwise. Facts (year, agency, kind, scope, title, date) are wrong or lost likewise.
    """
    verdict = Verdict()
    noted = {(note.table, note.row, note.column) for note in report.cells}
    for path, printed in page.cells().items():
        verdict.cells += 1
        table, row, column = path
        read = report.tables.get(table, {}).get(row, {}).get(column)
        if read is not None and read == printed.value:
            verdict.exact += 1
        elif read is not None:
            verdict.silent.append(f"{'.'.join(path)}: printed {printed.text!r}, read {read}")
        elif path not in noted:
            verdict.silent.append(f"{'.'.join(path)}: printed {printed.text!r}, lost without a note")
        elif printed.value is None:
            verdict.exact += 1
        else:
            verdict.told += 1
    expected = {
        "year": page.year, "agency": page.agency, "agency_kind": page.kind, "scope": page.scope,
        "county_code": page.county_code, "title": page.title, "form": page.style.form, "published_on": page.published_on,
    }  # fmt: skip
    for name, value in expected.items():
        read = getattr(report, name)
        if read is None and value is not None:
            verdict.lost_facts.append(f"{name}: {value!r}")
        elif read != value and not (
            name == "published_on" and value is None and report.published_source == "url"
        ):
            verdict.wrong_facts.append(f"{name}: {value!r} read as {read!r}")
    return verdict
