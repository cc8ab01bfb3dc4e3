"""The views: what people query. They carry no data, so they are made anew whenever this program's differ."""

from __future__ import annotations

import sqlite3
from functools import cache
from importlib import resources
from itertools import takewhile

from sqlite_utils import Database

from archive.store import withheld
from archive.store.across.published import published_finding
from archive.store.views import wide

DESCRIPTIONS = {
    "cell": "Every cell of every report, one a row. `kind` is `number`, or why the cell is no number; `raw` is its print.",
    "panel": (
        "One row a report of the forms since 2019, every cell by its short name (see `codebook`)."
        " `t3_other_all_*` joins the one row of 2019 with the three of 2021. Holds both scopes: never add them."
    ),
    "panel_organ": "`panel`, agencies' own reports only.",
    "panel_aggregate": "`panel`, totals of whole counties only.",
    "panel_core": (
        "Totals for people, and the rates of the contract with numerator and denominator."
        " A sum is null if a part is, a rate if its denominator is null or 0."
    ),
    "public_report": "`report` without what is withheld (docs/policy.md): the reports that may be published.",
    "published_finding": (
        "`finding` without what is withheld, dismissed, or not yet ripe: comparisons of reports wait until a person has"
        " confirmed them, or 14 days."
    ),
    "panel_statistics": "One row a report of the older forms, its statistics by their short names.",
}


@cache
def definitions() -> dict[str, str]:
    """The SELECT of every view by its name, in an order in which they can be made."""
    return {
        "cell": wide.cell(),
        "panel": wide.panel(),
        "panel_organ": "SELECT * FROM panel WHERE scope = 'organ'",
        "panel_aggregate": "SELECT * FROM panel WHERE scope = 'jurisdiction_aggregate'",
        "panel_core": wide.panel_core(),
        "panel_statistics": wide.panel_statistics(),
        "coverage": _written("coverage"),
        "gap": _written("gap"),
        "change": _written("change"),
        "public_report": withheld.public_report(),
        "published_finding": published_finding(),
    }


def descriptions() -> dict[str, str]:
    """What each view shows, in a sentence or two: the comment at the head of its file, or what is said here."""
    written = {name: _comment(_written(name)) for name in ("coverage", "gap", "change")}
    return {**DESCRIPTIONS, **written}


def current(db: Database) -> bool:
    """Are the archive's views those of this program?"""
    rows = db.conn.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view'")
    return {row["name"]: row["sql"] for row in rows} == {n: _create(n, s) for n, s in definitions().items()}


def refresh(db: Database) -> None:
    """Make the views anew if they are not this program's; inside the caller's transaction."""
    if not current(db):
        drop(db.conn)
        for name, select in definitions().items():
            db.conn.execute(_create(name, select))


def lay_over(db: Database) -> None:
    """For a file that is only read: this program's views over those of another one, for this connection alone."""
    if not current(db):
        for name, select in definitions().items():
            db.conn.execute(_create(name, select).replace("CREATE VIEW", "CREATE TEMP VIEW", 1))


def drop(conn: sqlite3.Connection) -> None:
    """Drop all views: a migration may change what they stand on."""
    for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall():
        conn.execute(f'DROP VIEW "{row["name"]}"')


def _written(name: str) -> str:
    return (resources.files(__name__) / f"{name}.sql").read_text("utf-8").strip()


def _comment(sql: str) -> str:
    head = takewhile(lambda line: line.startswith("-- "), sql.splitlines())
    return " ".join(line.removeprefix("-- ") for line in head)


def _create(name: str, select: str) -> str:
    return f"CREATE VIEW {name} AS\n{select}"
