"""Whether an archive has on record what the traps of a running replica say must be there, through the public tables."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from crawler.replica.model import Trouble
from crawler.replica.server import Replica

OPEN = ("pending", "failed", "given_up")
"""States of a link that is not dealt with."""


def shortfalls(archive: Path, replica: Replica) -> Iterator[str]:
    """Every way in which the last run's record or its requests differ from the truth of tonight's traps, a line each.

    Opens the archive read-only; raises ``sqlite3.Error`` if it is none. Call ``replica.log.clear()`` and
    ``replica.sent.clear()`` before a run whose requests alone are to be judged. How a failure class is spelt, and
    ``withdrawn``, ``unlisted`` and ``edited``, which depend on what a run asked for, are left to the caller.
    """
    with closing(sqlite3.connect(f"{archive.resolve().as_uri()}?mode=ro", uri=True)) as db:
        for trouble in replica.truth().troubles:
            for text in (*_recorded(db, trouble, replica), *_asked(trouble, replica)):
                yield f"{trouble.trap}: {text}"


def _recorded(db: sqlite3.Connection, trouble: Trouble, replica: Replica) -> Iterator[str]:
    """What the tables say otherwise."""
    base = replica.base(trouble.host)
    last = "select verdict, reason from crawl_site where site = ? order by crawl_id desc limit 1"
    verdict = db.execute(last, (trouble.site,)).fetchone()
    if verdict is None or verdict[0] not in trouble.verdicts:
        yield f"verdict {verdict}, not one of {sorted(trouble.verdicts)}"
    elif verdict[0] != "well" and not verdict[1]:
        yield "not well, and no reason given"
    for path in trouble.unfinished:
        link = db.execute("select state, reason from link where url = ?", (base + path,)).fetchone()
        if link is None or link[0] not in OPEN:
            yield f"the link to {path} is {link}, not work to do"
        elif not link[1] and link[0] != "pending":
            yield f"the link to {path} is {link[0]} without a reason"
    kept = {
        status
        for (status,) in db.execute("select status from snapshot where instr(url, ?) = 1", (base + "/",))
    }
    for status in sorted(trouble.statuses - kept - {0}):
        yield f"no answer with status {status} was kept"
    newest = "select complete from listing where site = ? and crawl_id = (select max(crawl_id) from listing where site = ?)"
    complete = [bool(value) for (value,) in db.execute(newest, (trouble.site, trouble.site))]
    if trouble.complete is False and complete and all(complete):
        yield "its list is recorded as complete"


def _asked(trouble: Trouble, replica: Replica) -> Iterator[str]:
    """What the replica saw that should not have been."""
    count = Counter(seen.host for seen in replica.log)[trouble.host]
    if trouble.at_most is not None and count > trouble.at_most:
        yield f"{count} requests, at most {trouble.at_most}"
    for host, start in trouble.never:
        asked = [seen.path for seen in replica.log if seen.host == host and seen.path.startswith(start)]
        if asked:
            yield f"{host}{asked[0]} was asked for"
    for path, seconds in trouble.pauses:
        times = [seen.at for seen in replica.log if (seen.host, seen.path) == (trouble.host, path)]
        yield from (
            f"{path} was asked for again after {b - a:.1f} s" for a, b in pairwise(times) if b - a < seconds
        )
    most = max((size for (host, _), size in replica.sent.items() if host == trouble.host), default=0)
    if trouble.bytes_at_most is not None and most > trouble.bytes_at_most:
        yield f"{most} bytes of one answer were taken"
