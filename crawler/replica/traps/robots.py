"""robots.txt in every mood (RFC 9309): closed, out of order, silent, partly closed."""

from __future__ import annotations

from crawler.replica.model import Resource
from crawler.replica.traps.ground import ROBOTS, SICK, WELL, Ground, Trap, html

_TEXT = {"Content-Type": "text/plain"}


def _closed(ground: Ground, answer: Resource, tells: str) -> None:
    """Nothing but robots.txt may be asked for."""
    ground.build()
    ground.lose(ground.reports)
    ground.pages[ROBOTS] = answer
    never = tuple((ground.host, path) for path in ("/zwgk", "/ykb", "/hdjl", "/igs"))
    ground.tell(tells, SICK, "robots", never=never, complete=False)


def _disallow(ground: Ground) -> None:
    _closed(ground, html("User-agent: *\nDisallow: /\n", headers=_TEXT), "Disallow: / for everybody.")


def _by_name(ground: Ground) -> None:
    text = "User-agent: *\nAllow: /\n\nUser-agent: gongkai\nDisallow: /\n"
    _closed(ground, html(text, headers=_TEXT), "Everybody may come in, only gongkai may not.")


def _error(ground: Ground) -> None:
    _closed(ground, html("error", 500), "robots.txt answers 500: not now (RFC 9309, 2.3.1.4).")


def _silent(ground: Ground) -> None:
    hang = ground.world.scenario.hang
    _closed(ground, html("", mute=hang), "robots.txt never answers: not now.")


def _part(ground: Ground) -> None:
    ground.build()
    closed = ground.reports[0]
    paths = ground.lose([closed])
    ground.pages[ROBOTS] = html(f"User-agent: *\nDisallow: {closed.paths[0]}\n", headers=_TEXT)
    ground.tell("One report is closed by name: never asked for, kept as a link that robots.txt forbids.",
                WELL | SICK, "robots", never=tuple((ground.host, path) for path in paths), unfinished=paths)  # fmt: skip


def _forbidden(ground: Ground) -> None:
    ground.build()
    ground.pages[ROBOTS] = html("<html><body>403</body></html>", 403)
    ground.tell("robots.txt answers 403: as if there were none (RFC 9309, 2.3.1.3).", WELL)


TRAPS: dict[str, Trap] = {
    "robots_disallow": _disallow,
    "robots_by_name": _by_name,
    "robots_500": _error,
    "robots_silent": _silent,
    "robots_part": _part,
    "robots_403": _forbidden,
}
