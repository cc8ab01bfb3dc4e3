"""A live archive: what is withheld is on no page, in no table and behind no query; and no query holds the server."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from archive.publish.app import datasette
from archive.report.model import Finding, Section
from archive.store import Archive
from tests.builders import capture, fresh, report, store

KEY = "500154:township_government:金峰"
SECRET = "要隐去的"

Get = Callable[[str], Any]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with fresh(tmp_path_factory.mktemp("guard")) as archive:
        store(archive, report(), capture(b"<p>2025</p>"))
        finding = Finding("T3-SUM", "error", SECRET, SECRET, left=1, right=2)
        hidden = report(
            year=2024, title=f"{SECRET}标题", text=f"{SECRET}正文", sections=[Section(1, SECRET, SECRET)], findings=[finding]
        )  # fmt: skip
        store(archive, hidden, capture(SECRET.encode(), url="http://127.0.0.1/2.html", doc_key="cq:2"))
        return archive.path


@pytest.fixture(scope="module")
def get(path: Path) -> Iterator[Get]:
    """Ask an archive whose report on 2024 is withdrawn while it is being served."""
    with asyncio.Runner() as runner:
        served = datasette(path)
        runner.run(served.invoke_startup())
        assert SECRET in runner.run(served.client.get("/archive/report/2")).text
        with Archive.open(path) as archive:
            archive.conn.execute(
                "INSERT INTO withheld VALUES ('report', ?, 'hide', 'r', '2026-02-01')", [f"{KEY}:organ:2024"]
            )
        yield lambda address: runner.run(served.client.get(address, follow_redirects=True))
        for database in served.databases.values():
            database.close()
        served.executor.shutdown()


def sql(get: Get, statement: str) -> Any:
    return get("/archive.json?" + urlencode({"sql": statement, "_shape": "array"}))


@pytest.mark.parametrize(
    "address",
    ["/", "/archive/report", "/archive/report/1", "/archive/finding", "/archive/section", "/archive/cell", "/archive/change",
     "/-/new.atom", f"/-/search?q={SECRET}", f"/-/agency/{KEY}", "/-/county/500154", "/archive/report.csv?_size=max",
     "/archive/whats_new", f"/archive/report?_search={SECRET}", "/archive/snapshot", "/archive/link", "/archive/document"],
)  # fmt: skip
def test_what_is_withdrawn_is_on_no_page(get: Get, address: str) -> None:
    answer = get(address)
    assert answer.status_code == 200
    assert (
        SECRET
        not in answer.text.replace(f'value="{SECRET}"', "")
        .replace(f"“{SECRET}”", "")
        .replace(f"查找：{SECRET}", "")
        or "<mark>" not in answer.text
    )
    assert f"{SECRET}标题" not in answer.text
    assert "http://127.0.0.1/2.html" not in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "/archive/report/2",
        "/-/snapshot/2",
        "/-/snapshot/2/page",
        "/-/snapshot/2/bytes",
        f"/-/report/{KEY}:organ:2024",
    ],
)
def test_its_own_addresses_are_no_more(get: Get, address: str) -> None:
    assert get(address).status_code == 404


@pytest.mark.parametrize(
    "statement",
    ["select title from report", "select title from main.report", "select text from section",
     "with report as (select * from main.report) select title from report",
     "with kept_from_all_report as (select * from main.report) select title from kept_from_all_report",
     "select kept_from_all_report.title from main.report as kept_from_all_report",
     "select group_concat(title) from main.report", "select (select title from main.report where id = 2)",
     "select message_zh from main.finding", "select quote(block) from report_fts_data",
     "select sql from sqlite_temp_master", "select id from hidden_report", "select raw from cell", "select * from public_report"],
)  # fmt: skip
def test_no_query_brings_it_back(get: Get, statement: str) -> None:
    assert SECRET not in sql(get, statement).text


def test_who_reported_is_not_said_to_be_missing(get: Get) -> None:
    rows = sql(
        get, f"select state, reason, report_id from coverage where agency_key = '{KEY}' and year = 2024"
    ).json()
    assert rows == [{"state": "found", "reason": "withheld", "report_id": None}]


def test_what_is_not_withheld_is_all_there(get: Get) -> None:
    assert sql(get, "select count(*) as n from report").json() == [{"n": 1}]
    assert get("/archive/report/1").status_code == 200
    assert len(get("/archive/report.json?_search=平台&_shape=array").json()) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "select printf('%.*c', 900000000, 'x')",
        "select instr(printf('%.*c', 3900000, 'a'), printf('%.*c', 1900000, 'a') || 'b')",
        "select length(replace(printf('%.*c', 3900000, 'a'), printf('%.*c', 1900000, 'a') || 'b', 'c'))",
        "select trim(printf('%.*c', 3900000, 'a'), printf('%.*c', 1900000, 'b') || 'a')",
        "with recursive c(x) as (select 1 union all select x + 1 from c) select zeroblob(3900000) from c limit 2000",
        "with recursive c(x) as (select 1 union all select x + 1 from c) select group_concat(x) from c",
        "select randomblob(2000000000)",
        "select printf('%.*c', 3900000, 'a') like '%a%a%a%a%a%a%a%b'",
    ],
)
def test_no_query_outlasts_its_time_or_fills_the_memory(get: Get, statement: str) -> None:
    start = time.monotonic()
    answer = sql(get, statement)
    assert time.monotonic() - start < 20  # three seconds, on a machine with much else to do
    assert len(answer.content) < 5_000_000


@pytest.mark.parametrize(
    ("statement", "value"),
    [("instr('abc', 'c')", 3), ("instr('abc', 'x')", 0), ("instr(null, 'x')", None), ("instr(x'0102', x'02')", 2),
     ("instr(1234, 34)", 3), ("replace('aXbX', 'X', '--')", "a--b--"), ("replace('a', '', 'b')", "a"),
     ("trim('xxaxx', 'x')", "a"), ("ltrim('xyab', 'yx')", "ab"), ("rtrim('abx', 'x')", "ab"), ("trim('a', '')", "a")],
)  # fmt: skip
def test_functions_made_anew_give_what_sqlite_gives(get: Get, statement: str, value: object) -> None:
    conn = sqlite3.connect(":memory:")
    assert conn.execute(f"select {statement}").fetchone() == (value,)
    conn.close()
    assert sql(get, f"select {statement} as v").json() == [{"v": value}]
