"""The shapes that the replica's parts pass to each other, and the truth that a crawl of it is measured against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

Number = int | float
Row = dict[str, Number | None]
Tables = dict[str, dict[str, Row]]
"""Table code -> row code -> column code -> value; ``None`` where the page prints no number."""

INSTALLATION = "cq"
"""All portals that are played belong to one publishing installation, as the real ones of Chongqing do."""


@dataclass(frozen=True)
class Scenario:
    """What the portals look like when they are asked."""

    night: int = 1
    """2 and later: a report edited, one gone, one new, one page whose counter moved, one block page lifted."""
    towns: int = 0
    """Size knob: so many extra towns on a host of their own, rendered when asked for."""
    town_years: tuple[int, ...] = (2021, 2022, 2023, 2024, 2025)
    storm: bool = False
    """Adds a host whose robots.txt fails, with a list that never ends, cut answers and a redirect loop."""
    slow: float = 0.3
    """Seconds that the slow page takes."""

    def at_night(self, night: int) -> Scenario:
        """The same scenario, another night."""
        return replace(self, night=night)


@dataclass(frozen=True)
class Visit:
    """One request, as far as a page may depend on it."""

    base: Callable[[str], str]
    """Name of a host -> ``http://127.0.0.1:PORT`` that plays it."""
    attempt: int
    """1 for the first time that this path is asked for."""


@dataclass(frozen=True)
class Answer:
    """One response before it is put on the wire."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    chunked: bool = False
    volatile: bool = False
    """No ETag and no Last-Modified: the page differs every time."""
    cut: bool = False
    """Close the connection in the middle of the body."""
    modified: date | None = None


Resource = Callable[[Visit], Answer]


@dataclass(frozen=True)
class Unit:
    """A body that publishes."""

    agency: str
    kind: str
    county_code: str
    label: str
    """What the portal's navigation calls it."""


@dataclass(frozen=True)
class Expected:
    """One report that a complete crawl must find, and what reading it must give."""

    host: str
    site: str
    paths: tuple[str, ...]
    """Every path on ``host`` that carries it; the first is the main one."""
    doc_id: str | None
    """The platform's id; ``None`` where the address has none and is itself the identity."""
    agency: str
    kind: str
    county_code: str
    scope: str
    year: int
    form: str
    title: str
    published_on: str
    published_source: str
    tables: Tables = field(default_factory=dict)
    statistics: dict[str, Number] = field(default_factory=dict)
    notes: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """Cells that are not a plain number -> the kind they must be given."""
    expected: frozenset[str] = frozenset()
    """Rules that must raise a finding."""
    forbidden: frozenset[str] = frozenset()
    """Rules that must not raise a finding above ``info``."""
    attachment: str | None = None
    """Path of the file that holds the report, where the page itself only links to it."""
    also: tuple[tuple[str, str], ...] = ()
    """(host, path) of the same document on other hosts."""

    @property
    def doc_key(self) -> str | None:
        """The document's key in the archive, if the platform gives it an id."""
        return f"{INSTALLATION}:{self.doc_id}" if self.doc_id else None

    @property
    def identity(self) -> tuple[str, int, str]:
        """What makes a report one report: agency, year, scope."""
        return (self.agency, self.year, self.scope)

    def cells(self) -> dict[tuple[str, str, str], Number | None]:
        """(table, row, column) -> value, over the statutory tables."""
        return {
            (table, row, column): value
            for table, rows in self.tables.items()
            for row, columns in rows.items()
            for column, value in columns.items()
        }


@dataclass(frozen=True)
class Decoy:
    """A page that a list shows among the reports and that must never become one."""

    host: str
    path: str
    title: str
    reason: str
    """``guide``, ``notice``, ``interpretation``, ``other_report``, ``soft_404``, ``home``, ``blocked`` …"""


@dataclass(frozen=True)
class Truth:
    """Everything a complete crawl must and must not find."""

    reports: tuple[Expected, ...]
    decoys: tuple[Decoy, ...]

    def by_identity(self) -> dict[tuple[str, int, str], Expected]:
        """The reports by agency, year and scope."""
        return {report.identity: report for report in self.reports}

    @property
    def cell_count(self) -> int:
        """How many cells of statutory tables the reports hold in all."""
        return sum(len(report.cells()) for report in self.reports)
