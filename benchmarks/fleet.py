"""A fleet among killers: ``python -m benchmarks.fleet [INSTALLATIONS] [SEED] [SECONDS BETWEEN KILLS]``; needs redis-server.

Crawling processes, pools, workers, the broker and the coordinator are killed (SIGKILL) at random while hundreds of
installations are crawled. Then the archive must equal, by public keys, that of one undisturbed process, and no installation
may have seen more than its rate. Exit code 1 if not.
"""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from archive.store import Archive
from crawler.replica import Replica, Scenario
from tests.fleet_kit import REDIS, Fleet, differences, kill, too_fast

DELAY = 0.1
EVERY = 4
"""Seconds between two kills; on a machine that is busy otherwise more, or nothing comes to its end between them."""
WORKERS = 2
MOST = 3600.0
UNUSABLE = 2
"""The coordinator's exit code when it cannot begin."""


def run(installations: int, seed: int, every: int) -> int:
    """Crawl, kill, compare. Back comes an exit code."""
    dice = Random(seed)
    scenario = Scenario(portals=False, installations=installations, installation_towns=4)
    with (
        tempfile.TemporaryDirectory() as folder,
        Replica(scenario, max_seconds=2 * MOST) as replica,
        Fleet(Path(folder), replica, delay=DELAY) as fleet,
    ):
        began = time.monotonic()
        one = fleet.one_undisturbed()
        print(f"one process: {len(replica.log)} requests, {time.monotonic() - began:.0f} s", flush=True)
        plain = len(replica.log)
        replica.log.clear()
        for _ in range(WORKERS):
            fleet.start_worker(4)
        fleet.start_coordinator()
        killed = _among_killers(fleet, dice, every)
        told = ", ".join(f"{count} {what}" for what, count in sorted(killed.items()))
        print(f"fleet: {len(replica.log)} requests ({len(replica.log) / plain - 1:+.1%}); killed: {told}")
        different, fast = differences(one, fleet.archive), too_fast(replica, DELAY)
        with Archive.open(fleet.archive) as archive:
            unsound = archive.verify()
        for line in (
            *(f"differs: {name} {counts}" for name, counts in different.items()),
            *fast,
            *map(str, unsound),
        ):
            print(line)
        print(
            "the same archive, no installation asked too fast"
            if not (different or fast or unsound)
            else "NOT THE SAME"
        )
        return int(bool(different or fast or unsound))


def _among_killers(fleet: Fleet, dice: Random, every: int) -> Counter[str]:
    killed: Counter[str] = Counter()
    began = last = time.monotonic()
    while time.monotonic() - began < MOST:
        assert fleet.coordinator is not None
        code = fleet.coordinator.poll()
        if code is not None:
            last_words = (fleet.log().splitlines() or [""])[-1]
            if code != UNUSABLE or "does not answer" not in last_words:
                print(f"the coordinator ended with {code}: {last_words}")
                break
            killed["broker away when the coordinator began"] += 1
            fleet.start_coordinator()  # as whoever runs it would
        time.sleep(0.2)
        if time.monotonic() - last < every:
            continue
        last = time.monotonic()
        what = dice.choice(("crawl", "pool", "worker", "broker", "coordinator"))
        match what:
            case "crawl" | "pool":
                there = fleet.crawling() if what == "crawl" else fleet.pool()
                if not there:
                    continue
                kill(dice.choice(there))
            case "worker":
                fleet.kill_worker(len(fleet.workers) - 1)
                fleet.start_worker(4)
            case "broker":
                fleet.kill_redis()
                time.sleep(dice.random() * 2)
                fleet.start_redis()
            case "coordinator":
                fleet.kill_coordinator()
                fleet.start_coordinator()
        killed[what] += 1
    return killed


if __name__ == "__main__":
    if REDIS is None:
        sys.exit("redis-server is not installed")
    arguments = [int(a) for a in sys.argv[1:]]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to end"))  # and nothing of the fleet is left
    sys.exit(run(*(arguments + [200, 1, EVERY][len(arguments) :])))
