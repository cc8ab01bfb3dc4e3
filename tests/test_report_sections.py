"""The six sections by wording and order; what only looks like a heading is none."""

from __future__ import annotations

import time

import pytest

from archive.report.document import Document, Paragraph, Table, TableCell
from archive.report.headings import statutory_heading
from archive.report.sections import read_sections

SIX = (
    "一、总体情况", "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况", "五、存在的主要问题及改进情况", "六、其他需要报告的事项",
)  # fmt: skip


def numbers(*lines: str, consumed: set[int] | None = None) -> list[int | None]:
    document = Document("text", blocks=[Paragraph(line) for line in lines])
    return [section.number for section in read_sections(document, consumed or set())[0]]


@pytest.mark.parametrize(
    ("line", "number"),
    [
        *((line, i) for i, line in enumerate(SIX, start=1)),
        ("一 、总体情况", 1),
        ("一、 政府信息公开工作总体情况", 1),
        ("1、 总体情况", 1),
        ("总体情况", 1),
        ("l六、其他需要报告的事项", 6),
        ("⼀、总体情况", 1),
        ("五、存在问题及改进情况", 5),
        ("五、政府信息公开工作存在的主要问题及改进情况", 5),
        ("五、当前存在的主要问题及下步改进措施", 5),
        ("五、存在的主要问题及整改措施", 5),
        ("四、因政府信息公开工作被申请行政复议、提起行政诉讼情况", 4),
        ("四、政府信息公开行政复议和行政诉讼情况", 4),
        ("六、其他需要报告事项", 6),
        ("六、其它需要报告的事项。", 6),
        ("一、主动公开政府信息情况", 2),
    ],
)
def test_headings(line: str, number: int) -> None:
    heading = statutory_heading(line)
    assert heading is not None
    assert heading.number == number


@pytest.mark.parametrize(
    "line",
    [
        "一、本年新收政府信息公开申请数量", "四、结转下年度继续办理", "三、本年度办理结果", "（一）主动公开情况", "(二)行政机关主动公开政府信息情况",
        "主动公开情况", "1.主动公开情况良好，发布信息多条", "全文包括总体情况、主动公开政府信息情况、其他需要报告的事项等。",
        "一、总体情况 二、主动公开政府信息情况 三、收到和处理政府信息公开申请情况", "三、未收到政府信息公开申请。", "", "一、",
    ],
)  # fmt: skip
def test_no_headings(line: str) -> None:
    assert statutory_heading(line) is None


def test_the_preamble_is_a_section_without_a_number() -> None:
    document = Document("text", blocks=[Paragraph(t) for t in ("根据条例，编制本报告。", *SIX)])
    sections, _ = read_sections(document, set())
    assert (sections[0].number, sections[0].heading, sections[0].text) == (None, "", "根据条例，编制本报告。")
    assert [section.number for section in sections[1:]] == [1, 2, 3, 4, 5, 6]


def test_the_title_is_no_preamble() -> None:
    assert numbers("重庆市铜梁区", "2023年政府信息公开工作年度报告", *SIX) == [1, 2, 3, 4, 5, 6]


def test_a_heading_run_into_its_sentence() -> None:
    document = Document(
        "text", blocks=[Paragraph("一、总体情况。2025年，全镇发布信息多条。"), *map(Paragraph, SIX[1:])]
    )
    sections, _ = read_sections(document, set())
    assert (sections[0].number, sections[0].heading, sections[0].text) == (
        1,
        "总体情况",
        "2025年，全镇发布信息多条。",
    )


def test_a_table_of_contents_is_not_taken_for_the_sections() -> None:
    document = Document(
        "text", blocks=[Paragraph(t) for t in (*SIX, "正文前言。", *(x for s in SIX for x in (s, "内容")))]
    )
    sections, _ = read_sections(document, set())
    assert [section.text for section in sections if section.number] == ["内容"] * 6


def test_shifted_numerals_do_not_matter() -> None:
    lines = [
        "总体情况",
        "一、主动公开政府信息情况",
        "二、收到和处理政府信息公开申请情况",
        "三、政府信息公开行政复议、行政诉讼情况",
    ]
    assert numbers(*lines) == [1, 2, 3, 4]


def test_a_heading_broken_over_two_lines() -> None:
    assert numbers("一、总体情况", "四、政府信息公开行政复议、行政", "诉讼情况", "内容") == [1, 4]


def test_headings_that_a_table_took_still_count_but_its_cells_are_no_text() -> None:
    document = Document(
        "text", blocks=[Paragraph(t) for t in (*SIX[:3], "一、本年新收政府信息公开申请数量", "0", *SIX[3:])]
    )
    sections, _ = read_sections(document, {1, 2, 3, 4})
    assert [(section.number, section.text) for section in sections] == [(n, "") for n in range(1, 7)]


def test_a_heading_in_the_first_row_of_a_table() -> None:
    grid: list[list[TableCell | None]] = [[TableCell(SIX[1], 0, 0)], [TableCell("信息内容", 1, 0)]]
    document = Document("html", blocks=[Paragraph(SIX[0]), Table(grid), Paragraph(SIX[2])])
    sections, _ = read_sections(document, {1})
    assert [section.number for section in sections] == [1, 2, 3]


def test_a_table_of_no_form_is_text() -> None:
    grid: list[list[TableCell | None]] = [[TableCell("渠道", 0, 0), TableCell("条数", 0, 1)]]
    document = Document("html", blocks=[Paragraph(SIX[0]), Table(grid)])
    sections, _ = read_sections(document, set())
    assert sections[0].text == "渠道\t条数"


def test_older_reports_keep_their_own_headings() -> None:
    document = Document(
        "text",
        blocks=[
            Paragraph(t)
            for t in ("一、工作开展情况", "甲。", "二、主要做法和经验", "乙。", "三、下一步打算", "丙。")
        ],
    )
    sections, _ = read_sections(document, set())
    assert [(s.number, s.heading, s.text) for s in sections] == [
        (1, "工作开展情况", "甲。"), (2, "主要做法和经验", "乙。"), (3, "下一步打算", "丙。"),
    ]  # fmt: skip


def test_lines_that_look_like_headings_by_the_thousand_take_no_time() -> None:
    document = Document("text", blocks=[Paragraph(SIX[n % 6]) for n in range(12_000)])
    started = time.monotonic()
    sections, _ = read_sections(document, set())
    assert [section.number for section in sections if section.number] == [1, 2, 3, 4, 5, 6]
    assert time.monotonic() - started < 1.5
