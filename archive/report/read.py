"""Reading a document from bytes to report: the order of the steps, and the verdict at the end."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TypeVar

from archive.report.beside import own_report
from archive.report.decode import decode, header, unpack
from archive.report.document import Document
from archive.report.facts import Facts, read_facts
from archive.report.findings import finding
from archive.report.formats.files import take_apart_file
from archive.report.formats.html import take_apart_html
from archive.report.formats.text import take_apart_text
from archive.report.model import Context, Finding, Report
from archive.report.pause import undisturbed
from archive.report.rules import check
from archive.report.sections import read_sections
from archive.report.sniff import sniff_binary, sniff_text
from archive.report.tables import TablesReading, grids_of, read_tables
from archive.report.title import Titles, find_titles
from archive.report.trouble import page_trouble
from archive.report.verdict import judge

Headers = Sequence[tuple[str, str]]
T = TypeVar("T")

STRICT = "GONGKAI_STRICT"
"""Environment variable: set, an unexpected exception is raised instead of told. For tests, so that no bug hides."""


def take_apart(body: bytes, headers: Headers, context: Context) -> Document:
    """The document in ``body``, of whatever format. Never raises: what cannot be read has its ``trouble``."""
    findings: list[Finding] = []
    document = _attempt("take_apart", lambda: _take_apart(body, headers, context), findings)
    return document or Document("unknown", trouble="internal error", findings=findings)


def _attempt(step: str, action: Callable[[], T], findings: list[Finding]) -> T | None:
    """The outcome of one step; an unexpected exception becomes a finding, for one document must not cost a run."""
    try:
        return action()
    except MemoryError:
        raise  # only the sandbox can answer for it
    except Exception as error:
        if os.environ.get(STRICT):
            raise
        findings.append(finding("READ-INTERNAL", step=step, error=f"{type(error).__name__}: {error}"[:200]))
        return None


def _take_apart(body: bytes, headers: Headers, context: Context) -> Document:
    unpacked = unpack(body, headers)
    if unpacked.trouble:
        return Document("unknown", trouble=unpacked.trouble, findings=list(unpacked.findings))
    binary = sniff_binary(unpacked.body)
    if binary is not None:
        document = take_apart_file(binary, unpacked.body)
    else:
        document = _take_apart_text(unpacked.body, headers, context)
    document.findings += unpacked.findings
    return document


def _take_apart_text(body: bytes, headers: Headers, context: Context) -> Document:
    decoded = decode(body, headers)
    kind = sniff_text(decoded.text, header(headers, "content-type"))
    if kind == "html":
        document = take_apart_html(decoded.text, context)
    elif kind == "text":
        document = take_apart_text(decoded.text)
    else:
        return Document("unknown", trouble="unsupported: binary")
    document.encoding = decoded.encoding
    document.findings += decoded.findings
    document.trouble = document.trouble or page_trouble(document, decoded.text)
    return document


@undisturbed
def understand(document: Document, context: Context) -> Report:
    """The report in ``document``. Never raises: a step that fails is the finding ``READ-INTERNAL``."""
    report = Report(encoding=document.encoding, attachments=document.attachments, text=document.text())
    findings = report.findings
    findings += document.findings
    whole = document
    document, told = _attempt("beside", lambda: own_report(whole, context.title), findings) or (whole, [])
    findings += told
    titles = _attempt("title", lambda: find_titles(document, context.title), findings) or Titles.none()
    hint = titles.best.year if titles.best else None
    tables = _attempt("tables", lambda: read_tables(document, year_hint=hint), findings) or TablesReading(
        "narrative"
    )
    sections = _attempt("sections", lambda: read_sections(document, tables.consumed), findings)
    report.sections, told = sections or ([], [])
    findings += told
    facts = (
        _attempt("facts", lambda: read_facts(document, report.sections, context, titles), findings) or Facts()
    )
    _enter_tables(report, tables)
    if document is not whole:
        report.grids = grids_of(whole)
    _enter_facts(report, facts)
    judge(report, document, tables, facts)
    if report.status in ("parsed", "partial"):
        report.checks, told = _attempt("checks", lambda: check(report, facts), findings) or ([], [])
        report.findings += told
    return report


def _enter_tables(report: Report, tables: TablesReading) -> None:
    report.form = tables.form
    report.tables = tables.tables
    report.statistics = tables.statistics
    report.cells = tables.cells
    report.grids = tables.grids
    report.zero_style = tables.zero_style
    report.findings += tables.findings


def _enter_facts(report: Report, facts: Facts) -> None:
    report.title = facts.title.value
    report.agency = facts.agency.value
    report.agency_key, report.agency_kind, report.scope = facts.agency_key, facts.kind, facts.scope
    report.admin_code, report.county_code = facts.admin_code, facts.county_code
    report.year = facts.year.value
    report.period = facts.period.value
    report.published_on, report.published_source = facts.published.value, facts.published_source
    report.date_quality = facts.date_quality
    report.signed_on = facts.signed.value
    report.findings += facts.findings


def read(body: bytes, headers: Headers, context: Context) -> Report:
    """``take_apart`` and ``understand`` in turn. Never raises."""
    return understand(take_apart(body, headers, context), context)
