"""One run of the crawler: the open archive, the locks, the row in ``crawl``, and what is counted for each site.

``gongkai crawl`` makes one for all families; plain ``scrapy crawl`` gets one of its own from the extension. Spiders,
middlewares and pipelines reach the archive through it only.
"""

from __future__ import annotations

import hashlib
import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from archive.report.model import Context
from archive.store import Archive, ArchiveError, clock, seed
from archive.store.connection import explain
from archive.store.frontier import Link
from archive.store.group import GroupCommit
from archive.store.readings import TRANSIENT_REASONS
from archive.store.snapshots import Capture, Stored
from crawler.allowance import Allowance, now
from crawler.items import Page
from crawler.locks import Locks
from crawler.platforms.base import canonical
from crawler.sites import Registry, Site
from crawler.spiders import labels
from crawler.spiders.walk import ListWalk
from crawler.tool import tool
from crawler.trouble import VANISHED
from crawler.verdict import Tally, Verdict, expected_years, judge

FAR = "9999-12-31T23:59:59Z"
"""Later than anything is due."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One response as received: bytes after transfer decoding and before content decoding, headers as pairs."""

    url: str
    final_url: str
    status: int
    fetched_at: str
    body: bytes
    headers: list[tuple[str, str]]
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to do. ``share`` of the known pages is asked again beside what is due (a night's rolling share)."""

    years: frozenset[int] | None = None
    refresh: bool = False
    share: float = 0.0


NO_CONTACT = "set GONGKAI_CONTACT to an e-mail or web address (sent in the User-Agent); without it only this machine is crawled"


class NotStartedError(Exception):
    """What keeps a run from starting though nothing is broken; one clear line."""


class NoContactError(NotStartedError):
    """Real hosts are to be asked and nobody can be reached about it; one clear line."""


class NotNowError(NotStartedError):
    """The window in which may be crawled is closed; one clear line."""


@dataclass
class Session:
    """An open run. Made by ``open_session``; ended with ``close``."""

    archive: Archive
    registry: Registry
    sites: tuple[Site, ...]
    plan: Plan
    crawl_id: int
    locks: Locks
    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    allowance: Allowance = field(default_factory=Allowance)
    told: Callable[[str], None] = lambda _: None
    """Called with the site's name after each report, for progress."""
    broken: ArchiveError | None = None
    """Why nothing more can be kept; then the run has failed."""
    is_part: bool = False
    """Whether the run goes on elsewhere, and is not ours to end (``crawler.fleet``)."""
    _walks: dict[int, ListWalk] = field(default_factory=dict)
    _requested: set[str] = field(default_factory=set)
    _columns: dict[str, str] = field(default_factory=dict)
    _bodies: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _bare: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The digests of lists that showed links before and show none now."""
    _known_lists: dict[str, set[str]] = field(default_factory=dict)
    _gone: set[str] = field(default_factory=set)
    _begun: set[str] = field(default_factory=set)
    _shown: set[str] = field(default_factory=set)
    """Documents that some list of this run showed."""
    _missed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Documents whose page said in this run that it is no more."""
    _fresh: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.group = GroupCommit(self.archive.db)
        for site in self.sites:
            rows = self.archive.frontier.due(site.site, now=FAR, refresh=True)
            self._known_lists[site.site] = {row["listing_url"] for row in rows}
            self._gone |= self.archive.frontier.documents(site.site, gone=True)

    def keep(
        self,
        fetched: Fetched,
        kind: str,
        *,
        context: Context,
        doc_key: str | None = None,
        confirms: str | None = None,
    ) -> Stored:
        """Transaction 1: the bytes and what reading may use. Before anybody tries to understand them."""
        capture = Capture(
            url=fetched.url, final_url=fetched.final_url, kind=kind, status=fetched.status,
            fetched_at=fetched.fetched_at, body=fetched.body, headers=fetched.headers, context=context.as_dict(),
            doc_key=doc_key, confirms=confirms,
        )  # fmt: skip
        return self.archive.snapshots.add(capture, crawl_id=self.crawl_id)

    def context(
        self, site: Site, url: str, link: dict[str, Any] | None = None, column: str | None = None
    ) -> Context:
        """All that reading may use beside the bytes, for a page of a site and the link that led to it."""
        link = link or {}
        return Context(
            url=url, title=link.get("title") or None, list_date=link.get("list_date"),
            column_name=column or self._columns.get(link.get("listing_url") or "") or None,
            site=site.site, site_name=site.name, county_code=site.admin_code, fetched_at=clock.now(),
        )  # fmt: skip

    def found(self, site: Site, listing_url: str, column: str, links: Sequence[Link]) -> None:
        """Remember the report links of a list page; nothing found is ever forgotten."""
        tally = self.tallies[site.site]
        self._columns[listing_url] = column
        self._remember(site, listing_url, links)
        self._shown.update(link.doc_key for link in links)
        for link in links:
            if link.year_guess is None:
                tally.undated_links += 1
            else:
                tally.years_seen.add(link.year_guess)
        tally.links += len(links)

    def found_files(self, site: Site, listing_url: str, links: Sequence[Link]) -> None:
        """Remember the files that a report's page points at; they are no links of a list."""
        self._remember(site, listing_url, links)

    def _remember(self, site: Site, listing_url: str, links: Sequence[Link]) -> None:
        fresh = {
            link.doc_key
            for link in self.archive.frontier.found(site.site, listing_url, links, now=clock.now())
        }
        # What is new is to be asked for, and what was gone and is shown again; the rest was due at the beginning or is not.
        for link in links:
            if link.doc_key in fresh or link.doc_key in self._gone:
                fresh.discard(link.doc_key)
                self._fresh[site.site].append({**asdict(link), "listing_url": listing_url, "site": site.site})

    def due(self, site: Site) -> list[dict[str, Any]]:
        """The site's links to be fetched now that were not asked for in this run yet, newest years first.

        The first time all that are due by the frontier, afterwards those found since.
        """
        fresh = self._fresh.pop(site.site, [])
        if site.site not in self._begun:
            self._begun.add(site.site)
            return self._once(self.archive.frontier.due(site.site, now=clock.now(), years=self.plan.years))
        years = self.plan.years
        return self._once(
            row for row in fresh if years is None or row["year_guess"] is None or row["year_guess"] in years
        )

    def kept(self, site: Site, link: dict[str, Any]) -> Page | None:
        """The page that an earlier run kept for a link and was killed before it could store its reading, to be read now."""
        if "state" not in link:
            return None  # found in this run
        snapshot = self.archive.snapshots.unread(link["doc_key"], since=link["asked_at"])
        if snapshot is None:
            return None
        try:
            body = self.archive.snapshots.body(snapshot["sha256"])
        except ArchiveError:
            return None  # withheld or damaged: it is asked for anew
        return Page(
            site=site.site, doc_key=link["doc_key"], kind=snapshot["kind"], url=snapshot["url"],
            final_url=snapshot["final_url"], status=snapshot["status"], fetched_at=snapshot["fetched_at"], body=body,
            headers=snapshot["headers"], context=Context.from_dict(snapshot["context"]), snapshot_id=snapshot["id"],
        )  # fmt: skip

    def again(self, site: Site) -> list[dict[str, Any]]:
        """The known pages to be asked again in this run: the night's share, longest ago first; with ``refresh`` all,
        those that failed and wait for their time, and those given up, too.
        """
        if self.plan.refresh:
            return self._once(
                self.archive.frontier.due(site.site, now=FAR, years=self.plan.years, refresh=True)
            )
        if not self.plan.share:
            return []
        rows = self.archive.frontier.due(site.site, now=clock.now(), years=self.plan.years, refresh=True)
        known = [row for row in rows if row["state"] == "done"]
        return self._once(known[: math.ceil(len(known) * self.plan.share)])

    def _once(self, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        fresh = [row for row in rows if row["doc_key"] not in self._requested]
        self._requested.update(row["doc_key"] for row in fresh)
        return fresh

    def count_earlier(self) -> None:
        """Count what this run fetched before it was broken off: it is one run, however often it begins."""
        for site in self.sites:
            done, tally = self.archive.runs.progress(self.crawl_id, site.site), self.tallies[site.site]
            tally.fetched, tally.new, tally.changed = done["fetched"], done["new"], done["changed"]
            tally.unchanged = tally.fetched - tally.new - tally.changed

    @property
    def asked_for(self) -> int:
        """How many documents this run set out to fetch so far."""
        return len(self._requested)

    def claim(self, doc_key: str) -> None:
        """This document is here already (its column's page is the document): it need not be asked for."""
        self._requested.add(doc_key)

    def failed(self, site: Site, doc_key: str, reason: str, *, asked: bool) -> None:
        """A report could not be fetched: it stays work to do, sooner or later, and is counted."""
        tally = self.tallies[site.site]
        if asked and reason in VANISHED and doc_key not in self._gone:
            self._missed[site.site].append(doc_key)
        if not (doc_key in self._gone and reason in VANISHED):
            tally.page_failures[reason] += 1
            tally.failed += 1
        if asked:
            self.archive.frontier.failed(doc_key, reason, now=clock.now())
        else:
            self.archive.frontier.postponed(doc_key, reason)
        self.told(site.site)

    def confirmed(self, site: Site, doc_key: str, snapshot_id: int, seen: str) -> None:
        """A 304 said that a known page is as it was; or that an answer is which could not be read: then it failed again."""
        tally = self.tallies[site.site]
        if self.archive.readings.confirmed(snapshot_id, doc_key=doc_key, now=seen):
            self._is_back(doc_key)
            tally.unchanged += 1
        else:
            tally.failed += 1
            tally.unread += 1
            tally.page_failures["unread"] += 1
        self.told(site.site)

    def _is_back(self, doc_key: str) -> None:
        if doc_key in self._gone:
            self.archive.frontier.vanished(doc_key, None, now=clock.now())
            self._gone.discard(doc_key)

    def read(self, page: Page) -> None:
        """A page went through the pipelines: count what came of it."""
        tally, report = self.tallies[page.site], page.report
        tally.fetched += 1
        if page.outcome in ("new", "changed", "unchanged") and page.doc_key:
            self._is_back(page.doc_key)
            # What was asked again and stands on no list any more says nothing of the site's lists.
            if report is not None and report.year is not None and page.doc_key in self._shown:
                tally.years_seen.add(report.year)
        match page.outcome:
            case "new":
                tally.new += 1
            case "changed":
                tally.changed += 1
            case "unchanged":
                tally.unchanged += 1
            case "failed":
                self._bodies[f"{page.site} {hashlib.sha256(page.body).hexdigest()}"].add(canonical(page.url))
                reason = (report.reason if report is not None else None) or "unread"
                tally.failed += 1
                tally.unread += 1
                tally.blocked += reason == "blocked"
                tally.page_failures[reason if reason in TRANSIENT_REASONS else "unread"] += 1
            case "unplaced" if report is not None and report.status in ("parsed", "partial"):
                # A report, but nobody can say whose or of which year: it is kept, and counted nowhere else.
                tally.page_failures["unplaced"] += 1
                tally.unread += 1
                tally.failed += 1
        self.told(page.site)

    def crashed(
        self, error: BaseException | None, sites: Iterable[str], *, walk: ListWalk | None = None, doc_key: str | None = None
    ) -> None:  # fmt: skip
        """A fault of ours, or of the archive (then ``broken`` says so), cost these sites a page: none of them is well.

        A list that was under way is ended when the site is judged; a document is asked for again, later each time.
        """
        self.broken = self.broken or archive_trouble(self.archive.path, error)
        for name in sites:
            if walk is not None and id(walk) in self._walks:
                walk.trouble = "error"
                continue
            tally = self.tallies[name]
            tally.failed += 1
            tally.page_failures["error"] += 1
        if doc_key is not None and self.broken is None:
            try:
                self.archive.frontier.failed(doc_key, "error", now=clock.now())
            except (ArchiveError, sqlite3.Error) as second:
                self.broken = archive_trouble(self.archive.path, second)

    def _name_masks(self, site: Site) -> None:
        """A list that shows nothing, with the bytes that came for documents, too, shows the one page for all."""
        failures = self.tallies[site.site].list_failures
        masks = sum(self.is_one_page_for_all(site, sha256) for sha256 in self._bare.pop(site.site, ()))
        failures["same_page"] += masks
        failures["layout_changed"] -= masks
        self.tallies[site.site].list_failures = +failures

    def begun(self, walk: ListWalk) -> None:
        """A list is asked for: from now until ``listed`` it is owed an end."""
        self._walks[id(walk)] = walk

    def listed(self, site: Site, walk: ListWalk) -> None:
        """A list is walked to its end, or as far as it went: the evidence for "not found"."""
        self._walks.pop(id(walk), None)
        tally = self.tallies[site.site]
        if walk.fetched:
            tally.lists += 1
            tally.lists_complete += walk.complete
        if not walk.complete:
            tally.list_failures[walk.trouble or "list_incomplete"] += 1
            if walk.trouble == "layout_changed":
                self._bare[site.site].append(walk.sha256)
        self.archive.frontier.listed(
            crawl_id=self.crawl_id, site=site.site, url=walk.url, column_name=" ".join(filter(None, (walk.unit, walk.label if walk.label != walk.unit else ""))) or None,
            pages_claimed=walk.pages_claimed, pages_fetched=walk.fetched, links=walk.links, complete=walk.complete,
            snapshot_id=walk.snapshot_id,
        )  # fmt: skip

    def saw(self, site: Site, sha256: str, address: str) -> None:
        """Note under which address the first page of a list came."""
        self._bodies[f"{site.site} {sha256}"].add(address)

    def is_one_page_for_all(self, site: Site, sha256: str) -> bool:
        """Whether the same bytes came under several addresses: a home page, or a notice, for whatever is asked."""
        return len(self._bodies[f"{site.site} {sha256}"]) > 1

    def knew(self, site: Site, listing_url: str) -> bool:
        """Whether links were known of this list when the run began."""
        return listing_url in self._known_lists[site.site]

    def judge(self, site: Site, *, today: date | None = None, cut: str = "error") -> Verdict:
        """Judge a site at the end of its family's crawl and write the row of ``crawl_site``.

        ``cut`` is why lists that were begun came to no end: they are incomplete, whatever they showed.
        """
        tally = self.tallies[site.site]
        for walk in [walk for walk in self._walks.values() if walk.site == site.site]:
            walk.trouble = walk.trouble or cut
            self.listed(site, walk)
        self._name_masks(site)
        tally.vanished += self._vanish(site)
        tally.waiting = self._waiting(site)
        expected = expected_years(
            self.archive.frontier.known_years(site.site),
            site.first_year,
            site.last_year,
            today or clock.china_day(),
        )
        verdict = self.verdicts[site.site] = judge(tally, expected)
        self.archive.runs.site(
            self.crawl_id, site.site, **tally.counts(), verdict=verdict.word, reason=verdict.reason
        )
        return verdict

    def _vanish(self, site: Site) -> int:
        """Write down which known documents went, and how many: absent from complete lists, or by their own page.

        Where not one list of the site could be walked, the whole portal is sick, and no page of it is a witness.
        """
        now = clock.now()
        gone = len(self.archive.frontier.gone(site.site, now=now))
        for doc_key in self._missed.pop(site.site, ()) if self.tallies[site.site].links else ():
            if self.archive.frontier.vanished(doc_key, now[:10], now=now):
                self._gone.add(doc_key)
                gone += 1
        return gone

    def _waiting(self, site: Site) -> Counter[str]:
        """The site's links that failed, now or on earlier nights, by reason, without the vanished.

        What was given up and never became a document is missing still: no passing of time makes it well.
        """
        rows = self.archive.frontier.due(site.site, now=FAR, years=self.plan.years, refresh=True)
        documents = self.archive.frontier.documents(site.site)
        waiting = Counter(
            row["reason"] or "unread"
            for row in rows
            if row["state"] == "failed" and row["doc_key"] not in self._gone
        )
        waiting["given_up"] = sum(
            row["state"] == "given_up" and row["doc_key"] not in documents for row in rows
        )
        return +waiting

    def close(self, status: str) -> None:
        """End the run as ``done``, ``failed`` or ``interrupted`` and let go of archive and locks."""
        try:
            self.allowance.close()
            if not self.is_part:
                self.archive.runs.finish(self.crawl_id, status)
        finally:
            self.archive.close()
            self.locks.release()


def open_session(
    archive_path: Path,
    registry: Registry,
    sites: Sequence[Site],
    plan: Plan,
    *,
    command: str,
    contact: str | None,
    allowance: Allowance | None = None,
    is_part: bool = False,
) -> Session:
    """Start a run, or with ``is_part`` go on with the one that a seed was cut for. Raises ``NotStartedError``, ``LockedError`` or ``ArchiveError``, before anything is written."""
    allowance = allowance or Allowance()
    may_ask(sites, contact, allowance)
    locks = Locks(site.installation for site in sites)
    try:
        archive = Archive.open(archive_path, create=not is_part)
    except BaseException:
        locks.release()
        raise
    try:
        if is_part:
            crawl_id = seed.run_of(archive)
        else:
            archive.runs.sync_sites(site.as_row() for site in registry)
            crawl_id = archive.runs.start(command, tool())
        session = Session(
            archive, registry, tuple(sites), plan, crawl_id, locks, allowance=allowance, is_part=is_part
        )
        if is_part:
            session.count_earlier()
    except BaseException:
        archive.close()
        locks.release()
        raise
    return session


def may_ask(sites: Iterable[Site], contact: str | None, allowance: Allowance) -> None:
    """Whether anybody may be asked now, by a crawl or a probe. Raises ``NotStartedError`` with one clear line."""
    if allowance.window is not None and not allowance.window.is_open(now()):
        raise NotNowError(
            f"not now: crawling is allowed in the window {allowance.window}, set by GONGKAI_WINDOW"
        )
    if not contact and any(not site.is_loopback for site in sites):
        raise NoContactError(NO_CONTACT)


def archive_trouble(path: Path, error: BaseException | None) -> ArchiveError | None:
    """What an error says of the archive as a whole (full, locked, damaged …); ``None`` if it is another fault."""
    if isinstance(error, ArchiveError):
        return error
    return explain(path, error) if isinstance(error, sqlite3.Error) else None


def as_link(doc_key: str, url: str, title: str, list_date: str | None, year: int | None = None) -> Link:
    """A link for the frontier, with the year that its address or its title states."""
    return Link(doc_key, url, title, list_date, year or labels.stated_year(title))
