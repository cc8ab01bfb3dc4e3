"""A folder that appears whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.store.errors import ArchiveError


@contextmanager
def appearing(folder: Path) -> Iterator[Path]:
    """A hidden folder beside ``folder`` to write into; it takes that name when the block ends well, else it vanishes.

    Raises ``ArchiveError`` if something is there already, or if the disk does not let itself be written to.
    """
    folder = Path(os.path.abspath(folder))  # noqa: PTH100 - a link stays a link, and its parent the one that was named
    _refuse_existing(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".partial", dir=folder.parent))
    except OSError as error:
        raise ArchiveError(f"cannot write {folder}: {error.strerror or error}") from None
    try:
        yield partial
        _settle(partial)
        _refuse_existing(folder)
        partial.replace(folder)
    except OSError as error:
        raise ArchiveError(
            f"cannot write {folder}: {error.strerror or error}; nothing was left there"
        ) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _refuse_existing(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists() or folder.is_symlink():
        what = "holds files already" if folder.is_dir() else "is there already, and is no folder"
        raise ArchiveError(f"{folder}: {what}; name a new folder")


def _settle(folder: Path) -> None:
    """Everything on the disk, and readable by whoever may read what this user makes."""
    for path in (*folder.rglob("*"), folder):
        number = os.open(path, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
    mask = os.umask(0)
    os.umask(mask)
    folder.chmod(0o777 & ~mask)
