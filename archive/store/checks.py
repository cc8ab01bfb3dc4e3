"""Checks: runs in which somebody looked for reports and would have seen them. The evidence for "not found".

A check of a county's towns (or of the county itself) is one run in which every list of every enabled site that covers
them was walked completely. Two sites in one run are one check; a run that was broken off is none, for it never came to
the lists that it does not mention.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from typing import Any

_TOWNS = re.compile(r"(镇|乡|街|街道)$")
_DEPARTMENTS = re.compile(r"(部门|局|委|委员会|办公室|中心|公司|院|队|所|站)$")


def covers(site: Mapping[str, Any]) -> str:
    """Whose reports a registry row's lists would show: ``county``, ``towns`` or ``departments``.

    A district portal's column shows the county's own; that it shows all towns too is never assumed. A row of sub-sites
    says in its name, else in its key, whether they are towns' or departments'; one that says neither shows towns.
    """
    if site.get("spider") != "township":
        return "county"
    name, key = str(site.get("name") or ""), str(site.get("site") or "")
    if _TOWNS.search(name):
        return "towns"
    if _DEPARTMENTS.search(name) or re.search(r"-dep", key):
        return "departments"
    return "towns"


def record(conn: sqlite3.Connection, crawl_id: int | None = None) -> None:
    """Count the lists of an ended run, by site; without ``crawl_id`` of all runs anew. Then sum up.

    Inside the caller's transaction.
    """
    which = "" if crawl_id is None else "WHERE l.crawl_id = :run"
    conn.execute(
        f"DELETE FROM site_check {'' if crawl_id is None else 'WHERE crawl_id = :run'}", {"run": crawl_id}
    )
    conn.execute(
        "INSERT INTO site_check SELECT l.site, l.crawl_id, min(l.listed_at), count(*),"
        " c.status = 'done' AND count(*) = sum(l.complete)"
        f" FROM listing l JOIN crawl c ON c.id = l.crawl_id {which} GROUP BY l.site, l.crawl_id",
        {"run": crawl_id},
    )
    sum_up(conn)


def sum_up(conn: sqlite3.Connection) -> None:
    """Make ``checks_since`` anew. Needed when runs end, when the registry's rows change and when due days do."""
    conn.execute("DELETE FROM checks_since")
    conn.execute(
        """
        INSERT INTO checks_since
        WITH RECURSIVE
        years (year) AS (
            SELECT min(first_year) FROM deadline
            UNION ALL
            SELECT year + 1 FROM years WHERE year < CAST(strftime('%Y', 'now', '+8 hours') AS INTEGER)
        ),
        due_days AS (
            SELECT DISTINCT printf('%d-%s', year + 1, month_day) AS due_on
            FROM deadline JOIN years
            WHERE year BETWEEN first_year AND coalesce(last_year, 9999)
        ),
        spans AS (  -- from the morning after a due day to the end of the next one, in China
            SELECT due_on, lead(due_on, 1, '9999-12-31') OVER (ORDER BY due_on) AS until
            FROM (SELECT due_on FROM due_days UNION SELECT '')
        ),
        covering AS (
            SELECT admin_code, covers, count(*) AS sites FROM site
            WHERE enabled AND admin_code IS NOT NULL AND covers IS NOT NULL GROUP BY admin_code, covers
        ),
        looked AS (
            SELECT
                s.admin_code, s.covers, date(min(k.began), '+8 hours') AS day, min(k.began) AS began,
                sum(k.lists) AS lists, count(*) = v.sites AND min(k.complete) AS complete
            FROM site_check k
            JOIN site s ON s.site = k.site AND s.enabled
            JOIN covering v ON v.admin_code = s.admin_code AND v.covers = s.covers
            GROUP BY s.admin_code, s.covers, k.crawl_id
        ),
        between_days AS (
            SELECT
                admin_code, covers, due_on, sum(lists) AS lists, sum(complete) AS complete,
                min(iif(complete, began, NULL)) AS first_check, max(iif(complete, began, NULL)) AS last_check
            FROM looked JOIN spans ON day > due_on AND day <= until
            GROUP BY admin_code, covers, due_on
        )
        SELECT
            admin_code, covers, d.due_on, sum(lists), sum(complete), min(first_check), max(last_check)
        FROM due_days d JOIN between_days b ON b.due_on >= d.due_on
        GROUP BY admin_code, covers, d.due_on
        """
    )
