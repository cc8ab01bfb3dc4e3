"""What every test may use: the replica of the portals, a place for an archive, and no way out of this machine."""

from __future__ import annotations

import ipaddress
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from crawler.replica import Replica, Scenario

LIFETIME = 300.0


def _stay_on_this_machine(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: a test that reaches for another machine fails at that moment, whatever library it goes through."""
    if event not in ("socket.connect", "socket.sendto"):
        return
    address = arguments[1]
    if not isinstance(address, tuple):  # a path in the file system, or netlink
        return
    try:
        inside = ipaddress.ip_address(str(address[0]).split("%")[0]).is_loopback
    except ValueError:
        inside = address[0] == "localhost"
    if not inside:
        raise RuntimeError(f"a test tried to reach {address[0]}:{address[1]}; tests stay on this machine")


sys.addaudithook(_stay_on_this_machine)

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

# A run started in the background may have been told to ignore interrupts, and its children would be too: those that a
# test interrupts would never end.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def replica() -> Iterator[Replica]:
    """A running replica of the portals on free loopback ports; stopped after the test, and found in order."""
    with Replica(Scenario(slow=0.05), max_seconds=LIFETIME) as running:
        yield running
    assert running.errors == []


@pytest.fixture
def archive_path(tmp_path: Path) -> Path:
    """Where a test may put its archive; nothing is there yet."""
    return tmp_path / "archive.db"
