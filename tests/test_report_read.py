"""From bytes to verdict: the status, the facts with their sources, and no traceback whatever comes."""

from __future__ import annotations

import gc
import gzip
import importlib
from pathlib import Path
from random import Random

import pytest

from archive.report.document import Document
from archive.report.model import Context, Report
from archive.report.read import read, take_apart, understand

READER = importlib.import_module("archive.report.read")
TITLE = "重庆市开州区金峰镇人民政府{}年政府信息公开工作年度报告"
TEXT = "全镇通过网站公开惠民政策、财政预决算和项目建设等信息，及时回应群众关切，并在便民大厅设立查阅点，方便群众查询。"
SECTIONS = (
    f"一、总体情况\n{TEXT}\n二、主动公开政府信息情况\n三、收到和处理政府信息公开申请情况\n"
    f"四、政府信息公开行政复议、行政诉讼情况\n五、存在的主要问题及改进情况\n{TEXT}\n六、其他需要报告的事项\n{TEXT}\n"
)


def report(text: str, **context: str) -> Report:
    return read(text.encode(), [], Context(**context))


def rules(found: Report) -> set[str]:
    return {finding.rule for finding in found.findings}


def test_a_narrative_of_the_years_before_the_form_is_whole() -> None:
    found = report(f"{TITLE.format(2016)}\n一、工作开展情况\n{TEXT * 4}\n二、下一步打算\n{TEXT * 2}")
    assert (found.status, found.form, found.year) == ("parsed", "narrative", 2016)


def test_a_narrative_of_a_year_with_tables_is_partial() -> None:
    found = report(f"{TITLE.format(2023)}\n{SECTIONS}{TEXT * 3}")
    assert found.status == "partial"
    assert found.reason is not None
    assert found.reason.startswith("missing:")


def test_a_title_alone_is_unread_and_says_why() -> None:
    body = f"<html><body><h1>{TITLE.format(2023)}</h1><p><a href='P1.pdf'>年度报告</a></p></body></html>"
    found = report(body)
    assert (found.status, found.reason) == ("unparsed", "the report is in an attachment")
    assert (found.agency, found.year) == ("重庆市开州区金峰镇人民政府", 2023)
    bare = report(f"<html><body><h1>{TITLE.format(2023)}</h1></body></html>")
    assert (bare.status, bare.reason) == ("unparsed", "no text of a report")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"   \n\n", "empty"),
        (b"<html><body></body></html>", "empty"),
        (b"<html><body>404 Not Found</body></html>", "soft_404"),
        (b"<html><script>location.href='/'</script><body></body></html>", "redirect"),
        (("某地举行健步走活动，数百名群众参加，气氛热烈。" * 20).encode(), "no sign of a report"),
        (b"hello", "empty"),
    ],
)
def test_what_is_no_report(body: bytes, reason: str) -> None:
    found = read(body, [], Context(url="http://x.gov.cn/t20260119_1.html"))
    assert (found.status, found.reason) == ("not_a_report", reason)
    assert (found.agency, found.year, found.tables) == (None, None, {})


@pytest.mark.parametrize("body", [b"\x89PNG\r\n\x1a\n\0\0\0", b"Rar!\x1a\x07\x00", bytes(range(256)) * 40])
def test_binary_files_are_unread(body: bytes) -> None:
    found = read(body, [], Context())
    assert found.status in ("unparsed", "not_a_report")
    assert found.reason


def test_words_of_a_block_page_inside_a_report_do_no_harm() -> None:
    found = report(
        f"{TITLE.format(2016)}\n一、概述\n{TEXT * 4}对非法请求和页面不存在等情形加强监测，安全验证通过。\n"
    )
    assert found.status == "parsed"


def test_a_compressed_body_is_read_by_its_header() -> None:
    text = f"{TITLE.format(2016)}\n{TEXT * 5}"
    found = read(gzip.compress(text.encode()), [("Content-Encoding", "gzip")], Context())
    assert found.year == 2016


# --- facts and their sources


def page(body: str, **context: str) -> Report:
    return report(f"<html><body><div class='x'>{body}</div></body></html>", **context)


def test_the_year_of_the_title_outranks_the_rest() -> None:
    found = report(f"{TITLE.format(2022)}\n统计期限自2021年1月1日起至2021年12月31日止。\n{SECTIONS}")
    assert (found.year, found.period) == (2022, ("2021-01-01", "2021-12-31"))
    assert "META-YEAR" in rules(found)


def test_a_year_from_the_date_of_publication_is_told_as_weak() -> None:
    found = page(f"<p>日期：2024-01-20</p>{''.join(f'<p>{line}</p>' for line in SECTIONS.splitlines())}")
    assert found.year == 2023
    assert "META-YEAR-WEAK" in rules(found)


def test_the_link_and_the_site_complete_what_the_page_does_not_say() -> None:
    found = report(
        SECTIONS, title="金峰镇2023年政府信息公开工作年度报告", county_code="500154", list_date="2024-01-09"
    )
    assert (found.agency_key, found.year) == ("500154:township_government:金峰", 2023)
    assert (found.published_on, found.published_source) == ("2024-01-09", "metadata")
    assert "META-TITLE-MISSING" in rules(found)


def test_the_signature_names_who_the_title_does_not() -> None:
    found = report(f"2023年政府信息公开工作年度报告\n{SECTIONS}重庆市开州区金峰镇人民政府\n2024年1月15日\n")
    assert (found.agency, found.signed_on) == ("重庆市开州区金峰镇人民政府", "2024-01-15")


def test_the_first_sentence_names_who_title_and_signature_do_not() -> None:
    text = SECTIONS.replace(TEXT, f"2023年，重庆市开州区金峰镇人民政府坚持依法公开。{TEXT}", 1)
    found = report(text)
    assert (found.agency, found.year) == ("重庆市开州区金峰镇人民政府", 2023)


def test_another_agency_under_the_report_is_told_with_both_sides() -> None:
    found = report(f"{TITLE.format(2023)}\n{SECTIONS}重庆市开州区中和镇人民政府\n2024年1月15日\n")
    (conflict,) = [f for f in found.findings if f.rule == "META-AGENCY-CONFLICT"]
    assert (conflict.left, conflict.right) == ("重庆市开州区金峰镇人民政府", "重庆市开州区中和镇人民政府")
    assert (conflict.left_where, conflict.right_where) == ("title", "signature")


def test_a_report_found_at_another_countys_site_goes_to_its_body_and_is_told() -> None:
    text = f"{TITLE.format(2023)}\n{SECTIONS}"
    found = report(text, county_code="500105")
    assert found.agency == "重庆市开州区金峰镇人民政府"
    (conflict,) = [f for f in found.findings if f.rule == "META-AGENCY-CONFLICT"]
    assert (conflict.left, conflict.right, conflict.severity) == (found.agency, "重庆市江北区", "info")
    assert "标题为“重庆市开州区金峰镇人民政府”，所在网站为“重庆市江北区”" in conflict.message_zh
    assert (
        "the title says 重庆市开州区金峰镇人民政府, the site it is filed at says 重庆市江北区"
        in conflict.message
    )
    for own in ("500154", "cq-ljxq", None):  # an area holds towns of several counties
        assert "META-AGENCY-CONFLICT" not in rules(report(text, **({"county_code": own} if own else {})))


def test_an_office_may_sign_its_governments_report() -> None:
    title = "重庆市开州区2023年政府信息公开工作年度报告"
    found = report(f"{title}\n{SECTIONS}重庆市开州区人民政府办公室\n2024年3月15日\n")
    assert found.scope == "jurisdiction_aggregate"
    assert "META-AGENCY-CONFLICT" not in rules(found)


def test_two_titles_that_differ_are_told() -> None:
    found = page(f"<h1>{TITLE.format(2023)}</h1><p>{TITLE.format(2022)}</p><p>一、总体情况</p><p>{TEXT}</p>")
    assert "META-TITLE-CONFLICT" in rules(found)


LINES = "".join(f"<p>{line}</p>" for line in SECTIONS.splitlines())


@pytest.mark.parametrize(
    ("year", "printed", "url_day", "published", "quality", "told"),
    [
        (2023, "2024-01-20", "20240120", "2024-01-20", "trusted", False),
        (2023, "2024-01-20", "20240121", "2024-01-20", "trusted", True),
        (2023, "2024-03-31", "20240320", "2024-03-31", "conflict", True),
        (2023, None, "20240120", "2024-01-20", "url_only", False),
        (2015, "2016-03-21", "20200327", "2016-03-21", "migrated", True),
        (2018, None, "20191222", "2019-12-22", "migrated", False),
        (2019, "2020-08-06", "20200806", "2020-08-06", "migrated", False),
        (2019, "2020-01-20", "20200120", "2020-01-20", "trusted", False),
    ],
)
def test_the_date_of_publication_and_how_far_it_can_be_trusted(
    year: int, printed: str | None, url_day: str, published: str, quality: str, told: bool
) -> None:
    head = f"<h1>{TITLE.format(year)}</h1>" + (f"<p>日期：{printed}</p>" if printed else "")
    found = page(head + LINES, url=f"http://www.cqkz.gov.cn/a/{url_day[:6]}/t{url_day}_1.html")
    assert (found.published_on, found.date_quality) == (published, quality)
    assert ("META-DATE-CONFLICT" in rules(found)) is told


def test_the_date_of_writing_is_not_that_of_publication() -> None:
    found = page(
        f"<h1>{TITLE.format(2023)}</h1><table><tr><td>成文日期</td><td>2024-01-10</td></tr></table>{LINES}"
    )
    assert found.published_on is None
    assert "META-PUBDATE-MISSING" in rules(found)


def test_the_date_in_a_line_at_the_head_of_the_report() -> None:
    line = "索引号 1150 发文机构 重庆市武隆区统计局 成文日期：2026-01-02 发布日期：2026-02-03"
    head = "<p>重庆市武隆区统计局2025年政府信息公开工作年度报告</p>"
    text = "<p>一、总体情况</p><p>统计时间：2025-01-01，信息的发布时间：2025-06-01，均已核对无误，各项工作有序推进。</p>"
    found = page(f"<div>{head}<p>{line}</p>{text}</div>")
    assert (found.published_on, found.published_source) == ("2026-02-03", "page")


def test_the_date_in_a_table_of_particulars() -> None:
    table = "<table><tr><td>索引号</td><td>1150</td><td>成文日期</td><td>2024-01-10</td></tr><tr><td>发布机构</td><td>金峰镇</td><td>发布日期</td><td>2024-01-12</td></tr></table>"
    found = page(f"<h1>{TITLE.format(2023)}</h1>{table}{LINES}")
    assert (found.published_on, found.published_source) == ("2024-01-12", "page")


# --- never a traceback


def test_an_unexpected_exception_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(READER, "read_sections", broken)
    found = report(f"{TITLE.format(2023)}\n{SECTIONS}")
    assert found.status == "unparsed"
    assert "READ-INTERNAL" in rules(found)
    monkeypatch.setenv("GONGKAI_STRICT", "1")
    with pytest.raises(RuntimeError):
        report(f"{TITLE.format(2023)}\n{SECTIONS}")


def test_a_document_that_could_not_be_taken_apart_is_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(READER, "unpack", broken)
    document = take_apart(b"x", [], Context())
    assert isinstance(document, Document)
    assert understand(document, Context()).status == "unparsed"


def test_damaged_pages_never_raise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGKAI_STRICT", "1")
    random = Random(20261121)
    pages = [page.read_bytes() for page in sorted((Path(__file__).parent / "pages").glob("*/page.*"))]
    inserts = (
        b"<table>",
        b"</td>",
        b"<tr>",
        b"<td colspan=0>",
        b"\xff",
        b"<div hidden>",
        b"<!--",
        b"<script>",
        b"\0",
    )
    for _ in range(120):
        body = bytearray(random.choice(pages))
        for _ in range(random.randint(1, 20)):
            at = random.randrange(len(body))
            match random.randrange(3):
                case 0:
                    del body[at : at + random.randint(1, 200)]
                case 1:
                    body[at:at] = random.choice(inserts)
                case _:
                    body[at] = random.randrange(256)
            body = body or bytearray(b"x")
        assert read(bytes(body), [], Context(url="http://x.gov.cn/")).status


GUIDE = "政府信息公开指南"


def test_four_headings_are_a_report_whatever_words_the_text_and_the_column_have() -> None:
    body = SECTIONS.replace(TEXT, TEXT + "全年发布政策解读25篇，完善政府信息公开制度，引入第三方评估。")
    for column in ("政府信息公开年报", GUIDE):
        page = f"<html><head><title>{column}</title></head><body><p>{'</p><p>'.join(body.split())}</p></body></html>"
        assert report(page).status == "partial"


def test_the_printed_form_in_a_notice_is_no_report() -> None:
    title = "关于做好2024年度政府信息公开工作年度报告编制工作的通知"
    found = report(
        f"<html><head><title>{title}</title></head><body><p>{'</p><p>'.join(SECTIONS.split())}</p></body></html>"
    )
    assert (found.status, found.reason) == ("not_a_report", "notice")


def test_news_of_a_report_are_no_report_but_a_report_under_such_a_title_is() -> None:
    title = "我区发布2024年政府信息公开工作年度报告"
    news = report(f"<html><body><h1>{title}</h1><p>{TEXT * 5}</p></body></html>")
    assert (news.status, news.reason) == ("not_a_report", "news")
    assert (
        report(f"<html><body><h1>{title}</h1><p>{'</p><p>'.join(SECTIONS.split())}</p></body></html>").year
        == 2024
    )


def test_a_file_that_cannot_be_read_has_no_year() -> None:
    image = read(b"\x89PNG\r\n\x1a\n" + bytes(40), [], Context(url="http://a.gov.cn/202601/t20260120_1.png"))
    assert (image.status, image.year) == ("unparsed", None)


def test_nothing_stands_in_for_a_body_that_the_title_names_and_nobody_knows() -> None:
    page = (
        "<html><head><meta name='ContentSource' content='重庆市开州区金峰镇人民政府'></head><body>"
        f"<h1>{{}}2024年政府信息公开工作年度报告</h1><p>{'</p><p>'.join(SECTIONS.split())}</p></body></html>"
    )
    assert report(page.format("国家某某总局重庆某某分校")).agency is None
    assert report(page.format("金峰镇人民政府")).agency == "重庆市开州区金峰镇人民政府"
    other = report(page.format("国家税务总局重庆市开州区税务局"))
    assert other.agency == "国家税务总局重庆市开州区税务局"
    assert "META-AGENCY-CONFLICT" in rules(other)


def test_the_statistics_alone_are_no_report() -> None:
    rows = "".join(
        f"<tr><td>{label}</td><td>件</td><td>{i}</td></tr>"
        for i, label in enumerate(
            ["统计指标", "（一）收到申请数", "1.当面申请数", "（二）申请办结数", "1.按时办结数"]
        )
    )
    page = "<html><body><h1>{}</h1><table>" + rows + "</table></body></html>"
    alone = report(page.format("金峰镇2016年依申请公开情况统计"))
    assert (alone.status, alone.reason) == ("not_a_report", "statistics_only")
    assert report(page.format(TITLE.format(2016))).statistics


def test_the_collector_of_cycles_is_as_it_was_after_a_reading() -> None:
    page = b"<p>" + "政府信息公开".encode() + b"</p>"
    for enabled in (True, False):
        (gc.enable if enabled else gc.disable)()
        try:
            read(page, [], Context())
            assert gc.isenabled() is enabled
        finally:
            gc.enable()
