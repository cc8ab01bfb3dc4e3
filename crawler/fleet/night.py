"""A run in parts, as its coordinator sees it: what is still to be crawled, what came back, and the one summary at the end.

All that must outlive a crash lies in a folder beside the archive: the run's plan, and the parts that came back and are not
merged yet. Merging is idempotent, so that a part is merged, then noted: a crash between the two merges it once more.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from archive.store import Archive, clock, seed
from archive.store.merging import merge
from crawler import console
from crawler.fleet.parts import Part, divide, lost, understood
from crawler.run import Outcome
from crawler.session import Plan, may_ask
from crawler.sites import Registry, Site, load
from crawler.tool import tool

EVERY = 10.0
"""Seconds between two lines that tell how far the run is."""


class Night:
    """An open run in parts. Use it as a context manager; whatever leaves the block leaves the run to be gone on with."""

    def __init__(
        self, archive: Archive, registry: Registry, folder: Path, state: dict[str, Any], run: int
    ) -> None:
        self.archive = archive
        self.registry = registry
        self.folder = folder
        self.run = run
        self._state = state
        self.parts = {part["installation"]: Part.from_dict(part) for part in state["parts"]}
        self._told = time.monotonic()

    @property
    def key(self) -> str:
        """The run's public key: the same in the archive of every part."""
        return str(self._state["run"])

    @property
    def left(self) -> list[Part]:
        """The parts that have not come back yet, in their order."""
        return [part for name, part in self.parts.items() if name not in self._state["done"]]

    @property
    def resumed(self) -> bool:
        """Whether an earlier process began it."""
        return bool(self._state["resumed"])

    def seed(self, part: Part, path: Path) -> None:
        """Write what whoever crawls a part must know of the archive."""
        rows = [site.as_row() for site in self.registry if site.installation == part.installation]
        seed.cut(self.archive, self.run, rows, path)

    def take(self, part: Part, said: dict[str, Any], result: Path | None) -> None:
        """A part came back: merge its archive, note how it ended, and remove what it left here."""
        if part.installation in self._state["done"]:
            return
        if result is not None and result.exists():
            merge(self.archive, result)
        outcome = understood(said, self.run)
        if said.get("lost"):
            for site, verdict in outcome.verdicts.items():
                counts = outcome.tallies[site].counts()
                self.archive.runs.site(self.run, site, **counts, verdict=verdict.word, reason=verdict.reason)
        self._state["done"][part.installation] = said
        self._write()
        for leftover in self.folder.glob(f"{part.file}.*"):
            leftover.unlink()
        self._progress()

    def end(self, *, interrupted: bool = False) -> Outcome:
        """End the run and sum it up, in the order of the registry. Parts that never came back are told as interrupted."""
        for part in self.left:
            self.take(part, lost(part, "interrupted", "nobody has crawled it"), None)
        began, done = (
            float(self._state["began"]),
            [understood(said, self.run) for said in self._state["done"].values()],
        )
        finished = not interrupted and all(one.finished for one in done)
        outcome = Outcome(self.run, finished, seconds=time.time() - began, interrupted=interrupted)
        for one in done:
            outcome.verdicts |= one.verdicts
            outcome.tallies |= one.tallies
        order = [site.site for site in self.registry if site.site in outcome.verdicts]
        outcome.verdicts = {site: outcome.verdicts[site] for site in order}
        outcome.tallies = {site: outcome.tallies[site] for site in order}
        today = clock.china_day()
        known = {site: self.archive.runs.acknowledged(site, today) for site in order}
        outcome.known = {site: row for site, row in known.items() if row}
        self.archive.runs.finish(self.run, "done" if finished else "interrupted")
        shutil.rmtree(self.folder)
        return outcome

    def _progress(self) -> None:
        done, whole = len(self._state["done"]), len(self.parts)
        if time.monotonic() - self._told >= EVERY or done == whole:
            self._told = time.monotonic()
            console.say(f"installations: {done} of {whole}")

    def _write(self) -> None:
        path = self.folder / "run.json"
        part = path.with_suffix(".part")
        part.write_text(json.dumps(self._state, ensure_ascii=False), "utf-8")
        part.replace(path)


@contextmanager
def opened(
    archive_path: Path,
    sites: Path | None,
    names: Sequence[str],
    plan: Plan,
    *,
    command: str,
    family: str | None = None,
) -> Iterator[Night]:
    """Begin a run in parts, or go on with the one that an earlier process left.

    Raises ``RegistryError``, ``NotStartedError`` or ``ArchiveError``, before anything is written, and ``console.Unusable``
    if another process coordinates this archive's run, or another kind of run was left unfinished.
    """
    from crawler.allowance import Allowance
    from crawler.run import settings_for

    registry = load(sites)
    chosen = registry.select(names, family=family)
    settings = settings_for(archive_path, sites)
    may_ask(chosen, settings.get("GONGKAI_CONTACT"), Allowance.of_settings(settings))
    folder = archive_path.with_name(archive_path.name + ".parts")
    with Archive.open(archive_path, create=True) as archive:
        folder.mkdir(exist_ok=True)
        with _alone(folder):
            state, run = _left(archive, folder, command, plan) or _new(
                archive, registry, chosen, plan, command
            )
            night = Night(archive, registry, folder, state, run)
            night._write()
            if night.resumed:
                console.say(
                    f"going on with the run of {night.key[:20]}: {len(night.left)} of {len(night.parts)} installations left"
                )
            yield night


def _new(
    archive: Archive, registry: Registry, chosen: Sequence[Site], plan: Plan, command: str
) -> tuple[dict[str, Any], int]:
    archive.runs.sync_sites(site.as_row() for site in registry)
    run = archive.runs.start(command, tool())
    row = archive.runs.get(run)
    assert row is not None
    parts = [part.as_dict() for part in divide(registry, chosen, plan, command)]
    return {"run": row["key"], "began": time.time(), "parts": parts, "done": {}, "resumed": False}, run


def _left(archive: Archive, folder: Path, command: str, plan: Plan) -> tuple[dict[str, Any], int] | None:
    """The run that an earlier process did not come to the end of, if there is one."""
    path = folder / "run.json"
    try:
        state = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        raise console.Unusable(
            f"{path}: is damaged; remove the folder to give up the run that it tells of"
        ) from None
    if any(
        Part.from_dict(part).command != command or Part.from_dict(part).plan != plan
        for part in state["parts"]
    ):
        raise console.Unusable(
            f"another run, {state['parts'][0]['command']!r}, was not finished: start it again as it was, or remove {folder}"
            " to give it up"
        )
    run = archive.runs.resume(state["run"])
    if run is None:
        return None  # of another archive that had this name
    state["resumed"] = True
    assert isinstance(state, dict)
    return state, run


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One coordinator for an archive: an operating-system lock, which a killed process cannot leave behind."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise console.Unusable(f"another process coordinates a run of this archive ({folder})") from None
    finally:
        os.close(handle)


class Way(Protocol):
    """A way to have parts crawled: by processes here, or by workers elsewhere."""

    def work(self, night: Night) -> None:
        """Crawl what is left of the night, handing every part that comes back to ``night.take``.

        Raises ``KeyboardInterrupt`` if somebody asked to stop; what was under way is handed over before.
        """


def run(
    archive: Path,
    sites: Path | None,
    names: Sequence[str],
    plan: Plan,
    way: Way,
    *,
    command: str,
    family: str | None = None,
) -> Outcome:
    """A run in parts from its beginning, or from where it was left, to its end."""
    with opened(archive, sites, names, plan, command=command, family=family) as night:
        interrupted = False
        try:
            way.work(night)
        except KeyboardInterrupt:
            interrupted = True
        return night.end(interrupted=interrupted)
