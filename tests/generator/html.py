"""Pages as portals serve them: the body in the markup of editors and word processors, among the site's furniture."""

from __future__ import annotations

from html import escape
from random import Random

from tests.generator import text
from tests.generator.cells import Cell
from tests.generator.grids import Rows
from tests.generator.style import Style


def inline(random: Random, style: Style, text: str) -> str:
    """``text`` in the markup of the style: Word runs, digits and brackets in spans of their own, stray fonts."""
    parts = escape(text, quote=False).split("\n")
    if style.inline == "word":
        parts = [
            f'<span style="font-family:仿宋_GB2312;mso-ascii-font-family:Times">{p}</span><o:p></o:p>'
            for p in parts
        ]
    elif style.inline == "split":
        parts = [_split(random, p) for p in parts]
    elif style.inline == "pieces":
        parts = [_pieces(random, p) for p in parts]
    elif style.inline == "font":
        parts = [f'<font face="宋体">{p}</font>' for p in parts]
    return "<br/>".join(parts)


SHEET = (
    "<style>.q1, p .x{display:none} td span.q2{vertical-align:super;font-size:8pt}"
    " .q3{text-decoration:line-through} .q1.on{display:inline}</style>"
)


def _sheeted(random: Random, style: Style, content: str) -> str:
    """A figure beside another that a style sheet hides, raises or strikes out."""
    other = random.randint(1, 9)
    return {
        "hidden": f'<i class="q1">{other}</i>{content}',
        "raised": f'{content}<span class="q2">{other}</span>',
        "struck": f'<span class="q3">{other}</span>{content}',
    }[style.sheet]


def _split(random: Random, text: str) -> str:
    """Every digit, bracket and 年, 月, 日 may stand in a span of its own; an empty bookmark may stand between."""
    if "&" in text:
        return text
    out = []
    for character in text:
        if character in "0123456789（）()年月日件〔〕" and random.random() < 0.6:
            out.append(f'<span lang="EN-US">{character}</span>')
        elif random.random() < 0.02:
            out.append(f'<a name="b{random.randint(1, 99)}"></a>{character}')
        else:
            out.append(character)
    return "".join(out)


def _pieces(random: Random, text: str) -> str:
    """The text cut into spans anywhere, labels and sentences alike."""
    if "&" in text or len(text) < 2:
        return text
    cuts = sorted(random.sample(range(1, len(text)), min(len(text) - 1, random.randint(1, 4))))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    return "".join(f"<span>{piece}</span>" for piece in pieces)


def body(random: Random, style: Style, blocks: list[str | Rows]) -> list[str]:
    """The report's paragraphs and tables."""
    parts = [
        paragraph(random, style, block) if isinstance(block, str) else table(random, style, block)
        for block in blocks
    ]
    if style.layout == "tables_in_cells":  # a layout table with a row for each paragraph and each table
        return ['<table width="95%">', *(f"<tr><td>{part}</td></tr>" for part in parts), "</table>"]
    return parts


def pre(style: Style, blocks: list[str | Rows]) -> str:
    """The report as preformatted text, tables drawn with pipes."""
    lines: list[str] = []
    for block in blocks:
        lines += [block] if isinstance(block, str) else text.table(style, block)
    return escape("\n".join(lines), quote=False)


def decoys_before(style: Style, title: str, agency: str, year: int) -> list[str]:
    """What may stand before the report and look like it: a hidden copy of another title, a table of metadata."""
    if style.decoy == "hidden":
        other = title.replace(str(year), str(year - 1))
        return [f'<div style="display: none">{other}<p>发布日期：{year}-01-05</p></div>']
    if style.decoy == "metadata":
        pairs = [
            ("索引号", "11500113009303311X/2024-00012"),
            ("主题分类", "政务公开"),
            ("发布机构", agency),
            ("有效性", "有效"),
        ]
        cells = "".join(f"<tr><td>[ {name} ]</td><td>{value}</td></tr>" for name, value in pairs)
        return [f"<table>{cells}</table>"]
    return []


def decoys_beside(style: Style, year: int) -> str:
    """Links to reports of other years and bodies, beside the report."""
    if style.decoy != "list":
        return ""
    links = "".join(
        f'<li><a href="/r{y}.html">重庆市綦江区{y}年政府信息公开工作年度报告</a> <span>{y + 1}-01-2{y % 10}</span></li>'
        for y in range(year - 3, year + 1)
    )
    return f'<div class="other"><h3>相关报告</h3><ul>{links}</ul></div>'


def table(random: Random, style: Style, rows: Rows) -> str:
    """One ``<table>``."""
    lines = ['<table border="1" cellspacing="0">' + ("<tbody>" if random.random() < 0.7 else "")]
    lines += ["<tr>" + "".join(_cell(random, style, cell) for cell in row) + "</tr>" for row in rows]
    lines.append("</tbody></table>" if "<tbody>" in lines[0] else "</table>")
    return "\n".join(lines)


def _cell(random: Random, style: Style, cell: Cell) -> str:
    spans = (f' rowspan="{cell.rowspan}"' if cell.rowspan > 1 else "") + (
        f' colspan="{cell.colspan}"' if cell.colspan > 1 else ""
    )
    content = inline(random, style, cell.text)
    if cell.path and style.sheet != "none" and cell.text.isdigit() and random.random() < 0.1:
        content = _sheeted(random, style, content)
    if style.inline == "word":
        content = f'<p class="MsoNormal" align="center" style="text-align:center">{content}</p>'
    return f"<td{spans}>{content}</td>"


def paragraph(random: Random, style: Style, text: str, *, tag: str = "p", css: str = "") -> str:
    """One paragraph of running text."""
    attribute = f' class="{css}"' if css else ""
    return f"<{tag}{attribute}>\u3000\u3000{inline(random, style, text)}</{tag}>"


def page(
    random: Random,
    style: Style,
    *,
    title: str,
    head: str,
    date_line: str,
    crumbs: str,
    body: list[str],
    beside: str = "",
) -> str:
    """The whole page: head, furniture, title, date line, body, footer."""
    content = "\n".join(body)
    if style.layout == "nested":
        content = f'<table width="100%"><tr><td><table><tr><td>{content}</td></tr></table></td></tr></table>'
    elif style.layout == "wrapped_divs":
        content = (
            '<div class="a"><div id="b"><div class="TRS_UEDITOR trs_paper_default">'
            + content
            + "</div></div></div>"
        )
    heading = {
        "h1": f"<h1>{escape(title)}</h1>",
        "styled": f'<div class="xl-title">{escape(title)}</div>',
        "broken": f"<h2>{_broken(title)}</h2>",
        "twice": f"<h1>{escape(title)}</h1>",
        "meta": "",
    }[style.title]
    if style.title == "twice":
        content = f'<p align="center"><strong>{_broken(title)}</strong></p>\n' + content
    links = "".join(f'<li><a href="/c{i}/">栏目{i}</a></li>' for i in range(random.randint(3, 30)))
    return f"""<!DOCTYPE html>
<html><head>{head}</head>
<body>
<div class="top"><a href="/login">登录</a> <a href="/wza">无障碍</a><ul>{links}</ul></div>
<div class="pos">{crumbs}</div>
<div class="main">
{heading}
<div class="info">{escape(date_line)} <span>字体：大 中 小</span><script>document.write('打印')</script></div>
<div class="con">{content}</div>
{beside}
<div class="qr">扫一扫在手机打开当前页</div>
</div>
<div class="foot">主办单位：办公室 网站标识码：5001000000 <a href="/map.html">网站地图</a></div>
</body></html>"""


def _broken(title: str) -> str:
    at = title.index("20")
    return f"{escape(title[:at])}<br/>{escape(title[at:])}"
