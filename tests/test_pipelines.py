"""Pipelines: their order, what each adds to a page, and that a failure costs one page and never its bytes."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from archive.report.model import Context
from archive.store.frontier import Link
from crawler import settings
from crawler.items import Page
from crawler.pipelines.body import BodyPipeline
from crawler.pipelines.snapshot import SnapshotPipeline
from crawler.pipelines.store import StorePipeline
from crawler.pipelines.tables import TablesPipeline
from crawler.session import Plan, Session, open_session
from crawler.sites import load
from tests.crawl_portal import registry, report

URL = "http://127.0.0.1:8099/zwgk_252/zfxxgknb/202601/t20260120_15000001.html"
AGENCY = "重庆市巴南区教育委员会"


@pytest.fixture
def crawler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    sites = load(registry(tmp_path, "banan,district,trs,巴南区,500113,http://127.0.0.1:8099/nb/,,,,1,"))
    session = open_session(tmp_path / "a.db", sites, sites.sites, Plan(), command="test", contact=None)
    yield SimpleNamespace(spider=SimpleNamespace(session=session, sites={"banan": sites.sites[0]}))
    session.close("done")


def session_of(crawler: Any) -> Session:
    session: Session = crawler.spider.session
    return session


def page(body: bytes, *, fetched_at: str = "2026-11-21T22:00:00Z") -> Page:
    context = Context(
        url=URL, title=f"{AGENCY}2025年政府信息公开工作年度报告", site="banan", county_code="500113"
    )
    return Page(
        site="banan", doc_key="x:15000001", kind="report", url=URL, final_url=URL, status=200, fetched_at=fetched_at,
        body=body, headers=[("Content-Type", "text/html")], context=context,
    )  # fmt: skip


def through(crawler: Any, item: Page) -> Page:
    async def run() -> Page:
        await SnapshotPipeline(crawler).process_item(item)
        await BodyPipeline().process_item(item)
        TablesPipeline().process_item(item)
        return await StorePipeline(crawler).process_item(item)

    return asyncio.run(run())


def test_the_order_is_snapshot_body_tables_store() -> None:
    order = [
        path.split(".")[2] for path, _ in sorted(settings.ITEM_PIPELINES.items(), key=lambda entry: entry[1])
    ]
    assert order == ["snapshot", "body", "tables", "store"]


def test_a_page_goes_through(crawler: Any) -> None:
    session = session_of(crawler)
    session.found(crawler.spider.sites["banan"], URL, "年报", [Link("x:15000001", URL, "年度报告")])
    item = through(crawler, page(report(AGENCY, 2025).encode()))
    assert item.snapshot_id is not None and item.document is not None and item.report is not None
    assert (item.outcome, item.report.agency, item.report.year) == ("new", AGENCY, 2025)
    tally = session_of(crawler).tallies["banan"]
    assert (tally.fetched, tally.new, tally.years_seen) == (1, 1, {2025})


def test_a_page_that_no_list_shows_any_more_says_nothing_of_the_years_on_the_lists(crawler: Any) -> None:
    through(crawler, page(report(AGENCY, 2025).encode()))
    tally = session_of(crawler).tallies["banan"]
    assert (tally.fetched, tally.new, tally.years_seen) == (1, 1, set())


def test_the_same_page_again_is_unchanged_and_another_number_a_change(crawler: Any) -> None:
    outcomes = [
        through(
            crawler,
            page(report(AGENCY, 2025, requests=requests).encode(), fetched_at=f"2026-11-2{day}T22:00:00Z"),
        ).outcome
        for day, requests in ((1, 3), (2, 3), (3, 4))
    ]
    assert outcomes == ["new", "unchanged", "changed"]


@pytest.mark.parametrize(
    "body", [b"", b"\x00\x01\x02", b"%PDF-1.7 broken", b"PK\x03\x04broken", b"<html>", b"\xff" * 99]
)
def test_what_cannot_be_read_is_kept_all_the_same(crawler: Any, body: bytes) -> None:
    item = through(crawler, page(body))
    assert item.outcome in ("failed", "unplaced")
    archive = session_of(crawler).archive
    assert archive.snapshots.body(archive.snapshots.get(item.snapshot_id or 0)["sha256"]) == body


def test_body_and_tables_never_raise(crawler: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("a bug in the reader")

    # By name: the package exports a function called like the module.
    monkeypatch.setattr(importlib.import_module("archive.report.read"), "_take_apart", broken)
    item = page(report(AGENCY, 2025).encode())
    asyncio.run(BodyPipeline().process_item(item))
    TablesPipeline().process_item(item)
    assert item.report is not None
    assert [found.rule for found in item.report.findings][:1] == ["READ-INTERNAL"]


def test_the_bytes_are_kept_before_anything_is_understood(crawler: Any) -> None:
    item = asyncio.run(SnapshotPipeline(crawler).process_item(page(b"<html>1</html>")))
    kept = session_of(crawler).archive.snapshots.get(item.snapshot_id or 0)
    assert (kept["kind"], kept["doc_key"], kept["context"]["title"]) == (
        "report",
        "x:15000001",
        item.context.title,
    )
