"""The status of a reading: what was there, what was expected, and whether it is a report at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.reference.forms import statutory
from archive.report.document import Document
from archive.report.facts import Facts
from archive.report.headings import statutory_heading
from archive.report.model import Report
from archive.report.trouble import is_list

if TYPE_CHECKING:
    from archive.report.tables import TablesReading

_FIRST_YEAR_OF_TABLES = 2019
"""From this year on the form has three tables; before it a narrative is a complete report."""
_TABLES = ("active_disclosure", "applications", "review_litigation")
_FAILURES = frozenset(["unreadable", "row_absent", "table_absent", "table_is_image"])
"""Cells that are null because reading failed, not because of what was printed."""
_NO_REPORT = frozenset(["feed", "blocked", "challenge", "soft_404", "login", "redirect", "empty"])
_UNSEEN = frozenset(["HTML-DEPTH", "HTML-TABLE-SIZE"])
"""Findings of a page that was not read to its end: what it is cannot be told."""
_PAGES = ("html", "text", "unknown")
"""Formats of pages; the others are files, and a file is published as what its link names."""
_PROOF = 4
"""Statutory headings that make a report of a document without a title."""
_NARRATIVE_LENGTH = 200
"""Characters of text below which there is no narrative."""


def judge(report: Report, document: Document, tables: TablesReading, facts: Facts) -> None:
    """Set ``status`` and ``reason``; and take away the ``form`` of what is none."""
    report.reason = _why_no_report(report, document, facts)
    report.vouched = facts.title.source == "document" or document.format not in _PAGES
    if report.reason:
        report.status = "not_a_report"
        _forget(report, document)
    elif document.trouble or any(f.rule == "READ-INTERNAL" for f in report.findings):
        report.status, report.reason, report.form = "unparsed", document.trouble or "internal error", None
    elif not _has_form(report) and not _narrative(report):
        report.status, report.reason, report.form = "unparsed", _where_else(document), None
    else:
        missing = _missing(report, document, tables)
        report.status = "partial" if missing else "parsed"
        report.reason = f"missing: {', '.join(missing)}" if missing else None


def _forget(report: Report, document: Document) -> None:
    """What was read as a report's facts means nothing on a page that is none; its own findings stay."""
    report.form = report.year = report.period = report.signed_on = None
    report.agency = report.agency_key = report.agency_kind = report.scope = None
    report.admin_code = report.county_code = None
    report.tables, report.statistics, report.cells, report.zero_style = {}, [], [], {}
    report.findings = list(document.findings)


def _has_form(report: Report) -> bool:
    return report.form is not None and report.form != "narrative"


def _why_no_report(report: Report, document: Document, facts: Facts) -> str | None:
    if any(found.rule in _UNSEEN for found in document.findings):
        return None
    if document.trouble:
        return document.trouble if document.trouble in _NO_REPORT else None
    if _is_proved(report, facts):
        return None
    if facts.other_document:
        return facts.other_document
    statutory = sum(section.heading != "" for section in report.sections) >= 3
    if _has_form(report) or (statutory and any(section.number for section in report.sections)):
        return None if _has_form(report) or report.title or _official(report) else "no sign of a report"
    if is_list(document) and not _narrative(report):
        return "list_page"
    return None if report.title else "no sign of a report"


def _is_proved(report: Report, facts: Facts) -> bool:
    """Whether the content alone makes it a report, whatever its titles say.

    A form's table with figures in it is one, but the statistics of older years were also published alone, as their
    title then says. So are four of the six headings, unless a title names another document and not just a column: a
    notice about the form prints its headings and empty tables, too. News only tell.
    """
    filled = any(
        value is not None
        for table in report.tables.values()
        for row in table.values()
        for value in row.values()
    )
    if filled or (report.statistics and facts.other_document != "statistics_only"):
        return True
    headings = {
        section.number
        for section in report.sections
        if section.number and statutory_heading(f"一、{section.heading}")
    }
    return len(headings) >= _PROOF and (facts.other_document in (None, "news") or facts.only_column)


def _official(report: Report) -> bool:
    """Whether the sections are those of the form: three with its wordings, 信息公开 among them."""
    return any("信息公开" in section.heading or "政府信息" in section.heading for section in report.sections)


def _narrative(report: Report) -> bool:
    numbered = sum(section.number is not None for section in report.sections)
    return numbered >= 3 or sum(len(section.text) for section in report.sections) >= _NARRATIVE_LENGTH


def _where_else(document: Document) -> str:
    if document.attachments:
        return "the report is in an attachment"
    return "the report is an image" if document.images else "no text of a report"


def _missing(report: Report, document: Document, tables: TablesReading) -> list[str]:
    """What a complete reading of this form would have and this one has not."""
    missing = [name for name, value in (("agency", report.agency), ("year", report.year)) if not value]
    if report.form in statutory():
        failed = {note.table for note in report.cells if note.kind in _FAILURES}
        missing += [table for table in _TABLES if table not in report.tables or table in failed]
    elif not _has_form(report) and (report.year or _FIRST_YEAR_OF_TABLES) >= _FIRST_YEAR_OF_TABLES:
        image = document.images or "image" in tables.present.values()
        missing.append("tables (images)" if image else "tables")
    return missing
