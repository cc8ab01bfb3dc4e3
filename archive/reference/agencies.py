"""Names of agencies that no rule derives: nicknames and abbreviations, as data."""

from __future__ import annotations

from functools import cache

from archive.reference.places import read_table


@cache
def aliases() -> dict[str, tuple[str, str]]:
    """alias -> (county code, full official name)."""
    return {row["alias"]: (row["county_code"], row["name"]) for row in read_table("agencies", "aliases")}


def links() -> list[dict[str, str | None]]:
    """What became of agencies: ``from_key, to_key, type, date, source``; ``type`` as in the table ``agency_link``."""
    return [{name: value or None for name, value in row.items()} for row in read_table("agencies", "links")]


@cache
def abbreviations() -> dict[str, str]:
    """A department's short name -> its full name without the place: 教委 -> 教育委员会."""
    return {row["short"]: row["full"] for row in read_table("agencies", "abbreviations")}


@cache
def national_prefixes() -> tuple[str, ...]:
    """With what the names of local offices of national bodies begin: 国家税务总局 in 国家税务总局重庆市渝北区税务局."""
    return tuple(row["prefix"] for row in read_table("agencies", "national"))
