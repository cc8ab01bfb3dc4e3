"""WARC files of other tools: what is a document, at whose time, under which name; and files that are none."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.store import Archive, ArchiveError
from crawler import intake, saved_warc
from crawler.cli import run
from tests.builders import every, fresh, one
from tests.crawl_portal import column, report, row

TOWN = "重庆市开州区金峰镇人民政府"
REPORT = report(TOWN, 2025).encode()
URL = "http://www.example.gov.cn/zwgk/t20260120_1.html"
THEN = "2026-02-03T04:05:06Z"
HTML = [("Content-Type", "text/html; charset=utf-8")]
SITES = (
    "site,spider,platform,name,admin_code,list_url,options,first_year,last_year,enabled,note\n"
    "jinfeng,district,trs,金峰,500154,http://www.example.gov.cn/zwgk/nb/,installation=cq,2008,,1,\n"
)


class Foreign:
    """A WARC file as other tools write it, by the library that most of them use."""

    def __init__(self, path: Path, *, packed: bool = True, version: str = "1.0") -> None:
        self.path = path
        self._file = path.open("wb")
        self.writer = WARCWriter(self._file, gzip=packed, warc_version=version)

    def add(self, body: bytes, *, url: str = URL, kind: str = "response", status: str = "200 OK",
            headers: list[tuple[str, str]] | None = None, date: str = THEN, **fields: str) -> Foreign:  # fmt: skip
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        http = StatusAndHeaders(status, HTML if headers is None else headers, protocol="HTTP/1.1")
        record = self.writer.create_warc_record(
            url, kind, payload=io.BytesIO(body), length=len(body), http_headers=http if kind != "resource" else None,
            warc_content_type="text/html" if kind == "resource" else "", warc_headers_dict={"WARC-Date": date, **named},
        )  # fmt: skip
        self.writer.write_record(record)
        return self

    def done(self) -> Path:
        self._file.close()
        return self.path


def ingest(tmp_path: Path, *arguments: str | Path) -> int:
    sites = tmp_path / "sites.csv"
    sites.write_text(SITES, "utf-8")
    if not (tmp_path / "a.db").exists():
        fresh(tmp_path, "a.db").close()
    return run(["ingest", "--archive", str(tmp_path / "a.db"), "--sites", str(sites), *map(str, arguments)])


def kept(tmp_path: Path, columns: str = "doc_key, url, fetched_at") -> list[tuple[Any, ...]]:
    with Archive.open(tmp_path / "a.db", read_only=True) as archive:
        assert archive.verify() == []
        return every(archive, f"SELECT {columns} FROM snapshot ORDER BY fetched_at, doc_key")


def counted(capsys: pytest.CaptureFixture[str]) -> dict[str, int]:
    lines = [line.split(":")[0].split() for line in capsys.readouterr().out.splitlines() if ":" in line]
    return {name: int(number) for number, name in lines}


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("layout", ["member a record", "one member", "plain"])
def test_a_report_is_read_whatever_the_layout(
    layout: str, version: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / ("x.warc" if layout == "plain" else "x.warc.gz")
    file = Foreign(path, packed=layout == "member a record", version=version).add(REPORT).done()
    if layout == "one member":
        file.write_bytes(gzip.compress(file.read_bytes(), mtime=0))
    assert ingest(tmp_path, file) == 0
    assert counted(capsys) == {"new": 1}
    assert kept(tmp_path) == [("cq:1", URL, THEN)]
    assert ingest(tmp_path, file) == 0
    assert counted(capsys) == {"skipped": 1}


def test_what_holds_no_report_is_counted_and_not_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = "".join(
        row(f"t{year}0120_{year}.html", f"{TOWN}{year}年政府信息公开工作年度报告") for year in (2023, 2024)
    )
    file = Foreign(tmp_path / "x.warc.gz")
    file.add(REPORT)
    file.add(
        column("政府信息公开年报", f"<ul>{entries}</ul>").encode(), url="http://www.example.gov.cn/zwgk/nb/"
    )
    file.add(column("首页", "<p>欢迎</p>").encode(), url="http://www.example.gov.cn/")
    file.add(b"p {}", url="http://www.example.gov.cn/a.css", headers=[("Content-Type", "text/css")])
    file.add(b"\x89PNG", url="http://www.example.gov.cn/a.png", headers=[])
    file.add(b"", url="http://www.example.gov.cn/old", status="302 Found", headers=[("Location", "/")])
    file.add(b"no", url="http://www.example.gov.cn/no", status="404 Not Found")
    file.add(b"", url="http://www.example.gov.cn/empty.html")
    file.add(b"GET", kind="request", headers=[])
    file.add(b"text", kind="resource", url="urn:text:http://www.example.gov.cn/")
    file.add(REPORT, url="http://www.example.gov.cn/t20260120_9.html", date="2999-01-01T00:00:00Z")
    assert ingest(tmp_path, file.done()) == 0
    assert counted(capsys) == {
        "new": 1, "list": 2, "other_type": 2, "no_page": 2, "empty": 1, "about": 1, "unnamed": 2,
    }  # fmt: skip
    assert kept(tmp_path) == [("cq:1", URL, THEN)]


def test_the_name_is_that_of_a_crawl_and_elsewhere_the_host_leads_it(tmp_path: Path) -> None:
    file = Foreign(tmp_path / "x.warc.gz")
    file.add(REPORT, url="https://example.gov.cn/zwgk/t20260120_7.html")
    file.add(report(TOWN, 2024).encode(), url="http://elsewhere.gov.cn/a/t20250120_8.html")
    file.add(report(TOWN, 2023).encode(), url="http://elsewhere.gov.cn/a/nb2023.html", kind="resource")
    assert ingest(tmp_path, file.done()) == 0
    assert [name for name, _, _ in kept(tmp_path)] == [
        "cq:7",
        "elsewhere.gov.cn:8",
        "elsewhere.gov.cn:elsewhere.gov.cn/a/nb2023.html",
    ]


@pytest.mark.parametrize("still_chunked", [True, False])
def test_chunks_are_put_together_and_what_only_says_so_stays(still_chunked: bool, tmp_path: Path) -> None:
    body = b"%x\r\n" % len(REPORT) + REPORT + b"\r\n0\r\n\r\n" if still_chunked else REPORT
    file = Foreign(tmp_path / "x.warc.gz").add(body, headers=[*HTML, ("Transfer-Encoding", "chunked")]).done()
    assert ingest(tmp_path, file) == 0
    assert kept(tmp_path, "sha256") == [(hashlib.sha256(REPORT).hexdigest(),)]


PROFILE = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
NAMES = [
    {"WARC_Refers_To": "<urn:uuid:1>"},
    {"WARC_Payload_Digest": "sha1:AAAA"},
    {"WARC_Refers_To_Target_URI": URL, "WARC_Refers_To_Date": THEN},
]


@pytest.mark.parametrize("names", NAMES)
@pytest.mark.parametrize("order", ["after", "before", "other file before"])
def test_a_repeat_is_the_same_page_seen_again(
    names: dict[str, str], order: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page: dict[str, str] = {"WARC_Record_ID": "<urn:uuid:1>", "WARC_Payload_Digest": "sha1:AAAA"}
    later = "2026-03-03T04:05:06Z"
    first, second = Foreign(tmp_path / "b.warc.gz"), Foreign(tmp_path / "a.warc.gz")

    def repeat(file: Foreign) -> None:
        file.add(b"", kind="revisit", date=later, WARC_Profile=PROFILE, **names)

    if order == "before":
        repeat(first)
    first.add(REPORT, **page)
    if order == "after":
        repeat(first)
    if order == "other file before":
        repeat(second)
    assert ingest(tmp_path, second.done(), first.done()) == (2 if order != "other file before" else 0)
    assert counted(capsys) == {"new": 1, "unchanged": 1}
    assert kept(tmp_path) == [("cq:1", URL, THEN), ("cq:1", URL, later)]
    with Archive.open(tmp_path / "a.db", read_only=True) as archive:
        assert one(archive, "SELECT last_seen FROM report") == later


def test_a_repeat_of_a_picture_is_none_of_ours_and_one_of_nothing_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = Foreign(tmp_path / "x.warc.gz")
    file.add(b"\x89PNG", headers=[("Content-Type", "image/png")], WARC_Payload_Digest="sha1:PPPP")
    file.add(b"", kind="revisit", WARC_Profile=PROFILE, WARC_Payload_Digest="sha1:PPPP")
    file.add(b"", kind="revisit", WARC_Profile=PROFILE, WARC_Payload_Digest="sha1:QQQQ")
    assert ingest(tmp_path, file.done()) == 1
    assert counted(capsys) == {"other_type": 2, "unknown": 1}


def test_a_304_confirms_the_page_it_refers_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    later = "2026-03-03T04:05:06Z"
    file = Foreign(tmp_path / "x.warc.gz").add(REPORT, WARC_Record_ID="<urn:uuid:1>")
    file.add(b"", kind="revisit", status="304 Not Modified", date=later, WARC_Refers_To="<urn:uuid:1>",
             WARC_Profile=PROFILE.replace("identical-payload-digest", "server-not-modified"))  # fmt: skip
    for expected in ({"new": 1, "unchanged": 1}, {"skipped": 2}):
        assert ingest(tmp_path, file.done()) == 0
        assert counted(capsys) == expected
    assert kept(tmp_path, "status, fetched_at") == [(200, THEN), (304, later)]


# -- files that are not what they should be


def test_what_is_too_large_is_passed_over_and_the_rest_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_warc, "LARGEST", 100_000)
    file = (
        Foreign(tmp_path / "x.warc.gz")
        .add(b"x" * 100_001, url="http://www.example.gov.cn/big.html")
        .add(REPORT)
    )
    assert ingest(tmp_path, file.done()) == 1
    told = capsys.readouterr()
    assert "record 1: http://www.example.gov.cn/big.html: larger than 100000 bytes" in told.err
    assert [line.split()[:2] for line in told.out.splitlines()] == [["1", "new:"], ["1", "too_large:"]]


def test_a_record_that_was_altered_is_not_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = Foreign(tmp_path / "x.warc", packed=False).add(REPORT).done()
    file.write_bytes(file.read_bytes().replace(b"2025", b"2024"))
    assert ingest(tmp_path, file) == 1
    told = capsys.readouterr()
    assert "is not what its digest says" in told.err
    assert "broken" in told.out
    assert kept(tmp_path) == []


def two(tmp_path: Path) -> Path:
    """A file of two reports."""
    return Foreign(tmp_path / "x.warc.gz").add(REPORT).add(REPORT, url=URL.replace("_1", "_2")).done()


def cut(data: bytes) -> bytes:
    return data[:-40]


def spoiled(data: bytes) -> bytes:
    at = data.rindex(b"\x1f\x8b\x08") + 60  # inside the last record, wherever compression makes it begin
    return data[:at] + bytes(byte ^ 0xFF for byte in data[at : at + 50]) + data[at + 50 :]


def unchecked(data: bytes) -> bytes:
    """The last record without a digest of its own and with other bytes: only the member's checksum tells."""
    members = data.split(b"\x1f\x8b\x08")
    whole = gzip.decompress(b"\x1f\x8b\x08" + members[-1])
    lines = [line for line in whole.split(b"\r\n") if not line.startswith((b"WARC-Block", b"WARC-Payload"))]
    last = gzip.compress(b"\r\n".join(lines), mtime=0)
    return data[: -len(members[-1]) - 3] + last[:-8] + b"abcd" + last[-4:]


def trailing(data: bytes) -> bytes:
    return data + b"rubbish, much of it"


def endless(data: bytes) -> bytes:
    return data + gzip.compress(b"WARC/1.0\r\n" + b"a" * (2 << 20), mtime=0)


def blank(data: bytes) -> bytes:
    return data + gzip.compress(b"\n" * (2 << 20), mtime=0)


def without_length(data: bytes) -> bytes:
    return data + gzip.compress(b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: -1\r\n\r\n", mtime=0)


@pytest.mark.parametrize(
    ("harm", "whole"),
    [(cut, 1), (spoiled, 1), (unchecked, 1), (trailing, 2), (endless, 2), (blank, 2), (without_length, 2)],
)
def test_a_damaged_file_gives_what_was_whole_and_one_line(
    harm: Callable[[bytes], bytes], whole: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = two(tmp_path)
    file.write_bytes(harm(file.read_bytes()))
    assert ingest(tmp_path, file) == 2
    told = capsys.readouterr()
    assert told.err.count("\n") == 1
    assert f"damaged after {whole} records" in told.err
    assert len(kept(tmp_path)) == whole


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04 no warc", gzip.compress(b"no warc"), gzip.compress(b""), b"\x28\xb5\x2f\xfd zst"],
)
def test_what_is_no_warc_is_one_line(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.warc.gz"
    file.write_bytes(content)
    assert ingest(tmp_path, file) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_complaints_are_told_as_far_as_anybody_reads_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = Foreign(tmp_path / "x.warc.gz")
    for _ in range(25):
        file.add(REPORT, date="never")
    assert ingest(tmp_path, file.done()) == 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "gongkai: 5 more complaints about single records"


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = Foreign(tmp_path / "x.warc.gz")
    for number in range(20):
        file.add(report(TOWN, 2025, extra=f"第{number}处。").encode(), url=URL.replace("_1", f"_{number}"))
    file.done()
    (tmp_path / "sites.csv").write_text(SITES, "utf-8")
    database = tmp_path / "a.db"
    fresh(tmp_path, "a.db").close()
    command = [
        sys.executable, "-m", "crawler", "ingest", str(file.path), "--archive", str(database),
        "--sites", str(tmp_path / "sites.csv"),
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline and _count(database) < 3:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    with Archive.open(database) as archive:
        assert archive.verify() == []
        before = one(archive, "SELECT count(*) FROM snapshot")
        # A document is there with its reading or not at all.
        assert one(archive, "SELECT count(*) FROM publication") == before
    assert ingest(tmp_path, file.path) == 0
    counts = counted(capsys)
    assert counts["skipped"] == before
    assert sum(counts.values()) == 20
    assert len(kept(tmp_path)) == 20


def _count(database: Path) -> int:
    """How many documents the running command has kept; 0 while it cannot be looked at."""
    try:
        with Archive.open(database, read_only=True) as archive:
            return int(one(archive, "SELECT count(*) FROM snapshot"))
    except ArchiveError:
        return 0


def test_every_outcome_has_its_words() -> None:
    assert set(intake.OUTCOMES) >= intake.WANTING | intake.NOT_DOCUMENTS
    assert not intake.WANTING & intake.NOT_DOCUMENTS
