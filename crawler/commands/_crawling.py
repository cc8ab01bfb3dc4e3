"""What ``crawl``, ``backfill`` and ``nightly`` share: run, tell how each site fared, end with the exit code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from crawler import console

if TYPE_CHECKING:
    from crawler.fleet.night import Way
    from crawler.run import Outcome
    from crawler.session import Plan

Command = TypeVar("Command", bound=Callable[..., Any])

SITES = click.argument("names", nargs=-1, metavar="[SITE]...")
COLUMNS: Mapping[str, str] = {
    "site": "site", "verdict": "verdict", "reason": "reason", "links": "links", "fetched": "fetched", "new": "new",
    "changed": "changed", "unchanged": "unchanged", "failed": "failed", "blocked": "blocked", "detail": "",
}  # fmt: skip


def parts_options(command: Command) -> Command:
    """Give a command ``--processes N`` and ``--distributed``. It receives ``way: Way | None``."""

    @wraps(command)
    def wrapped(*args: Any, processes: int, distributed: bool, **kwargs: Any) -> Any:
        return command(*args, way=_way(processes, distributed), **kwargs)

    wrapped = click.option(
        "--distributed",
        is_flag=True,
        help="Have the installations crawled by `gongkai worker` wherever one runs.  [needs GONGKAI_BROKER]",
    )(wrapped)
    return click.option(  # type: ignore[return-value]
        "--processes",
        type=click.IntRange(0, 256),
        default=0,
        metavar="N",
        help="Crawl so many installations at a time, each in a process of its own.",
    )(wrapped)


def _way(processes: int, distributed: bool) -> Way | None:
    """How the run is to be done; ``None``: by this process alone. Raises ``Unusable`` if it cannot be."""
    if processes and distributed:
        raise click.UsageError("--processes and --distributed exclude each other")
    if processes:
        from crawler.fleet.processes import Processes

        return Processes(processes)
    if distributed:
        from crawler.fleet import engine

        return engine.workers()
    return None


def run_and_tell(
    ctx: click.Context,
    archive: Path,
    sites: Path | None,
    names: Sequence[str],
    plan: Plan,
    *,
    command: str,
    family: str | None = None,
    way: Way | None = None,
) -> None:
    """Crawl, print a table of the sites, worst first, and leave with the exit code of the run."""
    outcome = run(archive, sites, names, plan, command=command, family=family, way=way)
    found = rows(outcome)
    for row in found:
        if (known := outcome.known.get(row["site"])) and row["verdict"] != "well":
            row["detail"] = f"known until {known['until']}: {known['reason']}"
    dim = [row["verdict"] != "well" and row["site"] in outcome.known for row in found]
    console.print_table(found, COLUMNS, right=list(COLUMNS)[3:-1], dim=dim)
    ctx.exit(outcome.exit_code)


def run(
    archive: Path,
    sites: Path | None,
    names: Sequence[str],
    plan: Plan,
    *,
    command: str,
    family: str | None = None,
    way: Way | None = None,
) -> Outcome:
    """Crawl, in this process or in parts. What keeps a run from starting is ``Unusable``: one clear line, exit code 2."""
    from crawler.allowance import AllowanceError
    from crawler.locks import LockedError
    from crawler.run import crawl
    from crawler.session import NotStartedError

    try:
        if way is not None:
            from crawler.fleet import night

            return night.run(archive, sites, names, plan, way, command=command, family=family)
        return crawl(archive, sites, names, plan=plan, command=command, family=family)
    except (AllowanceError, LockedError, NotStartedError) as error:
        raise console.Unusable(str(error)) from None


def rows(outcome: Outcome) -> list[dict[str, Any]]:
    """One row a site, those that fell short first, what is acknowledged after the others."""
    found = [
        {
            "site": site, "verdict": verdict.word, "reason": verdict.reason, "detail": verdict.detail,
            **outcome.tallies[site].counts(), "vanished": outcome.tallies[site].vanished,
            "requests": outcome.tallies[site].requests,
        }
        for site, verdict in outcome.verdicts.items()
    ]  # fmt: skip
    return sorted(found, key=lambda row: (row["verdict"] == "well", row["site"] in outcome.known))
