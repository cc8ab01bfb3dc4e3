"""Pages at random, with known truth: every cell exact, or null with a note of its own. Never a wrong number."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.report.read import read
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
            beside="none",
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


# --- damaged pages: never an exception (tests run strictly), never a number that the page does not print ---

_TAG = re.compile(r"<[^<>]+>")
_CELL = re.compile(r"<td[^>]*>.*?</td>", re.S)
_ROW = re.compile(r"<tr>.*?</tr>", re.S)
_WORD = re.compile(r"[\u4e00-\u9fff]{2,}")


def _without(text: str, span: tuple[int, int], instead: str = "") -> str:
    return text[: span[0]] + instead + text[span[1] :]


def damaged(random: Random, text: str) -> str:
    """The page with a tag, a cell or a row lost, a tag doubled, or a label made unknown."""
    start = text.index("<body")
    how = random.choice([_TAG, _TAG, _CELL, _ROW, _WORD])
    spans = [match.span() for match in how.finditer(text, start)]
    span = random.choice(spans or [(len(text), len(text))])
    if how is _WORD:
        return _without(text, span, random.choice(["", "某某", "一段文字"]))
    again = how is _TAG and random.random() < 0.5
    return _without(text, span, text[slice(*span)] * 2 if again else "")


@settings(max_examples=80, deadline=None)
@given(st.integers(min_value=0, max_value=2**32))
@example(1)  # a label's cell lost in a table with a column of units: the row's blank cell is its first
@example(180)  # a cell lost in a table with last year's totals beside: its last is not the total
def test_a_damaged_page_never_gives_a_number_it_does_not_print(seed: int) -> None:
    random = Random(seed)
    form = random.choice(["gb2021", "gb2019"])
    page = generate(random, document="html", charset="utf-8", form=form, change_label="official")
    report = read(damaged(random, page.body.decode()).encode(), page.headers, page.context)
    said = {cell for found in report.findings for cell in found.cells}
    noted = {(note.table, note.row, note.column) for note in report.cells}
    for path, printed in page.cells().items():
        table, row, column = path
        value = report.tables.get(table, {}).get(row, {}).get(column)
        told = path in noted or {f"{table}.{row}", ".".join(path)} & said
        assert value is None or value == printed.value or told, (path, printed, value)


@pytest.mark.parametrize("document", ["html", "pre", "lines", "tabs", "docx"])
def test_no_page_cut_off_anywhere_raises(document: str) -> None:
    random = Random(document)
    page = generate(random, document=document, charset="utf-8")
    for _ in range(12):
        report = read(page.body[: random.randrange(len(page.body))], page.headers, page.context)
        assert not any(found.rule == "READ-INTERNAL" for found in report.findings)


def test_a_page_that_ends_inside_a_table_says_so() -> None:
    page = generate(Random(3), document="html", form="gb2021", charset="utf-8")
    text = page.body.decode()
    cut = text[: text.index("保护第三方合法权益")]
    assert any(
        found.rule == "FILE-INCOMPLETE" for found in read(cut.encode(), page.headers, page.context).findings
    )
    whole = read(page.body, page.headers, page.context)
    assert not any(found.rule == "FILE-INCOMPLETE" for found in whole.findings)
