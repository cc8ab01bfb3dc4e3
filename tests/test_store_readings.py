from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.store import Archive, Link
from tests.builders import NOW, SITE, capture, report, store, tables


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive.db", create=True) as opened:
        yield opened


def value(archive: Archive, sql: str, *parameters: object) -> object:
    row = archive.conn.execute(sql, parameters).fetchone()
    return row[0] if row else None


def test_first_reading_is_new_and_closes_its_link(archive: Archive) -> None:
    archive.frontier.found(
        SITE, "http://127.0.0.1/list", [Link("cq:1", "http://127.0.0.1/1", "年报")], now=NOW
    )
    assert store(archive, report()) == "new"
    assert value(archive, "SELECT key FROM report") == "500154:township_government:金峰:organ:2025"
    assert archive.frontier.get("cq:1")["state"] == "done"  # type: ignore[index]


def test_blank_and_zero_are_different(archive: Archive) -> None:
    store(archive, report(tables=tables(granted=[0, None, 0, 0, 0, 0, 0])))
    row = archive.conn.execute(
        "SELECT natural_person, business FROM applications WHERE row = 'granted'"
    ).fetchone()
    assert tuple(row) == (0, None)


def test_volatile_bytes_make_no_version(archive: Archive) -> None:
    store(archive, report())
    later = capture(b"<html>2</html>", fetched_at="2026-03-01T00:00:00Z")
    assert store(archive, report(), later) == "unchanged"
    assert value(archive, "SELECT count(*) FROM report_version") == 1
    assert value(archive, "SELECT last_seen FROM report_version") == "2026-03-01T00:00:00Z"


def test_a_changed_number_is_a_version_and_a_change(archive: Archive) -> None:
    store(archive, report())
    after = report(tables=tables(new_received=[3, 0, 0, 0, 0, 0, 3], granted=[2, 0, 0, 0, 0, 0, 2]))
    assert store(archive, after, capture(b"<html>2</html>", fetched_at="2026-03-01T00:00:00Z")) == "changed"
    rows = archive.conn.execute(
        'SELECT class, row, "column", before, after FROM report_change ORDER BY "column"'
    ).fetchall()
    assert [tuple(r) for r in rows] == [
        ("number", "new_received", "natural_person", 2, 3),
        ("number", "new_received", "total", 2, 3),
    ]
    assert value(archive, "SELECT version FROM report") == 2
