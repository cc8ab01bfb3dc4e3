"""What lies in an export folder, for machines (``datapackage.json``, Frictionless v1) and for people (``README.md``)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from archive.publish import metadata
from archive.publish.exports.selection import Chosen, Selection
from archive.publish.exports.tables import Table, Type

RIGHTS = "公文，来源机关；不主张权利 · official documents of the bodies named; no rights are claimed"
LAW = "《中华人民共和国政府信息公开条例》第四十九条、第五十条 · Regulations on Open Government Information, articles 49 and 50"
TYPES: Mapping[Type, str] = {"text": "string", "integer": "integer", "number": "number", "date": "date"}


@dataclass(frozen=True, slots=True)
class Edition:
    """Which export this is: its format, when and by what it was made, its release tag if it has one."""

    format: str
    made: str
    software: str
    selection: Selection
    chosen: Chosen
    release: str | None = None


def write(folder: Path, edition: Edition, files: Mapping[str, Path], tables: Sequence[Table]) -> None:
    """Write ``datapackage.json`` and ``README.md``. ``files`` are those of the tables, by the tables' names."""
    described = json.dumps(package(edition, files, tables), ensure_ascii=False, indent=2)
    (folder / "datapackage.json").write_text(described + "\n", "utf-8")
    (folder / "README.md").write_text(readme(edition, files, tables), "utf-8")


def package(edition: Edition, files: Mapping[str, Path], tables: Sequence[Table]) -> dict[str, Any]:
    """The content of ``datapackage.json``."""
    told: dict[str, Any] = {
        "profile": "tabular-data-package" if edition.format == "csv" else "data-package",
        "name": "gongkai" + (f"-{edition.release.lower()}" if edition.release else ""),
        "title": "政府信息公开工作年度报告数据 · Annual reports on government information disclosure, as data",
        "description": metadata.metadata({})["description"],
        "created": edition.made,
        "version": edition.release,
        "keywords": ["政府信息公开", "年度报告", "open government", "China"],
        "licenses": [{"title": RIGHTS, "path": "README.md"}],
        "sources": [{"title": metadata.SOURCE}, {"title": LAW}],
        "contributors": [{"title": edition.software, "role": "wrangler"}],
        "selection": edition.selection.described(),
        "left_out": edition.chosen.left_out(),
        "resources": [_resource(table, files[table.name]) for table in tables if table.name in files],
    }
    return {name: value for name, value in told.items() if value is not None}


def readme(edition: Edition, files: Mapping[str, Path], tables: Sequence[Table]) -> str:
    """The page for people, Chinese and English."""
    template = (resources.files(__package__) / "data" / "readme.md").read_text("utf-8")
    lines = [f"| `{_place(t, files[t.name])}` | {t.description} |" for t in tables if t.name in files]
    return template.format(
        release=edition.release or "—",
        made=edition.made,
        software=edition.software,
        selection=edition.selection.described(),
        reports=edition.chosen.reports,
        left_out="\n".join(f"- {line}" for line in edition.chosen.left_out()) or "- —",
        files="\n".join(lines),
        rights=RIGHTS,
    )


def sha256_of(path: Path) -> str:
    """The digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _place(table: Table, path: Path) -> str:
    return f"{path.name}: {table.name}" if path.suffix == ".xlsx" else path.name


def _resource(table: Table, path: Path) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": table.name.replace("_", "-"),
        "path": path.name,
        "title": table.description,
        "format": path.suffix[1:],
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256_of(path)}",
        "schema": {
            "fields": [
                {"name": field.name, "type": TYPES[field.type], "title": field.label}
                for field in table.fields
            ],
            "primaryKey": list(table.key),
            "missingValues": [""],
        },
    }
    if path.suffix == ".csv":
        told |= {"profile": "tabular-data-resource", "mediatype": "text/csv", "encoding": "utf-8-sig"}
        told["dialect"] = {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True}
    if path.suffix == ".xlsx":
        told["dialect"] = {"sheet": table.name}
    return told
