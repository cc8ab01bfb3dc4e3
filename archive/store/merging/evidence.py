"""What was looked at and fetched, united: runs, sites, bytes, snapshots, lists, links. The other archive is ``other``."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from archive.store import runs as own_runs
from archive.store import seed
from archive.store.bodies import Bodies
from archive.store.connection import Row, names, upsert
from archive.store.errors import ArchiveError
from archive.store.withheld import WITHHELD

MAPS = ("crawl", "snapshot", "agency", "report")
"""Tables whose ids are private: ``temp.map_<table>`` leads from the other archive's to ours."""

CRAWL_STATES = ("running", "interrupted", "failed", "done")
LINK_STATES = ("pending", "failed", "given_up", "done")
"""From what is known least to what is known best."""


def columns(conn: sqlite3.Connection, table: str, *without: str) -> list[str]:
    """The columns of a table, without the named ones."""
    return [
        row["name"] for row in conn.execute(f"PRAGMA main.table_info({table})") if row["name"] not in without
    ]


def make_map(conn: sqlite3.Connection, table: str) -> None:
    """Map the other archive's ids to ours by the public key."""
    conn.execute(f"DROP TABLE IF EXISTS temp.map_{table}")
    conn.execute(f"CREATE TEMP TABLE map_{table} (theirs INTEGER PRIMARY KEY, ours INTEGER NOT NULL)")
    conn.execute(
        f"INSERT INTO temp.map_{table} SELECT o.id, m.id FROM other.{table} o JOIN main.{table} m ON m.key = o.key"
    )


def drop_maps(conn: sqlite3.Connection) -> None:
    """Drop the temporary tables of a merge."""
    for table in (*(f"map_{name}" for name in MAPS), "met", "vanished"):
        conn.execute(f"DROP TABLE IF EXISTS temp.{table}")


def mapped(table: str, column: str) -> str:
    """SQL: our id for the other archive's id in a column."""
    return f"(SELECT ours FROM temp.map_{table} WHERE theirs = o.{column})"


def runs(conn: sqlite3.Connection) -> None:
    """Runs and how sites fared in them. A run known to both is as far as either saw it come."""
    told = names(columns(conn, "crawl", "id"))
    conn.execute(
        f"INSERT INTO main.crawl ({told}) SELECT {told} FROM other.crawl o WHERE NOT EXISTS"
        " (SELECT 1 FROM main.crawl m WHERE m.key = o.key) ORDER BY started_at, key"
    )
    for row in conn.execute(
        "SELECT m.id, m.status AS ours, o.status AS theirs, o.finished_at FROM main.crawl m JOIN other.crawl o"
        " ON o.key = m.key WHERE o.status <> m.status"
    ).fetchall():
        if CRAWL_STATES.index(row["theirs"]) > CRAWL_STATES.index(row["ours"]):
            conn.execute(
                "UPDATE main.crawl SET status = ?, finished_at = coalesce(?, finished_at) WHERE id = ?",
                [row["theirs"], row["finished_at"], row["id"]],
            )
    make_map(conn, "crawl")
    others = columns(conn, "crawl_site", "crawl_id", "site")
    conn.execute(
        f"INSERT INTO main.crawl_site (crawl_id, site, {names(others)}) SELECT {mapped('crawl', 'crawl_id')}, site,"
        f" {names(others)} FROM other.crawl_site o WHERE true ON CONFLICT (crawl_id, site) DO UPDATE SET"
        f" {', '.join(f'{name} = excluded.{name}' for name in others)}"
        " WHERE crawl_site.verdict IS NULL AND excluded.verdict IS NOT NULL"
    )


def sites(conn: sqlite3.Connection) -> None:
    """The registry: of two rows on one site the one whose archive has crawled it last."""
    wanted = [*own_runs.SITE_COLUMNS, "covers"]
    ours, theirs = (_site_rows(conn, schema, wanted) for schema in ("main", "other"))
    better = [row for site, row in theirs.items() if site not in ours or row > ours[site]]
    upsert(conn, "main.site", [json.loads(row[1]) for row in better], key=["site"])


def _site_rows(conn: sqlite3.Connection, schema: str, wanted: list[str]) -> dict[str, tuple[str, str]]:
    rows = conn.execute(
        f"SELECT s.*, coalesce((SELECT max(c.started_at) FROM {schema}.crawl_site k JOIN {schema}.crawl c"
        f" ON c.id = k.crawl_id WHERE k.site = s.site), '') AS crawled FROM {schema}.site s"
    )
    return {
        row["site"]: (row["crawled"], json.dumps({name: row[name] for name in wanted}, ensure_ascii=False))
        for row in rows
    }


def bodies(conn: sqlite3.Connection, ours: Bodies, theirs: Bodies) -> int:
    """Every body of the other archive, verified as it is taken; back comes how many damaged ones of ours it healed.

    A body goes over as it is packed if the one it leans on is a plain one here; else it is packed on its own.
    """
    if seed.is_seed(conn, "other") and conn.execute(_ONLY_NAMED).fetchone():
        raise ArchiveError(
            "the other archive is a part of a run, to be merged into the archive that it was taken from"
        )
    fresh = conn.execute(
        "SELECT sha256, size, codec, dictionary, origin, data FROM other.body o WHERE NOT EXISTS"
        " (SELECT 1 FROM main.body m WHERE m.sha256 = o.sha256) ORDER BY dictionary IS NOT NULL, rowid"
    )
    told = ("sha256", "size", "codec", "dictionary", "origin", "data")
    for row in fresh:
        data = _sound(theirs, row["sha256"]) if row["codec"] != "purged" else None
        conn.execute(f"INSERT INTO main.body ({names(told)}) VALUES (?, ?, ?, ?, ?, ?)", tuple(row))
        if row["dictionary"] and data is not None and not _plain(conn, row["dictionary"]):
            ours.put(row["sha256"], data)
    return _heal(conn, ours, theirs)


_ONLY_NAMED = """
SELECT 1 FROM other.body o WHERE o.codec = 'purged' AND NOT EXISTS (SELECT 1 FROM main.body m WHERE m.sha256 = o.sha256)
    AND NOT EXISTS (SELECT 1 FROM other.withheld w WHERE w.target_type = 'body' AND w.target_key = o.sha256)
"""
"""Bodies that a seed names and does not hold, and that are not here either."""


def _plain(conn: sqlite3.Connection, sha256: str) -> bool:
    row = conn.execute(
        "SELECT 1 FROM main.body WHERE sha256 = ? AND codec = 'zstd' AND dictionary IS NULL", [sha256]
    ).fetchone()
    return row is not None


def _sound(theirs: Bodies, sha256: str) -> bytes:
    try:
        return theirs.get(sha256)
    except ArchiveError as error:
        raise ArchiveError(
            f"the other archive: {error}; nothing was merged, see `gongkai verify` on it"
        ) from None


def _heal(conn: sqlite3.Connection, ours: Bodies, theirs: Bodies) -> int:
    """Bodies that are damaged here and sound there are written anew."""
    healed = 0
    shared = conn.execute(
        "SELECT m.sha256 FROM main.body m JOIN other.body o ON o.sha256 = m.sha256"
        " WHERE m.codec <> 'purged' AND o.codec <> 'purged' ORDER BY m.dictionary IS NOT NULL"
    ).fetchall()
    for (sha256,) in shared:
        try:
            ours.get(sha256)
        except ArchiveError:
            ours.put(sha256, _sound(theirs, sha256))
            healed += 1
    return healed


def snapshots(conn: sqlite3.Connection) -> None:
    """Every response, in the order in which the other archive got them."""
    told = columns(conn, "snapshot", "id", "crawl_id")
    conn.execute(
        f"INSERT INTO main.snapshot ({names(told)}, crawl_id) SELECT {names(told)}, {mapped('crawl', 'crawl_id')}"
        " FROM other.snapshot o WHERE NOT EXISTS (SELECT 1 FROM main.snapshot m WHERE m.key = o.key) ORDER BY id"
    )
    make_map(conn, "snapshot")


def listings(conn: sqlite3.Connection) -> None:
    """Lists as walked. One list walked in one run at one moment is one."""
    told = columns(conn, "listing", "id", "crawl_id", "snapshot_id")
    conn.execute(
        f"INSERT INTO main.listing ({names(told)}, crawl_id, snapshot_id) SELECT {names(told)},"
        f" {mapped('crawl', 'crawl_id')}, {mapped('snapshot', 'snapshot_id')} FROM other.listing o WHERE NOT EXISTS"
        f" (SELECT 1 FROM main.listing m WHERE m.crawl_id = {mapped('crawl', 'crawl_id')} AND m.site = o.site"
        "  AND m.url = o.url AND m.listed_at = o.listed_at AND m.column_name IS o.column_name) ORDER BY id"
    )


def links(conn: sqlite3.Connection) -> None:
    """The frontier: what the later sighting says of a link, how it stood when it was last asked for."""
    pairs = conn.execute(
        "SELECT doc_key, (SELECT gone_on FROM main.document d WHERE d.doc_key = o.doc_key) AS gone_ours,"
        " (SELECT gone_on FROM other.document d WHERE d.doc_key = o.doc_key) AS gone_theirs FROM other.link o"
    ).fetchall()
    rows = []
    for doc_key, gone_ours, gone_theirs in pairs:
        ours = _link(conn, "main", doc_key)
        theirs = _link(conn, "other", doc_key)
        assert theirs is not None
        rows.append(theirs if ours is None else _one_link(ours, gone_ours, theirs, gone_theirs))
    upsert(conn, "main.link", rows, key=["doc_key"])


def _link(conn: sqlite3.Connection, schema: str, doc_key: str) -> Row | None:
    row = conn.execute(f"SELECT * FROM {schema}.link WHERE doc_key = ?", [doc_key]).fetchone()
    return dict(row) if row else None


def _one_link(ours: Row, gone_ours: str | None, theirs: Row, gone_theirs: str | None) -> Row:
    """Two archives' rows on one link as one, the same whichever comes first."""
    told = ("site", "listing_url", "url", "title", "list_date", "year_guess")
    sighting = max((ours, theirs), key=lambda row: (row["last_seen"], *_sortable(row, told)))
    state = max((ours, theirs), key=_standing)
    merged: Row = {
        **{name: sighting[name] for name in told},
        **{name: state[name] for name in ("state", "attempts", "next_try", "reason", "asked_at")},
        "doc_key": ours["doc_key"],
        "first_seen": min(ours["first_seen"], theirs["first_seen"]),
        "last_seen": max(ours["last_seen"], theirs["last_seen"]),
    }
    went = [
        gone or row["last_seen"][:10]
        for row, gone in ((ours, gone_ours), (theirs, gone_theirs))
        if row["state"] == "gone"
    ]
    gone = bool(went) and max(went) >= merged["last_seen"][:10]
    if merged["reason"] == WITHHELD:
        merged["title"] = ""  # purged, whatever a list still says
    elif gone:
        absent = next(row for row in (ours, theirs) if row["state"] == "gone")
        merged |= {"state": "gone", "reason": absent["reason"], "next_try": None, "attempts": 0}
    elif merged["state"] == "gone":
        merged |= {
            "state": "done",
            "reason": None,
        }  # seen again by the other archive after it had gone for this one
    return merged


def _standing(row: Row) -> tuple[Any, ...]:
    """How much is known of how a link stands: withheld above all, then the last asking, then the better outcome."""
    rank = LINK_STATES.index("done" if row["state"] == "gone" else row["state"])
    return (
        row["reason"] == WITHHELD,
        row["asked_at"] or "",
        rank,
        *_sortable(row, ("attempts", "next_try", "reason")),
    )


def _sortable(row: Row, wanted: tuple[str, ...]) -> tuple[tuple[bool, str], ...]:
    return tuple((row[name] is not None, str(row[name])) for name in wanted)
