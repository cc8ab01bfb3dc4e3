"""X-FEE-MEDIAN: a body's fees beside those of its other years. The unit 万元 is often taken for 元."""

from __future__ import annotations

import sqlite3

from archive.reference.rules import rule

FEES = "X-FEE-MEDIAN"


def fees(conn: sqlite3.Connection) -> None:
    """Compare each amount with the median of the body's amounts above 0, its own included."""
    limits = rule(FEES).parameters
    conn.execute(
        """
        INSERT INTO temp.compared
        WITH amounts AS (
            SELECT r.id, r.agency_id, r.scope, d.amount_wan_yuan AS amount
            FROM (SELECT DISTINCT agency_id FROM temp.target) t
            JOIN report r ON r.agency_id = t.agency_id
            JOIN active_disclosure d ON d.report_id = r.id AND d.row = 'administrative_fees'
            WHERE d.amount_wan_yuan > 0
        ),
        ranked AS (
            SELECT *, row_number() OVER (PARTITION BY agency_id, scope ORDER BY amount) AS place,
                count(*) OVER (PARTITION BY agency_id, scope) AS years
            FROM amounts
        ),
        medians AS (
            SELECT agency_id, scope, avg(amount) AS median, max(years) AS years FROM ranked
            WHERE place IN ((years + 1) / 2, (years + 2) / 2) GROUP BY agency_id, scope
        )
        SELECT :rule, a.id, 'administrative_fees', a.amount, round(m.median, 4),
            iif(m.years >= :least, iif(a.amount > :factor * m.median, 'fail', 'pass'), NULL),
            iif(m.years >= :least, NULL, 'too few years with an amount'), m.years
        FROM amounts a JOIN medians m ON m.agency_id = a.agency_id AND m.scope = a.scope
        JOIN temp.target t ON t.report_id = a.id
        """,
        {"rule": FEES, "least": limits["least_years"], "factor": limits["factor"]},
    )
    conn.execute(
        "INSERT INTO temp.hindered SELECT t.report_id, :rule, 'no amount above 0' FROM temp.target t WHERE NOT EXISTS"
        " (SELECT 1 FROM temp.compared c WHERE c.rule = :rule AND c.report_id = t.report_id)",
        {"rule": FEES},
    )
