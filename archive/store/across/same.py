"""X-SAME: figures and words taken over from the year before.

Words: both texts are parted at punctuation and white space, years and numbers left out; ``share`` is the length of the
parts found in both over the length of the longer text, every part counted once. A part that differs in one character
differs: the measure errs on the side of "not the same".
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from typing import Any

from archive.reference.rules import rule
from archive.store.across.scope import STATUTORY, free, hinder
from archive.store.rows import VALUE_COLUMNS

SAME = "X-SAME"
TABLES, TEXT = "tables", "text"

STOCKS = ("valid", "disclosed_total", "prior_year_items")
"""Columns of what has piled up over the years: that they stay as they were says nothing."""

_NUMBER = re.compile(
    r"\d+(?:[.,，．]\d+)*|二[〇○零][〇○零一二三四五六七八九]{2}(?=年)"
    r"|[一二两三四五六七八九十百千万〇零]+(?=[件条个次份篇项人名家场期余])"
)
_PART = re.compile(r"[^\w]+")


def same(conn: sqlite3.Connection) -> None:
    """Hold tables and texts against those of the year before."""
    hinder(
        conn, SAME, f"iif(p.form IS NOT p.before_form AND NOT (p.form IN {STATUTORY} AND p.before_form IN {STATUTORY}),"
        " coalesce(p.hindrance, 'forms that cannot be compared'), NULL)"
    )  # fmt: skip
    _tables(conn)
    _texts(conn, rule(SAME).parameters)


def share(one: frozenset[str], other: frozenset[str]) -> float:
    """How much of the longer of two texts, given as their parts, also stands in the other: 0 to 1."""
    longer = max(length(one), length(other))
    return length(one & other) / longer if longer else 0.0


def parts(text: str) -> frozenset[str]:
    """The parts of a text between punctuation marks, without years and numbers."""
    return frozenset(_PART.split(_NUMBER.sub("", text))) - {""}


def length(text: frozenset[str]) -> int:
    """The length of a text given as its parts, in characters."""
    return sum(map(len, text))


def _tables(conn: sqlite3.Connection) -> None:
    """One form on both sides; every row of every table alike, and some flow of the year in them that is not 0."""
    equal = " AND ".join(_equal(table, columns) for table, columns in VALUE_COLUMNS.items())
    flows = {t: tuple(c for c in columns if c not in STOCKS) for t, columns in VALUE_COLUMNS.items()}
    some = " OR ".join(_some(table, columns) for table, columns in flows.items())
    figures = " UNION ".join(
        f"SELECT {c} AS figure FROM {table} v WHERE v.report_id = s.report_id AND {c} <> 0"
        for table, columns in flows.items()
        for c in columns
    )
    conn.execute(
        f"""
        INSERT INTO temp.compared
        SELECT
            ?, s.report_id, '{TABLES}', iif(alike, (SELECT count(*) FROM ({figures})), NULL), NULL,
            CASE WHEN same_form AND some THEN iif(alike, 'fail', 'pass') END,
            CASE WHEN NOT same_form THEN 'forms that cannot be compared'
                WHEN NOT some THEN 'all figures of the year are 0 or missing' END, NULL
        FROM (
            SELECT p.report_id, p.same_form, p.some, p.same_form AND p.some AND ({equal}) AS alike
            FROM (
                SELECT p.report_id, p.before_id, p.form IS p.before_form AND p.form IN {STATUTORY} AS same_form,
                    ({some}) AS some
                FROM {free(SAME)} p
            ) p
        ) s
        """,
        [SAME],
    )


def _equal(table: str, columns: tuple[str, ...]) -> str:
    differ = " OR ".join(f"n.{c} IS NOT o.{c}" for c in columns)
    return f"""NOT EXISTS (
        SELECT 1 FROM {table} n LEFT JOIN {table} o ON o.report_id = p.before_id AND o.row = n.row
        WHERE n.report_id = p.report_id AND (o.row IS NULL OR {differ})
    ) AND NOT EXISTS (
        SELECT 1 FROM {table} o WHERE o.report_id = p.before_id
        AND NOT EXISTS (SELECT 1 FROM {table} n WHERE n.report_id = p.report_id AND n.row = o.row)
    )"""


def _some(table: str, columns: tuple[str, ...]) -> str:
    nonzero = " OR ".join(f"v.{c} <> 0" for c in columns)
    return f"EXISTS (SELECT 1 FROM {table} v WHERE v.report_id = p.report_id AND ({nonzero}))"


def _texts(conn: sqlite3.Connection, limits: Mapping[str, Any]) -> None:
    known: dict[int, frozenset[str]] = {}

    def of(report_id: int) -> frozenset[str]:
        if report_id not in known:
            rows = conn.execute("SELECT text FROM section WHERE report_id = ?", [report_id])
            known[report_id] = parts("\n".join(row[0] for row in rows))
        return known[report_id]

    pairs = conn.execute(f"SELECT report_id, before_id FROM {free(SAME)} ORDER BY agency_id, scope, year")
    found: list[tuple[object, ...]] = []
    for report_id, before_id in pairs.fetchall():
        now, before = of(report_id), of(before_id)
        known = {
            report_id: now
        }  # the next pair is the same body's next year, and no other text is needed again
        sizes = sorted((length(now), length(before)))
        if sizes[0] < limits["least_characters"]:
            found.append((SAME, report_id, TEXT, None, None, None, "too little text", None))
            continue
        alike = share(now, before) if sizes[0] > limits["share"] * sizes[1] else 0.0
        outcome = "fail" if alike > limits["share"] else "pass"
        found.append((SAME, report_id, TEXT, round(alike, 4), None, outcome, None, None))
    conn.executemany("INSERT INTO temp.compared VALUES (?, ?, ?, ?, ?, ?, ?, ?)", found)
