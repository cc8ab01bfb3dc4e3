"""``publish``: an immutable copy of the archive for the open internet, in one folder with all that is needed to serve it.

What stays out of the copy, and what is masked in it: ``archive.publish.copying``.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib import metadata as installed
from importlib import resources
from pathlib import Path
from typing import Any

from archive.publish import pages, withheld
from archive.publish.app import SETTINGS
from archive.publish.copying import Published, copy
from archive.publish.exports.folder import appearing
from archive.publish.metadata import load, metadata, tables_of
from archive.store import Archive
from archive.store.connection import explained

NAME = "archive.db"
STATIC = "pages"
"""The folder of report pages as plain files, if they are wanted."""

Progress = Callable[[int, str], AbstractContextManager[Callable[[int], Any]]]
"""Given a number of steps and a label, something to tell how far the work has come."""


def quietly(_length: int, _label: str) -> AbstractContextManager[Callable[[int], Any]]:
    """Tells nobody."""
    return nullcontext(lambda _count: None)


def publish(
    archive: Archive,
    folder: Path,
    *,
    now: str,
    bodies: bool = False,
    static: bool = False,
    progress: Progress = quietly,
) -> Published:
    """Write the folder; it appears only when it is whole. Raises ``ArchiveError`` for anything a person can mend.

    ``bodies`` puts the stored pages in, as they were served: nothing in them is masked. ``static`` adds every report's
    page as a file. ``progress`` is told how far the work has come.
    """
    withheld.refuse_unknown(archive.conn)
    with appearing(folder) as partial, explained(archive.path):
        path = partial / NAME
        tables = archive.conn.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0]
        with progress(tables, "copy") as done:
            published = copy(archive.path, path, now, bodies=bodies, step=lambda _: done(1))
        path.chmod(0o444)
        _write_beside(partial, path, now, published, bodies=bodies)
        if static:
            with progress(published.reports, "pages") as done:
                pages.write(path, partial / STATIC, done)
    return published


def _write_beside(folder: Path, path: Path, now: str, done: Published, *, bodies: bool) -> None:
    """What a host needs beside the database: the code, what it requires, a command, and a page that explains all."""
    _write_json(folder / "metadata.json", metadata(tables_of(path)))
    _write_json(folder / "settings.json", SETTINGS)
    words = load("folder")
    with resources.as_file(resources.files("archive")) as code:
        shutil.copytree(code, folder / "code" / "archive", ignore=shutil.ignore_patterns("__pycache__"))
    required = [f"{name}=={installed.version(name)}\n" for name in words["requires"]]
    (folder / "requirements.txt").write_text("".join(required), "utf-8")
    for name in ("serve", "Dockerfile"):
        (folder / name).write_text("\n".join(words[name]), "utf-8")
    (folder / "serve").chmod(0o755)
    told = "\n".join(words["readme"])
    pages_told = words["bodies" if bodies else "no_bodies"]
    (folder / "README.md").write_text(
        told.format(
            day=now[:10], reports=done.reports, withheld=done.withheld, unripe=done.unripe, pages=pages_told
        ),
        "utf-8",
    )


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")
