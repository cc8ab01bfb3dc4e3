"""Findings are worded once, in ``archive/reference/data/rules/*.json``; code only names the rule and gives the figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from archive.reference.labels import source_label
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

    The severity is the rule's own unless given. ``difference`` is left − right when both are numbers. When
    ``explained`` is one of the rule's readings, its wording, filled with the same figures, follows the message.
    Raises ``KeyError`` for a rule that the data do not know: a spelling mistake must not become a finding.
    """
    data = load_rule(rule)
    difference = _difference(left, right)
    (left_zh, left_en), (right_zh, right_en) = source_label(left_where), source_label(right_where)
    figures: dict[str, object] = {
        "left_source_zh": left_zh, "left_source_en": left_en, "right_source_zh": right_zh, "right_source_en": right_en,
        "left": left, "right": right, "difference": difference, "left_where": left_where, "right_where": right_where,
        "cells": ", ".join(cells), "quote": quote, "explained": explained, **values,
    }  # fmt: skip
    message, message_zh = data.message_en.format_map(figures), data.message_zh.format_map(figures)
    if explained is not None and (reading := data.readings.get(explained)):
        message = f"{message} {reading['en'].format_map(figures)}"
        message_zh = f"{message_zh}{reading['zh'].format_map(figures)}"
    return Finding(
        rule=rule,
        severity=severity or cast(Severity, data.severity),
        outcome=outcome,
        message=message,
        message_zh=message_zh,
        left=left,
        left_where=left_where,
        right=right,
        right_where=right_where,
        difference=difference,
        cells=tuple(cells),
        quote=quote,
        explained=explained,
    )


def _difference(left: Number | str | None, right: Number | str | None) -> Number | None:
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        return None
    difference = left - right
    # Printed amounts have at most a few decimals: what lies below is binary noise, not a difference.
    return difference if isinstance(difference, int) else round(difference, 6)
