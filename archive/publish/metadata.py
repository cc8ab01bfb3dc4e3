"""What Datasette is told about the archive: titles, descriptions, facets, canned queries. The words are in ``data/``."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from archive.reference.forms import codebook

DATABASE = "archive"
"""The name the archive has in every address, whatever its file is called."""

SOURCE = "各机关网站公开发布的政府信息公开工作年度报告 · annual reports as published by the bodies themselves"
LICENSE = "报告为各机关的公文；引用请注明机关、年度和原文 · the bodies' official documents; cite body, year and original"
ABOUT = "非官方网站 · not an official website"

SEARCHED = {"report": ("report_fts", "id")}
"""Tables with a full-text index, which Datasette cannot find by itself because it keeps no copy of the text."""

HIDDEN = ("body", "meta", "comparison_due", "_sqlite_migrations")
"""Tables of the machinery. Those of the full-text index Datasette hides by itself."""


@cache
def load(name: str) -> dict[str, Any]:
    """One of the files in ``data/``, read once; not to be changed."""
    text = (resources.files("archive.publish") / "data" / f"{name}.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def queries() -> dict[str, dict[str, Any]]:
    """The canned queries by name; the SQL, lines in the file, is one text here."""
    return {name: query | {"sql": "\n".join(query["sql"])} for name, query in load("queries").items()}


def tables_of(path: Path) -> dict[str, list[str]]:
    """The columns of every table and view of an archive's file."""
    with closing(_opened(path)) as conn:
        names = conn.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
        return {name: [row[1] for row in conn.execute(f'PRAGMA table_info("{name}")')] for (name,) in names}


def is_published(path: Path) -> bool:
    """Whether the file is a published copy (``gongkai publish``): without bodies, and never changing."""
    with closing(_opened(path)) as conn:
        return bool(conn.execute("SELECT count(*) FROM meta WHERE name = 'published'").fetchone()[0])


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def described(told: dict[str, str], columns: Sequence[str]) -> dict[str, str]:
    """What each of a table's columns means, as far as it is known: as told, else from the codebook by its short name."""
    cells = {
        entry.short: f"{entry.label_zh} · {entry.label_en}" + (f" ({entry.unit})" if entry.unit else "")
        for entry in codebook()
        if entry.short
    }
    known = cells | told
    return {column: known[column] for column in columns if column in known}


def short_words(told: str | None) -> str:
    """What a column is called in few words: the Chinese of what is told of it, up to its first stop."""
    return re.split("[：，；（(、]", (told or "").split(" · ")[0])[0]


@cache
def column_words(column: str) -> str:
    """What a column of that name means, in Chinese and few words, if all tables that have one mean the same; else blank."""
    said = {
        told["columns"][column].split(" · ")[0]
        for told in load("tables").values()
        if column in told["columns"]
    }
    return short_words(said.pop()) if len(said) == 1 else ""


def metadata(existing: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Datasette's metadata for an archive with these tables and views, each with its columns."""
    tables: dict[str, Any] = {name: {"hidden": True} for name in HIDDEN if name in existing}
    all_told = load("tables")
    for name, told in all_told.items():
        if name not in existing:
            continue
        same_as = all_told[told["columns_of"]]["columns"] if "columns_of" in told else {}
        entry = {"title": told["title"], "description": told["description"]}
        entry["columns"] = described(same_as | told["columns"], existing[name])
        entry |= {key: told[key] for key in ("facets", "sort", "sort_desc", "label_column") if key in told}
        if name in SEARCHED and SEARCHED[name][0] in existing:
            entry["fts_table"], entry["fts_pk"] = SEARCHED[name]
        tables[name] = entry
    return {
        "title": "公开 Gongkai",
        "description": (
            "政府信息公开工作年度报告的存档。 An archive of Chinese government bodies' annual reports on information disclosure."
        ),
        "source": SOURCE,
        "license": LICENSE,
        "about": ABOUT,
        "databases": {
            DATABASE: {
                "title": "全部数据 · All data",
                "source": SOURCE,
                "license": LICENSE,
                "tables": tables,
                "queries": queries(),
            }
        },
    }
