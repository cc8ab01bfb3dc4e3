"""The check of a record against the traps: silent about a right one, and about every fault a line."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crawler.replica import Replica, Scenario
from crawler.replica.record import shortfalls
from tests.replica_client import get

TRAPS = frozenset({"refuse_403", "redirect_to_mirror", "page_lost"})


@pytest.fixture
def sorry() -> Iterator[Replica]:
    with Replica(Scenario(portals=False, traps=TRAPS), max_seconds=60) as running:
        yield running
    assert running.errors == []


def record(path: Path, replica: Replica, *, verdict: str = "short", state: str = "failed", complete: int = 0, status: int | None = None) -> None:  # fmt: skip
    """An archive's public tables as a run that did everything right would leave them, or not."""
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(
            "create table crawl_site (crawl_id, site, verdict, reason); create table link (url, state, reason);"
            "create table snapshot (url, status); create table listing (crawl_id, site, complete);"
        )
        for trouble in replica.truth().troubles:
            base = replica.base(trouble.host)
            db.execute("insert into crawl_site values (1, ?, ?, 'because')", (trouble.site, verdict))
            db.execute("insert into listing values (1, ?, ?)", (trouble.site, complete))
            db.executemany(
                "insert into link values (?, ?, 'because')", [(base + p, state) for p in trouble.unfinished]
            )
            kept = trouble.statuses if status is None else {status}
            db.executemany("insert into snapshot values (?, ?)", [(f"{base}/x", one) for one in kept])


def test_a_right_record_has_no_shortfall(sorry: Replica, archive_path: Path) -> None:
    record(archive_path, sorry)
    assert list(shortfalls(archive_path, sorry)) == []


@pytest.mark.parametrize(
    ("wrong", "lines", "says"),
    [
        ({"verdict": "well"}, 3, "verdict ('well', 'because'), not one of"),
        ({"state": "done"}, 29, "is ('done', 'because'), not work to do"),
        ({"complete": 1}, 1, "page_lost: its list is recorded as complete"),
        ({"status": 200}, 2, "refuse_403: no answer with status 403 was kept"),
    ],
)
def test_a_wrong_record_is_told(
    sorry: Replica, archive_path: Path, wrong: dict[str, object], lines: int, says: str
) -> None:
    record(archive_path, sorry, **wrong)  # type: ignore[arg-type]
    told = list(shortfalls(archive_path, sorry))
    assert len(told) == lines
    assert any(says in line for line in told)


def test_requests_that_should_not_have_been_are_told(sorry: Replica, archive_path: Path) -> None:
    record(archive_path, sorry)
    get(sorry.base("mirror") + "/copy.html")
    for path in sorry.truth().trouble("refuse_403").unfinished:
        get(sorry.base("refuse-403") + path)
    told = list(shortfalls(archive_path, sorry))
    assert told == [
        "refuse_403: 28 requests, at most 16",
        "redirect_to_mirror: mirror/copy.html was asked for",
    ]
