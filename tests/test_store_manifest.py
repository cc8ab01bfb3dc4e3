"""Manifests: chained, the same lines in every archive, and telling of what was altered later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.store import Archive, manifest
from archive.store.merging import merge
from crawler.cli import run
from tests.builders import capture, fresh


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with fresh(tmp_path) as opened:
        for n in range(4):
            opened.snapshots.add(capture(f"{n}".encode(), url=f"http://127.0.0.1/{n}"), crawl_id=None)
            if n % 2:
                assert manifest.seal(opened.db)
        yield opened


def test_a_seal_holds_what_came_since_the_one_before(archive: Archive) -> None:
    assert [(s.number, s.first_id, s.last_id, s.snapshots) for s in manifest.seals(archive.conn)] == [
        (1, 1, 2, 2),
        (2, 3, 4, 2),
    ]
    assert manifest.seal(archive.db) is None
    first, second = manifest.seals(archive.conn)
    told = list(manifest.lines(archive.conn, second))
    assert told[1] == f"previous {first.digest}"
    assert told[-1] == f"digest {second.digest}"
    assert len(told) == 5
    assert archive.verify() == []


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE snapshot SET headers = '[]' WHERE id = 1", "UPDATE snapshot SET context = '{}' WHERE id = 4",
        "UPDATE snapshot SET status = 404 WHERE id = 3", "DELETE FROM snapshot WHERE id = 2",
        "UPDATE seal SET digest = digest || '0' WHERE number = 1", "DELETE FROM seal WHERE number = 1",
    ],
)  # fmt: skip
def test_what_was_altered_later_is_found(archive: Archive, damage: str) -> None:
    archive.conn.execute(damage)
    assert any(problem.where.startswith("seal") for problem in archive.verify())


def test_the_file_names_what_was_altered_in_this_archive_and_in_one_that_took_it_over(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, folder = str(tmp_path / "archive.db"), tmp_path / "manifests"
    assert run(["manifest", str(folder), "--archive", path]) == 0
    files = sorted(folder.iterdir())
    assert len(files) == 2
    with fresh(tmp_path, "other.db") as other:
        merge(other, tmp_path / "archive.db")
        assert [manifest.check_file(other.conn, file) for file in files] == [[], []]
        other.conn.execute(
            "UPDATE snapshot SET context = '{\"title\": \"x\"}' WHERE url = 'http://127.0.0.1/2'"
        )
    asked = ["verify", "--archive", str(tmp_path / "other.db"), "--manifest", str(files[0]), "--manifest"]
    capsys.readouterr()
    assert run([*asked, str(files[1])]) == 1
    key = archive.conn.execute("SELECT key FROM snapshot WHERE id = 3").fetchone()[0]
    assert f"snapshot {key}" in capsys.readouterr().out
    files[1].write_text(files[1].read_text().replace("2026", "2025", 1))
    assert run([*asked, str(files[1])]) == 1
    assert "was altered" in capsys.readouterr().out
    assert run([*asked, str(tmp_path / "other.db")]) == 2


def test_the_command_prints_the_newest(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["manifest", "--archive", str(tmp_path / "archive.db")]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[0].startswith("gongkai manifest 1 number 2")
    assert "nothing new" in told.err
    fresh(tmp_path, "empty.db").close()
    assert run(["manifest", "--archive", str(tmp_path / "empty.db")]) == 0


def test_a_manifest_that_cannot_be_written_leaves_nothing_and_comes_the_next_time(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    asked = ["manifest", str(tmp_path / "m"), "--archive", str(tmp_path / "archive.db")]
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        assert run(asked) == 2
    assert list((tmp_path / "m").iterdir()) == []
    assert run(asked) == 0
    assert len(list((tmp_path / "m").iterdir())) == len(manifest.seals(archive.conn))
