"""Who was found to report and who was not: the words, signs and years that the home, county and agency pages share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archive.reference.forms import forms

Row = Mapping[str, Any]

DUE_YEAR = """
SELECT max(year) FROM (SELECT DISTINCT year FROM expectation) AS expected
WHERE EXISTS (
    SELECT 1 FROM deadline
    WHERE expected.year BETWEEN first_year AND coalesce(last_year, 9999)
    AND printf('%d-%s', expected.year + 1, month_day) < date('now', '+8 hours')
)
"""
"""The latest year on which somebody's report is due by now; null in an archive that expects nobody."""

TOWNS = ("township_government", "subdistrict_office")
GROUPS: dict[str, tuple[str, ...]] = {
    "towns": TOWNS,
    "offices": ("government_office",),
    "all": (*TOWNS, "government_office", "department", "vertical_agency", "management_committee",
            "authorised_organisation"),
}  # fmt: skip
"""The kinds of body that a page can be asked for, the default first."""

YEARS_SHOWN = 6

FORM_YEARS = tuple(sorted(form.first_year for form in forms().values() if form.kind == "statutory"))
"""The years reported on from which another official form holds: figures are not to be compared across them unthinkingly."""

SIGNS = {
    "on_time": "●",
    "late": "▲",
    "unknown": "◐",
    "not_found": "✕",
    "not_checked": "?",
    "not_expected": "–",
    "not_yet_due": "…",
}
"""One sign for each state, so that nothing rests on colour alone. The words are in ``data/words.json``."""


def standing(row: Row) -> str:
    """The one of ``SIGNS`` that a row of the view ``coverage`` has."""
    return str(row["timeliness"] or "unknown") if row["state"] == "found" else str(row["state"])


@dataclass(frozen=True, slots=True)
class Span:
    """The years a page shows, both included."""

    first: int
    last: int

    @property
    def years(self) -> range:
        """Every year, oldest first."""
        return range(self.first, self.last + 1)


async def due_year(db: Any) -> int | None:
    """The latest year on which a report is due; ``None`` if nobody is expected to report."""
    year: int | None = (await db.execute(DUE_YEAR)).first()[0]
    return year


def span(asked: Mapping[str, str], latest: int) -> Span:
    """The years asked for in an address (``from``, ``to``), by default six up to the latest; never more than forty."""
    last = whole(asked.get("to"), latest)
    first = whole(asked.get("from"), last - YEARS_SHOWN + 1)
    first, last = min(first, last), max(first, last)
    return Span(max(first, last - 39), last)


def whole(text: str | None, default: int) -> int:
    """A year out of an address; the default for anything that is none."""
    return int(text) if text and text.isascii() and text.isdigit() and 1900 <= int(text) <= 2200 else default
