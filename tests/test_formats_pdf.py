"""PDF files: what is drawn where, and what comes out as paragraphs and tables."""

import json
import time
from pathlib import Path

import pytest

from archive.report.document import Document, Paragraph, Table
from archive.report.formats import pdf
from archive.report.formats.pdf import take_apart_pdf
from archive.report.model import Context
from archive.report.read import read
from tests.pdf_writer import Cell, Sheet, write

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "data" / "samples"
COLUMNS = [40, 110, 158, 340, 400, 460, 522]
FULL = "各部门按照要求公开信息并及时更新栏目内容和目录一二三四五六七八"


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Paragraph)]


def tables(document: Document) -> list[list[list[str]]]:
    """Every table: each place's text without line breaks, covered places repeating their cell's."""
    return [
        [["".join(text.split()) for text in row] for row in block.printed()]
        for block in document.blocks
        if isinstance(block, Table)
    ]


def rules(document: Document) -> list[str]:
    return [f.rule for f in document.findings]


def one_page(sheet: Sheet) -> Document:
    return take_apart_pdf(write([sheet]))


# --- text ---


def test_lines_become_paragraphs_and_titles() -> None:
    sheet = Sheet()
    sheet.text(187, 80, "某市人民政府", 22)
    sheet.text(121, 110, "2024年政府信息公开工作年度报告", 22)
    top = sheet.paragraph(160, [FULL[:30], FULL + "，", "统计期限到年底为止。"])
    sheet.paragraph(sheet.paragraph(top, ["一、总体情况"]), [FULL[:30], "另有一段。"])
    document = one_page(sheet)
    assert texts(document) == [
        "某市人民政府",
        "2024年政府信息公开工作年度报告",
        FULL[:30] + FULL + "，统计期限到年底为止。",
        "一、总体情况",
        FULL[:30] + "另有一段。",
    ]
    assert document.titles == ["某市人民政府\n2024年政府信息公开工作年度报告"]
    assert [b.emphasis for b in document.blocks if isinstance(b, Paragraph)] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_a_paragraph_goes_on_over_the_page_break_and_page_numbers_go() -> None:
    pages = []
    for number, lines in enumerate([[FULL[:30], FULL], [FULL, "到此为止。"]], start=1):
        sheet = Sheet()
        sheet.paragraph(72, lines, indent=24 if number == 1 else 0)
        sheet.text(280, 790, f"- {number} -")
        pages.append(sheet)
    assert texts(take_apart_pdf(write(pages))) == [FULL[:30] + FULL * 2 + "到此为止。"]


@pytest.mark.parametrize("number", ["— 3 —", "3", "第 3 页 共 9 页", "3/9", "－3－", "·3·"])
def test_page_numbers_in_every_dress_are_no_text(number: str) -> None:
    sheet = Sheet()
    sheet.text(72, 100, "正文。")
    sheet.text(280, 800, number)
    assert texts(one_page(sheet)) == ["正文。"]


def test_a_number_in_the_middle_of_the_page_is_text() -> None:
    sheet = Sheet()
    sheet.text(72, 300, "3")
    sheet.text(72, 400, "正文。")
    assert texts(one_page(sheet)) == ["3", "正文。"]


def test_running_heads_are_furniture() -> None:
    pages = []
    for number in range(4):
        sheet = Sheet()
        sheet.text(72, 40, "某局年报")
        sheet.text(72, 100, f"第{number}段正文。")
        pages.append(sheet)
    document = take_apart_pdf(write(pages))
    assert document.furniture == ["某局年报"]
    assert texts(document) == [f"第{n}段正文。" for n in range(4)]


def test_spaces_of_the_setting_are_not_written_but_typed_ones_are() -> None:
    sheet = Sheet()
    sheet.text(72, 100, "收到")
    sheet.text(99, 100, "15")  # a quarter of a character's room before and after the figure
    sheet.text(114, 100, "件")
    sheet.text(72, 130, "Open Data 平台")
    assert texts(one_page(sheet)) == ["收到15件", "Open Data 平台"]


def test_a_sign_does_not_join_the_next_cells_figure() -> None:
    sheet = Sheet()
    sheet.text(72, 100, "规章")
    for x, value in [(150, "-"), (162, "3"), (176, "12"), (196, "7")]:
        sheet.text(x, 100, value)
    assert texts(one_page(sheet)) == ["规章\t-\t3\t12\t7"]


def test_a_raised_figure_is_a_mark_and_a_line_through_figures_deletes_them() -> None:
    sheet = Sheet()
    sheet.table(100, [["规章", "130", "5"], ["文件", "12", "0"]], [60, 200, 300, 400], size=10)
    sheet.text(219, 104, "1", 6)  # right behind 130, above its line
    sheet.line(204, 136, 209, 136)  # through the 1 of 12
    document = one_page(sheet)
    assert tables(document) == [[["规章", "130¹", "5"], ["文件", "1\u03362", "0"]]]
    assert rules(document) == ["TEXT-STRUCK"]


@pytest.mark.parametrize("gap", [0, 30])
def test_a_date_and_a_name_on_the_last_line_are_a_signature(gap: int) -> None:
    sheet = Sheet()
    sheet.paragraph(72, [FULL[:30], "到此为止。"])
    sheet.text(300, 160, "2026年1月15日")
    sheet.text(300 + 99 + gap, 160, "某市某镇人民政府")
    assert texts(one_page(sheet))[-2:] == ["某市某镇人民政府", "2026年1月15日"]


def test_smaller_figures_on_the_same_line_are_figures() -> None:
    sheet = Sheet()
    sheet.text(72, 100, "共13", 12)
    sheet.text(96, 102.1, "0", 9.6)
    assert texts(one_page(sheet)) == ["共130"]


def test_radicals_are_read_as_characters() -> None:
    sheet = Sheet()
    sheet.text(72, 100, "⼈⺠政府⾏政复议⻓寿区")
    assert texts(one_page(sheet)) == ["人民政府行政复议长寿区"]


def test_print_made_bold_by_setting_it_twice_is_read_once() -> None:
    sheet = Sheet()
    for shift in (0, 0.3):
        sheet.text(72 + shift, 100, "总计11件")
    assert texts(one_page(sheet)) == ["总计11件"]


def test_a_watermark_and_what_lies_off_the_sheet_are_not_text() -> None:
    sheet = Sheet()
    sheet.text(72, 100, "正文。")
    sheet.text(200, 400, "内部资料", 40, slanted=True)
    sheet.text(72, -300, "看不见的字")
    assert texts(one_page(sheet)) == ["正文。"]


def test_glyphs_without_meaning_are_told_and_not_guessed() -> None:
    sheet = Sheet()
    sheet.text(72, 100, "收到件数为")
    sheet.unknown_glyphs(132, 100, 2)
    assert texts(one_page(sheet)) == ["收到件数为\ufffd\ufffd"]


# --- tables ---


def test_a_ruled_table_keeps_its_spans() -> None:
    rows: list[list[Cell]] = [
        [("申请人", 2, 2), ("法人或其他组织", 3), ("总计", 1, 2)],
        ["商业\n企业", "科研\n机构", "其他"],
        ["（三）公开", "秘密", "1", "2", "3", "6"],
    ]
    sheet = Sheet()
    sheet.text(72, 80, "三、收到和处理情况")
    sheet.table(110, rows, COLUMNS)
    sheet.text(72, 200, "四、复议诉讼情况")
    document = one_page(sheet)
    assert texts(document) == ["三、收到和处理情况", "四、复议诉讼情况"]
    assert tables(document) == [
        [
            ["申请人", "申请人", "法人或其他组织", "法人或其他组织", "法人或其他组织", "总计"],
            ["申请人", "申请人", "商业企业", "科研机构", "其他", "总计"],
            ["（三）公开", "秘密", "1", "2", "3", "6"],
        ]
    ]
    table = document.blocks[1]
    assert isinstance(table, Table)
    assert table.grid[0][0] is table.grid[1][1]
    assert [type(block).__name__ for block in document.blocks] == ["Paragraph", "Table", "Paragraph"]


def test_empty_cells_stay_empty() -> None:
    sheet = Sheet()
    sheet.table(100, [["规章", "", "3"], ["规范性文件", "", ""]], [72, 200, 300, 400])
    assert tables(one_page(sheet)) == [[["规章", "", "3"], ["规范性文件", "", ""]]]


def test_a_table_without_outer_rules_is_closed() -> None:
    sheet = Sheet()
    sheet.table(100, [["规章", "1", "3"], ["规范性文件", "2", "4"]], [72, 200, 300, 400], sides=False)
    assert tables(one_page(sheet)) == [[["规章", "1", "3"], ["规范性文件", "2", "4"]]]


def test_rules_drawn_as_thin_filled_boxes_and_in_white() -> None:
    sheet = Sheet()
    for x in (72, 200, 300):
        sheet.box(x, 100, x + 0.7, 148, "f")
    for y in (100, 124, 148):
        sheet.box(72, y, 300.7, y + 0.7, "f")
    sheet.box(250, 90, 250.7, 160, "f", "1 1 1")  # white on white: nobody sees it
    sheet.box(72, 100, 300, 124, "f", "0.9 0.9 0.9")  # the shade of a header
    for x, y, words in [(80, 106, "行政许可"), (210, 106, "5 7"), (80, 130, "行政处罚"), (210, 130, "9")]:
        sheet.text(x, y, words, 10)
    assert tables(one_page(sheet)) == [[["行政许可", "57"], ["行政处罚", "9"]]]
    assert one_page(sheet).text().splitlines()[0] == "行政许可\t5 7"


def test_running_text_in_a_box_is_no_table() -> None:
    sheet = Sheet()
    sheet.box(60, 60, 535, 300)
    sheet.paragraph(80, [FULL[:30], FULL, "统计到年底。"])
    sheet.paragraph(150, ["一、总体情况"])
    assert texts(one_page(sheet)) == [FULL[:30] + FULL + "统计到年底。", "一、总体情况"]
    assert tables(one_page(sheet)) == []


def test_a_frame_around_the_page_does_not_swallow_its_table() -> None:
    sheet = Sheet()
    sheet.box(40, 40, 555, 800)
    sheet.text(72, 80, "二、主动公开情况")
    sheet.table(110, [["规章", "1"], ["规范性文件", "2"]], [72, 200, 300])
    document = one_page(sheet)
    assert texts(document) == ["二、主动公开情况"]
    assert tables(document) == [[["规章", "1"], ["规范性文件", "2"]]]


def test_a_number_broken_by_its_narrow_cell_is_one_number() -> None:
    sheet = Sheet()
    sheet.table(100, [["甲", "乙"], ["123\n4", "1\n2"]], [72, 100, 200], size=10)
    (table,) = [block for block in one_page(sheet).blocks if isinstance(block, Table)]
    assert table.printed()[1] == ["1234", "1\n2"]


# --- tables without rules ---


def test_wrapped_labels_join_the_figures_of_their_row() -> None:
    sheet = Sheet()
    sheet.text(72, 60, "三、收到和处理情况")
    labels = [
        (120, 100, "1.属于国家秘密"), (60, 126, "（三）不"), (120, 126, "2.申请人无正当"), (120, 140, "理由逾期不补正"),
        (60, 140, "予公开"), (120, 166, "3.重复"), (120, 180, "申请的"), (120, 194, "信息"), (120, 220, "4.其他"),
        (60, 250, "四、复议诉讼情况"),
    ]  # fmt: skip
    for x, top, words in labels:
        sheet.text(x, top, words, 10)
    for top, figures in [(100, "1 0 1"), (133, "- 2 2"), (180, "3 4 7"), (220, "0 0 /")]:
        for n, figure in enumerate(figures.split()):
            sheet.text(300 + 60 * n, top, figure, 10)
    assert texts(one_page(sheet)) == [
        "三、收到和处理情况",
        "1.属于国家秘密\t1\t0\t1",
        "（三）不予公开",
        "2.申请人无正当理由逾期不补正\t-\t2\t2",
        "3.重复申请的信息\t3\t4\t7",
        "4.其他\t0\t0\t/",
        "四、复议诉讼情况",
    ]


def test_a_label_over_columns_stands_between_the_columns_at_its_sides() -> None:
    sheet = Sheet()
    for x, top, words in [
        (60, 106, "甲列"), (180, 100, "各组"), (300, 106, "总计"),
        (120, 117, "乙列"), (240, 117, "丙列"),
        (120, 160, "甲组"), (240, 160, "乙组"), (180, 171, "前者"), (300, 171, "后者"),
    ]:  # fmt: skip
        sheet.text(x, top + (top == 106) * 2.5, words, 7)
    assert texts(one_page(sheet)) == ["甲列\t各组\t总计", "乙列\t丙列", "甲组\t乙组", "前者\t后者"]


def test_a_label_without_figures_keeps_a_line_of_its_own() -> None:
    sheet = Sheet()
    for n, (words, figures) in enumerate(
        [("1.甲", "1 0 1"), ("2.乙", ""), ("3.丙", "3 4 7"), ("4.丁", "0 0 0")]
    ):
        sheet.text(72, 100 + 16 * n, words, 10)
        for m, figure in enumerate(figures.split()):
            sheet.text(200 + 60 * m, 100 + 16 * n, figure, 10)
    assert texts(one_page(sheet)) == ["1.甲\t1\t0\t1", "2.乙", "3.丙\t3\t4\t7", "4.丁\t0\t0\t0"]


def test_numbers_in_running_text_are_no_table() -> None:
    sheet = Sheet()
    lines = ["收到申请12件，办结10件，结转2件。", "一、总体情况", "发布信息3条，转载4条，回应5条。"]
    for n, line in enumerate(lines):
        sheet.text(72, 100 + 30 * n, line)
    assert texts(one_page(sheet)) == lines


# --- tables over page breaks ---

HEAD: list[list[Cell]] = [["章", "节", "情形", "自然人", "企业", "总计"]]


def broken(
    above: list[list[Cell]], below: list[list[Cell]], *, close: bool = True, shift: float = 2
) -> list[list[str]]:
    """The one table that two pages make; the second is set a little apart, as word processors do."""
    first, second = Sheet(), Sheet()
    first.text(72, 500, "三、收到和处理情况")
    first.table(640, above, COLUMNS, close=close)
    first.text(280, 800, "- 4 -")
    bottom = second.table(72, below, [COLUMNS[0] - shift, *COLUMNS[1:-1], COLUMNS[-1] + shift])
    second.text(72, bottom + 20, "四、复议诉讼情况")
    document = take_apart_pdf(write([first, second]))
    assert texts(document) == ["三、收到和处理情况", "四、复议诉讼情况"]
    (table,) = tables(document)
    return table


def test_a_break_between_rows() -> None:
    table = broken([*HEAD, [("一、新收", 3), "5", "1", "6"]], [[("二、结转", 3), "0", "0", "0"]])
    assert [row[2:] for row in table] == [
        ["情形", "自然人", "企业", "总计"],
        ["一、新收", "5", "1", "6"],
        ["二、结转", "0", "0", "0"],
    ]


def test_a_break_inside_a_group_label() -> None:
    table = broken(
        [
            *HEAD,
            [("三、办\n理结果", 1, 2), "（三）不\n予公开", "8.查询事项", "1", "2", "3"],
            ["（四）无", "1.不掌握", "4", "5", "9"],
        ],
        [
            [("", 1, 3), ("法提供", 1, 2), "2.另行制作", "6", "7", "13"],
            ["3.不明确", "8", "9", "17"],
            [("（七）总计", 2), "1", "1", "2"],
        ],
    )
    assert [row[:3] for row in table[1:]] == [
        ["三、办理结果", "（三）不予公开", "8.查询事项"],
        ["三、办理结果", "（四）无法提供", "1.不掌握"],
        ["三、办理结果", "（四）无法提供", "2.另行制作"],
        ["三、办理结果", "（四）无法提供", "3.不明确"],
        ["三、办理结果", "（七）总计", "（七）总计"],
    ]


def test_a_break_between_two_groups_does_not_join_them() -> None:
    table = broken(
        [
            *HEAD,
            [("三、办理结果", 1, 2), ("（三）不\n予公开", 1, 2), "7.案卷", "1", "2", "3"],
            ["8.查询事项", "1", "2", "3"],
        ],
        [
            [("", 1, 2), ("（四）无\n法提供", 1, 2), "1.不掌握", "6", "7", "13"],
            ["2.另行制作", "8", "9", "17"],
        ],
    )
    assert [row[1] for row in table] == [
        "节",
        "（三）不予公开",
        "（三）不予公开",
        "（四）无法提供",
        "（四）无法提供",
    ]


def test_a_break_through_a_row() -> None:
    table = broken(
        [*HEAD, ["三", "", "（二）部分公开（区分处理的，只计这", "4", "5", "9"]],
        [["", "", "一情形）", "", "", ""], [("（七）总计", 3), "6", "7", "13"]],
    )
    assert [row[2:] for row in table[1:]] == [
        ["（二）部分公开（区分处理的，只计这一情形）", "4", "5", "9"],
        ["（七）总计", "6", "7", "13"],
    ]


def test_rows_that_a_page_leaves_open_stay_rows() -> None:
    table = broken(
        [*HEAD, ["一", "", "危及社会稳定", "件", "", ""]],
        [["", "", "不是政府信息", "件", "", "107"], ["", "", "其他情形", "件", "", "51"]],
        close=False,
    )
    assert [row[2] for row in table] == ["情形", "危及社会稳定", "不是政府信息", "其他情形"]


def test_rows_with_blank_cells_are_not_taken_for_one_row() -> None:
    table = broken([*HEAD, [("规章", 3), "", "", ""]], [[("行政规范性文件", 3), "4", "5", "9"]])
    assert [row[2:] for row in table[1:]] == [["规章", "", "", ""], ["行政规范性文件", "4", "5", "9"]]


def test_head_rows_repeated_on_the_next_page_are_left_out() -> None:
    table = broken([*HEAD, [("一、新收", 3), "5", "1", "6"]], [*HEAD, [("二、结转", 3), "0", "0", "0"]])
    assert [row[2] for row in table] == ["情形", "一、新收", "二、结转"]


def test_a_cell_that_the_page_leaves_open_goes_on_whatever_it_says() -> None:
    table = broken(
        [*HEAD, [("其他处理", 1, 3), ("甲", 2), "1", "2", "3"]],
        [[("及说明", 1, 2), ("乙", 2), "4", "5", "9"], [("丙", 2), "6", "7", "13"]],
        close=False,
    )
    assert [row[0] for row in table[1:]] == ["其他处理及说明"] * 3


def test_another_table_after_a_heading_is_another_table() -> None:
    first, second = Sheet(), Sheet()
    first.table(640, [["规章", "1"], ["规范性文件", "2"]], [72, 200, 300])
    second.text(72, 80, "三、收到和处理情况")
    second.table(110, [["新收", "3"], ["结转", "4"]], [72, 200, 300])
    assert len(tables(take_apart_pdf(write([first, second])))) == 2


# --- turned pages ---


def test_a_page_with_a_rotation_of_its_own() -> None:
    sheet = Sheet(rotate=90)
    sheet.text(500, 700, "行政许可", turned=True)
    assert texts(one_page(sheet)) == ["行政许可"]


def test_a_page_on_its_head_is_turned_and_no_figure_read_backwards() -> None:
    sheet = Sheet(rotate=180)
    sheet.table(100, [["情形", "总计"], ["重复申请", "120"], ["其他", "31"]], [72, 200, 300])
    assert tables(one_page(sheet)) == [[["情形", "总计"], ["重复申请", "120"], ["其他", "31"]]]


def test_a_table_lying_on_its_side_is_turned_upright() -> None:
    sheet = Sheet()
    for x in (100, 130, 160):
        sheet.line(x, 300, x, 600)
    for y in (300, 400, 600):
        sheet.line(100, y, 160, y)
    # The upper edge of the table looks to the left: its first row is the column at x 100.
    for x, y, words in [(118, 590, "行政许可"), (118, 390, "5"), (148, 590, "行政处罚"), (148, 390, "9")]:
        sheet.text(x, y, words, 10, turned=True)
    assert tables(one_page(sheet)) == [[["行政许可", "5"], ["行政处罚", "9"]]]


# --- what cannot be read is told ---


def test_a_scan_has_images_and_says_so() -> None:
    text, scan, blank = Sheet(), Sheet(), Sheet()
    text.text(72, 100, "正文。")
    scan.image(0, 0, 595, 842)
    document = take_apart_pdf(write([text, scan, blank]))
    assert rules(document) == ["PDF-NO-TEXT"]
    assert document.findings[0].message.startswith("1 of the PDF's 3 pages")
    assert document.images == 1
    assert document.trouble is None


def test_recognised_text_over_a_scan_is_doubtful() -> None:
    sheet = Sheet()
    sheet.image(0, 0, 595, 842)
    sheet.text(72, 100, "行政许可 5")
    assert rules(one_page(sheet)) == ["PDF-RECOGNISED-TEXT"]


def test_a_page_of_glyphs_without_meaning_is_no_text() -> None:
    sheet = Sheet()
    sheet.unknown_glyphs(72, 100, 20)
    document = one_page(sheet)
    assert (rules(document), texts(document), document.images) == (["PDF-NO-TEXT"], [], 1)


def test_a_small_seal_is_no_image_of_a_table() -> None:
    sheet = Sheet()
    sheet.text(72, 100, "正文。")
    sheet.image(400, 600, 500, 700)
    assert one_page(sheet).images == 0
    sheet.image(72, 200, 522, 400)
    assert one_page(sheet).images == 1


def test_a_title_among_the_properties_counts_only_in_chinese() -> None:
    sheet = Sheet()
    sheet.text(72, 100, "正文。")
    assert take_apart_pdf(write([sheet], title="某局2023年度报告")).titles == ["某局2023年度报告"]
    assert take_apart_pdf(write([sheet], title="Microsoft Word - 1.doc")).titles == []


def test_more_pages_than_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_PAGES", 3)
    pages = []
    for number in range(5):
        sheet = Sheet()
        sheet.text(72, 300, f"第{number}段。")
        pages.append(sheet)
    document = take_apart_pdf(write(pages))
    assert texts(document) == ["第0段。", "第1段。", "第2段。"]
    assert rules(document) == ["FILE-TRUNCATED"]
    assert "3 of 5" in document.findings[0].message


def test_a_file_cut_short_is_damaged_or_said_to_be_incomplete() -> None:
    sheet = Sheet()
    sheet.table(100, [["规章", "1"], ["规范性文件", "2"]], [72, 200, 300])
    whole = write([sheet])
    for length in range(len(whole) - 40, 0, -len(whole) // 17):
        document = take_apart_pdf(whole[:length])
        assert set(rules(document)) & {"FILE-DAMAGED", "FILE-INCOMPLETE"}, length
        # Whatever is left of the page: its cells are the page's or are not there.
        for table in tables(document):
            assert table == [["规章", "1"], ["规范性文件", "2"]]


def test_a_file_with_a_password_says_so() -> None:
    sheet = Sheet()
    sheet.text(72, 100, "正文。")
    locked = write([sheet]).replace(
        b"trailer<<",
        b"trailer<</ID[<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>]"
        b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">>>",
    )
    document = take_apart_pdf(locked)
    assert rules(document) == ["FILE-ENCRYPTED"]
    assert document.trouble == "encrypted: The pdf file opens only with a password."


def test_a_page_drawn_with_ten_thousand_lines_is_not_searched_for_tables() -> None:
    sheet = Sheet()
    for n in range(9_000):
        sheet.line(n % 500, n % 700, n % 500 + 40, n % 700 + 30 * (n % 2))
    sheet.text(72, 100, "正文。")
    started = time.perf_counter()
    document = one_page(sheet)
    assert time.perf_counter() - started < 10
    assert (texts(document), tables(document)) == (["正文。"], [])


# --- a real report ---


@pytest.mark.samples
def test_the_real_report_is_read_exactly() -> None:
    file = SAMPLES / "huaian-2024.pdf"
    if not file.exists():
        pytest.skip(f"no samples beside the checkout ({SAMPLES})")
    truth = json.loads(file.with_suffix(".json").read_text("utf-8"))
    report = read(file.read_bytes(), [], Context())
    wrong = {
        (table, row, column): (value, report.tables.get(table, {}).get(row, {}).get(column))
        for table, rows in truth["tables"].items()
        for row, columns in rows.items()
        for column, value in columns.items()
        if report.tables.get(table, {}).get(row, {}).get(column) != value
    }
    assert wrong == {}
    assert (report.title, report.agency, report.year) == (
        truth["title"],
        truth["agency"],
        truth["report_year"],
    )
    narrative = "".join(section.text for section in report.sections)
    assert [c["quote"] for c in truth["narrative_claims"] if c["quote"] not in narrative] == []


@pytest.mark.samples
def test_six_pages_take_less_than_a_second_and_a_half() -> None:
    file = SAMPLES / "huaian-2024.pdf"
    if not file.exists():
        pytest.skip(f"no samples beside the checkout ({SAMPLES})")
    body = file.read_bytes()
    best = 10.0
    for _ in range(3):
        started = time.process_time()
        take_apart_pdf(body)
        best = min(best, time.process_time() - started)
    assert best < 1.5
