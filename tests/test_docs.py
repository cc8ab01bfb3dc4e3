"""The documents say what the program does: every key of the JSON, every command, every path and link."""

import dataclasses
import re
from pathlib import Path
from typing import get_args

import pytest

from archive.publish.metadata import load
from archive.report import model
from archive.report.model import Attachment, CellNote, Report, Section, Statistic
from crawler.docs import markdown
from tests.builders import note, report

ROOT = Path(__file__).parent.parent
DOCS = [
    ROOT / "README.md",
    ROOT / "README.zh-CN.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
]


def keys_of(heading: str) -> list[str]:
    """The keys that docs/json.md explains in the table under that heading."""
    text = (ROOT / "docs" / "json.md").read_text("utf-8")
    part = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `(\w+)` \|", part, re.M)


def printed() -> dict[str, object]:
    full: Report = report(
        cells=[note("applications", "granted", "total", "/", "dash")],
        statistics=[Statistic("x_1", "value", "某项", "件", 3)],
        attachments=[Attachment("http://127.0.0.1/a.pdf", "附件", "pdf")],
        findings=[model.Finding("R", "info", "m", "说明")],
    )
    return full.as_json("page.html")


def test_every_key_of_the_document_is_documented_in_order() -> None:
    assert keys_of("The document") == list(printed())


@pytest.mark.parametrize("part", ["sections", "cells", "statistics", "attachments", "findings"])
def test_every_key_of_its_parts_is_documented(part: str) -> None:
    objects = printed()[part]
    assert isinstance(objects, list)
    assert set(keys_of(f"`{part}`")) == set(objects[0])


def test_every_kind_of_cell_and_status_is_explained() -> None:
    text = (ROOT / "docs" / "json.md").read_text("utf-8")
    for code in (*get_args(model.CellKind), *get_args(model.Status), *get_args(model.Severity)):
        assert f"`{code}`" in text, code


def test_the_fields_that_json_leaves_out_are_few_and_known() -> None:
    fields = {field.name for field in dataclasses.fields(Report)}
    assert fields - set(printed()) == {"county_code", "checks", "zero_style", "text", "vouched"}
    assert {f.name for f in dataclasses.fields(Section)} == set(keys_of("`sections`"))
    assert {f.name for f in dataclasses.fields(CellNote)} == set(keys_of("`cells`"))


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    assert (ROOT / "docs" / "commands.md").read_text("utf-8") == markdown(), (
        "run: python -m crawler.docs > docs/commands.md"
    )


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_links_inside_the_documents_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", document.read_text("utf-8")):
        assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCS[:2], ids=lambda path: path.name)
def test_the_readme_names_only_commands_that_are_there(document: Path) -> None:
    from crawler.commands import SUMMARIES

    named = set(re.findall(r"\bgongkai ([a-z]+)\b", document.read_text("utf-8")))
    assert named <= set(SUMMARIES)
    targets = set(re.findall(r"^\.?PHONY.*|^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    assert set(re.findall(r"\bmake ([a-z]+)\b", document.read_text("utf-8"))) <= targets


@pytest.mark.parametrize("vocabulary", ["note", "status", "severity"])
def test_every_code_has_its_words(vocabulary: str) -> None:
    codes = {"note": model.CellKind, "status": model.Status, "severity": model.Severity}[vocabulary]
    assert set(get_args(codes)) - {"not_a_report"} <= set(load("words")[vocabulary])
