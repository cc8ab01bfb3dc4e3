"""Titles in every shape they were seen in, and titles of other documents."""

from __future__ import annotations

import pytest

from archive.report.document import Document, Paragraph
from archive.report.title import announcement, find_titles, other_document, parse_title


@pytest.mark.parametrize(
    ("text", "agency", "year"),
    [
        ("重庆市巴南区人民政府办公室2025年政府信息公开工作年度报告", "重庆市巴南区人民政府办公室", 2025),
        ("2022年上海市政府信息公开工作年度报告", "上海市", 2022),
        ("2025年黄浦区财政局政府信息公开工作年度报告", "黄浦区财政局", 2025),
        ("重庆市南岸区2023年政府信息公开工作年度报告", "重庆市南岸区", 2023),
        ("2025年度政府信息公开工作年度报告", "", 2025),
        ("重庆市开州区金峰镇人民政府 2025年政府信息公开工作年度报告", "重庆市开州区金峰镇人民政府", 2025),
        ("重庆市铜梁区\n2023年政府信息公开工作年度报告", "重庆市铜梁区", 2023),
        ("奉节县公平镇人民政府2024年政府\n信息公开工作年度报告", "奉节县公平镇人民政府", 2024),
        ("武威市人民政府关于报送武威市2020年度政府信息公开工作年度报告的函", "武威市", 2020),
        ("巫溪县文峰镇人民政府关于2022年政府信息公开工作年度报告", "巫溪县文峰镇人民政府", 2022),
        ("重庆市长寿区2018年政府信息公开年度工作报告", "重庆市长寿区", 2018),
        ("重庆市合川区二郎镇2019年政府信息公开工作报告", "重庆市合川区二郎镇", 2019),
        ("2018年度政府信息公开工作情况报告", "", 2018),
        ("北碚区2018政府信息公开工作年度报告", "北碚区", 2018),
        ("2025湖口县大垅乡2025年度政府信息公开工作年度报告", "湖口县大垅乡", 2025),
        ("重庆市南川区水利局2025年政府信息公开工作年度报告（图片版）", "重庆市南川区水利局", 2025),
        ("重庆市南川区水利局2025年政府信息公开年报.pdf", "重庆市南川区水利局", 2025),
        ("重庆市巴南区2025年政府信息公开工作年度报告_重庆市巴南区人民政府", "重庆市巴南区", 2025),
        ("《慈云镇2024年度政府信息公开年度报告》", "慈云镇", 2024),
        ("重庆市二〇一〇年政府信息公开工作年度报告", "重庆市", 2010),
        ("关于观胜镇人民政府信息公开工作年度", "观胜镇人民政府", None),
        ("重庆市铜梁区２０２３年政府信息公开工作年度报告", "重庆市铜梁区", 2023),
    ],
)
def test_titles(text: str, agency: str, year: int | None) -> None:
    title = parse_title(text)
    assert title is not None
    assert (title.agency, title.year) == (agency, year)
    assert not any(c.isspace() for c in title.text)


@pytest.mark.parametrize(
    "text",
    [
        "重庆市人民政府办公厅关于做好2025年政府信息公开工作年度报告编制工作的通知",
        "2025年政府信息公开工作年度报告编制工作的通知",
        "一图读懂2024年政府信息公开工作年度报告",
        "《重庆市2024年政府信息公开工作年度报告》解读",
        "重庆市巴南区2025年法治政府建设年度报告",
        "政府网站工作年度报表（2024年度）",
        "政府信息公开指南(2024年版)",
        "本报告由重庆市南岸区人民政府办公室编制",
        "政务公开",
        "",
    ],
)
def test_no_titles(text: str) -> None:
    assert parse_title(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("关于做好2025年政府信息公开工作年度报告编制工作的通知", "notice"),
        ("政府信息公开指南(2024年版)", "guide"),
        ("重庆市2024年政府信息公开工作年度报告图解", "interpretation"),
        ("重庆市巴南区2025年法治政府建设年度报告", "other_report"),
        ("2017年政府信息公开情况统计表", "statistics_only"),
        ("重庆市南岸区2023年政府信息公开工作年度报告", None),
    ],
)
def test_other_documents(text: str, reason: str | None) -> None:
    assert other_document(text) == reason


def lines(*texts: str) -> Document:
    return Document("text", blocks=[Paragraph(text) for text in texts])


def test_a_title_broken_over_lines_is_joined() -> None:
    document = lines(
        "重庆市沙坪坝区人民政府小龙坎街道", "办事处2023年政府信息公开工作年度报告", "根据条例，编制本报告。"
    )
    found = find_titles(document)
    assert found.best is not None
    assert found.best.agency == "重庆市沙坪坝区人民政府小龙坎街道办事处"


def test_lines_before_a_title_do_not_get_into_it() -> None:
    document = lines("政务公开", "年报", "重庆市南岸区", "2023年政府信息公开工作年度报告")
    found = find_titles(document)
    assert found.best is not None
    assert found.best.text == "重庆市南岸区2023年政府信息公开工作年度报告"


def test_the_title_that_says_most_counts() -> None:
    document = lines("2021年度政府信息公开工作年度报告", "正文。")
    document.titles = ["重庆市梁平区荫平镇人民政府2021年度政府信息公开工作年度报告"]
    found = find_titles(document)
    assert found.best is not None
    assert found.best.agency == "重庆市梁平区荫平镇人民政府"
    assert [title.text for _, title in found.others] == ["2021年度政府信息公开工作年度报告"]


def test_the_link_counts_last() -> None:
    found = find_titles(lines("我镇高度重视。"), "重庆市垫江县大石乡人民政府2025年政府信息公开工作年度报告")
    assert (found.source, found.best and found.best.year) == ("link", 2025)


def test_titles_of_other_reports_in_a_side_list_are_not_this_ones() -> None:
    document = lines("根据条例，编制本报告。")
    document.furniture = [
        "重庆市甲区2022年政府信息公开工作年度报告",
        "重庆市甲区2021年政府信息公开工作年度报告",
    ]
    assert find_titles(document).best is None


def test_a_chapter_headed_like_a_report_is_no_title() -> None:
    guide = Document(
        "html", blocks=[Paragraph("四、政府信息公开工作年度报告")], titles=["金峰镇政府信息公开指南"]
    )
    assert find_titles(guide)[0] is None
    assert find_titles(guide).other_document == "guide"


def test_only_title_positions_name_another_document() -> None:
    said = "(一)主动公开情况。全年发布政策解读25篇。"
    assert find_titles(Document("html", blocks=[Paragraph("全年发布政策解读25篇")])).other_document is None
    first, second = [Paragraph("一、总体情况"), Paragraph(said)], [Paragraph(said)]
    for blocks in (first, second):
        assert find_titles(Document("html", blocks=[*blocks])).other_document is None
    assert find_titles(Document("html", blocks=[Paragraph("金峰镇公开制度")])).other_document == "regulation"


@pytest.mark.parametrize(
    ("title", "news"),
    [
        ("我区发布2025年政府信息公开工作年度报告", True),
        ("重庆市开州区2025年政府信息公开工作年度报告出炉", True),
        ("关于发布2025年政府信息公开工作年度报告的报告", False),
        ("重庆市开州区2025年政府信息公开工作年度报告", False),
        ("开州区人民政府关于公布2025年政府信息公开工作年度报告", False),
    ],
)
def test_news_tell_that_a_report_was_published(title: str, news: bool) -> None:
    assert announcement(title) is news
