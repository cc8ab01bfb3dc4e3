"""The report's title, wherever the document has it, and what a title says: agency, year, another kind of document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from archive.reference.pages import page_data
from archive.report.agency import ENDS_LIKE_A_BODY, identify
from archive.report.document import Document, Paragraph
from archive.report.headings import numeral, squeeze, statutory_heading

_REPORT = r"(?:政府信息公开|政务公开|信息公开)(?:和政务公开)?(?:工作)?(?:年度)?(?:工作)?(?:情况)?(?:年度)?(?:的)?(?:工作)?(?:报告|年报)"
_WITH_YEAR = re.compile(
    rf"^(?P<a>.{{0,60}}?)(?P<y>(?:19|20)\d\d)(?:年度?)?(?P<b>.{{0,40}}?){_REPORT}(?P<suffix>.*)$"
)
_WITHOUT_YEAR = re.compile(
    r"^(?P<a>.{0,60}?)(?:政府信息公开|信息公开)(?:工作)?(?:年度)(?:工作)?(?:报告|年报|$)(?P<suffix>.*)$"
)
_SUFFIX = re.compile(
    r"^(?:的函|的报告)?(?:[(\[【](?!征求).{0,12}[)\]】]|PDF版?|WORD版?|图片版|超链版|全文)*(?:\.(?:pdf|docx?|wps|html?))?$",
    re.I,
)
_SITE = re.compile(r"[_|｜–—](?!\d).*$|-(?=[^\d]).*$")
_WRAPPER = re.compile(r"^.{2,40}?关于(?:报送|公布|发布|印发|上报)")
_ABOUT = re.compile(r"^关于|关于$|^《|》$")
_YEAR_AGAIN = re.compile(r"(?:19|20)\d\d年?度?")
_CHINESE_YEAR = re.compile("[一二][〇○Ｏ零九][〇○Ｏ零一二三四五六七八九]{2}(?=年)")
_DIGITS = str.maketrans("〇○Ｏ零一二三四五六七八九", "0000123456789")
_SENTENCE = re.compile("[。；;！!？?]|[，,：:]")
_MAY_END = re.compile("报告|年报|年度|版[)）]?$")
_ENDS_LIKE_A_TITLE = re.compile(
    "(?:通知|通报|指南|目录|清单|制度|办法|条例|要点|解读|图解|问答|方案|意见|总结|报表|报告|年报|[预决]算|评估|统计表?|版)"
    "[)）》”]?$|^[《【]?(?:一图|图解)"
)
_HEAD_LINES = 25
"""Lines of the body among which its title stands."""
_LONGEST = 90
_COLUMN_NAME = 12
"""Characters up to which a title without a year may be the name of a site's column."""


class Title(NamedTuple):
    """A title of this kind of report, taken apart."""

    text: str
    """As printed, without white space."""
    agency: str
    """What it says about who reports; empty if nothing."""
    year: int | None


class Titles(NamedTuple):
    """The best title of a document, the others, and the reason if a title says that this is something else."""

    best: Title | None
    source: str | None
    """``document`` or ``link``."""
    others: list[tuple[str, Title]]
    other_document: str | None
    column_only: bool = False
    """Whether the words of ``other_document`` stand only where a site prints the name of its column."""

    @classmethod
    def none(cls) -> Titles:
        """No title at all."""
        return cls(None, None, [], None)


class TitleLines(NamedTuple):
    """A title found in running lines: its text and the lines it stands on."""

    text: str
    first: int
    last: int


@lru_cache(maxsize=1024)
def parse_title(text: str) -> Title | None:
    """The parts of a report's title; ``None`` if it is none. White space and line breaks inside do not matter."""
    printed = "".join(text.split())
    flat = squeeze(printed)
    if not 6 <= len(flat) <= 160 or "公开" not in flat:
        return None
    flat = _CHINESE_YEAR.sub(lambda match: match.group().translate(_DIGITS), flat)
    for candidate in dict.fromkeys((flat, _SITE.sub("", flat))):
        match = _WITH_YEAR.match(candidate) or _WITHOUT_YEAR.match(candidate)
        if match and _SUFFIX.match(match.group("suffix").strip('》”"')) and not other_document(candidate):
            return Title(_as_printed(printed, candidate), *_parts(match, candidate))
    return None


def _as_printed(printed: str, candidate: str) -> str:
    """The title without the name of the site that ``<title>`` appends."""
    return printed[: len(candidate)].strip("《》") if len(candidate) < len(printed) else printed.strip("《》")


def _parts(match: re.Match[str], whole: str) -> tuple[str, int | None]:
    groups = match.groupdict()
    before = _WRAPPER.sub("", groups["a"])
    agency = before + (groups.get("b") or "")
    agency = _ABOUT.sub("", _YEAR_AGAIN.sub("", agency))
    agency = re.sub("关于$|^关于|(?:公开)?(?:发布|公布)$", "", agency).strip("《》-—_·:")
    if agency.endswith("人民") and "人民政府信息公开" in whole:
        agency += "政府"
    year = groups.get("y")
    return agency, int(year) if year else None


@cache
def _other_documents() -> list[tuple[str, re.Pattern[str]]]:
    return [
        (entry["reason"], re.compile(entry["pattern"])) for entry in page_data("documents")["other_documents"]
    ]


def other_document(title: str) -> str | None:
    """Which other kind of document a title names (``notice``, ``guide`` …); ``None`` if none known."""
    flat = squeeze(title)
    return next((reason for reason, pattern in _other_documents() if pattern.search(flat)), None)


def _names_a_body(agency: str) -> int:
    """2 for a body that is known, 1 for what looks like the name of one, 0 for anything else."""
    if not agency:
        return 0
    return (
        2
        if identify(agency) is not None
        else int(bool(ENDS_LIKE_A_BODY.search(agency)) and not re.search("[0-9]", agency))
    )


def find_titles(document: Document, link_title: str | None = None) -> Titles:
    """The titles of a document. The one that says most is best; of equal ones the one printed in the body."""
    found = [("document", title) for text in _candidates(document) if (title := parse_title(text))]
    if link_title and (title := parse_title(link_title)):
        found.append(("link", title))
    reason, column_only = _named_otherwise(document, link_title)
    if not found:
        return Titles(None, None, [], reason, column_only)
    order = sorted(range(len(found)), key=lambda i: (found[i][0] == "link", -_said(found[i][1]), i))
    source, best = found[order[0]]
    others = {title.text: (where, title) for where, title in found if title.text != best.text}
    if announcement(best.text):
        return Titles(best, source, list(others.values()), "news")
    # A chapter or a column may be headed like a report without naming one; a title with words of its own names more.
    return Titles(best, source, list(others.values()), None if _said(best) else reason, column_only)


def _named_otherwise(document: Document, link_title: str | None) -> tuple[str | None, bool]:
    """Which other kind of document the titles name, and whether it is said only weakly: by the name of a column."""
    marked = [text for text in (*document.titles, link_title or "") if text]
    named = [(text, _is_column(_own(text))) for text in marked]
    # Where the page marks its titles, a line of the body weighs no more than the name of a column.
    named += [(line, bool(marked)) for line in _title_lines_of(document)]
    reasons = [
        (reason, weak)
        for text, weak in named
        if len(text) <= _LONGEST and (reason := other_document(_own(text)))
    ]
    return (reasons[0][0], all(weak for _, weak in reasons)) if reasons else (None, False)


def _title_lines_of(document: Document) -> Iterator[str]:
    """The first lines of the body that may be a title: before the first heading and sentence, and ending like one."""
    for line in _first_lines(document, 4):
        if numeral(squeeze(line))[0] is not None or _SENTENCE.search(line.strip().rstrip("：:")):
            return
        if _ENDS_LIKE_A_TITLE.search(line.strip()):
            yield line


def _own(title: str) -> str:
    """A title without the name of the site behind it."""
    flat = squeeze(title)
    return _SITE.sub("", flat) or flat


def _is_column(title: str) -> bool:
    """Whether these words are short enough to name a column and say nothing of one document."""
    return len(title) <= _COLUMN_NAME and not re.search(r"\d", title)


@cache
def _announcements() -> re.Pattern[str]:
    return re.compile("|".join(page_data("documents")["announcements"]))


def announcement(title: str) -> bool:
    """Whether a title tells that a report was published, as news do (我区发布2025年…报告)."""
    return bool(_announcements().search(_own(title)))


def _said(title: Title) -> int:
    return bool(title.agency) + (title.year is not None)


def _first_lines(document: Document, count: int) -> list[str]:
    return [block.text for block in document.blocks[:count] if isinstance(block, Paragraph)]


def _candidates(document: Document) -> Iterator[str]:
    """Texts that may be a title: the body's first lines, marked headings, then the lines of the page around it.

    A line outside the body may be a link to another report (lists beside the page), so these count only if they all
    say the same.
    """
    yield from (found.text for found in title_lines(_first_lines(document, _HEAD_LINES)))
    yield from document.titles
    around = [found.text for found in title_lines([*document.furniture[:60], *document.hidden[:20]])]
    if len({squeeze(line) for line in around}) == 1:
        yield around[0]


def _is_chapter(line: str) -> bool:
    """Whether a line is numbered, as the chapters of a guide are: 四、政府信息公开工作年度报告."""
    return numeral(squeeze(line[:12]))[0] is not None


def title_lines(lines: Sequence[str]) -> Iterator[TitleLines]:
    """The titles among lines, up to the first section heading.

    Titles are often broken before or inside the year's part, so each line that may end one is read alone, and with
    the one or two before it; the reading that says most counts, of equal ones the shortest.
    """
    for last, line in enumerate(lines):
        if len(line) > _LONGEST or not _MAY_END.search(line) or _is_chapter(line):
            if statutory_heading(line):
                return
            continue
        best: tuple[int, TitleLines] | None = None
        text = ""
        for first in range(last, max(last - 3, -1), -1):
            text = lines[first].strip() + text
            if len(text) > _LONGEST or _SENTENCE.search(lines[first].strip().rstrip("：:")):
                break
            if title := parse_title(text):
                # A line above says something only if it names a body: a menu entry may stand there.
                said = (title.year is not None) + _names_a_body(title.agency)
                if best is None or said > best[0]:
                    best = (said, TitleLines(text, first, last))
        if best is not None:
            yield best[1]
