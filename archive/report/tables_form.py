"""Which form a document follows: decided by the labels of its tables, never by its year.

The marks stand in the forms' data, with their order of precedence. The year only breaks the one tie in which the
tables cannot: table 2 is missing and table 3 fits two forms.
"""

from __future__ import annotations

import re
from functools import cache

from archive.reference.forms import Detect, Form, form_of_year, forms
from archive.report.document import Document, Paragraph
from archive.report.labels import key

_LONGEST_LINE = 100


def label_text(document: Document) -> str:
    """The keys of everything that can be a label: table cells and lines that are no sentences, run together."""
    parts: list[str] = []
    for block in document.blocks:
        if isinstance(block, Paragraph):
            parts.extend(
                line for line in block.text.split("\n") if len(line) <= _LONGEST_LINE and "。" not in line
            )
        else:
            parts.extend(
                cell.text
                for r, row in enumerate(block.grid)
                for c, cell in enumerate(row)
                if cell is not None and cell.row == r and cell.column == c and not cell.text.isdigit()
            )
    return "".join(key(part) for part in parts)


@cache
def _marks() -> list[tuple[int, Form, Detect, tuple[str, ...], tuple[str, ...]]]:
    """All marks with their keys, the first to be tried first."""
    return sorted(
        (
            (mark.priority, form, mark, tuple(map(key, mark.all)), tuple(map(key, mark.any)))
            for form in forms().values()
            for mark in form.detect
        ),
        key=lambda entry: entry[0],
    )


_STATUTORY = re.compile("申请人情况|结转下年度?继续办理|尚未审结|未经复议直接")


def detect_form(document: Document, year_hint: int | None) -> Form | None:
    """The form of this document, or ``None`` if it prints no table of any form."""
    text = label_text(document)
    for _, form, mark, needed, alternatives in _marks():
        if all(word in text for word in needed) and (
            not alternatives or any(word in text for word in alternatives)
        ):
            return (_of_year(year_hint) or form) if mark.weak else form
    if _STATUTORY.search(text):
        return _of_year(year_hint) or next(form for form in forms().values() if form.kind == "statutory")
    return None


def _of_year(year: int | None) -> Form | None:
    """The statutory form of that year, if the year is known and has one."""
    form = form_of_year(year) if year else None
    return form if form is not None and form.kind == "statutory" else None


def form_of_headings(document: Document, year_hint: int | None) -> Form | None:
    """The form of a report whose tables cannot be read at all: that of its year, if its headings are a form's."""
    form = _of_year(year_hint)
    if form is None:
        return None
    sections = {key(table.section) for table in form.tables.values() if table.section}
    lines = {key(line) for b in document.blocks if isinstance(b, Paragraph) for line in b.text.split("\n")}
    return form if len(sections & lines) >= 2 else None
