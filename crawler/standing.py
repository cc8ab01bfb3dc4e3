"""How sites stand: the verdicts of a run or of the archive, with what an operator knows of them. Pure, but for reading.

An alarm that is always red is no alarm: only what nobody has acknowledged counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from archive.store import Archive

HISTORY = 14
"""Runs shown of each site."""
SIGNS = {"well": ".", "short": "s", "blocked": "b", "broken": "B", "unreachable": "u"}
"""One letter a run, so that a fortnight is seen at a glance."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One site: its last verdict, since when it is not well, what is known of it, and its last runs, newest last."""

    site: str
    verdict: str | None
    reason: str | None = None
    detail: str = ""
    last_run: str | None = None
    last_well: str | None = None
    since: str | None = None
    """The first of the runs, one after the other, that were not well; ``None`` if the last one was."""
    history: str = ""
    known: Mapping[str, Any] | None = None
    """The acknowledgement that holds today."""
    counts: Mapping[str, int] | None = None

    @property
    def is_trouble(self) -> bool:
        """Whether the last verdict is not ``well``; a site that no run has asked yet has none."""
        return self.verdict not in (None, "well")

    @property
    def is_alarm(self) -> bool:
        """Whether it is a trouble that nobody has acknowledged."""
        return self.is_trouble and self.known is None

    def is_new(self) -> bool:
        """Whether the run before was well, or was another trouble, or was none."""
        return self.is_alarm and self.since == self.last_run


def standings(archive: Archive, today: date, sites: Iterable[str] | None = None) -> list[Standing]:
    """How every enabled site stands, or each of the given ones: alarms first, new ones before old ones."""
    names = list(sites) if sites is not None else archive.runs.enabled_sites()
    found = [_standing(archive, name, today) for name in names]
    return sorted(found, key=lambda one: (not one.is_alarm, not one.is_new(), not one.is_trouble, one.site))


def exit_code(found: Iterable[Standing]) -> int:
    """1 if there is a trouble that nobody has acknowledged."""
    return int(any(one.is_alarm for one in found))


def _standing(archive: Archive, site: str, today: date) -> Standing:
    rows = archive.runs.verdicts(site)
    known = archive.runs.acknowledged(site, today)
    if not rows:
        return Standing(site, None, known=known)
    last = rows[0]
    since = None
    for row in rows:
        if row["verdict"] == "well" or row["reason"] != last["reason"]:
            break
        since = row["started_at"]
    well = next((row["started_at"] for row in rows if row["verdict"] == "well"), None)
    return Standing(
        site, last["verdict"], last["reason"], last_run=last["started_at"], last_well=well, since=since,
        history="".join(SIGNS.get(row["verdict"], "?") for row in reversed(rows[:HISTORY])), known=known,
        counts={name: last[name] for name in ("links", "new", "changed", "failed", "blocked")},
    )  # fmt: skip
