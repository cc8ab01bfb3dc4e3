"""The main job end to end: a crawl of the replica gives exactly what the replica shows."""

from __future__ import annotations

import copy
import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.replica import Replica, Truth
from crawler.replica.compare import Comparison, compare
from crawler.replica.world import MIRROR

CRAWL_SECONDS = 120


def gongkai(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as a person would."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GONGKAI_")}
    return subprocess.run(
        [sys.executable, "-m", "crawler", *arguments],
        env={**clean, "GONGKAI_DELAY": "0", "PYTHONUTF8": "1", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=CRAWL_SECONDS,
        check=False,
    )


def crawl(replica: Replica, archive: Path, *sites: str) -> subprocess.CompletedProcess[str]:
    registry = archive.with_name("sites.csv")
    registry.write_text(replica.registry_csv(), encoding="utf-8")
    return gongkai("crawl", *sites, "--archive", str(archive), "--sites", str(registry))


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, object]:
    """One complete crawl of the replica, shared by the tests that only look at it."""
    archive = tmp_path_factory.mktemp("night") / "archive.db"
    with Replica(max_seconds=300) as running:
        done = crawl(running, archive)
        result = compare(archive, running.truth()) if archive.exists() else Comparison()
        return {
            "done": done,
            "result": result,
            "log": list(running.log),
            "errors": list(running.errors),
            "truth": running.truth(),
            "archive": archive,
        }


def result_of(night: Mapping[str, object]) -> Comparison:
    result = night["result"]
    assert isinstance(result, Comparison)
    assert result.lines, night["done"]
    return result


def test_the_crawl_ends_well_or_says_what_fell_short(night: Mapping[str, object]) -> None:
    done = night["done"]
    assert isinstance(done, subprocess.CompletedProcess)
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    assert night["errors"] == []


def test_every_report_is_found_and_nothing_else(night: Mapping[str, object]) -> None:
    result = result_of(night)
    assert [line.expected.identity for line in result.missing] == []
    assert result.surplus == []
    assert result.taken_in == []


def test_every_cell_is_read_as_printed(night: Mapping[str, object]) -> None:
    result = result_of(night)
    assert [text for line in result.lines for text in line.wrong_cells] == []
    assert result.cells_right == result.cells_expected > 25_000


def test_form_kind_county_date_and_notes_are_right(night: Mapping[str, object]) -> None:
    lines = result_of(night).lines
    assert [(line.expected.identity, text) for line in lines for text in line.wrong_facts] == []


def test_planted_faults_are_noticed_and_no_others(night: Mapping[str, object]) -> None:
    lines = result_of(night).lines
    assert [(line.expected.identity, rule) for line in lines for rule in line.unnoticed] == []
    # Rules across years belong to the archive; what it does not know yet cannot have been missed.
    assert {rule for line in lines for rule in line.unchecked} <= {"X-CARRY"}
    assert [(line.expected.identity, rule) for line in lines for rule in line.invented] == []


def test_the_comparison_sees_a_cell_a_date_and_a_report_that_differ(night: Mapping[str, object]) -> None:
    result_of(night)
    told, archive = night["truth"], night["archive"]
    assert isinstance(told, Truth)
    assert isinstance(archive, Path)
    report = told.by_identity()["重庆市南岸区人民政府", 2023, "jurisdiction_aggregate"]
    tables = copy.deepcopy(report.tables)
    tables["applications"]["granted"]["total"] = 126
    others = tuple(other for other in told.reports if other is not report)
    changed = replace(report, tables=tables, published_on="2024-03-19")
    complaints = list(compare(archive, replace(told, reports=(*others[1:], changed))).complaints())
    assert any("applications.granted.total is 126 on the page and 125" in line for line in complaints)
    assert any("published_on should be 2024-03-19 and is" in line for line in complaints)
    assert any("nobody published it" in line and others[0].agency in line for line in complaints)


def test_the_crawl_is_a_good_guest(night: Mapping[str, object]) -> None:
    log = night["log"]
    assert isinstance(log, list)
    assert {seen.host for seen in log} - {MIRROR} == {seen.host for seen in log}, "the mirror was asked"
    first = {}
    asked: defaultdict[tuple[str, str], int] = defaultdict(int)
    for seen in log:
        first.setdefault(seen.host, seen.path)
        asked[seen.host, seen.path] += 1
    assert set(first.values()) == {"/robots.txt"}
    assert not [
        seen.path for seen in log if urlsplit(seen.path).path.startswith("/igs/") and seen.host != "cqna"
    ]
    often = {place: count for place, count in asked.items() if count > 2}
    assert often == {}
    agents = {seen.headers.get("user-agent", "") for seen in log}
    assert len(agents) == 1
    assert "gongkai" in agents.pop().lower()


def test_compressed_bodies_are_asked_for_only_where_the_row_says_so(night: Mapping[str, object]) -> None:
    log = night["log"]
    assert isinstance(log, list)
    for seen in log:
        if seen.path.endswith(".html"):
            assert ("gzip" in seen.headers.get("accept-encoding", "")) <= (seen.host == "cqyz"), seen.path


@pytest.mark.slow
def test_the_second_night_finds_what_changed(replica: Replica, archive_path: Path) -> None:
    crawl(replica, archive_path, "banan-towns", "yuzhong-depts")
    replica.night(2)
    registry = archive_path.with_name("sites.csv")
    done = gongkai(
        "crawl",
        "banan-towns",
        "yuzhong-depts",
        "--refresh",
        "--archive",
        str(archive_path),
        "--sites",
        str(registry),
    )
    assert done.returncode in (0, 1), done.stderr
    wanted = {"banan-towns", "yuzhong-depts"}
    result = compare(archive_path, replica.truth())
    wrong = [
        line.expected.identity
        for line in result.lines
        if line.expected.site in wanted and (line.found is None or line.wrong_cells)
    ]
    assert wrong == []


def test_the_demo_leaves_other_peoples_files_alone(tmp_path: Path) -> None:
    precious = tmp_path / "thesis.db"
    precious.write_text("not an archive")
    done = gongkai("demo", "--archive", str(precious))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert precious.read_text() == "not an archive"


def test_the_demo_says_when_its_port_is_taken(tmp_path: Path, replica: Replica) -> None:
    port = str(urlsplit(replica.base("cqbn")).port)
    done = gongkai("demo", "--port", port, "--archive", str(tmp_path / "demo.db"))
    assert done.returncode == 2
    assert "cannot listen" in done.stderr
    assert not (tmp_path / "demo.db").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_serve_only_runs_until_it_is_interrupted() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "crawler", "demo", "--serve-only"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            assert running.stderr is not None
            assert running.stdout is not None
            assert "running" in running.stderr.readline()
            running.send_signal(signal.SIGINT)
            said = running.stdout.read()
            assert running.wait(20) == 0
        finally:
            running.kill()
    assert "cqbn     http://127.0.0.1:" in said
    assert "banan,district,trs," in said
