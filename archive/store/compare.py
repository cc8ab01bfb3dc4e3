"""What differs between two readings of one document: the measure of a version. Pure.

Both sides must come from the same reader; then a difference is the source's, not ours. White space, full or half
width, and everything outside title, dates, sections and cells make no difference.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from archive.report.headings import squeeze
from archive.report.model import Number, Report

ChangeClass = Literal["number", "wording", "date", "layout"]

Cell = tuple[str, str, str]
"""table, row, column"""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. A cell is named by table, row and column, anything else by ``section``.

    ``layout`` is another print of the same thing: a blank that became a dash, another heading over the same text.
    """

    kind: ChangeClass
    before: Number | str | None
    after: Number | str | None
    table: str | None = None
    row: str | None = None
    column: str | None = None
    section: str | None = None

    @property
    def place(self) -> str:
        """``applications.granted.total`` or ``section 3``: for lists and ``reading_change``."""
        return f"{self.table}.{self.row}.{self.column}" if self.table else f"{self.section}"


def fingerprint(report: Report) -> str:
    """A digest of all that can make a version: equal exactly when ``differences`` finds nothing."""
    content = [
        _squash(report.title), report.published_on, report.signed_on,
        sorted([*cell, _number(value)] for cell, value in _values(report).items()),
        sorted([*cell, *note] for cell, note in _notes(report).items()),
        sorted([key, _squash(heading), _squash(text)] for key, (heading, text) in _sections(report).items()),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def differences(old: Report, new: Report) -> list[Change]:
    """Every difference, cells first, in a fixed order."""
    return [*_cells(old, new), *_facts(old, new), *_wording(old, new)]


RANK = {"parsed": 3, "partial": 2, "unparsed": 1, "not_a_report": 0}


def losses(old: Report, new: Report) -> list[str]:
    """In which ways a new reading of the same bytes is worse than the old one: each in a few words, or none.

    Not every loss is a fault (a number that was read wrongly and now is null is a gain), so a person decides.
    """
    found = []
    if RANK[new.status] < RANK[old.status]:
        found.append(f"status {old.status} -> {new.status}")
    for name in ("agency_key", "year", "scope", "form", "title"):
        before, after = getattr(old, name), getattr(new, name)
        if before and not after:
            found.append(f"no {name} (was {before})")
    numbers_before, numbers_after = _numbers(old), _numbers(new)
    if numbers_after < numbers_before:
        found.append(f"{numbers_before - numbers_after} of {numbers_before} numbers fewer")
    errors = _errors(new) - _errors(old)
    found += [
        f"new error {rule}" + (f" ({count} times)" if count > 1 else "") for rule, count in errors.items()
    ]
    return found


def _numbers(report: Report) -> int:
    return sum(value is not None for value in _values(report).values())


def _errors(report: Report) -> Counter[str]:
    return Counter(f.rule for f in report.findings if f.severity == "error" and f.outcome == "fail")


def _cells(old: Report, new: Report) -> Iterator[Change]:
    before, after = _values(old), _values(new)
    printed_before, printed_after = _notes(old), _notes(new)
    for cell in sorted({*before, *after, *printed_before, *printed_after}):
        table, row, column = cell
        if before.get(cell) != after.get(cell):
            yield Change("number", before.get(cell), after.get(cell), table, row, column)
        elif (cell in before) != (cell in after) or printed_before.get(cell) != printed_after.get(cell):
            yield Change(
                "layout", _raw(printed_before.get(cell)), _raw(printed_after.get(cell)), table, row, column
            )


def _facts(old: Report, new: Report) -> Iterator[Change]:
    for name in ("published_on", "signed_on"):
        if getattr(old, name) != getattr(new, name):
            yield Change("date", getattr(old, name), getattr(new, name), section=name)
    if _squash(old.title) != _squash(new.title):
        yield Change("wording", old.title, new.title, section="title")


def _wording(old: Report, new: Report) -> Iterator[Change]:
    before, after = _sections(old), _sections(new)
    for key in [*before, *(key for key in after if key not in before)]:
        heading_before, text_before = before.get(key, (None, None))
        heading_after, text_after = after.get(key, (None, None))
        if _squash(text_before) != _squash(text_after):
            yield Change("wording", text_before, text_after, section=key)
        elif _squash(heading_before) != _squash(heading_after) or (key in before) != (key in after):
            yield Change("layout", heading_before, heading_after, section=key)


def _values(report: Report) -> dict[Cell, Number | None]:
    values: dict[Cell, Number | None] = {
        (table, row, column): value
        for table, rows in report.tables.items()
        for row, columns in rows.items()
        for column, value in columns.items()
    }
    seen: Counter[tuple[str, str]] = Counter()
    for statistic in report.statistics:
        key = (statistic.row, statistic.column)
        seen[key] += 1
        row = statistic.row if seen[key] == 1 else f"{statistic.row}#{seen[key]}"
        values["statistics", row, statistic.column] = statistic.value
    return values


def _notes(report: Report) -> dict[Cell, tuple[str, str]]:
    return {(n.table, n.row, n.column): (_squash(n.raw) or "", n.kind) for n in report.cells}


def _raw(note: tuple[str, str] | None) -> str | None:
    return note[0] if note else None


def _sections(report: Report) -> dict[str, tuple[str, str]]:
    """Sections by a key that survives a changed heading: their number; unnumbered ones by their place."""
    if not report.sections:
        return {"text": ("", report.text)}
    keyed: dict[str, tuple[str, str]] = {}
    for section in report.sections:
        name = f"section {section.number}" if section.number is not None else "section"
        key, n = name, 1
        while key in keyed:
            n += 1
            key = f"{name} ({n})"
        keyed[key] = (section.heading, section.text)
    return keyed


def _squash(text: str | None) -> str | None:
    return None if text is None else squeeze(text)


def _number(value: Number | None) -> Any:
    """2 and 2.0 are one number to ``==``; they must be one to the fingerprint too."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
