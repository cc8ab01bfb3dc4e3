"""The conditions of a question, with their values bound: what a person may ask for, and what nobody may ask by mistake."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from archive.store.errors import ArchiveError


class Where:
    """In an f-string it is the WHERE clause, or nothing. Columns are code, never input; values are bound."""

    def __init__(self) -> None:
        self.conditions: list[str] = []
        self.values: list[object] = []

    def add(self, condition: str, *values: object) -> None:
        """Ask for a condition; it holds one ``?`` for each value."""
        self.conditions.append(condition)
        self.values += values

    def one_of(self, column: str, wanted: Collection[object] | None) -> None:
        """Ask for a column to have one of these values; any will do if there are none."""
        if wanted:
            self.add(f"{column} IN ({', '.join('?' * len(wanted))})", *sorted(wanted, key=str))

    def county(self, conn: sqlite3.Connection, table: str, county: str | None) -> None:
        """Ask for a county by its code or its name. Raises ``ArchiveError`` for one that the archive does not know: a
        slip of the pen must not look like a clean result.
        """
        if not county:
            return
        known = "SELECT 1 FROM agency WHERE county_code = ? OR county = ? LIMIT 1"
        if not conn.execute(known, (county, county)).fetchone():
            raise ArchiveError(
                f"no county {county!r} is known; give its code or its name, as 500113 or 巴南区"
            )
        self.add(f"({table}.county_code = ? OR {table}.county = ?)", county, county)

    def rules(self, conn: sqlite3.Connection, column: str, rules: Collection[str]) -> None:
        """Ask for findings of these rules. Raises ``ArchiveError`` for a rule that there is not."""
        for rule in rules:
            if not conn.execute("SELECT 1 FROM rule WHERE rule = ?", (rule,)).fetchone():
                raise ArchiveError(f"there is no rule {rule!r}; docs/rules.md lists them")
        self.one_of(column, rules)

    def __str__(self) -> str:
        return f"WHERE {' AND '.join(self.conditions)}" if self.conditions else ""
