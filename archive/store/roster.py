"""The roster: the agencies of Chongqing that are known without having read a report, and who of them must report.

County governments, their offices, towns and streets stand in the table of divisions (1,069 rows, mid-2023).
Departments do not: nobody has published a roster of them, so they have no ``expectation`` and are never "missing".
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlite_utils import Database

from archive.reference.agencies import links
from archive.reference.duties import deadlines, duties
from archive.reference.places import County, counties, read_table, town_stem
from archive.store.agencies import SECTORAL, Agencies, sector_of
from archive.store.connection import Row, insert

GOVERNMENTS = {"county_government": "人民政府", "government_office": "人民政府办公室"}
"""The bodies that every county has, and how their names end."""

LEFT = ("merged", "transferred", "renamed", "status_change")
"""Links after which a body is no longer what it was, or where it was; one that is split may go on."""

SOURCE = "divisions"
"""``source`` of agencies from the table of divisions (places/chongqing.csv)."""


def refresh(db: Database, *, last_year: int) -> None:
    """Write agencies, names, expectations up to ``last_year``, deadlines and boundary breaks from reference data."""
    agencies = Agencies(db)
    known = list(roster())
    agencies.put(known)
    agencies.name(former_names())
    marks = ", ".join("?" * len(duties()))
    db.conn.execute(f"DELETE FROM expectation WHERE source IN ({marks})", [duty.source for duty in duties()])
    agencies.expect(expectations(known, last_year))
    for key, told in db.conn.execute(
        "SELECT key, sector FROM agency WHERE kind IN (?, ?)", SECTORAL
    ).fetchall():
        if told != (sector := sector_of(key)):
            db.conn.execute("UPDATE agency SET sector = ? WHERE key = ?", [sector, key])
    known_links = links()
    for source in {link["source"] for link in known_links}:
        db.conn.execute("DELETE FROM agency_link WHERE source = ?", [source])
    insert(db.conn, "agency_link", known_links, conflict="REPLACE")
    db.conn.execute("DELETE FROM deadline")
    insert(db.conn, "deadline", [{n: getattr(d, n) for n in d.__slots__} for d in deadlines()])
    db.conn.execute("DELETE FROM boundary_break")
    insert(db.conn, "boundary_break", boundary_breaks())


def roster() -> Iterator[Row]:
    """Every agency of the table of divisions, named and keyed as reading names and keys them.

    A body ends with its county, or on the day from which it is another county's or another body.
    """
    left = {link["from_key"]: link["date"] for link in links() if link["type"] in LEFT}
    for county in counties().values():
        ended = _abolished().get(county.code)
        for kind, body in GOVERNMENTS.items():
            yield _row(county, kind, county.stem, f"{_place(county)}{body}", valid_to=ended)
    for town in read_table("places", "chongqing"):
        if town["level"] == "town":
            county, name = counties()[town["county_code"]], town["name"]
            street = town["kind"] == "subdistrict_office"
            full = f"{_place(county)}人民政府{name}办事处" if street else f"{_place(county)}{name}人民政府"
            stem = town_stem(name)
            ended = left.get(f"{county.code}:{town['kind']}:{stem}") or _abolished().get(county.code)
            yield _row(county, town["kind"], stem, full, town_code=town["code"], valid_to=ended)


def expectations(agencies: list[Row], last_year: int) -> Iterator[Row]:
    """Who is expected to report on which year, up to ``last_year``."""
    by_kind = {duty.kind: duty for duty in duties()}
    for agency in agencies:
        if duty := by_kind.get(agency["kind"]):
            for year in range(duty.first_year, last_year + 1):
                yield {"agency_key": agency["key"], "year": year, "basis": duty.basis, "source": duty.source}


def former_names() -> Iterator[Row]:
    """The names that county governments and their offices had before their county was renamed."""
    for row in read_table("places", "names"):
        if row["type"] != "former":
            continue
        county = counties()[row["code"]]
        for kind, body in GOVERNMENTS.items():
            yield {
                "agency_key": f"{county.code}:{kind}:{county.stem}", "name": f"重庆市{row['name']}{body}",
                "valid_from": row["valid_from"] or None, "valid_to": row["valid_to"] or None, "source": row["source"],
            }  # fmt: skip


def boundary_breaks() -> Iterator[Row]:
    """County and year whose figures stand for another area than the year before."""
    for row in read_table("places", "changes"):
        for year in row["years"].split(";"):
            yield {
                "county_code": row["code"],
                "year": int(year),
                "note": row["note"],
                "source": row["source"],
            }


def _row(county: County, kind: str, stem: str, name: str, **more: str | None) -> Row:
    columns: Row = {"town_code": None, "valid_to": None, **more}
    parent = None if kind == "county_government" else f"{county.code}:county_government:{county.stem}"
    return {
        "key": f"{county.code}:{kind}:{stem}", "name": name, "kind": kind, "county_code": county.code,
        "county": county.name, "parent_key": parent, "source": SOURCE, **columns,
    }  # fmt: skip


def _place(county: County) -> str:
    return f"重庆市{county.name}"


def _abolished() -> dict[str, str]:
    return {row["code"]: row["date"] for row in read_table("places", "changes") if row["type"] == "abolished"}
