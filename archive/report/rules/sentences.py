"""A report's running text as sentences that can be searched for claims, each with what its heading is about."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from archive.reference.claims import Vocabulary
from archive.report.model import Section

_END = re.compile(r"[。．！!？?](?!\s{0,8}其中)|[（(][一二三四五六七八九十]{1,3}[)）]")
_SUB_HEADING = re.compile(
    r"[（(][一二三四五六七八九十]{1,3}[)）]([^\d,，:：;；]{0,24})|(?:\d{1,2}[.、]|[一二三四五六七八九十]{1,2}[、是])([^\d,，]{2,24})$"
)
_DIGITS_APART = re.compile(r"(?<=\d)\s+(?=\d)")
MAX_QUOTE = 160

# One character for one character, so that places in the normalised text can be led back to the printed one.
_FOLD = {
    code: folded
    for first, last in ((0x2E80, 0x2FDF), (0xFF01, 0xFF5E))
    for code in range(first, last + 1)
    if len(folded := unicodedata.normalize("NFKC", chr(code))) == 1 and folded != chr(code)
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, folded to half-width and without spaces, and as printed; ``section`` is its section's number.

    ``on_requests`` and ``on_cases``: the headings above it are about requests, about reviews and lawsuits.
    """

    text: str
    printed: str
    section: int | None
    on_requests: bool
    on_cases: bool

    def quote(self, start: int, end: int) -> str:
        """The sentence as printed, or, of a long one, the clauses around that place of ``text``."""
        whole = self.printed.strip()
        if len(whole) <= MAX_QUOTE:
            return whole
        kept = [i for i, character in enumerate(_apart(self.printed)) if not character.isspace()]
        margin = max(0, (MAX_QUOTE - (end - start)) // 2)
        left, right = max(0, start - margin), min(len(kept), end + margin)
        if left:
            comma = max(self.text.find(mark, left, start) for mark in ",;")
            left = comma + 1 if comma >= 0 else left
        return self.printed[kept[left] : kept[right - 1] + 1].strip()


def _apart(printed: str) -> str:
    """Digits that a space parts stay parted (by NUL): whether ``1 234`` is one number is not for us to decide."""
    return _DIGITS_APART.sub(lambda gap: "\0" + " " * (len(gap[0]) - 1), printed)


def sentences(sections: list[Section], words: Vocabulary) -> Iterator[Sentence]:
    """The sentences that may hold a claim, in reading order."""
    for section in sections:
        on_requests = words.heading_requests.search(section.heading) is not None
        on_cases = words.heading_review.search(section.heading) is not None
        start = 0
        for end in (*(mark.start() for mark in _END.finditer(section.text)), len(section.text)):
            printed, start = section.text[start:end].lstrip("。．！!？? \n\t\u3000"), end
            compact = "".join(printed.split())
            if not compact:
                continue
            if heading := _SUB_HEADING.match(compact):
                topic = heading[1] or heading[2] or ""
                if words.heading_other.search(topic):
                    on_requests = on_cases = False
                elif words.disclosure.search(topic) and words.heading_requests.search(topic):
                    on_requests = True
            told = on_requests or on_cases or words.trigger.search(compact)
            if told and words.figure.search(compact):
                yield Sentence(_folded(printed), printed, section.number, on_requests, on_cases)


def _folded(printed: str) -> str:
    return "".join(_apart(printed).split()).translate(_FOLD)
