"""Datasette on an archive: read-only, under the name ``archive``, with our metadata, templates and plugin."""

from __future__ import annotations

import sqlite3
from importlib import resources
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.database import Database
from datasette.plugins import pm

from archive.publish import plugin
from archive.publish.metadata import DATABASE, metadata

SETTINGS = {
    "default_page_size": 50,
    "max_returned_rows": 2000,
    "sql_time_limit_ms": 3000,
    "facet_time_limit_ms": 500,
    "allow_download": False,  # the file holds every body; what is published is made by an export
    "truncate_cells_html": 300,
    "default_cache_ttl": 0,
}


class ArchiveFile(Database):  # type: ignore[misc]
    """An archive's file, opened read-only while others may write to it, whatever characters its path has."""

    def connect(self, write: bool = False) -> sqlite3.Connection:
        """A connection that cannot write. Raises ``PermissionError`` if asked for one that can."""
        if write:
            raise PermissionError("the archive is served read-only")
        conn = sqlite3.connect(
            f"{Path(self.path).absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False
        )
        self._all_file_connections.append(conn)
        return conn


def datasette(path: Path) -> Any:
    """A Datasette (``.app()`` is the ASGI application, ``.client`` asks it without a network) on this archive."""
    here = resources.files("archive.publish")
    if not pm.is_registered(plugin):
        pm.register(plugin, name="gongkai")
    made = Datasette(
        metadata=metadata(_tables(path)),
        settings=SETTINGS,
        template_dir=str(here / "templates"),
        static_mounts=[("gongkai", str(here / "static"))],
        memory=True,
    )
    made.remove_database("_memory")
    made.add_database(ArchiveFile(made, path=str(path)), name=DATABASE)
    return made


def _tables(path: Path) -> dict[str, list[str]]:
    """The columns of every table and view."""
    conn = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        names = conn.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
        return {name: [row[1] for row in conn.execute(f'PRAGMA table_info("{name}")')] for (name,) in names}
    finally:
        conn.close()
