"""What no rule derives of agencies, as data: nicknames, abbreviations, sectors, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Reform:
    """Bodies that a reform of the state ended, by their stems, and those that went on with their tasks in each county.

    ``first`` and ``last`` (``YYYY-MM``) bound the day, which differs by county and is not known for each. Tasks that moved
    between bodies which both went on are not listed.
    """

    ended: tuple[str, ...]
    successors: tuple[str, ...]
    type: str
    first: str
    last: str
    source: str

    @property
    def date(self) -> str:
        """The time as an interval of ISO 8601."""
        return f"{self.first}/{self.last}"


@cache
def reforms() -> tuple[Reform, ...]:
    """The reforms of 2018/19, of 2021 and of 2023/24, as the State Council's plans state them."""
    return tuple(
        Reform(
            tuple(row["from"].split(";")), tuple(row["to"].split(";")), row["type"], row["first"], row["last"],
            row["source"],
        )
        for row in read_table("agencies", "reforms")
    )  # fmt: skip


@cache
def sector(stem: str) -> str | None:
    """The harmonised sector of a department or vertical agency by its name without place: 教育委员会 and 教育局 -> 教育.

    The longest part found in the name decides; ``None`` if none is.
    """
    found = [
        (len(part), row["sector"])
        for row in read_table("agencies", "sectors")
        for part in row["parts"].split(";")
        if part in stem
    ]
    return max(found)[1] if found else None
