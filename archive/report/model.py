"""What reading produces: plain dataclasses, and the one place that turns them into the JSON of ``gongkai read``.

Names follow the public contract (docs/json.md). Nothing here reads, decides or checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Number = int | float
"""A printed plain number: ``int`` without a decimal point, ``float`` with one."""

Status = Literal["parsed", "partial", "unparsed", "not_a_report"]
Severity = Literal["error", "warning", "info"]
Outcome = Literal["pass", "pass_blank_as_zero", "fail", "not_assessable"]
CellKind = Literal[
    "annotated",
    "signed",
    "unit",
    "blank",
    "dash",
    "none_word",
    "text",
    "unreadable",
    "row_absent",
    "table_absent",
    "table_is_image",
    "unit_unknown",
    "not_on_form",
]

READER = "1"
"""Version of the reader; raised whenever a reading of the same bytes may come out differently."""


@dataclass(frozen=True, slots=True)
class Context:
    """All that reading may use beside the bytes; stored with every snapshot, so that reading can be repeated.

    ``title`` is the text of the link that led here, ``list_date`` the date printed beside it (ISO 8601),
    ``column_name`` the name of the list or column, ``site_name`` and ``county_code`` come from the registry.
    """

    url: str | None = None
    title: str | None = None
    list_date: str | None = None
    column_name: str | None = None
    site: str | None = None
    site_name: str | None = None
    county_code: str | None = None
    fetched_at: str | None = None

    def as_dict(self) -> dict[str, str]:
        """The fields that are set, for the column ``snapshot.context``."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name)) is not None}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Context:
        """The context stored with a snapshot; unknown keys (written by a newer version) are ignored."""
        return cls(**{name: values[name] for name in cls.__slots__ if values.get(name) is not None})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a reader of the report should know.

    ``left`` and ``right`` are the two sides that differ (text and table, this year and last); neither is called
    right. ``cells`` are ``table.row.column``. ``explained`` names the legitimate reason when one was recognised.
    """

    rule: str
    severity: Severity
    message: str
    message_zh: str
    outcome: Outcome = "fail"
    left: Number | str | None = None
    left_where: str | None = None
    right: Number | str | None = None
    right_where: str | None = None
    difference: Number | None = None
    cells: tuple[str, ...] = ()
    quote: str | None = None
    explained: str | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of one rule on one report: how many instances were tested, how many failed, why not assessable."""

    rule: str
    outcome: Outcome
    tested: int = 0
    failed: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CellNote:
    """A cell of the form whose print is not a plain number. ``raw`` is null only when nothing could be printed there."""

    table: str
    row: str
    column: str
    raw: str | None
    kind: CellKind
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One of the report's sections; ``number`` is its place (1 to 6 in the forms since 2019), null if unnumbered."""

    number: int | None
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Statistic:
    """One value of an older form (stat2014, legacy2008), or an unknown row kept under ``x_<n>``."""

    row: str
    column: str
    label: str
    unit: str | None
    value: Number | None
    parent: str | None = None
    column_label: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file or frame the document points at; ``type`` is its extension, or ``iframe``."""

    url: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as printed: the text of every cell, spans resolved by repetition, nothing interpreted."""

    cells: list[list[str]]
    caption: str | None = None


Tables = dict[str, dict[str, dict[str, Number | None]]]
"""table -> row -> column -> value. An absent key is not on this form, ``None`` is no number."""


@dataclass(slots=True)
class Report:
    """One document as read. Filled step by step by ``archive.report.read``; every field may be missing."""

    status: Status = "unparsed"
    title: str | None = None
    agency: str | None = None
    agency_key: str | None = None
    agency_kind: str | None = None
    scope: str | None = None
    admin_code: str | None = None
    county_code: str | None = None
    year: int | None = None
    period: tuple[str, str] | None = None
    published_on: str | None = None
    published_source: Literal["page", "metadata", "url"] | None = None
    date_quality: Literal["trusted", "url_only", "migrated", "conflict", "none"] = "none"
    signed_on: str | None = None
    form: str | None = None
    encoding: str | None = None
    sections: list[Section] = field(default_factory=list)
    tables: Tables = field(default_factory=dict)
    statistics: list[Statistic] = field(default_factory=list)
    cells: list[CellNote] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    # Not printed by `gongkai read`, stored by the archive:
    checks: list[CheckResult] = field(default_factory=list)
    zero_style: dict[str, str] = field(default_factory=dict)
    """table -> printed | blank | mixed | empty"""
    reason: str | None = None
    """Why the status is unparsed or not_a_report, in a few words."""
    text: str = ""
    """The text of the body, for search."""
    vouched: bool = True
    """Whether more than a link says that this is the report: its own title, or that it is a file. A home page under every
    address is not, and what could not be read of it takes no place among the reports."""

    def as_json(self, source: str | None = None) -> dict[str, Any]:
        """The object that ``gongkai read`` prints (docs/json.md)."""
        return {
            "source": source,
            "status": self.status,
            "reason": self.reason,
            "reader": READER,
            "title": self.title,
            "agency": self.agency,
            "agency_key": self.agency_key,
            "agency_kind": self.agency_kind,
            "scope": self.scope,
            "admin_code": self.admin_code,
            "year": self.year,
            "period": list(self.period) if self.period else None,
            "published_on": self.published_on,
            "published_source": self.published_source,
            "date_quality": self.date_quality,
            "signed_on": self.signed_on,
            "form": self.form,
            "encoding": self.encoding,
            "sections": [{"number": s.number, "heading": s.heading, "text": s.text} for s in self.sections],
            "tables": self.tables,
            "statistics": [
                {
                    "row": s.row,
                    "label": s.label,
                    "unit": s.unit,
                    "column": s.column,
                    "value": s.value,
                    "parent": s.parent,
                    "column_label": s.column_label,
                }
                for s in self.statistics
            ],
            "cells": [
                {
                    "table": c.table,
                    "row": c.row,
                    "column": c.column,
                    "raw": c.raw,
                    "kind": c.kind,
                    "unit": c.unit,
                }
                for c in self.cells
            ],
            "grids": [g.cells for g in self.grids],
            "attachments": [{"url": a.url, "name": a.name, "type": a.type} for a in self.attachments],
            "findings": [
                {
                    "rule": f.rule,
                    "severity": f.severity,
                    "outcome": f.outcome,
                    "message": f.message,
                    "message_zh": f.message_zh,
                    "left": f.left,
                    "right": f.right,
                    "difference": f.difference,
                    "cells": list(f.cells),
                    "quote": f.quote,
                    "explained": f.explained,
                }
                for f in self.findings
            ],
        }
