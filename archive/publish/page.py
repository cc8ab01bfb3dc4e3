"""What a report's page shows: its facts, its tables, its findings as sentences, and one cell in full if one is asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archive.publish.meaning import Meaning
from archive.publish.printed import Finding, Table, Values, table_as_printed
from archive.publish.words import words
from archive.reference.forms import forms

Row = Mapping[str, Any]

STATUTORY = ("active_disclosure", "applications", "review_litigation")

REPORT = """
SELECT report.*, snapshot.fetched_at, snapshot.sha256, agency.key AS agency_key
FROM report JOIN snapshot ON snapshot.id = report.snapshot_id JOIN agency ON agency.id = report.agency_id
WHERE report.id = ?
"""
FINDINGS = """
SELECT * FROM finding WHERE report_id = ? AND resolved_at IS NULL
ORDER BY CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, rule, id
"""
CHECKS = "SELECT count(*) AS rules, sum(tested) AS tested, sum(failed) AS failed FROM check_result WHERE report_id = ?"
VERSIONS = """
SELECT version, snapshot_id, first_seen, last_seen, doc_key FROM report_version WHERE report_id = ?
ORDER BY doc_key <> ?, doc_key, version DESC
"""
YEARS = "SELECT id, year, form FROM report WHERE agency_id = ? AND scope = ? ORDER BY year"
CHANGES = "SELECT * FROM report_change WHERE report_id = ? ORDER BY to_version DESC, table_name, row"
ANNOTATIONS = """
SELECT kind, text, source_url, date FROM annotation
WHERE (target_type = 'report' AND target_key = ?)
   OR (target_type = 'finding' AND target_key IN (SELECT key FROM finding WHERE report_id = ?))
ORDER BY date
"""


@dataclass(slots=True)
class Shown:
    """Everything a report's page shows. ``cell`` is the one asked for in the address, if it is a cell of this report."""

    report: Row
    findings: list[Finding]
    checks: Row
    sections: Sequence[Row]
    versions: Sequence[Row]
    changes: Sequence[Row]
    years: Sequence[Row]
    annotations: Sequence[Row]
    tables: list[Table] = field(default_factory=list)
    statistics: Sequence[Row] = ()
    cell: Meaning | None = None

    def said(self, column: str) -> str:
        """The value of a column in words, Chinese and English."""
        return words(column, self.report[column])

    def neighbour(self, step: int) -> Row | None:
        """This body's report before (−1) or after (1) this one."""
        at = next(n for n, row in enumerate(self.years) if row["id"] == self.report["id"]) + step
        return self.years[at] if 0 <= at < len(self.years) else None

    def finding(self, number: int) -> Row:
        """The finding of that number on this page."""
        return self.findings[number - 1].row


class Asked:
    """Rows out of Datasette's database, as dictionaries."""

    def __init__(self, db: Any) -> None:
        self._db = db

    async def rows(self, sql: str, *params: object) -> list[dict[str, Any]]:
        """All rows of a query."""
        return [dict(row) for row in (await self._db.execute(sql, params)).rows]

    async def tables(self, report_id: int) -> dict[str, Values]:
        """The values of the three statutory tables, by table and row."""
        return {
            code: {
                row["row"]: row
                for row in await self.rows(f"SELECT * FROM {code} WHERE report_id = ?", report_id)
            }
            for code in STATUTORY
        }

    async def notes(self, report_id: int) -> list[dict[str, Any]]:
        """The notes on cells that are no plain number."""
        return await self.rows("SELECT * FROM cell_note WHERE report_id = ?", report_id)


async def gather(db: Any, report_id: int, cell: str | None = None) -> Shown:
    """Ask the archive (Datasette's database) for all that the page of this report shows. The report must exist."""
    ask = Asked(db)
    report = (await ask.rows(REPORT, report_id))[0]
    findings = [
        Finding(number, row, tuple(json.loads(row["cells"] or "[]")))
        for number, row in enumerate(await ask.rows(FINDINGS, report_id), 1)
    ]
    shown = Shown(
        report=report,
        findings=findings,
        checks=(await ask.rows(CHECKS, report_id))[0],
        sections=await ask.rows("SELECT number, heading, text FROM section WHERE report_id = ?", report_id),
        versions=await ask.rows(VERSIONS, report_id, report["doc_key"]),
        changes=await ask.rows(CHANGES, report_id),
        years=await ask.rows(YEARS, report["agency_id"], report["scope"]),
        annotations=await ask.rows(ANNOTATIONS, report["key"], report_id),
        statistics=await ask.rows("SELECT * FROM statistics WHERE report_id = ? ORDER BY seq", report_id),
    )
    form = forms().get(report["form"])
    if form is not None and form.kind == "statutory":
        notes, values = await ask.notes(report_id), await ask.tables(report_id)
        shown.tables = [
            table_as_printed(form.tables[code], values[code], notes, findings)
            for code in STATUTORY
            if code in form.tables
        ]
        shown.cell = await _meaning(ask, shown, cell, values, notes)
    return shown


async def _meaning(
    ask: Asked, shown: Shown, cell: str | None, values: Mapping[str, Values], notes: Sequence[Row]
) -> Meaning | None:
    """What is to be said of the cell asked for; ``None`` if none is asked for, or it is no cell of this report."""
    printed = next((p for t in shown.tables for line in t.lines for p in line if p.key == cell), None)
    if cell is None or printed is None:
        return None
    meaning = Meaning.of(shown.report["form"], cell, values, notes, printed.findings)
    before = shown.neighbour(-1)
    if before is not None:
        earlier, said = await ask.tables(before["id"]), await ask.notes(before["id"])
        meaning.compare(before, earlier, said)
    return meaning
