"""Every module says what it is for, and the page that lists them is in step."""

from __future__ import annotations

from tests.modules import ROOT, markdown


def test_the_page_of_modules_is_what_the_modules_say() -> None:
    assert (ROOT / "docs" / "modules.md").read_text("utf-8") == markdown(), (
        "run: python -m tests.modules > docs/modules.md"
    )
