"""Two reports on one page: the one that the page is about is read, the other is told."""

from __future__ import annotations

from archive.reference.forms import form
from archive.report.document import Block, Document, Paragraph
from archive.report.model import Context, Report
from archive.report.read import read, understand
from tests.tables_kit import numbered, official

TITLE = "重庆市开州区金峰镇人民政府{}年政府信息公开工作年度报告"


def blocks_of(year: int, start: int) -> list[Block]:
    own = official("gb2021", {name: numbered(table, start) for name, table in form("gb2021").tables.items()})
    period = f"所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。"
    return [Paragraph(TITLE.format(year)), Paragraph(period), *own.blocks]


def understood(*years: int, titles: list[str] | None = None, link: str | None = None) -> Report:
    blocks = [block for i, year in enumerate(years) for block in blocks_of(year, 1000 * i)]
    return understand(Document("html", blocks=blocks, titles=titles or []), Context(title=link))


def first_value(report: Report) -> object:
    return report.tables["applications"]["new_received"]["natural_person"]


def test_the_first_report_counts_where_nothing_names_another() -> None:
    report = understood(2024, 2023)
    assert (report.year, first_value(report), len(report.sections)) == (2024, 0, 7)
    (told,) = [found for found in report.findings if found.rule == "REPORT-BESIDE"]
    assert told.right == TITLE.format(2023)
    assert len(report.grids) == 6


def test_the_report_that_the_page_s_titles_name_counts() -> None:
    for report in (
        understood(2023, 2024, titles=[TITLE.format(2024)]),
        understood(2023, 2024, link=TITLE.format(2024)),
    ):
        assert (report.year, first_value(report), report.period) == (2024, 1000, ("2024-01-01", "2024-12-31"))
        assert not any(found.rule == "TABLE-TWICE" for found in report.findings)


def test_the_first_report_may_bear_its_title_outside_of_the_body() -> None:
    sentence = Paragraph("本单位认真落实公开要求，健全工作机制，及时更新各个栏目的内容。")
    blocks = [*blocks_of(2024, 0)[1:3], sentence, sentence, *blocks_of(2024, 0)[3:], *blocks_of(2023, 500)]
    report = understand(Document("html", blocks=blocks, titles=[TITLE.format(2024)]), Context())
    assert (report.year, first_value(report), len(report.sections)) == (2024, 0, 7)
    assert any(found.rule == "REPORT-BESIDE" for found in report.findings)


def test_a_list_of_contents_above_the_title_is_no_report() -> None:
    contents = [Paragraph(line) for line in ("一、总体情况", "二、主动公开政府信息情况")]
    document = Document("html", blocks=[*contents, *blocks_of(2023, 0)])
    assert first_value(understand(document, Context())) == 0


def test_a_title_printed_twice_is_one_report() -> None:
    blocks = [Paragraph(TITLE.format(2022)), Paragraph("重庆市开州区金峰镇人民政府"), *blocks_of(2023, 0)]
    report = understand(Document("html", blocks=blocks), Context())
    assert not any(found.rule == "REPORT-BESIDE" for found in report.findings)
    assert first_value(report) == 0


def test_a_link_to_another_report_below_ends_nothing() -> None:
    blocks = [*blocks_of(2023, 0), Paragraph(TITLE.format(2022)), Paragraph("（一）其他。")]
    assert first_value(understand(Document("html", blocks=blocks), Context())) == 0


def test_two_bodies_of_one_year() -> None:
    other = "重庆市开州区巫山镇人民政府2024年政府信息公开工作年度报告"
    blocks = [*blocks_of(2024, 0), Paragraph(other), *blocks_of(2024, 500)[1:]]
    report = understand(Document("html", blocks=blocks, titles=[other]), Context())
    assert (report.agency, first_value(report)) == ("重庆市开州区巫山镇人民政府", 500)


def test_text_copies_with_two_reports() -> None:
    text = "\n".join(f"{TITLE.format(year)}\n一、总体情况\n{year}年有序开展。" for year in (2016, 2015))
    report = read(text.encode(), [], Context(title=TITLE.format(2015)))
    assert report.year == 2015
    assert "2016年" not in "".join(section.text for section in report.sections)
