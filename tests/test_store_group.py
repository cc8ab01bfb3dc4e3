"""Group commit: one transaction for what comes at about the same time; whoever writes goes on when it is committed."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive.store import Archive, ArchiveError
from archive.store.connection import transaction
from archive.store.group import GroupCommit


def put(archive: Archive, name: str, *, error: Exception | None = None) -> str:
    with transaction(archive.db) as conn:
        conn.execute("INSERT INTO meta VALUES (?, 'x')", [name])
        if error is not None:
            raise error
    return name


def committed(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as other:
        return {row[0] for row in other.execute("SELECT name FROM meta WHERE value = 'x'")}


async def several(archive: Archive, *writes: Any) -> list[Any]:
    group = GroupCommit(archive.db)
    seen: list[Any] = []

    async def one(write: Any) -> Any:
        try:
            outcome: Any = await group.write(write)
        except Exception as error:
            outcome = error
        seen.append(committed(archive.path))  # what another process sees when the writer goes on
        return outcome

    return [await asyncio.gather(*map(one, writes)), seen]


def test_what_comes_together_is_committed_together_before_anybody_goes_on(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "a.db", create=True) as archive:
        said: list[str] = []
        archive.conn.set_trace_callback(said.append)
        outcomes, seen = asyncio.run(several(archive, *(lambda n=n: put(archive, n) for n in "abc")))
        archive.conn.set_trace_callback(None)
    assert outcomes == ["a", "b", "c"]
    assert seen == [{"a", "b", "c"}] * 3
    assert [text for text in said if text.startswith(("BEGIN", "COMMIT"))] == ["BEGIN IMMEDIATE", "COMMIT"]


def test_a_write_that_fails_undoes_itself_alone(tmp_path: Path) -> None:
    fault = ValueError("a bug")
    with Archive.open(tmp_path / "a.db", create=True) as archive:
        outcomes, seen = asyncio.run(
            several(
                archive,
                lambda: put(archive, "a"),
                lambda: put(archive, "b", error=fault),
                lambda: put(archive, "c"),
            )
        )
    assert outcomes == ["a", fault, "c"] and seen[-1] == {"a", "c"}


@pytest.mark.parametrize(
    "trouble", [ArchiveError("the disk is full"), sqlite3.OperationalError("disk I/O error")]
)
def test_trouble_of_the_archive_keeps_nothing_and_is_told_to_all(tmp_path: Path, trouble: Exception) -> None:
    with Archive.open(tmp_path / "a.db", create=True) as archive:
        outcomes, seen = asyncio.run(
            several(archive, lambda: put(archive, "a"), lambda: put(archive, "b", error=trouble))
        )
        assert all(isinstance(told, ArchiveError) for told in outcomes) and seen[-1] == set()
        assert put(archive, "later") == "later"  # no transaction is left open


def test_one_who_waits_no_longer_hinders_nobody(tmp_path: Path) -> None:
    async def run(archive: Archive) -> str:
        group = GroupCommit(archive.db)
        gone = asyncio.ensure_future(group.write(lambda: put(archive, "a")))
        stays = asyncio.ensure_future(group.write(lambda: put(archive, "b")))
        await asyncio.sleep(0)
        gone.cancel()
        return await stays

    with Archive.open(tmp_path / "a.db", create=True) as archive:
        assert asyncio.run(run(archive)) == "b"
