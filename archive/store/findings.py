"""Findings through time: the same problem keeps its key, one that is no longer found is resolved, none is deleted."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

from archive.reference.rules import rules
from archive.report.model import Finding
from archive.store.connection import Row, upsert

Origin = Literal["reading", "twins", "comparison"]
"""Who says so: the reading of the report itself, its twins, or a comparison with other reports."""

STRONGER = ("resolved", "open", "dismissed", "confirmed")
"""States of a finding, from the one that gives way to the one that stands when two archives are united."""


def sync(
    conn: sqlite3.Connection,
    report_id: int,
    report_key: str,
    findings: Iterable[Finding],
    *,
    origin: Origin,
    now: str,
    others: Mapping[str, int | None] | None = None,
) -> None:
    """Bring the stored findings of one origin to the given ones; ``others`` names by rule the report compared with.

    A known problem is updated in place and keeps ``first_seen`` and what a person decided about it; one that is not
    among them any more gets ``resolved_at``; one that comes back is open again.
    """
    wanted = rows(report_id, report_key, origin, findings, others)
    known = conn.execute(
        "SELECT key, first_seen, resolved_at, status FROM finding WHERE report_id = ? AND origin = ?",
        [report_id, origin],
    ).fetchall()
    for row in known:
        if row["key"] not in wanted and row["resolved_at"] is None:
            conn.execute(
                "UPDATE finding SET resolved_at = ?, status = iif(status = 'open', 'resolved', status) WHERE key = ?",
                [now, row["key"]],
            )
    before = {row["key"]: row for row in known}
    upsert(
        conn,
        "finding",
        [{**row, **_life(before.get(key), now)} for key, row in wanted.items()],
        key=["key"],
    )


def rows(
    report_id: int,
    report_key: str,
    origin: Origin,
    findings: Iterable[Finding],
    others: Mapping[str, int | None] | None = None,
) -> dict[str, Row]:
    """The rows of ``finding`` by their keys, but for what time and people make of them."""
    return {
        key: {"key": key, **_row(report_id, finding, origin, (others or {}).get(finding.rule))}
        for key, finding in _keyed(report_key, origin, findings)
    }


def _life(known: sqlite3.Row | None, now: str) -> Row:
    """When a finding was first seen and what a person decided about it, kept through every new reading."""
    kept = known["status"] if known and known["status"] != "resolved" else "open"
    return {"first_seen": known["first_seen"] if known else now, "resolved_at": None, "status": kept}


def _keyed(report_key: str, origin: Origin, findings: Iterable[Finding]) -> Iterable[tuple[str, Finding]]:
    """Findings with their public keys: of the place, not of the figures, so that a corrected figure keeps the key."""
    seen: Counter[str] = Counter()
    for finding in findings:
        parts = [
            report_key,
            origin,
            finding.rule,
            *sorted(finding.cells),
            finding.left_where,
            finding.right_where,
        ]
        place = json.dumps(parts, ensure_ascii=False)
        seen[place] += 1
        yield hashlib.sha256(f"{place}{seen[place]}".encode()).hexdigest()[:24], finding


def _row(report_id: int, finding: Finding, origin: Origin, other: int | None) -> Row:
    rule = rules().get(finding.rule)
    return {
        "report_id": report_id, "rule": finding.rule, "severity": finding.severity, "outcome": finding.outcome,
        "message": finding.message, "message_zh": finding.message_zh, "left_value": finding.left,
        "left_where": finding.left_where, "right_value": finding.right, "right_where": finding.right_where,
        "difference": finding.difference, "cells": json.dumps(list(finding.cells)), "quote": finding.quote,
        "explained": finding.explained, "rule_version": rule.version if rule else 0, "origin": origin,
        "other_report_id": other,
    }  # fmt: skip
