"""Runs in parts: the same comes out as of one process, whatever is killed on the way; and what is missing is said in one line."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from archive.store import Archive, ArchiveError, seed
from archive.store.merging import merge
from crawler.cli import run
from crawler.fleet import broker, parts
from crawler.fleet.distributed import Workers
from crawler.replica import Replica, Scenario
from crawler.session import Plan
from crawler.sites import load
from crawler.verdict import Tally, Verdict
from tests.crawl_portal import gongkai
from tests.fleet_kit import REDIS, REPOSITORY, Fleet, differences, kill, too_fast

needs_redis = pytest.mark.skipif(REDIS is None, reason="redis-server is not installed")


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    """Three installations with a town each."""
    with Replica(Scenario(portals=False, installations=3, installation_towns=1)) as it:
        yield it


@pytest.fixture(scope="module")
def crawled(replica: Replica, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the archive of one process after one night."""
    folder = tmp_path_factory.mktemp("crawled")
    (folder / "sites.csv").write_text(replica.registry_csv(), "utf-8")
    ran = gongkai(folder, "nightly")
    assert ran.returncode == 0, ran.stderr
    return folder


def copied(crawled: Path, folder: Path) -> Path:
    """A copy of that archive in another folder, with its registry."""
    (folder / "sites.csv").write_bytes((crawled / "sites.csv").read_bytes())
    with Archive.open(crawled / "archive.db") as archive:
        archive.backup(folder / "archive.db")
    return folder / "archive.db"


# -- seeds


def test_a_seed_knows_what_a_crawl_asks_and_holds_no_bytes(crawled: Path, tmp_path: Path) -> None:
    path = copied(crawled, tmp_path)
    registry = load(tmp_path / "sites.csv")
    rows = [site.as_row() for site in registry if site.site == "fleet-001"]
    with Archive.open(path) as archive:
        run = archive.runs.start("nightly", "test")
        seed.cut(archive, run, rows, tmp_path / "seed.db")
        with Archive.open(tmp_path / "seed.db") as small:
            assert seed.is_seed(small.conn) and not seed.is_seed(archive.conn)
            assert small.runs.get(seed.run_of(small))["key"] == archive.runs.get(run)["key"]  # type: ignore[index]
            known = archive.frontier.due("fleet-001", now="9999", refresh=True)
            assert small.frontier.due("fleet-001", now="9999", refresh=True) == known
            assert len(known) == 5
            for link in known:
                asked = archive.snapshots.validators(link["url"])
                assert asked and small.snapshots.validators(link["url"]) == asked
            assert small.frontier.known_years("fleet-001") == archive.frontier.known_years("fleet-001")
            assert small.frontier.due("fleet-000", now="9999", refresh=True) == []
            assert small.conn.execute("SELECT sum(length(data)) FROM body").fetchone()[0] is None
            assert small.conn.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_seed_that_found_nothing_changes_nothing(crawled: Path, tmp_path: Path) -> None:
    path = copied(crawled, tmp_path)
    rows = [site.as_row() for site in load(tmp_path / "sites.csv")]
    with Archive.open(path) as archive:
        run = archive.runs.start("nightly", "test")
        archive.backup(tmp_path / "before.db")
        seed.cut(archive, run, rows, tmp_path / "seed.db")
        merged = merge(archive, tmp_path / "seed.db")
    assert not any(merged.gained.values()) and not merged.rebuilt
    assert differences(tmp_path / "before.db", path) == {}


def test_a_seed_belongs_to_the_archive_that_it_was_taken_from(crawled: Path, tmp_path: Path) -> None:
    path = copied(crawled, tmp_path)
    rows = [site.as_row() for site in load(tmp_path / "sites.csv")]
    with Archive.open(path) as archive:
        seed.cut(archive, archive.runs.start("nightly", "test"), rows, tmp_path / "seed.db")
    with Archive.open(tmp_path / "other.db", create=True) as other:
        with pytest.raises(ArchiveError, match="the archive that it was taken from"):
            merge(other, tmp_path / "seed.db")
        assert other.conn.execute("SELECT count(*) FROM snapshot").fetchone()[0] == 0
        with pytest.raises(ArchiveError, match="no part"):
            seed.run_of(other)


# -- parts


def test_what_is_told_of_a_part_comes_back_as_it_was(crawled: Path, tmp_path: Path) -> None:
    registry = load(crawled / "sites.csv")
    made = parts.divide(registry, registry.sites[:2], Plan(frozenset({2020}), True, 0.5), "backfill")
    assert [part.names for part in made] == [("fleet-000",), ("fleet-001",)]
    assert parts.Part.from_dict(made[0].as_dict()) == made[0]
    path = tmp_path / "again.csv"
    path.write_text(parts.as_csv(registry), "utf-8")
    assert load(path).sites == registry.sites
    said = parts.lost(made[0], "window_closed", "later")
    outcome = parts.understood(said, 7)
    assert outcome.verdicts["fleet-000"].reason == "window_closed"
    assert outcome.tallies["fleet-000"].list_failures == {"window_closed": 1}
    told = parts.told(outcome)
    outcome.verdicts["fleet-000"] = Verdict("well")
    outcome.tallies["fleet-000"] = Tally(new=3, years_seen={2020, 2021})
    assert parts.understood(parts.told(outcome), 7).tallies == outcome.tallies
    assert told["verdicts"]["fleet-000"]["word"] == "short"


def test_processes_find_what_one_process_finds_and_the_second_night_is_as_cheap(
    replica: Replica, crawled: Path, tmp_path: Path
) -> None:
    asked = {}
    for name, nights, more in (("one", 1, ()), ("many", 2, ("--processes", "2"))):
        (tmp_path / name).mkdir()
        if name == "one":  # whose first night was
            copied(crawled, tmp_path / name)
        else:
            (tmp_path / name / "sites.csv").write_text(replica.registry_csv(), "utf-8")
        for _ in range(nights):
            replica.log.clear()
            ran = gongkai(tmp_path / name, "nightly", "--share", "0.5", *more)
            assert ran.returncode == 0, ran.stderr
            assert ran.stdout.startswith("3 of 3 sites well")
        asked[name] = len(replica.log), sum(entry.status == 304 for entry in replica.log)
    assert asked["many"] == asked["one"]
    assert asked["one"][1] == 9
    assert differences(tmp_path / "one" / "archive.db", tmp_path / "many" / "archive.db") == {}
    assert sorted(path.name for path in (tmp_path / "many").iterdir() if "parts" in path.name) == []
    with Archive.open(tmp_path / "many" / "archive.db") as archive:
        assert archive.verify() == []


def test_a_child_that_dies_is_told_as_a_fault_of_ours(replica: Replica, tmp_path: Path) -> None:
    (tmp_path / "sites.csv").write_text(replica.registry_csv(), "utf-8")
    sabotage = tmp_path / "sitecustomize.py"
    sabotage.write_text(
        "import sys\nif 'crawler.fleet.child' in getattr(sys, 'orig_argv', []): sys.exit('no memory')",
        "utf-8",
    )
    ran = gongkai(tmp_path, "crawl", "fleet-000", "--processes", "1", PYTHONPATH=f"{tmp_path}:{REPOSITORY}")
    assert ran.returncode == 1 and "Traceback" not in ran.stderr
    assert "no memory" in ran.stderr and "given up after 3 attempts" in ran.stderr
    with closing(Archive.open(tmp_path / "archive.db")) as archive:
        row = archive.conn.execute("SELECT verdict, reason FROM crawl_site").fetchone()
    assert tuple(row) == ("short", "error")


def test_a_child_ends_when_nobody_vouches_for_it() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", "from crawler.fleet import child; child._crawl = lambda _: __import__('time').sleep(60); child.main()"],
        stdin=subprocess.PIPE, cwd=REPOSITORY,
    )  # fmt: skip
    assert child.stdin is not None
    with child.stdin:
        child.stdin.write(b'{"patience": 0.3}\n')
        child.stdin.flush()
        assert child.wait(20) == 75


# -- the engine


@pytest.mark.parametrize(
    ("broker", "said"),
    [
        ("", "no broker is configured"),
        ("amqp://guest:secret@host/", "is no address of a Redis server"),
        ("redis://:secret@127.0.0.1:1/0", "does not answer"),
    ],
)
@pytest.mark.parametrize("command", [["nightly", "--distributed"], ["worker"]])
def test_a_missing_broker_is_said_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    broker: str,
    said: str,
    command: list[str],
) -> None:
    monkeypatch.setenv("GONGKAI_BROKER", broker)
    monkeypatch.setattr("crawler.fleet.broker.WAIT", 0)
    assert run([*command, "--archive", str(tmp_path / "archive.db")]) == 2
    out, err = capfd.readouterr()
    assert said in err and len(err.splitlines()) == 1
    assert "secret" not in out + err
    assert not list(tmp_path.iterdir())


def test_a_missing_engine_is_said_in_one_line_and_is_not_imported_unasked(
    crawled: Path, tmp_path: Path
) -> None:
    copied(crawled, tmp_path)
    for name in ("celery", "redis", "kombu"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('imported')", "utf-8")
    assert gongkai(tmp_path, "crawl", "--help", PYTHONPATH=f"{tmp_path}:{REPOSITORY}").returncode == 0
    ran = gongkai(tmp_path, "crawl", "fleet-000", "--processes", "1", PYTHONPATH=f"{tmp_path}:{REPOSITORY}")
    assert ran.returncode == 0, ran.stderr
    hide = "import sys\nsys.modules['celery'] = None\n"
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "sitecustomize.py").write_text(hide, "utf-8")
    ran = gongkai(
        crawled,
        "worker",
        PYTHONPATH=f"{tmp_path / 'hidden'}:{REPOSITORY}",
        GONGKAI_BROKER="redis://127.0.0.1:1",
    )
    assert ran.returncode == 2
    assert ran.stderr == "gongkai: the engine is not installed: pip install 'gongkai[distributed]'\n"


@needs_redis
def test_a_fleet_that_is_killed_finds_what_one_process_finds(tmp_path: Path) -> None:
    """Crawls, a pool, a worker, the broker and the coordinator, each killed once in the middle of the work."""
    delay = 0.08
    scenario = Scenario(portals=False, installations=4, installation_towns=4)
    with Replica(scenario) as replica, Fleet(tmp_path, replica, delay=delay, lease=2.0) as fleet:
        fleet.start_worker()
        fleet.start_worker()
        one = fleet.one_undisturbed()
        replica.log.clear()
        fleet.start_coordinator()
        until = time.monotonic() + 100
        for act in ("child", "coordinator", "redis", "pool", "worker"):
            while not fleet.crawling() and fleet.coordinator.poll() is None and time.monotonic() < until:  # type: ignore[union-attr]
                time.sleep(0.05)
            time.sleep(0.7)  # into the middle of it
            match act:
                case "child":
                    for pid in fleet.crawling()[:1]:
                        kill(pid)
                case "coordinator":
                    fleet.kill_coordinator()
                    fleet.start_coordinator()
                case "redis":
                    fleet.kill_redis()
                    fleet.start_redis()
                case "pool":
                    for pid in fleet.pool()[:1]:
                        kill(pid)
                case "worker":
                    fleet.kill_worker(0)
                    fleet.start_worker()
        assert fleet.wait(max(1.0, until - time.monotonic())) == 0, fleet.log()
        assert "going on with the run" in fleet.log()
        assert differences(one, fleet.archive) == {}
        assert too_fast(replica, delay) == []
        with Archive.open(fleet.archive) as archive:
            assert archive.verify() == []


@needs_redis
def test_a_wrong_password_is_said_and_not_shown(tmp_path: Path, replica: Replica) -> None:
    with Fleet(tmp_path, replica, delay=0) as fleet:
        subprocess.run(
            ["redis-cli", "-p", str(fleet.port), "config", "set", "requirepass", "right-horse"], check=True, capture_output=True
        )  # fmt: skip
        for password in ("wrong-horse", ""):
            ran = gongkai(
                tmp_path,
                "nightly",
                "--distributed",
                GONGKAI_BROKER=f"redis://:{password}@127.0.0.1:{fleet.port}/0",
            )
            assert ran.returncode == 2
            assert len(ran.stderr.splitlines()) == 1 and "horse" not in ran.stderr
            assert "password" in ran.stderr
        assert not (tmp_path / "archive.db").exists()


@needs_redis
def test_whoever_begins_while_the_broker_is_away_waits_for_it(
    tmp_path: Path, replica: Replica, capfd: pytest.CaptureFixture[str]
) -> None:
    with Fleet(tmp_path, replica, delay=0) as fleet:
        fleet.kill_redis()
        again = threading.Timer(1.5, fleet.start_redis)
        again.start()
        client = broker.connect_patiently(fleet.url)
        again.join()
        assert "waiting for it, 60 s at most" in capfd.readouterr().err
        broker.announce(client, "gongkai/0.0.1")
        workers = Workers(fleet.url)
        workers._silent_since -= 61
        workers._mind(parts.divide(load(fleet.sites), load(fleet.sites).sites, Plan(), "crawl"), set(), 3)
        assert "There are others:" in (said := capfd.readouterr().err) and "gongkai/0.0.1" in said
