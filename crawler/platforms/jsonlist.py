"""Lists that a page loads from a file: JSON, JSONP, or a script's object with single quotes, which is not JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from crawler.platforms.html import flat, iso

_TITLES = ("title", "doctitle", "bt", "name", "realtitle")
_ADDRESSES = ("url", "link", "href", "docpuburl", "puburl", "infourl", "linkurl")
_DATES = ("fbrq", "pubdate", "publishdate", "docreltime", "publishedtimestr", "publishtime", "date", "time")
_PAIR = re.compile(
    r"""(?P<open>\{)|['"]?(?P<key>[A-Za-z_]\w*)['"]?\s*:\s*(?P<value>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|-?\d+)""",
    re.DOTALL,
)
_WRAPPED = re.compile(r"^\s*(?:var\s+)?[\w.$]+\s*(?:=|\()\s*(?P<inner>.*?)\s*\)?\s*;?\s*$", re.DOTALL)


def entries(url: str, text: str) -> Iterator[tuple[str, str, str | None]]:
    """Address, title and date (ISO 8601, if there is one) of every entry with both an address and a title."""
    yield from _entries(url, _records(text))


def loose_entries(url: str, script: str) -> Iterator[tuple[str, str, str | None]]:
    """The same of the objects that stand among the statements of a script."""
    yield from _entries(url, _loose(script))


def _entries(url: str, records: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str, str | None]]:
    for record in records:
        lower = {key.lower(): value for key, value in record.items()}
        title = _first(lower, _TITLES)
        address = _first(lower, _ADDRESSES)
        if title and address:
            absolute = urljoin(url, address)
            if urlsplit(absolute).scheme in ("http", "https"):
                yield absolute, title, _day(_first(lower, _DATES))


def _records(text: str) -> Iterator[Mapping[str, Any]]:
    wrapped = _WRAPPED.match(text)
    for candidate in (text, wrapped["inner"] if wrapped else None):
        if candidate is None:
            continue
        try:
            yield from _objects(json.loads(candidate))
            return
        except (ValueError, RecursionError):
            continue
    yield from _loose(text)


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    waiting = [value]
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, dict):
            yield item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _loose(text: str) -> Iterator[Mapping[str, str]]:
    """The key-value pairs of a script's objects; every ``{`` begins a new one."""
    record: dict[str, str] = {}
    for match in _PAIR.finditer(text):
        if match["open"]:
            if record:
                yield record
            record = {}
            continue
        value = match["value"]
        if value[:1] in "'\"":
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        record.setdefault(match["key"], value)
    if record:
        yield record


def _first(record: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        if isinstance(record.get(name), str) and record[name].strip():
            return flat(re.sub(r"<[^>]*>", "", record[name]))
    return ""


def _day(text: str) -> str | None:
    match = re.search(r"(20\d\d|19\d\d)[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})", text)
    return iso(int(match[1]), int(match[2]), int(match[3])) if match else None
