"""A seed: what a crawl elsewhere must know of an archive to ask for no page twice, without the archive's bytes.

It is an archive of its own that holds one installation's frontier, the answers that later ones may confirm, the last
reading of each document, and the run that it belongs to. Bodies are named and not held. What a crawl adds to a seed comes
back by ``merge``, into the archive that it was taken from; that one alone has the bytes which the seed only names.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from archive.store import search
from archive.store.archive import Archive
from archive.store.connection import Row, address, insert, names, transaction
from archive.store.errors import ArchiveError
from archive.store.frontier import GONE_AFTER
from archive.store.snapshots import ASK_PLAINLY_EVERY, PAGES, READABLE_KINDS

MARK = "seed"
"""The row of ``meta`` that tells a seed from an archive; its value is the key of the run that it was cut for."""

_WANTED = f"""
CREATE TEMP TABLE wanted AS
SELECT DISTINCT id FROM (
    SELECT id FROM (
        SELECT s.id, row_number() OVER (PARTITION BY s.url ORDER BY s.fetched_at DESC, s.id DESC) AS age
        FROM main.snapshot s JOIN temp.doc k ON k.doc_key = s.doc_key
        WHERE s.status IN {(*PAGES, 304)} AND s.kind IN {READABLE_KINDS}
    ) WHERE age <= {ASK_PLAINLY_EVERY}
    UNION ALL SELECT d.snapshot_id FROM main.document d JOIN temp.doc k ON k.doc_key = d.doc_key
    UNION ALL SELECT u.snapshot_id FROM main.unplaced u JOIN temp.doc k ON k.doc_key = u.doc_key
    UNION ALL SELECT v.snapshot_id FROM temp.last v
) WHERE id IS NOT NULL
"""

_LAST = """
CREATE TEMP TABLE last AS
SELECT v.* FROM main.report_version v JOIN temp.doc k ON k.doc_key = v.doc_key
WHERE v.version = (SELECT max(version) FROM main.report_version w WHERE w.doc_key = v.doc_key)
"""

_LISTS = f"""
SELECT l.crawl_id, l.site, l.url, l.column_name, l.pages_claimed, l.pages_fetched, l.links, l.complete, l.listed_at
FROM (
    SELECT l.*, dense_rank() OVER (PARTITION BY l.site, l.url ORDER BY c.started_at DESC, c.key) AS age
    FROM main.listing l JOIN main.crawl c ON c.id = l.crawl_id
    WHERE l.complete AND l.site IN (SELECT site FROM temp.part)
) l WHERE l.age <= {GONE_AFTER}
"""

_REPORTS = """
SELECT r.id, r.key, r.agency_id, r.agency, r.kind, r.scope, r.county_code, r.county, r.year, d.doc_key, d.url,
    coalesce(d.snapshot_id, v.snapshot_id) AS snapshot_id, r.form, r.date_quality, r.status, r.reader, r.version,
    '' AS text, r.first_seen, r.last_seen, r.gone_on
FROM main.report r JOIN (
    SELECT report_id, min(doc_key) AS doc_key FROM main.publication WHERE doc_key IN (SELECT doc_key FROM temp.doc)
    GROUP BY report_id
) p ON p.report_id = r.id JOIN main.document d ON d.doc_key = p.doc_key JOIN temp.last v ON v.doc_key = d.doc_key
"""


def cut(archive: Archive, run: int, sites: Sequence[Row], path: Path) -> None:
    """Write the seed for these sites (rows of the registry, all of one installation) and a running crawl to ``path``.

    A file that is there already is replaced. Raises ``ArchiveError`` if it cannot be written.
    """
    part = path.with_name(path.name + ".part")
    _remove(part)
    with Archive.open(part, create=True) as seed:
        seed.runs.sync_sites(sites)
        with closing(_reader(archive.path)) as source:
            source.execute("BEGIN")  # one moment of the archive
            _choose(source, [row["site"] for row in sites])
            with transaction(seed.db) as conn:
                conn.execute("PRAGMA defer_foreign_keys = ON")
                _copy(source, conn, run)
        seed.truncate_log()
    _remove(path)
    part.replace(path)


def is_seed(conn: sqlite3.Connection, schema: str = "main") -> bool:
    """Whether an archive was made of a seed: then it knows only a part of what another one knows."""
    return conn.execute(f"SELECT 1 FROM {schema}.meta WHERE name = ?", [MARK]).fetchone() is not None


def run_of(archive: Archive) -> int:
    """The id of the run that a seed belongs to. Raises ``ArchiveError`` if it is none."""
    row = archive.conn.execute(
        "SELECT id FROM crawl WHERE key = (SELECT value FROM meta WHERE name = ?)", [MARK]
    ).fetchone()
    if row is None:
        raise ArchiveError(f"{archive.path}: is no part of another archive's run")
    return int(row[0])


def _reader(path: Path) -> sqlite3.Connection:
    conn = sqlite3.connect(address(path, read_only=True), uri=True, isolation_level=None)
    conn.row_factory = sqlite3.Row
    return conn


def _choose(source: sqlite3.Connection, sites: Sequence[str]) -> None:
    """Note in temporary tables what belongs to the part."""
    source.execute("CREATE TEMP TABLE part (site TEXT PRIMARY KEY)")
    source.executemany("INSERT INTO temp.part VALUES (?)", [[site] for site in sites])
    source.execute(
        "CREATE TEMP TABLE doc AS SELECT doc_key FROM main.document WHERE site IN (SELECT site FROM temp.part)"
        " UNION SELECT doc_key FROM main.link WHERE site IN (SELECT site FROM temp.part)"
    )
    source.execute("CREATE INDEX temp.doc_by_key ON doc (doc_key)")
    source.execute(_LAST)
    source.execute("CREATE INDEX temp.last_by_key ON last (doc_key)")
    source.execute(_WANTED)


def _copy(source: sqlite3.Connection, conn: sqlite3.Connection, run: int) -> None:
    def take(table: str, sql: str, *parameters: object, conflict: str = "ABORT") -> None:
        insert(conn, table, map(dict, source.execute(sql, parameters)), conflict=conflict)

    key = source.execute("SELECT key FROM main.crawl WHERE id = ?", [run]).fetchone()[0]
    insert(conn, "meta", [{"name": MARK, "value": key}])
    take(
        "crawl",
        f"SELECT * FROM main.crawl WHERE id = ? OR id IN (SELECT crawl_id FROM ({_LISTS}))",
        run,
    )
    take("listing", _LISTS)
    take(
        "body",
        "SELECT DISTINCT b.sha256, b.size, 'purged' AS codec FROM main.body b JOIN main.snapshot s"
        " ON s.sha256 = b.sha256 JOIN temp.wanted w ON w.id = s.id",
    )
    told = names(
        row["name"] for row in source.execute("PRAGMA main.table_info(snapshot)") if row["name"] != "crawl_id"
    )
    take("snapshot", f"SELECT {told} FROM main.snapshot WHERE id IN (SELECT id FROM temp.wanted)")
    for table in ("link", "document", "unplaced"):
        take(table, f"SELECT * FROM main.{table} WHERE doc_key IN (SELECT doc_key FROM temp.doc)")
    reports = [dict(row) for row in source.execute(_REPORTS)]
    _agencies(source, conn, {row["agency_id"] for row in reports})
    ids = {
        row["key"]: row["id"] for row in conn.execute("SELECT key, id FROM agency").fetchall()
    }  # private to each file
    keys = {row["id"]: row["key"] for row in source.execute("SELECT id, key FROM main.agency").fetchall()}
    insert(conn, "report", [row | {"agency_id": ids[keys[row["agency_id"]]]} for row in reports])
    for row in reports:
        search.add(conn, row | {"title": None})
    here = "report_id IN (SELECT DISTINCT report_id FROM temp.last)"
    take(
        "publication",
        f"SELECT * FROM main.publication WHERE {here} AND doc_key IN (SELECT doc_key FROM temp.last)",
    )
    take("report_version", "SELECT * FROM temp.last")
    take("withheld", "SELECT * FROM main.withheld")
    # What hangs on the seed's own rows was not read here: nobody is to compare it with anything.
    conn.execute("DELETE FROM comparison_due")


def _agencies(source: sqlite3.Connection, conn: sqlite3.Connection, ids: set[int]) -> None:
    told = [row["name"] for row in source.execute("PRAGMA main.table_info(agency)") if row["name"] != "id"]
    rows = [
        dict(row)
        for row in source.execute(f"SELECT id, {names(told)} FROM main.agency").fetchall()
        if row["id"] in ids
    ]
    insert(conn, "agency", [{name: row[name] for name in told} for row in rows], conflict="IGNORE")
    keys = {row["key"] for row in rows}
    known = source.execute("SELECT * FROM main.agency_name").fetchall()
    insert(conn, "agency_name", [dict(row) for row in known if row["agency_key"] in keys], conflict="IGNORE")


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
