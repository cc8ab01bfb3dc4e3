"""Dates: the statistical period, the day of publication, the day of signature; and dates that lost characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import product
from typing import NamedTuple

_DIGITS = str.maketrans("〇○ＯΟ零Oo一二三四五六七八九", "0000000123456789")
_CHINESE_DATE = re.compile(
    "(?P<y>[一二][〇○ＯΟ零Oo九0][〇○ＯΟ零Oo0一二三四五六七八九]{2})年(?P<m>[一二三四五六七八九十]{1,3})月(?P<d>[一二三四五六七八九十]{1,3})日"
)
_DATE = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})(?!\d)\s*[日号]?"
)
_COMPACT = re.compile(r"(?<!\d)(20\d\d)(\d\d)(\d\d)(?!\d)")
_PERIOD = re.compile(
    r"(?P<y1>20\d\d)年(?P<m1>\d{1,2})月(?P<d1>\d{1,2})日(?:起|开始)?[,、]?(?:至|到|截至|—|–|-|~|～|――)+"
    r"(?:(?P<y2>20\d\d)年|同年|当年)?(?P<m2>\d{1,2})月(?P<d2>\d{1,2})日"
)
_GARBLED_PERIOD = re.compile(
    r"自?(?P<first>20[\d年月]{3,9})日?起?[,、]?(?:至|到)(?P<last>20[\d年月]{3,9})日?止?"
)
_ABOUT_PERIOD = re.compile("统计|数据|期限|时限|期间|时间范围")
_PAGE_DATE = re.compile(
    r"(?<!当前)(?<!系统)(?<!访问)(?<!打印)(?<!办公)(?P<label>(?:发布|发文|发稿|上网|更新|公开|录入|提交|成文|生成|印发|签发|填报|制定|施行|生效|废止|失效)?(?:日期|时间)|(?<![A-Za-z])(?i:(?:publish(?:ed)?|release|post|update)?\s?(?:date|time)(?=\s*[:：])))\s*[:：\]】]?\s*"
    r"[\[［(（]?(?P<date>(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?|20\d{6}(?!\d))"
)
_UNLABELLED = re.compile(
    r"^[\[［(（【]?\s*(?P<date>20\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?)(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?"
    r"\s*[\]］)）】]?\s*(?:来源|作者|浏览|点击|字|【|打印)"
)
_ALONE = re.compile(
    r"[\[［(（【]?\s*20\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?\s*[\]］)）】]?"
)
_SPACED = re.compile(r"(?<=[\u4e00-\u9fff]) +(?=[\u4e00-\u9fff:：])")
_RANK = {
    "发布日期": 0, "发布时间": 0, "公开日期": 1, "公开时间": 1, "上网时间": 1, "发稿时间": 1, "发文时间": 2, "发文日期": 2,
    "publishdate": 0, "publishtime": 0, "publisheddate": 0, "publishedtime": 0, "releasedate": 0, "releasetime": 0,
    "postdate": 0, "posttime": 0, "date": 3, "time": 3, "updatedate": 4, "updatetime": 4,
    "日期": 3, "时间": 3, "更新时间": 4, "更新日期": 4, "录入时间": 4, "提交时间": 4,
}  # fmt: skip
"""Labels of a publication date, best first. 成文日期 and its like say when a text was written, not published."""
_METAS = (
    "pubdate",
    "publishdate",
    "publishtime",
    "article:published_time",
    "firstpublishedtime",
    "pubtime",
    "og:release_date",
)
_URL_DATES = (
    re.compile(r"/t(\d{4})(\d{2})(\d{2})_"),
    re.compile(r"/art/(\d{4})/(\d{1,2})/(\d{1,2})/"),
    re.compile(r"/(20\d\d)-(\d{1,2})/(\d{1,2})/"),
    re.compile(r"/(20\d\d)(\d{2})/(\d{2})/"),
    re.compile(r"/(20\d\d)(\d{2})(\d{2})/"),
    re.compile(r"/(20\d\d)/(\d{1,2})/(\d{1,2})/"),
)
_EDITING = timedelta(days=31)
"""A page gets its address this long before it is published, at most."""
_SIGNATURE_WINDOW = timedelta(days=60)
"""A report is published within this time after it is signed: what decides between two readings of a garbled date."""


class Garbled(NamedTuple):
    """A date that lost characters: as printed, every reading of it, and the one taken."""

    printed: str
    readings: tuple[str, ...]
    taken: str | None


class Period(NamedTuple):
    """The statistical period, and its dates that were garbled."""

    value: tuple[str, str] | None
    quote: str | None
    garbled: tuple[Garbled, ...] = ()


def iso(year: str | int, month: str | int, day: str | int) -> str | None:
    """The ISO date, or ``None`` for a day that does not exist."""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def parse_date(text: str) -> str | None:
    """The first full date in a text: digits with any separators, Chinese numerals, or eight digits."""
    flat = unicodedata.normalize("NFKC", text)
    if match := _DATE.search(flat):
        return iso(match["y"], match["m"], match["d"])
    if match := _CHINESE_DATE.search("".join(flat.split())):
        return iso(match["y"].translate(_DIGITS), _chinese(match["m"]), _chinese(match["d"]))
    match = _COMPACT.search(flat)
    return iso(*match.groups()) if match else None


def _chinese(numeral: str) -> int:
    """The value of a Chinese numeral up to 99."""
    tens, ten, ones = numeral.partition("十")
    if not ten:
        return int(numeral.translate(_DIGITS)) if numeral.translate(_DIGITS).isdigit() else 0
    return (int(tens.translate(_DIGITS)) if tens else 1) * 10 + (int(ones.translate(_DIGITS)) if ones else 0)


def readings(digits: str) -> list[str]:
    """Every date that a run of digits may have been before 年, 月 and 日 were lost: ``2026119`` -> 01-19, 11-09."""
    year, rest = digits[:4], digits[4:]
    found = [iso(year, rest[:cut], rest[cut:]) for cut in (1, 2) if 0 < len(rest) - cut <= 2]
    return [day for day in dict.fromkeys(found) if day]


def find_period(texts: Iterable[str]) -> Period:
    """The statistical period that a sentence states: intact, or garbled with a reading for each end."""
    weak: Period | None = None
    for text in texts:
        if "20" not in text and "２０" not in text:
            continue
        flat = "".join(unicodedata.normalize("NFKC", text).split())
        for match in _PERIOD.finditer(flat):
            first = iso(match["y1"], match["m1"], match["d1"])
            last = iso(match["y2"] or match["y1"], match["m2"], match["d2"])
            if first and last and first < last:
                around = flat[max(0, match.start() - 40) : match.end() + 12]
                if _ABOUT_PERIOD.search(around):
                    return Period((first, last), match.group())
                weak = weak or (Period((first, last), match.group()) if _is_whole_year(first, last) else None)
        if garbled := _garbled_period(flat):
            return garbled
    return weak or Period(None, None)


def _is_whole_year(first: str, last: str) -> bool:
    return first.endswith("-01-01") and last == first.replace("-01-01", "-12-31")


def _garbled_period(flat: str) -> Period | None:
    for match in _GARBLED_PERIOD.finditer(flat):
        if not _ABOUT_PERIOD.search(flat[max(0, match.start() - 40) : match.end() + 12]):
            continue
        ends = [_read_end(match["first"]), _read_end(match["last"])]
        if not all(found for found in ends):
            continue
        pairs = [(a, b) for a, b in product(*ends) if a < b]
        whole = [pair for pair in pairs if _is_whole_year(*pair)] or pairs
        value = whole[0] if len(whole) == 1 else None
        lost = tuple(
            Garbled(match[name], tuple(ends[i]), value[i] if value else None)
            for i, name in enumerate(("first", "last"))
            if not _DATE.fullmatch(match[name] + "日")
        )
        return Period(value, match.group(), lost)
    return None


def _read_end(printed: str) -> list[str]:
    intact = _DATE.fullmatch(printed + "日")
    if intact:
        day = iso(intact["y"], intact["m"], intact["d"])
        return [day] if day else []
    return readings(re.sub("[年月日]", "", printed))


def page_date(lines: Sequence[str]) -> str | None:
    """The day of publication as the page prints it beside a label; rows of tables have their cells parted by tabs."""
    best: tuple[int, str] | None = None
    for i, printed_line in enumerate(lines):
        line = unicodedata.normalize("NFKC", printed_line)
        if "\t" not in line:
            if "20" not in line and "19" not in line:
                continue  # nearly every line around a report is a link without a date
            line = _SPACED.sub("", line)
        if "\t" in line:
            found = list(_in_table_row(line, lines[i + 1] if i + 1 < len(lines) else ""))
        else:
            found = [(match["label"], match["date"]) for match in _PAGE_DATE.finditer(line)]
            if not found and (match := _UNLABELLED.match(line)):
                found = [("时间", match["date"])]
        for label, printed in found:
            rank, day = _RANK.get("".join(label.split()).lower()), parse_date(printed)
            if rank is not None and day and (best is None or rank < best[0]):
                best = (rank, day)
    return best[1] if best else None


def lone_date(lines: Sequence[str], *, others: Iterable[str | None], fetched: str | None) -> str | None:
    """The one date that stands on a line of its own around the report, without a label.

    It may be a clock. What lies after the day of the fetch is none of publication; nor is what lies on that day, or a
    month after an address or list says, if ``others`` (the dates of list and address) say another day.
    """
    printed = (unicodedata.normalize("NFKC", line) for line in lines)
    alone = {day for line in printed if "20" in line and _ALONE.fullmatch(line) and (day := parse_date(line))}
    if len(alone) != 1:
        return None
    day = alone.pop()
    if fetched and day > fetched[:10]:
        return None
    for other in filter(None, others):
        after = date.fromisoformat(day) - date.fromisoformat(other)
        if after > _EDITING or (fetched and day == fetched[:10] and after > timedelta(days=1)):
            return None
    return day


def _in_table_row(line: str, below: str) -> Iterable[tuple[str, str]]:
    """Label and value side by side, or the value in the row below."""
    cells = ["".join(cell.split()).strip(":：[]【】") for cell in line.split("\t")]
    under = below.split("\t")
    for i, cell in enumerate(cells):
        if cell in _RANK:
            beside = cells[i + 1] if i + 1 < len(cells) else ""
            yield cell, beside if parse_date(beside) else under[i] if i < len(under) else ""
        elif match := _PAGE_DATE.match(cell):
            yield match["label"], match["date"]


def meta_date(metas: dict[str, str]) -> str | None:
    """The day of publication in the page's metadata."""
    return next((day for name in _METAS if (day := parse_date(metas.get(name, "")))), None)


def url_date(url: str | None) -> str | None:
    """The day that an address carries, in the ways publishing systems write it."""
    for pattern in _URL_DATES:
        if url and (match := pattern.search(url)) and (day := iso(*match.groups())):
            return day
    return None


def signature_date(printed: str, published: str | None) -> tuple[str | None, Garbled | None]:
    """The date of a signature line. Of a garbled one the only reading within 60 days before publication, else none."""
    intact = parse_date(printed) if not re.fullmatch(r"\s*20\d{6}\s*", printed) else None
    if intact:
        return intact, None
    flat = "".join(unicodedata.normalize("NFKC", printed).split())
    if not (match := re.fullmatch(r"(20\d[\d年月日]{2,8})", flat)):
        return None, None
    digits = re.sub("[年月日]", "", match.group(1))
    if len(digits) == 8 and (day := iso(digits[:4], digits[4:6], digits[6:])):
        return day, None
    found = readings(digits)
    if not found:
        return None, Garbled(flat, (), None)
    if published:
        limit = date.fromisoformat(published)
        fitting = [d for d in found if limit - _SIGNATURE_WINDOW <= date.fromisoformat(d) <= limit]
    else:
        fitting = found
    taken = fitting[0] if len(fitting) == 1 else None
    return taken, Garbled(flat, tuple(found), taken)
