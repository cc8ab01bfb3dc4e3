"""Publishing systems, one file each. A module here that defines ``PLATFORM`` is a platform of that name.

A platform says how its system lists pages, pages through a list and names an article. It knows no place, fetches
nothing and stores nothing: every method is a function of an address and a text. To add one, read ``static.py`` (the
least there can be) or ``trs.py``, write ``<system>.py`` beside them, and save a list page under ``tests/pages/lists/``.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from crawler.platforms.base import FoundLink, Kind, Pager, Platform

__all__ = ["FoundLink", "Kind", "Pager", "Platform", "get", "names", "recognise"]

_SHARED = {"base", "html", "jsonlist"}


@cache
def names() -> tuple[str, ...]:
    """The names of all platforms, in alphabetical order."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name not in _SHARED))


@cache
def get(name: str) -> Platform:
    """The platform of that name. Raises ``KeyError`` for an unknown one."""
    if name not in names():
        raise KeyError(name)
    platform = importlib.import_module(f"{__name__}.{name}").PLATFORM
    assert isinstance(platform, Platform)
    return platform


def recognise(url: str, text: str) -> Platform:
    """The platform that the page of a site shows most signs of; plain static lists if none shows any."""
    signs = {name: get(name).recognise(url, text) for name in names()}
    shown = [name for name in signs if signs[name]]
    if len(shown) < 2:
        return get(shown[0] if shown else "static")

    def worth(name: str) -> tuple[bool, int, int]:
        # Systems borrow each other's pagers and editors. What knows the page's articles is what made it; and a page
        # that waits for its script may belong to any of them.
        articles = sum(link.kind == "article" for link in get(name).links(url, text))
        return name != "script", articles, signs[name]

    return get(max(shown, key=worth))
