"""Findings are worded once, in ``archive/reference/data/rules/*.json``; code only names the rule and gives the figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from archive.reference.rules import rule as load_rule
from archive.report.model import Finding, Number, Outcome, Severity


def finding(
    rule: str,
    *,
    severity: Severity | None = None,
    outcome: Outcome = "fail",
    left: Number | str | None = None,
    left_where: str | None = None,
    right: Number | str | None = None,
    right_where: str | None = None,
    cells: Sequence[str] = (),
    quote: str | None = None,
    explained: str | None = None,
    **values: object,
) -> Finding:
    """A finding of ``rule``, worded in both languages from the rule's templates filled with the given figures.

    The severity is the rule's own unless given. ``difference`` is left − right when both are numbers.
    Raises ``KeyError`` for a rule that the data do not know: a spelling mistake must not become a finding.
    """
    data = load_rule(rule)
    difference: Number | None = None
    if isinstance(left, int | float) and isinstance(right, int | float):
        difference = left - right
    figures: dict[str, object] = {
        "left": left, "right": right, "difference": difference, "left_where": left_where, "right_where": right_where,
        "cells": ", ".join(cells), "quote": quote, "explained": explained, **values,
    }  # fmt: skip
    return Finding(
        rule=rule,
        severity=severity or cast(Severity, data.severity),
        outcome=outcome,
        message=data.message_en.format_map(figures),
        message_zh=data.message_zh.format_map(figures),
        left=left,
        left_where=left_where,
        right=right,
        right_where=right_where,
        difference=difference,
        cells=tuple(cells),
        quote=quote,
        explained=explained,
    )
