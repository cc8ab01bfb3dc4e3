"""The pages in a real Chromium: a journalist's way, a hostile snapshot, narrow screens, and no need for JavaScript."""

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from archive.publish.accuracy import marks, sample, sheet
from archive.report.model import Finding
from archive.store import Archive
from crawler.browser import find_chromium, launch_arguments
from tests.builders import capture, report, store, tables
from tests.export_kit import filled

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
    <form action="{evil}/form"><button>提交</button></form><a href="{evil}/link" target="_top">点我</a></body></html>"""
    path = tmp_path_factory.mktemp("browser") / "archive.db"
    with Archive.open(path, create=True) as archive:
        finding = Finding(
            "T3-SUM", "error", "The row adds up to 2, the total says 3.", "本行相加为 2，总计为 3。", left=2, right=3,
            difference=-1, cells=("applications.granted.total",),
        )  # fmt: skip
        store(
            archive,
            report(findings=[finding], tables=tables(granted=[2, 0, 0, 0, 0, 0, 3])),
            capture(hostile.encode()),
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


@pytest.mark.parametrize("address", ["/", "/archive/report/1", "/-/snapshot/1"])
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
    "address",
    ["/", "/archive/report/1?cell=applications.granted.total", "/-/county/500154", "/-/charts", "/-/search?q=平台",
     "/-/agency/500154:township_government:金峰", "/-/snapshot/1"],
)  # fmt: skip
def test_an_existing_checker_finds_no_barrier(address: str, chromium: Any, base: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = chromium.new_page(bypass_csp=True)
    page.goto(base + address)
    found = axe.Axe().run(page).response["violations"]
    page.close()
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []


def test_the_sheet_for_checking_works_without_a_server(chromium: Any, tmp_path: Path) -> None:
    """Marks set by mouse, key and button are saved as the file that is counted, and go on where they were."""
    with filled(tmp_path) as archive:
        sheet.write(archive.conn, tmp_path / "out", sample.draw(archive.conn, 9, "x"), described="test")
    context = chromium.new_context(accept_downloads=True)
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept("-"))
    page.goto((tmp_path / "out" / "index.html").as_uri())
    page.locator(".v").nth(0).click()
    page.locator(".v").nth(1).focus()
    page.keyboard.press("w")
    page.locator(".rest").first.click()
    saved = tmp_path / "marks.csv"
    with page.expect_download() as download:
        page.locator("#save").click()
    download.value.save_as(saved)
    told = marks.read([saved])
    first = [mark for mark in told if mark.report_key == told[0].report_key]
    assert [(mark.mark, mark.correct) for mark in first[:2]] == [("right", None), ("wrong", "")]
    assert {mark.mark for mark in first[2:]} == {"right"}
    assert {mark.mark for mark in told if mark not in first} == {""}
    assert [replace(mark, mark="", correct=None) for mark in told] == marks.read(
        [tmp_path / "out" / "marks.csv"]
    )
    other = chromium.new_page()
    other.goto((tmp_path / "out" / "index.html").as_uri())
    other.locator("#load").set_input_files(saved)
    other.wait_for_function(f"document.querySelectorAll('.v[data-mark=right]').length == {len(first) - 1}")
    assert failures == []
    other.close()
    context.close()
