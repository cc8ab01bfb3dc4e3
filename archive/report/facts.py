"""The facts around the tables: who reports, on which year, published and signed when; each with its evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from archive.report.model import Finding

T = TypeVar("T")

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

    @property
    def disputed(self) -> bool:
        """Whether two sources differ."""
        return len({value for _, value in self.candidates}) > 1


@dataclass(slots=True)
class Facts:
    """Every fact of a ``Report`` that is no table, each with its evidence.

    Sources are named ``title, period, body, publication`` for the year; ``title, signature, source, body, link`` for
    the agency (its canonical full name); ``page, metadata, list, url`` for the date of publication.
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
    findings: list[Finding] = field(default_factory=list)
