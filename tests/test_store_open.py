"""Opening: what is no archive, or not one for this program, is told in one clear line and left as it is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archive.store import Archive, ArchiveError, connection, migrations
from archive.store.connection import APPLICATION_ID, transaction
from tests.builders import capture, every, fresh, one, report, store


def test_create_then_open(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    Archive.open(path, create=True).close()
    with Archive.open(path) as archive:
        assert one(archive, "PRAGMA journal_mode") == "wal"
        assert one(archive, "PRAGMA synchronous") == 2
        assert one(archive, "PRAGMA foreign_keys") == 1
        assert one(archive, "PRAGMA application_id") == APPLICATION_ID
        assert one(archive, "PRAGMA user_version") == migrations.newest()


def not_a_database(path: Path) -> None:
    path.write_bytes(b"<html>" * 1000)


def someone_elses(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("CREATE TABLE recipe (id INTEGER)")


def newer(path: Path) -> None:
    Archive.open(path, create=True).close()
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA user_version = 9999")


def cut_short(path: Path) -> None:
    Archive.open(path, create=True).close()
    path.write_bytes(path.read_bytes()[:9000])


@pytest.mark.parametrize("create", [False, True], ids=["open", "create"])
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (not_a_database, "not a Gongkai archive"),
        (someone_elses, "not a Gongkai archive"),
        (newer, "newer version"),
        (cut_short, "damaged"),
        (Path.mkdir, "is a folder"),
    ],
    ids=["not a database", "another program's", "newer", "cut short", "folder"],
)
def test_what_cannot_be_used_is_told_in_one_line_and_left_alone(
    tmp_path: Path, make, said: str, create: bool
) -> None:
    path = tmp_path / "archive.db"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(ArchiveError) as error:
        Archive.open(path, create=create)
    assert said in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no archive here"):
        Archive.open(tmp_path / "archive.db")
    with pytest.raises(ArchiveError, match=r"folder .* does not exist"):
        Archive.open(tmp_path / "nowhere" / "archive.db", create=True)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_no_archive_but_may_become_one(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    path.touch()
    with pytest.raises(ArchiveError, match="empty"):
        Archive.open(path)
    assert path.stat().st_size == 0
    Archive.open(path, create=True).close()
    Archive.open(path).close()


def test_read_only_reads_and_never_writes(tmp_path: Path) -> None:
    with fresh(tmp_path) as archive:
        store(archive, report())
    with Archive.open(tmp_path / "archive.db", read_only=True) as archive:
        assert one(archive, "SELECT count(*) FROM report") == 1
        with pytest.raises(ArchiveError, match="read-only"):
            archive.snapshots.add(capture(b"other"), crawl_id=None)


def test_views_of_another_version_of_the_program_are_read_as_todays(tmp_path: Path) -> None:
    """A newer program reads what an older one wrote before anything writes, and leaves the file as it is."""
    with fresh(tmp_path) as archive:
        todays = [column[0] for column in archive.conn.execute("SELECT * FROM coverage").description]
        archive.conn.execute("DROP VIEW coverage")
        archive.conn.execute("CREATE VIEW coverage AS SELECT 1 AS one")
    with Archive.open(tmp_path / "archive.db", read_only=True) as archive:
        rows = archive.conn.execute("SELECT * FROM coverage")
        assert [column[0] for column in rows.description] == todays
        assert "AS one" in one(archive, "SELECT sql FROM main.sqlite_master WHERE name = 'coverage'")


def test_a_lock_that_does_not_go_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "BUSY_SECONDS", 0.05)
    with (
        fresh(tmp_path) as archive,
        closing(sqlite3.connect(tmp_path / "archive.db", isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ArchiveError, match="locked"):
            archive.snapshots.add(capture(), crawl_id=None)
        other.execute("ROLLBACK")
        archive.snapshots.add(capture(), crawl_id=None)


def test_locked_while_it_is_being_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "BUSY_SECONDS", 0.05)
    path = tmp_path / "archive.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ArchiveError, match="locked"):
            Archive.open(path, create=True)


def test_a_fault_of_ours_is_no_archive_error(tmp_path: Path) -> None:
    with (
        fresh(tmp_path) as archive,
        pytest.raises(sqlite3.OperationalError, match="no such table"),
        transaction(archive.db) as conn,
    ):
        conn.execute("SELECT * FROM nowhere")


def test_nothing_of_a_transaction_stays_when_something_leaves_it(tmp_path: Path) -> None:
    with fresh(tmp_path) as archive:
        with pytest.raises(KeyboardInterrupt), transaction(archive.db) as conn:
            conn.execute("INSERT INTO meta VALUES ('a', '1')")
            with transaction(archive.db):
                conn.execute("INSERT INTO meta VALUES ('b', '2')")
            raise KeyboardInterrupt
        assert one(archive, "SELECT count(*) FROM meta WHERE name IN ('a', 'b')") == 0


def test_an_inner_transaction_can_fail_alone(tmp_path: Path) -> None:
    with fresh(tmp_path) as archive:
        with transaction(archive.db) as conn:
            conn.execute("INSERT INTO meta VALUES ('a', '1')")
            with pytest.raises(RuntimeError), transaction(archive.db):
                conn.execute("INSERT INTO meta VALUES ('b', '2')")
                raise RuntimeError
        assert every(archive, "SELECT name FROM meta WHERE name IN ('a', 'b')") == [("a",)]


# -- migrations


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch):
    """A program with one more schema version than this one."""
    today = migrations.scripts()

    def release(script: str) -> int:
        number = max(today) + 1
        monkeypatch.setattr(migrations, "scripts", lambda: {**today, number: script})
        return number

    return release


@pytest.mark.parametrize("version", sorted(migrations.scripts()))
def test_every_earlier_schema_with_data_becomes_todays(tmp_path: Path, version: int, next_version) -> None:
    """The archive of a version holds one row in ``meta`` (older schemas cannot be written through today's classes)."""
    path = tmp_path / "archive.db"
    db = connection.connect(path, read_only=False)
    with transaction(db) as conn:
        conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        migrations.upgrade(db, to=version)
        conn.execute("INSERT INTO meta VALUES ('kept', 'yes')")
    db.close()
    newest = next_version("ALTER TABLE report ADD COLUMN mood TEXT;")
    with Archive.open(path) as archive:
        assert one(archive, "SELECT value FROM meta WHERE name = 'kept'") == "yes"
        assert one(archive, "PRAGMA user_version") == newest
        assert one(archive, "SELECT count(*) FROM panel WHERE year = 2025") == 0
        assert archive.verify() == []
    with closing(sqlite3.connect(tmp_path / f"archive.db.before-{newest:04}")) as copy:
        assert copy.execute("PRAGMA user_version").fetchone()[0] == version
        assert copy.execute("SELECT value FROM meta WHERE name = 'kept'").fetchone()[0] == "yes"


def test_an_upgrade_keeps_the_reports(tmp_path: Path, next_version) -> None:
    with fresh(tmp_path) as archive:
        store(archive, report())
    next_version("ALTER TABLE report ADD COLUMN mood TEXT;")
    with Archive.open(tmp_path / "archive.db") as archive:
        assert every(archive, "SELECT year, mood FROM report") == [(2025, None)]
        assert archive.verify() == []


def test_a_failed_upgrade_changes_nothing(
    tmp_path: Path, next_version, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh(tmp_path) as archive:
        store(archive, report())
    with monkeypatch.context() as patch:
        today = migrations.scripts()
        broken = "ALTER TABLE report ADD COLUMN mood TEXT;\nDROP TABLE nowhere;"
        patch.setattr(migrations, "scripts", lambda: {**today, 2000: broken})
        with pytest.raises(sqlite3.OperationalError):
            Archive.open(tmp_path / "archive.db")
    with Archive.open(tmp_path / "archive.db") as archive:
        assert one(archive, "PRAGMA user_version") == migrations.newest()
        assert one(archive, "SELECT count(*) FROM panel") == 1


def test_read_only_does_not_upgrade(tmp_path: Path, next_version) -> None:
    fresh(tmp_path).close()
    next_version("ALTER TABLE report ADD COLUMN mood TEXT;")
    with pytest.raises(ArchiveError, match="older version"):
        Archive.open(tmp_path / "archive.db", read_only=True)


def test_a_backup_is_a_whole_archive(tmp_path: Path) -> None:
    with fresh(tmp_path) as archive:
        store(archive, report())
        archive.backup(tmp_path / "copy.db")
        with pytest.raises(ArchiveError, match="there already"):
            archive.backup(tmp_path / "copy.db")
    with Archive.open(tmp_path / "copy.db") as copy:
        assert copy.verify() == []
        assert one(copy, "SELECT year FROM report") == 2025
