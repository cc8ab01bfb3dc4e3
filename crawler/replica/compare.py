"""What an archive holds against what the replica shows: report by report, cell by cell, through the public tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from crawler.replica.model import Decoy, Expected, Number, Truth

TABLES = ("active_disclosure", "applications", "review_litigation")
SHOWN_CELLS = 2
"""So many wrong cells of one report are named; a table that was not read at all would fill pages."""
CellKey = tuple[str, str, str]
Identity = tuple[str, int, str]


@dataclass(frozen=True)
class Found:
    """One report as the archive has it."""

    identity: Identity
    form: str | None
    title: str | None
    kind: str | None
    county_code: str | None
    published_on: str | None
    published_source: str | None
    doc_key: str
    cells: dict[CellKey, Number | None]
    statistics: dict[str, Number | None]
    notes: dict[CellKey, str]
    findings: dict[str, str]
    """Rule -> severity, of what is open."""


@dataclass(frozen=True)
class Line:
    """One report that was looked for."""

    expected: Expected
    found: Found | None
    wrong_cells: tuple[str, ...] = ()
    wrong_facts: tuple[str, ...] = ()
    unnoticed: tuple[str, ...] = ()
    """Planted faults that nothing was said about."""
    unchecked: tuple[str, ...] = ()
    """Planted faults whose rule the archive does not have: nobody could have said anything."""
    invented: tuple[str, ...] = ()
    """Findings above ``info`` for which there is no reason."""

    @property
    def cells_expected(self) -> int:
        """How many cells the report prints."""
        return len(self.expected.cells()) + len(self.expected.statistics)


@dataclass
class Comparison:
    """Everything that was looked for, and everything that should not be there."""

    lines: list[Line] = field(default_factory=list)
    surplus: list[Identity] = field(default_factory=list)
    taken_in: list[Decoy] = field(default_factory=list)
    """Pages that are no report and were taken for one."""

    @property
    def missing(self) -> list[Line]:
        """Reports that were not found."""
        return [line for line in self.lines if line.found is None]

    @property
    def cells_expected(self) -> int:
        """All cells that the portals print."""
        return sum(line.cells_expected for line in self.lines)

    @property
    def cells_right(self) -> int:
        """The cells that were read as printed."""
        return sum(line.cells_expected - len(line.wrong_cells) for line in self.lines if line.found)

    def complaints(self, *, findings: bool = True) -> Iterator[str]:
        """Every difference in a line of its own, many wrong cells in one; without findings if so asked."""
        for line in self.lines:
            name = " ".join(str(part) for part in line.expected.identity)
            if line.found is None:
                yield f"{name}: not found ({line.expected.paths[0]} on {line.expected.host})"
                continue
            for text in (*line.wrong_facts, *line.wrong_cells[:SHOWN_CELLS]):
                yield f"{name}: {text}"
            if len(line.wrong_cells) > SHOWN_CELLS:
                yield f"{name}: and {len(line.wrong_cells) - SHOWN_CELLS} more cells"
            if findings:
                yield from (f"{name}: nobody noticed {rule}" for rule in line.unnoticed)
                yield from (f"{name}: {rule} was raised without reason" for rule in line.invented)
        yield from (
            f"{' '.join(map(str, identity))}: in the archive, but nobody published it"
            for identity in self.surplus
        )


def compare(archive: Path, truth: Truth) -> Comparison:
    """Compare the archive file with the truth. Opens it read-only; raises ``sqlite3.Error`` if it is no archive."""
    found = {report.identity: report for report in read_archive(archive)}
    rules = read_rules(archive)
    result = Comparison()
    wanted = truth.by_identity()
    for identity, expected in wanted.items():
        result.lines.append(_line(expected, found.get(identity), rules))
    result.surplus = sorted(identity for identity in found if identity not in wanted)
    paths = _report_paths(archive)
    result.taken_in = [decoy for decoy in truth.decoys if decoy.path in paths]
    return result


def _report_paths(archive: Path) -> set[str]:
    """The paths of all documents that the archive takes for reports."""
    with closing(_open(archive)) as db:
        query = "select document.url from publication join document using (doc_key)"
        return {urlsplit(row["url"]).path for row in db.execute(query)}


def _open(archive: Path) -> sqlite3.Connection:
    db = sqlite3.connect(f"{archive.resolve().as_uri()}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    return db


def read_archive(archive: Path) -> list[Found]:
    """The reports of an archive that are still at their source, with their cells and open findings."""
    with closing(_open(archive)) as db:
        return [
            _found(db, row) for row in db.execute("select * from report where gone_on is null order by key")
        ]


def read_rules(archive: Path) -> frozenset[str]:
    """The rules that this archive's program checks."""
    with closing(_open(archive)) as db:
        return frozenset(rule for (rule,) in db.execute("select rule from rule"))


def _found(db: sqlite3.Connection, report: sqlite3.Row) -> Found:
    own = (report["id"],)
    cells: dict[CellKey, Number | None] = {}
    for table in TABLES:
        for row in db.execute(f"select * from {table} where report_id = ?", own):
            for column in row.keys():  # noqa: SIM118
                if column not in ("report_id", "row", "id"):
                    cells[table, row["row"], column] = row[column]
    return Found(
        identity=(report["agency"], report["year"], report["scope"]),
        form=report["form"],
        title=report["title"],
        kind=report["kind"],
        county_code=report["county_code"],
        published_on=report["published_on"],
        published_source=report["published_source"],
        doc_key=report["doc_key"],
        cells=cells,
        statistics={
            row["row"]: row["value"]
            for row in db.execute("select row, value from statistics where report_id = ?", own)
        },
        notes={
            (row["table_name"], row["row"], row["column"]): row["kind"]
            for row in db.execute(
                'select table_name, row, "column", kind from cell_note where report_id = ?', own
            )
        },
        findings=dict(
            db.execute(
                "select rule, severity from finding where report_id = ? and resolved_at is null", own
            ).fetchall()
        ),
    )


def _line(expected: Expected, found: Found | None, rules: frozenset[str]) -> Line:
    if found is None:
        return Line(expected, None)
    silent = expected.expected - found.findings.keys()
    loud = {rule for rule, severity in found.findings.items() if severity != "info"}
    return Line(
        expected,
        found,
        wrong_cells=tuple(_wrong_cells(expected, found)),
        wrong_facts=tuple(_wrong_facts(expected, found)),
        unnoticed=tuple(sorted(silent & rules)),
        unchecked=tuple(sorted(silent - rules)),
        invented=tuple(sorted(expected.forbidden & loud)),
    )


def _wrong_cells(expected: Expected, found: Found) -> Iterator[str]:
    for key, value in expected.cells().items():
        got = found.cells.get(key)
        if got != value or (key not in found.cells):
            yield f"{'.'.join(key)} is {value} on the page and {got} in the archive"
    for row, number in expected.statistics.items():
        if found.statistics.get(row) != number:
            yield f"statistics.{row} is {number} on the page and {found.statistics.get(row)} in the archive"


def _wrong_facts(expected: Expected, found: Found) -> Iterator[str]:
    facts: list[tuple[str, object, object]] = [
        ("form", expected.form, found.form),
        ("kind", expected.kind, found.kind),
        ("county_code", expected.county_code, found.county_code),
        ("published_on", expected.published_on, found.published_on),
    ]
    if (
        not expected.attachment
    ):  # a file has no address of its own grammar, and its date stands on another page
        facts.append(("published_source", expected.published_source, found.published_source))
        if expected.doc_key:
            facts.append(("doc_key", expected.doc_key, found.doc_key))
    for name, wanted, got in facts:
        if wanted != got:
            yield f"{name} should be {wanted} and is {got}"
    for key, kind in expected.notes.items():
        if found.notes.get(key) != kind:
            yield f"{'.'.join(key)} should be noted as {kind} and is {found.notes.get(key)}"
