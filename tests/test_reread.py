"""Understanding again: corrections and never versions, worse readings kept out, restartable, on several cores alike."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

import pytest

from archive import reread
from archive.report import model
from archive.report.model import Context, Report
from archive.report.read import read
from archive.store import Archive, ArchiveError
from archive.store.compare import losses
from crawler.cli import run
from tests.builders import capture, every, fresh, one, report
from tests.generator import generate

PAGES = 4


@cache
def seeds() -> list[int]:
    """Seeds of pages that today's reader places, each another report."""
    found: dict[tuple[object, ...], int] = {}
    seed = 0
    while len(found) < PAGES + 2:
        page = generate(Random(seed), document="html", form="gb2021", charset="utf-8")
        said = read(page.body, page.headers, Context(url="http://127.0.0.1/"))
        if said.status == "parsed" and said.agency_key and said.year and said.scope:
            found.setdefault((said.agency_key, said.year, said.scope), seed)
        seed += 1
    return list(found.values())


def keep(archive: Archive, number: int, *, stored: Report | None = None) -> Report:
    """A generated page kept and read; ``stored`` is put in the place of what today's reader says.

    Numbers up to ``PAGES`` are those of the fixture; all above are the next page.
    """
    seed = seeds()[number if number < PAGES else PAGES + (number == 81)]
    page = generate(Random(seed), document="html", form="gb2021", charset="utf-8")
    url = f"http://127.0.0.1/{number}.html"
    captured = capture(page.body, url=url, doc_key=f"cq:{number}", headers=page.headers, context={"url": url})
    understood = read(page.body, page.headers, Context(url=url))
    snapshot = archive.snapshots.add(captured, crawl_id=None)
    archive.readings.store(
        snapshot.id, stored or understood, doc_key=f"cq:{number}", site="x", url=url, now=captured.fetched_at
    )
    return understood


def by_an_older_reader(archive: Archive) -> None:
    archive.conn.execute("UPDATE report_version SET reader = '0'")
    archive.conn.execute("UPDATE report SET reader = '0'")
    archive.conn.execute("UPDATE unplaced SET reader = '0'")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with fresh(tmp_path) as opened:
        for number in range(PAGES):
            keep(opened, number)
        yield opened


def wrong(understood: Report, **values: object) -> Report:
    """What an older reader may have said: a number of table 3 is another one."""
    tables = json.loads(json.dumps(understood.tables))
    tables["applications"]["new_received"]["natural_person"] = 4711
    fields = {name: getattr(understood, name) for name in Report.__slots__}
    return Report(**{**fields, "tables": tables, "findings": [], **values})  # type: ignore[arg-type]


def test_the_same_reading_only_gets_the_readers_name(archive: Archive) -> None:
    before = every(archive, "SELECT * FROM applications")
    by_an_older_reader(archive)
    summary = reread.reread(archive, outdated=True)
    assert (summary.read, summary.same, summary.corrected) == (PAGES, PAGES, 0)
    assert every(archive, "SELECT DISTINCT reader FROM report") == [(model.READER,)]
    assert every(archive, "SELECT * FROM applications") == before
    assert reread.reread(archive, outdated=True).read == 0
    assert reread.reread(archive).same == PAGES


def test_a_correction_is_no_version(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    understood = keep(archive, 84)
    archive.conn.execute("DELETE FROM reading_change")
    snapshot = one(archive, "SELECT snapshot_id FROM report WHERE doc_key = 'cq:84'")
    assert archive.readings.correct(snapshot, wrong(understood), doc_key="cq:84", now="2026-03-01T00:00:00Z")
    archive.conn.execute("DELETE FROM reading_change")
    by_an_older_reader(archive)
    told: list[tuple[str, bool]] = []
    summary = reread.reread(
        archive, on_outcome=lambda outcome, taken: told.append((outcome.item.doc_key, taken))
    )
    assert (summary.corrected, told) == (1, [("cq:84", True)])
    right = understood.tables["applications"]["new_received"]["natural_person"]
    assert every(archive, "SELECT place, before, after, reader_before, reader_after FROM reading_change") == [
        ("applications.new_received.natural_person", 4711, right, "0", model.READER)
    ]
    assert one(archive, "SELECT count(*) FROM report_version WHERE doc_key = 'cq:84'") == 1
    assert one(archive, "SELECT count(*) FROM report_change") == 0
    assert archive.verify() == []


def test_a_worse_reading_is_told_and_kept_out_unless_accepted(archive: Archive) -> None:
    understood = keep(archive, 78)
    better = json.loads(json.dumps(understood.tables))
    better["active_disclosure"].setdefault("x_more", {})["made"] = 5
    fields = {name: getattr(understood, name) for name in Report.__slots__}
    snapshot = one(archive, "SELECT snapshot_id FROM report WHERE doc_key = 'cq:78'")
    archive.readings.correct(
        snapshot, Report(**{**fields, "tables": better}), doc_key="cq:78", now="2026-03-01T00:00:00Z"
    )
    by_an_older_reader(archive)
    told: list[tuple[tuple[str, ...], bool]] = []
    summary = reread.reread(
        archive, outdated=True, on_outcome=lambda outcome, taken: told.append((outcome.losses, taken))
    )
    assert (summary.kept_out, summary.same, len(told)) == (1, PAGES, 1)
    assert (told[0][0][0].split(" of ")[0], told[0][1]) == ("1", False)
    assert one(archive, "SELECT reader FROM report WHERE doc_key = 'cq:78'") == "0"
    assert one(archive, "SELECT made FROM active_disclosure WHERE row = 'x_more'") == 5
    assert reread.reread(archive, outdated=True, accept_worse=True).corrected == 1
    assert one(archive, "SELECT count(*) FROM active_disclosure WHERE row = 'x_more'") == 0


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ({"agency_key": None}, "no agency_key"), ({"year": None}, "no year"), ({"status": "partial"}, "status"),
        ({"tables": {}}, "numbers fewer"),
        ({"findings": [model.Finding("T3-BALANCE", "error", "a", "b")]}, "new error T3-BALANCE"),
    ],
)  # fmt: skip
def test_what_is_worse(new: dict[str, object], said: str) -> None:
    found = losses(report(), report(**new))
    assert len(found) == 1
    assert said in found[0]
    assert losses(report(**new), report()) == []


def test_two_processes_come_to_the_same(archive: Archive, tmp_path: Path) -> None:
    understood = keep(archive, 79)
    snapshot = one(archive, "SELECT snapshot_id FROM report WHERE doc_key = 'cq:79'")
    archive.readings.correct(snapshot, wrong(understood), doc_key="cq:79", now="2026-03-01T00:00:00Z")
    assert reread.reread(archive, jobs=2).corrected == 1
    assert one(archive, "SELECT natural_person FROM applications WHERE row = 'new_received' AND report_id ="
               " (SELECT id FROM report WHERE doc_key = 'cq:79')") == (
        understood.tables["applications"]["new_received"]["natural_person"]
    )  # fmt: skip
    assert reread.reread(archive).same == PAGES + 1


def test_what_was_never_placed_is_tried_again(archive: Archive) -> None:
    nothing = Report(status="not_a_report", reason="an older reader knew no better")
    keep(archive, 80, stored=nothing)
    page = generate(Random(seeds()[PAGES + 1]), document="html", form="gb2021", charset="utf-8")
    archive.snapshots.add(
        capture(page.body, url="http://127.0.0.1/81", doc_key="cq:81", headers=page.headers), crawl_id=None
    )
    assert one(archive, "SELECT count(*) FROM unplaced") == 1
    summary = reread.reread(archive, outdated=False)
    assert (summary.found, summary.same) == (2, PAGES)
    assert one(archive, "SELECT count(*) FROM unplaced") == 0
    assert one(archive, "SELECT count(*) FROM document") == PAGES + 2


@pytest.mark.parametrize("status", [200, 203])
def test_a_document_that_gains_a_place_again_gains_its_history_again(archive: Archive, status: int) -> None:
    """A reader that knew no better took it out; the next one brings back every version, not only the last."""
    page = generate(Random(seeds()[1]), document="html", form="gb2021", charset="utf-8")
    url = "http://127.0.0.1/1.html"
    words = read(page.body, page.headers, Context(url=url)).sections[0].text[:4].encode()
    again = capture(
        page.body.replace(words, words + "又".encode()), url=url, doc_key="cq:1",
        headers=page.headers, fetched_at="2026-03-01T00:00:00Z", context={"url": url}, status=status,
    )  # fmt: skip
    second = archive.snapshots.add(again, crawl_id=None)
    understood = read(again.body, again.headers, Context(url=url))
    stored = {"doc_key": "cq:1", "site": "x", "url": url, "now": again.fetched_at}
    assert archive.readings.store(second.id, understood, **stored) == "changed"  # type: ignore[arg-type]
    told = "SELECT version, snapshot_id, first_seen, last_seen FROM report_version WHERE doc_key = 'cq:1'"
    versions, changes = every(archive, told), every(archive, "SELECT * FROM report_change")
    assert (len(versions), bool(changes)) == (2, True)
    nothing = Report(status="not_a_report", reason="a reader knew no better")
    assert archive.readings.correct(second.id, nothing, doc_key="cq:1", now="2026-04-01T00:00:00Z")
    assert every(archive, told) == []
    assert reread.reread(archive).found == 1
    assert every(archive, told) == versions
    assert len(every(archive, "SELECT * FROM report_change")) == len(changes)
    assert every(archive, "SELECT first_seen, last_seen FROM document WHERE doc_key = 'cq:1'") == [
        (versions[0][2], again.fetched_at)
    ]
    assert archive.verify() == []


def test_it_goes_on_where_it_was_broken_off(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reread, "BATCH", 1)
    seen: list[int] = []

    def broken_off(done: int) -> None:
        seen.append(done)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reread.reread(archive, progress=broken_off)
    summary = reread.reread(archive)
    assert (summary.resumed_after, summary.read) == (2, PAGES - 2)
    assert reread.reread(archive).read == PAGES


def test_a_damaged_body_is_told_and_its_reading_stays(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive.conn.execute(
        "UPDATE body SET data = zeroblob(40) WHERE sha256 = (SELECT sha256 FROM snapshot WHERE id = 2)"
    )
    archive.close()
    assert run(["reread", "--archive", str(tmp_path / "archive.db"), "--jobs", "1"]) == 1
    told = capsys.readouterr()
    assert "unreadable  cq:1" in told.out
    assert f"{PAGES} read" in told.err


def test_versions_are_compared_anew_once_both_sides_are_read_by_today(archive: Archive) -> None:
    """A change that only the old reader saw goes; the versions stay."""
    page = generate(Random(seeds()[1]), document="html", form="gb2021", charset="utf-8")
    again = capture(
        page.body + b"<!-- 2 -->", url="http://127.0.0.1/1.html", doc_key="cq:1", headers=page.headers,
        fetched_at="2026-03-01T00:00:00Z", context={"url": "http://127.0.0.1/1.html"},
    )  # fmt: skip
    understood = read(page.body, page.headers, Context(url="http://127.0.0.1/1.html"))
    second = archive.snapshots.add(again, crawl_id=None)
    outcome = archive.readings.store(
        second.id, wrong(understood), doc_key="cq:1", site="x", url=again.url, now=again.fetched_at
    )
    assert outcome == "changed"
    assert one(archive, "SELECT count(*) FROM report_change") == 1
    reread.reread(archive)
    assert one(archive, "SELECT count(*) FROM report_change") == 0
    assert one(archive, "SELECT count(*) FROM report_version WHERE doc_key = 'cq:1'") == 2
    assert archive.verify() == []


def test_the_command(archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    understood = keep(archive, 82)
    snapshot = one(archive, "SELECT snapshot_id FROM report WHERE doc_key = 'cq:82'")
    archive.readings.correct(snapshot, wrong(understood), doc_key="cq:82", now="2026-03-01T00:00:00Z")
    by_an_older_reader(archive)
    archive.close()
    path = str(tmp_path / "archive.db")
    assert run(["reread", "--outdated", "--jobs", "1", "--archive", path]) == 0
    told = capsys.readouterr()
    assert f"reader 0 -> {model.READER}" in told.out
    assert "applications.new_received.natural_person: 4711 -> " in told.out
    assert "1 corrected" in told.err


def test_a_dead_worker_is_one_clear_line(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reread, "understand", _die)
    with pytest.raises(ArchiveError, match="a process of this command died"):
        reread.reread(archive, jobs=2)


def _die(*_: object) -> None:
    import os

    os._exit(9)


def test_workers_do_not_outlive_their_parent() -> None:
    """Killed, it can end nobody itself."""
    program = (
        "import os, sys, time; from concurrent.futures import ProcessPoolExecutor; from multiprocessing import get_context\n"
        "from archive.ahead import end_with_parent\n"
        "if __name__ == '__main__':\n"
        "    pool = ProcessPoolExecutor(1, mp_context=get_context('spawn'), initializer=end_with_parent)\n"
        "    print(pool.submit(os.getpid).result(), flush=True)\n"
        "    pool.submit(time.sleep, 60)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 20
    while exists(worker):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.mark.parametrize("damage", ["reading = x'00'", "digest = 'x'"])
def test_a_damaged_reading_is_made_anew_from_the_bytes(archive: Archive, damage: str) -> None:
    assert archive.verify() == []
    archive.conn.execute(f"UPDATE report_version SET {damage}")
    assert archive.verify() != []
    reread.reread(archive)
    assert archive.verify() == []
