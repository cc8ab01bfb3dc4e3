"""Reader processes: the same reading as here, in order, and a page lost at most when one of them dies."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from archive import readers
from archive.readers import AHEAD, MANY, WITHIN, Readers
from archive.report.model import Context
from archive.sandbox import read_safely
from archive.store.prepared import Prepared
from tests.crawl_portal import report

HEADERS = [("Content-Type", "text/html; charset=utf-8")]
CONTEXT = Context(
    url="http://127.0.0.1/t1.html", title="重庆市巴南区教育委员会2025年政府信息公开工作年度报告"
)
PAGES = [report("重庆市巴南区教育委员会", 2025, requests=n).encode() for n in range(20)]


def with_readers(most: int, use: Callable[[Readers], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        pool = Readers(most)
        try:
            return await asyncio.wait_for(use(pool), 60)
        finally:
            await pool.close()

    return asyncio.run(run())


async def all_read(pool: Readers, pages: list[bytes]) -> list[Prepared | None]:
    return await asyncio.gather(*(pool.read(page, HEADERS, CONTEXT) for page in pages))


def test_a_reading_from_another_process_is_the_one_made_here() -> None:
    there = with_readers(2, lambda pool: all_read(pool, [*PAGES, b"", b"\xff" * 99, b"%PDF-1.7 broken"]))
    here = [
        Prepared(read_safely(page, HEADERS, CONTEXT))
        for page in [*PAGES, b"", b"\xff" * 99, b"%PDF-1.7 broken"]
    ]
    assert [found.report for found in there] == [made.report for made in here]
    assert [found.frames() for found in there] == [made.frames() for made in here]


def test_readers_are_wanted_only_where_pages_come_fast() -> None:
    def wanted(most: int, seconds: float) -> list[bool]:
        pool = Readers(most)
        return [pool.wanted(100 + n * seconds) for n in range(2 * MANY)]

    assert wanted(2, 0.01) == [False] * (MANY - 1) + [True] * (MANY + 1)
    assert not any(wanted(2, 1.0)) and not any(wanted(2, 1.1 * WITHIN / MANY)) and not any(wanted(0, 0.01))


def test_a_reader_that_dies_costs_the_page_it_was_at(monkeypatch: pytest.MonkeyPatch) -> None:
    async def use(pool: Readers) -> list[Prepared | None]:
        await pool.read(PAGES[0], HEADERS, CONTEXT)
        (reader,) = pool._readers
        os.kill(
            reader.process.pid, signal.SIGSTOP
        )  # it is at the first of these, and was given the next ones
        reading = [asyncio.ensure_future(pool.read(page, HEADERS, CONTEXT)) for page in PAGES[:AHEAD]]
        while len(reader.asked) < AHEAD:
            await asyncio.sleep(0.01)
        os.kill(reader.process.pid, signal.SIGKILL)
        found = await asyncio.gather(*reading)
        assert pool._readers != [reader]
        return list(found)

    first, *others = with_readers(1, use)
    assert first.report.status == "unparsed"
    assert first.report.findings[0].rule == "FILE-CRASHED"
    assert [found.report for found in others] == [read_safely(p, HEADERS, CONTEXT) for p in PAGES[1:AHEAD]]


@pytest.mark.parametrize(
    "program", ["import sys; sys.exit(3)", "import time; print('no frame'); time.sleep(60)"]
)
def test_where_no_reader_starts_the_caller_reads(
    program: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = subprocess.Popen

    def popen(_: list[str], **more: Any) -> subprocess.Popen[bytes]:
        return real([sys.executable, "-c", f"import os; os.write(0, b'nonsense' * 9)\n{program}"], **more)

    monkeypatch.setattr(readers.subprocess, "Popen", popen)
    assert with_readers(1, lambda pool: pool.read(PAGES[0], HEADERS, CONTEXT)) is None
    assert "pages are read in this one" in caplog.text


def test_a_reader_of_another_version_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "READER", "another")
    assert with_readers(1, lambda pool: pool.read(PAGES[0], HEADERS, CONTEXT)) is None


def test_readers_end_with_whoever_asked_them(tmp_path: Path) -> None:
    script = (
        "import asyncio, time\nfrom archive.readers import Readers\nfrom archive.report.model import Context\n"
        "async def run():\n    pool = Readers(1)\n    await pool.read(b'<html>', [], Context())\n"
        "    print(pool._readers[0].process.pid, flush=True)\n    time.sleep(60)\nasyncio.run(run())\n"
    )
    root = str(Path(readers.__file__).parent.parent)
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=root, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        reader = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 10
    while is_alive(reader) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_alive(reader)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
