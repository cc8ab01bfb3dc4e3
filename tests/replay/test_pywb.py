"""Our WARC files in a third party's player: pywb serves the archived bytes, revisits, redirects and Chinese addresses.

pywb, wacz and cdxj-indexer want other versions of libraries that we use, so they live in a virtual environment of their
own: ``python3 -m venv DIR && DIR/bin/pip install pywb wacz cdxj-indexer``, then ``GONGKAI_PYWB=DIR pytest tests/replay``.
"""

from __future__ import annotations

import gzip
import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from archive.publish import warc
from archive.store import Capture
from tests.builders import capture, fresh

TOOLS = Path(os.environ.get("GONGKAI_PYWB", ""))
PATIENCE = 60.0
NOW = "2026-11-21T00:00:00Z"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        "GONGKAI_PYWB" not in os.environ,
        reason="GONGKAI_PYWB names no virtual environment with pywb, wacz and cdxj-indexer",
    ),
]

PAGE = "http://www.example.gov.cn/nb/t1.html"
MOVED = "http://www.example.gov.cn/nb/old.html"
PACKED = "http://www.example.gov.cn/nb/packed.html"
CHINESE = "http://www.example.gov.cn/公开/年报.html"
HTML = [("Content-Type", "text/html; charset=utf-8")]
BODY = "<html><head></head><body>重庆市某镇年度报告</body></html>".encode()
PLAIN = "<html><head></head><body>压缩过的一页</body></html>".encode()


def captures() -> list[Capture]:
    return [
        capture(BODY, url=PAGE, fetched_at="2026-01-01T00:00:00Z", headers=HTML),
        capture(BODY, url=PAGE, fetched_at="2026-02-01T00:00:00Z", headers=HTML),
        capture(b"", url=MOVED, kind="redirect", status=302, headers=[("Location", PAGE)], doc_key="cq:2"),
        capture(gzip.compress(PLAIN, mtime=0), url=PACKED, headers=[*HTML, ("Content-Encoding", "gzip")], doc_key="cq:3"),
        capture("<html><body>区县</body></html>".encode(), url=CHINESE, headers=HTML, doc_key="cq:4"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with our WARC and, made of it by pywb, the collection ``reports``."""
    folder = tmp_path_factory.mktemp("pywb")
    (folder / "warc").mkdir()
    with fresh(folder) as archive:
        for captured in captures():
            archive.snapshots.add(captured, crawl_id=None)
        warc.write(archive, folder / "warc", software="test", now=NOW)
    run(folder, "wb-manager", "init", "reports")
    run(folder, "wb-manager", "add", "reports", str(folder / "warc" / "gongkai-00000.warc.gz"))
    return folder


@pytest.fixture(scope="module")
def player(collection: Path) -> Iterator[int]:
    """A running pywb; its port."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [TOOLS / "bin" / "wayback", "--port", str(port), "--bind", "127.0.0.1"]
    with (
        (collection / "log").open("wb") as log,
        subprocess.Popen(command, cwd=collection, stdout=log, stderr=log) as process,
    ):
        try:
            deadline = time.monotonic() + PATIENCE
            while True:
                with closing(socket.socket()) as knock:
                    if knock.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert process.poll() is None, (collection / "log").read_text()
                assert time.monotonic() < deadline, "pywb did not start"
                time.sleep(0.2)
            yield port
        finally:
            process.terminate()
            process.wait(PATIENCE)


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(
        [TOOLS / "bin" / command[0], *command[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def replayed(port: int, moment: str, url: str) -> tuple[int, dict[str, str], bytes]:
    """The answer of the player for an address at a moment, as archived (``id_``: nothing rewritten)."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request("GET", f"/reports/{moment}id_/{warc.percent_encoded(url)}")
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


@pytest.mark.parametrize("moment", ["20260101000000", "20260201000000"])
def test_the_original_and_its_revisit_give_the_same_bytes(player: int, moment: str) -> None:
    assert replayed(player, moment, PAGE)[::2] == (200, BODY)


def test_a_redirect_leads_to_where_it_led(player: int) -> None:
    status, headers, _ = replayed(player, "20260201000000", MOVED)
    assert status == 302
    assert headers["location"].endswith(PAGE)


def test_a_packed_page_comes_out_packed_and_whole(player: int) -> None:
    status, headers, body = replayed(player, "20260201000000", PACKED)
    assert status == 200
    assert (gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body) == PLAIN


def test_a_page_with_a_chinese_address_is_found(player: int) -> None:
    status, _, body = replayed(player, "20260201000000", CHINESE)
    assert (status, body) == (200, "<html><body>区县</body></html>".encode())


def test_the_indexer_lists_every_answer(collection: Path) -> None:
    lines = run(collection, "cdxj-indexer", "warc/gongkai-00000.warc.gz").splitlines()
    assert len(lines) == len(captures())
    assert sum('"mime": "warc/revisit"' in line for line in lines) == 1


def test_a_web_archive_collection_made_of_it_is_valid(collection: Path) -> None:
    run(collection, "wacz", "create", "-o", "reports.wacz", "warc/gongkai-00000.warc.gz")
    run(collection, "wacz", "validate", "-f", "reports.wacz")
