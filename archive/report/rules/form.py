"""Checks on the form and the metadata of a report: FMT-*, META-YEAR, META-PUB-EARLY, CONTENT-GOV, T2-REGULATION-POWER,
T2-FEE-UNIT. Years, kinds, words and limits are in ``data/rules/form.json``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from archive.reference.forms import forms, statutory
from archive.reference.labels import cell_label
from archive.reference.rules import rule
from archive.report.findings import finding
from archive.report.model import Finding, Report
from archive.report.rules.tally import NO_NUMBER, NOT_ON_FORM, Tally, not_assessable, single

_NO_YEAR = "the year is not known"
_NO_KIND = "the kind of body is not known"
_NO_DATE = "no publication date"
_ELSEWHERE = frozenset({"table_is_image"})


def check(report: Report, title_year: int | None, period_year: int | None) -> list[Tally]:
    """All rules of this module on one report; the two years are those that its title and its period state."""
    return [
        _regulation_power(report),
        _fee_unit(report),
        _era(report),
        _sections(report),
        _fee_statement(report),
        _content_of_governments(report),
        _years(report, title_year, period_year),
        _published_early(report),
    ]


@cache
def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(words)


def _parameters(name: str) -> Mapping[str, Any]:
    return rule(name).parameters


def _regulation_power(report: Report) -> Tally:
    name = "T2-REGULATION-POWER"
    regulations = report.tables.get("active_disclosure", {}).get("regulations")
    if regulations is None:
        return not_assessable(name, NOT_ON_FORM)
    power = _has_regulation_power(report)
    if power is None:
        return not_assessable(name, "the level of the body is not known" if report.agency_kind else _NO_KIND)
    tally = Tally(name)
    for column, value in regulations.items():
        if value is None:
            tally.missing += 1
        elif value == 0 or power:
            tally.tested += 1
        else:
            path = f"active_disclosure.regulations.{column}"
            zh, en = cell_label("regulations", column)
            tally.fail(finding(name, left=value, left_where=path, cells=[path], where_zh=zh, where_en=en))
    return tally


def _has_regulation_power(report: Report) -> bool | None:
    """Whether 规章 may be non-zero. None where the level decides and is not known: silence, not a false alarm."""
    parameters = _parameters("T2-REGULATION-POWER")
    if report.agency_kind is None:
        return None
    if report.agency_kind in parameters["with_power"]:
        return True
    if report.agency_kind not in parameters["by_level"] or report.agency_kind == "county_government":
        return False
    code = report.admin_code or report.county_code
    if code is not None:
        # 500000 and 320800 are provinces and cities: their offices and departments report on the city's 规章.
        return None if code[:6].endswith("00") else False
    if report.agency and _pattern(parameters["county_level_name"]).search(report.agency):
        return False
    return None


def _fee_unit(report: Report) -> Tally:
    name, parameters = "T2-FEE-UNIT", _parameters("T2-FEE-UNIT")
    fees = report.tables.get("active_disclosure", {}).get("administrative_fees", {})
    if "amount_wan_yuan" not in fees:
        return not_assessable(name, NOT_ON_FORM)
    if report.agency_kind not in parameters["kinds"]:
        return not_assessable(name, "no bound for a body of this kind" if report.agency_kind else _NO_KIND)
    amount, limit = fees["amount_wan_yuan"], parameters["limit"]
    if amount is None:
        return not_assessable(name, NO_NUMBER)
    path = "active_disclosure.administrative_fees.amount_wan_yuan"
    return single(
        name,
        finding(name, left=amount, left_where=path, right=limit, cells=[path]) if amount > limit else None,
    )


def form_of_year(year: int) -> str | None:
    """The form prescribed for the reports on that year; None before the first."""
    return next((form.code for form in forms().values() if form.covers(year)), None)


def _era(report: Report) -> Tally:
    name = "FMT-ERA"
    if report.form is None or report.form not in forms():
        return not_assessable(name, "no table that shows a form")
    if report.year is None:
        return not_assessable(name, _NO_YEAR)
    due = form_of_year(report.year)
    if due is None:
        return not_assessable(name, "no form is known for this year")
    if due == report.form:
        return single(name, None)
    followed, expected = forms()[report.form], forms()[due]
    return single(
        name,
        finding(
            name, left=report.form, left_where="form", right=due, right_where="year", year=report.year,
            left_zh=followed.label_zh, left_en=followed.label_en, right_zh=expected.label_zh, right_en=expected.label_en,
        ),
    )  # fmt: skip


def _sections(report: Report) -> Tally:
    name, parameters = "FMT-SECTIONS", _parameters("FMT-SECTIONS")
    if report.form not in statutory() and not (
        report.year is not None and report.year >= parameters["first_year"]
    ):
        return not_assessable(name, NOT_ON_FORM)
    headings = [section.heading for section in report.sections]
    missing = [
        wanted
        for wanted in parameters["sections"]
        if not any(_pattern(wanted["words"]).search(h) for h in headings)
    ]
    tables = [wanted for wanted in parameters["tables"] if not _has_table(report, wanted["code"])]
    if not missing and not tables:
        return single(name, None)
    is_image = any(note.kind in _ELSEWHERE for note in report.cells)
    elsewhere = bool(tables) and not missing and (is_image or bool(report.attachments))
    return single(
        name,
        finding(
            name,
            explained="tables elsewhere" if elsewhere else None,
            missing_zh="；".join(wanted["zh"] for wanted in (*missing, *tables)),
            missing_en="; ".join(wanted["en"] for wanted in (*missing, *tables)),
        ),
    )


def _has_table(report: Report, name: str) -> bool:
    rows = report.tables.get(name)
    if not rows:
        return False
    if any(value is not None for row in rows.values() for value in row.values()):
        return True
    gone = {
        (note.row, note.column)
        for note in report.cells
        if note.table == name and note.kind.startswith("table_")
    }
    return any((row, column) not in gone for row, columns in rows.items() for column in columns)


def _fee_statement(report: Report) -> Tally:
    name, parameters = "FMT-FEE-STATEMENT", _parameters("FMT-FEE-STATEMENT")
    if report.year is None:
        return not_assessable(name, _NO_YEAR)
    if report.year < parameters["first_year"]:
        return not_assessable(name, f"not asked for before {parameters['first_year']}")
    if not report.sections:
        return not_assessable(name, "no text")
    said_in = [s.number for s in report.sections if _mentions(s.text, parameters["words"])]
    if not said_in:
        return single(name, finding(name))
    return single(
        name, None, None if 6 in said_in or None in said_in else "said in another section than the sixth"
    )


def _mentions(text: str, words: str) -> bool:
    found = _pattern(words)
    return found.search(text) is not None or found.search("".join(text.split())) is not None


def _content_of_governments(report: Report) -> Tally:
    name, parameters = "CONTENT-GOV", _parameters("CONTENT-GOV")
    if report.agency_kind not in parameters["kinds"]:
        return not_assessable(name, "asked of people's governments only" if report.agency_kind else _NO_KIND)
    if not report.sections:
        return not_assessable(name, "no text")
    text = "\n".join(section.text for section in report.sections)
    missing = [content for content in parameters["contents"] if not _mentions(text, content["words"])]
    if not missing:
        return single(name, None)
    zh, en = ("、".join(c["zh"] for c in missing), ", ".join(c["en"] for c in missing))
    return single(name, finding(name, missing_zh=zh, missing_en=en))


_TITLE = ("title", "标题年度", "The title")
_PERIOD = ("period", "统计期限年度", "the statistical period")
_PUBLICATION = ("published_on", "发布年度的上一年", "the year before publication")


def _years(report: Report, title_year: int | None, period_year: int | None) -> Tally:
    """Every two of the three years that are known; a date of a moved page proves nothing about the year."""
    name = "META-YEAR"
    if period_year is None and report.period is not None:
        period_year = int(report.period[1][:4])
    tally = Tally(name)
    if title_year is not None and period_year is not None:
        _compare(tally, (_TITLE, title_year), (_PERIOD, period_year), severe=True)
    stated = title_year if title_year is not None else period_year
    if (
        stated is not None
        and report.published_on is not None
        and report.date_quality not in ("migrated", "conflict")
    ):
        place = _TITLE if title_year is not None else ("period", "统计期限年度", "The statistical period")
        before = int(report.published_on[:4]) - 1
        _compare(
            tally, (place, stated), (_PUBLICATION, before), from_address=report.published_source == "url"
        )
    if not tally.tested:
        tally.note = "fewer than two of title, period and publication date give a year"
    return tally


_Stated = tuple[tuple[str, str, str], int]


def _compare(
    tally: Tally, left: _Stated, right: _Stated, *, severe: bool = False, from_address: bool = False
) -> None:
    (left_place, left_year), (right_place, right_year) = left, right
    if left_year == right_year:
        tally.tested += 1
        return
    explained = None
    if not severe:
        explained = (
            "date from the address"
            if from_address
            else "late publication"
            if right_year > left_year
            else None
        )
    tally.fail(
        finding(
            tally.rule,
            severity="error" if severe else None,
            left=left_year,
            left_where=left_place[0],
            right=right_year,
            right_where=right_place[0],
            explained=explained,
            left_zh=left_place[1],
            left_en=left_place[2],
            right_zh=right_place[1],
            right_en=right_place[2],
        )
    )


def _published_early(report: Report) -> Tally:
    name = "META-PUB-EARLY"
    if report.year is None:
        return not_assessable(name, _NO_YEAR)
    if report.published_on is None:
        return not_assessable(name, _NO_DATE)
    first_day = f"{report.year + 1}-01-01"
    early: Finding | None = None
    if report.published_on < first_day:
        early = finding(
            name,
            left=report.published_on,
            left_where="published_on",
            right=first_day,
            right_where="year",
            year=report.year,
        )
    return single(name, early)
