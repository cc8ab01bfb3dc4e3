"""The rules a report is held against, as data: one JSON file for each group in ``data/rules/``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Rule:
    """One check: what it states, where it comes from, which exceptions are legitimate, how a finding is worded.

    ``message_en`` and ``message_zh`` are ``str.format`` templates over the figures of a finding.
    """

    rule: str
    severity: str
    statement_zh: str
    statement_en: str
    source: str
    exceptions: str
    message_zh: str
    message_en: str
    version: int = 1


@cache
def rules() -> dict[str, Rule]:
    """All rules by id, in the order of their files. Raises ``ValueError`` if two files define one id."""
    found: dict[str, Rule] = {}
    folder = resources.files("archive.reference") / "data" / "rules"
    for file in sorted((f for f in folder.iterdir() if f.name.endswith(".json")), key=lambda f: f.name):
        for entry in json.loads(file.read_text("utf-8")):
            if entry["rule"] in found:
                raise ValueError(f"rule {entry['rule']} is defined twice, the second time in {file.name}")
            found[entry["rule"]] = Rule(**entry)
    return found


def rule(name: str) -> Rule:
    """The rule of that id. Raises ``KeyError`` if there is none."""
    return rules()[name]
