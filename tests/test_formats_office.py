"""Word and Excel files, the archives they are, and the old formats that need LibreOffice."""

import io
import os
import stat
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt
from openpyxl.styles import Border, Side

from archive import office
from archive.report.document import Document, Paragraph, Table
from archive.report.formats.docx import take_apart_docx
from archive.report.formats.docx_styles import written
from archive.report.formats.files import take_apart_file
from archive.report.formats.number_formats import printed
from archive.report.formats.package import BombError, Package, PackageError
from archive.report.formats.xlsx import take_apart_xlsx
from archive.report.model import Context
from archive.report.read import read
from archive.sandbox import Sandbox

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "data" / "samples"
W = nsdecls("w")


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Paragraph)]


def tables(document: Document) -> list[list[list[str]]]:
    return [block.printed() for block in document.blocks if isinstance(block, Table)]


def rules(document: Document) -> list[str]:
    return [f.rule for f in document.findings]


def saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def with_body(xml: str) -> bytes:
    """A Word file whose body holds this markup."""
    document = docx.Document()
    body = document.element.body
    for element in parse_xml(f"<w:body {W}>{xml}</w:body>"):
        body.insert(len(body) - 1, element)
    return saved(document)


def replaced(body: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(body)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            data = source.read(entry)
            target.writestr(entry.filename, change(data) if entry.filename == name else data)
    return out.getvalue()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"


# --- Word: text ---


def test_paragraphs_and_tables_come_in_the_order_of_the_document() -> None:
    document = docx.Document()
    document.add_paragraph("一、总体情况")
    table = document.add_table(2, 3)
    table.cell(0, 0).merge(table.cell(0, 2)).text = "第二十条第（一）项"
    for column, text in enumerate(["规章", "0", "11"]):
        table.cell(1, column).text = text
    document.add_paragraph("")
    document.add_paragraph("二、其他事项")
    read_document = take_apart_docx(saved(document))
    assert [type(block).__name__ for block in read_document.blocks] == ["Paragraph", "Table", "Paragraph"]
    assert tables(read_document) == [[["第二十条第（一）项"] * 3, ["规章", "0", "11"]]]
    assert (read_document.format, read_document.trouble) == ("docx", None)


def test_tracked_changes_content_controls_and_links_are_read_as_they_would_print() -> None:
    xml = (
        "<w:p><w:r><w:t>收到</w:t></w:r><w:del><w:r><w:delText>12</w:delText></w:r></w:del><w:ins><w:r><w:t>15</w:t></w:r></w:ins>"
        "<w:moveFrom><w:r><w:t>旧</w:t></w:r></w:moveFrom><w:sdt><w:sdtContent><w:r><w:t>件</w:t></w:r></w:sdtContent></w:sdt>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r><w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>申请</w:t></w:r>"
        "<w:hyperlink><w:r><w:t>，见</w:t></w:r></w:hyperlink><w:r><w:br/><w:t>网站</w:t><w:tab/><w:t>。</w:t></w:r>"
        "<w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
        f"<w:sdt><w:sdtContent>{paragraph('控件里的段落')}</w:sdtContent></w:sdt>"
    )
    assert texts(take_apart_docx(with_body(xml))) == ["收到15件申请，见\n网站\t。", "控件里的段落"]


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        ("", "<w:vertAlign w:val='superscript'/>", "130¹"),
        ("", "<w:vertAlign w:val='subscript'/>", "130₁"),
        ("", "<w:position w:val='6'/>", "130¹"),
        ("", "<w:vertAlign w:val='baseline'/>", "1301"),
        ("<w:vertAlign w:val='superscript'/>", "<w:vertAlign w:val='superscript'/>", "1301"),
        ("", "<w:strike/>", "1301\u0336"),
        ("", "<w:dstrike w:val='true'/>", "1301\u0336"),
        ("", "<w:strike w:val='0'/>", "1301"),
        ("", "<w:rStyle w:val='Mark'/>", "130¹"),
    ],
)
def test_marks_and_deletions_never_join_a_number(first: str, second: str, text: str) -> None:
    runs = f"<w:r><w:rPr>{first}</w:rPr><w:t>130</w:t></w:r><w:r><w:rPr>{second}</w:rPr><w:t>1</w:t></w:r>"
    style = b"<w:style w:type='character' w:styleId='Mark'><w:rPr><w:vertAlign w:val='superscript'/></w:rPr></w:style></w:styles>"
    body = with_body(f"<w:tbl><w:tr>{cell('行政处罚')}<w:tc><w:p>{runs}</w:p></w:tc></w:tr></w:tbl>")
    document = take_apart_docx(
        replaced(body, "word/styles.xml", lambda data: data.replace(b"</w:styles>", style))
    )
    assert tables(document) == [[["行政处罚", text]]]
    assert rules(document) == (["TEXT-STRUCK"] if "\u0336" in text else [])


def test_words_struck_out_are_not_said() -> None:
    xml = (
        "<w:p><w:r><w:t>公开</w:t></w:r><w:r><w:rPr><w:strike/></w:rPr><w:t>旧的</w:t></w:r>"
        "<w:r><w:t>信息</w:t></w:r></w:p>"
    )
    assert texts(take_apart_docx(with_body(xml))) == ["公开信息"]


def test_a_text_box_is_read_once() -> None:
    box = f"<w:txbxContent>{paragraph('框里的字')}</w:txbxContent>"
    xml = (
        "<w:p><w:r><mc:AlternateContent xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'>"
        f"<mc:Choice Requires='wps'><w:drawing>{box}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent><w:t>框外</w:t></w:r></w:p>"
    )
    document = take_apart_docx(with_body(xml))
    assert (texts(document), document.images) == (["框外", "框里的字"], 0)


def test_pictures_are_counted_and_marked_in_their_cells() -> None:
    picture = "<w:r><w:drawing><a:blip xmlns:a='http://schemas.openxmlformats.org/drawingml/2006/main'/></w:drawing></w:r>"
    xml = f"<w:p>{picture}</w:p><w:tbl><w:tr><w:tc><w:p>{picture}</w:p></w:tc>{cell('1')}</w:tr></w:tbl>"
    document = take_apart_docx(with_body(xml))
    (table,) = [block for block in document.blocks if isinstance(block, Table)]
    assert document.images == 2
    assert [place.has_image for place in table.grid[0] if place] == [True, False]


def test_headings_and_large_centred_lines_are_marked() -> None:
    document = docx.Document()
    for line in ("某市人民政府", "2023年政府信息公开工作年度报告"):
        title = document.add_paragraph()
        title.alignment = 1
        title.add_run(line).font.size = Pt(22)
    document.add_paragraph("正文。")
    document.add_heading("一、总体情况", 1)
    small = document.add_paragraph("（2024年1月20日）")
    small.alignment = 1
    document.core_properties.title = "模板"
    taken = take_apart_docx(saved(document))
    assert [b.emphasis for b in taken.blocks if isinstance(b, Paragraph)] == [True, True, False, True, False]
    assert taken.titles == ["某市人民政府\n2023年政府信息公开工作年度报告", "模板"]


NUMBERING = f"""<w:numbering {W}>
<w:abstractNum w:abstractNumId="1">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%2."/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="2"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/></w:lvl></w:abstractNum>
<w:num w:numId="5"><w:abstractNumId w:val="1"/></w:num><w:num w:numId="6"><w:abstractNumId w:val="2"/></w:num>
<w:num w:numId="7"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>
</w:numbering>"""


def test_numbers_that_word_counts_are_written_out() -> None:
    def numbered(text: str, level: int, key: int = 5) -> str:
        mark = f"<w:pPr><w:numPr><w:ilvl w:val='{level}'/><w:numId w:val='{key}'/></w:numPr></w:pPr>"
        return f"<w:p>{mark}<w:r><w:t>{text}</w:t></w:r></w:p>"

    xml = "".join(
        [numbered("总体", 0), numbered("甲", 1), numbered("乙", 1), numbered("主动", 0), numbered("丙", 1),
         numbered("点", 0, 6), numbered("重来", 0, 7), numbered("再", 0, 7), numbered("无此表", 0, 99)]
    )  # fmt: skip
    body = replaced(with_body(xml), "word/numbering.xml", lambda _: NUMBERING.encode())
    assert texts(take_apart_docx(body)) == [
        "一、总体",
        "1.甲",
        "2.乙",
        "二、主动",
        "1.丙",
        "点",
        "一、重来",
        "二、再",
        "无此表",
    ]


@pytest.mark.parametrize(
    ("count", "style", "text"),
    [
        (10, "chineseCounting", "十"), (12, "chineseCountingThousand", "十二"), (20, "chineseCounting", "二十"),
        (105, "chineseCounting", "一百零五"), (1010, "chineseCounting", "一千零一十"), (3, "decimalEnclosedCircle", "③"),
        (21, "decimalEnclosedCircle", "21"), (2, "upperLetter", "B"), (27, "lowerLetter", "27"), (14, "lowerRoman", "xiv"),
        (20, "upperRoman", "XX"), (10, "ideographDigital", "一〇"), (3, "none", ""), (4, "unheard-of", "4"),
    ],
)  # fmt: skip
def test_counts_as_word_writes_them(count: int, style: str, text: str) -> None:
    assert written(count, style) == text


# --- Word: tables ---


def test_vertical_merges_and_skipped_columns() -> None:
    restart, goes_on = "<w:vMerge w:val='restart'/>", "<w:vMerge/>"
    two, far = "<w:gridSpan w:val='2'/>", "<w:gridSpan w:val='99999999'/>"
    xml = (
        f"<w:tbl><w:tr>{cell('（三）不予公开', restart)}{cell('甲')}{cell('1')}</w:tr>"
        f"<w:tr>{cell('', goes_on)}{cell('乙')}{cell('2')}</w:tr>"
        "<w:tr><w:trPr><w:del/></w:trPr><w:tc><w:p/></w:tc></w:tr>"
        f"<w:tr><w:trPr><w:gridBefore w:val='1'/></w:trPr>{cell('丙', two)}</w:tr>"
        f"<w:tr>{cell('（七）总计', two)}{cell('3')}</w:tr></w:tbl><w:tbl><w:tr>{cell('远', far)}</w:tr><w:tr>{cell('近')}</w:tr></w:tbl>"
    )
    document = take_apart_docx(with_body(xml))
    first, second = [block for block in document.blocks if isinstance(block, Table)]
    assert first.printed() == [
        ["（三）不予公开", "甲", "1"],
        ["（三）不予公开", "乙", "2"],
        ["", "丙", "丙"],
        ["（七）总计", "（七）总计", "3"],
    ]
    assert first.grid[0][0] is first.grid[1][0]
    assert first.grid[2][0] is None
    assert len(second.grid[0]) < 1000


def test_a_merge_that_continues_nothing_is_a_cell() -> None:
    xml = f"<w:tbl><w:tr>{cell('规章', '<w:vMerge/>')}{cell('1')}</w:tr></w:tbl>"
    assert tables(take_apart_docx(with_body(xml))) == [[["规章", "1"]]]


def test_a_table_that_frames_the_document_is_taken_away() -> None:
    inner = f"<w:tbl><w:tr>{cell('规章')}{cell('1')}</w:tr></w:tbl>"
    framed = f"<w:tc>{paragraph('二、主动公开')}{inner}{paragraph('三、申请')}</w:tc>"
    document = take_apart_docx(with_body(f"<w:tbl><w:tr>{framed}</w:tr></w:tbl>"))
    assert [b.text if isinstance(b, Paragraph) else b.printed() for b in document.blocks] == [
        "二、主动公开", [["规章", "1"]], "三、申请",
    ]  # fmt: skip


def test_a_table_longer_than_is_read_says_so() -> None:
    document = take_apart_docx(with_body(f"<w:tbl>{f'<w:tr>{cell(str(1))}</w:tr>' * 2_003}</w:tbl>"))
    assert [len(table) for table in tables(document)] == [2_000]
    assert [f.message for f in document.findings] == [
        "The file is too long and was read in part: 2000 of 2003 (cells of a table)."
    ]


def test_a_table_of_one_cell_inside_a_cell_is_its_text() -> None:
    inner = f"<w:tc><w:tbl><w:tr>{cell('7')}</w:tr></w:tbl><w:p/></w:tc>"
    assert tables(take_apart_docx(with_body(f"<w:tbl><w:tr>{cell('规章')}{inner}</w:tr></w:tbl>"))) == [
        [["规章", "7"]]
    ]


def test_tables_nested_deeper_than_word_can_are_refused() -> None:
    xml = paragraph("x")
    for _ in range(80):
        xml = f"<w:tbl><w:tr><w:tc>{xml}</w:tc></w:tr></w:tbl>"
    assert rules(take_apart_docx(with_body(xml))) == ["FILE-DAMAGED"]


# --- the archive around it ---


def entry_bomb(size: int) -> bytes:
    return replaced(with_body(""), "word/document.xml", lambda _: b"<a>" + b"x" * size + b"</a>")


def many_entries() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        target.writestr("word/document.xml", "<a/>")
        for n in range(3_100):
            target.writestr(f"{n}", "")
    return out.getvalue()


def lying_size() -> bytes:
    """An entry that declares fewer bytes than it unpacks to."""
    body = bytearray(entry_bomb(1 << 20))
    directory = body.rfind(b"word/document.xml")
    body[directory - 46 + 24 : directory - 46 + 28] = (100).to_bytes(4, "little")
    return bytes(body)


@pytest.mark.parametrize(
    "make", [lambda: entry_bomb(60 << 20), many_entries], ids=["one long part", "many parts"]
)
def test_what_would_unpack_to_too_much_is_not_unpacked(make: Callable[[], bytes]) -> None:
    body = make()
    started = time.perf_counter()
    document = take_apart_docx(body)
    assert time.perf_counter() - started < 1
    assert rules(document) == ["FILE-BOMB"]
    with pytest.raises(BombError):
        Package(body)


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body><w:p><w:r><w:t>&j;</w:t></w:r></w:p></w:body></w:document>"
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    b"<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body><w:p><w:r><w:t>&a;</w:t></w:r></w:p></w:body></w:document>"
)
LATE = b'<?xml version="1.0"?><!--' + b"x" * 5000 + b"-->" + OUTSIDE[21:]


@pytest.mark.parametrize(
    "part", [LAUGHS, OUTSIDE, LATE], ids=["billion laughs", "a file outside", "after a long comment"]
)
@pytest.mark.parametrize("name", ["word/document.xml", "word/styles.xml"])
def test_entities_are_refused_wherever_they_stand(part: bytes, name: str) -> None:
    document = take_apart_docx(replaced(with_body(paragraph("正文")), name, lambda _: part))
    assert rules(document) == ["FILE-DAMAGED"]
    assert "document type" in (document.trouble or "")


@pytest.mark.parametrize("properties", [b"<broken", LATE, b"<a/>"], ids=["broken", "entities", "empty"])
def test_broken_properties_do_not_lose_the_document(properties: bytes) -> None:
    document = take_apart_docx(
        replaced(with_body(paragraph("正文")), "docProps/core.xml", lambda _: properties)
    )
    assert (texts(document), document.titles, document.trouble) == (["正文"], [], None)


@pytest.mark.parametrize("fmt", ["docx", "xlsx"])
def test_a_file_cut_short_is_damaged(fmt: str) -> None:
    book = openpyxl.Workbook()
    body = with_body(paragraph("正文")) if fmt == "docx" else saved(book)
    for length in (10, len(body) // 2, len(body) - 5):
        assert rules(take_apart_file(fmt, body[:length])) == ["FILE-DAMAGED"]  # type: ignore[arg-type]


def test_broken_parts_are_damage() -> None:
    body = with_body(paragraph("正文"))
    for change in (lambda _: b"<w:document", lambda _: b"", lambda _: b"<a/>"):
        assert rules(take_apart_docx(replaced(body, "word/document.xml", change))) == ["FILE-DAMAGED"]
    at = body.find(b"word/document.xml") + 200
    assert rules(take_apart_docx(body[:at] + b"\xff" * 40 + body[at + 40 :])) == ["FILE-DAMAGED"]
    assert rules(take_apart_docx(lying_size())) == ["FILE-DAMAGED"]
    with pytest.raises(PackageError):
        Package(body).read("word/nothing.xml")


# --- Excel ---


def bordered(sheet: object, top: int, rows: list[list[object]], width: int) -> None:
    side = Side("thin")
    for r, row in enumerate(rows, start=top):
        for c in range(1, width + 1):
            place = sheet.cell(r, c)  # type: ignore[attr-defined]
            place.border = Border(left=side, right=side, top=side, bottom=side)
            if c <= len(row):
                place.value = row[c - 1]


def test_a_sheet_becomes_titles_and_tables() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"] = "某局2023年政府信息公开工作年度报告"
    sheet.merge_cells("A1:D1")
    bordered(
        sheet, 3, [["第二十条第（一）项"], ["信息内容", "制发", "废止", "有效"], ["规章", 0, None, 11.0]], 4
    )
    sheet.merge_cells("A3:D3")
    sheet["A7"] = "四、复议诉讼情况"
    bordered(sheet, 8, [["结果维持", "总计"], [1, 2]], 2)
    hidden = book.create_sheet("草稿")
    hidden["A1"] = "不打印"
    hidden.sheet_state = "hidden"
    document = take_apart_xlsx(saved(book))
    assert [b.text if isinstance(b, Paragraph) else b.printed() for b in document.blocks] == [
        "某局2023年政府信息公开工作年度报告",
        [["第二十条第（一）项"] * 4, ["信息内容", "制发", "废止", "有效"], ["规章", "0", "", "11"]],
        "四、复议诉讼情况",
        [["结果维持", "总计", "", ""], ["1", "2", "", ""]],
    ]
    first = document.blocks[0]
    assert isinstance(first, Paragraph)
    assert first.emphasis


def test_a_sheet_without_borders_keeps_its_table_in_one_piece() -> None:
    book = openpyxl.Workbook()
    for row in [["年度报告"], [], ["信息内容", "件数"], ["第二十条第（五）项"], ["行政许可", 5]]:
        book.active.append(row)
    document = take_apart_xlsx(saved(book))
    assert texts(document) == ["年度报告"]
    assert tables(document) == [[["信息内容", "件数"], ["第二十条第（五）项", ""], ["行政许可", "5"]]]


def test_merges_over_rows_cover_their_places() -> None:
    book = openpyxl.Workbook()
    bordered(book.active, 1, [["（三）不予公开", "甲", 1], [None, "乙", 2]], 3)
    book.active.merge_cells("A1:A2")
    (table,) = [block for block in take_apart_xlsx(saved(book)).blocks if isinstance(block, Table)]
    assert table.printed() == [["（三）不予公开", "甲", "1"], ["（三）不予公开", "乙", "2"]]
    assert table.grid[0][0] is table.grid[1][0]


def test_hidden_rows_and_columns_are_not_printed() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    bordered(sheet, 1, [["三、结果", "去年", "甲", 1], [None, "去年", "乙", 2], [None, "去年", "丙", 3]], 4)
    sheet.merge_cells("A1:A3")
    sheet.column_dimensions["B"].hidden = True
    sheet.row_dimensions[1].hidden = True
    (table,) = [block for block in take_apart_xlsx(saved(book)).blocks if isinstance(block, Table)]
    assert table.printed() == [["三、结果", "乙", "2"], ["三、结果", "丙", "3"]]
    sheet.row_dimensions[2].hidden = sheet.row_dimensions[3].hidden = True
    assert take_apart_xlsx(saved(book)).blocks == []


def test_formulas_are_read_by_their_stored_result() -> None:
    book = openpyxl.Workbook()
    book.active.append(["合计", "=1+2"])
    body = saved(book)
    assert texts(take_apart_xlsx(body)) == ["合计"]  # never calculated: there is no result to read
    stored = replaced(
        body,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"<v />", b"<v>3</v>").replace(b"<v></v>", b"<v>3</v>"),
    )
    assert tables(take_apart_xlsx(stored)) == [[["合计", "3"]]]


def test_a_merge_or_a_cell_at_the_end_of_the_world_costs_nothing() -> None:
    book = openpyxl.Workbook()
    book.active.append(["规章", 1])
    body = saved(book)
    huge = replaced(
        body,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b'ref="A1:B1"', b'ref="A1:XFD1048576"').replace(
            b"</sheetData>",
            b'<row r="1048576"><c r="XFD1048576"><v>9</v></c></row></sheetData><mergeCells><mergeCell ref="A2:XFD1048576"/></mergeCells>',
        ),
    )
    started = time.perf_counter()
    document = take_apart_xlsx(huge)
    assert time.perf_counter() - started < 5
    assert tables(document)[0][0][:2] == ["规章", "1"]
    assert max(len(row) for row in tables(document)[0]) <= 200


def test_more_rows_and_sheets_than_are_read_are_told() -> None:
    book = openpyxl.Workbook()
    for n in range(2_010):
        book.active.append(["a", n])
    for n in range(25):
        book.create_sheet(f"s{n}")
    document = take_apart_xlsx(saved(book))
    assert rules(document) == ["FILE-TRUNCATED", "FILE-TRUNCATED"]
    assert [len(table) for table in tables(document)] == [2_000]


@pytest.mark.parametrize(
    ("value", "style", "text"),
    [
        (12.0, "General", "12"), (12, "0_ ", "12"), (0.1 + 0.2, "General", "0.3"), (96171.6, "0.00", "96171.60"),
        (96171.6, "#,##0.00_ ", "96,171.60"), (1234567, "#,##0", "1,234,567"), (0.125, "0.0%", "12.5%"), (5, '0"件"', "5件"),
        (0, '0;-0;"-"', "-"), (0, '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', "-"), (-3, "0_);(0)", "(3)"), (-3, "0", "-3"),
        (2.5, "0", "3"), (3.1, "#.##", "3.1"), (7, "[Red]0", "7"), (12, "@", "12"), (44, "# ?/?", "44"), (1e21, "General", "1" + "0" * 21),
        (None, "0", ""), (True, "General", "TRUE"), ("文字 ", "0", "文字"), (float("inf"), "0", "inf"),
    ],
)  # fmt: skip
def test_values_as_the_sheet_prints_them(value: object, style: str, text: str) -> None:
    assert printed(value, style) == text


# --- old formats ---

RTF = b"{\\rtf1\\ansi hello}"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def old(stream: str) -> bytes:
    return COMPOUND + stream.encode("utf-16-le") + bytes(64)


@pytest.fixture
def soffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Puts a program called soffice in the PATH; it sees the arguments that LibreOffice would."""

    def install(script: str) -> Path:
        folder = tmp_path / "bin"
        folder.mkdir()
        program = folder / "soffice"
        program.write_text("#!/bin/sh\n" + script)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
        return folder

    return install


@pytest.mark.parametrize(
    ("body", "kind"),
    [(old("WordDocument"), "doc"), (old("Workbook"), "xls"), (RTF, "rtf")],
    ids=["doc", "xls", "rtf"],
)
def test_without_libreoffice_old_files_say_what_is_missing(
    body: bytes, kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with Sandbox() as box:
        document = box.take_apart(body, [], Context())
    assert document.trouble == f"unsupported: {kind} (LibreOffice is not installed)"
    assert rules(document) == ["FILE-NEEDS-OFFICE"]


@pytest.mark.parametrize(
    ("body", "rule"),
    [(old("EncryptedPackage"), "FILE-ENCRYPTED"), (old("PowerPoint Document"), "FILE-UNSUPPORTED"),
     (COMPOUND, "FILE-UNSUPPORTED"), (b"PK\x03\x04 OFD.xml", "FILE-UNSUPPORTED"), (b"\x89PNG\r\n", "FILE-UNSUPPORTED")],
)  # fmt: skip
def test_files_that_nothing_here_can_read_say_why(body: bytes, rule: str) -> None:
    report = read(body, [], Context())
    assert report.status == "unparsed"
    assert [f.rule for f in report.findings][:1] == [rule]


def test_an_old_file_is_read_through_libreoffice(soffice: Callable[[str], Path]) -> None:
    # The last two arguments are the folder for the result (after --outdir) and the file to convert.
    folder = soffice(
        'for last; do :; done\nmkdir -p "$(dirname "$last")/out"\ncp "$(dirname "$0")/made.docx" "$(dirname "$last")/out/document.docx"\n'
    )
    (folder / "made.docx").write_bytes(with_body(paragraph("转换后的正文")))
    with Sandbox() as box:
        document = box.take_apart(old("WordDocument"), [("Content-Type", "application/msword")], Context())
    assert (document.format, texts(document)) == ("doc", ["转换后的正文"])


def test_a_libreoffice_that_fails_or_hangs_costs_one_document(
    soffice: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = soffice("exit 1\n")
    with Sandbox() as box:
        assert rules(box.take_apart(RTF, [], Context())) == ["FILE-DAMAGED"]
        (folder / "soffice").write_text("#!/bin/sh\nsleep 30 &\nsleep 30\n")
        monkeypatch.setattr(office, "SECONDS", 1)
        started = time.perf_counter()
        document = box.take_apart(RTF, [], Context())
    assert time.perf_counter() - started < 10
    assert rules(document) == ["FILE-TOO-SLOW"]


# --- a real form ---


@pytest.mark.samples
def test_the_blank_form_has_its_three_tables_and_no_number() -> None:
    file = SAMPLES / "blank-form-2021.docx"
    if not file.exists():
        pytest.skip(f"no samples beside the checkout ({SAMPLES})")
    body = file.read_bytes()
    shapes = [(len(b.grid), len(b.grid[0])) for b in take_apart_docx(body).blocks if isinstance(b, Table)]
    assert shapes == [(14, 4), (28, 10), (4, 15)]
    report = read(body, [], Context())
    values = [value for rows in report.tables.values() for row in rows.values() for value in row.values()]
    assert len(values) == 200
    assert set(values) == {None}
