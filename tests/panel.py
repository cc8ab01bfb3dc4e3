"""Archives of many reports written straight into the tables: for what compares reports, nothing else of them matters."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from archive.reference.forms import forms
from archive.store import Archive
from archive.store.agencies import LEVELS
from archive.store.connection import insert
from archive.store.rows import VALUE_COLUMNS

SEEN = "2026-02-01T00:00:00Z"
DIGEST = "0" * 64

Line = int | None | list[int | None]
"""A row of table 3: one number is natural persons and total alike; else seven values."""


def prepare(archive: Archive, agencies: Mapping[str, str]) -> None:
    """The one page that all reports hang on, and agencies by key with their county's code."""
    conn = archive.conn
    insert(conn, "body", [{"sha256": DIGEST, "size": 0, "codec": "purged"}], conflict="IGNORE")
    page = {
        "id": 1, "key": "page", "url": "http://127.0.0.1/", "final_url": "http://127.0.0.1/", "kind": "report",
        "status": 200, "fetched_at": SEEN, "sha256": DIGEST, "headers": "[]", "context": "{}",
    }  # fmt: skip
    insert(conn, "snapshot", [page], conflict="IGNORE")
    document = {"doc_key": "cq:1", "site": "x", "url": page["url"], "first_seen": SEEN, "last_seen": SEEN}
    insert(conn, "document", [document], conflict="IGNORE")
    rows = [
        {"key": key, "name": key, "kind": key.split(":")[1], "level": LEVELS[key.split(":")[1]], "county_code": county,
         "source": "report"}
        for key, county in agencies.items()
    ]  # fmt: skip
    insert(conn, "agency", rows, conflict="IGNORE")


class Panel:
    """Writes reports; ``write`` may be called as often as one likes."""

    def __init__(self, archive: Archive) -> None:
        self.conn: sqlite3.Connection = archive.conn
        self.agencies = {
            row["key"]: (row["id"], row["kind"], row["county_code"])
            for row in self.conn.execute("SELECT id, key, kind, county_code FROM agency")
        }

    def put(self, agency: str, year: int, **more: Any) -> int:
        """One report; its id comes back. See ``report`` for what may be said."""
        made = report(agency, year, **more)
        self.write([made])
        key = f"{agency}:{made['scope']}:{year}"
        return int(self.conn.execute("SELECT id FROM report WHERE key = ?", [key]).fetchone()[0])

    def write(self, reports: Iterable[dict[str, Any]]) -> None:
        """Many reports, as ``report`` makes them, in one transaction."""
        reports = list(reports)
        first = int(self.conn.execute("SELECT coalesce(max(id), 0) + 1 FROM report").fetchone()[0])
        rows: dict[str, list[dict[str, Any]]] = {
            table: [] for table in ("report", *VALUE_COLUMNS, "section", "cell_note")
        }
        for report_id, given in enumerate(reports, first):
            agency_id, kind, county = self.agencies[given["agency"]]
            rows["report"].append(
                {"id": report_id, "key": f"{given['agency']}:{given['scope']}:{given['year']}", "agency_id": agency_id,
                 "agency": given["agency"], "kind": kind, "county_code": county, "scope": given["scope"],
                 "year": given["year"], "doc_key": "cq:1", "url": "http://127.0.0.1/", "snapshot_id": 1,
                 "form": given["form"], "date_quality": "none", "status": given["status"], "reader": "1", "version": 1,
                 "text": "", "first_seen": SEEN, "last_seen": SEEN}
            )  # fmt: skip
            for table, columns in VALUE_COLUMNS.items():
                for row, values in given["tables"].get(table, {}).items():
                    rows[table].append(
                        {"report_id": report_id, "row": row, **{c: values.get(c) for c in columns}}
                    )
            rows["section"].append(
                {"report_id": report_id, "number": 1, "heading": "总体情况", "text": given["text"]}
            )
            rows["cell_note"] += [{"report_id": report_id, **note} for note in given["notes"]]
        self.conn.execute("BEGIN")
        for table, added in rows.items():
            insert(self.conn, table, added)
        self.conn.execute("COMMIT")


def report(
    agency: str,
    year: int,
    *,
    form: str | None = None,
    scope: str | None = None,
    status: str = "parsed",
    t2: Mapping[str, Mapping[str, int | float | None]] | None = None,
    t3: Mapping[str, Line] | None = None,
    t4: Mapping[str, list[int | None]] | None = None,
    text: str = "",
    blank: Iterable[tuple[str, str, str]] = (),
) -> dict[str, Any]:
    """A report whose tables are all zero but for what is given; ``blank`` cells have no number and print nothing."""
    form = form or ("gb2021" if year >= 2021 else "gb2019")
    scope = scope or ("jurisdiction_aggregate" if ":county_government:" in agency else "organ")
    tables: dict[str, dict[str, dict[str, Any]]] = {}
    if form in ("gb2019", "gb2021"):
        for code, table in forms()[form].tables.items():
            tables[code] = {row.code: dict.fromkeys(table.columns_of(row.code), 0) for row in table.rows}
        for row, values in (t2 or {}).items():
            tables["active_disclosure"].setdefault(row, {}).update(values)
        for row, line in (t3 or {}).items():
            values = line if isinstance(line, list) else [line, 0, 0, 0, 0, 0, line]
            tables["applications"][row] = dict(zip(VALUE_COLUMNS["applications"], values, strict=True))
        for row, line in (t4 or {}).items():
            tables["review_litigation"][row] = dict(
                zip(VALUE_COLUMNS["review_litigation"], line, strict=True)
            )
    notes = []
    for code, row, column in blank:
        tables[code][row][column] = None
        notes.append({"table_name": code, "row": row, "column": column, "raw": "", "kind": "blank"})
    return {
        "agency": agency, "year": year, "form": form, "scope": scope, "status": status, "tables": tables, "text": text,
        "notes": notes,
    }  # fmt: skip
