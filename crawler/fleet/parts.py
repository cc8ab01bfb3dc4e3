"""Parts of a run: an installation each, what is told to whoever crawls one, and what comes back."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from crawler.run import Outcome
from crawler.session import Plan
from crawler.sites import Registry, Site
from crawler.sites.rows import COLUMNS
from crawler.verdict import Tally, Verdict, judge


@dataclass(frozen=True, slots=True)
class Part:
    """One installation: the sites that are to be crawled, and the registry's rows on all of its sites as CSV."""

    installation: str
    names: tuple[str, ...]
    registry: str
    plan: Plan
    command: str

    @property
    def file(self) -> str:
        """A name for its files: what the installation is called, as far as a file may be called so, and a digest."""
        digest = hashlib.sha256(self.installation.encode()).hexdigest()[:8]
        return f"{re.sub(r'[^A-Za-z0-9.-]', '_', self.installation)[:60]}-{digest}"

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        years = sorted(self.plan.years) if self.plan.years is not None else None
        plan = {"years": years, "refresh": self.plan.refresh, "share": self.plan.share}
        return {
            "installation": self.installation, "names": list(self.names), "registry": self.registry, "plan": plan,
            "command": self.command,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Part:
        """What ``as_dict`` told. Raises ``KeyError`` or ``TypeError`` for anything else."""
        plan = told["plan"]
        years = frozenset(plan["years"]) if plan["years"] is not None else None
        return cls(
            told["installation"], tuple(told["names"]), told["registry"],
            Plan(years, bool(plan["refresh"]), float(plan["share"])), told["command"],
        )  # fmt: skip


def divide(registry: Registry, chosen: Sequence[Site], plan: Plan, command: str) -> list[Part]:
    """The parts of a run over these sites, those with most sites first: they take longest."""
    names: dict[str, list[str]] = {}
    for site in chosen:
        names.setdefault(site.installation, []).append(site.site)
    parts = [
        Part(
            installation,
            tuple(sites),
            as_csv(s for s in registry if s.installation == installation),
            plan,
            command,
        )
        for installation, sites in names.items()
    ]
    return sorted(parts, key=lambda part: -len(part.names))


def as_csv(sites: Iterable[Site]) -> str:
    """Rows of a registry, as the file that they would stand in."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for site in sites:
        row = site.as_row() | {"admin_code": site.admin_code or "-", "enabled": int(site.enabled)}
        writer.writerow(["" if row[name] is None else row[name] for name in COLUMNS])
    return out.getvalue()


def told(outcome: Outcome) -> dict[str, Any]:
    """How a part ended, as JSON can hold it."""
    return {
        "finished": outcome.finished,
        "interrupted": outcome.interrupted,
        "seconds": outcome.seconds,
        "verdicts": {site: asdict(verdict) for site, verdict in outcome.verdicts.items()},
        "tallies": {site: _tally(tally) for site, tally in outcome.tallies.items()},
    }


def understood(said: Mapping[str, Any], crawl_id: int) -> Outcome:
    """What ``told`` told, under the coordinator's own id of the run."""
    return Outcome(
        crawl_id, bool(said["finished"]),
        {site: Verdict(**verdict) for site, verdict in said["verdicts"].items()},
        {site: _as_tally(tally) for site, tally in said["tallies"].items()},
        seconds=float(said["seconds"]), interrupted=bool(said["interrupted"]),
    )  # fmt: skip


def lost(part: Part, reason: str, message: str = "") -> dict[str, Any]:
    """How a part ended that nobody crawled, for a reason of ours: told of each of its sites."""
    tally = Tally(list_failures=Counter({reason: 1}))
    verdict = judge(tally, set())
    detail = "; ".join(filter(None, (verdict.detail, message)))
    outcome = Outcome(
        0, reason != "interrupted",
        {site: Verdict(verdict.word, verdict.reason, detail) for site in part.names},
        dict.fromkeys(part.names, tally),
    )  # fmt: skip
    return told(outcome) | {"lost": True}


def _tally(tally: Tally) -> dict[str, Any]:
    plain = {field.name: getattr(tally, field.name) for field in fields(tally)}
    return {name: sorted(value) if isinstance(value, set) else value for name, value in plain.items()}


def _as_tally(told: Mapping[str, Any]) -> Tally:
    counters = ("list_failures", "page_failures", "waiting")
    values: dict[str, Any] = {
        name: Counter(value) if name in counters else set(value) if name == "years_seen" else value
        for name, value in told.items()
    }
    return Tally(**values)
