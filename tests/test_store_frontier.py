"""The frontier: nothing found is forgotten, nothing failed is dropped, nothing is called gone too early."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from archive.store import Archive, Link, clock
from archive.store.frontier import GONE_AFTER, RETRY_AFTER
from tests.builders import NOW, SITE, capture, fresh, one, report, store

LIST = "http://127.0.0.1/list"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with fresh(tmp_path) as opened:
        yield opened


def link(number: int, **values: object) -> Link:
    return Link(**{"doc_key": f"cq:{number}", "url": f"http://127.0.0.1/{number}", "title": "年报", **values})  # type: ignore[arg-type]


def walk(archive: Archive, links: list[Link], day: int, *, complete: bool = True) -> None:
    """One run that walks the list, on a day of March."""
    moment = f"2026-03-{day:02}T00:00:00Z"
    crawl = archive.runs.start("crawl", "test")
    archive.conn.execute("UPDATE crawl SET started_at = ? WHERE id = ?", [moment, crawl])
    archive.frontier.found(SITE, LIST, links, now=f"2026-03-{day:02}T00:00:01Z")
    archive.frontier.listed(
        crawl_id=crawl, site=SITE, url=LIST, column_name="年报", pages_claimed=1, pages_fetched=1, links=len(links),
        complete=complete, snapshot_id=None, listed_at=moment,
    )  # fmt: skip


def purge(archive: Archive) -> None:
    key = one(archive, "SELECT key FROM report")
    archive.readings.withdraw(key, "purge", "court", decided_on="2026-02-02")


def test_only_links_never_seen_before_come_back_each_once(archive: Archive) -> None:
    assert archive.frontier.found(SITE, LIST, [link(1), link(2), link(1)], now=NOW) == [link(1), link(2)]
    assert archive.frontier.found(SITE, LIST, [link(2), link(3)], now=NOW) == [link(3)]


def test_a_list_that_says_less_does_not_erase_what_is_known(archive: Archive) -> None:
    archive.frontier.found(SITE, LIST, [link(1, list_date="2026-01-20", year_guess=2025)], now=NOW)
    archive.frontier.found(SITE, LIST, [link(1, title="2025年报告")], now="2026-02-02T00:00:00Z")
    row = archive.frontier.get("cq:1")
    assert row is not None
    assert (row["title"], row["list_date"], row["year_guess"]) == ("2025年报告", "2026-01-20", 2025)
    assert (row["first_seen"], row["last_seen"]) == (NOW, "2026-02-02T00:00:00Z")


def test_years_leave_out_only_links_that_state_another_year(archive: Archive) -> None:
    archive.frontier.found(SITE, LIST, [link(1, year_guess=2024), link(2, year_guess=2025), link(3)], now=NOW)
    due = archive.frontier.due(SITE, now=NOW, years=frozenset([2025]))
    assert {row["doc_key"] for row in due} == {"cq:2", "cq:3"}


def test_refresh_asks_again_for_known_pages_and_given_up_ones_but_not_for_what_is_withheld(
    archive: Archive,
) -> None:
    archive.frontier.found(SITE, LIST, [link(1), link(2), link(3)], now=NOW)
    archive.frontier.done("cq:1", now=NOW)
    store(archive, report(), capture(doc_key="cq:3"))
    purge(archive)
    for _ in range(len(RETRY_AFTER) + 1):
        archive.frontier.failed("cq:2", "http 500", now=NOW)
    assert archive.frontier.due(SITE, now="2030-01-01T00:00:00Z") == []
    again = archive.frontier.due(SITE, now=NOW, refresh=True)
    assert sorted(row["doc_key"] for row in again) == ["cq:1", "cq:2"]


def test_a_purged_title_does_not_come_back_with_the_next_list(archive: Archive) -> None:
    walk(archive, [link(1, title="某人的年报")], 1)
    store(archive, report())
    purge(archive)
    for day in range(2, 4):
        walk(archive, [link(1, title="某人的年报")], day)
    for day in range(4, 4 + GONE_AFTER):
        walk(archive, [], day)
    assert archive.frontier.gone(SITE, now=NOW) == []
    row = archive.frontier.get("cq:1")
    assert row is not None
    assert (row["title"], row["state"], row["reason"]) == ("", "given_up", "withheld")
    assert row["last_seen"] == "2026-03-03T00:00:01Z"


def test_failures_wait_longer_and_longer_and_are_then_given_up(archive: Archive) -> None:
    archive.frontier.found(SITE, LIST, [link(1)], now=NOW)
    for wait in RETRY_AFTER:
        archive.frontier.failed("cq:1", "timeout", now=NOW)
        row = archive.frontier.get("cq:1")
        assert row is not None
        assert (row["state"], row["reason"]) == ("failed", "timeout")
        assert row["next_try"] == clock.later(NOW, wait)
        assert archive.frontier.due(SITE, now=clock.later(NOW, wait - timedelta(seconds=1))) == []
        assert len(archive.frontier.due(SITE, now=clock.later(NOW, wait))) == 1
    archive.frontier.failed("cq:1", "timeout", now=NOW)
    row = archive.frontier.get("cq:1")
    assert row is not None
    assert (row["state"], row["next_try"]) == ("given_up", None)
    assert list(RETRY_AFTER) == sorted(RETRY_AFTER)


def test_success_forgets_failures(archive: Archive) -> None:
    archive.frontier.found(SITE, LIST, [link(1)], now=NOW)
    archive.frontier.failed("cq:1", "timeout", now=NOW)
    archive.frontier.done("cq:1", now=NOW)
    archive.frontier.failed("cq:1", "timeout", now=NOW)
    assert archive.frontier.get("cq:1")["next_try"] == clock.later(NOW, RETRY_AFTER[0])  # type: ignore[index]


def test_postponed_links_stay_due(archive: Archive) -> None:
    archive.frontier.found(SITE, LIST, [link(1)], now=NOW)
    archive.frontier.postponed("cq:1", "host closed")
    assert [row["reason"] for row in archive.frontier.due(SITE, now=NOW)] == ["host closed"]


def test_gone_after_three_complete_lists_and_told_once(archive: Archive) -> None:
    walk(archive, [link(1), link(2)], 1)
    store(archive, report(), capture(doc_key="cq:1"))
    for day in range(2, 2 + GONE_AFTER - 1):
        walk(archive, [link(2)], day)
        assert archive.frontier.gone(SITE, now=NOW) == []
    walk(archive, [link(2)], 20)
    assert [row["doc_key"] for row in archive.frontier.gone(SITE, now="2026-03-20T00:00:00Z")] == ["cq:1"]
    assert archive.frontier.gone(SITE, now=NOW) == []
    assert one(archive, "SELECT gone_on FROM report") == "2026-03-20"
    assert archive.frontier.known_years(SITE) == set()


@pytest.mark.parametrize("failures", [1, len(RETRY_AFTER) + 1])
def test_a_known_report_goes_though_its_last_fetch_failed(archive: Archive, failures: int) -> None:
    walk(archive, [link(1), link(2)], 1)
    store(archive, report())
    for number in (1, 2):
        for _ in range(failures):
            archive.frontier.failed(f"cq:{number}", "http 500", now=NOW)
    for day in range(2, 2 + GONE_AFTER):
        walk(archive, [], day)
    assert [row["doc_key"] for row in archive.frontier.gone(SITE, now="2026-03-20T00:00:00Z")] == ["cq:1"]
    assert one(archive, "SELECT gone_on FROM report") == "2026-03-20"
    assert (
        one(archive, "SELECT count(*) FROM link WHERE state = 'gone'") == 1
    )  # what was never read cannot go


def test_what_its_own_page_said_to_be_gone_is_not_told_again(archive: Archive) -> None:
    walk(archive, [link(1)], 1)
    store(archive, report())
    archive.frontier.failed("cq:1", "not_found", now=NOW)
    archive.conn.execute("UPDATE document SET gone_on = '2026-02-02'")
    for day in range(2, 2 + GONE_AFTER):
        walk(archive, [], day)
    assert archive.frontier.gone(SITE, now=NOW) == []
    assert one(archive, "SELECT gone_on FROM document") == "2026-02-02"


def test_broken_off_lists_and_links_never_fetched_decide_nothing(archive: Archive) -> None:
    walk(archive, [link(1), link(2)], 1)
    archive.frontier.done("cq:1", now=NOW)
    for day in range(2, 9):
        walk(archive, [], day, complete=False)
    assert archive.frontier.gone(SITE, now=NOW) == []
    for day in range(9, 12):
        walk(archive, [], day)
    assert [row["doc_key"] for row in archive.frontier.gone(SITE, now=NOW)] == ["cq:1"]


def test_one_run_counts_once_however_often_it_walks_the_list(archive: Archive) -> None:
    walk(archive, [link(1)], 1)
    archive.frontier.done("cq:1", now=NOW)
    crawl = archive.runs.start("crawl", "test")
    for _ in range(5):
        archive.frontier.listed(
            crawl_id=crawl, site=SITE, url=LIST, column_name=None, pages_claimed=1, pages_fetched=1, links=0,
            complete=True, snapshot_id=None,
        )  # fmt: skip
    assert archive.frontier.gone(SITE, now=NOW) == []


def test_attachments_are_never_called_gone_for_not_being_listed(archive: Archive) -> None:
    walk(archive, [link(1)], 1)
    store(archive, report(), capture(doc_key="cq:1", kind="attachment"))
    for day in range(2, 9):
        walk(archive, [], day)
    assert archive.frontier.gone(SITE, now=NOW) == []


def test_what_comes_back_is_no_longer_gone(archive: Archive) -> None:
    walk(archive, [link(1)], 1)
    store(archive, report(), capture(doc_key="cq:1"))
    for day in range(2, 2 + GONE_AFTER):
        walk(archive, [], day)
    archive.frontier.gone(SITE, now=NOW)
    walk(archive, [link(1)], 20)
    assert archive.frontier.get("cq:1")["state"] == "pending"  # type: ignore[index]
    assert one(archive, "SELECT gone_on FROM report") is None
    assert archive.frontier.known_years(SITE) == {2025}
