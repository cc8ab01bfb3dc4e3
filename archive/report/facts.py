"""The facts around the tables: who reports, on which year, published and signed when; each with its evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, Literal, TypeVar

from archive.reference.places import counties
from archive.report.agency import Agency, identify
from archive.report.dates import (
    Garbled,
    find_period,
    lone_date,
    meta_date,
    page_date,
    parse_date,
    signature_date,
    url_date,
)
from archive.report.document import Document, Paragraph
from archive.report.findings import finding
from archive.report.headings import statutory_heading
from archive.report.model import Context, Finding, Section
from archive.report.title import Titles, find_titles
from archive.report.who import signature_line, who_reports, year_in_text

T = TypeVar("T")

_LAST_MIGRATED_YEAR = 2018
_MIGRATION = ("2019-12-01", "2020-08-31")
"""When Chongqing's portals were moved; reports for 2019 came in the batches after March (``_LATE_BATCHES``)."""
_LATE_BATCHES = "2020-04-01"

_HEAD = 4
"""Blocks of the body among which the page's particulars may stand."""
_LONGEST = 160
_PARTICULARS = re.compile(r"(?:发布|公开|上网|发稿)(?:日期|时间)\s*[:：]")

DateQuality = Literal["trusted", "url_only", "migrated", "conflict", "none"]


@dataclass(frozen=True, slots=True)
class Evidence(Generic[T]):
    """A fact, the source it was taken from, and what every source says of it, best source first."""

    value: T | None = None
    source: str | None = None
    candidates: tuple[tuple[str, T], ...] = ()

    def said_by(self, source: str) -> T | None:
        """What that source says, or ``None`` if it says nothing."""
        return next((value for name, value in self.candidates if name == source), None)


@dataclass(slots=True)
class Facts:
    """Every fact of a ``Report`` that is no table, each with its evidence.

    Sources are named ``title, period, body, publication`` for the year; ``title, signature, source, body, link`` for
    the agency (its canonical full name); ``page, metadata, list, url, hidden`` for the date of publication.
    """

    title: Evidence[str] = field(default_factory=Evidence)
    agency: Evidence[str] = field(default_factory=Evidence)
    agency_key: str | None = None
    kind: str | None = None
    scope: str | None = None
    admin_code: str | None = None
    county_code: str | None = None
    year: Evidence[int] = field(default_factory=Evidence)
    period: Evidence[tuple[str, str]] = field(default_factory=Evidence)
    published: Evidence[str] = field(default_factory=Evidence)
    date_quality: DateQuality = "none"
    signed: Evidence[str] = field(default_factory=Evidence)
    other_document: str | None = None
    """Which other kind of document the titles name, if none is a report's own."""
    only_column: bool = False
    """Whether ``other_document`` is said only by what may be the name of a column."""
    findings: list[Finding] = field(default_factory=list)

    @property
    def published_source(self) -> Literal["page", "metadata", "url"] | None:
        """Where the date of publication was taken from; a list's date is metadata."""
        match self.published.source:
            case "page" | "url" as source:
                return source
            case "hidden":
                return "page"
            case None:
                return None
            case _:
                return "metadata"

    @property
    def title_year(self) -> int | None:
        """The year that the title states."""
        return self.year.said_by("title")

    @property
    def period_year(self) -> int | None:
        """The year of the stated statistical period."""
        return self.year.said_by("period")


def read_facts(
    document: Document, sections: list[Section], context: Context, titles: Titles | None = None
) -> Facts:
    """Everything that is known of the report beside its tables. Never guesses: what cannot be told is ``None``.

    ``titles`` are the document's, where they were looked for before.
    """
    facts = Facts()
    titles = titles or find_titles(document, context.title)
    facts.other_document, facts.only_column = titles.other_document, titles.column_only
    if titles.best is not None:
        facts.title = Evidence(titles.best.text, titles.source, ((titles.source or "", titles.best.text),))
    _tell_titles(facts, titles)
    _read_period(facts, sections)
    page_lines = _page_lines(document)
    _read_agency(facts, who_reports(document, sections, context, titles, page_lines), context.county_code)
    _read_published(facts, document, context, page_lines)
    _read_year(facts, titles, sections, guess=document.trouble is None)
    _judge_dates(facts)
    _read_signature(facts, sections)
    return facts


def _tell_titles(facts: Facts, titles: Titles) -> None:
    if titles.source != "document":
        facts.findings.append(finding("META-TITLE-MISSING"))
    best = titles.best
    if best is None:
        return
    for source, other in titles.others:
        agencies = identify(best.agency), identify(other.agency)
        if (best.year and other.year and best.year != other.year) or (
            all(agencies) and len({a.key for a in agencies if a}) > 1
        ):
            facts.findings.append(
                finding(
                    "META-TITLE-CONFLICT",
                    left=best.text,
                    left_where=titles.source,
                    right=other.text,
                    right_where=source,
                )
            )
            return


def _read_period(facts: Facts, sections: list[Section]) -> None:
    # It stands in the preamble, rarely in section 1 or 6; a sentence about figures of the year may look like it.
    ordered = sorted(sections, key=lambda section: {None: 0, 1: 1, 6: 2}.get(section.number, 3))
    period = find_period(line for section in ordered for line in section.text.split("\n"))
    if period.value is not None:
        facts.period = Evidence(period.value, "text", (("text", period.value),))
    elif not period.garbled:
        facts.findings.append(finding("META-PERIOD-MISSING"))
    facts.findings += [_garbled(found) for found in period.garbled]


def _garbled(found: Garbled) -> Finding:
    return finding(
        "META-DATE-GARBLED", quote=found.printed, right=found.taken,
        readings=" / ".join(found.readings) or "?", taken=found.taken or "null",
    )  # fmt: skip


def _read_agency(facts: Facts, said: Sequence[tuple[str, Agency]], filed_under: str | None) -> None:
    """Who reports, and which places name somebody else; ``filed_under`` is the county of the site it was found at."""
    if not said:
        facts.findings.append(finding("META-AGENCY-MISSING"))
        return
    source, best = said[0]
    facts.agency = Evidence(best.name, source, tuple((name, agency.name) for name, agency in said))
    facts.agency_key, facts.kind, facts.scope = best.key, best.kind, best.scope
    facts.admin_code, facts.county_code = best.admin_code, best.county_code
    if best.unknown_place:
        facts.findings.append(finding("META-PLACE-UNKNOWN", quote=best.unknown_place))
    for name, other in said[1:]:
        if other.place != best.place and (other.explicit or name == "signature"):
            facts.findings.append(
                finding(
                    "META-AGENCY-CONFLICT",
                    left=best.name,
                    left_where=source,
                    right=other.name,
                    right_where=name,
                    severity="info" if name == "source" else None,
                )
            )
    site = counties().get(filed_under or "")
    if site and best.explicit and best.county_code in counties() and best.county_code != site.code:
        facts.findings.append(
            finding(
                "META-AGENCY-CONFLICT",
                left=best.name,
                left_where=source,
                right=f"重庆市{site.name}",
                right_where="site",
                severity="info",
            )
        )


def _page_lines(document: Document) -> list[str]:
    """The lines around the report, and at its head the line or the rows of a table of particulars (索引号, 发布日期)."""
    lines = list(document.furniture)
    for block in document.blocks[:_HEAD]:
        if isinstance(block, Paragraph):
            if statutory_heading(block.text):
                break
            if len(block.text) <= _LONGEST and "。" not in block.text and _PARTICULARS.search(block.text):
                lines.append(block.text)
        elif len(block.grid) <= 12:
            rows = ["\t".join(text for text in row) for row in block.printed()]
            lines += rows if any("日期" in row or "发布机构" in row for row in rows) else []
    return lines


def _read_published(facts: Facts, document: Document, context: Context, page_lines: list[str]) -> None:
    listed, addressed = parse_date(context.list_date or ""), url_date(context.url)
    labelled = page_date(page_lines)
    lone = lone_date(page_lines, others=(listed, addressed), fetched=context.fetched_at)
    said = (
        ("page", labelled),
        ("metadata", meta_date(document.metas)),
        # Without a label it may be a clock, or belong to something else on the page.
        ("page", None if labelled else lone),
        ("list", listed),
        ("url", addressed),
        ("hidden", page_date(document.hidden)),
    )
    candidates = tuple((source, day) for source, day in said if day)
    if not candidates:
        facts.findings.append(finding("META-PUBDATE-MISSING"))
        return
    source, day = candidates[0]
    facts.published = Evidence(day, source, candidates)


def _read_year(facts: Facts, titles: Titles, sections: list[Section], *, guess: bool) -> None:
    """The year; ``guess`` allows the date of publication to tell it, which of an unread file would say nothing."""
    period = facts.period.value
    published = facts.published.value
    said = (
        ("title", titles.best.year if titles.best else None),
        ("period", int(period[1][:4]) if period and period[0][:4] == period[1][:4] else None),
        ("body", year_in_text(sections)),
        ("publication", int(published[:4]) - 1 if published and guess else None),
    )
    candidates = tuple((source, year) for source, year in said if year)
    if not candidates:
        facts.findings.append(finding("META-YEAR-MISSING"))
        return
    source, year = candidates[0]
    facts.year = Evidence(year, source, candidates)
    if source == "publication":
        facts.findings.append(finding("META-YEAR-WEAK", left=year, left_where="publication"))


def _judge_dates(facts: Facts) -> None:
    """How far the date of publication can be trusted, and what its sources disagree on."""
    day, source = facts.published.value, facts.published.source
    if day is None:
        return
    migrated = _is_migrated(facts)
    quality: DateQuality = "url_only" if source == "url" else "trusted"
    for name, other in facts.published.candidates[1:]:
        if other == day or name == "hidden":  # a stale template says nothing against what is displayed
            continue
        apart = abs((date.fromisoformat(other) - date.fromisoformat(day)).days)
        facts.findings.append(
            finding(
                "META-DATE-CONFLICT",
                left=day,
                left_where=source,
                right=other,
                right_where=name,
                explained="migrated page" if migrated else "one day apart" if apart == 1 else None,
            )
        )
        if apart > 1:
            quality = "conflict"
    facts.date_quality = "migrated" if migrated else quality


def _is_migrated(facts: Facts) -> bool:
    """Chongqing's portals moved between 2019-12 and 2020-08 and dated older reports anew (report-format E)."""
    year, url = facts.year.value, facts.published.said_by("url")
    if year is not None and year <= _LAST_MIGRATED_YEAR:
        return True
    local = bool(facts.county_code) and str(facts.county_code).startswith(("50", "cq-"))
    if not local:
        return False
    day = facts.published.value or ""
    if url and _MIGRATION[0] <= url <= _MIGRATION[1] and day < url and day < _MIGRATION[0]:
        return True
    return year == _LAST_MIGRATED_YEAR + 1 and _LATE_BATCHES <= day <= _MIGRATION[1]


def _read_signature(facts: Facts, sections: list[Section]) -> None:
    printed = signature_line(sections)
    if printed is None:
        return
    day, garbled = signature_date(printed, facts.published.value)
    if garbled:
        facts.findings.append(_garbled(garbled))
    if day:
        facts.signed = Evidence(day, "signature", (("signature", day),))
