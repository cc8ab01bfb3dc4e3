"""One export: a selection of one moment of the archive, in one format, in a folder that appears whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.publish import warc
from archive.publish.accuracy.marks import Mark
from archive.publish.exports import csv, datapackage, files, parquet, release, stata, tables
from archive.publish.exports.choices import ALL
from archive.publish.exports.datapackage import Edition
from archive.publish.exports.folder import appearing
from archive.publish.exports.selection import Chosen, Selection, chosen
from archive.publish.exports.tables import Table
from archive.store import Archive
from archive.store.connection import explained
from archive.store.errors import ArchiveError

Writer = Callable[[Path, Sequence[Table], files.Done], dict[str, Path]]
"""Writes tables into a folder; the file of each comes back by the table's name."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export came to."""

    chosen: Chosen
    files: tuple[str, ...]
    warc: warc.Counts | None = None
    changed: int | None = None


def export(
    archive: Archive, folder: Path, *, output_format: str, selection: Selection, now: str, software: str,
    tag: str | None = None, since: Path | None = None, checked: Sequence[Mark] = (), progress: files.Progress = files.quietly,
) -> Exported:  # fmt: skip
    """Write an export into ``folder``, which must be new or empty; it appears only when it is whole.

    ``now`` is UTC as the archive writes times. With ``tag`` the export is a release (``archive.publish.exports.release``),
    compared with the one in ``since``, and keeps the marks of ``checked`` values; ``progress`` is told how far it has come.
    Raises ``ArchiveError`` for anything a person can mend.
    """
    if since:
        release.check(since)
    with (
        appearing(folder) as partial,
        explained(archive.path),
        chosen(archive.conn, selection, today=now[:10]) as found,
    ):
        edition = Edition(output_format, now, software, selection, found, tag)
        counts = changed = None
        if output_format == "warc":
            counts = _write_warc(archive, partial, edition, progress)
        else:
            changed = _write_tables(archive.conn, partial, edition, since, checked, progress)
        if tag:
            release.seal(partial)
        names = tuple(sorted(path.name for path in partial.iterdir()))
        return Exported(found, names, counts, changed)


def _write_tables(
    conn: sqlite3.Connection, folder: Path, edition: Edition, since: Path | None, checked: Sequence[Mark],
    progress: files.Progress,
) -> int | None:  # fmt: skip
    if not edition.chosen.reports:
        left_out = "".join(f"; {line}" for line in edition.chosen.left_out())
        raise ArchiveError(f"no report fits; nothing was written{left_out}")
    listed = tables.tables(conn, edition.selection, today=edition.made[:10], checked=checked)
    with progress(len(listed), "export") as done:
        written = _writer(edition.format)(folder, listed, done)
    changed = None
    if edition.release:
        cells = next(table for table in listed if table.name == "cells")
        written.setdefault("cells", release.keep_cells(folder, cells))
        changed = release.compare(folder, since) if since else None
    datapackage.write(folder, edition, written, listed)
    return changed


def _write_warc(archive: Archive, folder: Path, edition: Edition, progress: files.Progress) -> warc.Counts:
    """All of the archive, or where county, kind, years, scope or form limit it the documents of the reports chosen."""
    everything = edition.selection == Selection(scope=ALL, form=ALL)
    documents = (
        None if everything else "SELECT doc_key FROM publication WHERE report_id IN (SELECT id FROM chosen)"
    )
    with progress(warc.count(archive.conn, documents), "export") as done:
        counts = warc.write(
            archive, folder, software=edition.software, now=edition.made, documents=documents, done=done
        )
    if not counts.snapshots:
        raise ArchiveError("no snapshot fits; nothing was written")
    return counts


def _writer(output_format: str) -> Writer:
    """The writer of a format. That of workbooks is imported when it is used: its library takes a while to load."""
    if output_format == "xlsx":
        from archive.publish.exports import xlsx

        return xlsx.write_all
    writers = {"csv": csv.write_all, "parquet": parquet.write_all, "stata": stata.write_all}
    return writers[output_format]
