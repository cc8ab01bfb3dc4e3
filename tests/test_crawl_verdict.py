"""The verdict on a site: a table of what was counted and what is said of it."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from archive.store.frontier import RETRY_AFTER, Link
from crawler.session import Plan, open_session
from crawler.sites import load
from crawler.verdict import Tally, expected_years, judge, last_due_year
from tests.crawl_portal import registry


def tally(**values: object) -> Tally:
    it = Tally(lists=2, lists_complete=2, links=3, years_seen={2023, 2024, 2025})
    for name, value in values.items():
        setattr(it, name, value)
    return it


@pytest.mark.parametrize(
    ("counted", "expected", "word", "reason"),
    [
        (tally(), {2024, 2025}, "well", None),
        (tally(), set(), "well", None),
        (tally(links=0, years_seen=set()), set(), "broken", "layout_changed"),
        (tally(links=0, list_failures=Counter(same_page=1)), set(), "broken", "same_page"),
        (tally(links=0, list_failures=Counter(challenge=1)), set(), "blocked", "challenge"),
        (tally(lists=0, links=0), set(), "unreachable", "not_asked"),
        (tally(lists=0, links=0, list_failures=Counter(timeout=1)), set(), "unreachable", "timeout"),
        (
            tally(lists=0, links=0, list_failures=Counter(robots_unreachable=1)),
            set(),
            "unreachable",
            "robots_unreachable",
        ),
        (tally(lists=0, links=0, list_failures=Counter(robots=1)), set(), "blocked", "robots"),
        (tally(lists=0, links=0, list_failures=Counter(blocked=2, timeout=1)), set(), "blocked", "blocked"),
        (tally(lists=0, links=0, list_failures=Counter(not_found=1)), set(), "broken", "not_found"),
        (
            tally(lists=0, links=0, list_failures=Counter(host_closed=1), page_failures=Counter(tls=4)),
            set(),
            "unreachable",
            "tls",
        ),
        (tally(lists=0, links=0, list_failures=Counter(host_closed=1)), set(), "unreachable", "host_closed"),
        (tally(), {2021, 2025}, "short", "fewer_than_known"),
        (tally(undated_links=1), {2021, 2025}, "well", None),
        (tally(list_failures=Counter(list_incomplete=1)), {2025}, "short", "list_incomplete"),
        (tally(list_failures=Counter(forbidden=1)), {2025}, "blocked", "forbidden"),
        (
            tally(page_failures=Counter(host_closed=20, forbidden=5), blocked=5),
            {2025},
            "blocked",
            "forbidden",
        ),
        (tally(list_failures=Counter(timeout=1), years_seen={2025}), {2021, 2025}, "short", "timeout"),
        (tally(lists=0, links=0, list_failures=Counter(daily_cap=2)), set(), "short", "daily_cap"),
        (tally(lists=1, links=0, list_failures=Counter(no_browser=1)), set(), "broken", "no_browser"),
        (tally(lists=1, links=0, list_failures=Counter(daily_cap=1)), set(), "short", "daily_cap"),
        (tally(lists=1, links=0, list_failures=Counter(timeout=1)), set(), "unreachable", "timeout"),
        (tally(waiting=Counter(not_found=2)), {2025}, "short", "not_found"),
        (tally(waiting=Counter(given_up=1)), {2025}, "short", "given_up"),
        (tally(lists=0, links=0, list_failures=Counter(error=1)), set(), "short", "error"),
        (tally(lists=0, links=0, list_failures=Counter(interrupted=1)), set(), "short", "interrupted"),
        (tally(page_failures=Counter(soft_404=1), fetched=3), {2025}, "short", "soft_404"),
        (tally(page_failures=Counter(challenge=3), blocked=3, fetched=1), {2025}, "blocked", "challenge"),
    ],
)
def test_verdicts(counted: Tally, expected: set[int], word: str, reason: str | None) -> None:
    verdict = judge(counted, expected)
    assert (verdict.word, verdict.reason) == (word, reason)


def test_no_site_without_links_is_well_whatever_else_was_counted() -> None:
    assert not judge(tally(links=0, fetched=9, new=9), set()).well


@pytest.mark.parametrize(
    ("today", "year"),
    [
        (date(2026, 3, 31), 2024),
        (date(2026, 4, 1), 2025),
        (date(2026, 11, 21), 2025),
        (date(2027, 1, 1), 2025),
    ],
)
def test_the_last_due_year(today: date, year: int) -> None:
    assert last_due_year(today) == year


@pytest.mark.parametrize(
    ("known", "first", "last", "years"),
    [
        ([2012], None, None, {2012}),
        ([2012], 2024, None, {2012, 2024, 2025}),
        ([], 2019, 2020, {2019, 2020}),
        ([], 2030, None, set()),
        ([], None, 2020, set()),
    ],
)
def test_what_is_known_of_a_site(
    known: list[int], first: int | None, last: int | None, years: set[int]
) -> None:
    assert expected_years(known, first, last, date(2026, 11, 21)) == years


def test_what_was_given_up_is_missing_still_and_asked_again_when_all_is_refreshed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    sites = load(registry(tmp_path, "banan,district,trs,巴南区,500113,http://127.0.0.1:8099/nb/,,,,1,"))
    session = open_session(
        tmp_path / "a.db", sites, sites.sites, Plan(refresh=True), command="test", contact=None
    )
    site, frontier = sites.sites[0], session.archive.frontier
    links = [Link(f"x:{n}", f"http://127.0.0.1:8099/nb/{n}.html", "2025年度报告") for n in range(2)]
    frontier.found("banan", site.list_url, links, now="2025-01-01T00:00:00Z")
    for link in links:
        for _ in range(len(RETRY_AFTER) + 1):
            frontier.failed(link.doc_key, "timeout", now="2025-01-01T00:00:00Z")
    session.archive.conn.execute("UPDATE link SET reason = 'withheld' WHERE doc_key = 'x:1'")
    session.archive.conn.commit()
    session.tallies["banan"] = tally(years_seen={2025})
    verdict = session.judge(site)
    assert (verdict.word, verdict.reason) == ("short", "given_up")
    assert verdict.detail.startswith("1 pages")
    assert [row["doc_key"] for row in session.again(site)] == ["x:0"]
    session.close("done")
