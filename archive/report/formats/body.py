"""Which of a page's blocks are the report: the smallest element that holds all the evidence of one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from archive.report.document import Block, Paragraph, Table
from archive.report.formats.blocks import Span
from archive.report.furniture import ends_body
from archive.report.headings import statutory_heading

_TABLE_LABELS = re.compile(
    "本年制发件数|现行有效件数|本年处理决定数量|本年收费金额|本年新制作数量|对外公开总数量|上一年项目数量"
    "|申请人情况|本年新收政府信息公开申请|结转政府信息公开申请|结转下年度继续办理|复议后起诉|复议后诉讼|未经复议直接|尚未审结"
    "|统计指标|主动公开政府信息数|主动公开信息数|信息公开申请总数"
)
_PREAMBLE = re.compile(
    "编制本报告|年度报告格式|统计期限|特向社会公布|现向社会公布|现公布.{0,30}年度报告|本年度报告"
)
_CONTAINER = re.compile(
    r"(?:^|[\s|])(?:trs_editor_view|trs_ueditor|trs_editor|zwxl-article|zwxl-content|zwxl-main|zcwjk-xlcon"
    r"|gfxwj-content|zcwjk-con|a24Detail|document|wap-p|zoom|UCAP-CONTENT|Article_zw|content_main|fontzoom"
    r"|detail-news|article-body|main-txt|wzzw-article|ivs_content|article-content|vsb_content\w*|v_news_content)"
    r"(?=$|[\s|])",
    re.I,
)
"""Containers of known publishing systems: a hint where the blocks themselves say nothing."""
_TEXT_LENGTH = 25
"""Characters from which a paragraph counts as running text."""
_SHARE = 0.8
"""The body holds at least this share of the page's running text."""


def choose(items: Sequence[Block], spans: Sequence[Span]) -> tuple[int, int]:
    """The first block of the report's body and the first after it.

    What a page shows below an article (related pages, the next one) ends the body, if no sentence and no evidence of a
    report stands behind it.
    """
    evidence = [index for index, item in enumerate(items) if _is_evidence(item)]
    start, end = _choose(items, spans, evidence)
    for index in range(end - 1, max([start, *evidence[-1:]]), -1):
        item = items[index]
        if not isinstance(item, Paragraph):
            continue
        if "。" in item.text:
            break
        if ends_body(item.text.strip()):
            end = index
    return start, end


def _choose(items: Sequence[Block], spans: Sequence[Span], evidence: list[int]) -> tuple[int, int]:
    """The span of blocks that holds the report.

    Section headings, statutory tables and the preamble must all be inside; so must most of the running text. Without
    any of these a known container is taken, and else the whole page.
    """
    whole = Span(0, len(items), "")
    weight = [0, *accumulate(_running_text(item) for item in items)]
    if not evidence and weight[-1] < 4 * _TEXT_LENGTH:
        known = sorted(
            (span for span in spans if _CONTAINER.search(span.name)), key=lambda span: span.end - span.start
        )
        chosen = max(known, key=lambda span: weight[span.end] - weight[span.start]) if known else whole
        return chosen.start, chosen.end
    first, last = (evidence[0], evidence[-1]) if evidence else (len(items), -1)
    needed = _SHARE * weight[-1]
    # What stands under the last heading belongs to it.
    end = last + 2 if 0 <= last < len(items) - 1 and isinstance(items[last], Paragraph) else last + 1
    holding = [
        span
        for span in [*spans, whole]
        if span.start <= first and end <= span.end and weight[span.end] - weight[span.start] >= needed
    ]
    smallest = min(holding, key=lambda span: span.end - span.start)
    return smallest.start, smallest.end


def _is_evidence(item: Block) -> bool:
    if isinstance(item, Table):
        return any(
            _TABLE_LABELS.search(cell.text.replace("\n", "").replace(" ", ""))
            for row in item.grid[:6]
            for cell in row
            if cell
        )
    text = item.text.strip()
    length = len(text)
    if length <= 60 and statutory_heading(text):
        return True
    return length > _TEXT_LENGTH and _PREAMBLE.search(text) is not None


def _running_text(item: Block) -> int:
    if isinstance(item, Paragraph):
        if len(item.text) < _TEXT_LENGTH:
            return 0
        length = len(item.text.strip())
        return length if length >= _TEXT_LENGTH else 0
    return 0
