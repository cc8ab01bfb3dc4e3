"""What Datasette is told about the archive: titles, descriptions, facets, canned queries. The words are in ``data/``."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

DATABASE = "archive"
"""The name the archive has in every address, whatever its file is called."""

SOURCE = "各机关网站公开发布的政府信息公开工作年度报告 · annual reports as published by the bodies themselves"
LICENSE = "报告为各机关的公文；引用请注明机关、年度和原文 · the bodies' official documents; cite body, year and original"
ABOUT = "非官方网站 · not an official website"

SEARCHED = {"report": ("report_fts", "id")}
"""Tables with a full-text index, which Datasette cannot find by itself because it keeps no copy of the text."""

HIDDEN = ("body", "dictionary", "migration")


def load(name: str) -> dict[str, Any]:
    """One of the files in ``data/``."""
    text = (resources.files("archive.publish") / "data" / f"{name}.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def metadata(existing: set[str]) -> dict[str, Any]:
    """Datasette's metadata for an archive in which these tables and views exist."""
    tables: dict[str, Any] = {name: {"hidden": True} for name in HIDDEN if name in existing}
    for name, told in load("tables").items():
        if name not in existing:
            continue
        entry = {"title": told["title"], "description": told["description"], "columns": told["columns"]}
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
                "queries": load("queries"),
            }
        },
    }
