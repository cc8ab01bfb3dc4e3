"""The markup that a report's body comes in: every function gives the same words and numbers in another dress."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape

from crawler.replica.grids import Cell, Grid, without_rowspans

Block = str | Grid
"""A paragraph of plain text, or a table."""
Shape = Callable[[Sequence[Block]], str]

_SPLIT = re.compile(r"\d|[年月日〔〕（）]|[^\d年月日〔〕（）]+")
_TALL = {"商业企业": ("商业", "企业"), "科研机构": ("科研", "机构"), "结果维持": ("结果", "维持")}


def official(blocks: Sequence[Block]) -> str:
    """Plain markup, tables with the spans of the form."""
    return "\n".join(
        _table(block, attributes=' border="1" cellspacing="0" width="100%"')
        if not isinstance(block, str)
        else f"<p>　　{escape(block)}</p>"
        for block in blocks
    )


def empty_spans(blocks: Sequence[Block]) -> str:
    """Cells that run over several rows are printed once, with empty cells below them."""
    return official([block if isinstance(block, str) else without_rowspans(block) for block in blocks])


def word(blocks: Sequence[Block]) -> str:
    """Pasted from Word: every digit, 年, 月, 日 and bracket in a span of its own, bookmarks, empty ``o:p``."""
    parts = [
        "<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]-->"
    ]
    for number, block in enumerate(blocks):
        if isinstance(block, str):
            mark = f'<a name="_Toc{number:04d}"></a>' if block[:2] in ("一、", "二、", "三、") else ""
            parts.append(
                f'<p class="MsoNormal" style="text-indent:32.0pt;mso-char-indent-count:2.0">{mark}'
                f"{_runs(block)}<o:p></o:p></p>"
            )
        else:
            parts.append(_table(block, attributes=' class="MsoTableGrid" border="1"', cell=_word_cell))
    return "\n".join(parts)


def _runs(text: str) -> str:
    return "".join(
        f'<span lang="EN-US" style="font-size:16.0pt;font-family:&quot;Times New Roman&quot;">{escape(run)}</span>'
        if run.isdigit()
        else f'<span style="font-size:16.0pt;font-family:方正仿宋_GBK">{escape(run)}</span>'
        for run in _SPLIT.findall(text)
    )


def _word_cell(text: str) -> str:
    if not text:
        return '<p class="MsoNormal" align="center"><span lang="EN-US"><o:p>&nbsp;</o:p></span></p>'
    return f'<p class="MsoNormal" align="center">{_runs(text)}<span lang="EN-US"><o:p></o:p></span></p>'


def wps(blocks: Sequence[Block]) -> str:
    """Saved from WPS: font tags, tall header labels broken with ``br``, numbers between non-breaking spaces."""

    def cell(text: str) -> str:
        inner = "<br/>".join(_TALL[text]) if text in _TALL else escape(text)
        pad = "&nbsp;" if text else ""
        return f'<p class="p" align="center"><font face="仿宋" size="3">{pad}{inner}{pad}</font></p>'

    return "\n".join(
        f'<p class="p" style="margin-top:0pt"><font face="仿宋" size="4">&emsp;&emsp;{escape(block)}</font></p>'
        if isinstance(block, str)
        else _table(block, attributes=' class="MsoNormalTable" style="border-collapse:collapse"', cell=cell)
        for block in blocks
    )


def paragraphs(blocks: Sequence[Block]) -> str:
    """No table at all: every cell is a paragraph of its own, and what would be empty is not there."""
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, str):
            lines.append(block)
        else:
            lines += [cell.text for row in block for cell in row if cell.text]
    return "\n".join(f"<p>{escape(line)}</p>" for line in lines)


def pipes(blocks: Sequence[Block]) -> str:
    """Preformatted text: one table row a line, cells between pipes, an empty cell for each further column of a span."""
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, str):
            lines.append(block)
        else:
            lines += [
                " | ".join(text for cell in row for text in (cell.text, *[""] * (cell.colspan - 1))) + " |"
                for row in without_rowspans(block)
            ]
    return f"<pre>{escape(chr(10).join(lines))}</pre>"


def layout(blocks: Sequence[Block]) -> str:
    """Everything inside tables that only place things on the page, the statutory tables nested in them."""
    rows = "\n".join(
        f'<tr><td colspan="2" class="text">{escape(block)}</td></tr>'
        if isinstance(block, str)
        else f'<tr><td width="4"></td><td>{_table(block, attributes=" border=1")}</td></tr>'
        for block in blocks
    )
    return (
        '<table width="1000" align="center"><tr><td>'
        f'<table width="980" cellpadding="0">{rows}</table></td></tr></table>'
    )


SHAPES: dict[str, Shape] = {
    shape.__name__: shape for shape in (official, empty_spans, word, wps, paragraphs, pipes, layout)
}


def _table(grid: Grid, *, attributes: str = "", cell: Callable[[str], str] = escape) -> str:
    rows = "\n".join("<tr>" + "".join(_td(one, cell) for one in row) + "</tr>" for row in grid)
    return f"<table{attributes}><tbody>\n{rows}\n</tbody></table>"


def _td(cell: Cell, inner: Callable[[str], str]) -> str:
    spans = "".join(
        f' {name}="{value}"'
        for name, value in (("colspan", cell.colspan), ("rowspan", cell.rowspan))
        if value > 1
    )
    return f"<td{spans}>{inner(cell.text)}</td>"
