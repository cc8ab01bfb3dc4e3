"""``gongkai ingest``: files, folders, sidecars and WARC files into the archive, once each."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from archive.store import Archive
from crawler.cli import run

PAGE = "<html><body><h1>政府信息公开指南</h1><p>为方便公众，编制本指南。</p></body></html>"
URL = "http://www.example.gov.cn/zwgk/t20260120_1.html"


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    """A registry with one portal, so that its documents get the names that a crawl would give them."""
    file = tmp_path / "sites.csv"
    file.write_text(
        "site,spider,platform,name,admin_code,list_url,options,first_year,last_year,enabled,note\n"
        "jinfeng,district,trs,金峰,500154,http://www.example.gov.cn/zwgk/nb/,installation=cq,2008,,1,\n",
        "utf-8",
    )
    return file


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "a.html").write_text(PAGE, "utf-8")
    return folder


def ingest(tmp_path: Path, sites: Path, *arguments: str | Path) -> int:
    return run(["ingest", "--archive", str(tmp_path / "a.db"), "--sites", str(sites), *map(str, arguments)])


def snapshots(tmp_path: Path) -> list[dict[str, Any]]:
    with Archive.open(tmp_path / "a.db", read_only=True) as archive:
        rows = archive.conn.execute("SELECT * FROM snapshot ORDER BY id").fetchall()
        return [{**dict(row), "body": archive.snapshots.body(row["sha256"])} for row in rows]


def told(folder: Path, **values: object) -> None:
    (folder / "a.html.meta.json").write_text(json.dumps(values), "utf-8")


def test_a_file_is_kept_as_it_is_and_taken_once(
    tmp_path: Path, sites: Path, saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ingest(tmp_path, sites, saved / "a.html", "--url", URL) == 0
    assert "unplaced" in capsys.readouterr().out
    (kept,) = snapshots(tmp_path)
    assert kept["body"] == PAGE.encode()
    assert (kept["kind"], kept["url"], kept["doc_key"]) == ("ingested", URL, "cq:1")
    assert json.loads(kept["context"])["county_code"] == "500154"
    assert ingest(tmp_path, sites, saved / "a.html", "--url", URL) == 0
    assert capsys.readouterr().out.split()[:2] == ["1", "skipped:"]
    assert len(snapshots(tmp_path)) == 1


def test_a_sidecar_tells_what_the_file_cannot(tmp_path: Path, sites: Path, saved: Path) -> None:
    headers = {"Content-Type": "text/html; charset=utf-8"}
    told(saved, url=URL, fetched_at="2026-01-31T16:00:00+08:00", title="指南", headers=headers)
    assert ingest(tmp_path, sites, saved) == 0
    (kept,) = snapshots(tmp_path)
    assert kept["fetched_at"] == "2026-01-31T08:00:00Z"
    assert kept["content_type"] == "text/html; charset=utf-8"
    assert json.loads(kept["context"])["title"] == "指南"


@pytest.mark.parametrize(
    "values",
    [
        {"adress": "x"},
        {"url": "javascript:alert(1)"},
        {"fetched_at": "yesterday"},
        {"url": 3},
        {"headers": "x"},
        {"list_date": "2026-02-30"},
        {"list_date": "20260131"},
        {"county_code": "50011"},
        {"county_code": "巴南"},
    ],
)
def test_a_sidecar_that_cannot_be_used_is_2_with_one_line(
    values: dict[str, object], tmp_path: Path, sites: Path, saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(saved, **values)
    assert ingest(tmp_path, sites, saved) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not list(tmp_path.glob("a.db*"))  # nothing could be used: no empty archive is left either


def test_a_folder_gives_its_documents_and_nothing_hidden(tmp_path: Path, sites: Path, saved: Path) -> None:
    (saved / "b" / ".git").mkdir(parents=True)
    (saved / "b" / ".git" / "c.html").write_text(PAGE, "utf-8")
    (saved / "b" / "style.css").write_text("p {}", "utf-8")
    (saved / "b" / "d.txt").write_text("通知", "utf-8")
    ingest(tmp_path, sites, saved)
    assert {kept["body"] for kept in snapshots(tmp_path)} == {PAGE.encode(), "通知".encode()}


def test_the_same_bytes_without_an_address_are_one_document(tmp_path: Path, sites: Path, saved: Path) -> None:
    (saved / "b.html").write_bytes((saved / "a.html").read_bytes())
    ingest(tmp_path, sites, saved)
    assert len({kept["doc_key"] for kept in snapshots(tmp_path)}) == 1


def warc(path: Path, *records: tuple[str, str, dict[str, str], bytes]) -> Path:
    """A WARC file with these records, written by hand: type, status line, HTTP headers, body."""
    content = b""
    for number, (kind, status, headers, body) in enumerate(records, 1):
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
        block = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        head = [
            "WARC/1.0", f"WARC-Type: {kind}", f"WARC-Target-URI: {URL.replace('_1', f'_{number}')}",
            "WARC-Date: 2020-03-31T01:02:03Z", f"WARC-Record-ID: <urn:test:{number}>",
            f"Content-Type: application/http; msgtype={kind}", f"Content-Length: {len(block)}",
        ]  # fmt: skip
        record = "\r\n".join(head).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"
        content += gzip.compress(record, mtime=0) if path.suffix == ".gz" else record
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
def test_a_warc_gives_its_pages_at_their_own_times(name: str, tmp_path: Path, sites: Path) -> None:
    packed = gzip.compress(PAGE.encode(), mtime=0)
    chunked = b"%x\r\n" % len(packed) + packed + b"\r\n0\r\n\r\n"
    file = warc(
        tmp_path / name,
        ("response", "200 OK", {"Content-Type": "text/html"}, PAGE.encode()),
        ("response", "200 OK", {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}, chunked),
        ("response", "302 Found", {"Location": "/"}, b""),
        ("response", "200 OK", {"Content-Type": "image/png"}, b"\x89PNG"),
        ("response", "404 Not Found", {}, b"no"),
    )
    assert ingest(tmp_path, sites, file) == 0
    plain, squeezed = snapshots(tmp_path)
    assert (plain["doc_key"], plain["fetched_at"], plain["body"]) == (
        "cq:1",
        "2020-03-31T01:02:03Z",
        PAGE.encode(),
    )
    assert squeezed["body"] == packed  # transfer coding undone, content coding kept
    assert ingest(tmp_path, sites, file) == 0
    assert len(snapshots(tmp_path)) == 2


def test_a_damaged_warc_gives_what_was_whole(
    tmp_path: Path, sites: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = ("response", "200 OK", {"Content-Type": "text/html"}, PAGE.encode())
    file = warc(tmp_path / "x.warc", page, page)
    file.write_bytes(file.read_bytes() + b"WARC/9.9 rubbish\r\n\r\n")
    assert ingest(tmp_path, sites, file) == 2
    assert "damaged after 2 records" in capsys.readouterr().err
    assert len(snapshots(tmp_path)) == 2


@pytest.mark.parametrize("content", [b"", b"no warc at all"])
def test_what_is_no_warc_is_2(
    content: bytes, tmp_path: Path, sites: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.warc"
    file.write_bytes(content)
    assert ingest(tmp_path, sites, file) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["nobody.html"], ["x.warc", "--url", URL], ["a", "b", "--url", URL]])
def test_wrong_arguments_make_no_archive(
    arguments: list[str], tmp_path: Path, sites: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ingest(tmp_path, sites, *arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "a.db").exists()


HOSTILE_SIDECARS = [
    b'{"url": "../../etc/passwd"}', b'{"url": "file:///etc/passwd"}', b'{"url": "http://a.gov.cn/\\ud800"}',
    b'{"headers": [1]}', b'{"headers": [["a"]]}', b'{"headers": {"a": 1}}', b'{"status": "200"}', b'{"status": true}',
    b'{"status": 7}', b'{"title": null}', b'{"fetched_at": "9999-12-31T23:59:59Z"}', b'{"fetched_at": "0001-01-01"}',
    b"[" * 100_000, b"\xff\xfe", b"[]", b"", b" " * (2 << 20),
]  # fmt: skip


@pytest.mark.parametrize("sidecar", HOSTILE_SIDECARS, ids=range(len(HOSTILE_SIDECARS)))
def test_a_hostile_sidecar_costs_its_own_document_and_one_line(
    sidecar: bytes, tmp_path: Path, sites: Path, saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (saved / "a.html.meta.json").write_bytes(sidecar)
    (saved / "b.html").write_text(PAGE + "<!-- b -->", "utf-8")
    assert ingest(tmp_path, sites, saved) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert [kept["body"] for kept in snapshots(tmp_path)] == [(PAGE + "<!-- b -->").encode()]


def test_a_saved_error_page_is_no_document(
    tmp_path: Path, sites: Path, saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(saved, url=URL, status=404)
    assert ingest(tmp_path, sites, saved) == 0
    assert capsys.readouterr().out.split()[:2] == ["1", "no_page:"]
    assert snapshots(tmp_path) == []


def test_links_out_of_a_folder_are_not_followed(
    tmp_path: Path, sites: Path, saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.html").write_text("<p>secret</p>", "utf-8")
    (outside / "told.json").write_text(json.dumps({"title": "secret"}), "utf-8")
    (saved / "file.html").symlink_to(outside / "secret.html")
    (saved / "folder").symlink_to(outside, target_is_directory=True)
    (saved / "circle.html").symlink_to(saved / "circle.html")
    (saved / "nowhere.html").symlink_to(saved / "absent.html")
    (saved / "inside.html").symlink_to(saved / "a.html")
    (saved / "b.html").write_text("<p>b</p>", "utf-8")
    (saved / "b.html.meta.json").symlink_to(outside / "told.json")
    assert ingest(tmp_path, sites, saved) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1].rpartition("/")[2] for line in lines] == [
        "circle.html",
        "file.html",
        "b.html.meta.json",
    ]
    assert {kept["body"] for kept in snapshots(tmp_path)} == {PAGE.encode()}


def test_files_that_hold_nothing_or_too_much_are_told(
    tmp_path: Path, sites: Path, saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (saved / "empty.html").touch()
    with (saved / "huge.pdf").open("wb") as huge:
        huge.truncate(65 << 20)
    assert ingest(tmp_path, sites, saved) == 2
    empty, huge_line = capsys.readouterr().err.splitlines()
    assert "empty.html: is empty" in empty
    assert "huge.pdf: larger than" in huge_line
    assert len(snapshots(tmp_path)) == 1


@pytest.mark.parametrize("name", ["x.wacz", "x.warc.zst", "x.arc.gz"])
def test_other_containers_are_no_documents(
    name: str, tmp_path: Path, sites: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04")
    assert ingest(tmp_path, sites, tmp_path / name) == 2
    assert "only WARC files are read" in capsys.readouterr().err


def test_a_pipe_is_not_waited_for(
    tmp_path: Path, sites: Path, saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe.html")
    os.mkfifo(tmp_path / "pipe.warc")
    os.mkfifo(saved / "a.html.meta.json")
    assert ingest(tmp_path, sites, tmp_path / "pipe.html", tmp_path / "pipe.warc", saved) == 2
    assert capsys.readouterr().err.count("\n") == 3
