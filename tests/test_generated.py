"""Pages at random, with known truth: every cell exact, or null with a note of its own. Never a wrong number."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.report import read
from tests.generator import Generated, generate
from tests.generator.judge import Verdict, judge


def verdict_on(page: Generated) -> Verdict:
    return judge(page, read(page.body, page.headers, page.context))


@settings(max_examples=120, deadline=None)
@given(st.integers(min_value=0, max_value=2**32))
def test_no_number_is_ever_silently_wrong(seed: int) -> None:
    page = generate(Random(seed))
    verdict = verdict_on(page)
    assert not verdict.is_wrong, (page.style.described(), verdict.complaints()[:5])


@pytest.mark.parametrize("form", ["gb2021", "gb2019"])
@pytest.mark.parametrize("inline", ["plain", "word", "split", "font"])
@pytest.mark.parametrize("spans", ["official", "empty", "repeat"])
def test_html_with_printed_values_is_read_exactly(form: str, inline: str, spans: str) -> None:
    for seed in range(4):
        page = generate(
            Random(f"{form}{inline}{spans}{seed}"),
            document="html",
            form=form,
            inline=inline,
            spans=spans,
            misspelt=0,
        )
        verdict = verdict_on(page)
        assert verdict.is_exact, (page.style.described(), verdict)


@pytest.mark.parametrize("document", ["lines", "pipes", "tabs"])
def test_text_copies_with_printed_values_are_read_exactly(document: str) -> None:
    for seed in range(6):
        page = generate(
            Random(f"{document}{seed}"),
            document=document,
            zeros="printed",
            annotated=0,
            misspelt=0,
            broken_at=None,
            spaced="no",
        )
        verdict = verdict_on(page)
        assert verdict.is_exact, (page.style.described(), verdict)


def test_the_judge_notices_a_wrong_and_a_lost_number() -> None:
    page = generate(Random(1), document="html", zeros="printed", annotated=0, misspelt=0)
    report = read(page.body, page.headers, page.context)
    assert judge(page, report).is_exact
    row = report.tables["applications"]["granted"]
    row["total"] = (row["total"] or 0) + 1
    row["business"] = None
    verdict = judge(page, report)
    assert len(verdict.silent) == 2 and not verdict.is_exact
