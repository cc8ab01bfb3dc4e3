"""One report on the terminal, its tables with the form's own labels: what ``gongkai show`` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import click

from archive.publish.words import words
from archive.reference.forms import FormTable, forms
from archive.store import Archive, Row, questions, withheld
from crawler import console

TABLES = ("active_disclosure", "applications", "review_litigation")
WIDEST_LABEL = 40
UNPRINTED = "×†‡§"
"""Signs for cells of which the page prints nothing, in the order in which a table needs them."""
SEVERITIES = {"error": "✗", "warning": "!", "info": "·"}


def find(archive: Archive, wanted: str) -> Row:
    """The report's row by key, number or address. Raises ``Unusable`` if there is none."""
    row = questions.report(archive.conn, wanted)
    if row is None:
        raise console.Unusable(
            f"no report {wanted!r} in {archive.path}; 'gongkai search' finds reports by their words"
        )
    return row


def reading(archive: Archive, report: Row) -> dict[str, Any]:
    """The report's current reading as ``gongkai read`` prints it, with its address as ``source``."""
    value = questions.reading(archive.conn, report["id"], report["doc_key"])
    value.pop("archive", None)
    return {**value, "source": report["url"]}


def print_report(archive: Archive, report: Row) -> None:
    """Print facts, tables, findings and sections."""
    console.echo(click.style(f"{report['agency']} {report['year']}", bold=True))
    tombstone = withheld.why(archive.conn, report["key"])
    published = f"{report['published_on']}（{words('published_source', report['published_source'])}）"
    facts = {
        "标题 title": report["title"] or "—",
        "口径 scope": words("scope", report["scope"]),
        "格式 form": words("form", report["form"]) or "—",
        "状态 status": words("status", report["status"]),
        "发布 published": published if report["published_on"] else "—",
        "存档 captured": f"{report['fetched_at']}，第 {report['version']} 版 · version {report['version']}",
        "原文 original": report["url"],
        "编号 key": report["key"],
        **({"不公开 withheld": tombstone} if tombstone else {}),
    }
    widest = max(console.width(name) for name in facts)
    for name, value in facts.items():
        console.echo(f"{name}{' ' * (widest - console.width(name))}  {value}")
    _print_findings(archive, report["id"])
    form = forms().get(report["form"] or "")
    if form is not None and form.kind == "statutory":
        for code in TABLES:
            if code in form.tables:
                _print_table(archive, report["id"], form.tables[code])
    _print_statistics(archive, report["id"])
    for section in questions.sections(archive.conn, report["id"]):
        console.echo(click.style(f"\n{section['heading']}", bold=True))
        console.echo(section["text"])


def _print_findings(archive: Archive, report_id: int) -> None:
    rows = questions.findings_of(archive.conn, report_id)
    for row in rows:
        console.echo(
            f"{SEVERITIES[row['severity']]} {row['message_zh']}  [{row['rule']}]\n  {row['message']}"
        )


def _print_table(archive: Archive, report_id: int, table: FormTable) -> None:
    values = questions.values(archive.conn, report_id, table.code)
    console.echo(click.style(f"\n{table.section or ''} {table.label_en}".replace("\n ", "\n"), bold=True))
    if not values:
        console.echo("（页面上没有读到此表 · this table was not found on the page）")
        return
    notes = questions.notes(archive.conn, report_id, table.code)
    alternate = next((a.row.code for a in table.alternates if a.row.code in values), None)
    # Rows with the same columns stand under one heading, as the form has them.
    blocks: dict[tuple[str, ...], list[str]] = {}
    for row in table.row_codes(alternate):
        blocks.setdefault(table.columns_of(row), []).append(row)
    unprinted: dict[str, str] = {}
    for columns, rows in blocks.items():
        lines: list[Mapping[str, object]] = []
        groups = Counter(table.row(row).group for row in rows)
        for before, row in zip([None, *rows], rows, strict=False):
            group = table.row(row).group
            if groups[group] > 1 and group and (before is None or table.row(before).group != group):
                lines.append({"label": group, **dict.fromkeys(columns)})
            cells = {code: _shown(values, notes, (row, code), unprinted) for code in columns}
            lines.append({"label": console.clip(table.row(row).label, WIDEST_LABEL), **cells})
        headings = {"label": "", **{code: table.column(code).label for code in columns}}
        console.print_table(lines, headings, right=columns)
    for kind, sign in unprinted.items():
        console.echo(f"{sign} {words('note', kind)}")


def _shown(
    values: Mapping[str, Row],
    notes: Mapping[tuple[str, str], Row],
    cell: tuple[str, str],
    unprinted: dict[str, str],
) -> object:
    """The number, or what is printed in its place. A blank is blank; of a cell that is not on the page, a sign.

    The signs used are added to ``unprinted``, by the kind of note they stand for.
    """
    row, column = cell
    value = values[row][column] if row in values else None
    if value is not None:
        return value
    note = notes.get(cell)
    if note is None or note["raw"] or note["kind"] == "blank":
        return note and note["raw"]
    return unprinted.setdefault(note["kind"], UNPRINTED[len(unprinted) % len(UNPRINTED)])


def _print_statistics(archive: Archive, report_id: int) -> None:
    rows = questions.statistics(archive.conn, report_id)
    if rows:
        console.echo()
        headings = {
            "label": "统计指标 indicator",
            "unit": "单位 unit",
            "column_label": "栏 column",
            "value": "统计数 value",
        }
        console.print_table([dict(row) for row in rows], headings, right=["value"])
