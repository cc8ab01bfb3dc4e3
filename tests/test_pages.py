"""Every saved page under ``tests/pages/<case>/`` reads as the JSON beside it says.

A case is a folder with ``page.<html|txt|…>``, ``report.json`` (what ``gongkai read`` prints, without source and
reader) and, where needed, ``meta.json``: ``{"headers": {…}, "context": {"url": …, "title": …}}``. A case without
``report.json`` gets one written and fails: read it, correct the reader until it is true, then commit it.
``pytest tests/test_pages.py -k <case>`` runs one. ``shapes.json`` names every form and shape in which reports are
published, each with the cases that show it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archive.reference.forms import forms
from archive.report.model import Context
from archive.report.read import read

FOLDER = Path(__file__).parent / "pages"
CASES = sorted({page.parent.name for page in FOLDER.glob("*/page.*")})


def reading(case: Path) -> dict[str, Any]:
    """What the page of this case reads as."""
    page = next(case.glob("page.*"))
    meta_file = case / "meta.json"
    meta = json.loads(meta_file.read_text("utf-8")) if meta_file.exists() else {}
    context = Context.from_dict(meta.get("context", {}))
    value = read(page.read_bytes(), list(meta.get("headers", {}).items()), context).as_json()
    return {name: part for name, part in value.items() if name not in ("source", "reader")}


@pytest.mark.parametrize("case", CASES)
def test_page(case: str) -> None:
    found = json.loads(json.dumps(reading(FOLDER / case)))
    expected_file = FOLDER / case / "report.json"
    if not expected_file.exists():
        expected_file.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
        pytest.fail(f"{case}/report.json was not there and has been written: read it, then commit it")
    expected = json.loads(expected_file.read_text("utf-8"))
    for name, value in expected.items():
        assert found[name] == value, name
    assert found.keys() == expected.keys()


def shown() -> dict[str, list[str]]:
    """Each form and shape, with the cases that show it."""
    groups = json.loads((FOLDER / "shapes.json").read_text("utf-8"))
    return {f"{group}: {shape}": cases for group, shapes in groups.items() for shape, cases in shapes.items()}


@pytest.mark.parametrize("shape", shown())
def test_every_shape_has_a_saved_page(shape: str) -> None:
    cases = shown()[shape]
    assert cases
    assert set(cases) <= set(CASES)


def test_every_saved_page_shows_a_shape() -> None:
    named = {case for cases in shown().values() for case in cases}
    assert sorted(set(CASES) - named) == []


@pytest.mark.parametrize("form", forms())
def test_every_form_has_a_saved_page(form: str) -> None:
    assert any(
        json.loads((FOLDER / case / "report.json").read_text("utf-8"))["form"] == form for case in CASES
    )
