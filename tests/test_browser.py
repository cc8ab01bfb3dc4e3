"""The pages in a real Chromium: a journalist's way, a hostile snapshot, narrow screens, and no need for JavaScript."""

import csv
import io
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from archive.report.model import Finding, Section
from archive.store import Archive
from crawler.browser import find_chromium, launch_arguments
from tests.builders import capture, note, report, store, tables

pytestmark = pytest.mark.browser

STARTING = 60_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium on this machine (name one with GONGKAI_CHROMIUM)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=launch_arguments(), timeout=STARTING)
        yield browser
        browser.close()


class Trap(ThreadingHTTPServer):
    """A server of another origin that remembers whoever asks it for anything."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        trap = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                trap.asked.append(self.path)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    with Trap() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, trap: Trap) -> Iterator[str]:
    """A served archive with a report that has a finding and a hostile page behind it."""
    evil = f"http://127.0.0.1:{trap.server_port}"
    hostile = f"""<html><head><meta http-equiv="refresh" content="0;url={evil}/refresh"><base href="{evil}/">
    <script src="{evil}/script"></script><script>parent.document.title = top.document.title = "taken"</script>
    <link rel="stylesheet" href="{evil}/style"><link rel="dns-prefetch" href="{evil}"><style>@import "{evil}/import";</style>
    </head><body onload="location='{evil}/load'"><p style="background:url({evil}/background)">存档的正文</p>
    <img src="{evil}/image" onerror="fetch('{evil}/error')"><iframe src="{evil}/frame"></iframe>
    <video src="{evil}/video" autoplay></video><object data="{evil}/object"></object>
    <form action="{evil}/form"><button>提交</button></form><a href="{evil}/link" target="_top">点我</a>
    <svg><script href="{evil}/svg"></script><image href="{evil}/svgimage"/><a xlink:href="javascript:top.document.title='taken'">x</a>
    <set attributeName="href" onbegin="top.document.title='taken'"/></svg><math><mtext><style><img src="{evil}/mutation"></style>
    </mtext></math><noscript><p title="</noscript><img src={evil}/noscript onerror=alert(1)>"></noscript>
    <iframe srcdoc="<script>top.document.title='taken'</script>"></iframe><embed src="{evil}/embed">
    <img srcset="{evil}/srcset 1x"><picture><source srcset="{evil}/source"></picture><input type=image src="{evil}/input" autofocus>
    <a href="javascript:top.document.title='taken'">脚本</a><a href="data:text/html,<script>1</script>">数据</a>
    <table background="{evil}/table"><tr><td style="list-style-image:url({evil}/list)" onclick="alert(1)">+ADw-script+AD4-</td></tr></table>
    <link rel="prefetch" href="{evil}/prefetch"><link rel="preconnect" href="{evil}"><audio src="{evil}/audio"></audio></body></html>"""
    path = tmp_path_factory.mktemp("browser") / "archive.db"
    planted = f"""<img src=x onerror="fetch('{evil}/stored')"><script>fetch('{evil}/stored')</script>"""
    with Archive.open(path, create=True) as archive:
        finding = Finding(
            "T3-SUM", "error", "The row adds up to 2, the total says 3.", "本行相加为 2，总计为 3。", left=2, right=3,
            difference=-1, cells=("applications.granted.total",),
        )  # fmt: skip
        worse = Finding(
            "T4-SUM", "warning", planted, planted, left=planted, right="javascript:alert(1)", quote=planted,
            cells=(f'"><b>{planted}', "review_litigation.review.total"),
        )  # fmt: skip
        store(
            archive,
            report(
                findings=[finding, worse], tables=tables(granted=[2, 0, 0, 0, 0, 0, 3]),
                title=f"{planted}</title></textarea>", sections=[Section(1, planted, f"平台{planted}")], text=f"平台{planted}",
                cells=[note("applications", "new_received", "total", planted, "text")],
            ),
            capture(hostile.encode()),
        )  # fmt: skip
        archive.conn.execute(
            "INSERT INTO annotation VALUES ('report', ?, 'reply', ?, 'javascript:alert(1)', '2026-02-01')",
            ["500154:township_government:金峰:organ:2025", planted],
        )
        archive.conn.execute(
            "INSERT INTO report_change SELECT id, doc_key, 1, 2, 'wording', NULL, NULL, NULL, ?, ?, ?, '2026-02-01',"
            " '2026-02-02' FROM report WHERE id = 1",
            [planted] * 3,
        )
        store(
            archive, report(year=2024), capture(b"<p>2024</p>", url="http://127.0.0.1/2.html", doc_key="cq:2")
        )
    command = [sys.executable, "-m", "crawler", "serve", "--archive", str(path), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as served:
        try:
            assert served.stderr is not None
            found = re.search(r"http://[\d.]+:\d+", served.stderr.readline())
            assert found
            yield found[0]
        finally:
            served.send_signal(signal.SIGINT)
            served.wait(60)


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def page(request: pytest.FixtureRequest, chromium: Any) -> Iterator[Any]:
    context = chromium.new_context(java_script_enabled=request.param)
    yield context.new_page()
    context.close()


def test_a_journalist_goes_from_the_home_page_to_the_number_and_its_snapshot(page: Any, base: str) -> None:
    page.goto(base)
    page.click("text=本行相加为 2 >> xpath=preceding-sibling::a")
    page.wait_for_url("**/archive/report/*")
    assert "金峰镇" in page.inner_text("h1")
    page.click("td.marked sup a")
    page.wait_for_url("**#finding-1")
    assert "总计为 3" in page.inner_text("#finding-1")
    page.click("a.button:has-text('存档')")
    assert "存档的正文" in page.frame_locator("iframe.snapshot").locator("body").inner_text()


def test_a_word_of_two_characters_finds_reports_from_the_box(page: Any, base: str) -> None:
    page.goto(base)
    page.fill("input[type=search]", "平台")
    page.click("form.search button")
    page.wait_for_url("**/-/search?**")
    assert page.locator("ol.hits > li").count() == 2


def test_the_year_before_is_one_click_away(page: Any, base: str) -> None:
    page.goto(f"{base}/-/report/500154:township_government:金峰:organ:2025")
    page.click("a[rel=prev]")
    page.wait_for_url("**/archive/report/2")
    assert "2024" in page.inner_text("h1")


def test_a_hostile_snapshot_runs_nothing_asks_nobody_and_leads_nowhere(
    chromium: Any, base: str, trap: Trap
) -> None:
    page = chromium.new_page()
    for address in ("/-/snapshot/1", "/-/snapshot/1/page"):
        page.goto(base + address)
        page.wait_for_timeout(500)
        assert page.url == base + address
        assert page.title() != "taken"
        assert all(frame.url.startswith((base, "about:")) for frame in page.frames)
    page.close()
    assert trap.asked == []


PAGES = (
    "/", "/archive/report/1", "/archive/report/1?cell=applications.granted.total", "/-/snapshot/1", "/-/county/500154",
    "/-/agency/500154:township_government:金峰", "/-/charts", "/-/search?q=平台", "/-/search", "/-/problem?report=x&finding=y",
    "/-/report/500154:township_government:金峰:organ:2025/versions", "/archive", "/archive/report", "/archive/finding",
    "/archive/finding/1", "/archive/section", "/archive/cell_note", "/archive/annotation", "/archive/report_change",
    "/archive/whats_new", "/archive/corrections_log", "/archive/failed_arithmetic?year=", "/archive/not_found_by_county",
    "/archive?sql=select+*+from+finding", "/-/county/none",
)  # fmt: skip
"""One of every kind of page."""


@pytest.mark.parametrize("address", [*PAGES, "/-/new.atom"])
def test_what_a_page_printed_is_never_run_wherever_it_is_shown(
    address: str, chromium: Any, base: str, trap: Trap
) -> None:
    """The policy is taken away first: escaping alone must do."""
    page = chromium.new_page(bypass_csp=True)
    page.on("dialog", lambda dialog: trap.asked.append(dialog.message))
    page.goto(base + address)
    links = "[...document.querySelectorAll('[href], [src], [action]')].map(e => e.getAttribute('href') || e.getAttribute('src') || '')"
    assert [
        link for link in page.evaluate(links) if link.strip().lower().startswith(("javascript:", "data:text"))
    ] == []
    assert page.evaluate("document.querySelectorAll('script, [onerror], img[src=x]').length") == 0
    page.close()
    assert trap.asked == []


def test_a_journalist_finds_out_why_a_number_is_marked_with_the_keyboard(chromium: Any, base: str) -> None:
    """Home, county, square, report, mark, sentence, cell, snapshot, versions: no mouse, and every step in sight."""
    page = chromium.new_page()

    def go(selector: str) -> None:
        link = page.locator(selector).first
        link.focus()
        assert link.evaluate("e => e.matches(':focus-visible') || e === document.activeElement")
        before = page.url
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: address != before)

    page.goto(base)
    go("a:has-text('开州区')")
    go("a.standing.on_time, a.standing.unknown, a.standing.late")
    assert "/archive/report/" in page.url
    page.goto(f"{base}/archive/report/1")
    go("td.marked sup a")
    assert page.url.endswith("#finding-1")
    assert "2" in page.inner_text("#finding-1")
    assert "3" in page.inner_text("#finding-1")
    go("td.marked a.value")
    assert page.inner_text("#cell .big") == "3"
    assert page.locator("#cell").is_visible()
    assert "2024" in page.inner_text("#cell")
    go("#cell a:has-text('在存档中的位置')")
    assert "/-/snapshot/1?cell=" in page.url
    page.goto(f"{base}/archive/report/1")
    go("a:has-text('历次版本')")
    assert "历次版本" in page.inner_text("h1")
    page.close()


def test_a_researcher_takes_the_rows_of_a_facet_as_csv(chromium: Any, base: str) -> None:
    page = chromium.new_page()
    page.goto(f"{base}/archive/report")
    page.click(".facet-results a:has-text('2024')")
    page.wait_for_url("**year=2024**")
    address = page.locator("a.button:has-text('CSV')").first.evaluate("e => e.href")
    rows = list(csv.DictReader(io.StringIO(page.request.get(address).text())))
    assert [row["year"] for row in rows] == ["2024"]
    page.close()


@pytest.mark.parametrize("address", PAGES)
def test_a_narrow_screen_needs_no_sideways_scrolling(address: str, chromium: Any, base: str) -> None:
    page = chromium.new_page(viewport={"width": 360, "height": 740})
    page.goto(base + address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


@pytest.mark.parametrize("address", ["/", "/archive/report/1", "/-/snapshot/1"])
def test_pages_can_be_used_without_a_mouse_or_eyes(address: str, chromium: Any, base: str) -> None:
    page = chromium.new_page()
    page.goto(base + address)
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    unnamed = """[...document.querySelectorAll('a, button, input:not([type=hidden]), iframe')].filter(e =>
        !(e.innerText || e.title || e.getAttribute('aria-label') || (e.labels && e.labels.length))).map(e => e.outerHTML)"""
    assert page.evaluate(unnamed) == []
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.close()


@pytest.mark.parametrize(
    ("address", "width"),
    [*((address, 375) for address in PAGES), *((address, 1280) for address in PAGES[:9])],
)
def test_an_existing_checker_finds_no_barrier(address: str, width: int, chromium: Any, base: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = chromium.new_page(
        bypass_csp=True,
        viewport={"width": width, "height": 800},
        color_scheme="dark" if width == 375 else "light",
    )
    page.goto(base + address)
    found = axe.Axe().run(page).response["violations"]
    page.close()
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
