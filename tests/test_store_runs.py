"""Runs: a killed one is marked by the next, a living one is left alone."""

from __future__ import annotations

import os
from pathlib import Path

from tests.builders import every, fresh, one


def test_a_killed_run_is_marked_by_the_next(tmp_path: Path) -> None:
    with fresh(tmp_path) as archive:
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        killed = archive.runs.start("crawl", "test")
        host, _, _ = one(archive, "SELECT process FROM crawl").rsplit(" ", 2)
        archive.conn.execute("UPDATE crawl SET process = ?", [f"{host} {child} 1"])
        alive = archive.runs.start("nightly", "test")
        archive.runs.start("crawl", "test")
        assert dict(every(archive, "SELECT id, status FROM crawl"))[killed] == "interrupted"
        assert dict(every(archive, "SELECT id, status FROM crawl"))[alive] == "running"


def test_a_process_number_used_again_does_not_keep_a_run_alive(tmp_path: Path) -> None:
    with fresh(tmp_path) as archive:
        run = archive.runs.start("crawl", "test")
        archive.conn.execute("UPDATE crawl SET process = process || '0'")
        archive.runs.start("crawl", "test")
        assert archive.runs.get(run)["status"] == "interrupted"  # type: ignore[index]


def test_keys_of_runs_differ(tmp_path: Path) -> None:
    with fresh(tmp_path) as archive:
        for _ in range(3):
            archive.runs.finish(archive.runs.start("crawl", "test"), "done")
        assert one(archive, "SELECT count(DISTINCT key) FROM crawl") == 3
        assert (
            one(archive, "SELECT count(*) FROM crawl WHERE status = 'done' AND finished_at >= started_at")
            == 3
        )


def test_counts_of_a_site_can_be_completed(tmp_path: Path) -> None:
    with fresh(tmp_path) as archive:
        run = archive.runs.start("crawl", "test")
        archive.runs.site(run, "banan", links=3, fetched=2)
        archive.runs.site(run, "banan", verdict="short", reason="links without pages")
        assert every(archive, "SELECT links, fetched, verdict FROM crawl_site") == [(3, 2, "short")]


def test_a_site_that_left_the_registry_stays_disabled(tmp_path: Path) -> None:
    with fresh(tmp_path) as archive:
        archive.runs.sync_sites([{"site": "banan", "enabled": True}, {"site": "kaizhou", "enabled": True}])
        archive.runs.sync_sites([{"site": "banan", "enabled": True, "name": "巴南"}])
        assert every(archive, "SELECT site, enabled, name FROM site ORDER BY site") == [
            ("banan", 1, "巴南"), ("kaizhou", 0, None),
        ]  # fmt: skip
