"""The figures that a report tells in its running text (report-format D.3), taken only where they can be taken surely.

A claim must speak of the reporting body, of the report's year, and of requests for government information (or reviews
and lawsuits about them, or normative documents). What speaks of a part, another year, another body or another kind of
business is left alone: silence is better than a false alarm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from archive.reference.claims import Pattern, Vocabulary, vocabulary
from archive.report.model import Number, Report
from archive.report.rules.sentences import Sentence, sentences

WINDOW = 80
"""How far back from a number its words are looked for."""
_CLAUSE_MARKS = ",;:()"
_MAX_CLAIMS = 200
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
_OTHERS = re.compile("其[他它余]")
_DISCLOSED = re.compile("主动公开|公开政府信息")
_Number = tuple[re.Match[str], int]
_BRACKETS = re.compile(r"\([^()]{0,60}\)")
_REMARK = re.compile(r"\([^()\d,;:]{1,6}\)")
"""Such as 各村（社区）: brackets inside a name."""
_CASES = {
    f"{case}_total": case for case in ("review", "litigation", "litigation_direct", "litigation_after_review")
}


@dataclass(frozen=True, slots=True)
class Claim:
    """One figure told in the text. ``kind`` says what it counts; ``parts`` are the addends listed after a total.

    ``lenient``: the sentence gives a reason, so any row of the group may be meant. ``other_scope``: the sentence may
    speak of another scope than the table.
    """

    kind: str
    value: Number | bool
    quote: str
    section: int | None
    parts: tuple[int, ...] = ()
    lenient: bool = False
    other_scope: bool = False


@dataclass(slots=True)
class _Reading:
    """One sentence while it is searched. The ``about_…`` say which kinds of claim it can hold at all."""

    sentence: Sentence
    words: Vocabulary
    year: int | None
    aggregate: bool
    about_requests: bool
    about_cases: bool
    about_documents: bool
    kinds: set[str] = field(default_factory=set)
    undecided: list[tuple[str, int]] = field(default_factory=list)
    """Reviews and lawsuits told so far, with their numbers, of which no outcome was told yet."""
    topic: str | None = None
    """Review or lawsuit: whichever the outcomes that follow belong to."""

    @classmethod
    def of(cls, sentence: Sentence, words: Vocabulary, report: Report) -> _Reading:
        """That sentence, ready to be searched."""
        text = sentence.text
        on_disclosure = sentence.on_cases or sentence.on_requests or words.disclosure.search(text) is not None
        return cls(
            sentence,
            words,
            report.year,
            aggregate=report.scope == "jurisdiction_aggregate",
            about_requests=sentence.on_requests or words.requests.search(text) is not None,
            about_cases=on_disclosure and words.case.search(text) is not None,
            about_documents=words.normative.search(text) is not None,
        )

    def claim(
        self,
        kind: str,
        value: Number | bool,
        start: int,
        end: int,
        *,
        lenient: bool = False,
        other_scope: bool = False,
    ) -> Claim:
        self.kinds.add(kind)
        quote, section = self.sentence.quote(start, end), self.sentence.section
        return Claim(kind, value, quote, section, lenient=lenient, other_scope=other_scope)


def read_claims(report: Report) -> list[Claim]:
    """All claims of the report's sections, in reading order, each kind and value once, at most 200."""
    words = vocabulary()
    found: dict[tuple[str, Number | bool, tuple[int, ...]], Claim] = {}
    for sentence in sentences(report.sections, words):
        reading = _Reading.of(sentence, words, report)
        for claim in _claims_of(reading):
            found.setdefault((claim.kind, claim.value, claim.parts), claim)
        if len(found) >= _MAX_CLAIMS:
            break
    return list(found.values())


def _claims_of(reading: _Reading) -> Iterator[Claim]:
    text = reading.sentence.text
    numbers = _numbers(reading.words, text)
    for number, value in numbers:
        before = text[max(0, number.start() - WINDOW) : number.start()]
        after = text[number.end() : number.end() + 24]
        yield from _claims_of_number(reading, number, value, before, after)
    yield from _claims_without_number(reading)
    yield from _parts(reading, numbers)


def _numbers(words: Vocabulary, text: str) -> list[_Number]:
    """The whole numbers of the sentence that have a unit; decimals, ordinals and numbers of unsure extent are not."""
    found: list[_Number] = []
    for number in islice(words.number.finditer(text), _MAX_CLAIMS):
        start, digits = number.start(), number["digits"]
        if words.not_a_number.search(text, max(0, start - 2), start):
            continue
        if digits is None:
            value = _chinese(number["chinese"])
        else:
            value = (
                int(digits.replace(",", "")) if digits.isdecimal() or _THOUSANDS.fullmatch(digits) else None
            )
        if value is not None:
            found.append((number, value))
    return found


def _chinese(numeral: str) -> int | None:
    """A plain Chinese numeral below 1000; None for anything irregular."""
    digits = {
        "零": 0,
        "〇": 0,
        "一": 1,
        "二": 2,
        "两": 2,
        "三": 3,
        "四": 4,
        "五": 5,
        "六": 6,
        "七": 7,
        "八": 8,
        "九": 9,
    }
    match = re.fullmatch(
        r"(?:(?P<h>[一二两三四五六七八九])百零?)?(?:(?P<t>[一二三四五六七八九]?)十)?(?P<u>[零〇一二两三四五六七八九])?",
        numeral,
    )
    if match is None or not numeral:
        return None
    tens = 0 if match["t"] is None else digits.get(match["t"], 1)
    return digits.get(match["h"] or "零", 0) * 100 + tens * 10 + digits.get(match["u"] or "零", 0)


def _claims_of_number(
    reading: _Reading, number: re.Match[str], value: int, before: str, after: str
) -> Iterator[Claim]:
    start, end = number.span()
    if _of_other_years(reading, number):
        return
    if (told := _told(reading, before, after, number)) is None:
        return
    kind, more = told
    yield reading.claim(kind, value, start, end, **more)
    if kind in _CASES:
        reading.topic = _CASES[kind]
        reading.undecided.append((reading.topic, value))
        if reading.words.all_upheld.match(after.lstrip(",")):
            for case, count in reading.undecided:
                yield reading.claim(f"{case}_upheld", count, start, end)


_Told = tuple[str, dict[str, bool]]
"""A kind of claim, and what else is to be known of it (the flags of ``Claim``)."""


def _told(reading: _Reading, before: str, after: str, number: re.Match[str]) -> _Told | None:
    """What the words around a number make of it; the word before it outweighs the word after it."""
    words = reading.words
    if reading.about_requests and (kind := _carried(reading, before, after)):
        return kind, {}
    if reading.about_cases and (told := _case(reading, before) or _outcome(reading, before, after)):
        return told
    if reading.about_documents and (kind := _normative(reading, before)):
        return kind, {}
    if not reading.about_requests:
        return None
    return (
        _result(reading, words.results_before, before, before, after="")
        or _request(reading, before, number)
        or _result(reading, words.results_after, after, before, after=after)
    )


def _of_other_years(reading: _Reading, number: re.Match[str]) -> bool:
    """Whether a remark in brackets behind the number says that it counts other years, too: 999件（2008年以来）."""
    remark = _BRACKETS.match(number.string, number.end())
    return remark is not None and reading.words.other_year.search(remark[0]) is not None


def _clause(before: str) -> str:
    """The part of the window that belongs to the number's own clause; a short remark in brackets does not end it."""
    before = _REMARK.sub("", before)
    cut = max(before.rfind(mark) for mark in _CLAUSE_MARKS)
    return before[cut + 1 :]


def _other_year(reading: _Reading, before: str, clause: str) -> bool:
    """Whether the clause speaks of another year: by a word for it, or by the last year named before it."""
    if reading.words.other_year.search(clause):
        return True
    if reading.words.this_year.search(clause):
        return False
    years = reading.words.named_year.findall(_BRACKETS.sub("", before))
    return bool(years) and reading.year is not None and int(years[-1]) != reading.year


def _on_requests(reading: _Reading, before: str) -> bool:
    return reading.sentence.on_requests or reading.words.requests.search(before) is not None


def _foreign(reading: _Reading, text: str) -> bool:
    return reading.words.foreign.search(reading.words.not_foreign.sub("", text)) is not None


def _only(words: Pattern, text: str) -> bool:
    """Whether nothing is left of ``text`` when these words are taken out."""
    return not words.sub("", text)


def _carried(reading: _Reading, before: str, after: str) -> str | None:
    words = reading.words
    if not (reading.sentence.on_requests or words.requests.search(reading.sentence.text)) or _foreign(
        reading, before
    ):
        return None
    for kind, match, offset in (
        ("carried_in", words.carried_in_before.search(before), -1),
        ("carried_out", words.carried_out_before.search(before), 1),
        ("carried_out", words.carried_out_after.match(after), 1),
        ("carried_in", words.carried_in_after.match(after), -1),
    ):
        if match is None or kind in reading.kinds:
            continue
        if match["year"] is not None and (
            reading.year is None or int(match["year"]) != reading.year + offset
        ):
            continue
        if kind == "carried_out" and words.other_year.search(_clause(before)):
            continue
        return kind
    return None


def _case(reading: _Reading, before: str) -> _Told | None:
    words = reading.words
    for case, pattern in words.cases_before:
        kind, match = f"{case}_total", pattern.search(before)
        if match is None:
            continue
        clause = _clause(before)
        if words.review_and_litigation.search(before) or words.not_all_cases.search(clause):
            return None
        if kind in reading.kinds or _other_year(reading, before, clause):
            return None
        if not reading.aggregate and words.wider.search(clause):
            return None
        decides = reading.aggregate and words.review_body.search(clause) is not None
        if decides and not words.disclosure.search(clause):
            return None
        return kind, {"other_scope": decides}
    return None


def _outcome(reading: _Reading, before: str, after: str) -> _Told | None:
    if reading.topic is None:
        return None
    words = reading.words
    for (outcome, left), (_, right) in zip(words.outcomes_before, words.outcomes_after, strict=True):
        if not left.search(before) and not right.match(after):
            continue
        kind = f"{reading.topic}_{outcome}"
        dismissed = outcome == "upheld" and words.dismissed.search(reading.sentence.text)
        reading.undecided.clear()
        return None if dismissed or kind in reading.kinds else (kind, {})
    return None


def _normative(reading: _Reading, before: str) -> str | None:
    words = reading.words
    if not words.normative.search(before):
        return None
    for kind, pattern in words.normative_before:
        match = pattern.search(before)
        if match is None:
            continue
        act = before[: match.start()]
        if words.normative_other_acts.search(act) or words.normative_mixed.search(act):
            return None
        if not _only(words.normative_between, match["between"]) or _other_year(
            reading, before, _clause(before)
        ):
            return None
        kind = f"normative_{kind}"
        return None if kind in reading.kinds else kind
    return None


def _request(reading: _Reading, before: str, number: re.Match[str]) -> _Told | None:
    words = reading.words
    match = words.verb_before.search(before)
    if match is None or not _on_requests(reading, before) or not _only(words.between, match["between"]):
        return None
    kind = "new_received" if match["verb"] in words.received else "processed_total"
    if kind in reading.kinds or words.not_counted.search(match["before"]):
        return None
    clause = _clause(match["before"])
    own_words = words.requests.search(match["between"])
    if not own_words and (words.case.search(before) or words.other_body.search(clause)):
        return None
    if _foreign(reading, clause if own_words else before) or _other_year(reading, before, clause):
        return None
    if words.part.search(clause) and not words.all_channels.search(clause):
        return None
    text, start = reading.sentence.text, number.start()
    if kind == "processed_total" and _is_only_part(words, match["verb"], text, number.end()):
        return None
    subject = text[max(0, start - WINDOW) : start - len(before) + len(match["before"])]
    return _scope(reading, subject, kind)


def _is_only_part(words: Vocabulary, verb: str, text: str, end: int) -> bool:
    """Whether other figures of the sentence show that this one is not all that was processed."""
    if words.extended.search(text):
        return True
    return (
        words.may_be_received.match(verb) is not None
        and words.finished.search(text, end, end + WINDOW) is not None
    )


def _scope(reading: _Reading, subject: str, kind: str) -> _Told | None:
    """Whether the clause before the verb names the reporting body; None if it names a wider or a narrower one."""
    words = reading.words
    if not reading.aggregate:
        return None if words.wider.search(subject) else (kind, {})
    if words.narrower.search(subject) or words.other_body.search(_clause(subject)):
        return None
    return kind, {"other_scope": words.own_requests.search(_clause(subject).rstrip("共新累计")) is not None}


def _result(
    reading: _Reading, patterns: Sequence[tuple[str, Pattern]], window: str, before: str, *, after: str
) -> _Told | None:
    """A kind of result; ``window`` is where its word stands: before the number, or right after its unit."""
    for kind, pattern in patterns:
        match = pattern.match(window) if after else pattern.search(window)
        if match is None:
            continue
        clause = _clause(
            before[: len(before) - len(window)] + window[: match.start()] if not after else before
        )
        if _other_year(reading, before, clause) or (
            not reading.aggregate and reading.words.wider.search(clause)
        ):
            return None
        return _with_reason(reading, kind, clause)
    return None


def _with_reason(reading: _Reading, kind: str, clause: str) -> _Told | None:
    """The one row that a reason before the result names; without ``等``, several or an unknown one prove nothing."""
    rows = [
        row for row, pattern in reading.words.reasons if row.startswith(f"{kind}_") and pattern.search(clause)
    ]
    several = "等" in clause
    if len(rows) == 1 and not several:
        kind, lenient = rows[0], True
    elif not rows and _foreign(reading, clause):
        return None
    else:
        lenient = bool(rows) or reading.words.reason_words.search(clause) is not None
    return None if kind in reading.kinds else (kind, {"lenient": lenient})


def _claims_without_number(reading: _Reading) -> Iterator[Claim]:
    text = reading.sentence.text
    if reading.about_requests:
        yield from _nothing_received(reading)
        if "均" in text or "全部" in text:
            yield from _only_natural_persons(reading)
    if reading.about_cases:
        yield from _no_cases(reading)
    if "费" in text:
        yield from _fees(reading)


def _only_natural_persons(reading: _Reading) -> Iterator[Claim]:
    words, text = reading.words, reading.sentence.text
    if match := words.natural_persons_only.search(text):
        before = text[max(0, match.start() - WINDOW) : match.start()]
        clause = _clause(before)
        if not _other_year(reading, before, clause) and not words.part.search(clause):
            yield reading.claim("only_natural_person", True, *match.span())


def _fees(reading: _Reading) -> Iterator[Claim]:
    words, text = reading.words, reading.sentence.text
    if match := words.fee_none.search(text):
        yield reading.claim("processing_fee_collected", 0, *match.span())
    elif match := words.fee_some.search(text):
        amount = float(match["amount"].replace(",", "")) * (10_000 if match["wan"] else 1)
        yuan = int(amount) if amount.is_integer() else amount
        yield reading.claim("processing_fee_collected_yuan", yuan, *match.span())
    if match := words.no_fee_notice.search(text):
        yield reading.claim("no_fee_notice", True, *match.span())


def _nothing_received(reading: _Reading) -> Iterator[Claim]:
    words, text = reading.words, reading.sentence.text
    if "new_received" in reading.kinds:
        return
    for match in words.nothing_received.finditer(text):
        before = text[max(0, match.start() - WINDOW) : match.start()]
        clause = _clause(before)
        if _only(words.between, match["between"]) and not (
            _other_year(reading, before, clause) or words.part.search(clause) or _foreign(reading, clause)
        ):
            scope = _scope(reading, before, "new_received")
            if scope is not None:
                yield reading.claim(scope[0], 0, *match.span(), **scope[1])
            return


def _no_cases(reading: _Reading) -> Iterator[Claim]:
    words, sentence = reading.words, reading.sentence
    for match in words.no_cases.finditer(sentence.text):
        before = sentence.text[max(0, match.start() - WINDOW) : match.start()]
        clause = _clause(before)
        if (
            _other_year(reading, before, clause)
            or words.part.search(clause)
            or words.not_all_cases.search(match[0])
        ):
            continue
        if not reading.aggregate and words.wider.search(before):
            continue
        for kind in ("review", "litigation"):
            if match[kind] and f"{kind}_total" not in reading.kinds:
                yield reading.claim(f"{kind}_total", 0, *match.span())


def _parts(reading: _Reading, numbers: Sequence[_Number]) -> Iterator[Claim]:
    """``共 N 条，其中 A 条、B 条、其他 C 条``: a total and the parts listed after it, in one unit."""
    text = reading.sentence.text
    place = text.find("其中")
    if place < 0 or "(" in text[place:]:
        return
    heads = [(number, value) for number, value in numbers if number.end() <= place]
    tail = [(number, value) for number, value in numbers if number.start() > place]
    if not heads or len(tail) < 2 or text[heads[-1][0].end() : place].strip(",。:;"):
        return
    head, total = heads[-1]
    unit = head["unit"]
    if unit is None or any(number["unit"] != unit for number, _ in tail):
        return
    parts = [value for _, value in tail]
    exhaustive = _OTHERS.search(text, tail[-2][0].end(), tail[-1][0].start()) is not None
    for count in range(2, len(parts) + 1):
        if sum(parts[:count]) == total:
            parts, exhaustive = parts[:count], True
            break
    if not exhaustive:
        return
    subject = _clause(text[: head.start()][-WINDOW:])
    kind = "disclosed_total" if _DISCLOSED.search(subject) else "parts"
    quote = reading.sentence.quote(head.start(), tail[-1][0].end())
    yield Claim(kind, total, quote, reading.sentence.section, tuple(parts))
