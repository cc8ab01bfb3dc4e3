"""Runs: what was started when, how each site fared, and the registry as of the last run."""

from __future__ import annotations

import os
import secrets
import socket
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive.store import across, checks, clock
from archive.store.connection import Row, insert, transaction, upsert
from archive.store.errors import ArchiveError

SITE_COLUMNS = (
    "site", "spider", "platform", "installation", "name", "admin_code", "list_url", "options",
    "first_year", "last_year", "enabled", "note",
)  # fmt: skip


class Runs:
    """The tables ``crawl``, ``crawl_site``, ``site`` and ``acknowledgement``, and through ``archive.store.checks`` what follows from them."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._conn: sqlite3.Connection = db.conn

    def sync_sites(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Bring the table ``site`` to the registry's rows. A site that left the registry stays, disabled."""
        with transaction(self._db) as conn:
            before = conn.execute("SELECT * FROM site ORDER BY site").fetchall()
            conn.execute("UPDATE site SET enabled = 0")
            new = [
                {**{name: row.get(name) for name in SITE_COLUMNS}, "covers": checks.covers(row)}
                for row in rows
            ]
            upsert(conn, "site", new, key=["site"])
            if conn.execute("SELECT * FROM site ORDER BY site").fetchall() != before:
                checks.sum_up(conn)

    def start(self, command: str, tool: str) -> int:
        """Begin a run; back comes its id. Runs that a kill left as running are marked interrupted.

        A run is left over when its process is no longer there; one that runs on another machine is left alone.
        """
        with transaction(self._db) as conn:
            for row in conn.execute("SELECT id, process FROM crawl WHERE status = 'running'").fetchall():
                if not _alive(row["process"]):
                    conn.execute("UPDATE crawl SET status = 'interrupted' WHERE id = ?", [row["id"]])
                    checks.record(conn, row["id"])
            started = clock.now()
            row = {
                "key": f"{started}-{secrets.token_hex(6)}", "command": command, "started_at": started,
                "status": "running", "tool": tool, "process": _this_process(),
            }  # fmt: skip
            insert(conn, "crawl", [row])
            return int(conn.execute("SELECT last_insert_rowid()").fetchone()[0])

    def resume(self, key: str) -> int | None:
        """Go on with the run of that key, as this process; back comes its id, ``None`` if it is not there."""
        with transaction(self._db) as conn:
            row = conn.execute("SELECT id FROM crawl WHERE key = ?", [key]).fetchone()
            if row is None:
                return None
            conn.execute(
                "UPDATE crawl SET status = 'running', finished_at = NULL, process = ? WHERE id = ?",
                [_this_process(), row["id"]],
            )
            return int(row["id"])

    def progress(self, crawl_id: int, site: str) -> Mapping[str, int]:
        """What a run has fetched of a site's documents so far: ``fetched``, ``new`` and ``changed``."""
        row = self._conn.execute(
            "SELECT count(DISTINCT s.doc_key) AS fetched, count(DISTINCT iif(v.version = 1, v.doc_key, NULL)) AS new,"
            " count(DISTINCT iif(v.version > 1, v.doc_key, NULL)) AS changed"
            " FROM snapshot s JOIN document d ON d.doc_key = s.doc_key AND d.site = ?"
            " LEFT JOIN report_version v ON v.snapshot_id = s.id WHERE s.crawl_id = ? AND s.kind <> 'error'",
            [site, crawl_id],
        ).fetchone()
        return dict(row)

    def site(self, crawl_id: int, site: str, **counts_verdict_reason: Any) -> None:
        """Record how a site fared in a run: any of the columns of ``crawl_site``; a later call sets them anew."""
        row: Row = {"crawl_id": crawl_id, "site": site, **counts_verdict_reason}
        with transaction(self._db) as conn:
            upsert(conn, "crawl_site", [row], key=("crawl_id", "site"))

    def finish(self, crawl_id: int, status: str) -> None:
        """End a run as ``done``, ``failed`` or ``interrupted``. From now on its complete lists count as looking.

        Then what it read is compared with other reports (``archive.store.across``).
        """
        with transaction(self._db) as conn:
            conn.execute(
                "UPDATE crawl SET status = ?, finished_at = ? WHERE id = ?", [status, clock.now(), crawl_id]
            )
            checks.record(conn, crawl_id)
        across.update(self._db)

    def acknowledge(self, site: str, until: date, reason: str) -> None:
        """Note that somebody knows of a site's trouble: it is no news until that day, the day included.

        A later word on the same site replaces an earlier one; all are kept. Raises ``ArchiveError`` for a site that is
        not in the archive.
        """
        with transaction(self._db) as conn:
            if not conn.execute("SELECT 1 FROM site WHERE site = ?", [site]).fetchone():
                raise ArchiveError(f"site {site!r} is not in this archive")
            row = {"site": site, "until": until.isoformat(), "reason": reason, "acknowledged_at": clock.now()}
            insert(conn, "acknowledgement", [row])

    def acknowledged(self, site: str, today: date) -> Row | None:
        """The acknowledgement that holds for a site on a day: the last one given, if its day has not passed."""
        row = self._conn.execute(
            "SELECT * FROM acknowledgement WHERE site = ? ORDER BY id DESC LIMIT 1", [site]
        ).fetchone()
        return dict(row) if row and row["until"] >= today.isoformat() else None

    def enabled_sites(self) -> list[str]:
        """The sites that the last run's registry has enabled, by name."""
        return [row[0] for row in self._conn.execute("SELECT site FROM site WHERE enabled ORDER BY site")]

    def verdicts(self, site: str, most: int = 400) -> list[sqlite3.Row]:
        """The site's rows in ``crawl_site`` that hold a verdict, with ``started_at`` of the run, the latest first."""
        return self._conn.execute(
            "SELECT w.*, c.started_at FROM crawl_site w JOIN crawl c ON c.id = w.crawl_id"
            " WHERE w.site = ? AND w.verdict IS NOT NULL ORDER BY w.crawl_id DESC LIMIT ?",
            [site, most],
        ).fetchall()

    def well_before(self, crawl_id: int) -> dict[str, bool]:
        """Whether each site was well in the last run before this one that judged it."""
        rows = self._conn.execute(
            "SELECT site, verdict = 'well' FROM crawl_site WHERE crawl_id < ? AND verdict IS NOT NULL ORDER BY crawl_id",
            [crawl_id],
        )
        return {site: bool(well) for site, well in rows}

    def get(self, crawl_id: int) -> Row | None:
        """The run's row, or ``None``."""
        row = self._conn.execute("SELECT * FROM crawl WHERE id = ?", [crawl_id]).fetchone()
        return dict(row) if row else None


def _this_process() -> str:
    return f"{socket.gethostname()} {os.getpid()} {_started(os.getpid())}"


def _alive(process: str | None) -> bool:
    if not process:
        return False
    host, pid, started = process.rsplit(" ", 2)
    return host != socket.gethostname() or (_exists(int(pid)) and _started(int(pid)) == started)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _started(pid: int) -> str:
    """When a process started, in the kernel's ticks: process numbers are used again. ``-`` where there is no /proc."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except OSError:
        return "-"
