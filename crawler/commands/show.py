"""``gongkai show``: one report on the terminal, its tables with the form's own labels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from archive.reference.forms import FormTable, forms
from archive.store import Archive, Row, codec
from crawler import console
from crawler.options import common_options, example, format_option

TABLES = ("active_disclosure", "applications", "review_litigation")
WIDEST_LABEL = 40
SEVERITIES = {"error": "✗", "warning": "!", "info": "·"}


@example("gongkai show 500154:township_government:金峰:organ:2025")
@click.command("show")
@click.argument("report")
@format_option("text", "json")
@common_options()
def command(report: str, output_format: str, archive: Path) -> None:
    """One report on the terminal.

    REPORT is its key, its number in this archive, or the address it was published at.
    """
    with Archive.open(archive, read_only=True) as opened:
        row = find(opened, report)
        if output_format == "json":
            click.echo(json.dumps(reading(opened, row), ensure_ascii=False, indent=2))
        else:
            print_report(opened, row)


def find(archive: Archive, wanted: str) -> Row:
    """The report's row by key, number or address. Raises ``Unusable`` if there is none."""
    row = archive.conn.execute(
        "SELECT r.*, s.fetched_at, s.sha256 FROM report r JOIN snapshot s ON s.id = r.snapshot_id "
        "WHERE r.key = :wanted OR CAST(r.id AS TEXT) = :wanted OR r.url = :wanted OR r.doc_key = :wanted "
        "ORDER BY r.key = :wanted DESC, r.year DESC LIMIT 1",
        {"wanted": wanted},
    ).fetchone()
    if row is None:
        raise console.Unusable(
            f"no report {wanted!r} in {archive.path}; 'gongkai search' finds reports by their words"
        )
    return dict(row)


def reading(archive: Archive, report: Row) -> dict[str, Any]:
    """The report's current reading as ``gongkai read`` prints it, with its address as ``source``."""
    packed = archive.conn.execute(
        "SELECT reading FROM report_version WHERE report_id = ? AND doc_key = ? ORDER BY version DESC LIMIT 1",
        [report["id"], report["doc_key"]],
    ).fetchone()
    value = codec.as_json(packed["reading"])
    value.pop("archive", None)
    return {**value, "source": report["url"]}


def print_report(archive: Archive, report: Row) -> None:
    """Print facts, tables, findings and sections."""
    click.secho(f"{report['agency']} {report['year']}", bold=True)
    published = f"{report['published_on']}（{report['published_source']}）" if report["published_on"] else "—"
    facts = {
        "标题": report["title"] or "—",
        "口径": report["scope"],
        "格式": report["form"] or "—",
        "状态": report["status"],
        "发布": published,
        "存档": f"{report['fetched_at']}，第 {report['version']} 版",
        "原文": report["url"],
        "编号": report["key"],
    }
    for name, value in facts.items():
        click.echo(f"{name}  {value}")
    _print_findings(archive, report["id"])
    form = forms().get(report["form"] or "")
    if form is not None and form.kind == "statutory":
        for code in TABLES:
            if code in form.tables:
                _print_table(archive, report["id"], form.tables[code])
    _print_statistics(archive, report["id"])
    for section in archive.conn.execute(
        "SELECT heading, text FROM section WHERE report_id = ?", [report["id"]]
    ):
        click.secho(f"\n{section['heading']}", bold=True)
        click.echo(section["text"])


def _print_findings(archive: Archive, report_id: int) -> None:
    rows = archive.conn.execute(
        "SELECT severity, rule, message_zh FROM finding WHERE report_id = ? AND resolved_at IS NULL "
        "ORDER BY CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, rule",
        [report_id],
    ).fetchall()
    for row in rows:
        click.echo(f"{SEVERITIES[row['severity']]} {row['message_zh']}  [{row['rule']}]")


def _print_table(archive: Archive, report_id: int, table: FormTable) -> None:
    values = {
        row["row"]: row
        for row in archive.conn.execute(f"SELECT * FROM {table.code} WHERE report_id = ?", [report_id])
    }
    click.secho(f"\n{table.section or table.label_en}", bold=True)
    if not values:
        click.echo("（页面上没有读到此表）")
        return
    notes = {
        (row["row"], row["column"]): row["raw"]
        for row in archive.conn.execute(
            "SELECT * FROM cell_note WHERE report_id = ? AND table_name = ?", [report_id, table.code]
        )
    }
    alternate = next((a.row.code for a in table.alternates if a.row.code in values), None)
    # Rows with the same columns stand under one heading, as the form has them.
    blocks: dict[tuple[str, ...], list[str]] = {}
    for row in table.row_codes(alternate):
        blocks.setdefault(table.columns_of(row), []).append(row)
    for columns, rows in blocks.items():
        headings = {"label": "", **{code: table.column(code).label for code in columns}}
        lines: list[Mapping[str, object]] = [
            {"label": _label(table, row), **{code: _shown(values, notes, row, code) for code in columns}}
            for row in rows
        ]
        console.print_table(lines, headings, right=columns)


def _label(table: FormTable, code: str) -> str:
    row = table.row(code)
    prefix = f"{row.group} " if row.group and table.code == "review_litigation" else ""
    return console.clip(prefix + row.label, WIDEST_LABEL)


def _shown(
    values: Mapping[str, Row], notes: Mapping[tuple[str, str], str | None], row: str, column: str
) -> object:
    """The number, or what is printed in its place; blank where nothing is."""
    value = values[row][column] if row in values else None
    return value if value is not None else notes.get((row, column))


def _print_statistics(archive: Archive, report_id: int) -> None:
    rows = archive.conn.execute(
        "SELECT label, unit, column_label, value FROM statistics WHERE report_id = ? ORDER BY seq",
        [report_id],
    ).fetchall()
    if rows:
        click.echo()
        headings = {"label": "统计指标", "unit": "单位", "column_label": "栏", "value": "统计数"}
        console.print_table([dict(row) for row in rows], headings, right=["value"])
