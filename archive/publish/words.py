"""Codes in words, Chinese first, English beside: the wording is in ``data/words.json``."""

from __future__ import annotations

from functools import cache

from archive.publish.metadata import load


@cache
def _all() -> dict[str, dict[str, str]]:
    return load("words")


def words(vocabulary: str, code: object) -> str:
    """A code of that vocabulary (a column's name) in words; the code itself where there are none, blank for null."""
    if code is None:
        return ""
    return _all().get(vocabulary, {}).get(str(code), str(code))
