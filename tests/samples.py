"""The real samples beside the checkout: where they are, and what their truth says."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "samples"
TEXTS = (
    "banan-office-2025",
    "beibei-office-2024",
    "kaizhou-jinfeng-2025",
    "nanan-2023",
    "yuzhong-chaotianmen-2025",
)
NAMES = (*TEXTS, "huaian-2024")


def require() -> Path:
    """The folder of the samples; skips the test, saying so, where it is not."""
    if not FOLDER.is_dir():
        pytest.skip(f"the samples are not here ({FOLDER.name} beside the checkout)")
    return FOLDER


@cache
def truth(name: str) -> dict[str, Any]:
    """The truth of one sample."""
    return dict(json.loads((require() / f"{name}.json").read_text("utf-8")))


def body(name: str) -> bytes:
    """The bytes of one sample."""
    folder = require()
    return next(
        folder / f"{name}{s}" for s in (".txt", ".pdf") if (folder / f"{name}{s}").exists()
    ).read_bytes()
