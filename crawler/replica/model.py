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
    portals: bool = True
    """Whether the six portals of Chongqing are played; without them a scenario of traps alone is quick to build."""
    platforms: bool = False
    """Adds hosts that speak the published grammars of other publishing systems and list shapes."""
    traps: frozenset[str] = frozenset()
    """Adds one host for each named trap (`crawler.replica.TRAPS` has all names)."""
    installations: int = 0
    """Adds so many installations, each with a host and a registry row of its own, for a fleet of crawlers."""
    installation_towns: int = 2
    """Towns of each of those installations."""
    shared: bool = False
    """All hosts belong to one installation: a sick one must not stop the others all the same."""
    auto: bool = False
    """Every registry row says ``auto`` instead of its platform."""
    hang: float = 60.0
    """Seconds after which a host that does not answer, or stops in the middle, lets go."""
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
    query: Mapping[str, str] = field(default_factory=dict)
    """What stands behind the question mark, and the fields of a form that was posted."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""


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
    trickle: float = 0.0
    """Seconds over which the body is sent, a little at a time."""
    stall: float = 0.0
    """Send half of the body, then nothing for so many seconds, then hang up."""
    mute: float = 0.0
    """Say nothing at all for so many seconds, then hang up."""
    endless: int = 0
    """Send the body again and again, without its length, until so many bytes are out."""
    etag: str | None = None
    """A validator that need not be true."""
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
    installation: str = INSTALLATION

    @property
    def doc_key(self) -> str | None:
        """The document's key in the archive, if the platform gives it an id."""
        return f"{self.installation}:{self.doc_id}" if self.doc_id else None

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
class Trouble:
    """What a crawl must have recorded about one site on which a trap is set. What is not said here is free."""

    trap: str
    site: str
    host: str
    tells: str
    """In a sentence: what happens there and what must be on record afterwards."""
    verdicts: frozenset[str]
    """The verdicts of `crawl_site` that are right for this night; ``well`` is among them if nothing fell short."""
    why: str | None = None
    """The failure class, in the words of `FAILURES`; how the crawler spells it is its own affair."""
    statuses: frozenset[int] = frozenset()
    """Statuses of answers that must have been kept as evidence; 0 stands for an answer that was cut short."""
    unfinished: tuple[str, ...] = ()
    """Paths of report links that must still be work to do (or given up with a reason) when the run has ended."""
    later: tuple[str, ...] = ()
    """Paths of reports of the truth that may be found this night or only another one; until then they are work to do."""
    withdrawn: tuple[str, ...] = ()
    """Paths of reports, known from the nights before, that must be recorded as vanished once they are asked for."""
    unlisted: tuple[str, ...] = ()
    """Paths of known reports that the list shows no more; recorded as gone only after three complete lists."""
    edited: tuple[str, ...] = ()
    """Paths of reports that have changed since the first night."""
    never: tuple[tuple[str, str], ...] = ()
    """(host, beginning of a path) that nobody may ask for."""
    pauses: tuple[tuple[str, float], ...] = ()
    """(path, seconds): how long it must not be asked for after its first answer."""
    at_most: int | None = None
    """Requests to the host, robots.txt included, that a run may cost."""
    bytes_at_most: int | None = None
    """Bytes of one answer that a crawler may take from the wire."""
    complete: bool | None = None
    """Whether its list may be recorded as complete; ``None``: either way."""


FAILURES = (
    "blocked", "challenge", "refused", "unreachable", "timeouts", "server_errors", "robots", "moved", "soft_404", "same_page",
    "redirects", "truncated", "too_large", "layout_changed", "fewer_links", "list_incomplete", "unread",
)  # fmt: skip
"""The classes of failure that the traps play (`Trouble.why`)."""


@dataclass(frozen=True)
class Truth:
    """Everything a complete crawl must and must not find."""

    reports: tuple[Expected, ...]
    decoys: tuple[Decoy, ...]
    troubles: tuple[Trouble, ...] = ()
    """What must be recorded about the sites of the scenario's traps."""

    def trouble(self, trap: str) -> Trouble:
        """The truth about one trap of the scenario. Raises ``KeyError`` for one that is not set."""
        return {trouble.trap: trouble for trouble in self.troubles}[trap]

    def of_site(self, site: str) -> tuple[Expected, ...]:
        """The reports that this row of the registry must bring."""
        return tuple(report for report in self.reports if report.site == site)

    def by_identity(self) -> dict[tuple[str, int, str], Expected]:
        """The reports by agency, year and scope."""
        return {report.identity: report for report in self.reports}
