"""How a site fared in a run, judged from what was counted. Pure.

A site that yields less than is known to be there is a failed run, not a quiet one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from archive.reference.duties import deadlines

Word = Literal["well", "short", "blocked", "broken", "unreachable"]

UNREACHABLE = ("timeout", "connection", "dns", "tls", "server_error", "robots_unreachable", "host_closed")
BLOCKED = ("blocked", "challenge", "login", "forbidden", "rate_limited", "robots")
BROKEN = ("no_browser", "not_found", "moved", "soft_404", "same_page", "layout_changed", "empty")
"""Failure classes by the verdict they lead to when a site's lists fail of them; others are told as ``short``."""

OURS = {
    "window_closed": "not asked, by our own rule",
    "daily_cap": "not asked, by our own rule",
    "interrupted": "the run was interrupted",
    "error": "a fault of ours, see the log",
}
"""Reasons that are ours and say nothing of the site, and what they mean."""


@dataclass(slots=True)
class Tally:
    """What was counted for one site in one run."""

    links: int = 0
    fetched: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    unread: int = 0
    """Of the failed ones, those that were fetched and could not be read or placed."""
    blocked: int = 0
    lists: int = 0
    lists_complete: int = 0
    list_failures: Counter[str] = field(default_factory=Counter)
    """Why lists could not be walked, or not to their end."""
    page_failures: Counter[str] = field(default_factory=Counter)
    """Why reports could not be fetched or read."""
    years_seen: set[int] = field(default_factory=set)
    undated_links: int = 0
    """Links of this run whose title states no year."""
    vanished: int = 0
    """Known reports that went: absent from complete lists, not found, or led home."""
    waiting: Counter[str] = field(default_factory=Counter)
    """Why links wait for another try, those of earlier nights included; ``given_up`` for those that do not."""
    requests: int = 0

    def counts(self) -> dict[str, int]:
        """The columns of ``crawl_site``."""
        return {
            "links": self.links, "fetched": self.fetched, "new": self.new, "changed": self.changed,
            "unchanged": self.unchanged, "failed": self.failed, "blocked": self.blocked,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """The word and the failure class behind it; ``reason`` is ``None`` only for ``well``. ``detail`` is for people."""

    word: Word
    reason: str | None = None
    detail: str = ""

    @property
    def well(self) -> bool:
        """Whether nothing fell short."""
        return self.word == "well"


def last_due_year(today: date) -> int:
    """The latest year whose reports are all due by that day."""
    # The latest day of any kind of agency: a site's rows may hold all kinds.
    latest = max(deadline.month_day for deadline in deadlines())
    return today.year - 1 if f"{today:%m-%d}" > latest else today.year - 2


def expected_years(known: Iterable[int], first: int | None, last: int | None, today: date) -> set[int]:
    """The years a site must show: those in the archive, and from ``first`` to the last due year (or ``last``)."""
    years = set(known)
    if first is not None:
        until = last_due_year(today) if last is None else min(last, last_due_year(today))
        years.update(range(first, until + 1))
    return years


def judge(tally: Tally, expected: set[int]) -> Verdict:
    """The verdict on a site. An enabled row on which no report link is found is never ``well``."""
    if not tally.lists:
        return _no_list(tally.list_failures, tally.page_failures)
    if not tally.links:
        return _no_link(tally.list_failures)
    if not expected and not tally.years_seen:
        return Verdict("broken", "layout_changed", "no report among the pages found")
    missing = expected - tally.years_seen
    # A link that states no year may be any of the missing ones; only what cannot be explained so is told.
    unseen = f"not seen: {_span(missing)}" if len(missing) > tally.undated_links else ""
    if tally.list_failures:
        reason, count = tally.list_failures.most_common(1)[0]
        word: Word = "blocked" if reason in BLOCKED else "short"
        detail = f"{count} of {max(tally.lists, count)} lists"
        return Verdict(word, reason, "; ".join(filter(None, (detail, unseen))))
    if unseen:
        return Verdict("short", "fewer_than_known", unseen)
    if tally.page_failures:
        reason, count = _causes(tally.page_failures).most_common(1)[0]
        word = "blocked" if reason in BLOCKED and tally.blocked >= max(tally.fetched, 1) else "short"
        asked = tally.fetched + tally.failed - tally.unread
        return Verdict(word, reason, f"{count} of {asked} pages")
    if tally.waiting:
        reason, count = tally.waiting.most_common(1)[0]
        what = "were given up (--refresh asks again)" if reason == "given_up" else "wait for another try"
        return Verdict("short", reason, f"{count} pages of earlier nights {what}")
    return Verdict("well")


def _no_list(failures: Counter[str], of_pages: Counter[str]) -> Verdict:
    """Not one list could be walked: whose fault, by the commonest failure."""
    if not failures:
        return Verdict("unreachable", "not_asked", "no list was asked for")
    reason = failures.most_common(1)[0][0]
    if reason == "host_closed":
        reason = _causes(of_pages).most_common(1)[0][0]
    if reason in OURS:
        return Verdict("short", reason, OURS[reason])
    if reason in BLOCKED:
        return Verdict("blocked", reason)
    if reason in UNREACHABLE:
        return Verdict("unreachable", reason)
    return Verdict("broken", reason)


def _causes(failures: Counter[str]) -> Counter[str]:
    """A host is closed for a reason: that one is told, if it is among the failures."""
    closed = Counter({"host_closed": failures["host_closed"] or 1})
    return Counter({why: n for why, n in failures.items() if why != "host_closed"}) or closed


def _no_link(failures: Counter[str]) -> Verdict:
    """Lists answered, and not one report link on them."""
    for reason, _ in failures.most_common():
        if reason in BLOCKED:
            return Verdict("blocked", reason, "no report link found")
        if reason in BROKEN:
            return Verdict("broken", reason, "no report link found")
        if reason in OURS:
            return Verdict("short", reason, OURS[reason])
        if reason in UNREACHABLE:
            return Verdict("unreachable", reason, "no report link found")
    return Verdict("broken", "layout_changed", "no report link found")


def _span(years: set[int]) -> str:
    return ", ".join(str(year) for year in sorted(years))
