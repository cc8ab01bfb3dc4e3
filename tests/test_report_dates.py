"""Dates in every print, and dates that lost characters: the only possible reading, or none."""

from __future__ import annotations

import pytest

from archive.report.dates import (
    find_period,
    lone_date,
    meta_date,
    page_date,
    parse_date,
    readings,
    signature_date,
    url_date,
)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-19", "2026-1-19", "2026/01/19", "2026.1.19", "2026年1月19日", "2026 年 1 月 19 日", "２０２６年１月１９日",
        "二〇二六年一月十九日", "二○二六年一月十九日", "二零二六年一月十九日", "发布于2026年01月19日 17:01", "20260119", "2026-01-19 00:00:00",
    ],
)  # fmt: skip
def test_one_day_in_many_prints(text: str) -> None:
    assert parse_date(text) == "2026-01-19"


@pytest.mark.parametrize(
    "text", ["", "2026-13-01", "2026-02-30", "2026119", "01-19", "2026年1月", "共2026011条"]
)
def test_what_is_no_date(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        (["日期:2026-01-29"], "2026-01-29"),
        (["日期: 2025-01-23 14:35"], "2025-01-23"),
        (["发布日期:2026-01-16 17:57:09"], "2026-01-16"),
        (["发布日期：２０２６年０１月１６日"], "2026-01-16"),
        (["来源:朝天门街道办事处 发布时间:2026-01-20 17:01"], "2026-01-20"),
        (["日期:2021-01-22来源:某局"], "2021-01-22"),
        (["发布时间：2026年01月29日 字体：大 中 小"], "2026-01-29"),
        (["[2026-01-29] 来源：某局"], "2026-01-29"),
        (["成文日期：2025-12-30", "发布日期：2026-01-05"], "2026-01-05"),
        (["成文日期\t2025-12-30\t发布日期\t2026-01-05"], "2026-01-05"),
        (["成 文 日 期\t发 布 日 期", "2025-12-30\t2026-01-05"], "2026-01-05"),
        (["成文日期：2025-12-30"], None),
        (["当前时间：2026-11-21", "无障碍"], None),
        (["2026-01-05"], None),
        (["Time: 2026-01-05 09:00:00"], "2026-01-05"),
        (["Update Time：2026-03-05", "Publish Date: 2026-01-05"], "2026-01-05"),
        (["Runtime: 2026-01-05"], None),
        (["办公时间：周一至周五"], None),
    ],
)
def test_the_date_a_page_prints(lines: list[str], day: str | None) -> None:
    assert page_date(lines) == day


@pytest.mark.parametrize(
    ("lines", "others", "fetched", "day"),
    [
        (["2026-01-05"], [], None, "2026-01-05"),
        (["2026-01-05 10:00:00", "正文"], ["2026-01-05", None], "2026-01-06T08:00:00Z", "2026-01-05"),
        (["2026-01-05", "2025-01-05"], [], None, None),
        (["2026年11月21日 20:11:22"], [], "2026-11-20T08:00:00Z", None),
        (["2026年11月21日 20:11:22"], ["2026-01-21"], None, None),
        (["2026-01-21"], [None, "2026-01-19"], "2026-01-21T08:00:00Z", None),
        (["2026-01-21"], ["2026-01-21"], "2026-01-21T08:00:00Z", "2026-01-21"),
        (["2015-01-21"], ["2020-03-27"], "2026-01-21T08:00:00Z", "2015-01-21"),
    ],
)
def test_a_date_without_a_label_may_be_a_clock(
    lines: list[str], others: list[str | None], fetched: str | None, day: str | None
) -> None:
    assert lone_date(lines, others=others, fetched=fetched) == day


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("http://www.cqbn.gov.cn/a/202601/t20260129_15362835_wap.html", "2026-01-29"),
        ("http://www.x.gov.cn/art/2024/1/5/art_1229445040_4107020.html", "2024-01-05"),
        ("http://www.jiangjin.gov.cn/jz/zwgk_81486/zfxxgknb_81503/t_14186932.html", None),
        ("http://www.x.gov.cn/c111239/202301/c01_868731.shtml", None),
        (None, None),
    ],
)
def test_the_date_an_address_carries(url: str | None, day: str | None) -> None:
    assert url_date(url) == day


def test_the_date_in_the_metadata() -> None:
    assert meta_date({"pubdate": "2026-01-29 10:00"}) == "2026-01-29"
    assert meta_date({"pubdate": ""}) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "统计期限自2025年1月1日起至2025年12月31日止。", "数据统计期限自 2025 年 1 月 1 日起，至 2025 年 12 月 31 日止。",
        "数据统计期限为2025年1月1日至12月31日。", "统计时间为2025年1月1日—2025年12月31日", "统计期限自２０２５年１月１日起至２０２５年１２月３１日止",
    ],
)  # fmt: skip
def test_periods(sentence: str) -> None:
    found = find_period(["无关的一句。", sentence])
    assert (found.value, found.garbled) == (("2025-01-01", "2025-12-31"), ())


def test_a_period_that_lost_its_characters_has_one_reading() -> None:
    found = find_period(["本报告数据统计期限自202011日至20201231日止。"])
    assert found.value == ("2020-01-01", "2020-12-31")
    assert [(g.printed, g.taken) for g in found.garbled] == [
        ("202011", "2020-01-01"),
        ("20201231", "2020-12-31"),
    ]


def test_a_period_with_two_readings_is_none() -> None:
    found = find_period(["数据统计期限自2020111日至20201231日止。"])
    assert found.value is None
    assert found.garbled


def test_a_stretch_of_time_in_the_text_is_no_period() -> None:
    assert find_period(["会议于2025年3月1日至2025年3月5日召开。"]).value is None


def test_readings_of_a_run_of_digits() -> None:
    assert readings("2026119") == ["2026-01-19", "2026-11-09"]
    assert readings("202611") == ["2026-01-01"]
    assert readings("20261231") == ["2026-12-31"]
    assert readings("2026") == []


@pytest.mark.parametrize(
    ("printed", "published", "day", "told"),
    [
        ("2026年1月19日", "2026-01-20", "2026-01-19", False),
        ("二〇二六年一月十九日", None, "2026-01-19", False),
        ("2026119", "2026-01-20", "2026-01-19", True),
        ("2026119", None, None, True),
        ("2026119", "2026-12-01", "2026-11-09", True),
        ("2026119", "2025-01-01", None, True),
        ("202611", None, "2026-01-01", True),
        ("20260119", "2026-01-20", "2026-01-19", False),
    ],
)
def test_signatures(printed: str, published: str | None, day: str | None, told: bool) -> None:
    found, garbled = signature_date(printed, published)
    assert (found, garbled is not None) == (day, told)
    assert garbled is None or garbled.taken == day
