"""How one cell of Datasette's own tables is shown: codes with their words, long texts cut short, nothing run."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from archive.publish.words import words

VOCABULARIES = frozenset({
    "kind", "scope", "form", "status", "published_source", "date_quality", "severity", "class", "verdict", "state",
    "timeliness", "reason", "due_basis", "role",
})  # fmt: skip
"""Columns that hold codes; their words are under the column's name in ``data/words.json``, or as ``OTHER`` says."""

OTHER = {"state": "standing", "timeliness": "standing", "due_basis": "basis"}
"""Columns whose words are kept under another name."""

LONG = 80
"""Texts longer than this are shown in three lines at most."""

CUT = 1000
"""No more of a text than this is put on a page of many rows; JSON and CSV hold all of it."""


def in_words(column: str, code: object) -> str:
    """The Chinese word for a code of that column; the code itself where there is none."""
    if column not in VOCABULARIES or code is None:
        return "" if code is None else str(code)
    return words(OTHER.get(column, column), code).split(" · ")[0]


def shown(value: Any, column: str) -> Markup | None:
    """The cell as HTML; ``None`` leaves it to Datasette, which escapes whatever it shows."""
    if not isinstance(value, str):
        return None
    said = in_words(column, value)
    if said != value:
        return Markup('{} <span class="code">{}</span>').format(said, value)
    if len(value) > LONG and not value.startswith(("http://", "https://")):
        return Markup('<span class="clip">{}</span>').format(value[:CUT] + ("…" if len(value) > CUT else ""))
    return None
