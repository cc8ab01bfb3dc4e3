"""Pages that answer well and are not what was asked for: soft 404s, the home page, redirects to nowhere."""

from __future__ import annotations

from functools import partial

from crawler.replica import pages
from crawler.replica.traps.ground import COLUMN, ROBOTS, SICK, Ground, Trap, html, redirect
from crawler.replica.world import MIRROR, Portal

_ELSEWHERE = "elsewhere"


def _soft_404(ground: Ground) -> None:
    ground.build()
    lost = ground.spoil(ground.reports, html(pages.soft_404("重庆市云阳县人民政府")))
    ground.tell(
        "Every report answers 200 and says that it does not exist.", SICK, "soft_404", unfinished=lost
    )


def _home_everywhere(ground: Ground) -> None:
    ground.build()
    home = ground.pages["/"]
    lost = ground.spoil(ground.reports, home)
    ground.tell("The home page under the address of every report, with status 200: one page for all is no report.",
                SICK, "same_page", unfinished=lost)  # fmt: skip


def _home_for_list(ground: Ground) -> None:
    ground.build()
    ground.lose(ground.reports)
    home = ground.pages["/"]
    for path in list(ground.pages):
        if path != ROBOTS:
            ground.pages[path] = home
    ground.tell("The home page under every address, the list's too: no link found is never well.", SICK, "layout_changed",
                at_most=30)  # fmt: skip


def _home_redirect(ground: Ground) -> None:
    ground.build()
    lost = ground.spoil(ground.reports, redirect(ground.host, "/"))
    ground.tell(
        "Every report redirects to the home page.",
        SICK,
        "soft_404",
        unfinished=lost,
        statuses=frozenset({302}),
    )


def _home_script(ground: Ground) -> None:
    ground.build()
    lost = ground.spoil(
        ground.reports[:2], html("<html><head><script>location.href='/'</script></head><body></body></html>")
    )
    ground.tell("Two reports are a script that goes to the home page.", SICK, "soft_404", unfinished=lost)


def _empty(ground: Ground) -> None:
    ground.build()
    lost = ground.spoil(ground.reports[:1], html(""))
    ground.tell("One report is empty, with status 200.", SICK, "unread", unfinished=lost)


def _loop(ground: Ground) -> None:
    ground.build()
    path = ground.paths[0]
    lost = ground.spoil(ground.reports[:1], redirect(ground.host, "/loop/a.html"))
    ground.pages["/loop/a.html"] = redirect(ground.host, path)
    ground.tell("One report redirects in a circle.", SICK, "redirects", unfinished=lost, at_most=60)


def _away(target: str, ground: Ground) -> None:
    """One report redirects to a host that no row names."""
    ground.build()
    if target not in ground.world.portals:
        ground.world.portals[target] = Portal(
            target, target, {}, {"/": html("<html><body>elsewhere</body></html>")}
        )
    lost = ground.spoil(ground.reports[:1], redirect(target, ground.paths[0]))
    ground.tell(f"One report redirects to {target}, which no row names: never asked, kept as work.", SICK, "redirects",
                unfinished=lost, never=((target, "/"),))  # fmt: skip


def _list_away(ground: Ground) -> None:
    ground.build()
    ground.lose(ground.reports)
    ground.pages[COLUMN] = redirect(MIRROR, "/copy.html")
    ground.tell(
        "The list redirects to a copy of the portal on another host.",
        SICK,
        "moved",
        never=((MIRROR, "/"),),
        complete=False,
    )


TRAPS: dict[str, Trap] = {
    "soft_404": _soft_404,
    "home_everywhere": _home_everywhere,
    "home_for_list": _home_for_list,
    "home_redirect": _home_redirect,
    "home_script": _home_script,
    "empty_page": _empty,
    "redirect_loop": _loop,
    "redirect_off_host": partial(_away, _ELSEWHERE),
    "redirect_to_mirror": partial(_away, MIRROR),
    "list_to_mirror": _list_away,
}
