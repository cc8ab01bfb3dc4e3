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
from archive.publish.metadata import DATABASE, is_published, metadata, tables_of

SETTINGS = {
    "default_page_size": 50,
    "max_returned_rows": 2000,
    "sql_time_limit_ms": 3000,
    "facet_time_limit_ms": 200,
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
        path = Path(self.path).absolute()
        # A published copy never changes: SQLite then needs neither locks nor a folder it can write to.
        mode = "ro&immutable=1" if is_published(path) else "ro"
        conn = sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, check_same_thread=False)
        self._all_file_connections.append(conn)
        return conn


def datasette(path: Path) -> Any:
    """A Datasette (``.app()`` is the ASGI application, ``.client`` asks it without a network) on this archive."""
    here = resources.files("archive.publish")
    if not pm.is_registered(plugin):
        pm.register(plugin, name="gongkai")
    made = Datasette(
        metadata=metadata(tables_of(path)),
        settings=SETTINGS,
        template_dir=str(here / "templates"),
        static_mounts=[("gongkai", str(here / "static"))],
        memory=True,
    )
    made.remove_database("_memory")
    made.add_database(ArchiveFile(made, path=str(path)), name=DATABASE)
    return made
