"""The families of sites, one spider module each. This page is read by the registry, so it imports no Scrapy
before a spider is wanted.

A family declares here the options that its rows may hold; its spider reads them from ``site.options``.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType

_BOUNDS = {
    "depth": "how many columns deep the walk may go from where it starts",
    "columns": "how many columns may be walked in one run",
    "pages": "how many pages of one list may be fetched",
}

FAMILIES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "district": MappingProxyType(_BOUNDS),
        "township": MappingProxyType(
            _BOUNDS | {"units": "how many towns or departments may be visited in one run"}
        ),
    }
)
"""Name of the spider -> its options, each with what it means."""


def spider_of(family: str) -> type:
    """The spider class of a family."""
    module = importlib.import_module(f"crawler.spiders.{family}")
    return next(
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and getattr(kind, "name", None) == family
    )
