"""What the words of a link say: an annual report, the column of annual reports, a group of agencies, an agency.

The words are data (``labels.json``). A label is all the walk may rely on: paths, slugs and node numbers lie.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path

_YEAR = re.compile(r"(?<!\d)(20[0-3]\d)(?!\d)")
_PERIOD = re.compile(r"(?<!\d)(20[0-3]\d)(?=年)")
_ISSUED = re.compile(r"〔20\d\d〕|\[20\d\d\]|\(20\d\d\)\d+号")
WHOSE = 2
"""Characters of which the shortest name of an agency consists."""
_NUMBER = re.compile(r"\d{1,3}")
_COUNT = re.compile(r"[(\[]\d+[)\]]$")


@cache
def words(group: str) -> tuple[str, ...]:
    """The words of one group of ``labels.json``."""
    data = json.loads(Path(__file__).with_name("labels.json").read_text(encoding="utf-8"))
    return tuple(data[group])


def plain(label: str) -> str:
    """A label in compatibility form, without spaces, arrows and a count behind it."""
    text = re.sub(r"\s+|[>»›·•|]", "", unicodedata.normalize("NFKC", label))
    return _COUNT.sub("", text)


def is_report_title(title: str) -> bool:
    """Whether a title is that of one annual report on information disclosure, by its words."""
    text = plain(title)
    if not any(word in text for word in words("disclosure")) or not _YEAR.search(text):
        return False
    return any(word in text for word in words("report")) or bool(
        re.search(r"公开工?作?年?度?报?告?(?:…|\.\.)", text)
    )


def names_a_report(title: str) -> bool:
    """Whether a title is that of one report and says whose: 2024年政府信息公开年报 may as well be a year's column."""
    if not is_report_title(title):
        return False
    rest = _YEAR.sub("", plain(title))
    for word in words("in_bare_titles"):
        rest = rest.replace(word, "")
    return len(rest) >= WHOSE


def says_something(label: str) -> bool:
    """Whether a label gives a reason to walk a column of annual reports further: its name, a group, an agency, a year."""
    return (
        is_annual_column(label)
        or is_year(label)
        or is_group(label)
        or is_unit(label)
        or is_report_title(label)
    )


def is_candidate(title: str) -> bool:
    """Whether a document in a column of annual reports may be one: all but what plainly says that it is something else."""
    text = plain(title)
    if text in words("paging") or _NUMBER.fullmatch(text):
        return False
    if any(word in text for word in words("report")):
        return not any(word in text for word in words("not_disclosure")) or is_report_title(title)
    return not any(word in text for word in words("other_document"))


def is_annual_column(label: str) -> bool:
    """Whether a label names the column of annual reports: 政府信息公开年报, 年度报告 …"""
    text = plain(label)
    if text in words("bare_column"):
        return True
    if not 2 <= len(text) <= 40:
        return False
    # 财政局政府信息公开年报 is one of ours; 财政信息公开年报 is not.
    if "政府信息公开" not in text and any(word in text for word in words("not_disclosure")):
        return False
    annual = "年报" in text or "年度报告" in text or "年度工作报告" in text
    return annual and any(word in text for word in words("disclosure"))


def is_way(label: str) -> bool:
    """Whether a label leads towards the column of annual reports: 政务公开, 政府信息公开."""
    return plain(label) in words("way")


def is_year(label: str) -> bool:
    """Whether a label is a year and nothing else of weight: 2024年, 2024年度, 2024年度报告."""
    return bool(
        re.fullmatch(r"20[0-3]\d(?:年度?)?(?:以前|及以前|及以后)?(?:年报|年度报告|报告)?", plain(label))
    )


def is_group(label: str) -> bool:
    """Whether a label is a group of agencies: 部门, 街镇, 区政府."""
    return plain(label) in words("group")


def is_unit(label: str) -> bool:
    """Whether a label may be the name of an agency or of an area."""
    return _ends(label, (*words("unit_ends"), *words("area_ends")))


def is_town(label: str) -> bool:
    """Whether a label may be the name of a town, township or street, or of its office."""
    return _ends(label, words("town_ends"))


def _ends(label: str, endings: tuple[str, ...]) -> bool:
    text = plain(label)
    if not 2 <= len(text) <= 30 or text in words("group") or any(word in text for word in words("not_unit")):
        return False
    return text.endswith(endings) and bool(re.fullmatch(r"[\u3400-\u9fff()、A-Z]+", text))


def stated_year(title: str) -> int | None:
    """The year a title says it reports on; ``None`` if it names none, or several."""
    text = _ISSUED.sub("", plain(title))
    years = set(_PERIOD.findall(text)) or set(_YEAR.findall(text))
    return int(years.pop()) if len(years) == 1 else None


def reads_like_report(text: str) -> bool:
    """Whether the text of a page has at least two headings of the statutory form."""
    bare = re.sub(r"\s+", "", text)
    return sum(heading in bare for heading in words("report_headings")) >= 2
