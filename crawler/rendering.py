"""Lists that only a script builds, through scrapy-playwright and Chromium: settings, what the browser may ask, its pages.

The browser is a guest like the crawl: only hosts of the registry (by its own name resolution too, so that no redirect
leads elsewhere), only documents, scripts and data; everything else is cut off and counted. It starts when the first page
needs it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, Page, Response
from playwright.async_api import Error as PlaywrightError
from scrapy import Request
from scrapy_playwright.page import PageMethod
from scrapy_playwright.provider import PlaywrightBrowserProvider

from archive.store import clock
from crawler.browser import find_chromium, launch_arguments
from crawler.session import Fetched
from crawler.sites import Registry
from crawler.sites.hosts import host_of

ASKED_FOR = frozenset({"document", "script", "xhr", "fetch"})
"""What of a page is asked for; pictures, fonts, styles, media and sockets are not needed to know its links."""
SETTLE_SECONDS = 5.0
PAGE_SECONDS = 90.0
"""How long one list may keep the browser, all its pages included."""
POLL_SECONDS = 0.1
_NEXT = "xpath=//*[self::a or self::button or self::li or self::span][normalize-space(.)='下一页' or normalize-space(.)='下页' or normalize-space(.)='后一页' or normalize-space(.)='>']"
_LINKS = "() => Array.from(document.querySelectorAll('a')).map(a => a.href + a.textContent).join('\\n')"


class LazyProvider(PlaywrightBrowserProvider):  # type: ignore[misc]  # it has no types
    """Starts Playwright's driver with the first page that needs it: most runs need none."""

    async def start(self) -> None:
        """Nothing yet."""

    async def launch_browser(self) -> Browser:
        """The driver, then the browser."""
        if self.playwright is None:
            await super().start()
        browser: Browser = await super().launch_browser()
        return browser


@dataclass(frozen=True)
class Guard:
    """Whether a request of the browser is cut off (scrapy-playwright counts them as ``playwright/request_count/aborted``)."""

    registry: Registry

    def __call__(self, request: Any) -> bool:
        """True for what is not needed, and for hosts of nobody in the registry."""
        return (
            request.resource_type not in ASKED_FOR or host_of(request.url) not in self.registry.installations
        )


def settings_for(registry: Registry) -> Mapping[str, Any]:
    """The Scrapy settings that install the browser. Empty if there is none: then such lists are told as ``no_browser``."""
    chromium = find_chromium()
    if chromium is None:
        return {}
    handler = "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"
    names = ",".join(f"EXCLUDE {name}" for name in sorted({name for name, _ in registry.installations}))
    return {
        "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
        "PLAYWRIGHT_BROWSER_PROVIDER": LazyProvider,
        "PLAYWRIGHT_LAUNCH_OPTIONS": {
            "executable_path": chromium,
            "args": [*launch_arguments(), f"--host-resolver-rules=MAP * ~NOTFOUND,{names}"],
        },
        "PLAYWRIGHT_ABORT_REQUEST": Guard(registry),
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 1,
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": 30_000,
        "PLAYWRIGHT_CONTEXTS": {},
    }


@dataclass
class Rendering:
    """One list in the browser: the document as it was served, and each of its pages as the script built it."""

    limit: int
    delay: float
    served: Fetched | None = None
    pages: list[str] = field(default_factory=list)
    finished: bool = False
    """Whether the last page was reached: nothing called 下一页 can be pressed any more."""

    def meta(self) -> dict[str, Any]:
        """What a request needs to be rendered."""
        return {
            "playwright": True, "playwright_page_methods": [PageMethod(self._walk)],
            "playwright_page_event_handlers": {"response": self._hear}, "dont_retry": True, "rendering": self,
        }  # fmt: skip

    async def _hear(self, response: Response) -> None:
        if self.served is not None or not response.request.is_navigation_request() or not response.ok:
            return
        try:
            body, headers = await response.body(), await response.headers_array()
        except PlaywrightError:
            return
        # The browser has decoded the body already: what says otherwise does not belong to these bytes.
        pairs = [(h["name"], h["value"]) for h in headers if h["name"].lower() not in _TRANSFER]
        self.served = Fetched(response.url, response.url, response.status, clock.now(), body, pairs)

    async def _walk(self, page: Page) -> None:
        """Wait for the script, take what it built, press 下一页, and again until the end or the limit."""
        until = time.monotonic() + PAGE_SECONDS
        await _settled(page)
        self.pages.append(await page.content())
        while len(self.pages) < self.limit and time.monotonic() < until:
            button = await _next_button(page)
            if button is None:
                self.finished = True
                return
            before = await page.evaluate(_LINKS)
            await asyncio.sleep(self.delay)
            try:
                await button.click(timeout=SETTLE_SECONDS * 1000)
            except PlaywrightError:
                return
            if not await _changed(page, before):
                return
            await _settled(page)
            self.pages.append(await page.content())


_TRANSFER = frozenset({"content-encoding", "transfer-encoding", "content-length"})


async def _settled(page: Page) -> None:
    """Until nothing is being loaded and the links have stayed the same for a moment."""
    # A page that keeps asking (for the time, for messages) never comes to rest; its links do.
    with suppress(PlaywrightError):
        await page.wait_for_load_state("networkidle", timeout=SETTLE_SECONDS * 1000)
    before = await page.evaluate(_LINKS)
    for _ in range(int(SETTLE_SECONDS / POLL_SECONDS / 3)):
        await asyncio.sleep(POLL_SECONDS * 3)
        now = await page.evaluate(_LINKS)
        if now == before:
            return
        before = now


async def _changed(page: Page, before: str) -> bool:
    for _ in range(int(SETTLE_SECONDS / POLL_SECONDS)):
        if await page.evaluate(_LINKS) != before:
            return True
        await asyncio.sleep(POLL_SECONDS)
    return False


async def _next_button(page: Page) -> Any:
    """What is called 下一页, if it can be seen and pressed."""
    for button in await page.locator(_NEXT).all():
        marked = f"{await button.get_attribute('class')} {await button.get_attribute('aria-disabled')}"
        if (
            await button.is_visible()
            and await button.is_enabled()
            and "disabled" not in marked
            and "true" not in marked
        ):
            return button
    return None


def rendering_of(request: Request) -> Rendering | None:
    """The rendering that a request was made for."""
    found = request.meta.get("rendering")
    return found if isinstance(found, Rendering) else None
