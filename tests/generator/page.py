"""One report page at random, and what it states."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.generator import figures, grids, html, text
from tests.generator.cells import Printed
from tests.generator.style import Style

AGENCIES = [
    # (name in the title, full name, kind, scope, county code, level)
    ("重庆市巴南区人民政府办公室", "重庆市巴南区人民政府办公室", "government_office", "organ", "500113", 1),
    ("重庆市南岸区", "重庆市南岸区人民政府", "county_government", "jurisdiction_aggregate", "500108", 2),
    ("重庆市开州区金峰镇人民政府", "重庆市开州区金峰镇人民政府", "township_government", "organ", "500154", 0),
    (
        "重庆市渝中区人民政府朝天门街道办事处",
        "重庆市渝中区人民政府朝天门街道办事处",
        "subdistrict_office",
        "organ",
        "500103",
        0,
    ),
    ("重庆市武隆区统计局", "重庆市武隆区统计局", "department", "organ", "500156", 0),
    ("重庆市璧山区福禄镇", "重庆市璧山区福禄镇人民政府", "township_government", "organ", "500120", 0),
    ("重庆市北碚区教育委员会", "重庆市北碚区教育委员会", "department", "organ", "500109", 1),
    (
        "重庆市彭水苗族土家族自治县",
        "重庆市彭水苗族土家族自治县人民政府",
        "county_government",
        "jurisdiction_aggregate",
        "500243",
        1,
    ),
]
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


@dataclass(slots=True)
class Generated:
    """A page, how it was served, and what it states."""

    body: bytes
    headers: list[tuple[str, str]]
    url: str
    style: Style
    truth: grids.Truth
    year: int
    title: str
    agency: str
    kind: str
    scope: str
    county_code: str
    published_on: str | None

    def cells(self) -> dict[tuple[str, str, str], Printed]:
        """Every value cell that is printed."""
        return {
            (t, r, c): p for t, rows in self.truth.items() for r, row in rows.items() for c, p in row.items()
        }


def generate(random: Random, **fixed: object) -> Generated:
    """One page; ``fixed`` pins dimensions of ``tests.generator.style``."""
    style = Style.draw(random, **fixed)
    year = random.choice([2019, 2020]) if style.form == "gb2019" else random.randint(2021, 2025)
    short, agency, kind, scope, county, level = random.choice(AGENCIES)
    one_row = style.one_row
    values = figures.draw(random, style.form, one_row=one_row, level=level)
    typist = grids.Typist(random, style, values)
    tables = _tables(random, style, typist)
    title = f"{short}{year}年政府信息公开工作年度报告"
    day = f"{year + 1}-{random.choice(['01', '02', '03'])}-{random.randint(10, 28)}"
    published = None if style.date == "none" else day
    paragraphs = _prose(style, agency, year, kind)
    blocks = _blocks(style, paragraphs, tables)
    if style.document == "html":
        body = _html(random, style, title, day, blocks)
    else:
        body = _text(style, title, day, blocks)
    encoded, headers = _encoded(style, body)
    return Generated(
        encoded, headers, f"https://www.example.gov.cn/zwgk_1/zfxxgknb/{day[:4]}{day[5:7]}/t{day.replace('-', '')}_15300000.html",
        style, typist.printed, year, title, agency, kind, scope, county, published,
    )  # fmt: skip


def _tables(random: Random, style: Style, typist: grids.Typist) -> list[list[grids.Rows]]:
    """For each of the sections 二, 三, 四 its tables."""
    two, three, four = grids.table2(typist), grids.table3(typist), grids.table4(typist)
    if style.spans != "official":
        fill = (
            (lambda cell: cell.text if cell.path is None else "")
            if style.spans == "repeat"
            else (lambda cell: "")
        )
        if not style.wide_values:
            two = grids.resolved(two, fill if style.spans == "repeat" else lambda cell: "")
        three = grids.resolved(three, fill)
        four = [grids.resolved(part, fill) for part in four]
    if style.spare_column:
        two = [[*row, grids.Cell("")] for row in two]
    if style.one_table and style.cases == "row":
        return [[two + three + four[0]], [], []]
    parts = [three]
    if style.broken_at and style.spans == "official":
        parts = grids.broken(random, three, 3, repeat_header=style.broken_at == "rows_with_header")
    return [[two], parts, four]


def _prose(style: Style, agency: str, year: int, kind: str) -> list[list[str]]:
    """The running text of the preamble and the six sections; no figures of applications, so nothing can contradict."""
    period = f"所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。" if style.period == "plain" else ""
    return [
        [f"依照《中华人民共和国政府信息公开条例》的要求，编写{year}年年度报告。{period}"],
        [
            f"{year}年，{agency}做好各项公开工作。",
            "（一）主动公开情况。更新栏目内容。",
            "（二）依申请公开情况。办理渠道畅通。",
        ],
        [],
        [],
        [],
        ["（一）存在的问题。内容不够丰富。", "（二）改进情况。加强学习。"],
        ["本年度没有收取信息处理费。没有其他需要报告的事项。"],
    ]


def _blocks(style: Style, prose: list[list[str]], tables: list[list[grids.Rows]]) -> list[str | grids.Rows]:
    headings = HEADINGS[style.headings]
    blocks: list[str | grids.Rows] = list(prose[0])
    for number, heading in enumerate(headings, start=1):
        blocks.append(heading)
        blocks += prose[number]
        if 2 <= number <= 4:
            blocks += tables[number - 2]
    return blocks


def _html(random: Random, style: Style, title: str, day: str, blocks: list[str | grids.Rows]) -> str:
    charset = {"gb18030 as gb2312": "gb2312", "undeclared gb18030": ""}.get(style.charset, "utf-8")
    metas = f'<meta charset="{charset}">' if charset else ""
    metas += f"<title>{title if style.title != 'meta' else '政府信息公开年报'}_人民政府网</title>"
    if style.title == "meta":
        metas += f'<meta name="ArticleTitle" content="{title}">'
    if style.date == "meta":
        metas += f'<meta content="{day} 09:30" name="PubDate">'
    line = {
        "label": f"日期：{day}",
        "source_first": f"来源：办公室 发布时间：{day} 17:01",
        "glued": f"日期：{day}来源：办公室",
    }.get(style.date, "")
    body = [
        html.paragraph(random, style, block) if isinstance(block, str) else html.table(random, style, block)
        for block in blocks
    ]
    return html.page(
        random,
        style,
        title=title,
        head=metas,
        date_line=line,
        crumbs="您的位置：首页&gt;政务公开&gt;政府信息公开年报",
        body=body,
    )


def _text(style: Style, title: str, day: str, blocks: list[str | grids.Rows]) -> str:
    lines = [title, ""]
    if style.date in ("label", "source_first", "glued"):
        lines += [f"日期: {day}", ""]
    for block in blocks:
        lines += [block, ""] if isinstance(block, str) else text.table(style, block)
    return "\n".join(lines)


def _encoded(style: Style, page: str) -> tuple[bytes, list[tuple[str, str]]]:
    kind = "text/html" if style.document == "html" else "text/plain"
    if style.charset == "bom":
        return page.encode("utf-8-sig"), [("Content-Type", kind)]
    if style.charset == "gb18030 as gb2312":
        return page.encode("gb18030"), [("Content-Type", f"{kind}; charset=gb2312")]
    if style.charset == "undeclared gb18030":
        return page.encode("gb18030"), [("Content-Type", kind)]
    if style.charset == "utf-8 as latin1":
        return page.encode("utf-8"), [("Content-Type", f"{kind}; charset=ISO-8859-1")]
    return page.encode("utf-8"), [("Content-Type", f"{kind}; charset=utf-8")]
