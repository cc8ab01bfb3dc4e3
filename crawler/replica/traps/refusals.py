"""Hosts that refuse: by status, with the bodies that the known firewalls send (cms-families.md, 11). Nobody solves them."""

from __future__ import annotations

from functools import partial

from crawler.replica import pages
from crawler.replica.traps.ground import COLUMN, ROBOTS, SICK, Ground, Trap, html

_JSL = (
    "<script>document.cookie=('_')+('_')+('jsl_clearance_s')+('=')+('1763')+('|-1|')+'x;max-age=3600;path=/;';"
    "location.href=location.pathname+location.search</script>"
)
_RS = (
    '<!DOCTYPE html><html><head><meta charset="utf-8"><meta id="9DhefwqGPrzG" content="{qqqqrFh2n0c8a1JkQ" r="m">'
    '<script src="/Kq3f2a/Kq3f2a.c21e.js" r="m"></script></head><body></body></html>'
)
_FORBIDDEN = "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center></body></html>"
_TOO_MANY = "<html><body><h1>429 Too Many Requests</h1></body></html>"
BODIES = {403: _FORBIDDEN, 412: _RS, 429: _TOO_MANY, 521: _JSL, 202: _RS, 200: pages.block_page()}
"""Status -> what is sent with it."""


def _refuse(status: int, ground: Ground) -> None:
    """The list is shown, every report is refused: the crawler must stop, not go through the list."""
    ground.build(towns=4, years=range(2019, 2026), per_page=40)
    lost = ground.spoil(ground.reports, html(BODIES[status], status))
    ground.tell(f"The list is shown, all 28 reports answer {status} with a refusal or a challenge: stop, keep the links, say blocked.",
                SICK, "blocked", statuses=frozenset({status}), unfinished=lost, at_most=16)  # fmt: skip


def _door(status: int, ground: Ground) -> None:
    """Nothing but robots.txt is shown."""
    ground.build()
    ground.lose(ground.reports)
    for path in list(ground.pages):
        if path != ROBOTS:
            ground.pages[path] = html(BODIES[status], status)
    ground.tell(f"The list itself answers {status} with a challenge: blocked, and not an empty site.", SICK, "blocked",
                statuses=frozenset({status}), at_most=8, complete=False)  # fmt: skip


def _waf_later(ground: Ground) -> None:
    ground.build()
    lost = ground.spoil(ground.reports[2:], html(pages.block_page()))
    ground.tell("Two reports are shown, for the others the firewall answers with status 200.", SICK, "blocked",
                statuses=frozenset({200}), unfinished=lost)  # fmt: skip


def _waf_once(ground: Ground) -> None:
    ground.build()
    if ground.night > 1:
        ground.tell(
            "The firewall is quiet again: the list is read as if nothing had been.", frozenset({"well"})
        )
        return
    ground.lose(ground.reports)
    ground.pages[COLUMN] = html(pages.block_page())
    ground.tell(
        "The firewall answers for the list with status 200, this night only.", SICK, "blocked", complete=False
    )


TRAPS: dict[str, Trap] = {
    **{f"refuse_{status}": partial(_refuse, status) for status in (403, 412, 429, 521, 202)},
    **{f"door_{status}": partial(_door, status) for status in (403, 412, 521, 202, 200)},
    "waf_later": _waf_later,
    "waf_once": _waf_once,
}
