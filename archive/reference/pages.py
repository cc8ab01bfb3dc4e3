"""How pages are worded around and beside the reports, as data: furniture, containers, other kinds of documents."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def page_data(name: str) -> Any:
    """The parsed content of ``data/pages/<name>.json``. Raises ``FileNotFoundError`` if there is none."""
    return json.loads(
        (resources.files("archive.reference") / "data" / "pages" / f"{name}.json").read_text("utf-8")
    )
