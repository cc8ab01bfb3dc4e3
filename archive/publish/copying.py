"""The public copy of an archive, written table by table: what is not for the public never enters its file.

Left out: bodies (unless asked for), what was withheld by decision, findings and "not found" before their time, headers
and contexts of requests, the stored readings, what operators noted for themselves. Masked: personal data in texts
(``archive.publish.privacy``). Figures are untouched.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from archive.publish import withheld
from archive.publish.privacy import mask, mask_grid, mask_print
from archive.store import views
from archive.store.bodies import Bodies
from archive.store.connection import address, explain, quoted
from archive.store.errors import ArchiveError
from archive.store.search import add

Step = Callable[[str], object]
Value = str | bytes | int | float | None

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

REPLACED: dict[str, dict[str, str]] = {
    "snapshot": {"headers": "'[]'", "context": "'{}'"},
    "report_version": {"reading": "x''"},
    "crawl": {"process": "NULL"},
    "body": {"codec": "'purged'", "dictionary": "NULL", "data": "NULL"},
    "finding": {"other_report_id": "iif(other_report_id IN hidden_report, NULL, other_report_id)"},
    "listing": {"snapshot_id": "iif(snapshot_id IN hidden_snapshot, NULL, snapshot_id)"},
}
"""What stands in the copy in place of a column: SQL over the source's row."""

OF_REPORTS = "report_id NOT IN hidden_report"
OF_DOCUMENTS = "doc_key NOT IN hidden_document"
KEPT: dict[str, str] = {
    "report": "id NOT IN hidden_report",
    "finding": f"{OF_REPORTS} AND id NOT IN hidden_finding",
    "publication": f"{OF_REPORTS} AND {OF_DOCUMENTS}",
    "report_version": f"{OF_REPORTS} AND {OF_DOCUMENTS}",
    "report_change": f"{OF_REPORTS} AND {OF_DOCUMENTS}",
    "reading_change": f"{OF_REPORTS} AND snapshot_id NOT IN hidden_snapshot",
    "unplaced": OF_DOCUMENTS,
    "link": OF_DOCUMENTS,
    "document": OF_DOCUMENTS,
    "snapshot": "id NOT IN hidden_snapshot AND (doc_key IS NULL OR doc_key NOT IN hidden_document)",
    "body": "sha256 IN (SELECT sha256 FROM main.snapshot)",
    "acknowledgement": "0",  # an operator's notes to himself
    "comparison_due": "0",  # what is yet to be compared is no concern of a copy that never changes
    **dict.fromkeys(
        ("section", "grid", "active_disclosure", "applications", "review_litigation", "statistics", "cell_note",
         "check_result"),
        OF_REPORTS,
    ),
}  # fmt: skip
"""Which of the source's rows go into the copy; of tables that are not named, all."""

SHADOWS = "report_fts"
"""The full-text index, which is made anew from the texts as they are published; its own tables are not copied."""


@dataclass(frozen=True, slots=True)
class Published:
    """What was published: how many reports, how many were withheld, findings not told, texts with something masked."""

    reports: int
    withheld: int
    unripe: int
    masked: int


def copy(source: Path, target: Path, now: str, *, bodies: bool, step: Step) -> Published:
    """Write the public copy of ``source`` as it stands into ``target``, a new file. ``step`` is told of each table.

    Raises ``ArchiveError`` if the disk is full, or if rows are such that they cannot be copied.
    """
    with closing(sqlite3.connect(target, isolation_level=None, uri=True)) as conn:
        conn.row_factory = sqlite3.Row
        # No trace of an exception in an SQL function on standard error: one line tells of it at the end.
        sqlite3.enable_callback_tracebacks(False)
        conn.execute("PRAGMA journal_mode = OFF")  # a copy that breaks off is thrown away
        conn.execute("PRAGMA synchronous = OFF")
        conn.execute("PRAGMA cache_size = -200000")
        conn.execute("ATTACH ? AS source", [address(source, read_only=True)])
        try:
            conn.execute("BEGIN")  # one moment of the source, which others may be writing to
            done = _fill(conn, now, bodies=bodies, step=step)
            conn.execute("COMMIT")
            conn.execute("DETACH source")
            conn.execute("PRAGMA journal_mode = DELETE")
            if bodies:
                _free(conn)
        except sqlite3.DatabaseError as error:
            raise _explained(source, target, error) from error
    return done


def _explained(source: Path, target: Path, error: sqlite3.DatabaseError) -> ArchiveError:
    """Which of the two files is in trouble: the new one has no room, or the archive holds what no archive can hold."""
    if "full" in str(error):
        return ArchiveError(f"{target.parent.parent}: the disk is full; nothing was left there")
    return explain(source, error) or ArchiveError(
        f"{source}: rows cannot be copied ({error}); `gongkai verify` says what is damaged"
    )


def _fill(conn: sqlite3.Connection, now: str, *, bodies: bool, step: Step) -> Published:
    _choose(conn, now[:10])
    masker = _Masker(conn)
    made = conn.execute(
        "SELECT type, name, sql FROM source.sqlite_master WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*'"
        f" AND (name = '{SHADOWS}' OR name NOT GLOB '{SHADOWS}_*') ORDER BY name = 'body'"  # its rows depend on others'
    ).fetchall()
    tables = [row for row in made if row["type"] == "table"]
    for row in tables:
        conn.execute(row["sql"])
    for row in tables:
        if row["name"] != SHADOWS:
            step(row["name"])
            _copy_table(conn, row["name"], bodies=bodies)
    step(SHADOWS)
    for report in conn.execute("SELECT id, title, agency, text FROM main.report").fetchall():
        add(conn, dict(report))
    conn.execute(f"INSERT INTO {SHADOWS} ({SHADOWS}) VALUES ('optimize')")
    step("coverage")
    for row in made:
        if row["type"] in ("index", "trigger"):
            conn.execute(row["sql"])
    for name, select in views.definitions().items():
        conn.execute(f"CREATE VIEW main.{name} AS\n{select}")
    for pragma in ("application_id", "user_version"):
        conn.execute(f"PRAGMA main.{pragma} = {conn.execute(f'PRAGMA source.{pragma}').fetchone()[0]}")
    conn.execute("INSERT OR REPLACE INTO main.meta VALUES ('published', ?)", [now])
    conn.execute("ANALYZE main")  # without figures SQLite joins every body with every report of its year
    _settle_coverage(conn, now[:10])
    conn.execute("ANALYZE main")

    def count(sql: str) -> int:
        return int(conn.execute(sql).fetchone()[0])

    return Published(
        count("SELECT count(*) FROM main.report"),
        count("SELECT count(*) FROM hidden_report"),
        count("SELECT count(*) FROM hidden_finding"),
        masker.changed,
    )


def _choose(conn: sqlite3.Connection, today: str) -> None:
    """Note what is not told: asked while the copy has no tables yet, so that every name is the source's."""
    chosen = {
        "hidden_finding": f"SELECT DISTINCT id FROM ({withheld.findings(today)})",
        "hidden_snapshot": f"SELECT DISTINCT id FROM ({withheld.snapshots()})",
        "hidden_report": f"SELECT DISTINCT id FROM ({withheld.reports()})",
        "hidden_document": (
            "SELECT doc_key FROM publication WHERE report_id IN hidden_report UNION"
            " SELECT doc_key FROM snapshot WHERE id IN hidden_snapshot AND doc_key IS NOT NULL"
        ),
    }
    for name, select in chosen.items():
        column = "doc_key TEXT" if name == "hidden_document" else "id INTEGER"
        conn.execute(f"CREATE TEMP TABLE {name} ({column} PRIMARY KEY) WITHOUT ROWID")
        conn.execute(f"INSERT INTO {name} {select}")
    conn.execute(
        "CREATE TEMP TABLE hidden_year AS SELECT a.key AS agency_key, r.year, r.scope FROM report r"
        " JOIN agency a ON a.id = r.agency_id WHERE r.id IN hidden_report"
    )


class _Masker:
    """The functions ``mask_text``, ``mask_print`` and ``mask_grid`` for SQL, and how many values they changed."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.changed = 0
        for name, by in (("mask_text", mask), ("mask_print", mask_print), ("mask_grid", mask_grid)):
            conn.create_function(name, 1, self._counting(by), deterministic=True)

    def _counting(self, by: Callable[[str], str]) -> Callable[[Value], Value]:
        def masked(value: Value) -> Value:
            if not isinstance(value, str):
                return value
            made = by(value)
            self.changed += made != value
            return made

        return masked


def _copy_table(conn: sqlite3.Connection, table: str, *, bodies: bool) -> None:
    replaced = {} if table == "body" and bodies else REPLACED.get(table, {})
    columns = [row["name"] for row in conn.execute(f"PRAGMA main.table_info({quoted(table)})")]
    made = ", ".join(_expression(table, column, replaced) for column in columns)
    kept = KEPT.get(table, "1")
    if table == "body" and bodies:  # and those that kept ones lean on, until they are freed
        kept += f" OR sha256 IN (SELECT dictionary FROM source.body WHERE {kept})"
    listed = ", ".join(map(quoted, columns))
    conn.execute(f"INSERT INTO main.{table} ({listed}) SELECT {made} FROM source.{table} WHERE {kept}")


def _expression(table: str, column: str, replaced: Mapping[str, str]) -> str:
    if column in replaced:
        return replaced[column]
    name = quoted(column)
    if (table, column) == ("grid", "cells"):
        return f"mask_grid({name})"
    if column in TEXTS.get(table, ()):
        return f"mask_text({name})"
    return f"mask_print({name})" if column in PRINTS.get(table, ()) else name


def _settle_coverage(conn: sqlite3.Connection, today: str) -> None:
    """Turn the view ``coverage`` into a table: what was known on this day, quick to ask.

    Unripe absences are "not checked". Who reported, and whose report is withheld, is still said to have reported.
    """
    conn.execute("CREATE TABLE main.settled AS SELECT * FROM main.coverage")
    conn.execute(
        "UPDATE main.settled SET state = 'found', status = 'published', timeliness = 'unknown', reason = 'withheld'"
        " WHERE (agency_key, year, scope) IN (SELECT agency_key, year, scope FROM hidden_year)"
    )
    conn.execute(
        "UPDATE main.settled SET state = 'not_checked', status = 'not_checked', reason = 'not_yet_ripe'"
        f" WHERE {withheld.unripe_absence('settled', today)}"
    )
    conn.execute("DROP VIEW main.gap")
    conn.execute("DROP VIEW main.coverage")
    conn.execute("ALTER TABLE main.settled RENAME TO coverage")
    conn.execute("CREATE INDEX main.coverage_by_agency ON coverage (agency_key, year)")
    conn.execute("CREATE INDEX main.coverage_by_county ON coverage (county_code, year)")
    conn.execute("CREATE INDEX main.coverage_by_year ON coverage (year, scope, kind)")
    conn.execute(f"CREATE VIEW main.gap AS\n{views.definitions()['gap']}")


def _free(conn: sqlite3.Connection) -> None:
    """Make bodies that lean on one that is not published stand alone, and remove that one."""
    unwanted = "sha256 NOT IN (SELECT sha256 FROM snapshot)"
    leant_on = conn.execute(f"SELECT sha256 FROM body WHERE {unwanted}").fetchall()
    kept = Bodies(Database(conn))
    for (sha256,) in leant_on:
        kept.free(sha256)
    conn.execute(f"DELETE FROM body WHERE {unwanted}")
    if leant_on:
        conn.execute("VACUUM")  # what was deleted must not lie in free pages
