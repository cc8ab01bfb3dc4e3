"""The registry of sites: rows of a CSV file, loaded into frozen dataclasses and checked. Knows nothing of Scrapy."""

from __future__ import annotations

from crawler.sites.registry import BUILT_IN, Registry, load
from crawler.sites.rows import RegistryError, Site

__all__ = ["BUILT_IN", "Registry", "RegistryError", "Site", "load"]
