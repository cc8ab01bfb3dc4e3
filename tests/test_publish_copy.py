"""``gongkai publish``: what the copy holds, what it must not hold, and that it serves itself."""

import asyncio
import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from archive.publish.app import datasette
from archive.publish.copying import PRINTS, TEXTS
from archive.publish.publication import NAME
from archive.report.model import Finding, Section
from archive.store import Archive
from crawler.cli import run
from tests.builders import capture, fresh, note, report, store, tables

MOBILE, IDENTITY, PERSON = "13812345678", "500102199003071234", "王小明"
SECRET = "此页只在存档中"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two reports: one with planted personal data and three findings, one withheld."""
    words = f"申请人{PERSON}（{IDENTITY}，{MOBILE}）不服答复。办公电话023-62801234。"
    findings = [
        Finding("T3-SUM", "error", "a", "本行不成立", left=1, right=2, cells=("applications.granted.total",), quote=words)
    ]  # fmt: skip
    planted = report(
        sections=[Section(1, "总体情况", words)], text=words, findings=findings,
        tables=tables(new_received=[13812345678, 0, 0, 0, 0, 0, 13812345678]),
        cells=[note("applications", "granted", "total", MOBILE, "signed")],
    )  # fmt: skip
    with fresh(tmp_path) as opened:
        store(opened, planted, capture(f"<p>{SECRET}{words}</p>".encode()))
        hidden = report(year=2024, title="要隐去的标题", text="要隐去的正文")
        store(opened, hidden, capture(b"<p>2</p>", url="http://127.0.0.1/2.html", doc_key="cq:2"))
        opened.conn.execute(
            "INSERT INTO withheld VALUES ('report', '500154:township_government:金峰:organ:2024', 'hide', 'r', '2026-02-01')"
        )
        for key, origin, status in (("new", "comparison", "open"), ("sure", "comparison", "confirmed")):
            opened.conn.execute(
                "INSERT INTO finding (key, report_id, rule, severity, outcome, message, message_zh, cells, rule_version,"
                " first_seen, status, origin) SELECT ?, id, 'X-CARRY', 'warning', 'fail', 'm', 'm', '[]', 1,"
                " strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), ?, ? FROM report WHERE year = 2025",
                [key, status, origin],
            )
        for note_of_ours in (
            "INSERT INTO annotation VALUES ('report', 'x', 'reply', ?, NULL, '2026-02-01')",
            "INSERT INTO site (site, enabled, note, name) VALUES ('x', 1, ?, '开州区')",
            "INSERT INTO crawl (key, command, started_at, status, tool) VALUES (?, 'crawl', '2026-02-01', 'done', 't')",
            "INSERT INTO listing (crawl_id, site, url, column_name, pages_fetched, links, complete, listed_at)"
            " VALUES (1, 'x', 'u', ?, 1, 1, 1, '2026-02-01')",
            "INSERT INTO acknowledgement (site, until, reason, acknowledged_at) VALUES ('x', '2026-03-01', ?, '2026-02-01')",
            "UPDATE withheld SET reason = ?",
            "INSERT INTO report_change SELECT id, doc_key, 1, 2, 'number', 'applications', 'granted', 'total', NULL,"
            " '13812345678', ?, '2026-02-01', '2026-02-01' FROM report WHERE year = 2025",
            "UPDATE active_disclosure SET amount_printed = ?",
            "UPDATE finding SET left_value = ? WHERE key = 'sure'",
        ):
            opened.conn.execute(note_of_ours, ["k" if "INTO crawl" in note_of_ours else words])
        return opened.path


@pytest.fixture
def folder(archive: Path, tmp_path: Path) -> Path:
    made = tmp_path / "public"
    assert run(["publish", str(made), "--archive", str(archive)]) == 0
    return made


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    conn = sqlite3.connect(folder / NAME)
    try:
        return conn.execute(sql).fetchall()
    finally:
        conn.close()


def test_the_folder_holds_a_database_its_configuration_and_a_command(folder: Path) -> None:
    assert sorted(p.name for p in folder.iterdir()) == [
        "Dockerfile", "README.md", NAME, "code", "metadata.json", "requirements.txt", "serve", "settings.json",
    ]  # fmt: skip
    assert os.access(folder / "serve", os.X_OK)
    assert (
        "coverage"
        in json.loads((folder / "metadata.json").read_text("utf-8"))["databases"]["archive"]["tables"]
    )


@pytest.mark.parametrize("planted", [PERSON, IDENTITY, SECRET, "要隐去的标题", "要隐去的正文"])
def test_not_a_byte_of_what_is_private_or_withheld_is_left(folder: Path, planted: str) -> None:
    assert planted.encode() not in (folder / NAME).read_bytes()


def test_personal_data_are_masked_in_texts_and_no_figure_is_touched(folder: Path) -> None:
    ((text,),) = rows(folder, "SELECT text FROM report")
    assert "王某某" in text
    assert "023-62801234" in text
    assert MOBILE not in text
    assert rows(folder, "SELECT total FROM applications WHERE row = 'new_received'") == [(13812345678,)]
    assert rows(folder, "SELECT raw FROM cell_note") == [(MOBILE,)]


def test_notes_of_operators_stay_at_home(folder: Path) -> None:
    assert rows(folder, "SELECT count(*) FROM acknowledgement") == [(0,)]
    ((said,),) = rows(folder, "SELECT text FROM annotation")
    assert "王某某" in said
    assert rows(folder, "SELECT before FROM report_change") == [(MOBILE,)]


def test_every_column_of_text_is_masked_or_known_to_hold_nothing_personal(folder: Path) -> None:
    """A column that is added must be put on one of the lists."""
    names = rows(
        folder,
        "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
        " AND m.name NOT GLOB 'sqlite_*' AND m.name NOT GLOB '_sqlite_*' AND m.name NOT GLOB 'report_fts*'"
        " AND c.type IN ('TEXT', '')",
    )
    masked = {(t, c) for tables in (TEXTS, PRINTS) for t, columns in tables.items() for c in columns}
    masked.add(("grid", "cells"))
    unclear = {(t, c) for t, c in names if (t, c) not in masked and not harmless(t, c)}
    assert unclear == set()
    assert masked <= set(names)


REFERENCE = {
    "agency_link",
    "boundary_break",
    "codebook",
    "deadline",
    "expectation",
    "rule",
    "meta",
    "coverage",
}
"""Tables filled from the project's own data, and the settled view of what is expected."""

EMPTIED = {"acknowledgement.*", "snapshot.headers", "snapshot.context", "crawl.process"}

CODES = {
    "key", "kind", "status", "state", "scope", "form", "rule", "severity", "outcome", "origin", "row", "column", "type",
    "table_name", "section", "class", "place", "unit", "unit_printed", "role", "level", "sector", "codec", "digest",
    "sha256", "dictionary", "reader", "reader_before", "reader_after", "verdict", "command", "tool", "spider", "platform",
    "installation", "covers", "options", "site", "target_type", "target_key", "county_code", "admin_code", "town_code",
    "agency_key", "parent_key", "doc_key", "source", "published_source", "date_quality", "left_where", "right_where",
    "cells", "content_type", "zero_style_t2", "zero_style_t3", "zero_style_t4",
}  # fmt: skip
"""Columns of codes, digests and places, the same in every table."""

ADDRESSES = {"url", "final_url", "list_url", "listing_url", "source_url"}

DATES = {
    "date", "due_on", "list_date", "next_try", "valid_from", "valid_to", "until", "started_at", "finished_at",
    "fetched_at", "listed_at", "asked_at", "resolved_at", "sealed_at", "acknowledged_at", "first_seen", "last_seen",
    "first_seen_after", "last_seen_before", "first_check", "last_check", "began", "published_on", "signed_on",
    "stat_from", "stat_to", "gone_on", "decided_on",
}  # fmt: skip

NAMES_OF_BODIES = {"agency_name.name", "report.agency", "report.county", "agency.county", "site.name"}

FIXED_WORDS = {"check_result.reason"}


def harmless(table: str, column: str) -> bool:
    place = f"{table}.{column}"
    return (
        table in REFERENCE
        or column in CODES | ADDRESSES | DATES
        or place in EMPTIED | NAMES_OF_BODIES | FIXED_WORDS
        or f"{table}.*" in EMPTIED
    )


def test_what_compares_bodies_waits_until_it_is_ripe_or_confirmed(folder: Path) -> None:
    assert rows(folder, "SELECT key FROM finding WHERE rule = 'X-CARRY'") == [("sure",)]
    assert rows(folder, "SELECT count(*) FROM finding WHERE rule = 'T3-SUM'") == [(1,)]


def test_a_tombstone_stays_for_what_is_withheld(folder: Path) -> None:
    assert rows(folder, "SELECT target_key FROM withheld") == [
        ("500154:township_government:金峰:organ:2024",)
    ]
    assert rows(folder, "SELECT year FROM report") == [(2025,)]
    assert rows(folder, "SELECT count(*) FROM snapshot WHERE doc_key = 'cq:2'") == [(0,)]
    assert rows(folder, "PRAGMA foreign_key_check") == []


def test_the_copy_is_served_and_searched_without_the_pages_themselves(folder: Path) -> None:
    async def ask() -> list[Any]:
        served = datasette(folder / NAME)
        await served.invoke_startup()
        addresses = (
            "/",
            "/-/search?q=答复",
            f"/-/search?q={PERSON}",
            "/-/snapshot/1",
            "/-/snapshot/1/bytes",
            "/archive.db",
        )
        answers = [await served.client.get(address) for address in addresses]
        for database in served.databases.values():
            database.close()
        served.executor.shutdown()
        return answers

    home, found, private, around, data, whole = asyncio.run(ask())
    assert home.status_code == 200
    assert "王某某" in found.text
    assert "没有报告含" in private.text
    assert "公开版本不含存档的网页本身" in around.text
    assert (data.status_code, whole.status_code) == (404, 403)


def test_a_folder_that_is_there_is_2_and_left_alone(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    assert run(["publish", str(tmp_path / "mine"), "--archive", str(archive)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["file"]


def test_a_decision_that_cannot_be_honoured_stops_everything(archive: Path, tmp_path: Path) -> None:
    with Archive.open(archive) as opened:
        opened.conn.execute("INSERT INTO withheld VALUES ('person', 'x', 'hide', 'r', '2026-02-01')")
    assert run(["publish", str(tmp_path / "public"), "--archive", str(archive)]) == 2
    assert not (tmp_path / "public").exists()


def test_who_reported_and_is_withheld_is_not_said_to_be_missing(folder: Path) -> None:
    sql = "SELECT state, status, report_id, published_on, reason FROM coverage WHERE agency_key LIKE '%:金峰' AND year = 2024"
    assert rows(folder, sql) == [("found", "published", None, None, "withheld")]


def test_the_folder_serves_itself_with_nothing_but_what_it_brings(folder: Path) -> None:
    """The command finds its own code, whatever program of ours is or is not on this machine."""
    required = {line.split("==")[0] for line in (folder / "requirements.txt").read_text("utf-8").splitlines()}
    assert {"datasette", "uvicorn", "lxml"} <= required
    environment = {**os.environ, "PYTHON": sys.executable, "PORT": "0"}
    environment.pop("PYTHONPATH", None)
    asked = "import archive, pathlib; print(pathlib.Path(archive.__file__).resolve())"
    found = subprocess.run(
        [sys.executable, "-c", asked],
        env={**environment, "PYTHONPATH": "code"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(found.stdout.strip()).is_relative_to(folder)
    served = subprocess.Popen([folder / "serve"], env=environment, stderr=subprocess.PIPE)
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            served.wait(5)  # it runs, and goes on running
    finally:
        served.terminate()
        served.communicate(timeout=30)


def test_with_bodies_the_kept_pages_are_in_and_the_withheld_are_not(archive: Path, tmp_path: Path) -> None:
    made = tmp_path / "public"
    assert run(["publish", str(made), "--with-bodies", "--archive", str(archive)]) == 0
    assert rows(made, "SELECT count(*), sum(data IS NOT NULL) FROM body") == [(1, 1)]
    with Archive.open(made / NAME, read_only=True) as opened:
        (sha256,) = opened.conn.execute("SELECT sha256 FROM body").fetchone()
        assert SECRET in opened.snapshots.body(sha256).decode()
    assert "nothing in them is masked" in (made / "README.md").read_text("utf-8")


def test_pages_as_plain_files_lead_to_each_other_and_to_nothing_else(archive: Path, tmp_path: Path) -> None:
    made = tmp_path / "public"
    assert run(["publish", str(made), "--static", "--archive", str(archive)]) == 0
    (page,) = (made / "pages" / "report").iterdir()
    text = page.read_text("utf-8")
    assert "王某某" in text
    assert not re.findall(r'(?:href|src|action)="/', text)
    for address in re.findall(r'href="([^"#?]+)', (made / "pages" / "index.html").read_text("utf-8")):
        assert address.startswith(("data:", "http")) or (made / "pages" / address).exists(), address


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE section SET text = CAST(x'e5ff' AS TEXT)", "says what is damaged"),
        ("UPDATE codebook SET role = 'x'", "says what is damaged"),
    ],
    ids=["text that is none", "a value that no archive can hold"],
)
def test_damaged_rows_are_one_clear_line_and_no_folder(
    archive: Path, damage: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(archive) as conn:
        conn.execute("PRAGMA ignore_check_constraints = ON")
        conn.execute(damage)
    conn.close()
    assert run(["publish", str(tmp_path / "public"), "--archive", str(archive)]) == 2
    told = capsys.readouterr().err.splitlines()
    assert [said in line for line in told if line.startswith("gongkai: ")] == [True]
    assert not (tmp_path / "public").exists()
