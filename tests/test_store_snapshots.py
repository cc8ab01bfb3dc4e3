"""Bytes: kept once, as they came, small, and verified whenever they are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.store import Archive, ArchiveError
from tests.builders import capture, every, fresh, one


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with fresh(tmp_path) as opened:
        yield opened


def page(number: int, furniture: str = "menu") -> bytes:
    """A page of some kilobytes; those of one furniture resemble each other, as the pages of one site do."""
    rows = "".join(
        f'<li><a href="/{furniture}/{n * n}.html">{furniture} {n * 7919 % 1000}</a></li>' for n in range(300)
    )
    return f"<html><ul>{rows}</ul><p>{number}</p></html>".encode()


def add(archive: Archive, body: bytes, url: str = "http://127.0.0.1/1", second: int = 0, **values: object):
    return archive.snapshots.add(
        capture(body, url=url, fetched_at=f"2026-02-01T00:00:{second:02}Z", doc_key=url, **values),
        crawl_id=None,
    )


def leans_on(archive: Archive, sha256: str) -> str | None:
    return one(archive, "SELECT dictionary FROM body WHERE sha256 = ?", sha256)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=3000), max_size=4))
def test_bytes_come_back_as_they_came(archive: Archive, bodies: list[bytes]) -> None:
    stored = [add(archive, body, f"http://127.0.0.1/{n}") for n, body in enumerate(bodies)]
    assert [archive.snapshots.body(s.sha256) for s in stored] == bodies


def test_known_bytes_cost_a_row_and_no_body(archive: Archive) -> None:
    first = add(archive, page(1))
    again = add(archive, page(1), second=1)
    assert (first.new_body, again.new_body) == (True, False)
    assert again.id != first.id
    assert one(archive, "SELECT count(*) FROM body") == 1


def test_the_same_capture_twice_is_one_snapshot(archive: Archive) -> None:
    assert add(archive, page(1)).id == add(archive, page(1)).id


def test_the_key_is_the_same_in_every_archive_and_differs_by_each_part() -> None:
    one_capture = capture(b"x")
    others = [
        replace(one_capture, url="http://127.0.0.1/2"), replace(one_capture, fetched_at="2026-02-01T00:00:01Z"),
        replace(one_capture, body=b"y"), replace(one_capture, kind="rendered"),
    ]  # fmt: skip
    assert len({one_capture.key, *(other.key for other in others)}) == 5
    assert one_capture.key == replace(one_capture, status=404, context={"site": "other"}).key


def test_pages_of_one_site_lean_on_its_first_and_never_in_chains(archive: Archive) -> None:
    first = add(archive, page(0), "http://127.0.0.1/0")
    others = [add(archive, page(n), f"http://127.0.0.1/{n}") for n in range(1, 6)]
    assert leans_on(archive, first.sha256) is None
    assert {leans_on(archive, other.sha256) for other in others} == {first.sha256}
    assert one(archive, "SELECT max(length(data)) FROM body WHERE dictionary IS NOT NULL") < 200


def test_a_page_that_keeps_changing_gets_a_body_of_its_own_to_lean_on(archive: Archive) -> None:
    add(archive, page(0), "http://127.0.0.1/other")
    versions = [add(archive, page(n), "http://127.0.0.1/list", second=n) for n in range(1, 6)]
    plain = [leans_on(archive, v.sha256) is None for v in versions]
    assert plain == [False, False, True, False, False]
    assert leans_on(archive, versions[4].sha256) == versions[2].sha256


def test_a_page_unlike_the_others_is_plain_and_the_next_ones_lean_on_it(archive: Archive) -> None:
    add(archive, page(0), "http://127.0.0.1/0")
    redesigned = add(archive, page(1, "completely new navigation"), "http://127.0.0.1/1")
    following = add(archive, page(2, "completely new navigation"), "http://127.0.0.1/2")
    assert leans_on(archive, redesigned.sha256) is None
    assert leans_on(archive, following.sha256) == redesigned.sha256


def test_a_body_that_others_lean_on_cannot_be_removed(archive: Archive) -> None:
    first = add(archive, page(0), "http://127.0.0.1/0")
    add(archive, page(1), "http://127.0.0.1/1")
    archive.conn.execute("PRAGMA defer_foreign_keys = OFF")
    with pytest.raises(Exception, match="FOREIGN KEY"):
        archive.conn.execute("DELETE FROM body WHERE sha256 = ?", [first.sha256])


def test_a_304_costs_no_body_and_names_what_it_confirms(archive: Archive) -> None:
    first = add(archive, page(1))
    confirmed = add(archive, b"", second=1, status=304, confirms=first.sha256)
    assert confirmed.sha256 == first.sha256
    assert every(archive, "SELECT status, sha256 FROM snapshot WHERE id = ?", confirmed.id) == [
        (304, first.sha256)
    ]


def test_a_304_for_bytes_that_are_not_here_is_refused(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match="not in this archive"):
        add(archive, b"", status=304, confirms="0" * 64)
    assert one(archive, "SELECT count(*) FROM snapshot") == 0


@pytest.mark.parametrize("damage", ["length(data) - 1", "5"], ids=["cut", "cut short"])
def test_damaged_bytes_are_told_and_never_handed_out(archive: Archive, damage: str) -> None:
    stored = add(archive, page(1))
    archive.conn.execute(f"UPDATE body SET data = substr(data, 1, {damage})")
    with pytest.raises(ArchiveError, match="damaged"):
        archive.snapshots.body(stored.sha256)


def test_another_bodys_bytes_are_noticed(archive: Archive) -> None:
    first, second = add(archive, b"first"), add(archive, b"other", second=1)
    archive.conn.execute(
        "UPDATE body SET data = (SELECT data FROM body WHERE sha256 = ?) WHERE sha256 = ?",
        [second.sha256, first.sha256],
    )
    with pytest.raises(ArchiveError, match="another digest"):
        archive.snapshots.body(first.sha256)


def test_headers_and_context_come_back(archive: Archive) -> None:
    stored = add(archive, b"x", headers=[("ETag", '"1"'), ("Set-Cookie", "a"), ("Set-Cookie", "b")])
    row = archive.snapshots.get(stored.id)
    assert row["headers"] == [("ETag", '"1"'), ("Set-Cookie", "a"), ("Set-Cookie", "b")]
    assert row["context"]["site"] == "jinfeng"


def test_every_third_time_a_page_is_asked_without_conditions(archive: Archive) -> None:
    url = "http://127.0.0.1/1"
    assert archive.snapshots.validators(url) == {}
    first = add(
        archive, page(1), url, headers=[("ETag", '"1"'), ("Last-Modified", "Sun, 01 Feb 2026 00:00:00 GMT")]
    )
    expected = {
        "If-None-Match": '"1"',
        "If-Modified-Since": "Sun, 01 Feb 2026 00:00:00 GMT",
        "sha256": first.sha256,
    }
    for second in (1, 2):
        assert archive.snapshots.validators(url) == expected
        add(archive, b"", url, second=second, status=304, confirms=first.sha256)
    assert archive.snapshots.validators(url) == {}


def test_without_validators_nothing_is_conditional(archive: Archive) -> None:
    add(archive, page(1), "http://127.0.0.1/1", headers=[])
    assert archive.snapshots.validators("http://127.0.0.1/1") == {}


def test_what_was_kept_as_evidence_of_trouble_is_never_to_be_confirmed(archive: Archive) -> None:
    url = "http://127.0.0.1/1"
    good = add(archive, page(1), url, headers=[("ETag", '"1"')], status=203)
    add(archive, page(2), url, second=1, headers=[("ETag", '"2"')], kind="error")
    assert archive.snapshots.validators(url) == {"If-None-Match": '"1"', "sha256": good.sha256}
