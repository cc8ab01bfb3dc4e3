"""Load and check the registry (docs/crawling.md; columns as in the contract). A bad row is refused by its line number."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from crawler import platforms
from crawler.sites.hosts import Host, host_of, is_loopback, split, twins, written
from crawler.spiders import FAMILIES

COLUMNS = (
    "site", "spider", "platform", "name", "admin_code", "list_url", "options", "first_year", "last_year",
    "enabled", "note",
)  # fmt: skip
BUILT_IN = Path(__file__).with_name("chongqing.csv")
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
_DATE = re.compile(r"\b20\d\d-\d\d-\d\d\b")


class RegistryError(ValueError):
    """The registry cannot be used; the message is one line that names the file, the line and the reason."""


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


@dataclass(frozen=True)
class Registry:
    """The rows of one file, in its order."""

    path: Path
    sites: tuple[Site, ...]

    def __iter__(self) -> Iterator[Site]:
        return iter(self.sites)

    def __len__(self) -> int:
        return len(self.sites)

    def get(self, site: str) -> Site:
        """The row of that name. Raises ``RegistryError`` with the nearest known name if there is none."""
        for row in self.sites:
            if row.site == site:
                return row
        from difflib import get_close_matches

        near = get_close_matches(site, [row.site for row in self.sites], n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise RegistryError(f"no site {site!r} in {self.path.name}{hint}")

    def nearest(self, url: str) -> Site | None:
        """The row on whose host an address lies: an enabled one if there is one, then the nearest by its folders."""
        host = host_of(url)
        folders = urlsplit(url).path.split("/")

        def shared(row: Site) -> int:
            pairs = zip(folders, urlsplit(row.list_url).path.split("/"), strict=False)
            return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

        rows = [row for row in self.sites if host is not None and host in twins(row.host)]
        return max(rows, key=lambda row: (row.enabled, shared(row)), default=None)

    def select(self, names: Iterable[str] = (), *, family: str | None = None) -> tuple[Site, ...]:
        """The named sites, or all enabled ones; of one family if it is given.

        Raises ``RegistryError`` for a name that is unknown, disabled or of another family, and if nothing is left.
        """
        names = list(dict.fromkeys(names))
        chosen = [self.get(name) for name in names] if names else [row for row in self.sites if row.enabled]
        for row in chosen:
            if not row.enabled:
                raise RegistryError(f"site {row.site!r} is disabled: {row.note or 'no reason given'}")
            if names and family and row.spider != family:
                raise RegistryError(f"site {row.site!r} belongs to the family {row.spider}, not {family}")
        chosen = [row for row in chosen if family is None or row.spider == family]
        if not chosen:
            raise RegistryError(
                f"no enabled site {'of family ' + family + ' ' if family else ''}in {self.path.name}"
            )
        return tuple(chosen)

    @cached_property
    def installations(self) -> Mapping[Host, str]:
        """Every host that may be asked (those of enabled rows and their twins) and the installation it belongs to."""
        found: dict[Host, str] = {}
        for row in self.sites:
            if row.enabled:
                for host in twins(row.host):
                    found[host] = row.installation
        return MappingProxyType(found)


def load(path: Path | str | None = None) -> Registry:
    """The registry in that file, or the built-in one. Raises ``RegistryError``: file, line and reason in one line."""
    path = Path(path) if path else BUILT_IN
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise RegistryError(f"cannot read the registry {path}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise RegistryError(f"the registry {path} is not UTF-8 (byte {error.start})") from None
    sites: dict[str, Site] = {}
    claims: dict[Host, Site] = {}
    for line, cells in _rows(path, text):
        try:
            row = _site(cells)
            if row.site in sites:
                raise RegistryError(f"site {row.site!r} stands there twice")
            _one_installation(row, claims)
        except RegistryError as error:
            raise RegistryError(f"{path.name}:{line}: {error}") from None
        sites[row.site] = row
    if not sites:
        raise RegistryError(f"the registry {path} holds no site")
    return Registry(path, tuple(sites.values()))


def _rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells of every row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = tuple(cell.strip() for cell in next(reader, []))
        if header != COLUMNS:
            raise RegistryError(f"{path.name}:1: the columns must be {','.join(COLUMNS)}")
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) != len(COLUMNS):
                    raise RegistryError(f"{path.name}:{line}: {len(cells)} cells instead of {len(COLUMNS)}")
                yield line, {name: cell.strip() for name, cell in zip(COLUMNS, cells, strict=True)}
            line = reader.line_num + 1
    except csv.Error as error:
        raise RegistryError(f"{path.name}:{reader.line_num}: not a CSV row: {error}") from None


def _site(cells: Mapping[str, str]) -> Site:
    """One row, checked. Raises ``RegistryError`` with the reason."""
    name, spider, platform = cells["site"], cells["spider"], cells["platform"]
    if not _SITE.fullmatch(name):
        raise RegistryError(f"site {name!r} is not lower-case pinyin with hyphens")
    if spider not in FAMILIES:
        raise RegistryError(f"spider {spider!r} is none of {', '.join(FAMILIES)}")
    if platform != "auto" and platform not in platforms.names():
        raise RegistryError(f"platform {platform!r} is none of auto, {', '.join(platforms.names())}")
    if not cells["name"]:
        raise RegistryError("name is empty")
    code = cells["admin_code"]
    if code not in ("", "-") and not re.fullmatch(r"\d{6}(?:\d{3}){0,2}", code):
        raise RegistryError(f"admin_code {code!r} is not a code of 6, 9 or 12 digits (or -)")
    first, last = _year(cells, "first_year"), _year(cells, "last_year")
    if first and last and first > last:
        raise RegistryError(f"first_year {first} is after last_year {last}")
    options = _options(cells["options"], spider, platform)
    if options.get("robots") == "off" and not _DATE.search(cells["note"]):
        raise RegistryError("robots=off needs its reason, with a date (YYYY-MM-DD), in note")
    return Site(
        site=name, spider=spider, platform=platform, name=cells["name"],
        admin_code=None if code in ("", "-") else code, list_url=_list_url(cells["list_url"]), options=options,
        first_year=first, last_year=last, enabled=_flag(cells["enabled"]), note=cells["note"],
    )  # fmt: skip


def _list_url(url: str) -> str:
    parts = split(url)
    if parts is None:
        raise RegistryError(f"list_url {url!r} is no http or https address")
    if parts.username is not None or parts.password is not None:
        raise RegistryError("list_url must not hold a name or password")
    if parts.fragment or re.search(r"\s", url):
        raise RegistryError(f"list_url {url!r} holds a fragment or a space")
    name = (parts.hostname or "").lower().rstrip(".")
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
    declared = set(ANY_ROW) | set(FAMILIES[spider])
    for name in platforms.names() if platform == "auto" else (platform,):
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
    if found.get("robots", "off") != "off":
        raise RegistryError("option robots can only be off")
    if found.get("encoding", "gzip") not in ("gzip", "identity"):
        raise RegistryError("option encoding is gzip or identity")
    for key in _NUMBER_OPTIONS & found.keys():
        if not re.fullmatch(r"[1-9][0-9]{0,5}", found[key]):
            raise RegistryError(f"option {key}={found[key]} is not a whole number from 1 on")
    return MappingProxyType(found)


def _one_installation(row: Site, claims: dict[Host, Site]) -> None:
    """Refuse two enabled rows that put one host into two installations: its rate would be doubled."""
    if not row.enabled:
        return
    for host in twins(row.host):
        other = claims.setdefault(host, row)
        if other.installation != row.installation:
            raise RegistryError(
                f"{host[0]} belongs to installation {row.installation!r} here and to {other.installation!r} "
                f"in {other.site!r}"
            )


@cache
def mirrors() -> frozenset[str]:
    """Hosts known to copy government sites; none may ever stand in a registry."""
    with MIRRORS.open(encoding="utf-8", newline="") as file:
        return frozenset(row["host"].lower() for row in csv.DictReader(file))
