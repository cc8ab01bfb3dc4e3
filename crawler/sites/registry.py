"""Load and check the registry (docs/crawling.md; columns as in the contract). A bad row is refused by its line number."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from crawler.sites.hosts import Host, host_of, twins
from crawler.sites.rows import COLUMNS, RegistryError, Site, row_of

BUILT_IN = Path(__file__).with_name("chongqing.csv")
MOST_BYTES = 16 << 20
"""Bytes above which a file is no registry: a row has some hundred."""


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
    """The registry in that file, or the built-in one. Raises ``RegistryError``: file, line and reason in one line.

    All its rows are looked at first, and the error holds what is wrong with each.
    """
    path = Path(path) if path else BUILT_IN
    try:
        if not path.is_file() and path.exists():
            raise RegistryError(f"cannot read the registry {path}: it is no file")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise RegistryError(f"the registry {path} has more than {MOST_BYTES >> 20} MB: it is none")
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise RegistryError(f"cannot read the registry {path}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise RegistryError(f"the registry {path} is not UTF-8 (byte {error.start})") from None
    sites: dict[str, Site] = {}
    claims: dict[Host, Site] = {}
    wrong: list[str] = []
    for line, cells in _rows(path, text):
        try:
            row = row_of(_named(cells))
            if row.site in sites:
                raise RegistryError(f"site {row.site!r} stands there twice")
            _one_installation(row, claims)
        except RegistryError as error:
            wrong.append(f"{path.name}:{line}: {error}")
            continue
        sites[row.site] = row
    if wrong:
        more = len(wrong) - 1
        raise RegistryError(
            wrong[0] + (f" ({more} more rows are wrong: gongkai sites check tells all)" if more else ""),
            every=wrong,
        )
    if not sites:
        raise RegistryError(f"the registry {path} holds no site")
    return Registry(path, tuple(sites.values()))


def _named(cells: list[str]) -> dict[str, str]:
    """The cells of a row by their columns."""
    if len(cells) != len(COLUMNS):
        raise RegistryError(f"{len(cells)} cells instead of {len(COLUMNS)}")
    return {name: cell.strip() for name, cell in zip(COLUMNS, cells, strict=True)}


def _rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = tuple(cell.strip() for cell in next(reader, []))
        if header != COLUMNS:
            raise RegistryError(f"{path.name}:1: the columns must be {','.join(COLUMNS)}")
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise RegistryError(f"{path.name}:{reader.line_num}: not a CSV row: {error}") from None


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
