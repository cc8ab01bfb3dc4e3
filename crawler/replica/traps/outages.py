"""Hosts that are out of order: busy, slow, silent, or not there."""

from __future__ import annotations

from crawler.replica.model import Answer
from crawler.replica.traps.ground import COLUMN, ROBOTS, SICK, WELL, Ground, Trap, first_times, html
from crawler.replica.world import Portal, RegistryRow

_BUSY = html("<html><body>503 Service Unavailable</body></html>", 503)
_TRICKLE = 1.0


def _hiccup_503(ground: Ground) -> None:
    ground.build()
    for path in (COLUMN, *ground.paths):
        ground.wrap(path, first_times(1, _BUSY))
    ground.tell(
        "Everything is out of order at the first time; one quick retry finds it.",
        WELL,
        statuses=frozenset({503}),
    )


def _storm_503(ground: Ground) -> None:
    ground.build()
    if ground.night > 1:
        ground.tell("The storm is over: the links that were kept are fetched.", WELL)
        return
    lost = ground.spoil(ground.reports, _BUSY)
    ground.tell("The list is well, every report is out of order all night: kept as work, found another night.",
                SICK, "server_errors", statuses=frozenset({503}), unfinished=lost)  # fmt: skip


def _retry_after(ground: Ground) -> None:
    ground.build()
    if ground.night > 1:
        ground.tell("All is well again.", WELL)
        return
    path = ground.paths[1]
    ground.wrap(
        path, first_times(1, html("<html><body>busy</body></html>", 503, headers={"Retry-After": "2"}))
    )
    ground.tell("One report says Retry-After: 2. It is asked for again after two seconds, or another night, not before.",
                WELL | SICK, "server_errors", statuses=frozenset({503}), pauses=((path, 2.0),), later=(path,))  # fmt: skip


def _retry_after_hour(ground: Ground) -> None:
    ground.build(towns=4, years=range(2019, 2026), per_page=40)
    sick = html("<html><body>busy</body></html>", 503, headers={"Retry-After": "3600"})
    lost = ground.spoil(ground.reports, sick)
    ground.tell("Every report says Retry-After: 3600: the host is closed for this run, all links stay work to do.",
                SICK, "server_errors", unfinished=lost, at_most=16)  # fmt: skip


def _trickle(ground: Ground) -> None:
    ground.build()
    ground.wrap(ground.paths[0], lambda sound: lambda visit: _slowly(sound(visit)))
    ground.tell(f"One report takes {_TRICKLE:.0f} s, a little at a time: slow is not broken.", WELL)


def _slowly(answer: Answer) -> Answer:
    return Answer(answer.body, 200, answer.headers, trickle=_TRICKLE)


def _stall(ground: Ground) -> None:
    ground.build()
    seconds = ground.world.scenario.hang
    lost = ground.spoil(ground.reports[:1], html("<html><body>" + "年报" * 9000, stall=seconds))
    ground.tell("One report stops in the middle and never goes on: half of it is no report.",
                SICK, "timeouts", unfinished=lost)  # fmt: skip


def _silent(ground: Ground) -> None:
    ground.build()
    seconds = ground.world.scenario.hang
    ground.lose(ground.reports)
    nothing = html("", mute=seconds)
    for path in list(ground.pages):
        if path != ROBOTS:
            ground.pages[path] = nothing
    ground.tell("robots.txt answers, and then nothing does.", SICK, "timeouts", at_most=8, complete=False)


def _dead(ground: Ground) -> None:
    """Two hosts of one installation: the one that refuses connections must not stop the other."""
    ground.build()
    neighbour = ground.world.portals[ground.host]
    dead = f"{ground.host}-down"
    ground.world.portals[dead] = Portal(dead, dead, {}, refuses=True, installation=neighbour.installation)
    ground.world.rows.append(RegistryRow(dead, "district", dead, COLUMN, dead, "500235", 2022))
    ground.tell(
        f"Site {dead} refuses every connection; its neighbour {ground.host}, same installation, is whole.",
        WELL,
    )
    host, ground.host, ground.trap = ground.host, dead, f"{ground.trap}_down"
    ground.tell("Nobody listens.", SICK, "unreachable", complete=False)
    ground.host = host


TRAPS: dict[str, Trap] = {
    "hiccup_503": _hiccup_503,
    "storm_503": _storm_503,
    "retry_after": _retry_after,
    "retry_after_hour": _retry_after_hour,
    "trickle": _trickle,
    "stall": _stall,
    "silent": _silent,
    "dead_host": _dead,
}
