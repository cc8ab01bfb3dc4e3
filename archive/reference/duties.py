"""Who must report on which years, and by when, as data (``data/duties.json``), with the source of every statement."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Deadline:
    """The day (``MM-DD`` of the year after the one reported on) by which a kind of agency reports."""

    kind: str
    first_year: int
    last_year: int | None
    month_day: str
    basis: str
    source: str


@dataclass(frozen=True, slots=True)
class Duty:
    """A kind of agency of which every one in the table of divisions is expected to report since ``first_year``."""

    kind: str
    first_year: int
    basis: str
    source: str


def deadlines() -> list[Deadline]:
    """All deadlines, one for each kind and period."""
    return [
        Deadline(kind, **{name: value for name, value in entry.items() if name != "kinds"})
        for entry in _data()["deadlines"]
        for kind in entry["kinds"]
    ]


def duties() -> list[Duty]:
    """The kinds of agency that are expected to report."""
    return [Duty(**entry) for entry in _data()["expected"]]


@cache
def _data() -> dict[str, Any]:
    text = (resources.files("archive.reference") / "data" / "duties.json").read_text("utf-8")
    data: dict[str, Any] = json.loads(text)
    return data
