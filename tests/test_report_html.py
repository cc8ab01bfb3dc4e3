"""A page taken apart: no character lost, spans resolved, the report found among the page's furniture."""

from __future__ import annotations

import time

import pytest

from archive.report.cells import parse_cell
from archive.report.document import Document, Paragraph, Table
from archive.report.model import Context
from archive.report.read import take_apart


def page(
    body: str, url: str | None = "http://x.gov.cn/a/202601/t20260119_1.html", head: str = ""
) -> Document:
    html = f"<html><head><meta charset='utf-8'>{head}</head><body>{body}</body></html>"
    return take_apart(html.encode(), [], Context(url=url))


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Paragraph)]


def printed(document: Document) -> list[list[str]]:
    (table,) = [block for block in document.blocks if isinstance(block, Table)]
    return table.printed()


@pytest.mark.parametrize(
    "markup",
    [
        "<p>自<span>2025</span><span>年</span><span>1</span><b>月</b>1日起</p>",
        "<p><a name='_x'></a>自2025<font>年</font>1月1日起</p>",
        "<p>自<o:p></o:p>2025<st1:chsdate>年1月1日</st1:chsdate>起</p>",
        "<div>自2025年<!-- x -->1月<script>var a='1'</script>1日起</div>",
        "<p>自2025年<span style='display:none'>99</span>1月1日起</p>",
        "<p>自2025年<img src='/i/icon.gif' width='10'>1月1日起</p>",
        "<p>自2025年<unknown>1月</unknown>1日起</p>",
        "<p>自2025\u200b年\ufeff1月1日起</p>",
        "<p>自2025年<ins>1月</ins><del></del>1日起</p>",
    ],
)
def test_inline_markup_is_joined_with_nothing(markup: str) -> None:
    assert texts(page(markup)) == ["自2025年1月1日起"]


def test_line_breaks_and_blocks_part_lines() -> None:
    document = page("甲<br>乙<p>丙</p>丁<div>戊<span>己</span></div>庚")
    assert texts(document) == ["甲", "乙", "丙", "丁", "戊己", "庚"]


def test_white_space_of_every_kind_is_one_blank() -> None:
    assert texts(page("<p>&nbsp;　甲&ensp;\n\t 乙&nbsp;</p><p>&nbsp;</p>")) == ["甲 乙"]


def test_spans_are_resolved() -> None:
    document = page(
        "<table><tr><td rowspan=2>a</td><td colspan=2>b</td></tr><tr><td>c</td><td>d</td></tr>"
        "<tr><td>e</td></tr></table>"
    )
    assert printed(document) == [["a", "b", "b"], ["a", "c", "d"], ["e", "", ""]]


def test_cells_keep_their_lines_and_know_images() -> None:
    document = page(
        "<table><tr><td><p>商业</p><p>企业</p></td><td>结果<br>纠正</td><td><p><span>1</span><span>2</span></p></td>"
        "<td><img src='t.png'></td><td>&nbsp;</td></tr></table>"
    )
    (table,) = [block for block in document.blocks if isinstance(block, Table)]
    cells = [cell for cell in table.grid[0] if cell]
    assert [cell.text for cell in cells] == ["商业\n企业", "结果\n纠正", "12", "", ""]
    assert [cell.has_image for cell in cells] == [False, False, False, True, False]


def test_absurd_spans_are_cut_and_told() -> None:
    document = page(
        "<table><tr><td rowspan=65534 colspan=1000000>a</td><td>b</td></tr><tr><td>c</td></tr></table>"
    )
    assert len(printed(document)) == 2
    assert [found.rule for found in document.findings] == ["HTML-SPAN"]


@pytest.mark.parametrize("value", ["0", "", "abc", "-3", "1.5", "100%"])
def test_spans_that_say_nothing_are_one(value: str) -> None:
    document = page(f"<table><tr><td colspan='{value}'>a</td><td>b</td></tr></table>")
    assert printed(document)[0][-1] == "b"


def test_layout_tables_dissolve_and_leaf_tables_stay() -> None:
    document = page(
        "<table><tr><td>左</td><td><p>一、总体情况</p><table><tr><td>信息内容</td><td>本年制发件数</td></tr></table>"
        "</td></tr></table>"
    )
    assert printed(document) == [["信息内容", "本年制发件数"]]
    assert "一、总体情况" in texts(document)


def test_a_table_of_one_column_with_sentences_lays_out_an_article() -> None:
    rows = "".join(
        f"<tr><td><p>{t}</p></td></tr>" for t in ("一、概述", "有序开展。", "二、问题", "内容不多。")
    )
    assert texts(page(f"<table>{rows}</table>")) == ["一、概述", "有序开展。", "二、问题", "内容不多。"]


def test_the_body_is_found_by_what_it_says() -> None:
    sentence = "全年通过网站公开各类信息，回应群众关切，做好政策解读工作。"
    document = page(
        "<ul><li><a>首页</a></li><li><a>政务公开</a></li></ul><div class='nobody-knows'>"
        f"<p>根据条例，编制本报告，统计期限自2025年1月1日起。</p><p>一、总体情况</p><p>{sentence}</p></div>"
        f"<div><p>六、其他需要报告的事项</p><p>{sentence}</p></div><div>主办单位：某某办公室</div><p>版权所有</p>"
    )
    assert texts(document)[0].startswith("根据条例")
    assert texts(document)[-1] == sentence
    assert document.furniture == ["首页", "政务公开", "主办单位：某某办公室", "版权所有"]


def test_hidden_text_is_no_body_but_may_be_evidence() -> None:
    document = page("<p>正文在这里</p><div style='DISPLAY : none'>来源：某镇</div><p hidden>2026-01-19</p>")
    assert texts(document) == ["正文在这里"]
    assert document.hidden == ["来源：某镇", "2026-01-19"]


def test_hidden_tabs_that_alone_hold_the_tables_are_read() -> None:
    document = page(
        "<p>标签</p><div style='display:none'><table><tr><td>本年制发件数</td><td>3</td></tr></table></div>"
    )
    assert printed(document) == [["本年制发件数", "3"]]


def test_what_scripts_write_is_read() -> None:
    document = page(
        "<div>日期：<script>document.write('2026-01-19')</script></div>"
        "<div>来源：<script>var s=\"某镇\"; if(s!=''){document.write(s)}</script></div><p>正文</p>"
    )
    assert document.furniture == ["日期：2026-01-19", "来源：某镇"]


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ('document.write("发布时间："+"2026-01-18");', "发布时间：2026-01-18"),
        ("var d = '2026-01-18'; document.write(\"发布时间：\" + d + '<br>')", "发布时间：2026-01-18"),
        ("document.writeln('<b>发布时间：<\\/b>' + \"2026-01-18\")", "发布时间：2026-01-18"),
        ("document.write('发布时间：'+new Date().getFullYear())", None),
    ],
)
def test_what_a_script_adds_up_is_read(script: str, line: str | None) -> None:
    document = page(f"<div><script>{script}</script></div><p>正文</p>")
    assert document.furniture == ([line] if line else [])


def test_titles_and_metadata() -> None:
    document = page(
        "<h1>甲<br>乙</h1><div class='Article_Title'>丙</div>",
        head="<title>丁_站</title><meta content='戊' name='ArticleTitle'><META NAME='PubDate' CONTENT='2026-01-19'>",
    )
    assert document.titles == ["甲乙", "丙", "丁_站", "戊"]
    assert document.metas["pubdate"] == "2026-01-19"


@pytest.mark.parametrize(
    ("markup", "url", "kind"),
    [
        ("<a href='./P01.pdf'>年报</a>", "http://x.gov.cn/a/202601/P01.pdf", "pdf"),
        ("<a appendix='true' href='P01.docx' OLDSRC='/protect/P01.docx'>年报</a>", "http://x.gov.cn/a/202601/P01.docx", "docx"),
        ("<a OLDSRC='/protect/P01.xls'>年报</a>", "http://x.gov.cn/protect/P01.xls", "xls"),
        ("<script>var hasFJ='<a href=\"./P02.pdf\">年报</a><BR/>'</script>", "http://x.gov.cn/a/202601/P02.pdf", "pdf"),
        ("<script>var file_appendix='./P03.doc';</script>", "http://x.gov.cn/a/202601/P03.doc", "doc"),
        ("<iframe src='/js/viewer.html?file=%2Ff%2FP04.pdf'></iframe>", "http://x.gov.cn/f/P04.pdf", "pdf"),
        ("<iframe src='list.html'></iframe>", "http://x.gov.cn/a/202601/list.html", "iframe"),
        ("<embed src='P05.pdf'>", "http://x.gov.cn/a/202601/P05.pdf", "pdf"),
        ("<p onclick=\"window.open('/f/P06.ofd')\">年报</p>", "http://x.gov.cn/f/P06.ofd", "ofd"),
        ("<a href='/download.jsp?filename=P07.wps'>年报</a>", "http://x.gov.cn/download.jsp?filename=P07.wps", "wps"),
    ],
)  # fmt: skip
def test_attachments(markup: str, url: str, kind: str) -> None:
    (attachment,) = page(f"<p>正文</p>{markup}").attachments
    assert (attachment.url, attachment.type) == (url, kind)


def test_links_that_are_no_files_are_no_attachments() -> None:
    markup = (
        "<a href='javascript:void(0)'>x</a><a href='b.html'>x</a><a href='mailto:a@b.pdf.cn'>x</a><a>x</a>"
    )
    assert page(markup).attachments == []


def test_a_base_element_counts() -> None:
    document = page("<a href='P.pdf'>x</a>", head="<base href='http://x.gov.cn/b/'>")
    assert document.attachments[0].url == "http://x.gov.cn/b/P.pdf"


def test_images_that_may_be_tables_are_counted() -> None:
    markup = (
        "<p>正文</p><p><img src='W1.png' width='600'><img src='icon_pdf.gif'><img src='a.png' width=16></p>"
    )
    assert page(markup).images == 1


def test_unclosed_inline_tags_do_not_lose_the_rest() -> None:
    document = page("<font>" * 3000 + "<p>一、总体情况</p><p>正文</p>")
    assert texts(document) == ["一、总体情况", "正文"]
    assert document.findings == []


def test_a_page_nested_too_deeply_says_so() -> None:
    document = page("<table><tr><td>" * 3000 + "深")
    assert "HTML-DEPTH" in [found.rule for found in document.findings]


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 100_000,
        "<table><tr><td>" * 3000,
        "<table>" + "<tr><td colspan=99999 rowspan=99999>x" * 500 + "</table>",
        "<p>" + " " * 1_000_000,
        "<p>" + "日期" + " " * 200_000,
        "<h1>" + "2025年" * 50_000 + "政府信息公开工作年度报告</h1>",
        "<script>" + '".pdf' * 50_000 + "</script>",
        "\x00\x01\x0b\x0c<p>\x02</p>&#0;&#xFFFF;",
    ],
)
def test_hostile_markup_is_bounded(markup: str) -> None:
    start = time.perf_counter()
    page(markup)
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    ("cell", "text", "value", "kind"),
    [
        ("128<sup>1</sup>", "128¹", 128, "annotated"),
        ("128<sub>12</sub>", "128₁₂", 128, "annotated"),
        ("128<sup><a href='#n'>[1]</a></sup>", "128⁽¹⁾", 128, "annotated"),
        ("128<sup>注1</sup>", "128注¹", None, "unreadable"),
        ("<p>128<span style='VERTICAL-ALIGN : Super;font-size:8pt'>2</span></p>", "128²", 128, "annotated"),
        ("128<span style='vertical-align:4pt'>2</span>", "128²", 128, "annotated"),
        ("128<span class='MsoFootnoteReference'>2</span>", "128²", 128, "annotated"),
        ("<sup>128</sup>", "128", 128, None),
        ("<span style='vertical-align:super'>1</span><span>28</span>", "¹28", 28, "annotated"),
        ("<span style='vertical-align:middle'>1</span><span>28</span>", "128", 128, None),
        ("<span style='vertical-align:0pt'>1</span>28", "128", 128, None),
        ("<del>5</del><ins>130</ins>", "5̶130", 130, "annotated"),
        ("<s>12</s><strike>8</strike>130", "1̶2̶8̶130", 130, "annotated"),
        ("<p style='text-decoration: Line-Through'>5</p><p>130</p>", "5̶\n130", 130, "annotated"),
        ("<del>130</del>", "1̶3̶0̶", None, "unreadable"),
        ("<del>约一百</del>", "", None, "blank"),
        ("130<span style='visibility : HIDDEN'>128</span>", "130", 130, None),
        ("130<span style='font-size:0pt'>128</span>", "130", 130, None),
        ("130<span style='color:red; opacity:0'>128</span>", "130", 130, None),
        ("1<span style='opacity:0.5;font-size:0.9em'>3</span><b>0</b>", "130", 130, None),
        ("130<span style='Display: NONE'>128</span>", "130", 130, None),
    ],
)
def test_what_is_set_off_or_struck_out_never_becomes_a_digit(
    cell: str, text: str, value: int | None, kind: str | None
) -> None:
    document = page(
        f"<table><tr><td>行政处罚</td><td>{cell}</td></tr><tr><td>行政强制</td><td>0</td></tr></table>"
    )
    assert printed(document)[0] == ["行政处罚", text]
    assert (parse_cell(text).value, parse_cell(text).kind) == (value, kind)


def test_words_struck_out_are_not_said_and_that_is_told() -> None:
    document = page("<p>全年公开<del>一百余</del>条信息，面积5m<sup>2</sup>。</p><p><s>本段已删。</s></p>")
    assert texts(document) == ["全年公开条信息，面积5m²。"]
    assert [found.rule for found in document.findings] == ["TEXT-STRUCK"]


def test_containers_without_a_size_or_faded_in_are_read() -> None:
    shown = "<div style='font-size:0'><p style='font-size:16px'>甲段文字</p></div>"
    faded = f"<div style='visibility:hidden;animation-name:fadeIn'><p>{'乙段文字' * 60}</p></div>"
    assert texts(page(shown)) == ["甲段文字"]
    assert texts(page(faded)) == ["乙段文字" * 60]


def test_what_stands_behind_an_early_end_of_the_page_is_read() -> None:
    assert texts(page("<p>甲</p></body></html><p>乙</p></BODY ><table><tr><td>丙</td></tr></table>")) == [
        "甲", "乙", "丙",
    ]  # fmt: skip


def test_a_page_of_a_hundred_thousand_divisions_is_read() -> None:
    body = "<div>" * 100_000 + "<p>甲</p><table><tr><td>乙</td><td>1</td></tr></table>" + "</div>" * 100_000
    document = page(body)
    assert (texts(document), printed(document)) == (["甲"], [["乙", "1"]])
    assert document.findings == []


@pytest.mark.parametrize("line", ["相关阅读", "相关链接：", "上一篇：某镇2024年年度报告", "下一条： 没有了"])
def test_what_a_page_shows_below_an_article_is_no_text_of_it(line: str) -> None:
    report = "<h1>某镇2025年报告</h1><p>六、其他需要报告的事项</p><p>本年度没有收取信息处理费。</p><p>某镇人民政府</p>"
    below = f"<div><a>【打印】</a><a>【关闭】</a></div><h3>{line}</h3><ul><li>某镇2024年政府信息公开工作年度报告</li></ul>"
    document = page(report + below)
    assert texts(document)[-1] == "某镇人民政府"
    assert line.strip() in document.furniture
    assert "某镇2024年政府信息公开工作年度报告" in document.furniture


def test_related_links_within_the_report_do_not_end_it() -> None:
    document = page("<p>一、总体情况</p><p>相关链接：</p><p>本年度公开信息若干条，均已归档。</p>")
    assert texts(document)[-1] == "本年度公开信息若干条，均已归档。"


@pytest.mark.parametrize("reference", ["&#11;", "&#x0B;", "&#xfffe;", "&#0000031;", "\x0b", "\x1f"])
def test_what_xml_has_no_place_for_costs_no_page_also_where_text_is_set_off(reference: str) -> None:
    document = page(
        f"<p>共{reference}12<sup>3{reference}</sup>件<br>{reference}<del>旧{reference}</del>&#12;新&#13;文</p>"
    )
    assert texts(document) == ["共12³件", "新 文"]
