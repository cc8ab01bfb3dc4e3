"""Middlewares, one by one: what they let through, what they refuse, and why."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from crawler.allowance import Allowance, AllowanceError
from crawler.middlewares.hosts import HostsMiddleware
from crawler.middlewares.patience import PatienceMiddleware, retry_after
from crawler.middlewares.robots import RobotsMiddleware, rule_of
from crawler.middlewares.slots import SlotsMiddleware, download_slots
from crawler.sites import load
from crawler.spiders.district import DistrictSpider
from crawler.trouble import Refused, by_status
from tests.crawl_portal import registry

ROWS = (
    "banan,district,trs,巴南区,500113,http://www.cqbn.gov.cn/zwgk_252/zfxxgknb/,installation=cq,,,1,",
    "local,district,trs,本机,500113,http://127.0.0.1:8099/nb/,installation=cq-local,,,1,",
    "off,district,trs,停用,500113,http://off.gov.cn/nb/,installation=cq,,,0,gone",
)


@pytest.fixture
def crawler(tmp_path: Path) -> Any:
    return made(tmp_path, contact="a@b.cn")


def made(tmp_path: Path, *, contact: str) -> Any:
    settings = {
        "GONGKAI_SITES": str(registry(tmp_path, *ROWS)), "GONGKAI_DELAY": 0.0, "GONGKAI_RUN": False,
        "GONGKAI_CONTACT": contact, "GONGKAI_HOST_REFUSALS": 5, "GONGKAI_RETRY_AFTER_MAX": 10.0,
    }  # fmt: skip
    crawler = get_crawler(DistrictSpider, settings)
    crawler.spider = DistrictSpider.from_crawler(crawler)
    return crawler


# -- hosts


@pytest.mark.parametrize(
    "url", ["http://www.cqbn.gov.cn/x", "https://cqbn.gov.cn/y", "http://127.0.0.1:8099/"]
)
def test_hosts_of_the_registry_are_asked(crawler: Any, url: str) -> None:
    assert HostsMiddleware(crawler).process_request(Request(url)) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://off.gov.cn/nb/", "http://www.cqbn.gov.cn:8080/", "http://evil.com/", "http://x.cqbn.gov.cn/",
        "http://127.0.0.1:8098/", "http://cqbn.gov.cn.evil.com/", "ftp://www.cqbn.gov.cn/", "data:text/plain,x",
    ],
)  # fmt: skip
def test_all_other_hosts_are_not_asked_whatever_the_request_says(crawler: Any, url: str) -> None:
    request = Request(url, dont_filter=True, meta={"allow_offsite": True})
    with pytest.raises(Refused) as refused:
        HostsMiddleware(crawler).process_request(request)
    assert not refused.value.asked


def test_without_a_contact_only_this_machine_is_asked(tmp_path: Path) -> None:
    middleware = HostsMiddleware(made(tmp_path, contact=""))
    assert middleware.process_request(Request("http://127.0.0.1:8099/")) is None
    with pytest.raises(Refused, match="GONGKAI_CONTACT"):
        middleware.process_request(Request("http://www.cqbn.gov.cn/"))


# -- slots


def test_the_slot_is_that_of_the_host_whatever_the_request_carries(crawler: Any) -> None:
    middleware = SlotsMiddleware(crawler)
    for url, slot in (("https://cqbn.gov.cn/robots.txt", "cq"), ("http://127.0.0.1:8099/a", "cq-local")):
        request = Request(url, meta={"download_slot": "wrong"})
        middleware.process_request(request)
        assert request.meta["download_slot"] == slot


@pytest.mark.parametrize(("delay", "real", "local"), [(0.0, 1.0, 0.0), (0.2, 1.0, 0.2), (3.0, 3.0, 3.0)])
def test_no_environment_makes_it_faster_than_one_a_second(
    tmp_path: Path, delay: float, real: float, local: float
) -> None:
    slots = download_slots(load(registry(tmp_path, *ROWS)), delay)
    assert {name: slot["delay"] for name, slot in slots.items()} == {"cq": real, "cq-local": local}
    assert all(slot["jitter"] == 0 and slot["concurrency"] == 4 for slot in slots.values())


# -- patience

URL = "http://www.cqbn.gov.cn/a"


def answer(middleware: PatienceMiddleware, status: int, url: str = URL, **headers: str) -> Request:
    request = Request(url)
    middleware.process_response(request, Response(url, status=status, headers=headers))
    return request


def test_a_host_that_says_we_ask_too_much_is_closed_at_once(crawler: Any) -> None:
    middleware = PatienceMiddleware(crawler)
    answer(middleware, 429)
    with pytest.raises(Refused):
        middleware.process_request(Request(URL))


@pytest.mark.parametrize("status", [403, 412, 500, 503, 521])
def test_five_refusals_in_a_row_close_the_host_and_no_other(crawler: Any, status: int) -> None:
    middleware = PatienceMiddleware(crawler)
    for _ in range(4):
        answer(middleware, status)
    assert middleware.process_request(Request(URL)) is None
    answer(middleware, status)
    with pytest.raises(Refused) as refused:
        middleware.process_request(Request(URL))
    assert (refused.value.reason, refused.value.asked) == ("host_closed", False)
    assert middleware.process_request(Request("http://127.0.0.1:8099/")) is None


def test_what_is_tried_again_at_a_closed_host_failed_of_what_closed_it(crawler: Any) -> None:
    middleware = PatienceMiddleware(crawler)
    for _ in range(5):
        answer(middleware, 503)
    with pytest.raises(Refused) as refused:
        middleware.process_request(Request(URL, meta={"retry_times": 1}))
    assert (refused.value.reason, refused.value.asked) == ("server_error", True)


def test_timeouts_count_like_refusals(crawler: Any) -> None:
    middleware = PatienceMiddleware(crawler)
    for _ in range(5):
        middleware.process_exception(Request(URL), DownloadTimeoutError())
    with pytest.raises(Refused):
        middleware.process_request(Request(URL))


@pytest.mark.parametrize("status", [200, 302, 304, 404])
def test_any_other_answer_shows_that_the_host_is_well(crawler: Any, status: int) -> None:
    middleware = PatienceMiddleware(crawler)
    for _ in range(3):
        for _ in range(4):
            answer(middleware, 403)
        answer(middleware, status)
    assert middleware.process_request(Request(URL)) is None


def test_our_own_refusals_do_not_count(crawler: Any) -> None:
    middleware = PatienceMiddleware(crawler)
    for _ in range(9):
        middleware.process_exception(Request(URL), Refused("robots"))
    assert middleware.process_request(Request(URL)) is None


def test_a_long_retry_after_closes_the_host(crawler: Any) -> None:
    middleware = PatienceMiddleware(crawler)
    crawler.engine = None
    request = answer(middleware, 503, **{"Retry-After": "120"})
    assert request.meta["dont_retry"]
    with pytest.raises(Refused, match="come back in 120 s"):
        middleware.process_request(Request(URL))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"7", 7.0), (b" 120 ", 120.0), (b"Sat, 21 Nov 2026 22:00:30 GMT", 30.0), (b"Sat, 21 Nov 2026 21:00:00 GMT", 0.0),
        (None, None), (b"", None), (b"soon", None), (b"-3", None), (b"\xb2", None), (b"1\xb3", None),
    ],
)  # fmt: skip
def test_retry_after(value: bytes | None, seconds: float | None) -> None:
    assert retry_after(value, datetime(2026, 11, 21, 22, tzinfo=UTC)) == seconds


# -- robots

RULES = b"User-agent: *\nDisallow: /private/\n\nUser-agent: gongkai\nDisallow: /nb/\nAllow: /nb/2024/\n"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_robots_a_4xx_means_that_there_are_no_rules(status: int) -> None:
    assert rule_of(status, RULES)("http://a.gov.cn/nb/x") is None


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_robots_a_5xx_means_not_now(status: int) -> None:
    assert rule_of(status, b"")("http://a.gov.cn/") == "robots_unreachable"


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/nb/x", "robots"), ("/nb/2024/x", None), ("/private/x", None), ("/", None)],
)
def test_robots_our_own_group_of_rules_counts(path: str, reason: str | None) -> None:
    assert rule_of(200, RULES)(f"http://a.gov.cn{path}") == reason


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>home page</body></html>", b"\xff\xfe\x00binary", b"Disallow: /"]
)
def test_robots_what_holds_no_rules_forbids_nothing(body: bytes) -> None:
    assert rule_of(200, body)("http://a.gov.cn/x") is None


@pytest.mark.parametrize(
    "broken",
    [
        Response(URL, status=200, body=b"x"),  # without what the capture leaves
        ValueError("a bug"),
    ],
)
def test_robots_that_crash_us_stop_nobody_from_asking_twice(crawler: Any, broken: Any) -> None:
    """Every request to a host waits for one answer: it must come, whatever happens."""

    async def download_async(request: Request) -> Response:
        await asyncio.sleep(0)
        if isinstance(broken, Exception):
            raise broken
        broken.request = request
        return broken  # type: ignore[no-any-return]

    crawler.engine = SimpleNamespace(download_async=download_async)
    middleware = RobotsMiddleware(crawler)

    async def two() -> list[Any]:
        asking = (middleware.process_request(Request(URL)) for _ in range(2))
        return await asyncio.wait_for(asyncio.gather(*asking, return_exceptions=True), 5)

    assert [getattr(error, "reason", None) for error in asyncio.run(two())] == ["robots_unreachable"] * 2


def test_robots_everything_forbidden() -> None:
    assert rule_of(200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n")("http://a.gov.cn/x") == "robots"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (403, "forbidden"),
        (412, "challenge"),
        (521, "challenge"),
        (429, "rate_limited"),
        (404, "not_found"),
        (503, "server_error"),
        (418, "bad_status"),
    ],
)
def test_failure_classes_of_answers(status: int, reason: str) -> None:
    assert by_status(status) == reason


@pytest.mark.parametrize("cap", ["²", "１００", "1e3"])
def test_a_cap_is_written_in_plain_digits(cap: str) -> None:
    with pytest.raises(AllowanceError):
        Allowance.of("", cap)


def test_the_order_that_is_told_is_the_order_that_is_set() -> None:
    import crawler.middlewares
    from crawler import settings

    told = re.findall(r"^ *(\d+) (\w+) ", crawler.middlewares.__doc__ or "", re.M)
    set_ = {path.split(".")[2]: order for path, order in settings.DOWNLOADER_MIDDLEWARES.items() if order}
    assert {name: int(order) for order, name in told} == set_
