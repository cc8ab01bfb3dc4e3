"""An archive written as WARC files and taken in again is the same archive: every snapshot, every reading."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive.report.model import Context
from archive.sandbox import read_safely
from archive.store import Archive, Capture
from archive.store.snapshots import READABLE_KINDS
from crawler.cli import run
from tests.builders import capture, every, fresh
from tests.crawl_portal import report

HOST = "http://127.0.0.1"
PAGE = f"{HOST}/nb/t20260120_1.html"
CHINESE = f"{HOST}/公开/年报 2025.html?区=南岸"
ANSWER_COLUMNS = (
    "key, doc_key, url, final_url, kind, status, fetched_at, sha256, content_type, headers, context"
)
REPORT_COLUMNS = (
    "key, doc_key, url, form, title, published_on, status, version, text, first_seen, last_seen, date_quality"
)
VERSION_COLUMNS = "doc_key, version, reader, digest, first_seen, last_seen"


def day(number: int) -> str:
    return f"2026-02-{number:02}T01:00:00Z"


def captures() -> list[Capture]:
    """All kinds of snapshots, with what is hard to carry: header bytes, lengths that lie, addresses in Chinese."""
    town = "重庆市开州区金峰镇人民政府"
    html = [("Content-Type", "text/html; charset=utf-8"), ("ETag", '"1"')]
    odd = [
        *html,
        ("Transfer-Encoding", "chunked"),
        ("Content-Length", "7"),
        ("Content-Disposition", "x".join(map(chr, "年报".encode()))),
        ("X-Archive-Orig-Server", " two  blanks "),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
    ]
    first, second = report(town, 2025).encode(), report(town, 2025, requests=4).encode()
    one = hashlib.sha256(second).hexdigest()
    context = {
        "site": "jinfeng",
        "title": f"{town}2025年报告",
        "county_code": "500154",
        "list_date": "2026-01-20",
    }
    return [
        capture(first, url=PAGE, fetched_at=day(1), headers=html, context=context),
        capture(first, url=PAGE, fetched_at=day(2), headers=odd, context=context),
        capture(second, url=PAGE, fetched_at=day(3), headers=html, context=context),
        capture(b"", url=PAGE, fetched_at=day(4), status=304, headers=html[1:], confirms=one, context=context),
        capture(b"", url=PAGE + "?b", fetched_at=day(3), status=304, headers=[], confirms=one, context=context),
        capture(gzip.compress(report(town, 2024).encode(), mtime=0), url=CHINESE, final_url=CHINESE + "&x=1",
                fetched_at=day(5), headers=[*html, ("Content-Encoding", "gzip")], doc_key="cq:2", context=context),
        capture(b"<ul></ul>", url=f"{HOST}/nb/", kind="list", doc_key=None, fetched_at=day(1)),
        capture(b"<ul>1</ul>", url=f"{HOST}/nb/", kind="rendered", doc_key=None, fetched_at=day(1), headers=html),
        capture(b"User-agent: *", url=f"{HOST}/robots.txt", kind="robots", doc_key=None, fetched_at=day(1)),
        capture(b"", url=f"{HOST}/old", kind="redirect", status=302, headers=[("Location", PAGE)], fetched_at=day(1)),
        capture(b"gone", url=f"{HOST}/gone", kind="error", status=404, doc_key="cq:3", fetched_at=day(1)),
        capture(b"%PDF-1.4 broken", url=f"{HOST}/a.pdf", kind="attachment", doc_key="cq:4", fetched_at=day(6)),
        capture(first, url="file:" + "0" * 64, kind="ingested", headers=[], doc_key="file:0", fetched_at=day(7)),
    ]  # fmt: skip


def keep(archive: Archive, captured: Capture) -> None:
    """Keep and read as a crawl does."""
    stored = archive.snapshots.add(captured, crawl_id=None)
    if captured.doc_key is None or captured.kind not in READABLE_KINDS:
        return
    if captured.status == 304:
        archive.readings.confirmed(stored.id, doc_key=captured.doc_key, now=captured.fetched_at)
        return
    read = read_safely(captured.body, captured.headers, Context.from_dict(captured.context))
    site = captured.context.get("site") or "ingested"
    archive.readings.store(
        stored.id, read, doc_key=captured.doc_key, site=site, url=captured.url, now=captured.fetched_at
    )


def said(archive: Archive) -> dict[str, list[tuple[Any, ...]]]:
    """All that two archives of the same snapshots must agree on."""
    report_id = "(SELECT r.key FROM report r WHERE r.id = report_id)"
    return {
        "snapshots": every(archive, f"SELECT {ANSWER_COLUMNS} FROM snapshot ORDER BY key"),
        "reports": every(archive, f"SELECT {REPORT_COLUMNS} FROM report ORDER BY key"),
        "versions": every(archive, f"SELECT {VERSION_COLUMNS} FROM report_version ORDER BY doc_key, version"),
        "applications": every(archive, f"SELECT {report_id}, \"row\", total FROM applications ORDER BY 1, 2"),
        "changes": every(archive, f"SELECT {report_id}, class, before, after FROM report_change ORDER BY 1, 2, 3"),
        "findings": every(archive, "SELECT key, status FROM finding ORDER BY key"),
        "unplaced": every(archive, "SELECT doc_key, status, reason FROM unplaced ORDER BY doc_key"),
    }  # fmt: skip


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[tuple[Any, ...]]]]:
    """The WARC file of an archive, and what the archive says."""
    tmp_path = tmp_path_factory.mktemp("exported")
    with fresh(tmp_path) as archive:
        for captured in captures():
            keep(archive, captured)
        wanted = said(archive)
        code = run(["export", "--archive", str(archive.path), "--format", "warc", str(tmp_path / "out")])
    assert code == 0
    return tmp_path / "out" / "gongkai-00000.warc.gz", wanted


def ingest(tmp_path: Path, *paths: Path) -> int:
    sites = tmp_path / "sites.csv"
    sites.write_text(
        "site,spider,platform,name,admin_code,list_url,options,first_year,last_year,enabled,note\n"
        "other,district,trs,别处,500154,http://127.0.0.9/nb/,,2008,,1,\n",
        "utf-8",
    )
    if not (tmp_path / "again.db").exists():
        fresh(tmp_path, "again.db").close()
    return run(["ingest", "--archive", str(tmp_path / "again.db"), "--sites", str(sites), *map(str, paths)])


def taken(tmp_path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with Archive.open(tmp_path / "again.db", read_only=True) as archive:
        assert archive.verify() == []
        return said(archive)


def test_the_archive_comes_back_as_it_was(
    tmp_path: Path,
    exported: tuple[Path, dict[str, list[tuple[Any, ...]]]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    file, wanted = exported
    assert len(wanted["reports"]) == 2
    assert len(wanted["changes"]) > 0
    assert ingest(tmp_path, file) == 1  # the damaged PDF cannot be read, here as there
    again = taken(tmp_path)
    for name, rows in wanted.items():
        assert again[name] == rows, name
    capsys.readouterr()
    assert ingest(tmp_path, file) == 0
    assert capsys.readouterr().out.split("\n")[0].split() == [
        "13",
        "skipped:",
        "in",
        "the",
        "archive",
        "already",
    ]
    assert taken(tmp_path) == again


def members(file: Path) -> list[tuple[str, bytes]]:
    """The records of a file, each as its head and the block after it."""
    found = []
    left = file.read_bytes()
    while left:
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        head, _, block = unpacker.decompress(left).partition(b"\r\n\r\n")
        found.append((head.decode(), block.removesuffix(b"\r\n\r\n")))
        left = unpacker.unused_data
    return found


def write(target: Path, records: list[tuple[str, bytes]]) -> Path:
    """Write records anew: lengths as they are now, without digests of blocks."""
    packed = []
    for head, block in records:
        lines = [
            line
            for line in head.split("\r\n")
            if not line.startswith(("WARC-Block-Digest", "Content-Length"))
        ]
        text = "\r\n".join([*lines, f"Content-Length: {len(block)}", "", ""])
        packed.append(gzip.compress(text.encode() + block + b"\r\n\r\n", mtime=0))
    target.write_bytes(b"".join(packed))
    return target


Change = Callable[[str, bytes], tuple[str, bytes]]


def rewritten(file: Path, target: Path, change: Change) -> Path:
    """The file with the answers of one address changed."""
    return write(target, [
        change(head, block) if f"WARC-Target-URI: {PAGE}\r\n" in head and "Gongkai-Snapshot" in head else (head, block)
        for head, block in members(file)
    ])  # fmt: skip


def replaced(name: str, value: str) -> Change:
    return lambda head, block: (re.sub(rf"(?m)^{name}: .*(?=\r)", lambda _: f"{name}: {value}", head), block)


def claim(**values: object) -> Change:
    def change(head: str, block: bytes) -> tuple[str, bytes]:
        told = re.search(r"(?m)^Gongkai-Snapshot: (.*)\r", head)
        assert told
        return replaced("Gongkai-Snapshot", json.dumps({**json.loads(told[1]), **values}))(head, block)

    return change


def payload(head: str, block: bytes) -> tuple[str, bytes]:
    return re.sub(r"(?m)^WARC-Payload-Digest: .*\r\n", "", head), block.replace(b"2025", b"2023") + b" "


def revised(head: str, block: bytes) -> tuple[str, bytes]:
    return head, block.replace(b"2025", b"2023") + b" "


HOSTILE: list[Change] = [
    claim(key="0" * 32), claim(kind="attachment"), claim(kind="everything"), claim(url=f"{HOST}/other"),
    claim(url="javascript:1"), claim(doc_key=7), claim(doc_key="\ud800"), claim(context=["x"]),
    claim(context={"title": {"a": 1}}), claim(headers=[["a"]]), claim(status="200"), claim(status=404),
    claim(final_url=f"{HOST}/other"), claim(url=None), replaced("Gongkai-Snapshot", "[" * 100_000),
    replaced("Gongkai-Snapshot", "3"), replaced("WARC-Date", "2020-01-01T00:00:00Z"), payload, revised,
]  # fmt: skip


@pytest.mark.parametrize("change", HOSTILE)
def test_a_claim_that_does_not_fit_its_record_is_told_and_not_believed(
    change: Change,
    tmp_path: Path,
    exported: tuple[Path, dict[str, list[tuple[Any, ...]]]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    file, wanted = exported
    capsys.readouterr()
    ingest(tmp_path, rewritten(file, tmp_path / "hostile.warc.gz", change))
    complaints = capsys.readouterr().err.splitlines()
    assert complaints
    assert all("Gongkai-Snapshot" in line and "taken as another tool's record" in line for line in complaints)
    snapshots = taken(tmp_path)["snapshots"]
    others = {row for row in wanted["snapshots"] if row[2] != PAGE and row[5] != 304}
    assert others <= set(snapshots)
    changed = {row[0] for row in wanted["snapshots"] if row[2] == PAGE and row[6] in (day(1), day(3))}
    assert len(changed) == 2
    assert not changed & {row[0] for row in snapshots}


def test_a_confirmation_whose_page_is_nowhere_is_told(
    tmp_path: Path,
    exported: tuple[Path, dict[str, list[tuple[Any, ...]]]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    file, _ = exported
    alone = tmp_path / "alone.warc.gz"
    write(alone, [record for record in members(file) if "WARC-Type: revisit" in record[0]])
    capsys.readouterr()
    assert ingest(tmp_path, alone) == 1
    assert capsys.readouterr().out.split()[:2] == ["3", "unknown:"]
    assert taken(tmp_path)["snapshots"] == []
    # With the file that holds the page, in whatever order, all is there.
    ingest(tmp_path, alone, file)
    assert len(taken(tmp_path)["snapshots"]) == 13
