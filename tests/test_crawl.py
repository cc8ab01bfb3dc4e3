"""The crawl from end to end, against a portal of a few pages: what is found, kept, refused, told and tried again."""

from __future__ import annotations

import gzip
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.locks import LockedError, Locks
from tests.crawl_portal import REPOSITORY, Portal, column, gongkai, registry, report, row, serving

JYW = "重庆市巴南区教育委员会"
BGS = "重庆市巴南区人民政府办公室"
NB = "/zwgk_252/zfxxgknb/"
FIRST = f"{NB}202601/t20260120_15000001.html"
SECOND = f"{NB}202501/t20250120_14000001.html"


def title(agency: str, year: int) -> str:
    return f"{agency}{year}年政府信息公开工作年度报告"


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    """Two reports of one department in one column."""
    with serving(Portal()) as it:
        it.pages[NB] = column(
            "政府信息公开年报",
            row("./202601/t20260120_15000001.html", title(JYW, 2025))
            + row("./202501/t20250120_14000001.html", title(JYW, 2024), "2025-01-20"),
        )
        it.pages[FIRST] = report(JYW, 2025)
        it.pages[SECOND] = report(JYW, 2024)
        site(tmp_path, it)
        yield it


def site(
    folder: Path, portal: Portal, *, path: str = NB, options: str = "", years: str = ",", note: str = ""
) -> None:
    """One row for the portal. An installation of its own: tests must not lock each other out."""
    registry(folder, f"banan,district,trs,巴南区,500113,{portal.url(path)},{options},{years},1,{note}")


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        return connection.execute(sql).fetchall()


def verdict(folder: Path) -> tuple[Any, ...]:
    return rows(folder, "SELECT verdict, reason FROM crawl_site ORDER BY crawl_id DESC LIMIT 1")[0]


def states(folder: Path) -> dict[str, tuple[str, str | None]]:
    found = rows(folder, "SELECT url, state, reason FROM link")
    return {"/" + url.split("/", 3)[3]: (state, reason) for url, state, reason in found}


def test_from_a_row_to_the_archive(portal: Portal, tmp_path: Path) -> None:
    ran = gongkai(tmp_path, "crawl")
    assert ran.returncode == 0, ran.stderr
    assert "banan  well" in ran.stdout
    assert portal.paths(robots=True)[0] == "/robots.txt"
    assert sorted(portal.paths()) == sorted([NB, FIRST, SECOND])
    assert rows(tmp_path, "SELECT agency, year FROM report ORDER BY year") == [(JYW, 2024), (JYW, 2025)]
    assert rows(tmp_path, "SELECT kind, count(*) FROM snapshot GROUP BY kind ORDER BY kind") == [
        ("list", 1), ("report", 2), ("robots", 1),
    ]  # fmt: skip
    assert rows(
        tmp_path, "SELECT column_name, pages_claimed, pages_fetched, links, complete FROM listing"
    ) == [("政府信息公开年报", 1, 1, 2, 1)]
    assert rows(tmp_path, "SELECT links, fetched, new, failed, verdict FROM crawl_site") == [
        (2, 2, 2, 0, "well")
    ]
    assert rows(tmp_path, "SELECT status FROM crawl") == [("done",)]
    (context,) = rows(
        tmp_path, "SELECT context FROM snapshot WHERE kind = 'report' ORDER BY url DESC LIMIT 1"
    )[0]
    known = json.loads(context)
    assert (known["title"], known["list_date"]) == (title(JYW, 2025), "2026-01-20")
    assert (known["column_name"], known["site"], known["county_code"]) == (
        "政府信息公开年报",
        "banan",
        "500113",
    )


def test_a_second_night_costs_its_lists(portal: Portal, tmp_path: Path) -> None:
    gongkai(tmp_path, "crawl")
    portal.asked.clear()
    assert gongkai(tmp_path, "crawl").returncode == 0
    assert portal.paths() == [NB]


def test_who_asks_says_who_it_is(portal: Portal, tmp_path: Path) -> None:
    gongkai(tmp_path, "crawl", GONGKAI_CONTACT="ops@example.org")
    assert {headers["user-agent"] for _, headers in portal.asked} == {"gongkai/0.1.0 (+ops@example.org)"}
    assert {headers["accept-encoding"] for _, headers in portal.asked} == {"identity"}
    assert not any("cookie" in headers for _, headers in portal.asked)


def test_the_bytes_as_sent(portal: Portal, tmp_path: Path) -> None:
    sent = gzip.compress(report(JYW, 2025).encode("gb18030"), mtime=0)
    portal.pages[FIRST] = (
        200, {"Content-Type": "text/html; charset=iso-8859-1", "Content-Encoding": "gzip", "X-Twice": "a"}, sent,
    )  # fmt: skip
    site(tmp_path, portal, options="encoding=gzip")
    gongkai(tmp_path, "crawl")
    assert {headers["accept-encoding"] for path, headers in portal.asked if path == FIRST} == {"gzip"}
    assert rows(tmp_path, "SELECT year, agency FROM report WHERE year = 2025") == [(2025, JYW)]
    from archive.store import Archive

    with Archive.open(tmp_path / "archive.db", read_only=True) as archive:
        (sha256, headers) = rows(tmp_path, f"SELECT sha256, headers FROM snapshot WHERE url LIKE '%{FIRST}'")[
            0
        ]
        assert archive.snapshots.body(sha256) == sent
    assert ["X-Twice", "a"] in json.loads(headers)


def test_an_edit_is_found_and_a_304_confirms(portal: Portal, tmp_path: Path) -> None:
    body = report(JYW, 2024).encode()

    def unchanged(headers: Any) -> Any:
        if headers.get("if-none-match") == '"v1"':
            return 304, {"ETag": '"v1"'}, b""
        return 200, {"ETag": '"v1"', "Content-Type": "text/html"}, body

    portal.pages[SECOND] = unchanged
    gongkai(tmp_path, "crawl")
    portal.pages[FIRST] = report(JYW, 2025, requests=4)
    assert gongkai(tmp_path, "crawl", "--refresh").returncode == 0
    assert rows(
        tmp_path, "SELECT changed, unchanged, fetched FROM crawl_site ORDER BY crawl_id DESC LIMIT 1"
    ) == [(1, 1, 2)]
    assert rows(tmp_path, f"SELECT status FROM snapshot WHERE url LIKE '%{SECOND}' ORDER BY id") == [
        (200,),
        (304,),
    ]


def test_years_leave_out_only_links_that_state_another_year(portal: Portal, tmp_path: Path) -> None:
    third = f"{NB}202401/t20240120_13000001.html"
    portal.pages[NB] = str(portal.pages[NB]) + row(
        "./202401/t20240120_13000001.html", "区教委年报", "2024-01-20"
    )
    portal.pages[third] = report(JYW, 2023)
    gongkai(tmp_path, "backfill", "2024")
    assert sorted(portal.paths()) == sorted([NB, SECOND, third])
    assert states(tmp_path)[FIRST] == ("pending", None)


def test_a_site_that_yields_nothing_is_never_well(portal: Portal, tmp_path: Path) -> None:
    portal.pages[NB] = column("政府信息公开年报", "<p>暂无</p>")
    assert gongkai(tmp_path, "crawl").returncode == 1
    assert verdict(tmp_path) == ("broken", "layout_changed")


def test_years_that_are_missing_are_told(portal: Portal, tmp_path: Path) -> None:
    site(tmp_path, portal, years="2022,")
    ran = gongkai(tmp_path, "crawl")
    assert ran.returncode == 1
    assert verdict(tmp_path) == ("short", "fewer_than_known")
    assert "not seen: 2022, 2023" in ran.stdout


def test_a_list_that_showed_links_and_shows_none_is_no_evidence(portal: Portal, tmp_path: Path) -> None:
    gongkai(tmp_path, "crawl")
    portal.pages[NB] = column("政府信息公开年报", "<p>系统维护</p>")
    for _ in range(4):
        assert gongkai(tmp_path, "crawl").returncode == 1
    assert {state for state, _ in states(tmp_path).values()} == {"done"}
    assert rows(tmp_path, "SELECT sum(complete) FROM listing") == [(1,)]


def test_a_report_absent_from_three_complete_lists_is_gone(portal: Portal, tmp_path: Path) -> None:
    gongkai(tmp_path, "crawl")
    portal.pages[NB] = column("政府信息公开年报", row("./202601/t20260120_15000001.html", title(JYW, 2025)))
    codes = []
    for _ in range(3):
        time.sleep(1.05)  # runs are told apart by the second
        codes.append(gongkai(tmp_path, "crawl").returncode)
    assert codes == [1, 1, 0], "told while it is known and not seen; no longer expected once it is gone"
    assert states(tmp_path)[SECOND][0] == "gone"


HTML = {"Content-Type": "text/html"}
NO_REPORTS: dict[str, Any] = {
    "forbidden": (403, {}, b"<html>no</html>"),
    "challenge": (412, {}, b"<html>no</html>"),
    "not_found": (404, {}, b"<html>no</html>"),
    "server_error": (503, {}, b"<html>no</html>"),
    "empty": (200, {}, b""),
    "moved": (302, {"Location": "/"}, b""),
    "moved ": (302, {"Location": "http://evil.example.com/"}, b""),
    "soft_404": (200, HTML, "<html><title>404</title><body>您访问的页面不存在</body></html>".encode()),
    "blocked": (200, HTML, "<html><body>您的请求已被拦截，请完成安全验证</body></html>".encode()),
    "truncated": (200, HTML | {"Content-Length": "90000", "Connection": "close"}, report(JYW, 2025).encode()),
}


def test_what_is_no_report_is_kept_and_tried_again(portal: Portal, tmp_path: Path) -> None:
    """Every kind in one crawl, good reports between them: one trouble must not hide in another, nor spread."""
    portal.pages["/"] = "<html><body>首页</body></html>"
    paths = {reason: f"{NB}202501/t20250121_1410000{n}.html" for n, reason in enumerate(NO_REPORTS)}
    good = {reason: f"{NB}202501/t20250122_1420000{n}.html" for n, reason in enumerate(NO_REPORTS)}
    listed = ""
    for reason, answer in NO_REPORTS.items():
        portal.pages[paths[reason]] = (lambda given: lambda _: given)(answer)
        portal.pages[good[reason]] = report(JYW, 2024)
        listed += row(paths[reason], title(JYW, 2024)) + row(good[reason], title(JYW, 2024))
    portal.pages[NB] = column("政府信息公开年报", listed)
    ran = gongkai(tmp_path, "crawl")
    assert ran.returncode == 1
    found = states(tmp_path)
    assert {reason: found[path] for reason, path in paths.items()} == {
        reason: ("failed", reason.strip()) for reason in NO_REPORTS
    }
    assert {found[path] for path in good.values()} == {("done", None)}
    assert rows(tmp_path, "SELECT agency, year FROM report") == [(JYW, 2024)]
    for path in paths.values():
        evidence = {kind for (kind,) in rows(tmp_path, f"SELECT kind FROM snapshot WHERE url LIKE '%{path}'")}
        assert evidence and evidence <= {"error", "redirect"}, path


def test_a_quick_retry_mends_a_hiccup_and_both_answers_are_kept(portal: Portal, tmp_path: Path) -> None:
    answers = iter([(503, {}, b"busy")])
    portal.pages[FIRST] = lambda _: next(
        answers, (200, {"Content-Type": "text/html"}, report(JYW, 2025).encode())
    )
    assert gongkai(tmp_path, "crawl").returncode == 0
    assert portal.paths().count(FIRST) == 2
    kept = rows(tmp_path, f"SELECT kind, status FROM snapshot WHERE url LIKE '%{FIRST}' ORDER BY status")
    assert kept == [("report", 200), ("error", 503)]


def test_a_host_that_refuses_is_left_in_peace_and_its_links_wait(portal: Portal, tmp_path: Path) -> None:
    entries = [f"./202601/t20260120_1500{n:04}.html" for n in range(30)]
    portal.pages[NB] = column("政府信息公开年报", "".join(row(e, title(JYW, 2025)) for e in entries))
    for entry in entries:
        portal.pages[NB + entry[2:]] = (403, {}, b"no")
    ran = gongkai(tmp_path, "crawl")
    assert ran.returncode == 1
    assert "is closed for this run" in ran.stderr
    assert 5 <= len(portal.paths()) - 1 <= 12, "what was under way when it was closed comes to its end"
    reasons = [reason for _, reason in states(tmp_path).values()]
    assert reasons.count("host_closed") >= 18
    waiting = rows(tmp_path, "SELECT count(*) FROM link WHERE state = 'pending' AND attempts = 0")
    assert waiting[0][0] == reasons.count("host_closed")


def test_one_sick_host_does_not_stop_another(portal: Portal, tmp_path: Path) -> None:
    with serving(Portal()) as sick:
        sick.pages[NB] = (503, {}, b"down")
        registry(
            tmp_path,
            f"sick,district,trs,甲区,500112,{sick.url(NB)},installation=t,,,1,",
            f"banan,district,trs,巴南区,500113,{portal.url(NB)},installation=t,,,1,",
        )
        assert gongkai(tmp_path, "crawl").returncode == 1
    assert dict(rows(tmp_path, "SELECT site, verdict FROM crawl_site")) == {
        "sick": "unreachable",
        "banan": "well",
    }


# -- robots.txt


def test_robots_forbids(portal: Portal, tmp_path: Path) -> None:
    portal.pages["/robots.txt"] = f"User-agent: *\nDisallow: {NB}\n"
    assert gongkai(tmp_path, "crawl").returncode == 1
    assert portal.paths() == []
    assert verdict(tmp_path) == ("blocked", "robots")
    assert rows(tmp_path, "SELECT kind, status FROM snapshot") == [("robots", 200)]


def test_robots_broken_means_not_now(portal: Portal, tmp_path: Path) -> None:
    portal.pages["/robots.txt"] = (500, {}, b"oops")
    assert gongkai(tmp_path, "crawl").returncode == 1
    assert portal.paths() == []
    assert verdict(tmp_path) == ("unreachable", "robots_unreachable")


def test_robots_off_needs_no_answer(portal: Portal, tmp_path: Path) -> None:
    portal.pages["/robots.txt"] = f"User-agent: *\nDisallow: {NB}\n"
    site(tmp_path, portal, options="robots=off", note="2026-11-21 agreed with the office by letter")
    assert gongkai(tmp_path, "crawl").returncode == 0
    assert "/robots.txt" not in portal.paths(robots=True)


# -- the walk


def test_columns_of_columns_pages_and_twins(portal: Portal, tmp_path: Path) -> None:
    portal.pages[NB] = column(
        "政府信息公开年报",
        '<a href="./">政府信息公开年报</a><a href="./qzfbm/">区政府部门</a><a href="/zwgk_252/qzfbgs/">区政府办公室</a>'
        '<a href="/zwgk_252/zfxxgkzn/">政府信息公开指南</a>',
    )
    portal.pages[f"{NB}qzfbm/"] = column(
        "区政府部门",
        row("./202601/t20260120_15000001.html", title(JYW, 2025))
        + row("./202601/t20260120_15000001_wap.html", title(JYW, 2025))
        + row("./202602/t20260220_15000009.html", "政府信息公开指南(2026年版)"),
        script='createPage(2, 0, "index", "html")',
    )
    portal.pages[f"{NB}qzfbm/index_1.html"] = column(
        "区政府部门",
        row("./202501/t20250120_14000001.html", title(JYW, 2024)),
        script='createPage(2, 1, "index", "html")',
    )
    portal.pages[f"{NB}qzfbm/202601/t20260120_15000001.html"] = report(JYW, 2025)
    portal.pages[f"{NB}qzfbm/202501/t20250120_14000001.html"] = report(JYW, 2024)
    portal.pages["/zwgk_252/qzfbgs/"] = report(BGS, 2025)
    ran = gongkai(tmp_path, "crawl")
    assert ran.returncode == 0, ran.stdout
    assert sorted(rows(tmp_path, "SELECT agency, year FROM report")) == [
        (BGS, 2025),
        (JYW, 2024),
        (JYW, 2025),
    ]
    assert "/zwgk_252/zfxxgkzn/" not in portal.paths()
    assert len(portal.paths()) == len(set(portal.paths())) == 6
    listings = dict(rows(tmp_path, "SELECT column_name, pages_fetched FROM listing"))
    assert listings["区政府部门"] == 2


def test_what_leads_elsewhere_is_not_walked(portal: Portal, tmp_path: Path) -> None:
    """A sub-column that was moved to the home page, and the 年报 of another portal in the footer."""
    with serving(Portal()) as other:
        registry(
            tmp_path,
            f"banan,district,trs,巴南区,500113,{portal.url(NB)},installation=t,,,1,",
            f"cq,district,trs,重庆市,500000,{other.url('/nb/')},installation=t,,,1,",
        )
        other.pages["/nb/"] = column("政府信息公开年报", "")
        portal.pages["/"] = column("首页", '<a href="/xw/">新闻</a>')
        portal.pages["/old/"] = (302, {"Location": "/"}, b"")
        portal.pages[NB] = str(portal.pages[NB]) + (
            f'<a href="/old/">往年年报</a><a href="{other.url("/nb/")}">政府信息公开年报</a>'
        )
        gongkai(tmp_path, "crawl", "banan")
        assert other.paths() == []
    assert set(portal.paths()) == {NB, FIRST, SECOND, "/old/", "/"}
    assert verdict(tmp_path) == ("short", "moved")


def test_a_column_in_a_json_file(portal: Portal, tmp_path: Path) -> None:
    portal.pages[NB] = column(
        "政府信息公开年报", '<ul id="list"></ul>', script="load('./myjson.json?myjson=myjson')"
    )
    entry = f"{{'title':'{title(JYW, 2025)}','url':'./202601/t20260120_15000001.html','fbrq':'2026-01-20'}}"
    portal.pages[f"{NB}myjson.json?myjson=myjson"] = f"myjson({{'datas':[{entry}]}})"
    assert gongkai(tmp_path, "crawl").returncode == 0
    assert rows(tmp_path, "SELECT agency, year FROM report") == [(JYW, 2025)]


def test_towns_from_an_index(tmp_path: Path) -> None:
    names = {"hfjdbsc_1": "中和镇", "hfjdbsc_2": "义和镇", "hfjdbsc_3": "白桥街道"}
    with serving(Portal()) as portal:
        portal.pages["/jz/"] = column(
            "街镇",
            "".join(f'<a href="./{slug}/">{name}</a>' for slug, name in names.items())
            + '<a href="/zwgk_1/zfxxgknb/">政府信息公开年报</a>',
        )
        for number, (slug, name) in enumerate(names.items()):
            portal.pages[f"/jz/{slug}/"] = column(
                name, '<a href="./zwgk_7/">政务公开</a><a href="/x/">互动</a>'
            )
            portal.pages[f"/jz/{slug}/zwgk_7/"] = column("政务公开", '<a href="./nb_9/">政府信息公开年报</a>')
            agency = f"重庆市开州区{name}人民政府" if name.endswith("镇") else f"重庆市开州区{name}办事处"
            portal.pages[f"/jz/{slug}/zwgk_7/nb_9/"] = column(
                "政府信息公开年报", row(f"./202601/t20260120_1500000{number}.html", title(agency, 2025))
            )
            portal.pages[f"/jz/{slug}/zwgk_7/nb_9/202601/t20260120_1500000{number}.html"] = report(
                agency, 2025
            )
        registry(tmp_path, f"kaizhou-towns,township,auto,开州区镇街,500154,{portal.url('/jz/')},,,,1,")
        ran = gongkai(tmp_path, "crawl")
        assert ran.returncode == 0, ran.stdout
        assert "/zwgk_1/zfxxgknb/" not in portal.paths(), "the portal's own column is not a unit's"
    assert len(rows(tmp_path, "SELECT * FROM report")) == 3


def test_attachments_are_fetched(portal: Portal, tmp_path: Path) -> None:
    portal.pages[FIRST] = report(JYW, 2025).replace(
        "</body>", '<a href="./P0202601.pdf" download="年报.pdf">附件</a></body>'
    )
    portal.pages[f"{NB}202601/P0202601.pdf"] = (
        200,
        {"Content-Type": "application/pdf"},
        b"%PDF-1.4 nothing in it",
    )
    gongkai(tmp_path, "crawl")
    assert f"{NB}202601/P0202601.pdf" in portal.paths()
    assert rows(tmp_path, "SELECT count(*) FROM snapshot WHERE kind = 'attachment'") == [(1,)]


# -- the run


def test_real_hosts_are_not_asked_without_a_contact(tmp_path: Path) -> None:
    registry(tmp_path, "x,district,trs,甲区,500113,http://www.example.gov.cn/nb/,,,,1,")
    ran = gongkai(tmp_path, "crawl")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("gongkai: set GONGKAI_CONTACT")
    assert not (tmp_path / "archive.db").exists()


@pytest.mark.parametrize(
    "arguments", [("crawl", "nosuch"), ("backfill", "20x1"), ("crawl", "--family", "village"), ("backfill",)]
)
def test_wrong_usage_is_one_line(portal: Portal, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ran = gongkai(tmp_path, *arguments)
    assert ran.returncode == 2
    assert ran.stderr.startswith("gongkai: ") and ran.stderr.count("\n") == 1
    assert not portal.asked


def test_one_process_for_each_installation(
    portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with Locks([f"127.0.0.1:{portal.port}"]):
        for arguments, module in (
            (["crawl"], "crawler"),
            (["crawl", "district"], "scrapy"),
            (["sites", "probe", "banan"], "crawler"),
            (["sites", "probe", portal.url("/other/")], "crawler"),
        ):
            ran = gongkai(tmp_path, *arguments, module=module)
            assert (ran.returncode, "is being crawled already" in ran.stderr) == (2, True), arguments
    assert not portal.asked
    assert gongkai(tmp_path, "crawl").returncode == 0


def test_locks_are_taken_together_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with Locks(["b"]):
        with pytest.raises(LockedError, match="'b' is being crawled already"):
            Locks(["a", "b"])
        with Locks(["a"]):
            pass


def test_scrapy_crawl_does_the_same(portal: Portal, tmp_path: Path) -> None:
    ran = gongkai(tmp_path, "crawl", "district", "-a", "site=banan", "-a", "years=2025", module="scrapy")
    assert ran.returncode == 0, ran.stderr
    assert sorted(portal.paths()) == sorted([NB, FIRST])
    assert rows(tmp_path, "SELECT command, status FROM crawl") == [("scrapy crawl district", "done")]
    assert verdict(tmp_path) == ("well", None)


def test_scrapy_knows_the_families(portal: Portal, tmp_path: Path) -> None:
    assert gongkai(tmp_path, "list", module="scrapy").stdout.split() == ["district", "township"]


@pytest.mark.parametrize("argument", ["site=nosuch", "years=20x1", "colour=red"])
def test_scrapy_crawl_refuses_in_one_line(portal: Portal, tmp_path: Path, argument: str) -> None:
    ran = gongkai(tmp_path, "crawl", "district", "-a", argument, module="scrapy")
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1), ran.stderr
    assert not portal.asked


def test_killed_and_resumed_nothing_is_lost_and_nothing_read_twice(tmp_path: Path) -> None:
    entries = {f"202601/t20260120_150{n:05}.html": (JYW if n % 2 else BGS, 2008 + n // 2) for n in range(36)}
    with serving(Portal()) as portal:
        portal.pages[NB] = column(
            "政府信息公开年报", "".join(row(f"./{e}", title(*of)) for e, of in entries.items())
        )
        for entry, of in entries.items():
            portal.pages[NB + entry] = report(*of)
        site(tmp_path, portal)
        environment = os.environ | {
            "XDG_STATE_HOME": str(tmp_path / "state"), "GONGKAI_DELAY": "0.03", "GONGKAI_ARCHIVE": str(tmp_path / "archive.db"),
            "GONGKAI_SITES": str(tmp_path / "sites.csv"), "PYTHONPATH": str(REPOSITORY),
        }  # fmt: skip
        running = subprocess.Popen(
            [sys.executable, "-m", "crawler", "crawl"],
            env=environment,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        until = time.monotonic() + 30
        while len(portal.asked) < 15 and time.monotonic() < until:
            time.sleep(0.02)
        running.send_signal(signal.SIGKILL)
        running.wait(10)
        assert gongkai(tmp_path, "crawl").returncode == 0
        asked = [path for path in portal.paths() if path != NB]
    assert set(asked) == {NB + entry for entry in entries}
    assert len(asked) <= len(entries) + 8, "only what was under way at the kill is asked for again"
    assert rows(tmp_path, "SELECT count(*) FROM link WHERE state = 'done'") == [(36,)]
    assert rows(tmp_path, "SELECT status FROM crawl ORDER BY id") == [("interrupted",), ("done",)]
    assert rows(tmp_path, "SELECT count(DISTINCT report_id), count(*) FROM report_version") == [(36, 36)]


# -- the other commands


def test_nightly_asks_a_share_again_and_tells_new_troubles_first(portal: Portal, tmp_path: Path) -> None:
    first = gongkai(tmp_path, "nightly", "--share", "0.5")
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith(
        "1 of 1 sites well; 0 new troubles, 0 old, 0 acknowledged\nreports: 2 new, "
    )
    portal.asked.clear()
    gongkai(tmp_path, "nightly", "--share", "0.5")
    assert len([path for path in portal.paths() if path != NB]) == 1
    portal.pages[NB] = (403, {}, b"no")
    last = gongkai(tmp_path, "nightly", "--share", "0")
    assert last.returncode == 1
    assert "NEW   banan: blocked, forbidden" in last.stdout
    told = gongkai(tmp_path, "nightly", "--share", "0", "--json")
    assert json.loads(told.stdout)["sites"][0] | {"links": 0} == json.loads(told.stdout)["sites"][0]
    assert json.loads(told.stdout)["exit_code"] == 1
    assert json.loads(told.stdout)["sites"][0]["new_trouble"] is False
    assert (
        gongkai(
            tmp_path, "health", "ack", "banan", "--until", "2999-01-01", "--reason", "asked them"
        ).returncode
        == 0
    )
    known = gongkai(tmp_path, "nightly", "--share", "0")
    assert known.returncode == 0, "what somebody knows is no alarm"
    assert "known banan: blocked, forbidden" in known.stdout and "asked them" in known.stdout


def test_the_webhook_is_told_and_never_named(portal: Portal, tmp_path: Path) -> None:
    heard: list[str] = []
    portal.posts["/hook/s3cret"] = lambda _: (500, {}, heard.append("told") or b"")
    ran = gongkai(tmp_path, "nightly", GONGKAI_WEBHOOK=portal.url("/hook/s3cret"))
    assert (ran.returncode, heard) == (0, ["told"])
    assert "the webhook was not told: it answered 500" in ran.stderr
    assert "s3cret" not in ran.stdout + ran.stderr


def test_an_unchanged_night_costs_its_list_and_its_share(portal: Portal, tmp_path: Path) -> None:
    """Every third time a known page is asked without conditions, so that a lying validator hides nothing for ever."""
    body = report(JYW, 2025).encode()
    portal.pages[FIRST] = lambda headers: (
        (304, {"ETag": '"lie"'}, b"") if "if-none-match" in headers else (200, {"ETag": '"lie"'}, body)
    )
    del portal.pages[SECOND]
    portal.pages[NB] = column("政府信息公开年报", row("./202601/t20260120_15000001.html", title(JYW, 2025)))
    gongkai(tmp_path, "crawl")
    portal.asked.clear()
    for _ in range(3):
        time.sleep(1.01)  # snapshots are told apart by the second
        assert gongkai(tmp_path, "nightly", "--share", "1").returncode == 0
    assert sorted(portal.paths()) == sorted([NB, FIRST] * 3)  # list and page are asked side by side
    conditional = ["if-none-match" in headers for path, headers in portal.asked if path == FIRST]
    assert conditional == [True, True, False]


def test_a_report_that_is_no_more_is_told_once_and_taken_back(portal: Portal, tmp_path: Path) -> None:
    gongkai(tmp_path, "crawl")
    page = portal.pages.pop(SECOND)
    gone = json.loads(gongkai(tmp_path, "nightly", "--share", "1", "--json").stdout)
    assert (gone["exit_code"], gone["totals"]["vanished"]) == (1, 1)
    assert rows(tmp_path, "SELECT year, gone_on IS NOT NULL FROM report ORDER BY year") == [
        (2024, 1),
        (2025, 0),
    ]
    assert states(tmp_path)[SECOND] == ("failed", "not_found"), "it is asked again: portals bring things back"
    again = json.loads(gongkai(tmp_path, "nightly", "--share", "1", "--json").stdout)
    assert (again["exit_code"], again["totals"]["vanished"]) == (0, 0), "no news any more"
    portal.pages[SECOND] = page
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db, db:
        db.execute("UPDATE link SET next_try = '2026-01-01T00:00:00Z' WHERE state = 'failed'")
    assert gongkai(tmp_path, "crawl").returncode == 0
    assert rows(tmp_path, "SELECT count(*) FROM report WHERE gone_on IS NOT NULL") == [(0,)]


def test_outside_the_window_nothing_is_asked(portal: Portal, tmp_path: Path) -> None:
    hour = (datetime.now(UTC) + timedelta(hours=8 + 2)).hour
    window = f"{hour:02}:00-{(hour + 1) % 24:02}:00"
    ran = gongkai(tmp_path, "crawl", GONGKAI_WINDOW=window)
    assert (ran.returncode, portal.asked) == (2, [])
    assert (
        ran.stderr
        == f"gongkai: not now: crawling is allowed in the window {window} (UTC+8), set by GONGKAI_WINDOW\n"
    )
    assert not (tmp_path / "archive.db").exists()


def test_the_days_requests_are_bounded_and_what_is_left_waits(portal: Portal, tmp_path: Path) -> None:
    assert gongkai(tmp_path, "crawl", GONGKAI_DAILY_CAP="3").returncode == 1
    assert len(portal.asked) == 3, "robots.txt, the list, one report"
    assert verdict(tmp_path) == ("short", "daily_cap")
    assert sorted(reason or "" for _, reason in states(tmp_path).values()) == ["", "daily_cap"]
    assert rows(tmp_path, "SELECT sum(attempts) FROM link") == [(0,)], "not asked is no attempt"
    assert gongkai(tmp_path, "crawl", GONGKAI_DAILY_CAP="3").returncode == 1
    assert len(portal.asked) == 3, "the count holds over runs"
    assert gongkai(tmp_path, "crawl").returncode == 0


def test_probe_shows_and_stores_nothing(portal: Portal, tmp_path: Path) -> None:
    ran = gongkai(tmp_path, "sites", "probe", "banan")
    assert ran.returncode == 0, ran.stderr
    assert "platform  trs" in ran.stdout and title(JYW, 2024) in ran.stdout
    assert portal.paths(robots=True) == ["/robots.txt", NB]
    assert not (tmp_path / "archive.db").exists()
    by_address = gongkai(tmp_path, "sites", "probe", portal.url(NB), "--json")
    assert len(json.loads(by_address.stdout)["reports"]) == 2
    assert gongkai(tmp_path, "sites", "probe", portal.url("/nothing/")).returncode == 1


def test_probe_keeps_the_window_and_the_days_requests(portal: Portal, tmp_path: Path) -> None:
    hour = datetime.now(UTC).hour + 8
    closed = f"{(hour + 2) % 24:02}:00-{(hour + 3) % 24:02}:00"
    ran = gongkai(tmp_path, "sites", "probe", "banan", GONGKAI_WINDOW=closed)
    assert (ran.returncode, ran.stderr.startswith("gongkai: not now")) == (2, True)
    assert not portal.asked
    assert gongkai(tmp_path, "sites", "probe", "banan", GONGKAI_DAILY_CAP="x").returncode == 2
    assert gongkai(tmp_path, "sites", "probe", "banan", GONGKAI_DAILY_CAP="2").returncode == 0
    ran = gongkai(tmp_path, "sites", "probe", "banan", GONGKAI_DAILY_CAP="2")
    assert (ran.returncode, "daily_cap" in ran.stdout, len(portal.asked)) == (1, True, 2)


@pytest.mark.parametrize("target", ["nosuch", "ftp://x/"])
def test_probe_of_nothing_is_wrong_usage(portal: Portal, tmp_path: Path, target: str) -> None:
    ran = gongkai(tmp_path, "sites", "probe", target)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)


def test_sites_and_check(portal: Portal, tmp_path: Path) -> None:
    assert "banan" in gongkai(tmp_path, "sites").stdout
    assert json.loads(gongkai(tmp_path, "sites", "--format", "json").stdout)[0]["site"] == "banan"
    assert gongkai(tmp_path, "sites", "check").returncode == 0
    (tmp_path / "sites.csv").write_text((tmp_path / "sites.csv").read_text() + "x,y\n")
    ran = gongkai(tmp_path, "sites", "check")
    assert (ran.returncode, ran.stderr) == (2, "gongkai: sites.csv:3: 2 cells instead of 11\n")
