"""A reading as it is kept: the JSON of ``gongkai read`` and what that leaves out, compressed, and back again."""

from __future__ import annotations

import json
from typing import Any

import zstandard

from archive.report.model import (
    Attachment,
    CellNote,
    CheckResult,
    Finding,
    Grid,
    Report,
    Section,
    Statistic,
)

LEVEL = 9

PLAIN_FIELDS = (
    "status", "reason", "title", "agency", "agency_key", "agency_kind", "scope", "admin_code", "year",
    "published_on", "published_source", "date_quality", "signed_on", "form", "encoding", "tables",
)  # fmt: skip
KEPT_FIELDS = ("county_code", "zero_style", "text")


def pack(report: Report) -> bytes:
    """The reading, for the column ``report_version.reading``: zstd-compressed UTF-8 JSON.

    Its keys are those of ``gongkai read``; ``archive`` holds what only the archive keeps.
    """
    value = report.as_json()
    value["archive"] = {
        **{name: getattr(report, name) for name in KEPT_FIELDS},
        **({} if report.vouched else {"vouched": False}),
        "captions": [grid.caption for grid in report.grids],
        "findings": [_fields(finding) for finding in report.findings],
        "checks": [_fields(check) for check in report.checks],
    }
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return bytes(zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compress(text.encode()))


def _fields(value: Finding | CheckResult) -> dict[str, Any]:
    """A flat dataclass by its fields: ``asdict`` would copy every value first, which is most of what packing costs."""
    return {name: getattr(value, name) for name in value.__slots__}


class DamagedError(ValueError):
    """A stored reading that cannot be unpacked: its bytes are not what was written."""


def as_json(reading: bytes) -> dict[str, Any]:
    """The stored JSON: that of ``gongkai read``, with ``archive`` beside it. Raises ``DamagedError``."""
    try:
        value: dict[str, Any] = json.loads(zstandard.ZstdDecompressor().decompress(reading))
    except (zstandard.ZstdError, ValueError, TypeError) as error:
        raise DamagedError(str(error)) from None
    return value


def unpack(reading: bytes) -> Report:
    """The report as it was packed. Raises ``DamagedError``."""
    value = as_json(reading)
    try:
        return _report(value)
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedError(f"{type(error).__name__}: {error}") from None


def _report(value: dict[str, Any]) -> Report:
    kept = value["archive"]
    period = value["period"]
    return Report(
        **{name: value[name] for name in PLAIN_FIELDS},
        **{name: kept[name] for name in KEPT_FIELDS},
        vouched=kept.get("vouched", True),
        period=(period[0], period[1]) if period else None,
        sections=[Section(**section) for section in value["sections"]],
        statistics=[Statistic(**statistic) for statistic in value["statistics"]],
        cells=[CellNote(**cell) for cell in value["cells"]],
        grids=[Grid(cells, caption) for cells, caption in zip(value["grids"], kept["captions"], strict=True)],
        attachments=[Attachment(**attachment) for attachment in value["attachments"]],
        findings=[Finding(**{**finding, "cells": tuple(finding["cells"])}) for finding in kept["findings"]],
        checks=[CheckResult(**check) for check in kept["checks"]],
    )
