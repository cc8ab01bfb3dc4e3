"""Withdrawing: out of everything published, with a tombstone; purging forgets bytes and words, and does not learn them anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.report.model import Section
from archive.store import Archive, ArchiveError, Link, connection, withheld
from archive.store.search import search
from crawler.cli import run
from tests.builders import NOW, SITE, capture, every, fresh, one, report, store

KEY = "500154:township_government:金峰:organ:2025"
SECRET = "王某某住在某路七号"
SEVEN = {"text": SECRET, "sections": [Section(1, "总体情况", SECRET)]}
PAGE = f"<html>{'政府信息公开' * 300}{SECRET}</html>".encode()


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """The report with the secret, and another town's whose page leans on the first one's."""
    with fresh(tmp_path) as opened:
        opened.frontier.found(SITE, "http://127.0.0.1/", [Link("cq:1", capture().url, "年报")], now=NOW)
        store(opened, report(**SEVEN), capture(PAGE))
        other = capture(PAGE.replace(SECRET.encode(), b"2"), url="http://127.0.0.1/2", doc_key="cq:2")
        store(opened, report(agency_key="500154:township_government:别"), other)
        assert one(opened, "SELECT count(*) FROM body WHERE dictionary IS NOT NULL") == 1
        yield opened


def purge(archive: Archive) -> None:
    assert archive.readings.withdraw(KEY, "purge", "names a person", decided_on="2026-05-01")


def test_what_is_hidden_is_not_public_and_not_found(archive: Archive) -> None:
    assert len(search(archive.conn, "某路")) == 1
    assert archive.readings.withdraw(KEY, "hide", "names a person", decided_on="2026-05-01")
    assert search(archive.conn, "某路") == []
    assert every(archive, "SELECT key FROM public_report") == [("500154:township_government:别:organ:2025",)]
    assert one(archive, "SELECT count(*) FROM report") == 2
    assert archive.snapshots.body(one(archive, "SELECT sha256 FROM snapshot WHERE doc_key = 'cq:1'")) == PAGE


@pytest.mark.parametrize(
    ("target", "key"),
    [
        ("report", "SELECT key FROM report WHERE id = 1"), ("agency", "SELECT key FROM agency WHERE key LIKE '%金峰'"),
        ("document", "SELECT doc_key FROM report WHERE id = 1"), ("snapshot", "SELECT key FROM snapshot WHERE id = 1"),
        ("body", "SELECT sha256 FROM snapshot WHERE id = 1"),
    ],
)  # fmt: skip
def test_every_kind_of_decision_withholds_the_report_and_its_pages(
    archive: Archive, target: str, key: str
) -> None:
    assert withheld.decide(archive.conn, target, one(archive, key), "hide", "a reason", "2026-05-01")
    assert every(archive, withheld.reports()) == [(1,)]
    assert every(archive, withheld.snapshots()) == [(1,)]
    assert search(archive.conn, "某路") == []


def test_a_decision_only_grows_stricter(archive: Archive) -> None:
    for level, new in (("redact", True), ("hide", True), ("redact", False), ("hide", False), ("purge", True)):
        assert archive.readings.withdraw(KEY, level, level, decided_on="2026-05-01") is new
    assert every(archive, "SELECT level, reason FROM withheld WHERE target_type = 'report'") == [
        ("purge", "purge")
    ]


def test_a_purge_leaves_nothing_in_the_file(archive: Archive, tmp_path: Path) -> None:
    purge(archive)
    archive.truncate_log()
    assert archive.verify() == []
    assert every(archive, "SELECT key, status, title, text FROM report WHERE id = 1") == [
        (KEY, "unparsed", None, "")
    ]
    assert one(archive, "SELECT count(*) FROM section WHERE report_id = 1") == 0
    with pytest.raises(ArchiveError, match="withheld"):
        archive.snapshots.body(one(archive, "SELECT sha256 FROM snapshot WHERE doc_key = 'cq:1'"))
    content = (tmp_path / "archive.db").read_bytes()
    assert SECRET.encode() not in content
    assert SECRET[:6].encode() not in content


def test_others_that_leaned_on_a_purged_body_are_whole(archive: Archive) -> None:
    purge(archive)
    other = archive.snapshots.body(one(archive, "SELECT sha256 FROM snapshot WHERE doc_key = 'cq:2'"))
    assert other.startswith(b"<html>")


def test_a_purged_report_is_not_learnt_anew(archive: Archive) -> None:
    purge(archive)
    assert archive.frontier.due(SITE, now="2030-01-01T00:00:00Z", refresh=True) == []
    assert (
        store(archive, report(**SEVEN), capture(PAGE + b" ", fetched_at="2026-06-01T00:00:00Z"))
        == "unchanged"
    )
    again = capture(PAGE + b"  ", url="http://127.0.0.1/3", doc_key="cq:3", fetched_at="2026-06-01T00:00:00Z")
    store(archive, report(**SEVEN), again)
    assert one(archive, "SELECT group_concat(text) FROM report WHERE id = 1") == ""
    assert one(archive, "SELECT count(*) FROM body WHERE codec = 'purged'") == 3
    assert archive.verify() == []


def test_the_command(archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive.close()
    path = str(tmp_path / "archive.db")
    assert run(["withdraw", KEY, "--archive", path]) == 2
    assert run(["withdraw", "nobody", "--reason", "x", "--archive", path]) == 2
    assert run(["withdraw", KEY, "--reason", " names a  person ", "--archive", path]) == 0
    assert run(["withdraw", KEY, "--reason", "again", "--archive", path]) == 0
    assert "already" in capsys.readouterr().err
    with Archive.open(tmp_path / "archive.db") as opened:
        assert every(opened, "SELECT level, reason FROM withheld") == [("hide", "names a person")]
        assert every(opened, "SELECT target_key, kind, text FROM annotation") == [
            (KEY, "withdrawal", "names a person")
        ]


def test_a_purge_whose_bytes_linger_in_the_log_says_so_until_they_are_gone(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, log = tmp_path / "archive.db", tmp_path / "archive.db-wal"
    monkeypatch.setattr(connection, "BUSY_SECONDS", 0.05)
    purge = ["withdraw", KEY, "--reason", "x", "--level", "purge", "--yes", "--archive", str(path)]
    archive.conn.execute("BEGIN")
    one(archive, "SELECT count(*) FROM report")  # somebody reads
    assert run(purge) == 1
    assert "still holds the removed bytes" in capsys.readouterr().err
    archive.conn.execute("ROLLBACK")
    assert run(purge) == 0
    assert log.stat().st_size == 0


def test_a_note_is_written_once(archive: Archive) -> None:
    for _ in range(2):
        withheld.annotate(
            archive.conn, "report", KEY, "reply", "更正", source_url="http://127.0.0.1/r", date="2026-06-01"
        )
    assert one(archive, "SELECT count(*) FROM annotation") == 1
