"""Reading ahead: in order, bounded, nothing lost when the source breaks; and ingest the same on one core as on two."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive import ahead
from archive.ahead import Readers, Wanted
from archive.report.model import Context
from crawler.cli import run
from tests.crawl_portal import report
from tests.fleet_kit import PUBLIC, public

AGENCY = "重庆市巴南区教育委员会"


def wanted(number: int) -> Wanted | None:
    if number % 3 == 2:
        return None
    body = report(AGENCY, 2008 + number % 10).encode()
    return Wanted(
        body, [("Content-Type", "text/html; charset=utf-8")], Context(url=f"http://127.0.0.1/{number}")
    )


def test_documents_come_in_their_order_with_their_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "FEW", 4)
    with Readers[int](2) as readers:
        got = [
            (number, None if read is None else read().report.year)
            for number, read in readers.ahead(iter(range(30)), wanted)
        ]
    assert got == [(n, None if n % 3 == 2 else 2008 + n % 10) for n in range(30)]


def test_no_more_is_in_hand_than_the_bounds_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []

    def source() -> Iterator[int]:
        for number in range(200):
            drawn.append(number)
            yield number

    def large(number: int) -> Wanted:
        return Wanted(bytes(1000), [], Context(url=f"http://127.0.0.1/{number}"))

    for most, expected in ((10**9, ahead.AHEAD), (3500, 3)):
        monkeypatch.setattr(ahead, "BYTES", most)
        drawn.clear()
        with Readers[int](1) as readers:
            in_hand = [len(drawn) - done for done, _ in enumerate(readers.ahead(source(), large))]
        assert max(in_hand) == expected + 1  # the one that is drawn waits for its place


def test_what_came_before_an_error_is_not_lost() -> None:
    def source() -> Iterator[int]:
        yield from (0, 1, 3)
        raise OSError("the disk is gone")

    got = []
    with Readers[int](1) as readers, pytest.raises(OSError, match="the disk is gone"):
        for number, _ in readers.ahead(source(), wanted):
            got.append(number)
    assert got == [0, 1, 3]


def test_ingest_takes_in_the_same_on_one_core_and_on_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "FEW", 2)
    records = []
    for number in range(12):
        page = report(AGENCY, 2010 + number % 6, extra=f"第{number}次").encode()
        http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page
        head = (
            f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012}>\r\n"
            f"WARC-Date: 2026-02-{1 + number:02}T08:00:00Z\r\nWARC-Target-URI: http://127.0.0.1/{number % 9}.html\r\n"
            f"Content-Type: application/http;msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
        )
        records.append(gzip.compress(head.encode() + http + b"\r\n\r\n"))
    (tmp_path / "all.warc.gz").write_bytes(b"".join(records))
    for jobs in ("1", "2"):
        code = run(
            [
                "ingest",
                str(tmp_path / "all.warc.gz"),
                "--jobs",
                jobs,
                "--archive",
                str(tmp_path / f"{jobs}.db"),
            ]
        )
        assert code == 0
    one, two = public(tmp_path / "1.db"), public(tmp_path / "2.db")
    assert len(one["report"]) == 6 and len(one["snapshot"]) == 12
    assert all(one[name] == two[name] for name in PUBLIC)
