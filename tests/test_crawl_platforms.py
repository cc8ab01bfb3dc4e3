"""Publishing systems, from the list to the archive: every shape of list that the replica plays, each row left to ``auto``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crawler.browser import find_chromium
from crawler.replica import Replica, Scenario
from tests.crawl_portal import Portal, column, gongkai, registry, report, row, serving

JYJ = "重庆市万州区教育委员会"


def title(year: int) -> str:
    return f"{JYJ}{year}年政府信息公开工作年度报告"


@pytest.fixture
def platforms_replica() -> Iterator[Replica]:
    with Replica(Scenario(portals=False, platforms=True, auto=True), max_seconds=200) as running:
        yield running
    assert running.errors == []


def test_every_report_of_every_platform_is_found_and_none_invented(
    platforms_replica: Replica, tmp_path: Path
) -> None:
    """Twenty-four shapes of list. Without a browser the one that only a script builds is told, and nothing else suffers."""
    (tmp_path / "sites.csv").write_text(platforms_replica.registry_csv(), encoding="utf-8")
    ran = gongkai(tmp_path, "crawl")
    wanted = {report.identity: report.site for report in platforms_replica.truth().reports}
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        found = set(db.execute("SELECT agency, year, scope FROM report"))
        verdicts = dict(db.execute("SELECT site, verdict || coalesce(' ' || reason, '') FROM crawl_site"))
        rendered = db.execute("SELECT count(*) FROM snapshot WHERE kind = 'rendered'").fetchone()[0]
    scripted = {site for site in set(wanted.values()) if site.startswith("script")}
    if find_chromium() is None:
        wanted = {identity: site for identity, site in wanted.items() if site not in scripted}
        assert {verdicts.pop(site) for site in scripted} == {"broken no_browser"}
        assert "no browser was found" in ran.stderr
    else:
        assert rendered >= 3, "each page of a list that a script builds is kept as it was built"
    assert {site for identity, site in wanted.items() if identity not in found} == set(), ran.stdout
    assert found <= set(wanted)
    assert set(verdicts.values()) == {"well"}, verdicts


def test_a_list_that_needs_a_browser_is_told_where_there_is_none(tmp_path: Path) -> None:
    with serving(Portal()) as portal:
        portal.pages["/nb/"] = column(
            "政府信息公开年报", '<ul id="list"></ul>', script="fetch('rows').then(draw)"
        )
        registry(tmp_path, f"a,district,script,万州区,500101,{portal.url('/nb/')},,,,1,")
        ran = gongkai(tmp_path, "crawl", GONGKAI_CHROMIUM="/nowhere/chromium")
    assert ran.returncode == 1
    assert "a     broken   no_browser" in ran.stdout
    assert "install Chromium, or name one with GONGKAI_CHROMIUM" in ran.stderr


@pytest.mark.skipif(find_chromium() is None, reason="no Chromium on this machine")
def test_the_browser_asks_for_nothing_but_pages_scripts_and_data(tmp_path: Path) -> None:
    with serving(Portal()) as portal, serving(Portal()) as elsewhere:
        entry = (
            f"<li><a href='./202601/t20260120_15000001.html'>{title(2025)}</a><span>2026-01-20</span></li>"
        )
        elsewhere.pages["/x.js"] = (200, {"Content-Type": "text/javascript"}, b"document.title='x'")
        portal.pages["/nb/"] = column(
            "政府信息公开年报",
            f'<img src="/logo.png"><link rel="stylesheet" href="/a.css"><script src="{elsewhere.url("/x.js")}"></script>'
            '<ul id="list"></ul>',
            script='fetch("rows").then(a => a.text()).then(t => document.getElementById("list").innerHTML = t)',
        )
        portal.pages["/nb/rows"] = entry
        portal.pages["/nb/202601/t20260120_15000001.html"] = report(JYJ, 2025)
        registry(tmp_path, f"a,district,auto,万州区,500101,{portal.url('/nb/')},,,,1,")
        ran = gongkai(tmp_path, "crawl", GONGKAI_CONTACT="ops@example.org")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert set(portal.paths()) == {"/nb/", "/nb/rows", "/nb/202601/t20260120_15000001.html"}
        assert elsewhere.paths(robots=True) == []
        agents = {headers["user-agent"] for _, headers in portal.asked}
        assert agents == {"gongkai/0.1.0 (+ops@example.org)"}, "the browser says who it is too"
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        kinds = dict(db.execute("SELECT kind, count(*) FROM snapshot WHERE url LIKE '%/nb/' GROUP BY kind"))
    assert kinds["rendered"] == 1 and kinds["list"] >= 1, (
        "the document as served, beside what the script built"
    )


def test_a_proxy_that_reads_only_forms_is_asked_by_a_form(tmp_path: Path) -> None:
    names = [(2025 - n, f"/art/{2026 - n}/1/9/art_12_{900 + n}.html") for n in range(5)]

    def store(rows: list[tuple[int, str]]) -> str:
        records = "".join(
            f'<record><![CDATA[<li><a href="{path}">{title(year)}</a></li>]]></record>' for year, path in rows
        )
        return (
            '<datastore><nextgroup><![CDATA[<a href="/module/web/jpage/dataproxy.jsp?page=1&columnid=12&unitid=7"></a>]]>'
            f"</nextgroup><totalrecord>5</totalrecord><recordset>{records}</recordset></datastore>"
        )

    with serving(Portal()) as portal:
        portal.pages["/col/col12/index.html"] = column(
            "政府信息公开年报", f'<script type="text/xml">{store(names[:3])}</script>'
        )
        for year, path in names:
            portal.pages[path] = report(JYJ, year)
        portal.posts["/module/web/jpage/dataproxy.jsp"] = lambda form: (
            store(names[int(form["startrecord"]) - 1 : int(form["endrecord"])])
            if form.get("unitid") == "7"
            else ""
        )
        registry(tmp_path, f"a,district,auto,万州区,500101,{portal.url('/col/col12/index.html')},,2021,,1,")
        ran = gongkai(tmp_path, "crawl")
        assert ran.returncode == 0, ran.stdout
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        assert db.execute("SELECT count(*), min(year) FROM report").fetchone() == (5, 2021)


def test_a_list_that_counts_more_than_it_gives_is_not_complete(tmp_path: Path) -> None:
    with serving(Portal()) as portal:
        records = (
            f'<record><![CDATA[<li><a href="/art/2026/1/9/art_12_900.html">{title(2025)}</a></li>]]></record>'
        )
        portal.pages["/col/col12/index.html"] = column(
            "政府信息公开年报",
            '<script type="text/xml"><datastore><nextgroup><![CDATA[<a href="/module/web/jpage/dataproxy.jsp?page=1"></a>]]>'
            f"</nextgroup><totalrecord>30</totalrecord><recordset>{records}</recordset></datastore></script>",
        )
        portal.pages["/art/2026/1/9/art_12_900.html"] = report(JYJ, 2025)
        registry(tmp_path, f"a,district,hanweb,万州区,500101,{portal.url('/col/col12/index.html')},,,,1,")
        assert gongkai(tmp_path, "crawl").returncode == 1
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        assert db.execute("SELECT verdict, reason FROM crawl_site").fetchone() == ("short", "list_incomplete")
        assert db.execute("SELECT complete FROM listing").fetchone() == (0,)


def test_pages_whose_ending_the_list_does_not_say(tmp_path: Path) -> None:
    """The list's address ends with a slash, its articles with .html, and its second page with .shtml."""
    with serving(Portal()) as portal:
        for year in (2024, 2025):
            portal.pages[f"/nb/{year + 1}01/t{year + 1}0120_15{year}.html"] = report(JYJ, year)
        first = row("./202601/t20260120_152025.html", title(2025))
        second = row("./202501/t20250120_152024.html", title(2024))
        portal.pages["/nb/"] = column("政府信息公开年报", first, script="var countPage = 2;")
        portal.pages["/nb/index_2.shtml"] = column("政府信息公开年报", second, script="var countPage = 2;")
        registry(tmp_path, f"a,district,auto,万州区,500101,{portal.url('/nb/')},,2024,,1,")
        ran = gongkai(tmp_path, "crawl")
        assert ran.returncode == 0, ran.stdout
