"""What a server refuses, and how it answers what fails: in the look of all pages, and never as an error of its own."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from datasette.database import QueryInterrupted

from archive.publish.app import datasette
from archive.store import Archive
from tests.builders import capture, fresh, report, store

Ask = Callable[..., Any]
MATCH = quote("select rowid from report_fts where report_fts match 'x'")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with fresh(tmp_path_factory.mktemp("gate")) as archive:
        store(archive, report(), capture(b"<p>2025</p>"))
        return archive.path


@pytest.fixture(scope="module")
def ask(path: Path) -> Iterator[Ask]:
    with asyncio.Runner() as runner:
        served = datasette(path)
        runner.run(served.invoke_startup())
        yield lambda address, method="GET": runner.run(served.client.request(method, address))
        for database in served.databases.values():
            database.close()
        served.executor.shutdown()


@pytest.mark.parametrize("address", ["/", "/archive", "/archive/report", "/archive/report/1", "/-/search"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_can_be_written(ask: Ask, method: str, address: str) -> None:
    assert ask(address, method).status_code == 405


@pytest.mark.parametrize("address", ["/", "/archive/report", "/archive/report/1", "/-/charts"])
def test_head_is_answered_as_get(ask: Ask, address: str) -> None:
    assert ask(address, "HEAD").status_code == ask(address).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/-/databases.json", "/-/databases", "/-/threads.json", "/-/versions.json", "/-/metadata.json", "/-/messages",
     "/-/allow-debug", "/-/patterns", "/-/permissions", "/-/logout", "/-/auth-token?token=x", "/-/plugins.json", "/-/nothing"],
)  # fmt: skip
def test_pages_for_those_who_run_the_server_are_not_there(ask: Ask, path: Path, address: str) -> None:
    answer = ask(address)
    assert answer.status_code == 404
    assert str(path.parent) not in answer.text


@pytest.mark.parametrize(
    ("address", "status"),
    [("/-/county/999", 404), ("/nothing/at/all", 404), ("/archive/report?_sort=<script>", 400), ("/-/messages", 404),
     ("/archive/report?year__in=[1,", 400), ("/archive/report?_where=1)", 400), ("/archive/report?_size=-1", 400)],
)  # fmt: skip
def test_a_page_of_error_looks_like_all_others(ask: Ask, address: str, status: int) -> None:
    answer = ask(address)
    assert answer.status_code == status
    assert "/gongkai/gongkai.css" in answer.text
    assert "content-security-policy" in answer.headers
    assert "<script" not in answer.text


def test_a_page_of_ours_that_ran_out_of_time_says_so(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    async def interrupted(*_: object) -> None:
        raise QueryInterrupted(TimeoutError(), "", {})

    monkeypatch.setattr("archive.publish.find.gather", interrupted)
    answer = ask("/-/search?q=x")
    assert answer.status_code == 503
    assert "please try again" in answer.text


def test_the_index_is_not_to_be_asked_where_something_is_withheld(ask: Ask, path: Path) -> None:
    addresses = (
        f"/archive.json?sql={MATCH}",
        f"/archive/agency?_where=5%20in%20({MATCH.replace('fts', '%66ts')})",
        "/archive/agency?_fts_table=REPORT_FTS&_fts_pk=id&_search=x",
        "/archive/report_fts?_search=x",
    )
    assert ask(addresses[0]).status_code == 200
    with Archive.open(path) as archive:
        archive.conn.execute("INSERT INTO withheld VALUES ('report', 'none', 'hide', 'r', '2026-02-01')")
    assert [ask(address).status_code for address in addresses] == [403] * 4
    assert ask("/-/search?q=平台").status_code == ask("/archive/report?_search=平台").status_code == 200
