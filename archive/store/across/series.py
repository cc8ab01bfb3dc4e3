"""Rules that hold a report's figures against those of the year before: X-CARRY, X-VALID, X-ITEMS-19."""

from __future__ import annotations

import sqlite3

from archive.reference.forms import form, forms_with
from archive.store.across.scope import STATUTORY, free, hinder
from archive.store.rows import VALUE_COLUMNS

CARRY, VALID, ITEMS = "X-CARRY", "X-VALID", "X-ITEMS-19"

FIRST_WITH_CARRY = 2020
"""The forms before 2019 have no row of what is carried over: 2019 has nothing to be compared with."""

OUTCOME = """CASE
    WHEN l IS NOT NULL AND r IS NOT NULL THEN iif(l = r, 'pass', 'fail')
    WHEN lz = rz THEN 'pass_blank_as_zero'
END"""
"""A blank is never 0, but where a row leaves its zeros blank the rule may pass so, and never fail (report-format D.0)."""


def carry(conn: sqlite3.Connection) -> None:
    """Carried in this year is carried over the year before, in total and in every column."""
    old = f"iif(p.before_form NOT IN {STATUTORY}, 'the form of the year before has no such row', NULL)"
    hinder(
        conn, CARRY, f"CASE WHEN p.form IS NULL OR p.form NOT IN {STATUTORY} THEN 'not on this form'"
        f" WHEN p.year < {FIRST_WITH_CARRY} THEN 'the form of the year before has no such row' ELSE {old} END"
    )  # fmt: skip
    columns = VALUE_COLUMNS["applications"]
    sides = ", ".join(
        f"i.{c} AS i_{c}, o.{c} AS o_{c}, coalesce(i.{c}, iif(bi, 0, NULL)) AS iz_{c}, coalesce(o.{c}, iif(bo, 0, NULL)) AS oz_{c}"
        for c in columns
    )
    conn.execute("DROP TABLE IF EXISTS temp.carried")
    conn.execute(
        f"""
        CREATE TEMP TABLE carried AS
        SELECT p.report_id, {sides}
        FROM (
            SELECT
                p.report_id, p.before_id, {_blank_row("x", "applications", columns)} AS bi,
                {_blank_row("y", "applications", columns)} AS bo
            FROM {free(CARRY)} p
            LEFT JOIN applications x ON x.report_id = p.report_id AND x.row = 'carried_in'
            LEFT JOIN applications y ON y.report_id = p.before_id AND y.row = 'carried_out'
        ) p
        LEFT JOIN applications i ON i.report_id = p.report_id AND i.row = 'carried_in'
        LEFT JOIN applications o ON o.report_id = p.before_id AND o.row = 'carried_out'
        """
    )
    each = " UNION ALL ".join(
        f"SELECT report_id, '{c}' AS place, i_{c} AS l, o_{c} AS r, iz_{c} AS lz, oz_{c} AS rz FROM temp.carried"
        for c in columns
    )
    _keep(conn, CARRY, each)
    conn.execute("DROP TABLE temp.carried")


def valid(conn: sqlite3.Connection) -> None:
    """Documents in force = in force the year before + made - repealed. A form with such columns on both sides."""
    _hinder_other_forms(conn, VALID, "valid")
    columns = ("made", "repealed", "valid")
    each = " UNION ALL ".join(
        f"""
        SELECT
            p.report_id, '{row}' AS place, n.valid AS l, o.valid + n.made - n.repealed AS r,
            coalesce(n.valid, iif({_blank_row("n", "active_disclosure", columns)}, 0, NULL)) AS lz,
            coalesce(o.valid, iif({_blank_row("o", "active_disclosure", columns)}, 0, NULL))
            + coalesce(n.made, iif({_blank_row("n", "active_disclosure", columns)}, 0, NULL))
            - coalesce(n.repealed, iif({_blank_row("n", "active_disclosure", columns)}, 0, NULL)) AS rz,
            json_array(o.valid, n.made, n.repealed) AS more
        FROM {free(VALID)} p
        LEFT JOIN active_disclosure n ON n.report_id = p.report_id AND n.row = '{row}'
        LEFT JOIN active_disclosure o ON o.report_id = p.before_id AND o.row = '{row}'
        """
        for row in _rows_with("valid")
    )
    _keep(conn, VALID, each, more="more")


def items(conn: sqlite3.Connection) -> None:
    """The items of the year before are those that its report gives, with its change. A form with such columns on both sides."""
    _hinder_other_forms(conn, ITEMS, "prior_year_items")
    each = " UNION ALL ".join(
        f"""
        SELECT p.report_id, '{row}' AS place, n.prior_year_items AS l, o.prior_year_items + o.change AS r,
            NULL AS lz, NULL AS rz
        FROM {free(ITEMS)} p
        LEFT JOIN active_disclosure n ON n.report_id = p.report_id AND n.row = '{row}'
        LEFT JOIN active_disclosure o ON o.report_id = p.before_id AND o.row = '{row}'
        """
        for row in _rows_with("prior_year_items")
    )
    _keep(conn, ITEMS, each)


def _keep(conn: sqlite3.Connection, rule: str, each: str, *, more: str = "NULL") -> None:
    conn.execute(
        f"INSERT INTO temp.compared SELECT ?, report_id, place, l, r, {OUTCOME}, NULL, {more} FROM ({each})",
        [rule],
    )


def _hinder_other_forms(conn: sqlite3.Connection, rule: str, column: str) -> None:
    listed = ", ".join(repr(code) for code in forms_with(column))
    hinder(
        conn, rule, f"CASE WHEN p.form IS NULL OR p.form NOT IN ({listed}) THEN 'not on this form'"
        f" WHEN p.before_form NOT IN ({listed}) THEN 'the form of the year before has no such cell' END"
    )  # fmt: skip


def _rows_with(column: str) -> list[str]:
    """The rows of table 2 that have this column, in any form."""
    tables = [form(code).tables["active_disclosure"] for code in forms_with(column)]
    return list(dict.fromkeys(r.code for t in tables for r in t.rows if column in t.columns_of(r.code)))


def _blank_row(alias: str, table: str, columns: tuple[str, ...]) -> str:
    """SQL: whether a row leaves its zeros blank: no 0 is printed in it, and every cell without number is blank."""
    nulls = " + ".join(f"({alias}.{c} IS NULL)" for c in columns)
    zero = " OR ".join(f"{alias}.{c} IS 0" for c in columns)
    return (
        f"CASE WHEN {alias}.report_id IS NULL OR {nulls} = 0 OR {zero} THEN 0 ELSE (SELECT count(*) FROM cell_note k"
        f" WHERE k.report_id = {alias}.report_id AND k.table_name = '{table}' AND k.row = {alias}.row"
        f" AND k.kind = 'blank') = {nulls} END"
    )
