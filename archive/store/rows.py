"""A report as rows of the public tables. Pure: no SQL, nothing decided but how money is put."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from archive.report.cells import to_wan_yuan
from archive.report.model import CellNote, Number, Report
from archive.store.connection import Row

VALUE_COLUMNS = {
    "active_disclosure": (
        "made", "repealed", "valid", "decisions", "amount_wan_yuan", "newly_made", "newly_disclosed",
        "disclosed_total", "prior_year_items", "change", "projects", "amount",
    ),
    "applications": (
        "natural_person", "business", "research", "public_welfare", "legal_service", "other_org", "total",
    ),
    "review_litigation": ("upheld", "corrected", "other", "pending", "total"),
}  # fmt: skip
"""The value columns of the three statutory tables, as in the schema. A test holds them to the forms."""

CHILDREN = (
    "section", "grid", "active_disclosure", "applications", "review_litigation", "statistics", "cell_note",
    "check_result",
)  # fmt: skip
"""The tables whose rows of a report are written anew with every reading."""


def children(report_id: int, report: Report) -> Iterator[tuple[str, list[Row]]]:
    """Every child table with its rows for this report."""
    yield (
        "section",
        [
            {"report_id": report_id, "number": s.number, "heading": s.heading, "text": s.text}
            for s in report.sections
        ],
    )
    yield (
        "grid",
        [
            {
                "report_id": report_id,
                "number": n,
                "caption": g.caption,
                "cells": json.dumps(g.cells, ensure_ascii=False),
            }
            for n, g in enumerate(report.grids, 1)
        ],
    )
    for table in VALUE_COLUMNS:
        yield table, list(_table(report_id, table, report))
    yield (
        "statistics",
        [
            {
                "report_id": report_id,
                "seq": n,
                "row": s.row,
                "column": s.column,
                "column_label": s.column_label,
                "label": s.label,
                "parent": s.parent,
                "unit": s.unit,
                "value": s.value,
            }
            for n, s in enumerate(report.statistics, 1)
        ],
    )
    yield (
        "cell_note",
        [
            {
                "report_id": report_id,
                "table_name": c.table,
                "row": c.row,
                "column": c.column,
                "raw": c.raw,
                "kind": c.kind,
                "unit": c.unit,
            }
            for c in report.cells
        ],
    )
    yield (
        "check_result",
        [
            {
                "report_id": report_id,
                "rule": c.rule,
                "outcome": c.outcome,
                "tested": c.tested,
                "failed": c.failed,
                "reason": c.reason,
            }
            for c in {c.rule: c for c in report.checks}.values()
        ],
    )


def _table(report_id: int, table: str, report: Report) -> Iterator[Row]:
    notes = {(n.row, n.column): n for n in report.cells if n.table == table}
    for row, values in report.tables.get(table, {}).items():
        stored: dict[str, Any] = {"report_id": report_id, "row": row}
        stored.update({column: values.get(column) for column in VALUE_COLUMNS[table]})
        if table == "active_disclosure":
            stored.update(_money(values, row, notes))
        yield stored


def _money(values: dict[str, Number | None], row: str, notes: dict[tuple[str, str], CellNote]) -> Row:
    """The money columns: what is printed, in which unit, and 万元 only where the unit is printed.

    ``amount_wan_yuan``, of the form that prints 万元 over its column, comes from the reader in 万元 whatever unit stands
    in the cell: nothing is left to convert. ``amount``, of the form of 2019, is the number as printed; its unit stands
    in the cell or a label, and the reader tells it by a note (kinds ``unit``, ``unit_unknown``).
    """
    column = "amount" if "amount" in values else "amount_wan_yuan"
    value, note = values.get(column), notes.get((row, column))
    unit = note.unit if note else None
    if column == "amount":
        told = None if note and note.kind == "unit_unknown" else unit
        amount, wan_yuan = value, None if value is None or told is None else to_wan_yuan(value, told)
    else:
        unit = unit or ("万元" if value is not None else None)
        amount, wan_yuan = None, value
    return {
        "amount": amount,
        "amount_wan_yuan": wan_yuan,
        "amount_printed": note.raw if note else None if value is None else f"{value}",
        "unit_printed": unit,
    }
