"""A-SUM: a county's total beside the sum of its bodies' own reports."""

from __future__ import annotations

import sqlite3

from archive.reference.rules import rule
from archive.store.across.scope import count

SUM = "A-SUM"

EXPECTED_MISSING = "not every expected body's report was read"
NO_ROSTER = "no roster of departments: some may be missing"


def sums(conn: sqlite3.Connection) -> None:
    """Compare the cells that the rule names.

    Only where every expected body's report was read, departments among the expected, is the sum as such compared.
    Elsewhere bodies may be missing: then it is only asked that the sum does not exceed the total.
    """
    conn.execute(
        "INSERT INTO temp.hindered SELECT r.id, ?, CASE"
        " WHEN r.scope <> 'jurisdiction_aggregate' OR r.kind <> 'county_government' THEN 'not the total of a county'"
        " WHEN r.status = 'unparsed' THEN 'the report could not be read' ELSE 'boundaries changed' END"
        " FROM temp.target t JOIN report r ON r.id = t.report_id"
        " WHERE r.scope <> 'jurisdiction_aggregate' OR r.kind <> 'county_government' OR r.status = 'unparsed'"
        " OR EXISTS (SELECT 1 FROM boundary_break k WHERE k.county_code = r.county_code AND k.year = r.year)",
        [SUM],
    )
    _bodies(conn)
    for cell in rule(SUM).parameters["cells"]:
        _cell(conn, *cell.split("."))
    conn.execute("DROP TABLE temp.whole")


def _bodies(conn: sqlite3.Connection) -> None:
    """``temp.whole``: each total with the number of expected bodies not read, and whether departments are expected."""
    limits = rule(SUM).parameters
    kinds = _quoted(limits["kinds"])
    expected = (
        "FROM agency a JOIN expectation e ON e.agency_key = a.key AND e.year = r.year"
        f" WHERE a.county_code = r.county_code AND a.kind IN ({kinds})"
        " AND coalesce(CAST(substr(a.valid_from, 1, 4) AS INTEGER) <= r.year, 1)"
        " AND coalesce(CAST(substr(a.valid_to, 1, 4) AS INTEGER) > r.year, 1)"
    )
    conn.execute("DROP TABLE IF EXISTS temp.whole")
    conn.execute(
        f"""
        CREATE TEMP TABLE whole AS
        SELECT r.id AS report_id, r.county_code, r.year,
            (SELECT count(*) {expected} AND NOT EXISTS (
                SELECT 1 FROM report u WHERE u.agency_id = a.id AND u.scope = 'organ' AND u.year = r.year
                AND u.status = 'parsed')) AS missing,
            EXISTS (SELECT 1 {expected} AND a.kind = ?) AS roster
        FROM temp.target t JOIN report r ON r.id = t.report_id
        WHERE NOT EXISTS (SELECT 1 FROM temp.hindered h WHERE h.rule = '{SUM}' AND h.report_id = r.id)
        """,
        [limits["roster_kind"]],
    )
    count(conn, "temp.whole")


def _cell(conn: sqlite3.Connection, table: str, row: str, column: str) -> None:
    limits = rule(SUM).parameters
    conn.execute(
        f"""
        INSERT INTO temp.compared
        SELECT :rule, report_id, '{table}.{row}.{column}', l, r,
            CASE
                WHEN l IS NULL OR r IS NULL THEN NULL
                WHEN l = r THEN 'pass'
                WHEN whole THEN 'fail'
                WHEN r > l + max(:tolerance, :share * l) THEN 'fail'
            END,
            CASE WHEN r IS NULL THEN 'no report of its bodies in the archive'
                WHEN l IS NULL THEN NULL WHEN missing THEN :unread
                WHEN NOT roster THEN :unknown END,
            json_array(bodies, whole)
        FROM (
            SELECT w.report_id, w.missing, w.roster, (SELECT g.{column} FROM {table} g
                WHERE g.report_id = w.report_id AND g.row = '{row}') AS l,
                sum(v.{column}) AS r, count(u.id) AS bodies,
                NOT w.missing AND w.roster AND count(v.{column}) = count(u.id) AS whole
            FROM temp.whole w
            LEFT JOIN report u ON u.county_code = w.county_code AND u.year = w.year AND u.scope = 'organ'
                AND u.kind IN ({_quoted(limits["kinds"])}) AND u.status <> 'unparsed'
            LEFT JOIN {table} v ON v.report_id = u.id AND v.row = '{row}'
            GROUP BY w.report_id
        )
        """,
        {
            "rule": SUM,
            "tolerance": limits["tolerance"],
            "share": limits["warning_above_share"],
            "unread": EXPECTED_MISSING,
            "unknown": NO_ROSTER,
        },
    )


def _quoted(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
