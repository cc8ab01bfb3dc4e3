"""``gongkai demo``: play the portals on loopback, crawl them, and say plainly what was found and what was not."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from crawler import console
from crawler.console import Unusable, print_table, say
from crawler.options import example

if TYPE_CHECKING:
    from crawler.replica import Replica, Truth
    from crawler.replica.compare import Comparison, Line

CRAWL_SECONDS = 600
LIFETIME = 24 * 3600.0
SHOWN_COMPLAINTS = 12
A_YEAR = timedelta(days=365)
PLANTED = "planted by the demo: links to pages that are gone"


@example("gongkai demo && gongkai serve --archive demo.db")
@click.command(name="demo")
@click.option(
    "--archive",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="GONGKAI_ARCHIVE",
    default=Path("demo.db"),
    help="The archive to fill; one that an earlier demo made is replaced.  [env: GONGKAI_ARCHIVE; default: demo.db]",
)
@click.option("--sites", hidden=True, expose_value=False, help="Ignored: the demo writes its own registry.")
@click.option(
    "--port",
    type=click.IntRange(0, 65000),
    default=0,
    help="First port of the replica.  [default: free ones]",
)
@click.option("--delay", type=click.FloatRange(0, 10), default=0.0, help="Seconds that every answer takes.")
@click.option(
    "--towns", type=click.IntRange(0, 1000), default=0, help="So many further towns, with five reports each."
)
@click.option(
    "--serve-only", is_flag=True, help="Only run the replica, to look at it in a browser, until Ctrl-C."
)
def command(archive: Path, port: int, delay: float, towns: int, serve_only: bool) -> int:
    """Crawl a local replica of the portals and show what was found.

    Nothing leaves this machine. The exit code is 0 if every report was found and every cell read as it is printed.
    """
    from crawler.replica import Replica, Scenario

    if not serve_only:
        _make_room(archive)
    replica = Replica(Scenario(towns=towns), port=port, delay=delay, max_seconds=LIFETIME)
    try:
        replica.start()
    except OSError as error:
        raise Unusable(f"the replica cannot listen on 127.0.0.1: {error.strerror or error}") from error
    try:
        return _serve(replica) if serve_only else _demo(replica, archive)
    finally:
        replica.stop()


def _serve(replica: Replica) -> int:
    for host, base in replica.hosts.items():
        console.echo(f"{host:8} {base}/")
    console.echo()
    console.echo(replica.registry_csv(), nl=False)
    with contextlib.suppress(KeyboardInterrupt):  # the way it is meant to end; it may come while this is said
        say("the replica is running; Ctrl-C stops it")
        replica.wait()
    return 0


def _demo(replica: Replica, archive: Path) -> int:
    from crawler.replica.compare import compare

    truth = replica.truth()
    say(f"{len(replica.hosts)} portals are played on 127.0.0.1; crawling them into {archive} …")
    started = time.monotonic()
    said = _crawl(replica, archive)
    seconds = time.monotonic() - started
    try:
        result = compare(archive, truth)
    except sqlite3.Error as error:
        raise Unusable(f"{archive} cannot be read: {error}") from error
    if len(result.missing) == len(result.lines):
        say(said)  # whatever went wrong, the crawl has said it
    _print_reports(result)
    _print_totals(result, truth, seconds, len(replica.log))
    console.echo(f"\nBrowse it:  {_this_command()} serve --archive {archive}")
    if any(result.complaints(findings=False)):
        return 1
    _acknowledge(archive)
    return 0


def _acknowledge(archive: Path) -> None:
    """Note of each site that is not well why: the demo plants pages that are gone, and all came as planned.

    So ``gongkai health`` shows them greyed, as it shows what an operator knows, and raises no alarm.
    """
    from archive.store import Archive, clock
    from crawler.standing import standings

    today = clock.china_day()
    with Archive.open(archive) as opened:
        for one in standings(opened, today):
            if one.is_alarm:
                opened.runs.acknowledge(one.site, today + A_YEAR, PLANTED)


def _this_command() -> str:
    """How this person can call the command: by its name, or by its path where the environment is not activated."""
    if shutil.which("gongkai"):
        return "gongkai"
    beside = Path(sys.executable).with_name("gongkai")
    with contextlib.suppress(ValueError):
        beside = beside.relative_to(Path.cwd())
    return str(beside) if beside.exists() else "python -m crawler"


def _crawl(replica: Replica, archive: Path) -> str:
    """Run ``gongkai crawl`` as anybody would, in a process of its own: a process has only one Twisted reactor.

    Returns what it said. Exit code 1 means that something fell short; what that is, is told against the truth.
    """
    with tempfile.TemporaryDirectory(prefix="gongkai-demo-") as folder:
        sites = Path(folder) / "sites.csv"
        sites.write_text(replica.registry_csv(), encoding="utf-8")
        # Locks of its own: a crawl of the real portals that is under way is none of the demo's business.
        environment = os.environ | {"GONGKAI_DELAY": "0", "PYTHONUTF8": "1", "XDG_STATE_HOME": folder}
        options = ["--archive", str(archive), "--sites", str(sites)]
        try:
            done = subprocess.run(
                [sys.executable, "-m", "crawler", "crawl", *options], env=environment, capture_output=True, text=True,
                encoding="utf-8", errors="replace", timeout=CRAWL_SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise Unusable(f"the crawl did not end within {CRAWL_SECONDS} seconds") from error
    said = done.stderr.strip()
    if done.returncode not in (0, 1) or not archive.exists():
        say(said)
        raise click.ClickException(f"the crawl ended with {done.returncode}")
    return said


def _make_room(archive: Path) -> None:
    """Remove the archive of an earlier demo. Anything else at that path is left alone, and the demo does not run."""
    if not archive.parent.is_dir():
        raise Unusable(f"there is no folder {archive.parent}")
    if not archive.exists():
        return
    if not _is_demo(archive):
        raise Unusable(f"{archive} is not the archive of an earlier demo: name another one with --archive")
    for suffix in ("", "-wal", "-shm"):
        archive.with_name(archive.name + suffix).unlink(missing_ok=True)


def _is_demo(archive: Path) -> bool:
    """Whether this is an archive in which every site is on loopback."""
    from archive.store import questions

    try:
        with closing(sqlite3.connect(f"{archive.resolve().as_uri()}?mode=ro", uri=True)) as db:
            urls = questions.entry_points(db)
    except sqlite3.Error:
        return False
    return bool(urls) and all(urlsplit(url).hostname == "127.0.0.1" for url in urls)


def _print_reports(result: Comparison) -> None:
    rows = [_row(line) for line in sorted(result.lines, key=lambda line: line.expected.identity)]
    columns = {
        "agency": "agency",
        "scope": "scope",
        "year": "year",
        "form": "form",
        "cells": "cells",
        "findings": "findings",
    }
    print_table(rows, columns, right=("year", "cells"))


def _row(line: Line) -> dict[str, object]:
    agency, year, scope = line.expected.identity
    found = line.found
    loud = sorted(rule for rule, severity in found.findings.items() if severity != "info") if found else []
    right = line.cells_expected - len(line.wrong_cells)
    return {
        "agency": agency,
        "scope": "total" if scope == "jurisdiction_aggregate" else "own",
        "year": year,
        "form": found.form if found else "NOT FOUND",
        "cells": f"{right}/{line.cells_expected}" if found else "",
        "findings": " ".join(loud),
    }


def _print_totals(result: Comparison, truth: Truth, seconds: float, requests: int) -> None:
    found = len(result.lines) - len(result.missing)
    planted = [line for line in result.lines if line.found and line.expected.expected - {*line.unchecked}]
    noticed = sum(not line.unnoticed for line in planted)
    unchecked = sorted({rule for line in result.lines for rule in line.unchecked})
    later = f"; not checked yet: {' '.join(unchecked)}" if unchecked else ""
    kinds = Counter(decoy.reason for decoy in truth.decoys if decoy not in result.taken_in)
    console.echo()
    console.echo(
        f"reports   {found} of {len(result.lines)} found, {len(result.surplus)} that nobody published"
    )
    console.echo(f"cells     {result.cells_right} of {result.cells_expected} as the page prints them")
    console.echo(f"faults    {noticed} of {len(planted)} planted ones noticed{later}")
    console.echo("refused   " + ", ".join(f"{count} {reason}" for reason, count in sorted(kinds.items())))
    console.echo(f"time      {seconds:.1f} s, {requests} requests")
    complaints = list(result.complaints())
    for complaint in complaints[:SHOWN_COMPLAINTS]:
        console.echo(f"  ! {complaint}")
    if len(complaints) > SHOWN_COMPLAINTS:
        console.echo(f"  ! and {len(complaints) - SHOWN_COMPLAINTS} more")
