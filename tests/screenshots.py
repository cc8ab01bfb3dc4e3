"""``python -m tests.screenshots``: the pictures in docs/images, of an archive that ``gongkai demo`` makes."""

import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from crawler.browser import find_chromium, launch_arguments

IMAGES = Path(__file__).parent.parent / "docs" / "images"
GONGKAI = [sys.executable, "-m", "crawler"]
WIDTH, HEIGHT = 1280, 900
PHONE = (375, 780)


def main() -> None:
    """Crawl the replica, serve what was found, and take the pictures of the main pages, wide and on a phone."""
    with tempfile.TemporaryDirectory() as folder:
        archive = str(Path(folder) / "demo.db")
        subprocess.run([*GONGKAI, "demo", "--archive", archive], stdout=subprocess.DEVNULL, check=False)
        command = [*GONGKAI, "serve", "--archive", archive, "--port", "0"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as served:
            try:
                assert served.stderr is not None
                found = re.search(r"http://[\d.]+:\d+/", served.stderr.readline())
                assert found, "gongkai serve did not say where it listens"
                take(found[0])
            finally:
                served.send_signal(signal.SIGINT)


def take(base: str) -> None:
    """Open the pages in Chromium and save what a visitor sees first."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=launch_arguments())
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(f"{base}archive/finding?rule__startswith=T3&severity=error&_sort_desc=id")
        report = page.locator("td.col-report_id a").first.get_attribute("href")
        page.goto(f"{base.rstrip('/')}{report}")
        cell = page.locator("td.marked a.value").first.get_attribute("href")
        county = page.locator(".crumbs a[href*='/-/county/']").first.get_attribute("href")
        agency = page.locator(".crumbs a[href*='/-/agency/']").first.get_attribute("href")
        pages = {
            "home": "/", "report": cell, "county": county, "agency": agency, "charts": "/-/charts#outcomes_by_year",
            "search": "/-/search?q=行政复议",
        }  # fmt: skip
        for name, address in pages.items():
            page.goto(f"{base.rstrip('/')}{address}")
            page.screenshot(path=IMAGES / f"{name}.png")
        phone = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]}, device_scale_factor=2)
        for name in ("home", "county", "report"):
            phone.goto(f"{base.rstrip('/')}{pages[name]}")
            phone.screenshot(path=IMAGES / f"{name}-phone.png")
        browser.close()


if __name__ == "__main__":
    main()
