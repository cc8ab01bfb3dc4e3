"""One report page at random, and what it states."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from archive.report.model import Context
from tests.generator import claims, expected, figures, files, grids, html, older, text
from tests.generator.agencies import BODIES, Body
from tests.generator.cells import Cell, Printed
from tests.generator.style import STATUTORY, Style

Block = str | grids.Rows
HEADINGS = {
    "official": [
        "一、总体情况",
        "二、主动公开政府信息情况",
        "三、收到和处理政府信息公开申请情况",
        "四、政府信息公开行政复议、行政诉讼情况",
        "五、存在的主要问题及改进情况",
        "六、其他需要报告的事项",
    ],
    "variant": [
        "一 、总体情况",
        "二、主动公开政府信息情况",
        "三、收到和处理政府信息公开申请情况",
        "四、因政府信息公开工作被申请行政复议、提起行政诉讼情况",
        "五、政府信息公开工作存在的主要问题及改进情况",
        "六、其他需要报告事项",
    ],
}
HEADINGS["half"] = [h.replace("、", "､", 1) for h in HEADINGS["official"]]
OLDER_HEADINGS = ["一、概述", "二、主动公开情况", "三、依申请公开情况", "四、存在的主要问题和改进措施"]
YEARS = {
    "gb2019": (2019, 2020),
    "stat2014": (2014, 2018),
    "legacy2008": (2008, 2013),
    "narrative": (2009, 2018),
}


@dataclass(slots=True)
class Generated:
    """A page, how it was served, and what it states."""

    body: bytes
    headers: list[tuple[str, str]]
    context: Context
    style: Style
    truth: grids.Truth
    year: int
    title: str
    who: Body
    published_on: str | None
    findings: set[expected.Expected] = field(default_factory=set)
    """What must be found wrong with it, by the rules that ``expected`` judges."""

    def cells(self) -> dict[tuple[str, str, str], Printed]:
        """Every value cell that is printed."""
        return {
            (t, r, c): p for t, rows in self.truth.items() for r, row in rows.items() for c, p in row.items()
        }


def generate(random: Random, **fixed: object) -> Generated:
    """One page; ``fixed`` pins dimensions of ``tests.generator.style``."""
    style = Style.draw(random, **fixed)
    year = random.randint(*YEARS.get(style.form, (2021, 2025)))
    who = random.choice(BODIES)
    day = f"{year + 1}-{random.choice(['01', '02', '03'])}-{random.randint(10, 28)}"
    blocks, truth, findings = (
        _statutory(random, style, who, year) if style.form in STATUTORY else _older(random, style, who, year)
    )
    title = _title(style, who, year)
    body, headers = _served(random, style, title, day, who, blocks)
    has_metas = style.document in ("html", "pre")
    published = None if style.date == "none" or (style.date == "meta" and not has_metas) else day
    context = Context(
        url=f"https://www.example.gov.cn/zwgk_1/zfxxgknb/{day[:4]}{day[5:7]}/t{day.replace('-', '')}_15300000.html",
        title=f"{who.short}{year}年政府信息公开工作年度报告" if style.named_in == "link" else None,
    )
    return Generated(body, headers, context, style, truth, year, title, who, published, findings)


def _statutory(
    random: Random, style: Style, who: Body, year: int
) -> tuple[list[Block], grids.Truth, set[expected.Expected]]:
    """A report with the three tables of 2019 or 2021."""
    values = figures.draw(random, style.form, one_row=style.one_row, level=who.level)
    figures.spoil(random, values, {"one": 1, "three": 3}.get(style.fault or "", 0))
    typist = grids.Typist(random, style, values)
    tables = _tables(random, style, typist)
    sentences, told = claims.tell(random, style, values, f"{year}年，")
    told_year = year - 1 if style.body_year == "wrong" else year
    prose = _prose(style, who, told_year, sentences)
    findings = expected.in_tables(typist.printed, one_row=style.one_row) | expected.in_text(
        typist.printed, told
    )
    if style.decoy == "last_year":
        before = figures.draw(random, style.form, one_row=style.one_row, level=who.level)
        other = grids.table3(grids.Typist(random, style, before))
        tables[1].append(other)
    blocks: list[Block] = list(prose[0])
    for number, heading in enumerate(HEADINGS[style.headings], start=1):
        blocks += [heading, *prose[number]]
        if 2 <= number <= 4:
            for index, table in enumerate(tables[number - 2]):
                if style.decoy == "last_year" and number == 3 and index == len(tables[1]) - 1:
                    blocks.append(f"附：{year - 1}年度收到和处理政府信息公开申请情况（供对照）")
                blocks.append(table)
    if style.second == "below":
        blocks += _second(random, style, who, year - 1)
    elif style.second == "above":
        blocks = [*_second(random, style, who, year - 1), _title(style, who, year), *blocks]
    return blocks, typist.printed, findings


def _title(style: Style, who: Body, year: int) -> str:
    named = who.short if style.named_in == "title" else ""
    return f"{named}{year}年政府信息公开工作年度报告"


def _second(random: Random, style: Style, who: Body, year: int) -> list[Block]:
    """Another report, of that year, with its title."""
    values = figures.draw(random, style.form, one_row=style.one_row, level=who.level)
    tables = _tables(random, style, grids.Typist(random, style, values))
    blocks: list[Block] = [_title(style, who, year)]
    for number, prose in enumerate(_prose(style, who, year, [])):
        blocks += [HEADINGS[style.headings][number - 1], *prose] if number else prose
        if 2 <= number <= 4:
            blocks += tables[number - 2]
    return blocks


def _older(
    random: Random, style: Style, who: Body, year: int
) -> tuple[list[Block], grids.Truth, set[expected.Expected]]:
    """A report of before 2019: running text, with or without a list of indicators at its end."""
    first = (
        f"{year}年，{who.name}做好各项公开工作。"
        if style.named_in != "link"
        else f"{year}年，公开工作有序开展。"
    )
    prose = [
        [first, "更新栏目内容，方便群众查阅。"],
        ["及时发布各类信息，内容涵盖工作动态和财政资金。"],
        ["办理渠道畅通，答复及时。"],
        ["内容不够丰富。今后将加强学习，提高公开质量，改进服务方式，让群众更方便地获取信息。" * 3],
    ]
    blocks: list[Block] = []
    for heading, lines in zip(OLDER_HEADINGS, prose, strict=True):
        blocks += [heading, *lines]
    if style.form == "narrative":
        return blocks, {}, set()
    values = older.draw(random, style.form, who.level)
    rows, truth = older.table(random, style, values)
    return [*blocks, "政府信息公开情况统计表", rows], truth, expected.in_statistics(truth, style.form)


def _tables(random: Random, style: Style, typist: grids.Typist) -> list[list[grids.Rows]]:
    """For each of the sections 二, 三, 四 its tables."""
    two, three, four = grids.table2(typist), grids.table3(typist), grids.table4(typist)
    grids.add_beside(random, style, three)
    if style.spans != "official":
        repeat = style.spans == "repeat"

        def fill(cell: Cell) -> str:
            return cell.text if repeat and cell.path is None else ""

        if not style.wide_values:
            two = grids.resolved(two, fill)
        three = grids.resolved(three, fill)
        four = [grids.resolved(part, fill) for part in four]
    if style.spare_column:
        two = [[*row, Cell("")] for row in two]
    if style.one_table and style.cases == "row":
        return [[two + three + four[0]], [], []]
    parts = [three]
    if style.broken_at and style.spans == "official":
        parts = grids.broken(random, three, 3, repeat_header=style.broken_at == "rows_with_header")
    return [[two], parts, four]


def _prose(style: Style, who: Body, year: int, told: list[str]) -> list[list[str]]:
    """The running text of the preamble and the six sections; what it says of the tables is in ``told``."""
    period = f"所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。" if style.period == "plain" else ""
    if style.named_in == "link":
        first = f"{year}年，围绕中心工作，公开工作有序开展。"
    else:
        first = f"{year}年，{who.name}做好各项公开工作。"
    if style.decoy == "years":
        first += f"与{year - 1}年相比有所进步，{year - 2}年以来逐年改进，计划在{year + 1}年继续。"
    return [
        [f"依照《中华人民共和国政府信息公开条例》的要求，编写{year}年年度报告。{period}"],
        [first, "（一）主动公开情况。更新栏目内容。", "（二）依申请公开情况。办理渠道畅通。", *told],
        [],
        [],
        [],
        ["（一）存在的问题。内容不够丰富。", "（二）改进情况。加强学习。"],
        ["本年度没有收取信息处理费。没有其他需要报告的事项。"],
    ]


def _served(
    random: Random, style: Style, title: str, day: str, who: Body, blocks: list[Block]
) -> tuple[bytes, list[tuple[str, str]]]:
    line = _date_line(style, day)
    if style.document == "docx":
        kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        return files.word(title, [line] if line else [], blocks), [("Content-Type", kind)]
    if style.document == "xlsx":
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return files.excel(title, [line] if line else [], blocks), [("Content-Type", kind)]
    page = (
        _text(style, title, line, blocks) if style.is_text else _html(random, style, title, day, who, blocks)
    )
    return _encoded(style, page)


def _date_line(style: Style, day: str) -> str:
    return {
        "label": f"日期：{day}",
        "source_first": f"来源：办公室 发布时间：{day} 17:01",
        "glued": f"日期：{day}来源：办公室",
    }.get(style.date, "")


def _html(random: Random, style: Style, title: str, day: str, who: Body, blocks: list[Block]) -> str:
    charset = {"gb18030 as gb2312": "gb2312", "undeclared gb18030": ""}.get(style.charset, "utf-8")
    metas = f'<meta charset="{charset}">' if charset else ""
    metas += f"<title>{title if style.title != 'meta' else '政府信息公开年报'}_人民政府网</title>"
    if style.title == "meta":
        metas += f'<meta name="ArticleTitle" content="{title}">'
    metas += html.SHEET if style.sheet != "none" else ""
    if style.date == "meta":
        metas += f'<meta content="{day} 09:30" name="PubDate">'
    if style.document == "pre":
        body = [f"<pre>{title}\n{html.pre(style, blocks)}</pre>"]
    else:
        body = html.decoys_before(style, title, who.name, int(day[:4]) - 1)
        body += html.body(random, style, blocks)
    return html.page(
        random,
        style,
        title=title,
        head=metas,
        date_line=_date_line(style, day),
        crumbs="您的位置：首页&gt;政务公开&gt;政府信息公开年报",
        body=body,
        beside=html.decoys_beside(style, int(day[:4]) - 1),
    )


def _text(style: Style, title: str, line: str, blocks: list[Block]) -> str:
    lines = [title, ""]
    if line:
        lines += [line, ""]
    for block in blocks:
        lines += [block, ""] if isinstance(block, str) else text.table(style, block)
    return "\n".join(lines)


def _encoded(style: Style, page: str) -> tuple[bytes, list[tuple[str, str]]]:
    kind = "text/plain" if style.is_text else "text/html"
    if style.charset == "bom":
        return page.encode("utf-8-sig"), [("Content-Type", kind)]
    if style.charset == "gb18030 as gb2312":
        return page.encode("gb18030"), [("Content-Type", f"{kind}; charset=gb2312")]
    if style.charset == "undeclared gb18030":
        return page.encode("gb18030"), [("Content-Type", kind)]
    if style.charset == "utf-8 as latin1":
        return page.encode("utf-8"), [("Content-Type", f"{kind}; charset=ISO-8859-1")]
    return page.encode("utf-8"), [("Content-Type", f"{kind}; charset=utf-8")]
