"""What a report's page shows: its facts, its tables as the official form prints them, its findings as sentences."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archive.publish.words import words
from archive.reference.forms import FormTable, LayoutCell, forms

LAST_CIRCLED = 20
"""Unicode has circled numbers up to this one in a row."""

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
VERSIONS = "SELECT version, snapshot_id, first_seen, last_seen FROM report_version WHERE report_id = ? ORDER BY version DESC"
YEARS = "SELECT id, year FROM report WHERE agency_id = ? AND scope = ? ORDER BY year"
CHANGES = "SELECT * FROM report_change WHERE report_id = ? ORDER BY to_version DESC, table_name, row"


def mark(number: int) -> str:
    """The sign by which a cell points at a finding: never a bare digit, which could be read as part of the value."""
    return chr(ord("①") + number - 1) if number <= LAST_CIRCLED else f"[{number}]"


@dataclass(slots=True)
class Finding:
    """A finding with its number on this page, by which cells point at it."""

    number: int
    row: Mapping[str, Any]
    cells: tuple[str, ...]


@dataclass(slots=True)
class Printed:
    """One cell of a table as shown: a label, or a value with what is to be known about it."""

    rowspan: int
    colspan: int
    label: str | None = None
    key: str | None = None
    text: str = ""
    css: str = ""
    title: str = ""
    findings: tuple[int, ...] = ()


@dataclass(slots=True)
class Table:
    """A table of the report's form, line by line; ``absent`` if nothing of it could be read."""

    code: str
    heading: str
    lines: list[list[Printed]]
    absent: bool = False


@dataclass(slots=True)
class Shown:
    """Everything a report's page shows."""

    report: Mapping[str, Any]
    findings: list[Finding]
    checks: Mapping[str, Any]
    sections: Sequence[Mapping[str, Any]]
    versions: Sequence[Mapping[str, Any]]
    changes: Sequence[Mapping[str, Any]]
    years: Sequence[Mapping[str, Any]]
    tables: list[Table] = field(default_factory=list)
    statistics: Sequence[Mapping[str, Any]] = ()

    def said(self, column: str) -> str:
        """The value of a column in words, Chinese and English."""
        return words(column, self.report[column])

    def neighbour(self, step: int) -> Mapping[str, Any] | None:
        """This body's report before (−1) or after (1) this one."""
        at = next(n for n, row in enumerate(self.years) if row["id"] == self.report["id"]) + step
        return self.years[at] if 0 <= at < len(self.years) else None


async def gather(db: Any, report_id: int) -> Shown:
    """Ask the archive (Datasette's database) for all that the page of this report shows. The report must exist."""

    async def rows(sql: str, *params: object) -> list[dict[str, Any]]:
        return [dict(row) for row in (await db.execute(sql, params)).rows]

    report = (await rows(REPORT, report_id))[0]
    findings = [
        Finding(number, row, tuple(json.loads(row["cells"] or "[]")))
        for number, row in enumerate(await rows(FINDINGS, report_id), 1)
    ]
    shown = Shown(
        report=report,
        findings=findings,
        checks=(await rows(CHECKS, report_id))[0],
        sections=await rows("SELECT number, heading, text FROM section WHERE report_id = ?", report_id),
        versions=await rows(VERSIONS, report_id),
        changes=await rows(CHANGES, report_id),
        years=await rows(YEARS, report["agency_id"], report["scope"]),
        statistics=await rows("SELECT * FROM statistics WHERE report_id = ? ORDER BY seq", report_id),
    )
    form = forms().get(report["form"])
    if form is not None and form.kind == "statutory":
        notes = await rows("SELECT * FROM cell_note WHERE report_id = ?", report_id)
        values = {
            code: await rows(f"SELECT * FROM {code} WHERE report_id = ?", report_id) for code in STATUTORY
        }
        shown.tables = [
            table_as_printed(form.tables[code], values[code], notes, findings)
            for code in STATUTORY
            if code in form.tables
        ]
    return shown


def table_as_printed(
    table: FormTable,
    rows: Sequence[Mapping[str, Any]],
    notes: Sequence[Mapping[str, Any]],
    findings: Sequence[Finding],
) -> Table:
    """A table in the layout of its form, filled with the values read, each marked with its note and its findings."""
    by_row = {row["row"]: row for row in rows}
    noted = {f"{n['row']}.{n['column']}": n for n in notes if n["table_name"] == table.code}
    marked: defaultdict[str, list[int]] = defaultdict(list)
    for finding in findings:
        for cell in finding.cells:
            marked[cell].append(finding.number)
    alternate = next((a.row.code for a in table.alternates if a.row.code in by_row), None)
    lines = [
        [_printed(cell, table, by_row, noted, marked) for cell in line]
        for line in layout_with(table, alternate)
    ]
    return Table(table.code, table.section or table.label_en, lines, absent=not rows)


def layout_with(table: FormTable, alternate: str | None) -> list[list[LayoutCell]]:
    """The official layout; with ``alternate``, the one row in place of those it replaces, and spans made to fit."""
    if alternate is None:
        return [list(line) for line in table.layout]
    wanted = next(a for a in table.alternates if a.row.code == alternate)
    lines: list[list[LayoutCell]] = []
    replaced = [at for at, line in enumerate(table.layout) if _row_of(line) in wanted.replaces]
    first, gone = replaced[0], len(replaced) - 1
    for at, line in enumerate(table.layout):
        if at == first:
            values = [f"{alternate}.{column}" for column in table.columns_of(alternate)]
            lines.append(
                [LayoutCell(label=wanted.row.label, colspan=2), *(LayoutCell(value=v) for v in values)]
            )
        elif at not in replaced:
            lines.append([_shorter(cell, gone) if at < first < at + cell.rowspan else cell for cell in line])
    return lines


def _row_of(line: Sequence[LayoutCell]) -> str | None:
    return next((cell.value.split(".")[0] for cell in line if cell.value), None)


def _shorter(cell: LayoutCell, by: int) -> LayoutCell:
    return LayoutCell(label=cell.label, value=cell.value, rowspan=cell.rowspan - by, colspan=cell.colspan)


def _printed(
    cell: LayoutCell,
    table: FormTable,
    by_row: Mapping[str, Mapping[str, Any]],
    noted: Mapping[str, Mapping[str, Any]],
    marked: Mapping[str, list[int]],
) -> Printed:
    if cell.value is None:
        return Printed(cell.rowspan, cell.colspan, label=cell.label or "")
    row, column = cell.value.split(".")
    value = by_row[row][column] if row in by_row else None
    note = noted.get(cell.value)
    key = f"{table.code}.{cell.value}"
    meaning = f"{table.row(row).label} · {table.column(column).label}"
    return Printed(
        cell.rowspan,
        cell.colspan,
        key=key,
        text=_number(value) if value is not None else (note["raw"] or "" if note else ""),
        css=_css(value, note),
        title=meaning + (f"；{words('note', note['kind'])}：{note['raw'] or ''}" if note else ""),
        findings=tuple(marked.get(key, ())),
    )


def _number(value: object) -> str:
    """A number as it is read best: no exponent, no ``.0`` that nobody printed."""
    return f"{value:.10f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _css(value: object, note: Mapping[str, Any] | None) -> str:
    if note is not None:
        return f"note {note['kind']}"
    if value is None:
        return "null"
    return "zero" if value == 0 else ""
