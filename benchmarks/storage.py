"""What an archive weighs: a page nobody has seen before, a night of lists in which nothing changed; beside WARC.gz."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from archive.store import Archive, Capture
from benchmarks.harness import Row, Table
from benchmarks.reading import pages
from crawler.replica import Replica, Scenario

COPIES = 12
"""Each page of the reading benchmark under so many addresses, its text differing: one site's pages, one furniture."""
LISTS = 40
NIGHTS = 20
YEAR = 365
ALL_LISTS = 1000


def documents() -> list[Capture]:
    """Pages of 80 kB of one site, each with text of its own."""
    found = []
    for copy in range(COPIES):
        for number, (body, headers, context) in enumerate(pages()):
            url = f"http://127.0.0.1/{copy}/t{number}.html"
            changed = body.replace("公开".encode(), f"公开{copy * 7919 + number}".encode(), 40)
            found.append(Capture(
                url=url, final_url=url, kind="report", status=200, fetched_at="2026-01-20T08:00:00Z", body=changed,
                headers=list(headers), context={**context.as_dict(), "site": "x"}, doc_key=f"cq:{copy}-{number}",
            ))  # fmt: skip
    return found


def size(path: Path) -> int:
    """The file with its log brought in."""
    with Archive.open(path) as archive:
        archive.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return path.stat().st_size


def kept(path: Path, captures: list[Capture]) -> int:
    """How much an archive grows by these responses."""
    Archive.open(path, create=True).close()
    empty = size(path)
    with Archive.open(path) as archive:
        for capture in captures:
            archive.snapshots.add(capture, crawl_id=None)
    return size(path) - empty


def warc(captures: list[Capture]) -> int:
    """The same as response records of a WARC.gz."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    for capture in captures:
        headers = StatusAndHeaders("200 OK", capture.headers, protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(
                capture.url, "response", payload=io.BytesIO(capture.body), http_headers=headers
            )
        )
    return len(out.getvalue())


def lists(night: int) -> list[Capture]:
    """A night's lists: what the replica shows, with a token and a counter that are others every night."""
    found = []
    with Replica(Scenario()) as replica:
        import urllib.request

        rows = [line.split(",") for line in replica.registry_csv().splitlines()[1:]]
        sources = [urllib.request.urlopen(row[5]).read() for row in rows]
    for number in range(LISTS):
        source = sources[number % len(sources)]
        token = f"<!-- {number} --><input name='token' value='{night * 104729 + number:032x}'><i>{night * 13}</i>".encode()
        found.append(Capture(
            url=f"http://127.0.0.1/list/{number}", final_url=f"http://127.0.0.1/list/{number}", kind="list", status=200,
            fetched_at=f"2026-{1 + night // 28:02}-{1 + night % 28:02}T18:00:00Z", body=source + token,
            headers=[("Content-Type", "text/html")], context={"site": f"s{number % len(sources)}"},
        ))  # fmt: skip
    return found


def run() -> Table:
    """The table for docs/benchmarks.md."""
    captures = documents()
    plain = sum(len(capture.body) for capture in captures) / len(captures)
    with tempfile.TemporaryDirectory() as folder:
        page = kept(Path(folder) / "pages.db", captures) / len(captures)
        first, later = Path(folder) / "one.db", Path(folder) / "all.db"
        one = lists(0)
        base = kept(first, one)
        every = [capture for night in range(NIGHTS) for capture in lists(night)]
        a_list = (kept(later, every) - base) / (len(every) - len(one))
        same = [
            Capture(
                **{name: getattr(c, name) for name in Capture.__slots__} | {"body": one[0].body, "url": c.url}
            )
            for c in every
        ]
        unchanged = kept(Path(folder) / "same.db", same) / len(same)
    in_warc = warc(captures) / len(captures)
    year = a_list * ALL_LISTS * YEAR / 1e6
    year_same = unchanged * ALL_LISTS * YEAR / 1e6
    return Table(
        "storage",
        f"Bytes for one page nobody has seen before ({len(captures)} of {plain / 1000:.0f} kB), rows and indexes included.",
        "WARC.gz",
        [
            Row("archive", [page], "B/page", page / in_warc, "goal: 6,000 at most"),
            Row("WARC.gz", [in_warc], "B/page", 1.0, "one response record, no index"),
            Row("a list again, token and counter changed", [a_list], "B/list", None,
                f"a year of {ALL_LISTS:,} lists every night: {year:,.0f} MB (goal: 1,000)"),
            Row("a list again, the same bytes", [unchanged], "B/list", None,
                f"a year of {ALL_LISTS:,} lists every night: {year_same:,.0f} MB"),
        ],
        [f"The year is extrapolated from {NIGHTS} nights of {LISTS} lists."],
    )  # fmt: skip
