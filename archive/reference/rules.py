"""The rules a report is held against, as data: one JSON file for each group in ``data/rules/``.

``python -m archive.reference.rules`` prints docs/rules.md from the same data.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    """One check: what it states, where it comes from, which exceptions are legitimate, how a finding is worded.

    ``message_en`` and ``message_zh`` are ``str.format`` templates over the figures of a finding. ``readings`` words
    the recognised legitimate explanations (code -> ``{"zh", "en"}``); ``parameters`` holds the limits, kinds and
    words that the check needs, so that a change of them is a change of data.
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
    readings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)


@cache
def rules() -> dict[str, Rule]:
    """All rules by id, in the order of their files. Raises ``ValueError`` if two files define one id."""
    found: dict[str, Rule] = {}
    for group in groups().values():
        for entry in group:
            found[entry.rule] = entry
    return found


@cache
def groups() -> dict[str, tuple[Rule, ...]]:
    """The rules of each file, by the file's name without its ending. Raises ``ValueError`` for an id defined twice."""
    folder = resources.files("archive.reference") / "data" / "rules"
    result: dict[str, tuple[Rule, ...]] = {}
    seen: set[str] = set()
    for file in sorted((f for f in folder.iterdir() if f.name.endswith(".json")), key=lambda f: f.name):
        entries = tuple(Rule(**entry) for entry in json.loads(file.read_text("utf-8")))
        for entry in entries:
            if entry.rule in seen:
                raise ValueError(f"rule {entry.rule} is defined twice, the second time in {file.name}")
            seen.add(entry.rule)
        result[file.name.removesuffix(".json")] = entries
    return result


def rule(name: str) -> Rule:
    """The rule of that id. Raises ``KeyError`` if there is none."""
    return rules()[name]


_INTRODUCTION = """\
# The rules

Every report is held against these rules. Made by `python -m archive.reference.rules` from
`archive/reference/data/rules/`: change the data, not this page.

A rule ends on each report as `pass`, `pass_blank_as_zero` (it holds if the cells of a row or column that leaves its
zeros blank are read as 0), `fail` or `not_assessable`. A missing number never makes a rule fail. `error` means that the
figures cannot all be true, `warning` that they need an explanation, `info` is a note on the quality of the document.
A finding names two sides that differ; it does not say which of them is right. Where the difference has a known
legitimate reason, the finding carries it as `explained`.
"""


def as_markdown() -> str:
    """The page docs/rules.md: every rule with its statement, source, exceptions and recognised explanations."""
    parts = [_INTRODUCTION]
    for name, entries in groups().items():
        parts.append(f"\n## {name}\n")
        parts.extend(_entry(entry) for entry in entries)
    return "".join(parts)


def _entry(entry: Rule) -> str:
    lines = [
        f"\n### {entry.rule}\n",
        f"{entry.statement_en}  \n{entry.statement_zh}\n",
        f"- severity: {entry.severity}; version {entry.version}",
        f"- source: {entry.source}",
    ]
    if entry.exceptions:
        lines.append(f"- legitimate exceptions: {entry.exceptions}")
    for code, wording in entry.readings.items():
        lines.append(f"- explained as `{code}`: {wording['en']} {wording['zh']}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(as_markdown())
