"""The sandbox: what a hostile or unlucky document costs, and that it costs nothing else."""

import asyncio
import gzip
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import docx
import pytest

from archive import sandbox
from archive.report.document import Document, Paragraph, Table, TableCell
from archive.report.findings import finding
from archive.report.model import Attachment, Context
from archive.report.read import understand
from archive.report.wire import WireError, decode, encode
from archive.sandbox import Limits, Sandbox, read_safely, take_apart_safely, take_apart_safely_async

NOWHERE = Context()


def word_file(rows: int = 2) -> bytes:
    document = docx.Document()
    document.add_paragraph("某局2023年政府信息公开工作年度报告")
    table = document.add_table(rows, 2)
    table.cell(0, 0).text = "规章"
    table.cell(0, 1).text = "3"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


WORD = word_file()


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(Limits(cpu_seconds=5, wall_seconds=20)) as sandbox:
        yield sandbox


def worker_of(box: Sandbox) -> "sandbox._Worker":
    (worker,) = box._alive
    return worker


def is_read(document: Document) -> bool:
    return (
        document.trouble is None
        and document.format == "docx"
        and any(isinstance(b, Table) for b in document.blocks)
    )


def rules(document: Document) -> list[str]:
    return [f.rule for f in document.findings]


def test_a_file_is_read_in_another_process_which_stays_warm(box: Sandbox) -> None:
    first = box.take_apart(WORD, [], NOWHERE)
    pid = worker_of(box).process.pid
    second = box.take_apart(WORD, [], NOWHERE)
    assert is_read(first)
    assert first == second
    assert worker_of(box).process.pid == pid != os.getpid()


def test_html_is_read_without_a_worker_unless_it_is_long() -> None:
    page = "<html><body><h1>某局2023年政府信息公开工作年度报告</h1><p>" + "字" * 3000 + "</p></body></html>"
    with Sandbox(Limits(light=5_000)) as box:
        box.take_apart(page[:500].encode(), [], NOWHERE)
        assert box._alive == set()
        long = box.take_apart(page.encode(), [], NOWHERE)
        assert len(box._alive) == 1
        assert long.format == "html"
        packed = box.take_apart(gzip.compress(page.encode()), [("Content-Encoding", "gzip")], NOWHERE)
        assert worker_of(box).documents == 2
        assert packed == long


@pytest.mark.parametrize(
    "tag",
    [
        b"<p " + b"".join(b"a%d='x'" % i for i in range(9_000)) + b"'>",  # ends in a quotation mark too many
        b"<p " + b"".join(b"a%d " % i for i in range(20_000)) + b">",
    ],
)
def test_a_page_that_is_slow_to_parse_goes_to_the_worker(tag: bytes) -> None:
    page = b"<html><body>" + tag + b"</p>" + b"<p class='a' title=\"b\">text</p>" * 1_000 + b"</body></html>"
    assert sandbox.is_tangled(page)
    assert not sandbox.is_tangled(page.replace(tag, b"<p>"))
    with Sandbox(Limits(cpu_seconds=1, wall_seconds=20)) as box:
        assert len(box._alive) == 0
        box.take_apart(page, [], NOWHERE)
        assert len(box._alive) == 1


@pytest.mark.parametrize("value", [b'"x"', b"'>'", b'"<p>"'])
def test_attributes_by_the_ten_thousand_are_left_out(value: bytes) -> None:
    tag = b"<p " + b" ".join(b"a%d=%b" % (i, value) for i in range(100_000)) + b">"
    started = time.monotonic()
    with Sandbox() as box:
        document = box.take_apart(b"<html><body>" + tag + "甲</p></body></html>".encode(), [], NOWHERE)
        assert len(box._alive) == 0
    assert [block.text for block in document.blocks if isinstance(block, Paragraph)] == ["甲"]
    assert time.monotonic() - started < 5


def test_a_page_that_is_not_read_still_says_what_it_is() -> None:
    head = "<html><title>某局2023年政府信息公开工作年度报告</title><meta name='PubDate' content='2024-01-19'><p>字</p>"
    for limits in (Limits(page=1_000), Limits(characters=500)):
        with Sandbox(limits) as box:
            document = box.take_apart((head + "<p>字</p>" * 1_000).encode(), [], NOWHERE)
        assert rules(document)[0] in ("FILE-TOO-LARGE", "FILE-TOO-LONG")
        assert document.titles == ["某局2023年政府信息公开工作年度报告"]
        assert document.metas == {"pubdate": "2024-01-19"}


def test_a_worker_is_replaced_after_its_share_of_documents() -> None:
    with Sandbox(Limits(documents_per_worker=2)) as box:
        pids = set()
        for _ in range(2):
            assert is_read(box.take_apart(WORD, [], NOWHERE))
            pids |= {w.process.pid for w in box._alive}
        assert box._alive == set()
        assert is_read(box.take_apart(WORD, [], NOWHERE))
        assert len(pids) == 1
        assert worker_of(box).process.pid not in pids


def test_a_worker_that_hangs_is_killed_at_the_deadline() -> None:
    with Sandbox(Limits(wall_seconds=1.5)) as box:
        assert is_read(box.take_apart(WORD, [], NOWHERE))
        os.kill(worker_of(box).process.pid, signal.SIGSTOP)
        started = time.monotonic()
        document = box.take_apart(WORD, [], NOWHERE)
        assert time.monotonic() - started < 10
        assert document.trouble == "refused: Reading the file took more than 1.5 s."
        assert rules(document) == ["FILE-TOO-SLOW"]
        assert box._alive == set()


def test_a_page_of_line_breaks_without_end_is_given_up() -> None:
    with Sandbox(Limits(cpu_seconds=1)) as box:
        assert rules(box.take_apart(b"<html><body>" + b"x<br>" * 300_000, [], NOWHERE)) == ["FILE-TOO-SLOW"]


def test_a_document_that_uses_up_its_processor_time_is_given_up() -> None:
    with Sandbox(Limits(cpu_seconds=1)) as box:
        document = box.take_apart(slow_word_file(), [], NOWHERE)
        assert rules(document) == ["FILE-TOO-SLOW"]
        assert is_read(box.take_apart(WORD, [], NOWHERE))


@cache
def slow_word_file() -> bytes:
    """A legal file of 25 MB of XML: seconds of work and hundreds of megabytes, within the bounds of size."""
    paragraphs = b"".join(b"<w:p><w:r><w:t>%d</w:t></w:r></w:p>" % n for n in range(600_000))
    return replace_part(
        WORD, "word/document.xml", lambda xml: xml.replace(b"<w:sectPr", paragraphs + b"<w:sectPr")
    )


def replace_part(body: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(body)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target,
    ):
        for entry in source.infolist():
            data = source.read(entry)
            target.writestr(entry.filename, change(data) if entry.filename == name else data)
    return out.getvalue()


def test_a_document_that_needs_too_much_memory_is_given_up() -> None:
    with Sandbox(Limits(memory=220 << 20, cpu_seconds=30)) as box:
        assert is_read(box.take_apart(WORD, [], NOWHERE))
        document = box.take_apart(slow_word_file(), [], NOWHERE)
        assert rules(document) == ["FILE-TOO-HUNGRY"]
        assert "220 MB" in (document.trouble or "")
        assert is_read(box.take_apart(WORD, [], NOWHERE))


def test_a_worker_killed_in_the_middle_costs_one_document(box: Sandbox) -> None:
    assert is_read(box.take_apart(WORD, [], NOWHERE))
    pid = worker_of(box).process.pid
    os.kill(pid, signal.SIGSTOP)
    threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()
    document = box.take_apart(WORD, [], NOWHERE)
    assert document.trouble == "crashed: The program that read the file broke down (signal 9)."
    assert rules(document) == ["FILE-CRASHED"]
    assert is_read(box.take_apart(WORD, [], NOWHERE))


def test_a_worker_that_died_between_two_documents_costs_none(box: Sandbox) -> None:
    assert is_read(box.take_apart(WORD, [], NOWHERE))
    process = worker_of(box).process
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert is_read(box.take_apart(WORD, [], NOWHERE))


def test_an_answer_that_makes_no_sense_is_a_crash(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox._Worker, "ask", lambda self, request, body: b'{"format": "docx"}')
    document = box.take_apart(WORD, [], NOWHERE)
    assert rules(document) == ["FILE-CRASHED"]
    assert box._alive == set()


def test_a_worker_that_cannot_start_is_told(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox.sys, "executable", "/bin/false")
    document = box.take_apart(WORD, [], NOWHERE)
    assert rules(document) == ["FILE-CRASHED"]
    assert "did not start" in (document.trouble or "")


def test_a_huge_body_is_refused_before_anything_is_done(box: Sandbox) -> None:
    document = box.take_apart(b"%PDF-1.7" + bytes(box.limits.body), [], NOWHERE)
    assert document.format == "pdf"
    assert rules(document) == ["FILE-TOO-LARGE"]
    assert box._alive == set()


@pytest.mark.parametrize(
    "body",
    [
        b"%PDF-1.4\n" + os.urandom(4096),
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj",
        b"PK\x03\x04" + os.urandom(4096),
        b"PK\x03\x04 word/document.xml",
        b"PK\x03\x04 xl/workbook.xml",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096),
        b"{\\rtf1 \\bin99999999 }",
        os.urandom(1 << 16),
        bytes(1 << 16),
        b"",
        b"<" * 100_000,
        b"\xff\xfe\x00",
    ],
    ids=lambda body: repr(body[:8]),
)
def test_no_bytes_raise(body: bytes) -> None:
    document = take_apart_safely(body, [("Content-Type", "application/octet-stream")], NOWHERE)
    assert isinstance(document, Document)
    assert document.trouble or document.blocks or document.furniture


def test_sixty_megabytes_of_garbage_take_bounded_time() -> None:
    body = b"%PDF-1.4\n" + os.urandom(1 << 20) * 60
    started = time.monotonic()
    document = take_apart_safely(body, [], NOWHERE)
    assert document.trouble
    assert time.monotonic() - started < 30


@pytest.mark.parametrize(
    "page",
    [
        b"<html><body><table>" + b"<tr><td>1</td><td>2" * 50_000,
        b"<html><body>" + b"<table><tr><td>" * 100_000,
        b"<html><body><table>" + b"<tr><td colspan=99999999 rowspan=9999999>1</td></tr>" * 20_000,
        "一、总体情况\n收到申请12件\n".encode() * 40_000,
    ],
    ids=["endless cells", "endless nesting", "endless spans", "endless lines"],
)
@pytest.mark.parametrize("light", [1 << 16, 8 << 20], ids=["in a worker", "in this process"])
def test_endless_pages_take_bounded_time(page: bytes, light: int) -> None:
    started = time.monotonic()
    with Sandbox(Limits(light=light)) as box:
        report = understand(box.take_apart(page, [("Content-Type", "text/html")], NOWHERE), NOWHERE)
    assert time.monotonic() - started < 20
    assert report.status in ("unparsed", "not_a_report", "partial")


def test_a_document_of_many_lines_is_not_handed_on() -> None:
    with Sandbox(Limits(blocks=10, characters=1_000)) as box:
        assert rules(box.take_apart("甲\n".encode() * 11, [], NOWHERE)) == ["FILE-TOO-LONG"]
        assert rules(box.take_apart("字".encode() * 1_001, [], NOWHERE)) == ["FILE-TOO-LONG"]
        assert rules(box.take_apart(word_file(600), [], NOWHERE)) == ["FILE-TOO-LONG"]
        assert is_read(box.take_apart(WORD, [], NOWHERE))


def test_the_event_loop_goes_on_while_a_document_is_read() -> None:
    async def both() -> tuple[Document, int]:
        ticks = 0
        task = asyncio.create_task(take_apart_safely_async(WORD, [], NOWHERE))
        while not task.done():
            await asyncio.sleep(0.005)
            ticks += 1
        return await task, ticks

    document, ticks = asyncio.run(both())
    assert is_read(document)
    assert ticks >= 1


def test_many_threads_get_each_their_own_document(box: Sandbox) -> None:
    bodies = [word_file(rows) for rows in (2, 3, 4, 5, 6, 7)]
    heights: dict[int, int] = {}

    def read(number: int) -> None:
        (table,) = [b for b in box.take_apart(bodies[number], [], NOWHERE).blocks if isinstance(b, Table)]
        heights[number] = len(table.grid)

    threads = [threading.Thread(target=read, args=(n,)) for n in range(len(bodies))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heights == {0: 2, 1: 3, 2: 4, 3: 5, 4: 6, 5: 7}
    assert len(box._alive) <= (os.cpu_count() or 1)


def test_a_forked_copy_of_the_parent_starts_its_own_worker(box: Sandbox) -> None:
    assert is_read(box.take_apart(WORD, [], NOWHERE))
    script = (
        "import os, sys; from archive.sandbox import Sandbox; from archive.report.model import Context\n"
        "body = sys.stdin.buffer.read(); box = Sandbox(); box.take_apart(body, [], Context())\n"
        "mine = {w.process.pid for w in box._alive}; child = os.fork()\n"
        "if child == 0:\n"
        "    ok = not box._alive and box.take_apart(body, [], Context()).trouble is None\n"
        "    theirs = {w.process.pid for w in box._alive}; box.close()\n"
        "    os._exit(0 if ok and theirs and not theirs & mine else 1)\n"
        "status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])\n"
        "ok = box.take_apart(body, [], Context()).trouble is None and {w.process.pid for w in box._alive} == mine\n"
        "sys.exit(status if ok else 3)\n"
    )
    root = str(Path(sandbox.__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", script], input=WORD, cwd=root, timeout=60, capture_output=True
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("busy", [False, True])
def test_a_worker_does_not_outlive_its_parent(busy: bool, tmp_path: Path) -> None:
    file = tmp_path / "slow.docx"
    file.write_bytes(slow_word_file() if busy else WORD)
    script = (
        "import sys, threading, time; from archive.sandbox import Sandbox, Limits; from archive.report.model import Context\n"
        "box = Sandbox(Limits(cpu_seconds=60))\n"
        "body = open(sys.argv[1], 'rb').read()\n"
        "threading.Thread(target=box.take_apart, args=(body, [], Context()), daemon=True).start()\n"
        "while not box._alive: time.sleep(0.01)\n"
        "(worker,) = box._alive\n"
        "while worker.documents == 0 or (sys.argv[2] == 'False' and not box._idle): time.sleep(0.01)\n"
        "time.sleep(0.5)\n"
        "print(worker.process.pid, flush=True); time.sleep(60)\n"
    )
    root = str(Path(sandbox.__file__).parent.parent)
    with subprocess.Popen(
        [sys.executable, "-c", script, str(file), str(busy)], cwd=root, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        assert is_alive(worker)
        parent.kill()
    deadline = time.monotonic() + 5
    while is_alive(worker) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_alive(worker)


def is_alive(pid: int) -> bool:
    try:
        # A zombie that init has not collected yet is dead too.
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_reading_safely_gives_a_report_with_the_reason() -> None:
    report = read_safely(b"PK\x03\x04 word/document.xml", [], NOWHERE)
    assert [f.rule for f in report.findings][:1] == ["FILE-DAMAGED"]


# --- a document over the wire ---


def sample_document() -> Document:
    wide = TableCell("甲\n乙", 0, 0, 1, 2, has_image=True)
    low = TableCell("1", 1, 1)
    return Document(
        format="pdf",
        encoding="utf-8",
        blocks=[
            Paragraph("标题", emphasis=True),
            Table([[wide, wide], [None, low]], caption="表"),
            Paragraph(""),
        ],
        furniture=["首页"],
        titles=["标题"],
        metas={"pubdate": "2024-01-02"},
        attachments=[Attachment("https://example.org/a.pdf", "附件", "pdf")],
        images=2,
        trouble=None,
        findings=[finding("FILE-ENCRYPTED", name="pdf", left=3, right=1.5, cells=("a.b.c",), quote="“引”")],
    )


def test_a_document_survives_the_wire() -> None:
    document = decode(encode(sample_document()))
    assert document == sample_document()
    table = document.blocks[1]
    assert isinstance(table, Table)
    assert table.grid[0][0] is table.grid[0][1]


def test_a_broken_character_does_not_break_the_wire() -> None:
    document = decode(encode(Document("pdf", blocks=[Paragraph("a\ud800b")])))
    assert document.blocks == [Paragraph("a?b")]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["format"], "exe"),
        (["images"], True),
        (["images"], "1"),
        (["blocks"], {}),
        (["blocks", 0, "text"], 5),
        (["blocks", 1, "grid", 0, 0], -1),
        (["blocks", 1, "grid", 0, 0], 99),
        (["blocks", 1, "grid"], [[0] * 4_000_001]),
        (["blocks", 1, "cells", 0], ["a"]),
        (["metas"], {"a": 1}),
        (["attachments", 0], ["u", "n"]),
        (["findings", 0, "severity"], "fatal"),
        (["findings", 0, "left"], []),
        (["trouble"], 0),
    ],
    ids=lambda value: str(value)[:30],
)
def test_an_untrusted_answer_is_checked(path: list[str | int], value: object) -> None:
    answer = json.loads(encode(sample_document()))
    place = answer
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(WireError):
        decode(json.dumps(answer).encode())


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"\xff", b"[" * 100_000])
def test_other_bytes_are_no_document(data: bytes) -> None:
    with pytest.raises(WireError):
        decode(data)
