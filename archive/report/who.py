"""What the document says about its author and year outside of the title: signature, source line, first sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from archive.reference.places import county, county_at_start
from archive.report.agency import Agency, identify, is_a_name
from archive.report.document import Document
from archive.report.headings import squeeze
from archive.report.model import Context, Section
from archive.report.title import Titles

_SOURCE = re.compile(
    r"(?:来源|信息来源|稿件来源|文章来源|发布机构|发布单位|公开机构|信息公开单位)\s*[:：\t]\s*(?P<name>[^\s:：]{2,40}?)(?=\s|$|发布|日期|时间|字体|作者|浏览)"
)
_SOURCE_METAS = ("contentsource", "source", "author")
_CRUMB = re.compile(r"[>»/]\s*([^>»/\s]{2,30})\s*$")
_NAME_END = re.compile(
    r"人民政府办公[室厅]|人民政府|街道办事处|办事处|委员会|办公室|管委会|政府|局|镇|乡|街道|中心|委"
)
_FIRST_WORDS = re.compile(r"^(?:\(一\).{0,12}?)?(?:20\d\d年(?:度)?(?:以来)?[,、]?)(?P<rest>.{4,45})")
_ANNOUNCED = re.compile(
    r"(?:公布|公开|现将|编制了?|是|撰写)(?P<name>[^,。《》公]{4,40}?)(?P<year>20\d\d)年度?政府信息公开"
)
_YEAR_IN_TEXT = re.compile(r"(20[0-3]\d)年")
_CHONGQING_COUNTY = re.compile(r"重庆市([\u4e00-\u9fff]{1,12}?(?:自治县|区|县))")
_DATE_LINE = re.compile(
    r"(?:20\d{4,6}|20\d\d[\d年月日./-]{3,7}|[一二][〇○ＯΟ零0Oo九一二三四五六七八]{3}年.{2,7}日)"
)
_DATE_AT_END = re.compile(r"^(?P<name>[^\d,。:;]{4,40})(?P<date>20\d\d年\d{1,2}月\d{1,2}日)$")
_GENERIC = re.compile("^重庆市?|人民政府|办公[室厅]|办事处|政府")
_SIGNATURE_LINES = 8
_SHORTEST_SENTENCE = 12
"""Characters; what is shorter is a heading or an entry of a menu."""


def who_reports(
    document: Document,
    sections: Sequence[Section],
    context: Context,
    titles: Titles,
    page_lines: Sequence[str],
) -> list[tuple[str, Agency]]:
    """The agencies that each source names, the best source first (report-format F.3).

    A name without its county is completed from the site, or from the county that the document itself names.
    """
    hint = context.county_code or _county_named(document, context, page_lines)
    found: list[tuple[str, Agency]] = []
    unknown: str | None = None
    for source, name in _names(document, sections, context, titles, page_lines):
        agency = identify(name, hint)
        if agency is None and source == "title" and unknown is None and is_a_name(name):
            unknown = name
        if agency is None or (unknown is not None and not _may_be(agency, unknown)):
            continue
        if not any(known == source for known, _ in found):
            found.append((source, agency))
    return found


def _may_be(agency: Agency, printed: str) -> bool:
    """Whether this can be the body that the title names and nobody knows: a portal's name must not stand in for it."""
    words = _GENERIC.sub("", squeeze(printed))
    return words in agency.name or agency.key.split(":")[2] in words


def _names(
    document: Document,
    sections: Sequence[Section],
    context: Context,
    titles: Titles,
    page_lines: Sequence[str],
) -> Iterator[tuple[str, str]]:
    own = [titles.best] if titles.best and titles.source == "document" else []
    own += [title for source, title in titles.others if source == "document"]
    yield from (("title", title.agency) for title in own if title.agency)
    yield from (("signature", name) for name in _signatures(sections))
    told = (line for line in page_lines if ":" in line or "：" in line or "\t" in line)
    yield from (("source", match["name"]) for line in told if (match := _SOURCE.search(line)))
    yield from (("source", document.metas[name]) for name in _SOURCE_METAS if name in document.metas)
    yield from (("body", name) for name in _names_in_text(sections))
    linked = [titles.best] if titles.best and titles.source == "link" else []
    linked += [title for source, title in titles.others if source == "link"]
    yield from (("link", title.agency) for title in linked if title.agency)
    yield from (("column", match[1]) for line in page_lines if ">" in line and (match := _CRUMB.search(line)))
    if context.column_name:
        yield "column", context.column_name


def _names_in_text(sections: Sequence[Section]) -> Iterator[str]:
    """Who the first sentences speak of: ``2024年,重庆市北碚区人民政府办公室坚持…``; the longest name counts."""
    for line in _first_lines(sections):
        if match := _ANNOUNCED.search(line):
            yield match["name"]
        if match := _FIRST_WORDS.match(line):
            rest = re.split(r"[,。;:、(《“\"]", match["rest"])[0]
            for end in sorted((m.end() for m in _NAME_END.finditer(rest)), reverse=True):
                yield rest[:end]


def _first_lines(sections: Sequence[Section]) -> list[str]:
    """The first lines of section 1, then of what stands before it; squeezed."""
    ordered = sorted(sections[:3], key=lambda section: section.number != 1)
    lines: list[str] = []
    for section in ordered:
        if section.number in (None, 1):
            sentences = (line for line in section.text.split("\n") if len(line) >= _SHORTEST_SENTENCE)
            lines += islice(sentences, 3)
    return [squeeze(line[:160]) for line in lines]


def year_in_text(sections: Sequence[Section]) -> int | None:
    """The year that the first sentence of the report begins with or names first."""
    for line in _first_lines(sections):
        if "关于" in line and "通知" in line:
            continue
        if match := _YEAR_IN_TEXT.search(line[:60]):
            return int(match[1])
    return None


def _county_named(document: Document, context: Context, page_lines: Sequence[str]) -> str | None:
    """The one county of Chongqing that the page names: site name, metadata, titles, lines, first paragraphs."""
    texts = [context.site_name or "", document.metas.get("sitename", ""), *document.titles, *page_lines[:40]]
    texts += [block.text[:200] for block in document.blocks[:12] if hasattr(block, "text")]
    if context.site_name and (found := county_at_start(context.site_name)):
        return found[0].code
    codes = set()
    for text in texts:
        for match in _CHONGQING_COUNTY.finditer(squeeze(text[:300])):
            if found := county_at_start(match[1]):
                codes.add(found[0].code)
    if len(codes) == 1 and (only := county(next(iter(codes)))):
        return only.code
    return None


def _tail(sections: Sequence[Section]) -> list[str]:
    """The last lines of the report, squeezed."""
    lines = [line for section in sections[-2:] for line in section.text.split("\n")]
    return [squeeze(line) for line in lines[-_SIGNATURE_LINES:]]


def _signatures(sections: Sequence[Section]) -> Iterator[str]:
    """Names that stand alone on a line at the end, the last first; with or without the date behind them."""
    for line in reversed(_tail(sections)):
        match = _DATE_AT_END.match(line)
        name = match["name"] if match else line
        if 4 <= len(name) <= 40 and not re.search(r"[,。;:\d]", name):
            yield name


def signature_line(sections: Sequence[Section]) -> str | None:
    """The date printed under the report, as printed but for white space; ``None`` without one."""
    for line in reversed(_tail(sections)):
        if match := _DATE_AT_END.match(line):
            return match["date"]
        bare = line.strip("()")
        if _DATE_LINE.fullmatch(bare):
            return bare
    return None
