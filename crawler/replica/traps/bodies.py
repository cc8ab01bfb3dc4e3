"""Bodies that hurt: cut, endless, a bomb, in another charset than they say, unchanged by their own account."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from crawler.replica.model import Answer, Resource
from crawler.replica.traps.ground import COLUMN, SICK, WELL, Ground, Trap, first_times, html

BOMB = 128 * 1024 * 1024
ENDLESS = 100 * 1024 * 1024
KEEP = 40 * 1024 * 1024
"""More than this of one answer nobody needs to take from the wire."""


def _cut(sound: Resource) -> Resource:
    return lambda visit: replace(sound(visit), cut=True, modified=None)


def _cut_body(ground: Ground) -> None:
    ground.build()
    path = ground.paths[0]
    sound = ground.pages[path]
    lost = ground.spoil(ground.reports[:1], _cut(sound))
    ground.tell("One report breaks off in the middle, every time: kept as evidence, never a report.",
                SICK, "truncated", statuses=frozenset({0}), unfinished=lost)  # fmt: skip


def _cut_once(ground: Ground) -> None:
    ground.build()
    if ground.night > 1:
        ground.tell("All is whole again.", WELL)
        return
    paths = ground.paths[:2]
    for path in paths:
        ground.wrap(path, first_times(1, _cut(ground.pages[path])))
    ground.tell("Two reports break off at the first time and come whole at the second: the same night or another.",
                WELL | SICK, "truncated", later=paths)  # fmt: skip


def _cut_list(ground: Ground) -> None:
    ground.build(towns=2, years=range(2020, 2026), per_page=5)
    second = f"{COLUMN}index_1.html"
    ground.lose(ground.reports[5:10])
    ground.wrap(
        second,
        lambda sound: lambda visit: Answer(sound(visit).body[:600], headers=sound(visit).headers, cut=True),
    )
    ground.tell("The second of three pages of the list breaks off: the list is not complete, the third page is read all the same.",
                SICK, "list_incomplete", complete=False, statuses=frozenset({0}))  # fmt: skip


@cache
def _packed_bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b"0" * (1 << 20)
    return b"".join(packer.compress(block) for _ in range(BOMB // len(block))) + packer.flush()


def _bomb(ground: Ground) -> None:
    ground.build()
    lost = ground.spoil(ground.reports[:1], html("", headers={"Content-Encoding": "gzip"}))
    answer = Answer(
        _packed_bomb(), headers={"Content-Type": "text/html; charset=utf-8", "Content-Encoding": "gzip"}
    )
    ground.pages[lost[0]] = lambda _: answer
    ground.tell(f"One report is {len(_packed_bomb()) >> 10} KB that unpack to {BOMB >> 20} MB: refused by size, memory stays flat.",
                SICK, "too_large", unfinished=lost)  # fmt: skip


def _endless(ground: Ground) -> None:
    ground.build()
    lost = ground.spoil(ground.reports[:1], html("<p>年报</p>" * 999, endless=ENDLESS))
    ground.tell(f"One report goes on for {ENDLESS >> 20} MB without saying so: the crawler hangs up.",
                SICK, "too_large", unfinished=lost, bytes_at_most=KEEP)  # fmt: skip


def _charsets(ground: Ground) -> None:
    ground.build(years=range(2019, 2026))
    dress: tuple[Callable[[Answer], Answer], ...] = (
        lambda a: replace(a, headers={"Content-Type": "text/html; charset=gb2312"}),
        lambda a: replace(a, headers={"Content-Type": "text/html; charset=ISO-8859-1"}),
        lambda a: replace(a, headers={"Content-Type": "text/html"}, body=a.body.replace(b'charset="utf-8"', b'charset="gb2312"')),
        lambda a: replace(a, headers={"Content-Type": "text/html; charset=utf-8"}, body=_gb(a)),
        lambda a: replace(a, headers={"Content-Type": "text/html"}, body=_gb(a).replace(b'<meta charset="utf-8">', b"")),
        lambda a: replace(a, headers={"Content-Type": "text/html; charset=x-nonsense"}),
        lambda a: replace(a, headers={"Content-Type": "text/html; charset=utf-8"}, body=b"\xef\xbb\xbf" + a.body),
    )  # fmt: skip
    for path, change in zip(ground.paths, dress, strict=True):
        sound = ground.pages[path]
        ground.pages[path] = lambda visit, sound=sound, change=change: change(sound(visit))  # type: ignore[misc]
    ground.tell(
        "Header, meta and bytes disagree about the charset in seven ways; every report is read as printed.",
        WELL,
    )


def _gb(answer: Answer) -> bytes:
    return answer.body.decode().encode("gb18030")


def _lying_etag(ground: Ground) -> None:
    ground.build(y2024={"edited_on_night": 2})
    edited = next(report for report in ground.reports if report.year == 2024).paths[0]
    ground.wrap(edited, lambda sound: lambda visit: replace(sound(visit), etag='"same-for-ever"'))
    ground.tell("From the second night on one report is another one under the same ETag and date: a conditional request gets 304. "
                "Found by asking without conditions, at least every third time.", WELL,
                edited=(edited,) if ground.night > 1 else ())  # fmt: skip


TRAPS: dict[str, Trap] = {
    "cut_body": _cut_body,
    "cut_once": _cut_once,
    "cut_list": _cut_list,
    "gzip_bomb": _bomb,
    "endless_body": _endless,
    "charsets": _charsets,
    "lying_etag": _lying_etag,
}
