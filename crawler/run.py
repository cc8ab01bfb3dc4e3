"""Run a crawl: the selected sites, family by family, in one process and under one run of the archive."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from twisted.internet.error import ReactorNotRunning

from archive.store import clock
from crawler import console
from crawler.allowance import Allowance
from crawler.session import Plan, Session, open_session
from crawler.sites import load
from crawler.spiders import FAMILIES, spider_of
from crawler.verdict import Tally, Verdict


@dataclass(slots=True)
class Outcome:
    """How a run ended: the verdict and the counts of every site, in the order of the registry."""

    crawl_id: int
    finished: bool
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    tallies: dict[str, Tally] = field(default_factory=dict)
    known: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """What an operator has acknowledged, by site."""
    seconds: float = 0.0
    interrupted: bool = False
    """Somebody pressed Ctrl-C, or asked the process to end."""

    @property
    def exit_code(self) -> int:
        """0 if all is well, 1 if something fell short that nobody has acknowledged, 130 if it was interrupted."""
        if self.interrupted:
            return 130
        alarms = [
            site for site, verdict in self.verdicts.items() if not verdict.well and site not in self.known
        ]
        return 0 if self.finished and not alarms else 1


def settings_for(archive: Path, sites: Path | None) -> Settings:
    """The project's settings, for that archive and registry, wherever the command is run from."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.set("GONGKAI_ARCHIVE", str(archive), priority="cmdline")
    settings.set("GONGKAI_SITES", str(sites) if sites else "", priority="cmdline")
    return settings


def crawl(
    archive: Path,
    sites: Path | None,
    names: Sequence[str] = (),
    *,
    plan: Plan,
    command: str,
    family: str | None = None,
    is_part: bool = False,
) -> Outcome:
    """Crawl the named sites, or all enabled ones. What came of it is in the archive, and comes back in short.

    With ``is_part`` the archive is a seed (``archive.store.seed``), and the run that it was cut for is not ended.

    Raises ``RegistryError``, ``LockedError``, ``NotStartedError``, ``AllowanceError`` or ``ArchiveError`` before anything is asked for;
    ``ArchiveError`` also when the archive broke on the way: then the run has failed.
    """
    registry = load(sites)
    chosen = registry.select(names, family=family)
    settings = settings_for(archive, sites)
    settings.set("GONGKAI_CHOSEN", [site.site for site in chosen], priority="cmdline")
    session = open_session(
        archive, registry, chosen, plan, command=command, contact=settings.get("GONGKAI_CONTACT"),
        allowance=Allowance.of_settings(settings),
        is_part=is_part,
    )  # fmt: skip
    began = time.monotonic()
    status = "failed"
    try:
        with _Progress(session) as told:
            session.told = told
            ended = _run(settings, session)
        finished = ended == {"finished"}
        status = "done" if finished else "interrupted"
        _judge_the_rest(session)
        if session.broken is not None:
            status = "failed"
            raise session.broken
        today = clock.china_day()
        known = {site.site: session.archive.runs.acknowledged(site.site, today) for site in session.sites}
        return Outcome(
            session.crawl_id, finished, dict(session.verdicts), dict(session.tallies),
            {site: row for site, row in known.items() if row}, time.monotonic() - began,
            interrupted="shutdown" in ended,
        )  # fmt: skip
    finally:
        session.close(status)


def _run(settings: Settings, session: Session) -> set[str]:
    """Each family in turn, in one event loop. How they ended: ``finished``, ``shutdown`` (interrupted) or otherwise."""
    process = AsyncCrawlerProcess(settings)
    from twisted.internet import reactor as installed  # only now is it the one that the process installed

    reactor: Any = installed
    reasons: list[str] = []
    errors: list[Exception] = []

    async def families() -> None:
        try:
            for family in FAMILIES:
                if any(site.spider == family for site in session.sites) and set(reasons) <= {"finished"}:
                    crawler = process.create_crawler(spider_of(family))
                    await process.crawl(crawler, session=session)
                    reasons.append(str(crawler.stats and crawler.stats.get_value("finish_reason")))
        except Exception as error:
            errors.append(error)
        finally:
            # Not at once: what the last crawler closes needs the loop once more.
            reactor.callLater(0, _stop, reactor)

    reactor.callWhenRunning(lambda: asyncio.ensure_future(families()))
    process.start(stop_after_crawl=False)
    if errors:
        raise errors[0]
    return set(reasons)


def _stop(reactor: Any) -> None:
    """Stop the reactor, unless an interrupt has done so already."""
    with contextlib.suppress(ReactorNotRunning):
        reactor.stop()


def _judge_the_rest(session: Session) -> None:
    """A site whose family never began (the run was interrupted) has a verdict too."""
    for site in session.sites:
        if site.site not in session.verdicts and session.broken is None:
            session.tallies[site.site].list_failures["interrupted"] += 1
            session.judge(site, cut="interrupted")


class _Progress:
    """How many pages were dealt with: a bar on a terminal, elsewhere a plain line now and then."""

    EVERY = 10.0

    def __init__(self, session: Session) -> None:
        self.session = session
        self.done = 0
        self.told = time.monotonic()
        self.bar: Any = None
        if sys.stderr.isatty():
            self.bar = click.progressbar(length=1, label="pages", file=sys.stderr, show_pos=True)

    def __enter__(self) -> _Progress:
        if self.bar is not None:
            self.bar.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        if self.bar is not None:
            self.bar.__exit__(*error)
        elif self.done:
            console.say(self._line())

    def __call__(self, site: str) -> None:
        """Note that a page of a site was dealt with."""
        self.done += 1
        if self.bar is not None:
            # The whole is what was found so far: it grows while lists are walked.
            self.bar.length = max(self.session.asked_for, self.done)
            self.bar.update(1, site)
        elif time.monotonic() - self.told >= self.EVERY:
            self.told = time.monotonic()
            console.say(f"{self._line()} (now {site})")

    def _line(self) -> str:
        return f"pages: {self.done} of {max(self.session.asked_for, self.done)}"
