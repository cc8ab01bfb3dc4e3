"""What ``gongkai serve`` shows: through Datasette's own client, without a network."""

import asyncio
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.publish.app import datasette
from archive.publish.metadata import HIDDEN, load, metadata
from archive.publish.plugin import is_address
from archive.publish.printed import layout_with, mark
from archive.reference.forms import forms
from archive.report.model import CheckResult, Finding
from archive.store import Archive
from tests.builders import capture, note, report, store, tables

HOSTILE = """<html><head><meta http-equiv="refresh" content="0;url=http://127.0.0.1:1/"><base href="http://127.0.0.1:1/">
<script>document.title = "run"</script><link rel="stylesheet" href="http://127.0.0.1:1/x.css"></head>
<body onload="alert(1)" style="background:url(http://127.0.0.1:1/b)"><p onclick="alert(2)">关于发布年度报告的说明</p>
<img src="http://127.0.0.1:1/i.png" onerror="alert(3)" alt="图"><svg onload="alert(4)"></svg><iframe src="http://127.0.0.1:1/f">
</iframe><form action="http://127.0.0.1:1/p"><input name="q"></form><a href="javascript:alert(5)">链接文字</a>
<table><tr><td rowspan="2" onmouseover="alert(6)">格</td></tr></table><!-- <script>alert(7)</script> --></body></html>"""

Get = Callable[[str], Any]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive under a name that Datasette's own addresses would stumble over, with reports of two years."""
    made = tmp_path_factory.mktemp("publish") / "年报 100%#1?.db"
    with Archive.open(made, create=True) as archive:
        finding = Finding(
            "T3-SUM", "error", "The row adds up to 2, the total says 3.", "本行相加为 2，总计为 3。", left=2, right=3,
            difference=-1, cells=("applications.granted.total",), quote="予以公开3件",
        )  # fmt: skip
        grid = tables(new_received=[2, 0, 0, 0, 0, 0, 2], granted=[2, 0, 0, 0, 0, None, None], other=[0] * 7)
        notes = [
            note("applications", "granted", "total", "3件", "annotated"),
            note("applications", "granted", "other_org", "", "blank"),
        ]
        first = report(
            tables=grid, cells=notes, findings=[finding], checks=[CheckResult("T3-SUM", "fail", 24, 1)]
        )
        store(archive, first, capture(HOSTILE.encode()))
        older = report(
            year=2024,
            title="<b>2024</b>年报告",
            published_on=None,
            published_source=None,
            date_quality="none",
        )
        store(archive, older, capture(b"%PDF-1.4 no more", url="http://127.0.0.1/jz/a/2.pdf", doc_key="cq:2"))
    return made


@pytest.fixture(scope="module")
def get(path: Path) -> Iterator[Get]:
    """Ask the served archive for an address."""
    with asyncio.Runner() as runner:
        served = datasette(path)
        runner.run(served.invoke_startup())
        yield lambda address: runner.run(served.client.get(address))
        served.get_database("archive").close()
        for database in served.databases.values():
            database.close()
        served.executor.shutdown()


def report_id(get: Get, year: int) -> int:
    found = get(f"/archive/report.json?year={year}&_shape=array").json()
    return int(found[0]["id"])


def test_the_database_is_called_archive_whatever_its_file_is(get: Get) -> None:
    assert get("/archive.json").json()["database"] == "archive"
    assert get("/archive/report.json").json()["rows"]


def test_the_home_page_says_what_there_is_and_that_it_is_not_official(get: Get) -> None:
    page = get("/").text
    assert "非官方网站" in page
    assert "重庆市开州区金峰镇人民政府" in page
    assert "本行相加为 2，总计为 3。" in page
    assert 'name="q"' in page


def test_the_report_page_prints_the_form_with_its_marks(get: Get) -> None:
    page = get(f"/archive/report/{report_id(get, 2025)}").text
    assert "<th>1.属于国家秘密</th>" in page
    assert "（六）其他处理" in page  # the alternate row, in place of three
    assert "3.其他" not in page
    cell = page.split('id="applications.granted.total"')[1].split("</td>")[0]
    assert 'class="note annotated marked"' in cell
    assert ">3件<" in cell
    assert 'href="#finding-1"' in cell
    blank = page.split('id="applications.granted.other_org"')[1].split("</td>")[0]
    assert blank.endswith(">")
    assert "核对了 1 条规则共 24 处，1 处不成立" in page
    assert "予以公开3件" in page


def test_the_report_page_leads_to_the_year_before_and_to_its_snapshot(get: Get) -> None:
    page = get(f"/archive/report/{report_id(get, 2025)}").text
    assert f'rel="prev" href="/archive/report/{report_id(get, 2024)}"' in page
    assert "/-/snapshot/1" in page


def test_what_a_page_printed_is_text_never_markup(get: Get) -> None:
    page = get(f"/archive/report/{report_id(get, 2024)}").text
    assert "&lt;b&gt;2024&lt;/b&gt;" in page
    assert "<b>2024</b>" not in page


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("http://x.cn/", True),
        ("https://x.cn/", True),
        ("javascript:alert(1)", False),
        ("file:0a", False),
        ("data:x", False),
    ],
)
def test_only_addresses_of_the_web_become_links(url: str, linked: bool) -> None:
    assert is_address(url) is linked


def test_a_report_has_a_permanent_address(get: Get) -> None:
    answer = get("/-/report/500154%3Atownship_government%3A%E9%87%91%E5%B3%B0%3Aorgan%3A2025")
    assert answer.status_code == 302
    assert answer.headers["location"] == f"/archive/report/{report_id(get, 2025)}"
    assert get("/-/report/nobody").status_code == 404


@pytest.mark.parametrize("words", ["平台", "信息处理费", "费", "金峰", "未收取 三百"])
def test_chinese_words_of_any_length_are_found(get: Get, words: str) -> None:
    assert len(get(f"/archive/report.json?_search={words}&_shape=array").json()) == 2


@pytest.mark.parametrize("words", ["複議", "金蜂", '"', "* OR", "收取未"])
def test_what_is_not_there_is_not_found_and_is_no_error(get: Get, words: str) -> None:
    answer = get(f"/archive/report.json?_search={words}&_shape=array")
    assert answer.status_code == 200
    assert answer.json() == []


def test_a_hostile_page_is_shown_without_anything_that_acts(get: Get) -> None:
    answer = get("/-/snapshot/1/page")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox;")
    assert "default-src 'none'" in policy
    body = answer.text.split("<body>")[1]
    for word in ("script", "http", "on", "<svg", "<iframe", "<form", "<input", "<a", "style", "javascript"):
        assert f"{word}" not in body.replace("关于", ""), word
    assert "关于发布年度报告的说明" in body
    assert "链接文字" in body
    assert '<td rowspan="2">格</td>' in body


def test_the_frame_around_it_is_sandboxed_too(get: Get) -> None:
    answer = get("/-/snapshot/1")
    assert '<iframe class="snapshot" sandbox ' in answer.text
    assert "frame-src 'self'" in answer.headers["content-security-policy"]


def test_the_bytes_come_as_they_were_served_and_only_to_be_saved(get: Get) -> None:
    answer = get("/-/snapshot/1/bytes")
    assert answer.content == HOSTILE.encode()
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_file_that_is_no_page_is_offered_to_be_saved(get: Get) -> None:
    page = get("/-/snapshot/2").text
    assert "<iframe" not in page
    assert get("/-/snapshot/2/bytes").headers["content-disposition"] == 'attachment; filename="2.pdf"'


@pytest.mark.parametrize(
    "address", ["/-/snapshot/999", "/-/snapshot/999/page", "/archive/report/999", "/-/snapshot/x"]
)
def test_bad_addresses_are_plain_errors(get: Get, address: str) -> None:
    assert get(address).status_code == 404


@pytest.mark.parametrize("query", load("queries"))
def test_every_canned_query_answers(get: Get, query: str) -> None:
    answer = get(f"/archive/{query}.json?_shape=array&year=2025&county_code=500154")
    assert answer.status_code == 200
    assert isinstance(answer.json(), list)


def test_canned_queries_give_what_they_say(get: Get) -> None:
    assert [
        r["year"]
        for r in get("/archive/reports_of_county.json?_shape=array&county_code=500154&year=2025").json()
    ] == [2025]
    assert [r["rule"] for r in get("/archive/failed_arithmetic.json?_shape=array&year=").json()] == ["T3-SUM"]
    by_year = {r["year"]: r["new_received"] for r in get("/archive/totals_by_year.json?_shape=array").json()}
    assert by_year == {2025: 2, 2024: 2}


def test_a_report_in_the_answer_of_a_query_is_a_link(get: Get) -> None:
    assert re.search(r'<a href="/archive/report/\d+">', get("/archive/failed_arithmetic?year=").text)


def test_nothing_can_be_written_and_nothing_downloaded_whole(get: Get) -> None:
    refused = get("/archive.json?sql=delete+from+report")
    assert refused.status_code == 400
    assert get("/archive.db").status_code == 403
    assert len(get("/archive/report.json?_shape=array").json()) == 2


def test_robots_are_asked_to_stay_away(get: Get) -> None:
    assert "Disallow: /" in get("/robots.txt").text


def test_every_column_of_every_public_table_is_described_and_no_other(path: Path) -> None:
    conn = sqlite3.connect(path)
    names = [
        name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
    ]
    existing = {name: [row[1] for row in conn.execute(f'PRAGMA table_info("{name}")')] for name in names}
    conn.close()
    tables = metadata(existing)["databases"]["archive"]["tables"]
    for name, columns in existing.items():
        if name in HIDDEN or name.startswith(("report_fts", "sqlite_")):
            continue
        assert list(tables[name]["columns"]) == columns, name
        assert set(tables[name].get("facets", [])) <= set(columns), name
        assert tables[name].get("sort", tables[name].get("sort_desc", columns[0])) in columns, name
    for name, told in load("tables").items():
        assert set(told["columns"]) <= set(existing[name]), name


@pytest.mark.parametrize("table", ["active_disclosure", "applications", "review_litigation"])
@pytest.mark.parametrize("form", ["gb2019", "gb2021"])
def test_every_layout_is_a_full_rectangle_with_every_cell_once(form: str, table: str) -> None:
    shape = forms()[form].tables[table]
    for alternate in (None, *(a.row.code for a in shape.alternates)):
        covered: set[tuple[int, int]] = set()
        values: list[str] = []
        lines = layout_with(shape, alternate)
        for r, line in enumerate(lines):
            c = 0
            for cell in line:
                while (r, c) in covered:
                    c += 1
                place = {(r + i, c + j) for i in range(cell.rowspan) for j in range(cell.colspan)}
                assert not place & covered
                covered |= place
                values += [cell.value] if cell.value else []
        width = max(c for _, c in covered) + 1
        assert covered == {(r, c) for r in range(len(lines)) for c in range(width)}
        wanted = [f"{row}.{column}" for row in shape.row_codes(alternate) for column in shape.columns_of(row)]
        assert sorted(values) == sorted(wanted)


def test_signs_of_findings_cannot_be_taken_for_digits() -> None:
    assert [mark(1), mark(20), mark(21)] == ["①", "⑳", "[21]"]
