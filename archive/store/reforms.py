"""Links between bodies that a reform of the state ended and those that went on with their tasks, county by county.

The reforms are data (``archive.reference.agencies.reforms``); which county had which body only its reports tell. So the
links follow from the archive, and are made anew before reports are compared: a link that new reports contradict goes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from archive.reference.agencies import Reform, reforms
from archive.store.connection import Row, insert

DEPARTMENTS = ("department", "vertical_agency")
OVERRULED = "the body reports on years after the reform that is said to have ended it"


@dataclass(frozen=True, slots=True)
class Pair:
    """A body with the one that a reform names as its successor, both with reports in the archive.

    ``contradiction`` says why that cannot be; ``None`` if nothing speaks against it.
    """

    before: Row
    after: Row
    reform: Reform
    contradiction: str | None

    @property
    def link(self) -> tuple[str, str, str, str, str]:
        """The row of ``agency_link``."""
        return self.before["key"], self.after["key"], self.reform.type, self.reform.date, self.reform.source


def pairs(conn: sqlite3.Connection) -> Iterator[Pair]:
    """All bodies of one county that a reform links. What a person has linked otherwise is left out."""
    known: dict[tuple[str, str, str], Row] = {}
    for row in conn.execute(
        "SELECT a.*, min(r.year) AS first_year, max(r.year) AS last_year FROM agency a JOIN report r ON r.agency_id = a.id"
        f" WHERE a.kind IN {DEPARTMENTS} GROUP BY a.id"
    ):
        known[row["county_code"], row["kind"], row["key"].split(":", 2)[2]] = dict(row)
    ours = {reform.source for reform in reforms()}
    decided = {
        frozenset(row[:2])
        for row in conn.execute("SELECT from_key, to_key, source FROM agency_link")
        if row["source"] not in ours
    }
    for county, kind in sorted({key[:2] for key in known}):
        for reform in reforms():
            for ended in reform.ended:
                for successor in reform.successors:
                    before, after = (known.get((county, kind, stem)) for stem in (ended, successor))
                    if before and after and frozenset((before["key"], after["key"])) not in decided:
                        yield Pair(before, after, reform, _contradiction(before, after, reform))


def link(conn: sqlite3.Connection) -> None:
    """Bring the links of reforms to what the archive's reports allow; bodies whose links change are to be compared anew."""
    wanted = {pair.link for pair in pairs(conn) if pair.contradiction is None}
    ours = sorted({reform.source for reform in reforms()})
    stored = {
        tuple(row)
        for row in conn.execute(
            f"SELECT from_key, to_key, type, date, source FROM agency_link WHERE source IN ({', '.join('?' * len(ours))})",
            ours,
        )
    }
    for gone in stored - wanted:
        conn.execute("DELETE FROM agency_link WHERE from_key = ? AND to_key = ? AND type = ?", gone[:3])
    names = ("from_key", "to_key", "type", "date", "source")
    insert(conn, "agency_link", [dict(zip(names, new, strict=True)) for new in sorted(wanted - stored)])
    for key in sorted({key for changed in wanted ^ stored for key in changed[:2]}):
        conn.execute(
            "INSERT OR IGNORE INTO comparison_due SELECT DISTINCT r.agency_id, r.year FROM report r"
            " JOIN agency a ON a.id = r.agency_id WHERE a.key = ?",
            [key],
        )


def _contradiction(before: Row, after: Row, reform: Reform) -> str | None:
    """Why the first cannot have become the second: it goes on after the reform, or beside what is only its new name."""
    if before["last_year"] > int(reform.last[:4]):
        return OVERRULED
    if reform.type == "renamed" and after["first_year"] <= before["last_year"]:
        return "both report on one year, and the reform only gave another name"
    return None
