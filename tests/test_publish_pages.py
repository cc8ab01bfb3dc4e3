"""The pages of counties, bodies, versions, charts and search, a cell in full, and the feed."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from archive.publish.app import datasette
from archive.publish.charts import Series, bars, small, stacked
from archive.publish.coverage import GROUPS, SIGNS
from archive.publish.find import marked
from archive.publish.history import compared, shortened
from archive.publish.home import COUNTIES
from archive.publish.metadata import load
from archive.publish.words import words
from archive.report.model import Finding, Section
from archive.store import Archive
from tests.builders import capture, fresh, note, report, store, tables
from tests.panel import Panel, prepare

Get = Callable[[str], Any]

KEY = "500154:township_government:金峰"
NEW = [2, 0, 0, 0, 0, 0, 2]
ROW = "<tr><td>一、本年新收政府信息公开申请数量</td>" + "".join(f"<td>{n}</td>" for n in NEW) + "</tr>"
PAGE = f"<table><tr><td>自然人</td></tr>{ROW}</table>"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town's reports of three years and two forms, the last in two versions; and its county's total."""
    with fresh(tmp_path_factory.mktemp("pages")) as archive:
        finding = Finding(
            "T3-SUM", "error", "x", "不成立", left=1, right=2, cells=("applications.granted.total",)
        )
        store(archive, report(findings=[finding], tables=tables(new_received=NEW)), capture(PAGE.encode()))
        later = {"fetched_at": "2026-03-01T00:00:00Z"}
        second = report(
            tables=tables(new_received=[3, 0, 0, 0, 0, 0, 3]), cells=[note("applications", "granted", "total", "—", "dash")],
            sections=[Section(1, "总体情况", "公开平台更新<六千>条。"), Section(6, "其他需要报告的事项", "未收取信息处理费。")],
            findings=[finding],
        )  # fmt: skip
        store(archive, second, capture(PAGE.replace("2", "3").encode(), **later), now="2026-03-01T00:00:00Z")
        for year, form, n in ((2024, "gb2021", 5), (2020, "gb2019", 7)):
            url = f"http://127.0.0.1/{year}.html"
            grid = tables(new_received=[n, 0, 0, 0, 0, 0, n])
            earlier = report(year=year, form=form, tables=grid, published_on=f"{year + 1}-03-20")
            store(archive, earlier, capture(b"<p></p>", url=url, doc_key=f"cq:{year}"))
        total = report(
            agency="重庆市开州区人民政府", agency_key="500154:county_government:开州", agency_kind="county_government",
            scope="jurisdiction_aggregate", tables=tables(new_received=[40, 0, 0, 0, 0, 0, 40]), admin_code="500154",
        )  # fmt: skip
        store(archive, total, capture(b"<p>t</p>", url="http://127.0.0.1/t.html", doc_key="cq:t"))
        archive.conn.execute(
            "INSERT INTO annotation VALUES ('report', ?, 'reply', '本机关已更正。', NULL, '2026-04-01')",
            [f"{KEY}:organ:2025"],
        )
        return archive.path


@pytest.fixture(scope="module")
def get(path: Path) -> Iterator[Get]:
    with asyncio.Runner() as runner:
        served = datasette(path)
        runner.run(served.invoke_startup())
        yield lambda address: runner.run(served.client.get(address, follow_redirects=True))
        for database in served.databases.values():
            database.close()
        served.executor.shutdown()


def test_a_cell_tells_its_meaning_its_print_and_the_year_before(get: Get) -> None:
    page = get(f"/-/report/{KEY}:organ:2025?cell=applications.new_received.total").text
    cell = page.split('id="cell"')[1].split("</section>")[0]
    assert "一、本年新收政府信息公开申请数量：总计" in cell
    assert '<p class="big">3</p>' in cell
    assert ">5</a>" in cell  # 2024
    assert "格式不同" not in cell
    assert "引用此格" in cell
    assert "SHA-256" in cell


def test_a_cell_of_another_form_is_compared_with_a_warning(get: Get) -> None:
    page = get(f"/-/report/{KEY}:organ:2024?cell=applications.new_received.total").text
    assert "格式不同" in page.split('id="cell"')[1].split("</section>")[0]


def test_a_dash_is_told_as_a_dash_with_its_finding(get: Get) -> None:
    cell = get(f"/-/report/{KEY}:organ:2025?cell=applications.granted.total").text.split('id="cell"')[1]
    assert "“—”（横线" in cell
    assert "不成立" in cell.split("</section>")[0]


@pytest.mark.parametrize(
    "cell", ["nothing", "a.b.c", "applications.granted", "applications.x.total", "<b>.x.y"]
)
def test_a_cell_that_is_none_is_left_out(get: Get, cell: str) -> None:
    answer = get(f"/-/report/{KEY}:organ:2025?cell={cell}")
    assert answer.status_code == 200
    assert 'id="cell"' not in answer.text
    assert get(f"/-/snapshot/1?cell={cell}").status_code == 200


def test_the_snapshot_marks_the_cell_only_where_the_whole_row_agrees(get: Get) -> None:
    found = get("/-/snapshot/2?cell=applications.new_received.total").text
    assert "框出的是" in found
    inside = get("/-/snapshot/2/page?cell=applications.new_received.total").text
    assert inside.count(' id="here"') == 1
    assert inside.endswith('<td>0</td><td id="here">3</td></tr></table></body></html>\n')
    missing = get("/-/snapshot/2?cell=applications.granted.total").text
    assert "未能在页面上确定" in missing
    assert "框出的是" not in missing


def test_versions_show_what_was_different(get: Get) -> None:
    page = get(f"/-/report/{KEY}:organ:2025/versions").text
    assert "第 1 版 → 第 2 版" in page
    assert "<del>2</del> → <ins>3</ins>" in page
    assert "公开平台更新<del>三百</del><ins>&lt;六千&gt;</ins>条。" in page
    assert get(f"/-/report/{KEY}:organ:2025?version=1").url.path == "/-/snapshot/1"
    assert get(f"/-/report/{KEY}:organ:2025?version=9").status_code == 404


def test_replies_are_shown_with_the_report_and_in_the_log(get: Get) -> None:
    assert "本机关已更正。" in get(f"/-/report/{KEY}:organ:2025").text
    log = get("/archive/corrections_log.json?_shape=array").json()
    assert [row["text"] for row in log if row["kind"] == "reply"] == ["本机关已更正。"]


def test_the_county_shows_its_bodies_by_years_with_sign_and_words(get: Get) -> None:
    page = get("/-/county/500154").text
    row = page.split(">金峰镇人民政府<")[1].split("</tr>")[0]
    assert row.count("<td") == 6
    assert f">{SIGNS['on_time']}<" in row
    assert "2023：未查" in row
    assert "自该年起用新格式" in page


def test_the_county_puts_its_total_beside_the_sum_and_never_adds_them(get: Get) -> None:
    line = get("/-/county/500154").text.split('id="sums"')[1].split("收到申请")[1].split("</tr>")[0]
    assert line.endswith("<td>3</td><td>1/1</td><td>40</td>")


def test_a_square_is_explained_with_a_count_of_checks_and_a_date(get: Get) -> None:
    why = get(f"/-/county/500154?body={KEY}&year=2023").text.split('id="why"')[1].split("</section>")[0]
    assert "完整查过 0 次" in why
    assert "期限 2024-01-31（" in why


@pytest.mark.parametrize("asked", ["from=x&to=y", "from=2030&to=2000", "from=1&to=99999", "year=x&body=y"])
def test_odd_years_are_no_trouble(get: Get, asked: str) -> None:
    assert get(f"/-/county/500154?{asked}").status_code == 200


def test_the_body_s_page_has_charts_with_gaps_and_n_under_rates(get: Get) -> None:
    page = get(f"/-/agency/{KEY}").text
    assert page.count("<svg") == len(load("measures")["agency"])
    assert "<script" not in page
    received = page.split("<figcaption>收到申请（件）")[1].split("</figure>")[0]
    for value in ("<td>7</td>", "<td>无报告</td>", "<td>5</td>", "<td>3</td>"):
        assert value in received
    assert 'href="/archive/report/' in page


def test_charts_are_drawn_here_with_their_queries(get: Get) -> None:
    page = get("/-/charts?county=500154").text
    assert "<svg" in page
    assert "<script" not in page
    assert "xlink:href" not in page
    for name in load("charts"):
        assert f"/archive/{name}.csv?" in page
        assert get(f"/archive/{name}.csv?county_code=500154&year=").status_code == 200
    assert get("/-/charts?county=nowhere").status_code == 200


def test_search_has_excerpts_highlights_and_facets(get: Get) -> None:
    page = get("/-/search?q=平台").text
    assert "<mark>平台</mark>" in page
    assert "开州区" in page
    narrowed = get("/-/search?q=平台&year=2024").text
    assert "<b>1</b> 份报告" in narrowed
    assert 'class="chosen"' in narrowed
    assert "没有报告含" in get("/-/search?q=金蜂").text
    assert get("/-/search").status_code == 200


@pytest.mark.parametrize("q", ['"', "*", "<script>", "%00", "a" * 5000, "收 " * 100])
def test_any_words_may_be_looked_for(get: Get, q: str) -> None:
    answer = get(f"/-/search?q={q}&year=x&page=-1&county='&kind=%22")
    assert answer.status_code == 200
    assert "<script" not in answer.text


def test_the_feed_is_atom_with_addresses_that_last(get: Get) -> None:
    answer = get("/-/new.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = etree.fromstring(answer.content)
    name = "{http://www.w3.org/2005/Atom}"
    ids = [entry.findtext(f"{name}id") for entry in feed.iter(f"{name}entry")]
    assert len(set(ids)) == len(ids) > 4
    assert all(
        "/-/report/" in str(link.get("href"))
        for e in feed.iter(f"{name}entry")
        for link in e.iter(f"{name}link")
    )
    assert {r["what"] for r in get("/archive/whats_new.json?_shape=array").json()} == {
        "report",
        "finding",
        "change",
    }


def test_a_problem_is_reported_with_the_finding_s_key(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "没有留下地址" in get("/-/problem?report=a&finding=b").text
    monkeypatch.setenv("GONGKAI_CONTACT", "desk@example.org")
    page = get("/-/problem?report=<a>&finding=b").text
    assert "mailto:desk@example.org" in page
    assert "report: &lt;a&gt;\nfinding: b" in page


@pytest.mark.parametrize(
    "address",
    [
        "/-/county/x",
        "/-/agency/x",
        "/-/report/x",
        "/-/report/x/versions",
        "/-/county/%27",
        "/nothing",
        "/-/nothing",
    ],
)
def test_bad_addresses_are_plain_errors(get: Get, address: str) -> None:
    answer = get(address)
    assert answer.status_code == 404
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "address",
    ["/", "/archive", "/archive/report", "/-/charts", "/-/search", "/nothing", "/-/snapshot/1/page"],
)
def test_every_page_says_what_it_may_load(get: Get, address: str) -> None:
    headers = get(address).headers
    assert "default-src" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_the_home_page_can_be_asked_for_another_year_and_other_bodies(get: Get) -> None:
    assert "<strong>2025 年</strong>" in get("/").text
    page = get("/?year=2020&group=offices").text
    assert "<strong>2020 年</strong>" in page
    assert "个政府办公室" in page
    assert get("/?year=x&group=y").status_code == 200


def test_bodies_that_no_roster_names_are_in_no_share(tmp_path: Path) -> None:
    department = "500154:department:统计局"
    with Archive.open(tmp_path / "a.db", create=True) as archive:
        prepare(archive, {department: "500154"})
        Panel(archive).put(department, 2024)
        rows = archive.conn.execute(COUNTIES, [2024, json.dumps(GROUPS["all"])]).fetchall()
    (county,) = [row for row in rows if row["county_code"] == "500154"]
    assert (county["found"], county["unlisted"]) == (0, 1)
    assert county["not_checked"] > 0


def test_every_sign_state_and_reason_has_words() -> None:
    for name in SIGNS:
        assert words("standing", name) != name


def test_differences_are_told_by_character_and_cut_to_what_matters() -> None:
    assert compared("甲乙丙", "甲丁丙") == [
        ("same", "甲"),
        ("gone", "乙"),
        ("new", "丁"),
        ("same", "丙"),
        ("same", "\n"),
    ]
    long = "字" * 500
    pieces = shortened(compared(f"{long}甲{long}", f"{long}乙{long}"))
    assert ("gone", "甲") in pieces
    assert sum(len(text) for _, text in pieces) < 200


def test_two_huge_texts_are_not_compared_by_character() -> None:
    assert compared("甲" * 5000, "乙" * 5000) == [("gone", "甲" * 5000), ("new", "乙" * 5000), ("same", "\n")]


def test_excerpts_are_safe() -> None:
    assert marked("<b>平台</b>", "平台") == "&lt;b&gt;<mark>平台</mark>&lt;/b&gt;"
    assert marked("&amp;", "amp") == "&amp;<mark>amp</mark>;"


@pytest.mark.parametrize("draw", [stacked, bars])
def test_charts_are_the_same_every_time_and_hold_no_script(draw: Callable[..., str]) -> None:
    made = draw("<标题>", ["甲", "乙"], [Series("一", [1, None]), Series("二", [3, 4])])
    assert made == draw("<标题>", ["甲", "乙"], [Series("一", [1, None]), Series("二", [3, 4])])
    assert "script" not in made
    assert 'aria-label="&lt;标题&gt;"' in made


def test_a_gap_is_drawn_as_a_gap() -> None:
    whole = small("t", [2021, 2022, 2023], [Series("a", [1, 2, 3])])
    broken = small("t", [2021, 2022, 2023], [Series("a", [1, None, 3])])
    assert "<svg" in broken
    assert whole.count("<circle") == 3
    assert broken.count("<circle") == 2
