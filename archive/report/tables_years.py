"""Whose year a table is: by the heading right above it, and by the title of the report it stands in."""

from __future__ import annotations

import re
import unicodedata

from archive.report.headings import statutory_heading
from archive.report.title import parse_title

_YEAR = re.compile(r"20\d\d(?=年(?!\d{1,2}月))")
_LONGEST_HEADING = 60
_LEADS_IN = re.compile("[:：]$|附[上:：]|[对比参]照|对比|供参考|如下$|[（(]")
"""What a sentence before a table ends with or holds when it announces the table."""
_YEAR_BEFORE = re.compile(
    "(?:附|对照|对比|参考).{0,8}上一?年|(?<![与同较比])上一?年度?[^,，。]{0,12}(?:数据|统计表|情况表)"
)


class YearsOfTables:
    """Follows the lines of a document and says what year the next table is of; ``year`` is the report's own."""

    def __init__(self, year: int | None) -> None:
        self.year = year
        self._report: int | None = None
        """The year of a second report, once its title was met."""
        self._begun = False

    def line(self, line: str) -> int | None:
        """The other year that the table under this line is of; ``None`` if nothing says that it is not the report's.

        A report may be followed by another one's: what stands below its title is of the year that the title names.
        """
        text = unicodedata.normalize("NFKC", line).strip()
        if self._begun and "公开" in text and (title := parse_title(text)) and title.year:
            self._report = title.year if title.year != self.year else None
        elif not self._begun and len(text) < _LONGEST_HEADING and statutory_heading(text):
            self._begun = True
        return self._of_heading(text) or self._report

    def _of_heading(self, text: str) -> int | None:
        """The one year that a heading names, as over a table of the year before; other sentences are no heading."""
        sentence = text.rstrip("。").rpartition("。")[2]
        if "年" not in sentence or len(sentence) > _LONGEST_HEADING:
            return None
        if ("。" in text or sentence != text) and not _LEADS_IN.search(sentence):
            return None
        years = set(_YEAR.findall(sentence))
        if len(years) == 1:
            return int(years.pop())
        if _YEAR_BEFORE.search(sentence):
            return self.year - 1 if self.year else 0
        return None
