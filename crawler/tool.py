"""What this program calls itself, wherever it leaves its name: to portals, in the archive, in what it writes."""

from __future__ import annotations

from importlib.metadata import version


def tool() -> str:
    """Name and version of this program, ``gongkai/1.2.3``."""
    return f"gongkai/{version('gongkai')}"
