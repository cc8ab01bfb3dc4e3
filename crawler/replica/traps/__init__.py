"""A hostile little internet: each trap is set on a host of its own and says what must be on record afterwards.

``Scenario(traps=TRAPS)`` sets all of them, ``Scenario(traps=frozenset({"gzip_bomb"}))`` one.
"""

from __future__ import annotations

from collections.abc import Mapping

from crawler.replica.reports import Ids
from crawler.replica.traps import bodies, columns, lists, masks, outages, refusals, robots, vanishing
from crawler.replica.traps.ground import Ground, Trap
from crawler.replica.world import World

_ALL: Mapping[str, Trap] = {
    **outages.TRAPS,
    **refusals.TRAPS,
    **robots.TRAPS,
    **masks.TRAPS,
    **bodies.TRAPS,
    **lists.TRAPS,
    **columns.TRAPS,
    **vanishing.TRAPS,
}
TRAPS = frozenset(_ALL)
"""The names of all traps."""

__all__ = ["TRAPS", "add_traps"]


def add_traps(world: World, ids: Ids) -> None:
    """Set the scenario's traps. Raises ``ValueError`` for a name that is none."""
    unknown = world.scenario.traps - TRAPS
    if unknown:
        raise ValueError(f"no such trap: {', '.join(sorted(unknown))}")
    for number, (name, trap) in enumerate(_ALL.items()):
        if name in world.scenario.traps:
            trap(Ground(world, ids, name, number))
