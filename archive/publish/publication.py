"""``publish``: an immutable copy of the archive for the open internet, in one folder with all that is needed to serve it.

Left out: bodies, what was withheld by decision, findings and "not found" before their time, headers and contexts of
requests, the stored readings, what operators noted of a site's trouble. Masked: personal data in texts (``archive.publish.privacy``). Figures are untouched.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from archive.publish import withheld
from archive.publish.app import SETTINGS
from archive.publish.exports.folder import appearing
from archive.publish.metadata import load, metadata, tables_of
from archive.publish.privacy import mask, mask_grid, mask_print
from archive.store import Archive, views
from archive.store.connection import explained
from archive.store.search import add

NAME = "archive.db"

TEXTS: dict[str, tuple[str, ...]] = {
    "report": ("title", "text"),
    "section": ("heading", "text"),
    "statistics": ("column_label", "label", "parent"),
    "finding": ("message", "message_zh", "quote", "explained"),
    "unplaced": ("title", "agency_guess", "reason"),
    "link": ("title", "reason"),
    "listing": ("column_name",),
    "agency": ("name",),
    "annotation": ("text",),
    "withheld": ("reason",),
    "site": ("note",),
    "crawl_site": ("reason",),
}
"""The columns of texts in which personal data may stand."""

PRINTS: dict[str, tuple[str, ...]] = {
    "active_disclosure": ("amount_printed",),
    "cell_note": ("raw",),
    "finding": ("left_value", "right_value"),
    "grid": ("caption",),
    "report_change": ("before", "after"),
    "reading_change": ("before", "after"),
}
"""Columns that hold what a cell prints, or a text: what is nothing but figures stays."""

CHILDREN = (
    "publication", "section", "grid", "active_disclosure", "applications", "review_litigation", "statistics",
    "cell_note", "finding", "check_result", "report_version", "report_change", "reading_change",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Published:
    """What was published: how many reports, how many were withheld, findings not yet ripe, texts with something masked."""

    reports: int
    withheld: int
    unripe: int
    masked: int


def publish(archive: Archive, folder: Path, *, now: str) -> Published:
    """Write the folder; it appears only when it is whole. Raises ``ArchiveError`` for anything a person can mend."""
    withheld.refuse_unknown(archive.conn)
    with appearing(folder) as partial, explained(archive.path):
        path = partial / NAME
        archive.backup(path)
        with closing(sqlite3.connect(path, isolation_level=None)) as conn:
            conn.row_factory = sqlite3.Row
            conn.execute("PRAGMA journal_mode = DELETE")
            conn.execute("BEGIN")
            done = _prepare(conn, now)
            conn.execute("COMMIT")
            conn.execute("ANALYZE")
            conn.execute("VACUUM")  # what was deleted must not lie in free pages
        path.chmod(0o444)
        _write_beside(partial, path, now, done)
    return done


def _prepare(conn: sqlite3.Connection, now: str) -> Published:
    count = _leave_out(conn, now[:10])
    conn.execute("UPDATE body SET codec = 'purged', dictionary = NULL, data = NULL")
    conn.execute("UPDATE snapshot SET headers = '[]', context = '{}'")
    conn.execute("UPDATE report_version SET reading = x''")
    conn.execute("UPDATE crawl SET process = NULL")
    conn.execute("DELETE FROM acknowledgement")  # an operator's notes to himself
    conn.execute(
        "DELETE FROM comparison_due"
    )  # what is yet to be compared is no concern of a copy that never changes
    masked = _mask(conn)
    _index(conn)
    _settle_coverage(conn, now[:10])
    conn.execute("INSERT OR REPLACE INTO meta VALUES ('published', ?)", [now])
    reports = conn.execute("SELECT count(*) FROM report").fetchone()[0]
    return Published(reports, count[0], count[1], masked)


def _leave_out(conn: sqlite3.Connection, today: str) -> tuple[int, int]:
    """Delete what is withheld and what is not ripe; how many reports and findings that were."""
    conn.execute(f"CREATE TEMP TABLE hidden_finding AS SELECT id FROM ({withheld.findings(today)})")
    conn.execute(f"CREATE TEMP TABLE hidden_snapshot AS SELECT id FROM ({withheld.snapshots()})")
    conn.execute(f"CREATE TEMP TABLE hidden_report AS SELECT id FROM ({withheld.reports()})")
    conn.execute(
        "CREATE TEMP TABLE hidden_document AS SELECT doc_key FROM publication WHERE report_id IN (SELECT id FROM hidden_report)"
        " UNION SELECT doc_key FROM snapshot WHERE id IN (SELECT id FROM hidden_snapshot) AND doc_key IS NOT NULL"
    )
    findings = conn.execute("DELETE FROM finding WHERE id IN (SELECT id FROM hidden_finding)").rowcount
    conn.execute(
        "UPDATE finding SET other_report_id = NULL WHERE other_report_id IN (SELECT id FROM hidden_report)"
    )
    for table in CHILDREN:
        conn.execute(f"DELETE FROM {table} WHERE report_id IN (SELECT id FROM hidden_report)")
    reports = conn.execute("DELETE FROM report WHERE id IN (SELECT id FROM hidden_report)").rowcount
    for table in ("report_version", "report_change", "publication", "unplaced", "link", "document"):
        conn.execute(f"DELETE FROM {table} WHERE doc_key IN (SELECT doc_key FROM hidden_document)")
    conn.execute("DELETE FROM reading_change WHERE snapshot_id IN (SELECT id FROM hidden_snapshot)")
    conn.execute(
        "UPDATE listing SET snapshot_id = NULL WHERE snapshot_id IN (SELECT id FROM hidden_snapshot)"
    )
    conn.execute(
        "DELETE FROM snapshot WHERE id IN (SELECT id FROM hidden_snapshot)"
        " OR doc_key IN (SELECT doc_key FROM hidden_document)"
    )
    return reports, findings


def _mask(conn: sqlite3.Connection) -> int:
    """Mask personal data in all texts; how many values were changed."""
    changed = _mask_column(conn, "grid", "cells", mask_grid)
    for by, tables in ((mask, TEXTS), (mask_print, PRINTS)):
        for table, columns in tables.items():
            changed += sum(_mask_column(conn, table, column, by) for column in columns)
    return changed


def _mask_column(conn: sqlite3.Connection, table: str, column: str, by: Callable[[str], str]) -> int:
    def masked(value: str | float | bytes | None) -> str | float | bytes | None:
        return by(value) if isinstance(value, str) else value

    conn.create_function("masked", 1, masked, deterministic=True)
    return conn.execute(
        f'UPDATE {table} SET "{column}" = masked("{column}")'
        f' WHERE "{column}" IS NOT NULL AND masked("{column}") IS NOT "{column}"'
    ).rowcount


def _index(conn: sqlite3.Connection) -> None:
    """Make the full-text index anew, from the texts as they are published."""
    conn.execute("INSERT INTO report_fts (report_fts) VALUES ('delete-all')")
    for row in conn.execute("SELECT id, title, agency, text FROM report").fetchall():
        add(conn, dict(row))
    conn.execute("INSERT INTO report_fts (report_fts) VALUES ('optimize')")


def _settle_coverage(conn: sqlite3.Connection, today: str) -> None:
    """Turn the view ``coverage`` into a table: what was known on this day, quick to ask; unripe absences are "not checked"."""
    conn.execute(
        "ANALYZE"
    )  # without figures SQLite joins every body with every report of its year: minutes, not a second
    conn.execute("CREATE TABLE settled AS SELECT * FROM coverage")
    conn.execute(
        "UPDATE settled SET state = 'not_checked', status = 'not_checked', reason = 'not_yet_ripe'"
        f" WHERE {withheld.unripe_absence('settled', today)}"
    )
    conn.execute("DROP VIEW gap")
    conn.execute("DROP VIEW coverage")
    conn.execute("ALTER TABLE settled RENAME TO coverage")
    conn.execute("CREATE INDEX coverage_by_agency ON coverage (agency_key, year)")
    conn.execute("CREATE INDEX coverage_by_county ON coverage (county_code, year)")
    conn.execute("CREATE INDEX coverage_by_year ON coverage (year, scope, kind)")
    conn.execute(f"CREATE VIEW gap AS\n{views.definitions()['gap']}")


def _write_beside(folder: Path, path: Path, now: str, done: Published) -> None:
    """What a host needs beside the database: the configuration, a command, and a page that explains both."""
    _write_json(folder / "metadata.json", metadata(tables_of(path)))
    _write_json(folder / "settings.json", SETTINGS)
    command = folder / "serve"
    command.write_text(load("folder")["serve"], "utf-8")
    command.chmod(0o755)
    told = "\n".join(load("folder")["readme"])
    (folder / "README.md").write_text(
        told.format(day=now[:10], reports=done.reports, withheld=done.withheld, unripe=done.unripe), "utf-8"
    )


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")
