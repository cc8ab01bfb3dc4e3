"""WARC files: read back by two independent readers, compared with the archive byte for byte, and taken in again."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from archive.publish import warc
from archive.store import Archive, ArchiveError, Capture
from crawler.cli import run
from tests.builders import capture, every, fresh, one
from tests.export_kit import HERE, HIDDEN, filled, withhold

PAGE = "http://127.0.0.1/nb/t1.html"
CHINESE = "http://127.0.0.1/公开/年报 2025.html?区=南岸"
ENCODED = "http://127.0.0.1/%E5%85%AC%E5%BC%80/%E5%B9%B4%E6%8A%A5%202025.html?%E5%8C%BA=%E5%8D%97%E5%B2%B8"
NOW = "2026-11-21T00:00:00Z"


def captures() -> list[Capture]:
    """One snapshot of every kind that a WARC tells apart."""
    html = [("Content-Type", "text/html"), ("ETag", '"1"')]
    packed = gzip.compress(b"<html>packed</html>", mtime=0)
    body = "<html>重庆</html>".encode()
    cut = [("Content-Type", "text/html"), ("Content-Length", "9999")]
    chunked = [
        ("Content-Type", "text/html"),
        ("Transfer-Encoding", "chunked"),
        ("X-Name", "\u00d6\u0085\u00e9"),
    ]
    digest = hashlib.sha256(body).hexdigest()
    return [
        capture(body, url=PAGE, fetched_at="2026-01-01T00:00:00Z", headers=html),
        capture(body, url=PAGE, fetched_at="2026-01-02T00:00:00Z", headers=html),
        capture(b"", url=PAGE, fetched_at="2026-01-03T00:00:00Z", status=304, headers=html[1:], confirms=digest),
        capture(packed, url=PAGE + "?gz", headers=[*html, ("Content-Encoding", "gzip")], doc_key="cq:2"),
        capture(b"<p>cut", url=PAGE + "?cut", headers=cut, doc_key="cq:3"),
        capture(b"<p>whole", url=PAGE + "?chunked", headers=chunked, doc_key="cq:4"),
        capture(b"<p>zh", url=CHINESE, headers=html, doc_key="cq:5"),
        capture(b"", url=PAGE + "?moved", kind="redirect", status=302, headers=[("Location", PAGE)], doc_key="cq:6"),
        capture(b"not here", url=PAGE + "?none", kind="error", status=404, doc_key="cq:7"),
        capture(b"User-agent: *", url="http://127.0.0.1/robots.txt", kind="robots", doc_key=None),
        capture(b"<ul>built</ul>", url=PAGE, kind="rendered", fetched_at="2026-01-04T00:00:00Z"),
        capture(b"<p>saved", url=PAGE + "?saved", kind="ingested", headers=[], doc_key="cq:8"),
    ]  # fmt: skip


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with fresh(tmp_path) as opened:
        for captured in captures():
            opened.snapshots.add(captured, crawl_id=None)
        yield opened


def written(archive: Archive, folder: Path) -> Path:
    folder.mkdir()
    warc.write(archive, folder, software="test", now=NOW)
    (path,) = folder.iterdir()
    return path


def records(path: Path) -> list[dict[str, Any]]:
    with path.open("rb") as file:
        return [
            {
                "type": record.rec_type,
                "uri": record.rec_headers.get_header("WARC-Target-URI"),
                "http": record.http_headers,
                "told": record.rec_headers,
                "payload": record.raw_stream.read(),
            }
            for record in ArchiveIterator(file)
        ]


def answers(path: Path, kind: str = "response") -> dict[str, dict[str, Any]]:
    return {record["uri"]: record for record in records(path) if record["type"] == kind}


def test_every_snapshot_is_one_record_and_its_bytes_are_those_of_the_archive(
    archive: Archive, tmp_path: Path
) -> None:
    path = written(archive, tmp_path / "out")
    kinds = Counter(record["type"] for record in records(path))
    assert kinds == {"warcinfo": 1, "response": 8, "request": 10, "revisit": 2, "resource": 2}
    found = Counter(
        hashlib.sha256(r["payload"]).hexdigest()
        for r in records(path)
        if r["type"] in ("response", "resource")
    )
    kept = Counter(row[0] for row in every(archive, "SELECT sha256 FROM snapshot WHERE status <> 304"))
    assert set(found) == set(kept)
    assert kept.total() - found.total() == 1  # the second sight of the same page is a revisit


def test_other_readers_find_every_digest_right(archive: Archive, tmp_path: Path) -> None:
    path = written(archive, tmp_path / "out")
    with path.open("rb") as file:
        seen = [(r.record_type, r.verify_block_digest()) for r in FastIterator(file, parse_http=False)]
    assert len(seen) == len(records(path))
    assert {verified for _, verified in seen} == {True}
    with path.open("rb") as file:
        # FastWARC compares payload digests of HTTP answers only; those of resources are compared above.
        verified = [
            r.verify_payload_digest() for r in FastIterator(file) if r.record_type == WarcRecordType.response
        ]
    assert verified == [True] * 8
    checked = Checker(type("Command", (), {"inputs": [str(path)], "verbose": False}))
    checked.process_all()
    assert checked.exit_value == 0


def test_a_repeat_is_a_revisit_that_says_of_what(archive: Archive, tmp_path: Path) -> None:
    repeat, unchanged = [r for r in records(written(archive, tmp_path / "out")) if r["type"] == "revisit"]
    for record in (repeat, unchanged):
        told = record["told"].get_header
        assert told("WARC-Refers-To-Target-URI") == PAGE
        assert told("WARC-Refers-To-Date") == "2026-01-01T00:00:00Z"
        assert record["payload"] == b""
    assert repeat["told"].get_header("WARC-Profile").endswith("1.1/revisit/identical-payload-digest")
    assert unchanged["told"].get_header("WARC-Profile").endswith("1.1/revisit/server-not-modified")
    assert (repeat["http"].get_statuscode(), unchanged["http"].get_statuscode()) == ("200", "304")
    assert repeat["told"].get_header("WARC-Payload-Digest") == unchanged["told"].get_header(
        "WARC-Payload-Digest"
    )


def test_headers_stay_as_parsed_unless_the_payload_makes_them_untrue(
    archive: Archive, tmp_path: Path
) -> None:
    found = answers(written(archive, tmp_path / "out"))
    assert found[PAGE]["http"].headers == [("Content-Type", "text/html"), ("ETag", '"1"')]
    cut = found[PAGE + "?cut"]
    assert cut["http"].get_header("Content-Length") == "6"
    assert cut["http"].get_header("X-Archive-Orig-Content-Length") == "9999"
    assert cut["told"].get_header("WARC-Truncated") == "disconnect"
    chunked = found[PAGE + "?chunked"]
    assert chunked["http"].get_header("Transfer-Encoding") is None
    assert chunked["http"].get_header("X-Archive-Orig-Transfer-Encoding") == "chunked"
    assert gzip.decompress(found[PAGE + "?gz"]["payload"]) == b"<html>packed</html>"
    assert found[PAGE + "?moved"]["http"].get_header("Location") == PAGE
    assert found[PAGE + "?none"]["http"].get_statuscode() == "404"


def test_header_bytes_that_are_no_ascii_come_out_as_they_came_in(archive: Archive, tmp_path: Path) -> None:
    raw = gzip.decompress(written(archive, tmp_path / "out").read_bytes())
    assert b"X-Name: \xd6\x85\xe9\r\n" in raw


def test_addresses_are_percent_encoded(archive: Archive, tmp_path: Path) -> None:
    found = records(written(archive, tmp_path / "out"))
    assert ENCODED in {record["uri"] for record in found}
    assert all(record["uri"].isascii() for record in found if record["uri"])
    request = next(r for r in found if r["type"] == "request" and r["uri"] == ENCODED)
    assert request["http"].statusline == f"{ENCODED.removeprefix('http://127.0.0.1')} HTTP/1.1"
    assert warc.percent_encoded(
        "https://公开.中国:8080/%E5?a=b%20c"
    ) == "https://xn--55qx5d36t.xn--fiqs8s:8080/%E5?a=b%20c".replace(
        "xn--55qx5d36t", "公开".encode("idna").decode()
    )


def test_what_a_browser_built_is_a_resource(archive: Archive, tmp_path: Path) -> None:
    found = answers(written(archive, tmp_path / "out"), "resource")
    assert found[f"urn:rendered:{PAGE}"]["payload"] == b"<ul>built</ul>"
    assert found[PAGE + "?saved"]["payload"] == b"<p>saved"


def test_the_same_archive_gives_the_same_file(archive: Archive, tmp_path: Path) -> None:
    first, second = written(archive, tmp_path / "a"), written(archive, tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()


def test_large_archives_come_in_several_files(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warc, "LARGEST_FILE", 2_000)
    (tmp_path / "out").mkdir()
    counts = warc.write(archive, tmp_path / "out", software="test", now=NOW)
    paths = sorted((tmp_path / "out").iterdir())
    assert counts.files == len(paths) > 2
    assert [records(path)[0]["type"] for path in paths] == ["warcinfo"] * len(paths)
    assert sum(len(records(path)) for path in paths) == counts.records


@pytest.mark.parametrize("harm", ["cut", "cut inside", "empty", "missing record", "other bytes"])
def test_a_file_that_is_not_what_was_meant_is_noticed(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    real = warc._compare

    def harmed(rows: Any, paths: list[Path], *, records: int) -> None:
        path, data = paths[0], paths[0].read_bytes()
        members = data.split(b"\x1f\x8b\x08\x00")
        last = b"\x1f\x8b\x08\x00" + members[-1]
        other = b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Date: 2026-01-01T00:00:00Z\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
        path.write_bytes({
            "cut": data[: -len(last)], "cut inside": data[:-40], "empty": b"", "missing record": data.replace(b"\x1f\x8b\x08\x00" + members[3], b""),
            "other bytes": data[: -len(last)] + gzip.compress(other),
        }[harm])  # fmt: skip
        real(rows, paths, records=records)

    monkeypatch.setattr(warc, "_compare", harmed)
    with pytest.raises(ArchiveError):
        written(archive, tmp_path / "out")


def test_a_damaged_body_stops_the_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with fresh(tmp_path) as archive:
        archive.snapshots.add(captures()[0], crawl_id=None)
        archive.conn.execute("UPDATE body SET data = substr(data, 1, 8)")
        code = run(["export", "--archive", str(archive.path), "--format", "warc", str(tmp_path / "out")])
    assert code == 2
    assert "damaged" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


# -- from the command, with reports


def exported(archive: Archive, folder: Path, *arguments: str) -> Path:
    code = run(["export", "--archive", str(archive.path), "--format", "warc", *arguments, str(folder)])
    assert code == 0
    return folder / "gongkai-00000.warc.gz"


def test_what_is_withheld_is_not_in_it(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        withhold(archive, "report", HIDDEN)
        found = answers(exported(archive, tmp_path / "out"))
    assert len(found) == 4
    assert b"<html>3</html>" not in {record["payload"] for record in found.values()}


def test_a_selection_takes_the_documents_of_its_reports(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        found = answers(exported(archive, tmp_path / "out", "--county", "500154", "--years", "2025"))
        assert [record["payload"] for record in found.values()] == [b"<html>1</html>"]
        sealed = exported(archive, tmp_path / "sealed", "--release", "2026-11").with_name("SHA256SUMS")
        assert sealed.read_text("utf-8").endswith("  gongkai-00000.warc.gz\n")


def test_what_warc_has_no_name_for_travels_with_the_record(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        key = one(
            archive,
            "SELECT s.key FROM report r JOIN snapshot s ON s.id = r.snapshot_id WHERE r.key = ?",
            HERE,
        )
        found = answers(exported(archive, tmp_path / "out"))
    told = json.loads(found["http://127.0.0.1/nb/t20260120_1.html"]["told"].get_header("Gongkai-Snapshot"))
    assert (told["key"], told["kind"], told["doc_key"], told["context"]["site"]) == (
        key,
        "report",
        "cq:1",
        "jinfeng",
    )


def test_a_digest_is_written_as_other_tools_write_it() -> None:
    algorithm, value = warc.digest_of(hashlib.sha256(b"").hexdigest()).split(":")
    assert algorithm == "sha256"
    assert base64.b32decode(value) == hashlib.sha256(b"").digest()
