"""Old office files through the LibreOffice that is installed here: the whole way, once."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from archive import office
from archive.sandbox import read_safely
from tests.generator import generate
from tests.generator.judge import judge

pytestmark = pytest.mark.skipif(office.available() is None, reason="LibreOffice is not installed")


def test_a_word_file_of_old_says_what_the_page_says() -> None:
    page = generate(Random(1), document="docx", form="gb2021", zeros="printed", annotated=0, misspelt=0)
    kind: Any = "doc"  # the other way round than it is used, to have such a file
    try:
        old = office.convert(page.body, "docx", kind)
    except office.ConversionError as error:
        pytest.skip(f"this LibreOffice makes no Word file: {error}")
    report = read_safely(old, [], page.context)
    verdict = judge(page, report)
    assert report.status == "parsed"
    assert verdict.exact == verdict.cells, (page.style.described(), verdict.complaints()[:4])
