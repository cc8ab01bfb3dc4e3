"""One row of the registry: what its cells mean, and everything that is wrong with them, told at once."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from crawler import platforms
from crawler.sites.hosts import Host, host_of, is_loopback, is_numeric, split, written
from crawler.spiders import FAMILIES

COLUMNS = (
    "site", "spider", "platform", "name", "admin_code", "list_url", "options", "first_year", "last_year",
    "enabled", "note",
)  # fmt: skip
MIRRORS = Path(__file__).with_name("mirrors.csv")
FIRST_YEAR = 2008
ANY_ROW: Mapping[str, str] = MappingProxyType(
    {
        "installation": "the installation the site belongs to; default: its host and port",
        "robots": "off: do not ask for robots.txt, for a dated reason given in the note",
        "encoding": "gzip: ask for compressed bodies; default: identity",
    }
)
_NUMBER_OPTIONS = {"depth", "columns", "pages", "units"}
_SITE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_INSTALLATION = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_:-]|\.(?!\.)){0,63}")
"""It names locks, counts and documents: no path, nothing that a shell or a file system reads otherwise."""
_HOST = re.compile(
    r"(?=.{1,253}$)(?!(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*"
)
LONGEST = {"site": 64, "name": 100, "list_url": 2000, "options": 500, "note": 2000}
"""Characters that a cell may have at most; those not named here as many as ``site``."""
_LINES = {"note": "\r\n"}
"""A note may have several lines."""
_DATE = re.compile(r"\b20\d\d-\d\d-\d\d\b")


class RegistryError(ValueError):
    """The registry cannot be used; the message is one line that names the file, the line and the reason.

    ``every`` holds such a line for each row that is wrong.
    """

    def __init__(self, message: str, *, every: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.every = tuple(every) or (message,)


@dataclass(frozen=True)
class Site:
    """One row. ``options`` holds only declared keys; ``first_year`` and ``last_year`` are years reported on."""

    site: str
    spider: str
    platform: str
    name: str
    admin_code: str | None
    list_url: str
    options: Mapping[str, str]
    first_year: int | None
    last_year: int | None
    enabled: bool
    note: str

    @cached_property
    def host(self) -> Host:
        """Host and port of ``list_url``."""
        host = host_of(self.list_url)
        assert host is not None, "checked when the row was loaded"
        return host

    @property
    def installation(self) -> str:
        """The unit of politeness and of document ids: the option of that name, else host and port."""
        return self.options.get("installation") or written(self.host)

    @property
    def obeys_robots(self) -> bool:
        """False only for ``robots=off``."""
        return self.options.get("robots") != "off"

    @property
    def is_loopback(self) -> bool:
        """Whether the site is served by this machine (a replica)."""
        return is_loopback(self.host[0])

    def number(self, option: str, default: int) -> int:
        """An option that is a whole number, or the default."""
        return int(self.options.get(option, default))

    def as_row(self) -> dict[str, Any]:
        """The columns of the archive's table ``site``."""
        return {
            "site": self.site, "spider": self.spider, "platform": self.platform, "installation": self.installation,
            "name": self.name, "admin_code": self.admin_code, "list_url": self.list_url,
            "options": ";".join(f"{key}={value}" for key, value in self.options.items()),
            "first_year": self.first_year, "last_year": self.last_year, "enabled": int(self.enabled),
            "note": self.note,
        }  # fmt: skip


def row_of(cells: Mapping[str, str]) -> Site:
    """One row, checked. Raises ``RegistryError`` with everything that is wrong with it."""
    wrong: list[str] = []

    def checked(check: Callable[..., Any], *values: Any) -> Any:
        try:
            return check(*values)
        except RegistryError as error:
            wrong.append(str(error))
            return None

    for column, text in cells.items():
        checked(_plain_text, column, text)
    spider, platform = cells["spider"], cells["platform"]
    name = checked(_name, cells["site"])
    checked(_known, spider, platform)
    if not cells["name"]:
        wrong.append("name is empty")
    code = checked(_code, cells["admin_code"])
    first, last = checked(_year, cells, "first_year"), checked(_year, cells, "last_year")
    if first and last and first > last:
        wrong.append(f"first_year {first} is after last_year {last}")
    options = checked(_options, cells["options"], spider, platform) or {}
    if options.get("robots") == "off" and not _DATE.search(cells["note"]):
        wrong.append("robots=off needs its reason, with a date (YYYY-MM-DD), in note")
    url, enabled = checked(_list_url, cells["list_url"]), checked(_flag, cells["enabled"])
    if wrong:
        raise RegistryError("; ".join(wrong))
    return Site(
        site=name, spider=spider, platform=platform, name=cells["name"], admin_code=code, list_url=url,
        options=options, first_year=first, last_year=last, enabled=enabled, note=cells["note"],
    )  # fmt: skip


def _plain_text(column: str, text: str) -> None:
    # What steers terminals, files and databases has no business in a name or an address.
    odd = next(
        (
            c
            for c in text
            if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c not in _LINES.get(column, "")
        ),
        None,
    )
    if odd is not None:
        raise RegistryError(f"{column} holds the control character U+{ord(odd):04X}")
    most = LONGEST.get(column, LONGEST["site"])
    if len(text) > most:
        raise RegistryError(f"{column} has {len(text)} characters, {most} are the most")


def _name(name: str) -> str:
    if not _SITE.fullmatch(name):
        raise RegistryError(f"site {_short(name)} is not lower-case pinyin with hyphens")
    return name


def _known(spider: str, platform: str) -> None:
    wrong = []
    if spider not in FAMILIES:
        wrong.append(f"spider {_short(spider)} is none of {', '.join(FAMILIES)}")
    if platform != "auto" and platform not in platforms.names():
        wrong.append(f"platform {_short(platform)} is none of auto, {', '.join(platforms.names())}")
    if wrong:
        raise RegistryError("; ".join(wrong))


def _code(code: str) -> str | None:
    if code in ("", "-"):
        return None
    if not re.fullmatch(r"[0-9]{6}(?:[0-9]{3}){0,2}", code):
        raise RegistryError(f"admin_code {_short(code)} is not a code of 6, 9 or 12 digits (or -)")
    return code


def _short(text: str) -> str:
    """A text as it is quoted in a complaint."""
    return repr(text if len(text) <= 60 else text[:59] + "…")


def _list_url(url: str) -> str:
    parts = split(url)
    if parts is None:
        raise RegistryError(f"list_url {_short(url)} is no http or https address")
    if parts.username is not None or parts.password is not None:
        raise RegistryError("list_url must not hold a name or password")
    if parts.fragment or re.search(r"\s", url):
        raise RegistryError(f"list_url {_short(url)} holds a fragment or a space")
    name = (parts.hostname or "").lower().rstrip(".")
    if not name.isascii():
        raise RegistryError(f"list_url names the host {_short(name)}: write it in letters of ASCII (xn--…)")
    if not (_HOST.fullmatch(name) or is_numeric(name)):
        raise RegistryError(f"list_url names no usable host: {_short(name)}")
    for mirror in mirrors():
        if name == mirror or name.endswith("." + mirror):
            raise RegistryError(
                f"{name} is a known mirror of government sites, not one of them (mirrors.csv)"
            )
    return url


def _year(cells: Mapping[str, str], column: str) -> int | None:
    text = cells[column]
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{4}", text) or not FIRST_YEAR <= int(text) <= 2100:
        raise RegistryError(f"{column} {text!r} is not a year from {FIRST_YEAR} on")
    return int(text)


def _flag(text: str) -> bool:
    meanings = {"1": True, "yes": True, "true": True, "0": False, "no": False, "false": False}
    if text.lower() not in meanings:
        raise RegistryError(f"enabled {text!r} is neither 1 nor 0 (yes and no, true and false will do)")
    return meanings[text.lower()]


def _options(text: str, spider: str, platform: str) -> Mapping[str, str]:
    declared = set(ANY_ROW) | set(FAMILIES.get(spider, ()))
    for name in platforms.names():
        if platform in ("auto", name):
            declared |= set(platforms.get(name).options)
    found: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not value:
            raise RegistryError(f"option {part!r} is not key=value")
        if key not in declared:
            raise RegistryError(f"option {key!r} is declared neither by {spider} nor by {platform}")
        if key in found:
            raise RegistryError(f"option {key!r} stands there twice")
        found[key] = value
    if not _INSTALLATION.fullmatch(found.get("installation", "cq")):
        raise RegistryError(
            f"option installation={_short(found['installation'])} is no name: letters, digits, hyphens and dots"
        )
    if found.get("robots", "off") != "off":
        raise RegistryError("option robots can only be off")
    if found.get("encoding", "gzip") not in ("gzip", "identity"):
        raise RegistryError("option encoding is gzip or identity")
    for key in _NUMBER_OPTIONS & found.keys():
        if not re.fullmatch(r"[1-9][0-9]{0,5}", found[key]):
            raise RegistryError(f"option {key}={found[key]} is not a whole number from 1 on")
    return MappingProxyType(found)


@cache
def mirrors() -> frozenset[str]:
    """Hosts known to copy government sites; none may ever stand in a registry."""
    with MIRRORS.open(encoding="utf-8", newline="") as file:
        return frozenset(row["host"].lower() for row in csv.DictReader(file))
