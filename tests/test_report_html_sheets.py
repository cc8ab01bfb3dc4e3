"""What a page's own style sheets hide, raise or strike out never becomes a digit of a number."""

from __future__ import annotations

import time

import pytest

from archive.report.cells import parse_cell
from archive.report.document import Document, Paragraph, Table
from archive.report.model import Context
from archive.report.read import take_apart


def page(sheet: str, cell: str, markup: str = "") -> Document:
    table = f"<table><tr><td>行政许可</td><td>{cell}</td></tr></table>"
    html = f"<html><head><style>{sheet}</style></head><body>{table}{markup}</body></html>"
    return take_apart(html.encode(), [], Context())


def cell_of(document: Document) -> str:
    (table,) = [block for block in document.blocks if isinstance(block, Table)]
    cell = table.grid[0][1]
    assert cell is not None
    return cell.text


@pytest.mark.parametrize(
    ("sheet", "cell"),
    [
        (".fn{vertical-align:super}", '12<span class="fn">1</span>'),
        ("span.fn { vertical-align : 4pt }", '12<span class="a fn">1</span>'),
        ("td > i, b.x { VERTICAL-ALIGN: sub }", "12<i>1</i>"),
        ("#q{display:none!important}", '<span id="q">7</span>12'),
        ("table td .old{display:none}", '<i class="old">7</i>12'),
        (".old{visibility:hidden}", '<i class="old">7</i>12'),
        (".old{position:absolute;clip:rect(0,0,0,0)}", '<i class="old">7</i>12'),
        ("<!-- .a{color:red} /* } */ .old{text-decoration:underline line-through} -->", '<u class="old">7</u>12'),
        ("@media screen{.old{display:none}}", '<i class="old">7</i>12'),
        ("@charset 'utf-8';@font-face{font-family:x}.old{display:none}", '<i class="old">7</i>12'),
    ],
)  # fmt: skip
def test_what_a_sheet_sets_off_hides_or_strikes_is_no_digit(sheet: str, cell: str) -> None:
    read = parse_cell(cell_of(page(sheet, cell)))
    assert (read.value, read.kind in (None, "annotated")) == (12, True)


@pytest.mark.parametrize(
    ("sheet", "cell"),
    [
        ("p .old{display:none}", '<i class="old">1</i>2'),  # inside of nothing that it names
        ("div > .old{display:none}", '<i class="old">1</i>2'),
        ("@media print{.old{display:none}}", '<i class="old">1</i>2'),
        (".old{display:none} i.old{display:inline}", '<i class="old">1</i>2'),
        (".old{display:none}", '<i class="old" style="display:inline">1</i>2'),
        (".old:hover{display:none}", '<i class="old">1</i>2'),
        (".Old{display:none} .oldest{display:none}", '<i class="old">1</i>2'),
        (".old{vertical-align:baseline;font-size:10pt;opacity:0.9}", '<i class="old">1</i>2'),
    ],
)
def test_what_is_shown_is_read(sheet: str, cell: str) -> None:
    assert cell_of(page(sheet, cell)) == "12"


def test_what_is_most_of_the_page_is_shown_by_a_script() -> None:
    document = page(
        ".tab{display:none}", "12", '<div class="tab"><p>' + "公开工作有序开展。" * 30 + "</p></div>"
    )
    assert any(isinstance(block, Paragraph) and "有序" in block.text for block in document.blocks)


@pytest.mark.parametrize(
    "sheet",
    ["/*" * 100_000, "@a " * 60_000, "@media{" * 30_000, "a" * 200_000, ".x .y{display:none}" * 9_000],
)
def test_hostile_sheets_are_bounded(sheet: str) -> None:
    start = time.perf_counter()
    page(sheet + " .a{display:none}", "12", '<div class="x"><p class="y">' * 200)
    assert time.perf_counter() - start < 5
