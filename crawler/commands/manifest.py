"""``gongkai manifest``: seal what came in since the last time, and write the manifests out."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import click

from crawler import console
from crawler.options import common_options, example


@example("gongkai manifest manifests/")
@click.command("manifest")
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@common_options()
def command(folder: Path | None, archive: Path) -> None:
    """Seal what came in, so that a time stamp proves it unaltered.

    Writes every manifest that is not in FOLDER yet, one file a seal; without FOLDER the newest goes to standard output.
    One line a snapshot; the last line's digest covers all manifests before it. Have that digest time-stamped, or publish
    it: 'gongkai verify' and 'gongkai verify --manifest FILE' then prove that nothing was altered since.
    """
    from archive.store import Archive
    from archive.store.manifest import lines, seal, seals

    with Archive.open(archive) as opened:
        made = seal(opened.db)
        known = seals(opened.conn)
        if not known:
            console.say(f"{archive}: holds no snapshot yet; nothing to seal")
            return
        if folder is None:
            for text in lines(opened.conn, known[-1]):
                console.echo(text)
        else:
            for sealed in known:
                _write(folder / sealed.file_name, "".join(f"{text}\n" for text in lines(opened.conn, sealed)))
    what = f"{made.snapshots} snapshots sealed" if made else "nothing new since the last seal"
    console.say(f"{what}; seal {known[-1].number} of {known[-1].sealed_at}: {known[-1].digest}")


def _write(path: Path, text: str) -> None:
    """Write a file that is not there yet, whole or not at all."""
    if path.exists():
        return
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())  # after a power cut a file by this name would never be written again
        partial.rename(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise console.Unusable(f"cannot write {path}: {error.strerror or error}") from None
