"""A fleet on this machine, to be killed: a Redis server, workers, a coordinator; and what two archives have in common."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from crawler.replica import Replica

REPOSITORY = Path(__file__).parent.parent
REDIS = shutil.which("redis-server")

COORDINATOR = """
import json, sys
from pathlib import Path
from crawler.console import Unusable
from crawler.fleet import night
from crawler.fleet.distributed import Terms, Workers
from crawler.session import Plan
url, archive, sites, share, terms = sys.argv[1:]
terms = Terms(**json.loads(terms))
try:
    way = Workers(url, terms)
    outcome = night.run(Path(archive), Path(sites), (), Plan(share=float(share)), way, command="nightly")
except Unusable as error:
    print(error.message, file=sys.stderr)
    sys.exit(2)
sys.exit(outcome.exit_code)
"""

PUBLIC = {
    "report": "SELECT key, doc_key, url, form, title, status, version, text, gone_on IS NULL FROM report",
    "report_version": "SELECT doc_key, version, digest FROM report_version",
    "publication": "SELECT r.key, p.doc_key, p.role FROM publication p JOIN report r ON r.id = p.report_id",
    "applications": "SELECT r.key, c.* FROM applications c JOIN report r ON r.id = c.report_id",
    "active_disclosure": "SELECT r.key, c.* FROM active_disclosure c JOIN report r ON r.id = c.report_id",
    "review_litigation": "SELECT r.key, c.* FROM review_litigation c JOIN report r ON r.id = c.report_id",
    "check_result": "SELECT r.key, c.rule, c.outcome, c.tested FROM check_result c JOIN report r ON r.id = c.report_id",
    "finding": "SELECT key, rule, status, message FROM finding",
    "link": "SELECT doc_key, url, title, state, attempts, reason FROM link",
    "body": "SELECT sha256, size FROM body",
    "snapshot": "SELECT DISTINCT url, doc_key, kind, status, sha256 FROM snapshot",
    "listing": "SELECT DISTINCT site, url, links, complete FROM listing",
    "crawl_site": "SELECT c.command, k.site, k.verdict, k.reason, k.new FROM crawl_site k JOIN crawl c ON c.id = k.crawl_id",
    "crawl": "SELECT command, status FROM crawl",
    "site": "SELECT * FROM site",
    "checks_since": "SELECT admin_code, covers, due_on, complete FROM checks_since",
}
"""What is public in an archive, without times and without ids that are private to the file."""


def public(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The public content of an archive, each table in one order."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as conn:
        found = {}
        for name, sql in PUBLIC.items():
            cursor = conn.execute(sql)
            private = [i for i, told in enumerate(cursor.description) if told[0] == "report_id"]
            rows = [tuple(v for i, v in enumerate(row) if i not in private) for row in cursor]
            found[name] = sorted(rows, key=repr)
        return found


def differences(one: Path, other: Path) -> dict[str, tuple[int, int]]:
    """Tables whose public content differs: how many rows only the one has, and only the other."""
    ours, theirs = public(one), public(other)
    return {
        name: (len(set(ours[name]) - set(theirs[name])), len(set(theirs[name]) - set(ours[name])))
        for name in PUBLIC
        if ours[name] != theirs[name]
    }


def too_fast(replica: Replica, delay: float, *, steps: int = 12) -> list[str]:
    """Hosts that saw ``steps`` + 1 requests in less than two thirds of the time that they must take at this rate.

    Two crawlers at once would need half of it.
    """
    seen: dict[str, list[float]] = defaultdict(list)
    for entry in replica.log:
        seen[entry.host].append(entry.at)
    found = []
    for host, moments in seen.items():
        spans = [later - earlier for earlier, later in zip(moments, moments[steps:], strict=False)]
        if spans and min(spans) < steps * delay * 2 / 3:
            found.append(f"{host}: {steps + 1} requests in {min(spans):.2f} s")
    return found


class Fleet:
    """Redis, workers and a coordinator in a folder of their own. Use it as a context manager: nothing of it is left."""

    def __init__(self, folder: Path, replica: Replica, *, delay: float, **terms: float) -> None:
        self.folder = folder
        self.replica = replica
        self.terms = {"lease": 3.0, "poll": 0.2, "attempts": 1000, **terms}
        self.archive = folder / "fleet.db"
        self.sites = folder / "sites.csv"
        self.sites.write_text(replica.registry_csv(), "utf-8")
        with closing(socket.socket()) as taken:
            taken.bind(("127.0.0.1", 0))
            self.port = taken.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("GONGKAI_")} | {
            "XDG_STATE_HOME": str(folder / "state"), "GONGKAI_DELAY": str(delay), "GONGKAI_BROKER": self.url,
            "PYTHONPATH": str(REPOSITORY), "PYTHONWARNINGS": "ignore",
        }  # fmt: skip
        self.redis: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []
        self.coordinator: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Fleet:
        self.start_redis()
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self.coordinator, *self.workers):
            if process is not None:
                self._end_tree(process.pid)
                process.wait(20)
        if self.redis is not None:
            self.redis.kill()
            self.redis.wait(20)

    def start_redis(self) -> None:
        assert REDIS is not None
        self.redis = subprocess.Popen(
            [REDIS, "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder), "--appendonly", "yes",
             "--appendfsync", "always", "--save", ""], stdout=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with closing(socket.socket()) as tried:
                if tried.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("redis-server did not start")

    def start_worker(self, processes: int = 2) -> None:
        number = len(self.workers)
        with (self.folder / f"worker-{number}.log").open("ab") as log:
            # A state folder of its own: another machine, as far as it can tell.
            environment = self.environment | {"XDG_STATE_HOME": str(self.folder / f"machine-{number % 3}")}
            self.workers.append(
                subprocess.Popen(
                    [sys.executable, "-m", "crawler", "worker", "--processes", str(processes), "--name", f"w{number}@here"],
                    env=environment, cwd=REPOSITORY, stdout=log, stderr=log,
                )
            )  # fmt: skip

    def start_coordinator(self, share: float = 0.0) -> None:
        with (self.folder / "coordinator.log").open("ab") as log:
            self.coordinator = subprocess.Popen(
                [sys.executable, "-c", COORDINATOR, self.url, str(self.archive), str(self.sites), str(share),
                 json.dumps(self.terms)],
                env=self.environment, cwd=REPOSITORY, stdout=log, stderr=log,
            )  # fmt: skip

    def kill_redis(self) -> None:
        assert self.redis is not None
        self.redis.kill()
        self.redis.wait(20)

    def kill_coordinator(self) -> None:
        assert self.coordinator is not None
        self.coordinator.kill()
        self.coordinator.wait(20)

    def kill_worker(self, number: int) -> None:
        """The worker's main process: its pool and the crawls below find out by themselves."""
        self.workers[number].kill()
        self.workers[number].wait(20)

    def crawling(self) -> list[int]:
        """Processes that crawl a part now."""
        return _processes("crawler.fleet.child", str(self.folder))

    def pool(self) -> list[int]:
        """Processes of the pools that wait for a crawl."""
        parents = {_parent(pid) for pid in self.crawling()}
        return [pid for pid in parents if pid > 1]

    def wait(self, seconds: float) -> int:
        """The coordinator's exit code."""
        assert self.coordinator is not None
        return self.coordinator.wait(seconds)

    def log(self, name: str = "coordinator") -> str:
        return (self.folder / f"{name}.log").read_text("utf-8", "replace")

    def one_undisturbed(self, *, nights: int = 1, share: float = 0.0) -> Path:
        """The archive of one process that nobody disturbs, over the same portals."""
        path = self.folder / "one.db"
        for _ in range(nights):
            subprocess.run(
                [sys.executable, "-m", "crawler", "nightly", "--share", str(share), "--archive", str(path), "--sites", str(self.sites)],
                env=self.environment | {"GONGKAI_DELAY": "0"}, cwd=REPOSITORY, check=True, capture_output=True,
            )  # fmt: skip
        return path

    def _end_tree(self, pid: int) -> None:
        for child in _children(pid):
            self._end_tree(child)
        kill(pid)


def kill(pid: int) -> None:
    """SIGKILL, if it is still there."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _status(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return ""


def _parent(pid: int) -> int:
    return next((int(line.split()[1]) for line in _status(pid).splitlines() if line.startswith("PPid:")), 0)


def _children(pid: int) -> list[int]:
    return [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and _parent(int(p.name)) == pid]


def _processes(module: str, folder: str) -> list[int]:
    """Processes that run a module with this folder in their environment: ours, and nobody else's."""
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                if (
                    module.encode() in (place / "cmdline").read_bytes()
                    and folder.encode() in (place / "environ").read_bytes()
                ):
                    found.append(int(place.name))
            except OSError:
                continue
    return found
