"""The words by which reports tell their figures in running text, compiled from ``data/claims.json``.

Every pattern is bounded and is only ever applied to a window of a sentence, so that no text can make it slow.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

Pattern = re.Pattern[str]

CLAUSE = "[^\\d,;:()]"
"""A character inside one clause: no digit, no punctuation that ends the clause."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The compiled words. Patterns named ``…_before`` end at the number, ``…_after`` begin after its unit."""

    number: Pattern
    not_a_number: Pattern
    verb_before: Pattern
    received: frozenset[str]
    not_counted: Pattern
    may_be_received: Pattern
    extended: Pattern
    finished: Pattern
    this_year: Pattern
    named_year: Pattern
    between: Pattern
    part: Pattern
    all_channels: Pattern
    other_year: Pattern
    foreign: Pattern
    not_foreign: Pattern
    requests: Pattern
    disclosure: Pattern
    heading_requests: Pattern
    heading_review: Pattern
    heading_other: Pattern
    wider: Pattern
    narrower: Pattern
    other_body: Pattern
    own_requests: Pattern
    results_before: tuple[tuple[str, Pattern], ...]
    results_after: tuple[tuple[str, Pattern], ...]
    reasons: tuple[tuple[str, Pattern], ...]
    reason_words: Pattern
    carried_in_before: Pattern
    carried_in_after: Pattern
    carried_out_before: Pattern
    carried_out_after: Pattern
    cases_before: tuple[tuple[str, Pattern], ...]
    case: Pattern
    review_and_litigation: Pattern
    not_all_cases: Pattern
    review_body: Pattern
    outcomes_before: tuple[tuple[str, Pattern], ...]
    outcomes_after: tuple[tuple[str, Pattern], ...]
    all_upheld: Pattern
    dismissed: Pattern
    normative: Pattern
    normative_before: tuple[tuple[str, Pattern], ...]
    normative_between: Pattern
    normative_mixed: Pattern
    normative_other_acts: Pattern
    nothing_received: Pattern
    no_cases: Pattern
    natural_persons_only: Pattern
    fee_none: Pattern
    fee_some: Pattern
    no_fee_notice: Pattern
    trigger: Pattern
    figure: Pattern


def _any(words: list[str]) -> str:
    # Longer alternatives first, so that 件次 is not cut to 件.
    return "|".join(sorted(words, key=len, reverse=True))


@cache
def vocabulary() -> Vocabulary:
    """The words of ``data/claims.json``, compiled once."""
    text = (resources.files("archive.reference") / "data" / "claims.json").read_text("utf-8")
    w: dict[str, Any] = json.loads(text)
    c = re.compile
    result_tail, case_tail = f"(?:{_any(w['result_tail'])}){{0,6}}", f"(?:{_any(w['case_tail'])}){{0,5}}"
    normative_tail = f"(?:{_any(w['normative_tail'])}){{0,4}}$"
    normative = f"(?:行政)?{w['normative']}"
    cases = {
        kind: w[kind] for kind in ("litigation_after_review", "litigation_direct", "litigation", "review")
    }
    verbs = "|".join((*w["received"], *w["processed"]))
    return Vocabulary(
        # Begins with a plain character class on both branches: re then skips quickly to the next digit. What may stand
        # before a number is left to the code for the same reason.
        number=c(
            f"(?P<digits>\\d[\\d,]{{0,12}})(?P<unit>{_any(w['units'])})"
            "|(?P<chinese>[零〇一二两三四五六七八九十百]{1,5})(?P<unit_zh>件次|[件份宗条起例])"
        ),
        not_a_number=c("[\\d.\0每另某任同这第]$|\\d,$"),
        verb_before=c(f"^(?P<before>.*)(?P<verb>{verbs})(?P<between>{CLAUSE}*)$"),
        received=frozenset(w["received"]),
        not_counted=c(f"(?:{_any(w['not_counted'])})$"),
        may_be_received=c(w["may_be_received"]),
        extended=c(f"{w['extended']}{CLAUSE}{{0,8}}\\d"),
        finished=c(f"(?:{w['finished']}){CLAUSE}{{0,14}}\\d"),
        between=c(_any(w["words_between"])),
        part=c(_any(w["part"])),
        all_channels=c(w["all_channels"]),
        other_year=c(w["other_year"]),
        this_year=c(w["this_year"]),
        named_year=c(w["named_year"]),
        foreign=c(_any(w["foreign"])),
        not_foreign=c(_any(w["not_foreign"])),
        requests=c(w["requests"]),
        disclosure=c(w["disclosure"]),
        heading_requests=c(w["heading_requests"]),
        heading_review=c(w["heading_review"]),
        heading_other=c(w["heading_other"]),
        wider=c(w["wider"]),
        narrower=c(w["narrower"]),
        other_body=c(w["other_body"]),
        own_requests=c(w["own_requests"]),
        results_before=tuple((kind, c(f"(?:{words}){result_tail}$")) for kind, words in w["results"].items()),
        results_after=tuple((kind, c(f"(?:{words})(?!\\d)")) for kind, words in w["results"].items()),
        reasons=tuple((row, c(_any(words))) for row, words in w["reasons"].items()),
        reason_words=c(w["reason_words"]),
        carried_in_before=c(f"{w['carried_in']}(?:{_any(w['carried_in_tail'])}){{0,6}}$"),
        carried_in_after=c(f"(?:申请)?(?:均)?(?:为|系|是|属)?(?:于)?{w['carried_in']}"),
        carried_out_before=c(f"{w['carried_out']}(?:{_any(w['carried_out_tail'])}){{0,6}}$"),
        carried_out_after=c(f"(?:政府信息公开)?(?:申请)?(?:需|将|拟|已|按规定)?{w['carried_out']}"),
        cases_before=tuple((kind, c(f"(?:{words}){case_tail}$")) for kind, words in cases.items()),
        case=c("复议|诉讼|应诉|起诉"),
        review_and_litigation=c(
            f"{w['review']}(?:申请|案件|案)?(?:[、和及与或]|以及)(?:被)?(?:提起)?{w['litigation']}{case_tail}$"
            f"|{w['litigation']}(?:案件|案)?(?:[、和及与或]|以及){w['review']}{case_tail}$"
        ),
        not_all_cases=c(w["not_all_cases"]),
        review_body=c(w["review_body"]),
        outcomes_before=tuple(
            (kind, c(f"(?:{words})(?:{_any(w['outcome_tail'])}){{0,4}}$"))
            for kind, words in w["outcomes"].items()
        ),
        outcomes_after=tuple(
            (kind, c(f"(?:被|结果|予以)?(?:{words})(?!\\d)")) for kind, words in w["outcomes"].items()
        ),
        all_upheld=c(f"(?:均|全部|都){CLAUSE}{{0,6}}(?:维持)"),
        dismissed=c(w["dismissed"]),
        normative=c(w["normative"]),
        normative_before=(
            (
                "valid",
                c(
                    f"(?:{w['normative_valid']})(?:的)?(?P<between>{CLAUSE}{{0,12}}){normative}{normative_tail}"
                ),
            ),
            ("valid", c(f"(?P<between>)(?:{w['normative_valid']})(?:的)?(?:{normative})?{normative_tail}")),
            (
                "repealed",
                c(f"(?P<between>)(?:{w['normative_repealed']})(?:的)?(?:{normative})?{normative_tail}"),
            ),
            ("made", c(f"(?:{w['normative_made']})(?P<between>{CLAUSE}{{0,14}}){normative}{normative_tail}")),
            (
                "disclosed",
                c(f"(?:{w['normative_disclosed']})(?P<between>{CLAUSE}{{0,14}}){normative}{normative_tail}"),
            ),
        ),
        normative_between=c(_any(w["normative_between"])),
        normative_mixed=c(w["normative_mixed"]),
        normative_other_acts=c(w["normative_other_acts"]),
        nothing_received=c(w["nothing_received"]),
        no_cases=c(w["no_cases"]),
        natural_persons_only=c(w["natural_persons_only"]),
        fee_none=c(w["fee_none"]),
        fee_some=c(w["fee_some"]),
        no_fee_notice=c(w["no_fee_notice"]),
        # Every claim holds a number with its unit, a denial, or a word for "all".
        figure=c("[\\d０-９]|[零〇一二两三四五六七八九十百][件份宗条起例]|[未无没均]|全部"),
        trigger=c("申请|复议|诉讼|规范性文件|信息处理费|其中|办结|答复|结转|转结|受理|公开.{0,3}\\d+件"),
    )
