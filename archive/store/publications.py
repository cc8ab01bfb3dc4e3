"""Several documents, one report: which of them the row in ``report`` is read from, and what the others are.

The order is the same whatever came first, so that two archives with the same documents choose alike:

1. live documents before those that are gone;
2. a whole reading before a partial one, that before none;
3. pages before attachments (a page is what the agency put before the public; but see 2);
4. the one published first, undated ones last: a later one is the same report issued again;
5. the smallest document key.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from archive.report.findings import finding
from archive.report.model import Finding, Report
from archive.store import codec
from archive.store.compare import differences
from archive.store.prepared import Prepared

RANK = {"parsed": 0, "partial": 1, "unparsed": 2}

SHOWN = 20
"""Cells that a finding names; their number is in its text."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document that carries the report, with its latest version's reading."""

    doc_key: str
    url: str
    gone: bool
    kind: str
    snapshot_id: int
    version: int
    reader: str
    reading: Prepared

    @property
    def report(self) -> Report:
        """What it says."""
        return self.reading.report

    def order(self) -> tuple[bool, int, bool, str, str]:
        """The place in the choice."""
        return (
            self.gone, RANK.get(self.report.status, 3), self.kind == "attachment",
            self.report.published_on or "9999", self.doc_key,
        )  # fmt: skip


def candidates(
    conn: sqlite3.Connection, report_id: int, *, at_hand: Prepared | None = None
) -> list[Candidate]:
    """The documents that carry the report, the chosen one first. The reading ``at_hand`` need not be unpacked again."""
    rows = conn.execute(
        "SELECT d.doc_key, d.url, d.gone_on, s.kind, d.snapshot_id, v.version, v.reader, v.reading FROM publication p "
        "JOIN document d ON d.doc_key = p.doc_key JOIN snapshot s ON s.id = d.snapshot_id "
        "JOIN report_version v ON v.doc_key = d.doc_key AND v.version = "
        "  (SELECT max(version) FROM report_version WHERE doc_key = d.doc_key) WHERE p.report_id = ?",
        [report_id],
    ).fetchall()
    found = [
        Candidate(
            row["doc_key"],
            row["url"],
            row["gone_on"] is not None,
            row["kind"],
            row["snapshot_id"],
            row["version"],
            row["reader"],
            at_hand
            if at_hand and at_hand.packed == row["reading"]
            else Prepared(codec.unpack(row["reading"])),
        )
        for row in rows
    ]
    return sorted(found, key=Candidate.order)


def role(main: Candidate, other: Candidate) -> str:
    """What a document is beside the main one: ``attachment``, ``reissue`` (published later) or ``twin``."""
    if other is main:
        return "main"
    if other.kind == "attachment":
        return "attachment"
    first, then = main.report.published_on, other.report.published_on
    return "reissue" if first and then and then > first else "twin"


def dates(main: Candidate, others: list[Candidate]) -> dict[str, str | None]:
    """When the report was published: as the main document says, else the earliest that another one is trusted with.

    A file bears no date of publication; the page that it hangs on does.
    """
    dated = [c for c in others if c.report.published_on and c.report.date_quality == "trusted"]
    told = min(dated, key=lambda c: c.report.published_on or "", default=main)
    report = main.report if main.report.published_on else told.report
    return {
        "published_on": report.published_on,
        "published_source": report.published_source,
        "date_quality": report.date_quality,
    }


def twins_that_differ(main: Candidate, others: list[Candidate]) -> list[Finding]:
    """The finding TWIN-DIFFERS for each other live document that prints another number or another wording.

    What only one of the two prints is no difference: the tables may stand in the attachment alone.
    """
    found = []
    for other in others:
        changes = [] if other.gone or main.gone else differences(main.report, other.report)
        cells = [c for c in changes if c.kind == "number" and c.before is not None and c.after is not None]
        words = [c for c in changes if c.kind == "wording" and c.section != "title" and c.before and c.after]
        if cells or (words and "attachment" not in (main.kind, other.kind)):
            found.append(
                finding(
                    "TWIN-DIFFERS",
                    left=cells[0].before if cells else None,
                    left_where=main.url,
                    right=cells[0].after if cells else None,
                    right_where=other.url,
                    cells=[change.place for change in cells[:SHOWN]],
                    differing_cells=len(cells),
                    differing_sections=len(words),
                )
            )
    return found
