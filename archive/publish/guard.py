"""What is withheld stays out of a live archive's pages too, whatever is asked: every table is seen through a view.

A connection with decisions to honour gets temporary views of the tables' own names, without what is withheld, and the
archive's views anew above those. The tables themselves can then be read only through those views: SQLite's authorizer
refuses everything else, ``main.report`` included. An archive without decisions is not touched.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from archive.store import views, withheld
from archive.store.connection import quoted

INNER = "kept_from_all_"
"""How the views begin that may read the tables. No statement of a visitor may hold this word."""

HIDDEN = {
    "report": f"SELECT id FROM ({withheld.reports()})",
    "snapshot": f"SELECT id FROM ({withheld.snapshots()})",
    "document": (
        f"SELECT doc_key FROM publication WHERE report_id IN (SELECT id FROM ({withheld.reports()}))"
        f" UNION SELECT doc_key FROM snapshot WHERE id IN (SELECT id FROM ({withheld.snapshots()}))"
        " AND doc_key IS NOT NULL"
    ),
    "finding": (
        f"SELECT id FROM finding WHERE report_id IN (SELECT id FROM ({withheld.reports()}))"
        f" OR other_report_id IN (SELECT id FROM ({withheld.reports()}))"
        " OR key IN (SELECT target_key FROM withheld WHERE target_type = 'finding')"
    ),
    "body": f"SELECT sha256 FROM snapshot WHERE id IN (SELECT id FROM ({withheld.snapshots()}))",
}

OF_REPORT = "report_id NOT IN (SELECT id FROM temp.hidden_report)"
OF_DOCUMENT = "doc_key NOT IN (SELECT id FROM temp.hidden_document)"
SHOWN = {
    "report": "id NOT IN (SELECT id FROM temp.hidden_report)",
    "snapshot": "id NOT IN (SELECT id FROM temp.hidden_snapshot)",
    "body": "sha256 NOT IN (SELECT id FROM temp.hidden_body)",
    "finding": "id NOT IN (SELECT id FROM temp.hidden_finding)",
    **dict.fromkeys(("document", "link", "unplaced"), OF_DOCUMENT),
    **dict.fromkeys(("publication", "report_version", "report_change"), f"{OF_REPORT} AND {OF_DOCUMENT}"),
    "reading_change": f"{OF_REPORT} AND snapshot_id NOT IN (SELECT id FROM temp.hidden_snapshot)",
    **dict.fromkeys(
        ("section", "grid", "active_disclosure", "applications", "review_litigation", "statistics", "cell_note",
         "check_result"),
        OF_REPORT,
    ),
}  # fmt: skip
"""Which rows of each table are shown."""

UNSPEAKABLE = (INNER, "report_fts_")
"""What no statement of a visitor may hold: the inner views, and the index's own tables, which hold withheld words."""

COVERAGE = f"""
SELECT c.agency_key, c.agency, c.kind, c.scope, c.county_code, c.county, c.year, iif(h.year, 'published', c.status) AS status,
    iif(h.year, 'found', c.state) AS state, iif(h.year, 'unknown', c.timeliness) AS timeliness, c.days_late, c.due_on,
    c.due_basis, c.published_on, c.published_source, c.report_id, c.lists_checked, c.complete_checks, c.first_check,
    c.last_check, c.gone_on, iif(h.year, 'withheld', c.reason) AS reason, c.on_roster
FROM temp.{INNER}coverage c LEFT JOIN temp.hidden_year h USING (agency_key, year, scope)
"""
"""Who reported, and whose report is withheld, is still said to have reported."""


def decisions(conn: sqlite3.Connection) -> str:
    """A text that differs whenever something else may have to be hidden; empty if nothing has."""
    (count,) = conn.execute("SELECT count(*) FROM withheld").fetchone()
    (version,) = conn.execute("PRAGMA data_version").fetchone()
    return f"{count} {version}" if count else ""


def refuse(sql: str) -> None:
    """Raise ``OperationalError`` for a statement that names what no visitor may name."""
    for word in UNSPEAKABLE:
        if word in sql.lower():
            raise sqlite3.OperationalError(f"no such table: {word}")


def put_up(conn: sqlite3.Connection) -> None:
    """Put up the views, and refuse all other ways to the tables, for this connection."""
    conn.set_authorizer(None)
    conn.execute("PRAGMA temp_store = MEMORY")
    conn.isolation_level = None
    for kind, name in conn.execute(
        "SELECT type, name FROM sqlite_temp_master WHERE type IN ('view', 'table')"
    ).fetchall():
        conn.execute(f"DROP {kind} temp.{quoted(name)}")
    for name, select in HIDDEN.items():
        conn.execute(f"CREATE TEMP TABLE hidden_{name} (id PRIMARY KEY) WITHOUT ROWID")
        conn.execute(f"INSERT OR IGNORE INTO temp.hidden_{name} {select}")
    conn.execute(
        "CREATE TEMP TABLE hidden_year AS SELECT DISTINCT a.key AS agency_key, r.year, r.scope FROM report r"
        " JOIN agency a ON a.id = r.agency_id WHERE r.id IN (SELECT id FROM temp.hidden_report)"
    )
    existing = {row[0] for row in conn.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")}
    guarded = [name for name in SHOWN if name in existing]
    for name in guarded:
        conn.execute(f"CREATE TEMP VIEW {INNER}{name} AS SELECT * FROM main.{name} WHERE {SHOWN[name]}")
        conn.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM temp.{INNER}{name}")
    for name, select in views.definitions().items():
        conn.execute(f"CREATE TEMP VIEW {INNER if name == 'coverage' else ''}{name} AS\n{select}")
        if name == "coverage":
            conn.execute(f"CREATE TEMP VIEW coverage AS {COVERAGE}")
    conn.set_authorizer(_refusing(frozenset(guarded)))


def _refusing(guarded: frozenset[str]) -> Callable[..., int]:
    def allowed(
        action: int, first: str | None, second: str | None, place: str | None, inside: str | None
    ) -> int:
        if action != sqlite3.SQLITE_READ:
            return sqlite3.SQLITE_OK
        if (first or "").startswith(("hidden_", "sqlite_temp")):
            through = inside is not None
        elif first in guarded and place == "main":
            through = (inside or "").startswith(INNER) or not second
        else:
            through = True
        return sqlite3.SQLITE_OK if through else sqlite3.SQLITE_DENY

    return allowed
