"""Columns and sites that move, and documents that stand in two of them."""

from __future__ import annotations

from crawler.replica.model import Answer, Resource
from crawler.replica.traps.ground import COLUMN, ROBOTS, SICK, WELL, Ground, Trap, redirect
from crawler.replica.world import Portal

MOVED = "/zwgk_257/zfxxgk/zfxxgknb_257999/"


def _column_moved(ground: Ground) -> None:
    """The documents keep their ids, as they do after most redesigns."""
    ground.build()
    if ground.night == 1:
        ground.tell("The first night is sound.", WELL)
        return
    pages = ground.pages
    for path in [path for path in pages if path.startswith(COLUMN)]:
        new = MOVED + path.removeprefix(COLUMN)
        pages[new] = pages[path]
        pages[path] = redirect(ground.host, new, 301)
    ground.tell("From the second night on the column stands elsewhere and its old addresses redirect there: "
                "the same reports, none new, none gone, and the move is told.", WELL | SICK, "moved", statuses=frozenset({301}))  # fmt: skip


def _old_addresses(ground: Ground) -> None:
    """A redesign without redirects for documents: only the new list knows where they are now."""
    ground.build()
    if ground.night == 1:
        ground.tell("The first night is sound.", WELL)
        return
    pages = ground.pages
    for path in [path for path in pages if path.startswith(COLUMN)]:
        pages[MOVED + path.removeprefix(COLUMN)] = pages.pop(path)
    pages[COLUMN] = redirect(ground.host, MOVED, 301)
    ground.tell("From the second night on the column redirects to where it stands now, and the documents' old addresses are 404: "
                "the same reports, none gone.", WELL, statuses=frozenset({301}))  # fmt: skip


def _site_moved(ground: Ground) -> None:
    ground.build()
    new = f"{ground.host}-new"
    portal = ground.world.portals[new] = Portal(new, new, {})
    if ground.night == 1:
        ground.tell("The first night is sound.", WELL, never=((new, "/"),))
        return
    portal.pages.update(ground.pages)
    for path in ground.pages:
        ground.pages[path] = redirect(new, path, 301)
    ground.tell(f"From the second night on the whole host, robots.txt too, redirects to {new}, which no row names: moved, never followed; "
                "no known report is gone for it.", SICK, "moved", statuses=frozenset({301}), never=((new, "/"),), complete=False)  # fmt: skip


def _two_columns(ground: Ground) -> None:
    """The same documents in a second column, under the same ids and other addresses, each with its own navigation."""
    ground.build()
    second = f"{COLUMN}zjd/"
    pages = ground.pages
    for path in ground.paths:
        pages[second + path.removeprefix(COLUMN)] = pages[path]
    pages[second] = pages[COLUMN]
    old = pages[COLUMN]
    pages[COLUMN] = _with_link(old, f'<li><a href="{second}">镇街道</a></li>')
    ground.tell(
        "All four documents stand in two columns under the same ids: four reports, each fetched once.",
        WELL,
        at_most=10,
    )


def _with_link(sound: Resource, item: str) -> Resource:
    def respond(visit: object) -> Answer:
        answer = sound(visit)  # type: ignore[arg-type]
        body = answer.body.replace(b'<ul class="left-nav">', b'<ul class="left-nav">' + item.encode())
        return Answer(body, headers=answer.headers)

    return respond


def _robots_elsewhere(ground: Ground) -> None:
    ground.build()
    ground.pages["/r/robots.txt"] = ground.pages[ROBOTS]
    ground.pages[ROBOTS] = redirect(ground.host, "/r/robots.txt", 301)
    ground.tell(
        "robots.txt redirects within its host, and there is none there: allowed (RFC 9309, 2.3.1.2).", WELL
    )


TRAPS: dict[str, Trap] = {
    "column_moved": _column_moved,
    "old_addresses": _old_addresses,
    "site_moved": _site_moved,
    "two_columns": _two_columns,
    "robots_moved": _robots_elsewhere,
}
