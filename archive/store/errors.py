"""The one error of the archive that is meant for people."""

from __future__ import annotations


class ArchiveError(Exception):
    """Something about the archive that its user can act on, as one clear line. Commands print it and end with 2."""
