"""Faults of ours and of the disk, made to happen in the middle of a crawl: none of them may leave a site ``well``."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.crawl_portal import REPOSITORY, Portal, column, gongkai, registry, report, row, serving

JYW = "重庆市巴南区教育委员会"
NB = "/zwgk_252/zfxxgknb/"
ENTRIES = {f"202{n}01/t202{n}0120_1500000{n}.html": 2019 + n for n in range(1, 7)}


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    """Six reports of one department in one column."""
    with serving(Portal()) as it:
        titles = {entry: f"{JYW}{year}年政府信息公开工作年度报告" for entry, year in ENTRIES.items()}
        it.pages[NB] = column("政府信息公开年报", "".join(row(f"./{e}", t) for e, t in titles.items()))
        it.pages |= {NB + entry: report(JYW, year) for entry, year in ENTRIES.items()}
        registry(tmp_path, f"banan,district,trs,巴南区,500113,{it.url(NB)},,,,1,")
        yield it


def sabotaged(
    folder: Path, sabotage: str, *arguments: str, main: str = "crawler.cli"
) -> subprocess.CompletedProcess[str]:
    """``gongkai crawl`` (or scrapy), with some lines of Python run first."""
    call = (
        "from crawler.cli import main"
        if main == "crawler.cli"
        else "from scrapy.cmdline import execute as main"
    )
    (folder / "sabotage.py").write_text(f"{sabotage}\n{call}\nmain()\n", encoding="utf-8")
    path = os.pathsep.join([str(folder), str(REPOSITORY)])
    return gongkai(folder, *(arguments or ("crawl",)), module="sabotage", PYTHONPATH=path)


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        return connection.execute(sql).fetchall()


def judged(folder: Path) -> tuple[Any, ...]:
    return rows(folder, "SELECT verdict, reason FROM crawl_site ORDER BY crawl_id DESC LIMIT 1")[0]


STORE = "from archive.store.readings import Readings\nReadings.store = lambda *_, **__: 1 / 0"
SNAPSHOT = "from crawler.pipelines.snapshot import SnapshotPipeline\nSnapshotPipeline.process_item = lambda *_: 1 / 0"
CALLBACK = "from crawler.spiders.district import DistrictSpider\nDistrictSpider._beside = lambda *_: 1 / 0"


@pytest.mark.parametrize("sabotage", [STORE, SNAPSHOT, CALLBACK], ids=["store", "snapshot", "callback"])
def test_a_page_that_crashes_us_is_told_and_stays_work(portal: Portal, tmp_path: Path, sabotage: str) -> None:
    ran = sabotaged(tmp_path, sabotage)
    assert ran.returncode == 1, ran.stderr
    assert judged(tmp_path) == ("short", "error")
    if sabotage != CALLBACK:  # which had handed on the page itself
        assert rows(tmp_path, "SELECT DISTINCT state, reason FROM link") == [("failed", "error")]
    assert rows(tmp_path, "SELECT status FROM crawl") == [("done",)]


@pytest.mark.parametrize("method", ["follow", "_go_on"])
def test_a_list_that_crashes_us_has_an_end_and_is_no_evidence(
    portal: Portal, tmp_path: Path, method: str
) -> None:
    sabotage = f"from crawler.spiders.district import DistrictSpider\nDistrictSpider.{method} = lambda *_, **__: 1 / 0"
    ran = sabotaged(tmp_path, sabotage)
    assert ran.returncode == 1, ran.stderr
    assert judged(tmp_path) == ("short", "error")
    assert rows(tmp_path, "SELECT complete FROM listing") == [(0,)]


def test_a_crash_at_the_very_beginning_is_told_of_every_site(portal: Portal, tmp_path: Path) -> None:
    sabotage = "from crawler.session import Session\nSession.again = lambda *_: 1 / 0"
    ran = sabotaged(tmp_path, sabotage)
    assert ran.returncode == 1, ran.stderr
    assert judged(tmp_path) == ("short", "error")


FULL = """
from archive.store import ArchiveError
from archive.store.{module} import {kind}
real, calls = {kind}.{method}, []
def full(*arguments, **more):
    calls.append(1)
    if len(calls) >= {after}:
        raise ArchiveError("archive.db: the disk is full; nothing of the last step was written")
    return real(*arguments, **more)
{kind}.{method} = full
"""


@pytest.mark.parametrize(
    ("module", "kind", "method", "after", "scrapy"),
    [
        ("readings", "Readings", "store", 2, True),
        ("snapshots", "Snapshots", "add", 1, False),  # robots.txt, kept by the capture
        ("snapshots", "Snapshots", "add", 4, False),  # a report
        ("frontier", "Frontier", "listed", 1, False),
        ("runs", "Runs", "site", 1, True),
        ("runs", "Runs", "finish", 1, False),
    ],
)
def test_a_full_disk_ends_the_run_with_one_line(
    portal: Portal, tmp_path: Path, module: str, kind: str, method: str, after: int, scrapy: bool
) -> None:
    sabotage = FULL.format(module=module, kind=kind, method=method, after=after)
    if scrapy:
        ran = sabotaged(tmp_path, sabotage, "crawl", "district", main="scrapy.cmdline")
    else:
        ran = sabotaged(tmp_path, sabotage)
    assert ran.returncode == 2, ran.stderr
    assert "the disk is full" in ran.stderr.splitlines()[-1]
    assert "Traceback" not in ran.stderr
    expected = (
        "running" if method == "finish" else "failed"
    )  # what cannot be written is found out by the next run
    assert rows(tmp_path, "SELECT status FROM crawl") == [(expected,)]
    assert not rows(tmp_path, "SELECT 1 FROM crawl_site WHERE verdict = 'well'") or kind == "Runs"


@pytest.mark.parametrize("asked", ["SIGINT", "SIGTERM"])
def test_an_interrupted_run_says_nothing_of_its_sites(portal: Portal, tmp_path: Path, asked: str) -> None:
    """Not ``unreachable``, and not ``broken``: they were not asked to the end."""
    sabotage = (
        "import os, signal\nfrom crawler.session import Session\nreal = Session.found\n"
        f"def found(*arguments):\n    os.kill(os.getpid(), signal.{asked})\n    return real(*arguments)\n"
        "Session.found = found"
    )
    second = f"towns,township,trs,巴南区镇街,500113,{portal.url('/jz/')},,,,1,\n"
    with (tmp_path / "sites.csv").open("a", encoding="utf-8") as file:
        file.write(second)
    ran = sabotaged(tmp_path, sabotage)
    assert ran.returncode == 130 and "Traceback" not in ran.stderr
    found = dict(rows(tmp_path, "SELECT site, verdict || ' ' || coalesce(reason, '') FROM crawl_site"))
    assert found["towns"] == "short interrupted"
    assert not found["banan"].startswith(("unreachable", "broken"))


def test_what_was_kept_before_a_kill_is_read_and_not_asked_for_again(portal: Portal, tmp_path: Path) -> None:
    killed = "import os\nfrom archive.store.readings import Readings\nReadings.store = lambda *_, **__: os._exit(9)"
    assert sabotaged(tmp_path, killed).returncode == 9
    kept = {url for (url,) in rows(tmp_path, "SELECT url FROM snapshot WHERE kind = 'report'")}
    assert kept and rows(tmp_path, "SELECT count(*) FROM report") == [(0,)]
    assert gongkai(tmp_path, "crawl").returncode == 0
    asked = portal.paths()
    assert {asked.count(entry) for entry in (NB + e for e in ENTRIES) if portal.url(entry) in kept} == {1}
    assert rows(tmp_path, "SELECT count(*), count(DISTINCT snapshot_id) FROM report") == [(6, 6)]
    assert rows(tmp_path, "SELECT DISTINCT state FROM link") == [("done",)]
