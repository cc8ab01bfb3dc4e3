"""Is a registry sound? What is allowed and yet looks wrong, and whom it covers. Offline, and pure but for the place names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from archive.reference.places import areas, counties
from crawler.platforms.base import canonical
from crawler.sites.registry import BUILT_IN, Registry
from crawler.sites.rows import Site
from crawler.spiders import FAMILIES

MUNICIPALITY = "500000"


@dataclass(frozen=True, slots=True)
class Cover:
    """How one county, or area without a code, stands in the registry. ``crawled`` names its enabled rows, ``waiting`` the others."""

    name: str
    crawled: tuple[str, ...]
    waiting: tuple[Site, ...]


def doubts(registry: Registry) -> Iterator[str]:
    """Each doubt in one line: entries that two rows share, codes of nobody, hosts of nobody, silence about a reason or a county."""
    entries: dict[str, Site] = {}
    for row in registry:
        if row.admin_code is not None and row.admin_code != MUNICIPALITY and row.admin_code not in counties():
            yield f"{row.site}: no county has the code {row.admin_code}"
        if not row.enabled:
            if not row.note:
                yield f"{row.site}: disabled without a note that says why"
            continue
        if not row.is_loopback and not row.host[0].endswith(".gov.cn"):
            yield f"{row.site}: {row.host[0]} is no host of a government (.gov.cn)"
        other = entries.setdefault(canonical(row.list_url), row)
        if other is not row:
            yield f"{row.site}: begins where {other.site} begins ({row.list_url})"
    if registry.path == BUILT_IN:
        for cover in covers(registry):
            if not cover.crawled and not cover.waiting:
                yield f"{cover.name}: stands in no row; add a disabled one that says what is not known"


def covers(registry: Registry) -> list[Cover]:
    """Every county by its code, and every area by its name, with the rows that are its."""
    found = []
    for code, county in counties().items():
        found.append(_cover(county.name, [row for row in registry if row.admin_code == code]))
    for name in sorted({area.name for area, _ in areas().values()}):
        short = name.removeprefix("重庆市").removeprefix("重庆")
        rows = [row for row in registry if row.admin_code is None and row.name.startswith(short)]
        found.append(_cover(name, rows))
    return found


def _cover(name: str, rows: list[Site]) -> Cover:
    return Cover(
        name, tuple(row.site for row in rows if row.enabled), tuple(row for row in rows if not row.enabled)
    )


def summary(registry: Registry) -> Iterator[str]:
    """What the registry holds, in a few lines."""
    enabled = [row for row in registry if row.enabled]
    families = Counter(row.spider for row in enabled)
    yield (
        f"{registry.path.name}: {len(registry)} sites, {len(enabled)} enabled ("
        + ", ".join(f"{families[name]} {name}" for name in FAMILIES)
        + f") on {len({row.host for row in enabled})} hosts of {len({row.installation for row in enabled})} installations"
    )
    if registry.path != BUILT_IN:
        return
    all_of_them = covers(registry)
    yield f"counties and areas: {sum(bool(c.crawled) for c in all_of_them)} of {len(all_of_them)} have an enabled row"
    for cover in all_of_them:
        if not cover.crawled:
            yield f"  {cover.name}: not crawled; " + "; ".join(
                f"{row.site}: {row.note}" for row in cover.waiting
            )
