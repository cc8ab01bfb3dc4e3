"""Which reports an export holds, and what it leaves out: forms and scopes are never mixed unasked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from archive.publish import withheld
from archive.publish.exports.choices import ALL, FAMILIES, SCOPES, STATUTORY
from archive.store.connection import Row
from archive.store.errors import ArchiveError


@dataclass(frozen=True, slots=True)
class Selection:
    """What was asked for. ``county`` is a code or a name; ``kinds`` and ``years`` are empty for all."""

    county: str | None = None
    kinds: tuple[str, ...] = ()
    years: frozenset[int] = frozenset()
    scope: str = "organ"
    form: str = STATUTORY

    @property
    def forms(self) -> tuple[str, ...]:
        """The codes of the forms asked for; empty for all, reports without a form included."""
        return () if self.form == ALL else FAMILIES.get(self.form, (self.form,))

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes asked for."""
        return SCOPES if self.scope == ALL else (self.scope,)

    def where(self, table: str) -> tuple[str, list[object]]:
        """The condition on county, kind and year for a table or view with these columns, and its values."""
        conditions, values = ["1"], list[object]()
        if self.county:
            conditions.append(f"({table}.county_code = ? OR {table}.county = ?)")
            values += [self.county, self.county]
        for column, wanted in (("kind", self.kinds), ("year", sorted(self.years))):
            if wanted:
                conditions.append(f"{table}.{column} IN ({', '.join('?' * len(wanted))})")
                values += wanted
        return " AND ".join(conditions), values

    def described(self) -> str:
        """The selection in words, for the README and the data package."""
        years = f"{min(self.years)}-{max(self.years)}" if self.years else ALL
        return (
            f"county={self.county or ALL}; kind={', '.join(self.kinds) or ALL}; years={years}; "
            f"scope={self.scope}; form={self.form}"
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a selection comes to: ``reports`` chosen, ``withheld`` of them, and how many each limit left out."""

    reports: int
    withheld: int
    other_scope: int
    other_form: int
    untold: int

    def left_out(self) -> list[str]:
        """What the export does not hold although it lies in the county, kind and years asked for: a line for each."""
        return [
            line
            for count, line in (
                (
                    self.other_scope,
                    f"{self.other_scope} reports of the other scope (--scope all takes them in)",
                ),
                (
                    self.other_form,
                    f"{self.other_form} reports of other forms or of none (--form all takes them in)",
                ),
                (
                    self.withheld,
                    f"the figures of {self.withheld} reports, withheld by decision (table withheld)",
                ),
                (
                    self.untold,
                    f"{self.untold} findings: withheld, dismissed, or comparisons of reports neither confirmed "
                    f"nor {withheld.RIPE_DAYS} days old",
                ),
            )
            if count
        ]


@contextmanager
def chosen(conn: sqlite3.Connection, selection: Selection, *, today: str) -> Iterator[Chosen]:
    """Inside the block one moment of the archive is looked at, whatever a crawl writes meanwhile.

    The temporary table ``chosen`` (``key, id, withheld``) then holds the reports by their keys, ``untold`` (``id``) the
    findings that are not told on that day. Raises ``ArchiveError`` for a county or kind that the archive does not know.
    """
    conn.execute("BEGIN")
    try:
        _check(conn, selection)
        withheld.refuse_unknown(conn)
        yield _choose(conn, selection, today)
    finally:
        conn.execute("ROLLBACK")


def _check(conn: sqlite3.Connection, selection: Selection) -> None:
    for column, wanted in (
        ("kind", selection.kinds),
        ("county", (selection.county,) if selection.county else ()),
    ):
        other = "county_code" if column == "county" else column
        for name in wanted:
            known = conn.execute(
                f"SELECT 1 FROM agency WHERE {column} = ? OR {other} = ? LIMIT 1", [name, name]
            ).fetchone()
            if not known:
                raise ArchiveError(
                    f"--{column} {name}: the archive knows no body there (see `gongkai agencies`)"
                )


def _choose(conn: sqlite3.Connection, selection: Selection, today: str) -> Chosen:
    where, values = selection.where("r")
    scopes = ", ".join(f"'{scope}'" for scope in selection.scopes)
    form = f"r.form IN ({', '.join(repr(code) for code in selection.forms)})" if selection.forms else "1"
    conn.execute(
        "CREATE TEMP TABLE chosen (key TEXT PRIMARY KEY, id INTEGER, withheld INTEGER) WITHOUT ROWID"
    )
    conn.execute("CREATE TEMP TABLE untold (id INTEGER PRIMARY KEY)")
    conn.execute(
        f"INSERT INTO chosen SELECT r.key, r.id, r.id IN ({withheld.reports()}) FROM report r "
        f"WHERE {where} AND r.scope IN ({scopes}) AND {form}",
        values,
    )
    conn.execute(f"INSERT INTO untold {withheld.findings(today)}")
    counts: Row = dict(
        conn.execute(
            f"SELECT coalesce(sum(r.scope NOT IN ({scopes})), 0) AS other_scope,"
            f" coalesce(sum(r.scope IN ({scopes}) AND NOT coalesce({form}, 0)), 0) AS other_form"
            f" FROM report r WHERE {where}",
            values,
        ).fetchone()
    )
    reports, hidden = conn.execute("SELECT count(*), coalesce(sum(withheld), 0) FROM chosen").fetchone()
    untold = conn.execute(
        "SELECT count(*) FROM chosen c CROSS JOIN finding f ON f.report_id = c.id"
        " WHERE f.resolved_at IS NULL AND f.id IN untold"
    ).fetchone()[0]
    return Chosen(reports, hidden, counts["other_scope"], counts["other_form"], untold)
