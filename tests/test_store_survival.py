"""Killed at any moment, beside another writer, on a full disk: what was acknowledged is there, and nothing half."""

from __future__ import annotations

import os
import random
import resource
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from archive.store import Archive, ArchiveError, Link, clock, connection
from crawler.cli import run
from tests.builders import NOW, SITE, capture, every, fresh, one, report, store

KILLS = 200


def write(path: Path, first: int, count: int, told: int | None = None) -> None:
    """Keep pages and their readings, as a crawl does; tell each step that was acknowledged."""
    with Archive.open(path) as archive:
        for n in range(first, first + count):
            archive.frontier.found(
                SITE, "http://127.0.0.1/list", [Link(f"cq:{n}", f"http://127.0.0.1/{n}", "年报")], now=NOW
            )
            page = capture(f"<html>{n}</html>".encode() * 50, url=f"http://127.0.0.1/{n}", doc_key=f"cq:{n}")
            stored = archive.snapshots.add(page, crawl_id=None)
            if told is not None:
                os.write(told, f"page {n}\n".encode())
            reading = report(agency_key=f"500154:township_government:{n}")
            archive.readings.store(stored.id, reading, doc_key=f"cq:{n}", site=SITE, url=page.url, now=NOW)
            if told is not None:
                os.write(told, f"report {n}\n".encode())


def forked(path: Path, first: int, count: int, told: int | None = None) -> int:
    """A process that writes; its id."""
    child = os.fork()
    if child == 0:
        try:
            write(path, first, count, told)
        except BaseException:
            os._exit(1)
        os._exit(0)
    return child


def nothing_half(path: Path, acknowledged: list[str]) -> None:
    """The file as a kill left it: whole reports only, and the last that was acknowledged."""
    with closing(sqlite3.connect(path)) as conn:
        half = conn.execute(
            "SELECT count(*) FROM report r WHERE status <> 'parsed' OR 2 <> (SELECT count(*) FROM section WHERE report_id = r.id)"
            " OR NOT EXISTS (SELECT 1 FROM report_version v WHERE v.report_id = r.id)"
            " OR NOT EXISTS (SELECT 1 FROM link l WHERE l.doc_key = r.doc_key AND l.state = 'done')"
        ).fetchone()[0]
        assert half == 0
        for line in acknowledged[-2:]:
            kind, n = line.split()
            table = "snapshot" if kind == "page" else "report"
            assert conn.execute(f"SELECT 1 FROM {table} WHERE doc_key = ?", [f"cq:{n}"]).fetchone(), line


def test_killed_at_random(tmp_path: Path) -> None:
    """Every acknowledged page and report is there, and every report whole."""
    fresh(tmp_path).close()
    path = tmp_path / "archive.db"
    chance = random.Random(2026)
    acknowledged: list[str] = []
    for n in range(KILLS):
        reader, writer = os.pipe()
        child = forked(path, n * 1000, 1000, writer)
        os.close(writer)
        begun = os.read(reader, 4096)
        time.sleep(chance.uniform(0, 0.02))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(reader, "rb") as rest:
            lines = (begun + rest.read()).decode().splitlines(keepends=True)
        acknowledged += [line.strip() for line in lines if line.endswith("\n")]
        nothing_half(path, acknowledged)
    with Archive.open(path) as archive:
        assert archive.verify() == []
        pages = {f"page {url.rsplit('/', 1)[1]}" for (url,) in every(archive, "SELECT url FROM snapshot")}
        whole = every(
            archive,
            "SELECT r.doc_key, l.state, (SELECT count(*) FROM applications a WHERE a.report_id = r.id),"
            " (SELECT count(*) FROM section s WHERE s.report_id = r.id),"
            " (SELECT count(*) FROM report_version v WHERE v.report_id = r.id)"
            " FROM report r JOIN link l ON l.doc_key = r.doc_key",
        )
        assert {values[1:] for values in whole} == {("done", 2, 2, 1)}
        reports = {f"report {doc_key.removeprefix('cq:')}" for doc_key, *_ in whole}
        assert set(acknowledged) <= pages | reports
        assert len(acknowledged) > KILLS
        unread = one(archive, "SELECT count(*) FROM link WHERE state = 'pending'")
        assert len(pages) - len(reports) <= unread <= KILLS


def test_two_writers(tmp_path: Path) -> None:
    fresh(tmp_path).close()
    path = tmp_path / "archive.db"
    children = [forked(path, first, 40) for first in (0, 1000, 2000)]
    for child in children:
        assert os.waitpid(child, 0)[1] == 0
    with Archive.open(path) as archive:
        assert one(archive, "SELECT count(*) FROM report") == 120
        assert archive.verify() == []


def test_a_full_disk_leaves_nothing_half_and_work_goes_on_with_room(tmp_path: Path) -> None:
    with fresh(tmp_path) as archive:
        store(archive, report())
        pages = one(archive, "PRAGMA page_count")
        archive.conn.execute(f"PRAGMA max_page_count = {pages + 2}")
        big = capture(random.Random(1).randbytes(100_000), url="http://127.0.0.1/2", doc_key="cq:2")
        with pytest.raises(ArchiveError, match="disk is full"):
            archive.snapshots.add(big, crawl_id=None)
        assert one(archive, "SELECT count(*) FROM snapshot") == 1
        assert archive.verify() == []
        archive.conn.execute("PRAGMA max_page_count = 1000000")
        assert store(archive, report(year=2024), big) == "new"


def test_a_full_disk_in_the_middle_of_a_reading_keeps_the_link_open(tmp_path: Path) -> None:
    with fresh(tmp_path) as archive:
        archive.frontier.found(
            SITE, "http://127.0.0.1/list", [Link("cq:1", "http://127.0.0.1/1", "年报")], now=NOW
        )
        stored = archive.snapshots.add(capture(), crawl_id=None)
        pages = one(archive, "PRAGMA page_count")
        archive.conn.execute(f"PRAGMA max_page_count = {pages + 1}")
        long = report(text="".join(chr(0x4E00 + n * n % 20000) for n in range(60_000)))
        with pytest.raises(ArchiveError, match="disk is full"):
            archive.readings.store(
                stored.id, long, doc_key="cq:1", site=SITE, url="http://127.0.0.1/1", now=NOW
            )
        archive.conn.execute("PRAGMA max_page_count = 1000000")
        assert every(archive, "SELECT state FROM link") == [("pending",)]
        assert (
            one(archive, "SELECT count(*) FROM report") == one(archive, "SELECT count(*) FROM document") == 0
        )
        assert archive.verify() == []


def in_a_child(
    path: Path, work: Callable[[Archive], object], *, limit: int | None = None, user: int | None = None
) -> str:
    """What work on an archive says in a process whose files may not grow beyond so many bytes, or of another user."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        said = "nothing"
        try:
            if user is not None:
                os.setgid(user)
                os.setuid(user)
            with Archive.open(path, read_only=user is not None) as archive:
                if limit is not None:
                    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
                work(archive)
        except ArchiveError as error:
            said = str(error)
        except BaseException as error:
            said = f"a bug: {error!r}"
        finally:
            os.write(writer, said.encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as rest:
        said = rest.read()
    os.waitpid(child, 0)
    return said


def fifty_pages(archive: Archive) -> None:
    """More than a small disk holds."""
    for n in range(50):
        body = random.Random(n).randbytes(20_000)
        archive.snapshots.add(capture(body, url=f"http://127.0.0.1/{n}"), crawl_id=None)


def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    """What the operating system refuses in the middle of a write is one clear line, and the archive stays sound."""
    fresh(tmp_path).close()
    path = tmp_path / "archive.db"
    assert "disk" in (said := in_a_child(path, fifty_pages, limit=262_144))
    assert "\n" not in said
    with Archive.open(path) as archive:
        assert archive.verify() == []
        assert store(archive, report()) == "new"


def test_a_backup_for_which_there_is_no_room_leaves_nothing_behind(tmp_path: Path) -> None:
    fresh(tmp_path).close()
    path = tmp_path / "archive.db"
    before = set(tmp_path.iterdir())
    said = in_a_child(path, lambda archive: archive.backup(tmp_path / "copy.db"), limit=65_536)
    assert "disk" in said
    assert "\n" not in said
    assert {file.name for file in set(tmp_path.iterdir()) - before} <= {"archive.db-wal", "archive.db-shm"}


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody who may not write")
def test_a_folder_that_may_not_be_written_to() -> None:
    """Reading works for somebody who may only read; writing is one clear line."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        fresh(folder).close()
        folder.chmod(0o555)
        nobody, path = 65_534, folder / "archive.db"
        assert in_a_child(path, lambda archive: archive.verify(), user=nobody) == "nothing"
        said = in_a_child(path, fifty_pages, user=nobody)
        assert "read-only" in said
        assert "\n" not in said
        folder.chmod(0o755)


def test_a_locked_archive_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "BUSY_SECONDS", 0.05)
    with (
        fresh(tmp_path) as archive,
        closing(sqlite3.connect(tmp_path / "archive.db", isolation_level=None)) as other,
    ):
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ArchiveError, match="locked by another program"):
            archive.snapshots.add(capture(), crawl_id=None)
        other.execute("ROLLBACK")
        assert store(archive, report()) == "new"


def test_a_clock_that_goes_backwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions stand in the order of the times told, none is lost, and runs keep names of their own."""
    moments = ["2026-03-03T00:00:00Z", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"]
    with fresh(tmp_path) as archive:
        for n, moment in enumerate(moments):
            monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
            run_id = archive.runs.start("crawl", "test")
            store(archive, report(title=f"第{n}"), capture(f"{n}".encode(), fetched_at=moment), now=moment)
            archive.runs.finish(run_id, "done")
        assert every(archive, "SELECT version, first_seen FROM report_version ORDER BY version") == [
            (n, moment) for n, moment in enumerate(sorted(moments), 1)
        ]
        assert one(archive, "SELECT title FROM report") == "第0"
        assert one(archive, "SELECT count(DISTINCT key) FROM crawl") == 3
        assert archive.verify() == []


@pytest.mark.parametrize("damage", ["cut", "flip"])
def test_a_damaged_file_gives_clear_lines_and_never_a_traceback(
    tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with fresh(tmp_path) as archive:
        for n in range(30):
            store(
                archive,
                report(year=2000 + n),
                capture(f"{n}".encode() * 999, url=f"http://127.0.0.1/{n}", doc_key=f"cq:{n}"),
            )
    whole = (tmp_path / "archive.db").read_bytes()
    chance, found = random.Random(5), 0
    for n in range(12):
        content = bytearray(whole)
        if damage == "cut":
            del content[chance.randrange(len(content)) :]
        else:
            for _ in range(40):
                content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path = tmp_path / f"{damage}{n}.db"
        path.write_bytes(bytes(content))
        codes = [run([*command, "--archive", str(path)]) for command in (
            ["verify"], ["search", "公开"], ["findings"], ["manifest"], ["merge", str(tmp_path / "archive.db")],
        )]  # fmt: skip
        assert set(codes) <= {0, 1, 2}, capsys.readouterr().err
        assert "Traceback" not in capsys.readouterr().err
        found += codes[0] != 0
    assert found >= 10
