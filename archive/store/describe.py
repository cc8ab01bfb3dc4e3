"""``python -m archive.store.describe > docs/schema.md``: the schema's own comments, as a page for people.

Tables are described where they are made (``migrations/*.sql``), views in the first lines of their definition.
"""

from __future__ import annotations

import re
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from archive.store.archive import Archive
from archive.store.migrations import scripts
from archive.store.views import definitions, descriptions

INTRODUCTION = """# The archive's tables

Made by `python -m archive.store.describe`; do not edit.

One SQLite file. Dates and times are ISO 8601 text, times in UTC with `Z`; codes are text. Integer ids are private to a
file, keys are public and stable. `row` and `column` are names of columns: quote them outside SQLite. Bodies are hidden
from browsing and left out of what is published.
"""

WIDE = 40
"""Views with more columns are named by their first ones; the codebook explains the others."""

_CREATE = re.compile(r"CREATE TABLE (\w+) \($")
_ALTER = re.compile(r"ALTER TABLE (\w+) ADD COLUMN (.+?);?\s*(?:-- (.*))?$")
_COLUMN = re.compile(r'    "?(\w+)"?(?: ([A-Z]+))?\b(.*?),?(?:\s+-- (.*))?$')


@dataclass(slots=True)
class TableText:
    """What the scripts say about a table: its chapter, its comment, and its columns' comments by name."""

    chapter: str
    comment: str
    columns: dict[str, str] = field(default_factory=dict)


def described() -> dict[str, TableText]:
    """Every table that the migrations make, by chapter: a later script may add to an earlier chapter."""
    tables: dict[str, TableText] = {}
    for script in scripts().values():
        _read(script, tables)
    chapters = list(dict.fromkeys(text.chapter for text in tables.values()))
    return dict(sorted(tables.items(), key=lambda item: chapters.index(item[1].chapter)))


def _read(script: str, tables: dict[str, TableText]) -> None:
    chapter, comment, current = "The file itself", "", None
    for line in script.splitlines():
        if line.startswith("-- # "):
            chapter = line.removeprefix("-- # ")
        elif line.startswith("-- "):
            comment = line.removeprefix("-- ")
        elif found := _CREATE.match(line):
            current = tables[found[1]] = TableText(chapter, comment)
        elif line.startswith(")"):
            current = None
        elif (added := _ALTER.match(line)) and added[1] in tables:
            tables[added[1]].columns[added[2].split()[0].strip('"')] = added[3] or ""
        elif current and (column := _COLUMN.match(line)):
            current.columns.setdefault(column[1], column[4] or "")


def page(conn: sqlite3.Connection) -> Iterator[str]:
    """The lines of docs/schema.md for an archive of today's schema."""
    yield INTRODUCTION
    chapter = ""
    for name, table in described().items():
        if table.chapter != chapter:
            chapter = table.chapter
            yield f"## {chapter}\n"
        yield f"### `{name}`\n\n{table.comment}\n"
        yield from _columns(conn, name, table.columns)
    yield "## Views\n"
    for name in definitions():
        yield f"### `{name}`\n\n{descriptions()[name]}\n"
        names = [row["name"] for row in conn.execute(f"PRAGMA table_info({name})")]
        shown = names if len(names) <= WIDE else [*names[:16], "…"]
        yield f"Columns ({len(names)}): {', '.join(f'`{n}`' if n != '…' else n for n in shown)}\n"


def _columns(conn: sqlite3.Connection, table: str, comments: dict[str, str]) -> Iterator[str]:
    parents = {row["from"]: row["table"] for row in conn.execute(f"PRAGMA foreign_key_list({table})")}
    yield "| column | type | |\n|---|---|---|"
    for row in conn.execute(f"PRAGMA table_info({table})"):
        notes = ["key" if row["pk"] else "", f"→ `{parents[row['name']]}`" if row["name"] in parents else ""]
        text = "; ".join(note for note in (*notes, comments.get(row["name"], "")) if note)
        yield f"| `{row['name']}` | {row['type'] or 'any'} | {text} |"
    yield ""


def main() -> int:
    """Print the page."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Archive.open(Path(folder) / "new.db", create=True) as archive,
    ):
        sys.stdout.write("\n".join(page(archive.conn)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
