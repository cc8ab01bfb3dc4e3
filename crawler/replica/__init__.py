"""A local replica of the portals: same address grammar, same shapes, figures that are known. See docs/replica.md.

It is written from the descriptions of the portals alone and shares no code with what crawls and reads them, so that
each tests the other.
"""

from __future__ import annotations

from crawler.replica.model import FAILURES, Decoy, Expected, Scenario, Trouble, Truth
from crawler.replica.portals import build
from crawler.replica.server import Replica, registry_csv
from crawler.replica.traps import TRAPS

__all__ = [
    "FAILURES",
    "TRAPS",
    "Decoy",
    "Expected",
    "Replica",
    "Scenario",
    "Trouble",
    "Truth",
    "registry_csv",
    "truth",
]


def truth(scenario: Scenario | None = None) -> Truth:
    """Every report that a complete crawl of the replica must find, and every page that must not become one."""
    return build(scenario or Scenario()).truth()
