"""Datasette on an archive: read-only, under the name ``archive``, with our metadata, templates and plugin."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.plugins import pm

from archive.publish import plugin
from archive.publish.metadata import DATABASE, metadata, tables_of
from archive.publish.opened import ArchiveFile

SETTINGS = {
    "default_page_size": 50,
    "max_returned_rows": 2000,
    "sql_time_limit_ms": 3000,
    "facet_time_limit_ms": 100,
    "suggest_facets": False,  # trying every column takes longer than all the rest of a page
    "allow_download": False,  # the file holds every body; what is published is made by an export
    "truncate_cells_html": 300,
    "default_cache_ttl": 0,
}


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
