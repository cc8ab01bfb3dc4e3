"""The crawl among traps: what can be reached is found, nothing is invented, and every failure is on record."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from crawler.replica import Replica, Scenario
from crawler.replica.traps import TRAPS
from tests.crawl_portal import REPOSITORY, gongkai

SLOW = frozenset({"silent", "stall", "robots_silent", "endless_body", "deep_tree", "trickle"})
"""Traps that cost a minute of silence, or many requests. The silent ones are tried below with less patience than a crawl
has, the others by hand now and then."""
SILENT = frozenset({"silent", "stall", "robots_silent"})
LATER = frozenset({"cut_once", "retry_after", "retry_after_hour"})
"""Their reports come another night: a failed page is not asked for again at once."""


def _judge(
    replica: Replica, archive: Path, *, earlier: frozenset[tuple[str, int, str]] = frozenset()
) -> dict[str, str]:
    """What is wrong, by trap, for the run just ended. ``earlier`` are reports of nights before: what went stays kept."""
    truth = replica.truth()
    wrong: dict[str, str] = {}
    with closing(sqlite3.connect(archive)) as db:
        run = db.execute("SELECT max(id) FROM crawl").fetchone()[0]
        verdicts = dict(db.execute("SELECT site, verdict FROM crawl_site WHERE crawl_id = ?", [run]))
        reports = set(db.execute("SELECT agency, year, scope FROM report"))
        states = dict(db.execute("SELECT url, state FROM link"))
        gone = {url for (url,) in db.execute("SELECT url FROM document WHERE gone_on IS NOT NULL")}
        complete: dict[str, bool] = {}
        for site, whole in db.execute("SELECT site, complete FROM listing WHERE crawl_id = ?", [run]):
            complete[site] = complete.get(site, True) and bool(whole)
        kept: dict[str, set[int]] = {}
        for site, status in db.execute("SELECT json_extract(context, '$.site'), status FROM snapshot"):
            kept.setdefault(site, set()).add(status)
    assert reports <= {report.identity for report in truth.reports} | earlier, "invented"
    for trouble in truth.troubles:
        base = replica.base(trouble.host)
        missing = {report.identity for report in truth.of_site(trouble.site)} - reports
        asked = [entry for entry in replica.log if entry.host == trouble.host]
        told = [
            missing and trouble.trap not in LATER and f"{len(missing)} reports not found",
            verdicts.get(trouble.site) not in trouble.verdicts and f"verdict {verdicts.get(trouble.site)}",
            any(states.get(base + path) == "done" for path in trouble.unfinished) and "a failure was taken for done",
            any(base + path not in gone for path in trouble.withdrawn) and "a vanished report is not recorded",
            trouble.statuses - {0} - kept.get(trouble.site, set()) and "no evidence kept",
            trouble.at_most is not None and len(asked) > trouble.at_most and f"{len(asked)} requests",
            trouble.complete is not None and complete.get(trouble.site, False) != trouble.complete and "complete?",
            any(e.host == h and e.path.startswith(p) for e in replica.log for h, p in trouble.never) and "asked a stranger",
        ]  # fmt: skip
        if any(told):
            wrong[trouble.trap] = "; ".join(str(word) for word in told if word)
    return wrong


def test_every_trap_is_survived_and_told_two_nights(tmp_path: Path) -> None:
    scenario = Scenario(portals=False, traps=TRAPS - SLOW, hang=5)
    with Replica(scenario, max_seconds=280) as replica:
        (tmp_path / "sites.csv").write_text(replica.registry_csv(), encoding="utf-8")
        ran = gongkai(tmp_path, "crawl")
        assert ran.returncode == 1 and "Traceback" not in ran.stderr, ran.stderr[-2000:]
        assert _judge(replica, tmp_path / "archive.db") == {}
        earlier = frozenset(report.identity for report in replica.truth().reports)
        with closing(sqlite3.connect(tmp_path / "archive.db")) as db, db:
            # A day goes by.
            db.execute("UPDATE link SET next_try = '2026-01-01T00:00:00Z' WHERE next_try IS NOT NULL")
        replica.night(2)
        replica.log.clear()
        ran = gongkai(tmp_path, "nightly", "--share", "1")
        assert ran.returncode == 1 and "Traceback" not in ran.stderr, ran.stderr[-2000:]
        assert _judge(replica, tmp_path / "archive.db", earlier=earlier) == {}
    assert replica.errors == []


def test_silence_is_told_and_holds_up_nobody_else(tmp_path: Path) -> None:
    with Replica(Scenario(portals=False, traps=SILENT | {"charsets"}), max_seconds=120) as replica:
        (tmp_path / "sites.csv").write_text(replica.registry_csv(), encoding="utf-8")
        ran = gongkai(tmp_path, "crawl", "district", "-s", "DOWNLOAD_TIMEOUT=2", module="scrapy")
        assert "Traceback" not in ran.stderr and "ERROR" not in ran.stderr, ran.stderr[-2000:]
        assert _judge(replica, tmp_path / "archive.db") == {}


KILLS = 16


def test_killed_again_and_again_the_union_is_complete_and_nothing_is_read_twice(tmp_path: Path) -> None:
    """Kills at random moments, of short lives; each run goes on where the last one died."""
    dice = random.Random(20261121)
    with Replica(Scenario(portals=False, towns=24), max_seconds=280) as replica:
        (tmp_path / "sites.csv").write_text(replica.registry_csv(), encoding="utf-8")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GONGKAI_")} | {
            "XDG_STATE_HOME": str(tmp_path / "state"), "GONGKAI_DELAY": "0.01", "PYTHONPATH": str(REPOSITORY),
            "GONGKAI_ARCHIVE": str(tmp_path / "archive.db"), "GONGKAI_SITES": str(tmp_path / "sites.csv"),
        }  # fmt: skip
        for _ in range(KILLS):
            before = len(replica.log)
            running = subprocess.Popen(
                [sys.executable, "-m", "crawler", "crawl"], cwd=REPOSITORY, env=environment,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            until, enough = time.monotonic() + 20, before + dice.randint(1, 50)
            while len(replica.log) < enough and running.poll() is None and time.monotonic() < until:
                time.sleep(0.005)
            running.send_signal(signal.SIGKILL)
            running.wait(10)
        assert gongkai(tmp_path, "crawl").returncode == 0
        truth = replica.truth()
        pages = {path for report in truth.reports for path in report.paths[:1]}
        asked = [entry.path for entry in replica.log if entry.path in pages]
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        assert set(db.execute("SELECT agency, year, scope FROM report")) == {
            r.identity for r in truth.reports
        }
        assert db.execute("SELECT count(*) - count(DISTINCT doc_key) FROM report_version").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM link WHERE state <> 'done'").fetchone() == (0,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        runs = dict(db.execute("SELECT status, count(*) FROM crawl GROUP BY status"))
        assert (
            runs["done"] >= 1 and runs["interrupted"] >= KILLS // 2 and set(runs) == {"done", "interrupted"}
        ), runs
    # Asked for again is only what was under way at a kill: at most what the downloader holds.
    assert len(asked) <= len(pages) + KILLS * 8
