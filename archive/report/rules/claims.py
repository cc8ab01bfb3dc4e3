"""The figures that a report tells in its running text (report-format D.3), taken only where they can be taken surely.

A claim must speak of the reporting body, of the report's year, and of requests for government information (or reviews
and lawsuits about them, or normative documents). What speaks of a part, another year, another body or another kind of
business is left alone: silence is better than a false alarm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from archive.reference.claims import Pattern, Vocabulary, vocabulary
from archive.report.model import Number, Report
from archive.report.rules.sentences import Sentence, sentences

WINDOW = 80
"""How far back from a number its words are looked for."""
_CLAUSE_MARKS = ",;:()"
_MAX_CLAIMS = 200
_YEAR = re.compile(r"(20\d\d)年")
_BRACKETS = re.compile(r"\([^()]{0,60}\)")
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
    exhaustive: bool = False


@dataclass(slots=True)
class _Reading:
    """One sentence while it is searched."""

    sentence: Sentence
    words: Vocabulary
    year: int | None
    aggregate: bool
    kinds: set[str] = field(default_factory=set)
    topic: str | None = None
    """Review or lawsuit: whichever the outcomes that follow belong to."""

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
        reading = _Reading(sentence, words, report.year, report.scope == "jurisdiction_aggregate")
        for claim in _claims_of(reading):
            found.setdefault((claim.kind, claim.value, claim.parts), claim)
        if len(found) >= _MAX_CLAIMS:
            break
    return list(found.values())


def _claims_of(reading: _Reading) -> Iterator[Claim]:
    text = reading.sentence.text
    numbers = list(reading.words.number.finditer(text))[:_MAX_CLAIMS]
    for number in numbers:
        value = _value(number)
        if value is None:
            continue
        before = text[max(0, number.start() - WINDOW) : number.start()]
        after = text[number.end() : number.end() + 24]
        yield from _claims_of_number(reading, number, value, before, after)
    yield from _claims_without_number(reading)
    yield from _parts(reading, numbers)


def _value(number: re.Match[str]) -> int | None:
    return int(number["digits"].replace(",", "")) if number["digits"] else _chinese(number["chinese"])


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
    words = reading.words
    more: dict[str, bool] = {}
    kind = _carried(reading, before, after)
    if kind is None and (case := _case(reading, before)):
        kind, more = case
    if kind is None:
        kind = _outcome(reading, before)
    if kind is None:
        kind = _normative(reading, before)
    if kind is None and (result := _result(reading, words.results_before, before, before, after="")):
        kind, more = result
    if kind is None and (request := _request(reading, before, start)):
        kind, more = request
    if kind is None and (result := _result(reading, words.results_after, after, before, after=after)):
        kind, more = result
    if kind is not None:
        yield reading.claim(kind, value, start, end, **more)
        if kind in _CASES:
            reading.topic = _CASES[kind]
            if words.all_upheld.match(after.lstrip(",")):
                yield reading.claim(f"{reading.topic}_upheld", value, start, end)


def _clause(before: str) -> str:
    """The part of the window that belongs to the number's own clause."""
    cut = max(before.rfind(mark) for mark in _CLAUSE_MARKS)
    return before[cut + 1 :]


def _other_year(reading: _Reading, before: str, clause: str) -> bool:
    """Whether the clause speaks of another year: by a word for it, or by the last year named before it."""
    if reading.words.other_year.search(clause):
        return True
    years = _YEAR.findall(_BRACKETS.sub("", before))
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


def _case(reading: _Reading, before: str) -> tuple[str, dict[str, bool]] | None:
    words, sentence = reading.words, reading.sentence
    for case, pattern in words.cases_before:
        kind, match = f"{case}_total", pattern.search(before)
        if match is None:
            continue
        clause = _clause(before)
        about = sentence.on_cases or sentence.on_requests or words.disclosure.search(sentence.text)
        if not about or words.review_and_litigation.search(before) or words.not_all_cases.search(clause):
            return None
        if kind in reading.kinds or _other_year(reading, before, clause):
            return None
        if not reading.aggregate and words.wider.search(clause):
            return None
        return kind, {"other_scope": words.review_body.search(clause) is not None}
    return None


def _outcome(reading: _Reading, before: str) -> str | None:
    if reading.topic is None:
        return None
    for outcome, pattern in reading.words.outcomes_before:
        if not pattern.search(before):
            continue
        kind = f"{reading.topic}_{outcome}"
        dismissed = outcome == "upheld" and reading.words.dismissed.search(reading.sentence.text)
        return None if dismissed or kind in reading.kinds else kind
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


def _request(reading: _Reading, before: str, start: int) -> tuple[str, dict[str, bool]] | None:
    words = reading.words
    match = words.verb_before.search(before)
    if match is None or not _on_requests(reading, before) or not _only(words.between, match["between"]):
        return None
    kind = "new_received" if match["verb"] in words.received else "processed_total"
    clause = _clause(match["before"])
    own_words = words.requests.search(match["between"])
    if kind in reading.kinds or (kind == "processed_total" and words.not_processed.search(match["before"])):
        return None
    if _foreign(reading, clause if own_words else before) or _other_year(reading, before, clause):
        return None
    if words.part.search(clause) and not words.all_channels.search(clause):
        return None
    subject = reading.sentence.text[max(0, start - WINDOW) : start - len(before) + len(match["before"])]
    return _scope(reading, subject, kind)


def _scope(reading: _Reading, subject: str, kind: str) -> tuple[str, dict[str, bool]] | None:
    """Whether the clause before the verb names the reporting body; None if it names a wider or a narrower one."""
    words = reading.words
    if not reading.aggregate:
        return None if words.wider.search(subject) else (kind, {})
    if words.narrower.search(subject):
        return None
    return kind, {"other_scope": words.own_requests.search(_clause(subject).rstrip("共新累计")) is not None}


def _result(
    reading: _Reading, patterns: Sequence[tuple[str, Pattern]], window: str, before: str, *, after: str
) -> tuple[str, dict[str, bool]] | None:
    """A kind of result; ``window`` is where its word stands: before the number, or right after its unit."""
    if not (reading.sentence.on_requests or reading.words.requests.search(reading.sentence.text)):
        return None
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


def _with_reason(reading: _Reading, kind: str, clause: str) -> tuple[str, dict[str, bool]] | None:
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
    words, text = reading.words, reading.sentence.text
    yield from _nothing_received(reading)
    yield from _no_cases(reading)
    if (match := words.natural_persons_only.search(text)) and _on_requests(reading, text):
        before = text[max(0, match.start() - WINDOW) : match.start()]
        if not _other_year(reading, before, _clause(before)) and not words.part.search(_clause(before)):
            yield reading.claim("only_natural_person", True, *match.span())
    if match := words.fee_none.search(text):
        yield reading.claim("processing_fee_collected", 0, *match.span())
    elif match := words.fee_some.search(text):
        amount = float(match["amount"].replace(",", "")) * (10_000 if match["wan"] else 1)
        yield reading.claim(
            "processing_fee_collected_yuan", int(amount) if amount.is_integer() else amount, *match.span()
        )
    if match := words.no_fee_notice.search(text):
        yield reading.claim("no_fee_notice", True, *match.span())


def _nothing_received(reading: _Reading) -> Iterator[Claim]:
    words, text = reading.words, reading.sentence.text
    if "new_received" in reading.kinds or not _on_requests(reading, text):
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
    if not (sentence.on_cases or sentence.on_requests or words.disclosure.search(sentence.text)):
        return
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


def _parts(reading: _Reading, numbers: Sequence[re.Match[str]]) -> Iterator[Claim]:
    """``共 N 条，其中 A 条、B 条、其他 C 条``: a total and the parts listed after it, in one unit."""
    text = reading.sentence.text
    place = text.find("其中")
    if place < 0 or "(" in text[place:]:
        return
    heads = [number for number in numbers if number.end() <= place]
    tail = [number for number in numbers if number.start() > place]
    if not heads or len(tail) < 2 or len(text[heads[-1].end() : place].strip(",。:;")) > 0:
        return
    head, unit = heads[-1], heads[-1]["unit"]
    total, values = _value(head), [_value(number) for number in tail]
    if total is None or unit is None or any(number["unit"] != unit for number in tail):
        return
    parts = [value for value in values if value is not None]
    last = text[tail[-2].end() : tail[-1].start()]
    for count in range(2, len(parts) + 1):
        if sum(parts[:count]) == total:
            parts, last = parts[:count], ""
            break
    subject = _clause(text[: head.start()][-WINDOW:])
    kind = "disclosed_total" if "主动公开" in subject or "公开政府信息" in subject else "parts"
    yield Claim(
        kind,
        total,
        reading.sentence.quote(head.start(), tail[-1].end()),
        reading.sentence.section,
        parts=tuple(parts),
        exhaustive=re.search("其[他它余]", last) is not None,
    )
