"""Known reports that are there no more, in the ways that a portal lets them go. The first night is sound."""

from __future__ import annotations

from functools import partial

from crawler.replica import pages
from crawler.replica.model import Resource
from crawler.replica.traps.ground import SICK, WELL, Ground, Trap, html, redirect
from crawler.replica.traps.lists import drop


def _vanish(answer: Resource | None, listed: bool, tells: str, ground: Ground) -> None:
    """The newest but one goes on the second night; it answers ``answer`` (``None``: home) from then on."""
    ground.build()
    if ground.night == 1:
        ground.tell("The first night is sound.", WELL)
        return
    gone = ground.lose(ground.reports[1:2])
    ground.pages[gone[0]] = answer or redirect(ground.host, "/")
    if not listed:
        drop(ground, gone)
    ground.tell(f"{tells} Its snapshot and its reading stay; it is never a changed report and never an empty one.",
                WELL | SICK, "fewer_links" if not listed else None, withdrawn=gone, unlisted=() if listed else gone)  # fmt: skip


_NOT_FOUND = html("<html><body>404 找不到页面</body></html>", 404)
_SOFT = html(pages.soft_404("重庆市云阳县人民政府"))

TRAPS: dict[str, Trap] = {
    "vanished": partial(_vanish, _NOT_FOUND, False, "A known report is off the list, and its address is 404."),
    "vanished_404": partial(_vanish, _NOT_FOUND, True, "A known report is still listed, and its address is 404."),
    "vanished_410": partial(_vanish, html("gone", 410), True, "A known report is still listed, and its address is 410."),
    "vanished_home": partial(_vanish, None, True, "A known report is still listed, and redirects to the home page."),
    "vanished_soft": partial(_vanish, _SOFT, True, "A known report is still listed, and says with 200 that it does not exist."),
}  # fmt: skip
