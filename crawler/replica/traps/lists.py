"""Lists that do not tell the truth about themselves: endless, bottomless, shorter than they were, unreadable."""

from __future__ import annotations

import re

from crawler.replica.model import Answer, Resource, Visit
from crawler.replica.pagers import PAGERS
from crawler.replica.traps.ground import COLUMN, SICK, WELL, Ground, Trap, html
from crawler.replica.world import html_resource

MILLION = 1_000_000
_PAGE = re.compile(rf"{COLUMN}index_(\d+)\.html")


def _with_pager(sound: Resource, pages: int, number: int) -> Resource:
    """The same page with a pager that claims so many pages."""
    new = PAGERS["createPage"].draw(pages, number, pages * 15)

    def respond(visit: Visit) -> Answer:
        text = re.sub(
            r'<div id="page_div">.*?</script>', lambda _: new, sound(visit).body.decode(), flags=re.DOTALL
        )
        return Answer(text.encode(), headers={"Content-Type": "text/html; charset=utf-8"})

    return respond


def _same_page(ground: Ground) -> None:
    ground.build()
    first = ground.pages[COLUMN]
    ground.pages[COLUMN] = _with_pager(first, MILLION, 0)

    def lazy(path: str) -> Resource | None:
        match = _PAGE.fullmatch(path)
        return _with_pager(first, MILLION, int(match[1])) if match and int(match[1]) < MILLION else None

    ground.world.portals[ground.host].lazy = lazy
    ground.tell("The list claims a million pages and every one is the first: not complete, and soon over.",
                SICK, "list_incomplete", at_most=30, complete=False)  # fmt: skip


def _endless_list(ground: Ground) -> None:
    ground.build()
    ground.pages[COLUMN] = _with_pager(ground.pages[COLUMN], MILLION, 0)

    def lazy(path: str) -> Resource | None:
        match = _PAGE.fullmatch(path)
        if not match or int(match[1]) >= MILLION:
            return None
        number = int(match[1])
        rows = "".join(
            f'<li class="clearfix"><a href="./202601/t20260105_{20_000_000 + number * 15 + line}.html">第{number * 15 + line}号通知公告</a>'
            "<span>2026-01-05</span></li>"
            for line in range(15)
        )
        text = f'<html><body><ul class="tab-item">{rows}</ul>{PAGERS["createPage"].draw(MILLION, number, MILLION * 15)}</body></html>'
        return html(text)

    ground.world.portals[ground.host].lazy = lazy
    ground.tell("The reports stand on the first of a million pages; all others show notices, new ones on each: bounded, and not complete.",
                SICK, "list_incomplete", at_most=1500, complete=False)  # fmt: skip


def _page_lost(ground: Ground) -> None:
    ground.build(towns=2, years=range(2020, 2026), per_page=5)
    ground.lose(ground.reports[5:10])
    ground.pages[f"{COLUMN}index_1.html"] = html("<html><body>404</body></html>", 404)
    ground.tell("The second of three pages of the list is 404: partial, not done, and the third page is read all the same.",
                SICK, "list_incomplete", complete=False, statuses=frozenset({404}))  # fmt: skip


def _claims_more(ground: Ground) -> None:
    ground.build()
    ground.pages[COLUMN] = _with_pager(ground.pages[COLUMN], 4, 0)
    ground.tell("The list claims four pages and has one: all reports found, the list not complete.", WELL | SICK, "list_incomplete",
                complete=False, statuses=frozenset({404}))  # fmt: skip


def _deep_tree(ground: Ground) -> None:
    """Every folder of the column shows one more folder for each year and month: the calendar trap."""
    ground.build()
    below = re.compile(rf"{COLUMN}(?:(?:20\d\d|\d\d)n/)+")

    def nav(text: str) -> str:
        links = "".join(
            f'<li><a href="./{name}n/">{name}年度报告</a></li>' for name in ("2024", "2025", "01", "02")
        )
        return text.replace('<ul class="left-nav">', f'<ul class="left-nav">{links}')

    def lazy(path: str) -> Resource | None:
        if not below.fullmatch(path):
            return None
        crumbs = " > ".join(path.strip("/").split("/"))
        return html(
            nav(
                f'<html><body>{crumbs}<div class="left"><ul class="left-nav"></ul></div><p>暂无内容</p></body></html>'
            )
        )

    ground.wrap(COLUMN, lambda sound: html_resource(lambda visit: nav(sound(visit).body.decode())))
    ground.world.portals[ground.host].lazy = lazy
    ground.tell("Below the column stands a tree of folders without end or content: bounded; the reports of its root are found.",
                WELL | SICK, None, at_most=400)  # fmt: skip


def _shrinks(ground: Ground) -> None:
    ground.build()
    gone = ground.paths[2:]
    if ground.night > 1:
        drop(ground, gone)
    later = ground.night >= 4
    if later:  # the third complete list without them: told once, and no longer expected
        ground.lose(ground.reports[2:])
    ground.tell("From the second night on the list shows two of the four known reports, whose pages still answer.",
                WELL | SICK if later else SICK if ground.night > 1 else WELL,
                "fewer_links" if ground.night > 1 else None, unlisted=gone if ground.night > 1 else ())  # fmt: skip


def drop(ground: Ground, paths: tuple[str, ...]) -> None:
    """Take these documents off the list."""
    names = "|".join(re.escape(path.rsplit("/", 1)[1]) for path in paths)
    row = re.compile(rf'<li class="clearfix"><a href="[^"]*(?:{names})".*?</li>\n?')
    ground.wrap(COLUMN, lambda sound: html_resource(lambda visit: row.sub("", sound(visit).body.decode())))


def _layout(ground: Ground) -> None:
    ground.build()
    if ground.night == 1:
        ground.tell("The first night is sound.", WELL)
        return
    cells = re.compile(r'<li class="clearfix"><a href="([^"]*)"[^>]*>(.*?)</a><span>(.*?)</span></li>')

    def change(text: str) -> str:
        return cells.sub(
            lambda row: (
                f'<div class="card" data-k="{abs(hash(row[1])) % 997}"><b>{row[2]}</b><i>{row[3]}</i></div>'
            ),
            text,
        )

    ground.wrap(COLUMN, lambda sound: html_resource(lambda visit: change(sound(visit).body.decode())))
    ground.tell("From the second night on the list's lines are no links any more: no report may be called gone for it.",
                SICK, "layout_changed", complete=False)  # fmt: skip


def _script_pager(ground: Ground) -> None:
    ground.build(towns=2, per_page=4)
    ground.lose(ground.reports[4:])
    turn = '<div class="page"><span>共2页</span> <a href="javascript:turn(2)">下一页</a></div>'
    pager = re.compile(r'<div id="page_div">.*?</script>', re.DOTALL)
    ground.wrap(
        COLUMN,
        lambda sound: html_resource(lambda visit: pager.sub(lambda _: turn, sound(visit).body.decode())),
    )
    ground.tell("The list says that it has two pages, and only a script can turn them: what stands on the first is found, the list is not complete.",
                SICK, "list_incomplete", complete=False)  # fmt: skip


def _calendar(ground: Ground) -> None:
    """Below the column, with labels that say nothing of reports: 日历, 下月, and each month's days."""
    ground.build()
    month = re.compile(rf"{COLUMN}rl/(\d+)/")

    def lazy(path: str) -> Resource | None:
        at = month.fullmatch(path)
        links = f'<a href="../{int(at[1]) + 1}/">下月</a> <a href="./1/">一日</a>' if at else ""
        return html(f"<html><body>{links}</body></html>") if at else None

    def nav(text: str) -> str:
        return text.replace(
            '<ul class="left-nav">', '<ul class="left-nav"><li><a href="./rl/1/">日历</a></li>'
        )

    ground.wrap(COLUMN, lambda sound: html_resource(lambda visit: nav(sound(visit).body.decode())))
    ground.world.portals[ground.host].lazy = lazy
    ground.tell("Below the column stands a calendar without end, whose labels name neither agency nor year: no reason to walk on.",
                WELL | SICK, None, at_most=16)  # fmt: skip


TRAPS: dict[str, Trap] = {
    "paging_same": _same_page,
    "paging_endless": _endless_list,
    "page_lost": _page_lost,
    "claims_more": _claims_more,
    "deep_tree": _deep_tree,
    "script_pager": _script_pager,
    "calendar": _calendar,
    "list_shrinks": _shrinks,
    "layout_changed": _layout,
}
