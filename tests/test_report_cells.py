"""One printed cell: value, kind, unit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.report.cells import parse_cell, to_wan_yuan
from archive.report.labels import Matcher, bare, key, soft_key


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0), ("12", 12), (" 12 \n", 12), ("１２", 12), ("1,234", 1234), ("1，234，567", 1234567),
        ("12.50", 12.5), ("1,234.5", 1234.5), ("1 234", 1234), ("1 3", 13), ("12 34", 1234), ("1\u00a0234\u00a0567", 1234567), ("\u200b7", 7), ("007", 7),
    ],
)  # fmt: skip
def test_plain_numbers(text: str, value: float) -> None:
    read = parse_cell(text)
    assert (read.value, read.kind, read.unit) == (value, None, None)
    assert isinstance(read.value, int) == ("." not in text)


@pytest.mark.parametrize(
    ("text", "value", "kind", "unit"),
    [
        ("22（其中修订16件）", 22, "annotated", None),
        ("55(含自然失效29件)", 55, "annotated", None),
        ("+12（其中本级3件）", 12, "annotated", None),
        ("5①", 5, "annotated", None),
        ("3²", 3, "annotated", None),
        ("+3", 3, "signed", None),
        ("-3", -3, "signed", None),
        ("－３", -3, "signed", None),
        ("增3", 3, "signed", None),
        ("减少12", -12, "signed", None),
        ("5件", 5, "unit", "件"),
        ("189万元", 189, "unit", "万元"),
        ("103.3879 万元", 103.3879, "unit", "万元"),
    ],
)
def test_values_that_are_printed_with_something_else(
    text: str, value: float, kind: str, unit: str | None
) -> None:
    read = parse_cell(text)
    assert (read.value, read.kind, read.unit) == (value, kind, unit)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "blank"), (" \u3000\u00a0\n", "blank"), ("\ufeff", "blank"),
        ("/", "dash"), ("-", "dash"), ("—", "dash"), ("－", "dash"), ("——", "dash"),
        ("无", "none_word"), ("不适用", "none_word"),
        ("见附件", "text"), ("约二十", "text"), ("零", "text"),
        ("12\n34", "unreadable"), ("1.234.567", "unreadable"), ("1,23", "unreadable"),
        ("12,34", "unreadable"), ("--253", "unreadable"), ("①", "unreadable"), ("½", "unreadable"), ("1/2", "unreadable"),
        ("3-5", "unreadable"), ("10%", "unreadable"), ("9" * 30, "unreadable"),
        ("0 123", "unreadable"), ("0,123", "unreadable"), ("00 000", "unreadable"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_null_with_its_kind(text: str, kind: str) -> None:
    read = parse_cell(text)
    assert (read.value, read.kind) == (None, kind)


@given(st.text(max_size=12))
def test_any_text_has_a_kind_and_never_raises(text: str) -> None:
    read = parse_cell(text)
    assert read.kind is not None or read.value is not None


@given(st.integers(0, 10**13), st.sampled_from(["{}", "{:,}", " {} ", "\n{}\u3000"]))
def test_every_integer_is_read_as_printed(number: int, shape: str) -> None:
    assert parse_cell(shape.format(number)).value == number


@given(st.lists(st.sampled_from("0123456789.,，- \n件"), max_size=8).map("".join))
def test_a_value_never_has_digits_that_are_not_printed_in_this_order(text: str) -> None:
    read = parse_cell(text)
    if read.value is not None:
        digits = "".join(ch for ch in text if ch.isdigit())
        assert "".join(ch for ch in format(read.value, "f" if isinstance(read.value, float) else "d") if ch.isdigit()).strip("0") == digits.strip("0")  # fmt: skip


@pytest.mark.parametrize(
    ("value", "unit", "wan"),
    [
        (1531038, "元", 153.1038),
        (10000, "元", 1),
        (0.1, "亿元", 1000),
        (3, "千元", 0.3),
        (7.25, "万元", 7.25),
        (3, "件", None),
    ],
)
def test_money_is_converted_exactly(value: float, unit: str, wan: float | None) -> None:
    assert to_wan_yuan(value, unit) == wan


def test_keys_bring_different_prints_of_one_label_together() -> None:
    official = "（二）部分公开（区分处理的，只计这一情形，不计其他情形）"
    printed = "(二) 部分\n公开(区分处理的,只计这一情形,不计其它情形)"
    assert soft_key(official) == soft_key(printed)
    assert soft_key("⾏政⻓官") == "行政长官"
    assert key("3.危及“三安全一稳定”") == key('3.危及"三安全一稳定"') == "3.危及三安全一稳定"
    assert (
        bare("1、属于国家秘密")
        == bare("1．属于国家秘密")
        == bare("（1）属于国家秘密")
        == bare("属于国家秘密")
    )
    assert bare("一、") == "一"


def test_misspellings_match_only_where_one_label_is_near() -> None:
    matcher = Matcher()
    for code, label in (("secret", "属于国家秘密"), ("repeat", "重复申请"), ("granted", "予以公开")):
        matcher.add(code, label)
    matcher.stranger("属于工作秘密")
    matcher.stranger("不予公开")
    found = matcher.find("1.属于国家秘蜜")
    assert found is not None
    assert (found.code, found.quality) == ("secret", "misspelt")
    for stranger in ("属于工作秘密", "属于工作秘蜜", "不予公开", "重大申诉", "公开", "属于某某秘密"):
        assert matcher.find(stranger) is None, stranger


@pytest.mark.parametrize("text", ["\u0336", "\u033612", "1\u0336\u0336", "\u0336\u0336"])
def test_a_stroke_without_its_character_ends_the_reading_of_nothing(text: str) -> None:
    assert parse_cell(text).kind in ("unreadable", "annotated")
