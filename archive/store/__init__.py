"""The archive's storage: one SQLite file, and the classes that own its tables."""

import archive.store.light  # noqa: F401 - before all else
from archive.store.archive import Archive
from archive.store.connection import Row
from archive.store.errors import ArchiveError
from archive.store.frontier import Link
from archive.store.snapshots import Capture, Stored

__all__ = ["Archive", "ArchiveError", "Capture", "Link", "Row", "Stored"]
