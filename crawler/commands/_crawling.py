"""What ``crawl``, ``backfill`` and ``nightly`` share: run, tell how each site fared, end with the exit code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler import console

if TYPE_CHECKING:
    from crawler.run import Outcome
    from crawler.session import Plan

SITES = click.argument("names", nargs=-1, metavar="[SITE]...")
COLUMNS: Mapping[str, str] = {
    "site": "site", "verdict": "verdict", "reason": "reason", "links": "links", "fetched": "fetched", "new": "new",
    "changed": "changed", "unchanged": "unchanged", "failed": "failed", "blocked": "blocked", "detail": "",
}  # fmt: skip


def run_and_tell(
    ctx: click.Context,
    archive: Path,
    sites: Path | None,
    names: Sequence[str],
    plan: Plan,
    *,
    command: str,
    family: str | None = None,
) -> None:
    """Crawl, print a table of the sites, worst first, and leave with the exit code of the run."""
    outcome = run(archive, sites, names, plan, command=command, family=family)
    console.print_table(rows(outcome), COLUMNS, right=list(COLUMNS)[3:-1])
    ctx.exit(outcome.exit_code)


def run(
    archive: Path,
    sites: Path | None,
    names: Sequence[str],
    plan: Plan,
    *,
    command: str,
    family: str | None = None,
) -> Outcome:
    """Crawl. What keeps a run from starting is ``Unusable``: one clear line, exit code 2."""
    from crawler.locks import LockedError
    from crawler.run import crawl
    from crawler.session import NoContactError

    try:
        return crawl(archive, sites, names, plan=plan, command=command, family=family)
    except (LockedError, NoContactError) as error:
        raise console.Unusable(str(error)) from None


def rows(outcome: Outcome) -> list[dict[str, Any]]:
    """One row a site, those that fell short first."""
    found = [
        {
            "site": site, "verdict": verdict.word, "reason": verdict.reason, "detail": verdict.detail,
            **outcome.tallies[site].counts(),
        }
        for site, verdict in outcome.verdicts.items()
    ]  # fmt: skip
    return sorted(found, key=lambda row: row["verdict"] == "well")
