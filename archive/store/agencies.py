"""Agencies: who reports, under which names, and who ought to. Identity is the key, through renamings."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from sqlite_utils import Database

from archive.reference import places
from archive.reference.agencies import sector
from archive.report.model import Report
from archive.store.connection import Row, insert, transaction, upsert

LEVELS = {
    "national_department": "national",
    "provincial_government": "province",
    "municipal_government": "city",
    "county_government": "county",
    "government_office": "department",
    "department": "department",
    "vertical_agency": "department",
    "township_government": "town",
    "subdistrict_office": "town",
    "management_committee": "area",
    "authorised_organisation": "organisation",
}

COLUMNS = (
    "name", "kind", "level", "sector", "county_code", "county", "town_code", "parent_key", "valid_from", "valid_to",
    "source",
)  # fmt: skip

SECTORAL = ("department", "vertical_agency")
"""Kinds whose bodies have a sector."""

FROM_REPORT = "report"
"""``source`` of what only a report tells; reference data replace it, never the other way round."""


def sector_of(key: str | None) -> str | None:
    """The harmonised sector of a department or vertical agency by its key; ``None`` for all others."""
    _, kind, stem = (key or "::").split(":", 2)
    return sector(stem) if kind in SECTORAL else None


class Agencies:
    """The tables ``agency``, ``agency_name``, ``agency_link`` and ``expectation``."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._conn: sqlite3.Connection = db.conn

    def ensure(self, report: Report) -> Row:
        """The row of the agency that reports, made if it is new; the name that the report uses is remembered.

        Names from reference data stand; without them an agency bears the name of the report read first.
        """
        if not report.agency_key:
            raise ValueError("a report without an agency key has no agency")
        known = self.get(report.agency_key)
        if known is None:
            insert(self._conn, "agency", [self._from_report(report)])
            known = self.get(report.agency_key)
        if report.agency:
            name = {"agency_key": report.agency_key, "name": report.agency, "source": FROM_REPORT}
            insert(self._conn, "agency_name", [name], conflict="IGNORE")
        return known or {}

    def get(self, key: str) -> Row | None:
        """The agency of that key, or ``None``."""
        row = self._conn.execute("SELECT * FROM agency WHERE key = ?", [key]).fetchone()
        return dict(row) if row else None

    def put(self, agencies: Iterable[Mapping[str, Any]]) -> None:
        """Write agencies known from reference data, by key; columns that are not given become null."""
        given = list(agencies)
        rows = [
            {
                "key": a["key"],
                **{c: a.get(c) for c in COLUMNS},
                "level": a.get("level") or LEVELS.get(a["kind"]),
            }
            for a in given
        ]
        with transaction(self._db) as conn:
            upsert(conn, "agency", rows, key=["key"])
            self.name({"agency_key": a["key"], "name": a["name"], "source": a["source"]} for a in given)

    def name(self, names: Iterable[Mapping[str, Any]]) -> None:
        """Write names by which agencies are known: ``agency_key, name, source``, and since and until when."""
        rows = [{"valid_from": None, "valid_to": None, **name} for name in names]
        with transaction(self._db) as conn:
            upsert(conn, "agency_name", rows, key=["agency_key", "name"])

    def expect(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write who ought to report on which year: ``agency_key, year, basis, source``."""
        with transaction(self._db) as conn:
            insert(conn, "expectation", list(rows), conflict="REPLACE")

    def _from_report(self, report: Report) -> Row:
        prefix, _, _ = (report.agency_key or "").partition(":")
        code = report.county_code or prefix
        town = report.admin_code if report.admin_code and len(report.admin_code) == 9 else None
        return {
            "key": report.agency_key, "name": report.agency or report.agency_key,
            "kind": report.agency_kind or (report.agency_key or "::").split(":")[1],
            "level": LEVELS.get(report.agency_kind or ""), "county_code": code, "county": self._county(code),
            "town_code": town, "sector": sector_of(report.agency_key), "source": FROM_REPORT,
        }  # fmt: skip

    def _county(self, code: str) -> str | None:
        row = self._conn.execute(
            "SELECT county FROM agency WHERE county_code = ? AND county IS NOT NULL LIMIT 1", [code]
        ).fetchone()
        place = places.county(code)  # an area's bodies are known from reports alone
        return row[0] if row else place.name if place else None
