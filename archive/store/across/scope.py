"""Which reports are compared in one go, and with which: temporary tables that the rules share.

- ``temp.target`` (``report_id, agency_id``): the reports that every rule answers for;
- ``temp.pair``: each target with the report on the year before, or why it has none that it could be compared with;
- ``temp.hindered`` (``report_id, rule, reason``): rules that cannot be asked of a report;
- ``temp.compared``: what the rules found, one row a place. ``outcome`` is null where a number is missing.
"""

from __future__ import annotations

import sqlite3

from archive.reference.forms import statutory

SAME_BODY = ("renamed", "status_change")
"""Links along which a body's series goes on: it bears another name or rank, and its applications are its own."""

OTHER_BODY = ("merged", "split", "transferred")
"""Links after which a body's figures are those of another set of tasks."""

STATUTORY = f"({', '.join(repr(code) for code in statutory())})"
"""SQL: the forms that have the rows of applications alike."""

IN_TIME = """(l.date IS NULL OR r.year BETWEEN CAST(substr(l.date, 1, 4) AS INTEGER) AND
    CAST(substr(l.date, instr(l.date, '/') + 1, 4) AS INTEGER)
    + (coalesce(nullif(substr(l.date, instr(l.date, '/') + 6, 2), ''), '12') >= '10'))"""
"""SQL: whether what became of a body (``l``) touches the figures of a report (``r``) or of the year before.

It does in the year it happened; when that was its last quarter, or only the year is known, in the next one too: the
report on the old year may already be the new body's. An interval (``2018-03/2019-03``) touches all years between.
"""

NO_NUMBER = "no number in a cell it needs"

_TABLES = """
CREATE TEMP TABLE batch (agency_id INTEGER, year INTEGER, PRIMARY KEY (agency_id, year)) WITHOUT ROWID;
CREATE TEMP TABLE target (report_id INTEGER PRIMARY KEY, agency_id INTEGER);
CREATE TEMP TABLE pair (
    report_id INTEGER PRIMARY KEY, before_id INTEGER, report_key TEXT, before_key TEXT, agency_id INTEGER, scope TEXT,
    year INTEGER, form TEXT, before_form TEXT, as_of TEXT, hindrance TEXT
);
CREATE TEMP TABLE hindered (report_id INTEGER, rule TEXT, reason TEXT, PRIMARY KEY (rule, report_id)) WITHOUT ROWID;
CREATE TEMP TABLE compared (
    rule TEXT, report_id INTEGER, place TEXT, left_value NUMERIC, right_value NUMERIC, outcome TEXT, reason TEXT,
    more TEXT, PRIMARY KEY (rule, report_id, place)
) WITHOUT ROWID
"""


def begin(conn: sqlite3.Connection) -> None:
    """Make the temporary tables, empty."""
    for statement in _TABLES.split(";"):
        name = statement.split()[3]
        conn.execute(f"DROP TABLE IF EXISTS temp.{name}")
        conn.execute(statement)


def count(conn: sqlite3.Connection, table: str = "temp") -> None:
    """Let SQLite count the rows of the temporary tables, or of one, that it plans the queries over them by.

    Without that it takes a table of twenty rows for a large one, and reads all reports to make itself a filter: a second
    for one report among 100,000.
    """
    conn.execute(f"ANALYZE {table}")


def end(conn: sqlite3.Connection) -> None:
    """Drop the temporary tables."""
    for statement in _TABLES.split(";"):
        conn.execute(f"DROP TABLE IF EXISTS temp.{statement.split()[3]}")


def choose_targets(conn: sqlite3.Connection) -> None:
    """Fill ``temp.target`` from ``temp.batch``: what the changed reports may bear upon, and nothing else.

    All reports of their agencies and of those linked with them (a report is compared with the next year's and with
    the other years'), and the totals of their counties and years.
    """
    conn.execute(
        """
        INSERT INTO temp.target
        WITH touched AS (
            SELECT DISTINCT agency_id AS id FROM temp.batch
        ),
        linked AS (
            SELECT id FROM touched
            UNION SELECT b.id FROM touched t JOIN agency a ON a.id = t.id
                JOIN agency_link l ON l.from_key = a.key JOIN agency b ON b.key = l.to_key
            UNION SELECT b.id FROM touched t JOIN agency a ON a.id = t.id
                JOIN agency_link l ON l.to_key = a.key JOIN agency b ON b.key = l.from_key
        )
        SELECT r.id, r.agency_id FROM linked JOIN report r ON r.agency_id = linked.id
        UNION
        SELECT r.id, r.agency_id FROM (
            SELECT DISTINCT a.county_code, d.year FROM temp.batch d JOIN agency a ON a.id = d.agency_id
        ) c JOIN report r ON r.county_code = c.county_code AND r.year = c.year
        WHERE r.scope = 'jurisdiction_aggregate'
        """
    )


def pair_up(conn: sqlite3.Connection) -> None:
    """Fill ``temp.pair``: the report on the year before is the same agency's, or that of the agency it went on from."""
    conn.execute(
        f"""
        INSERT INTO temp.pair
        SELECT
            r.id, b.id, r.key, b.key, r.agency_id, r.scope, r.year, r.form, b.form,
            max(substr(r.last_seen, 1, 10), coalesce(substr(b.last_seen, 1, 10), '')),
            CASE
                WHEN r.status = 'unparsed' THEN 'the report could not be read'
                WHEN EXISTS (
                    SELECT 1 FROM boundary_break k WHERE k.county_code = r.county_code AND k.year = r.year
                ) THEN 'boundaries changed'
                WHEN EXISTS (
                    SELECT 1 FROM agency_link l WHERE a.key IN (l.from_key, l.to_key) AND l.type IN {OTHER_BODY}
                    AND {IN_TIME}
                ) THEN 'the body was merged, split or given other tasks'
                WHEN b.id IS NULL THEN 'no report on the year before in the archive'
                WHEN b.status = 'unparsed' THEN 'the report on the year before could not be read'
            END
        FROM temp.target t
        JOIN report r ON r.id = t.report_id
        JOIN agency a ON a.id = r.agency_id
        LEFT JOIN report b ON b.id = coalesce(
            (SELECT o.id FROM report o WHERE o.agency_id = r.agency_id AND o.scope = r.scope AND o.year = r.year - 1),
            (
                SELECT o.id FROM agency_link l
                JOIN agency f ON f.key = l.from_key
                JOIN report o ON o.agency_id = f.id AND o.scope = r.scope AND o.year = r.year - 1
                WHERE l.to_key = a.key AND l.type IN {SAME_BODY} ORDER BY l.date DESC, l.from_key LIMIT 1
            )
        )
        """
    )


def hinder(conn: sqlite3.Connection, rule: str, more: str = "NULL") -> None:
    """Note of every pair that cannot be compared why: what ``more`` (SQL over ``p``) says, else its own hindrance."""
    conn.execute(
        f"INSERT INTO temp.hindered SELECT report_id, ?, reason FROM"
        f" (SELECT p.report_id, coalesce({more}, p.hindrance) AS reason FROM temp.pair p) WHERE reason IS NOT NULL",
        [rule],
    )


def free(rule: str) -> str:
    """SQL: the pairs that a rule can be asked of."""
    return (
        "(SELECT * FROM temp.pair q WHERE NOT EXISTS"
        f" (SELECT 1 FROM temp.hindered h WHERE h.rule = '{rule}' AND h.report_id = q.report_id))"
    )
