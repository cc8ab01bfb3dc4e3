"""What people decided and noted, united: nothing withheld anywhere is shown because of a merge."""

from __future__ import annotations

from archive.store import forgetting, withheld
from archive.store.archive import Archive


def unite(archive: Archive) -> None:
    """Decisions of both archives, the stricter one of two; then what was purged in either is purged here."""
    conn = archive.conn
    for row in conn.execute(
        "SELECT o.*, m.level AS level_ours, m.reason AS reason_ours, m.decided_on AS decided_ours FROM other.withheld o"
        " LEFT JOIN main.withheld m ON m.target_type = o.target_type AND m.target_key = o.target_key"
    ).fetchall():
        key = (row["target_type"], row["target_key"])
        theirs = (withheld.rank(row["level"]), row["decided_on"], row["reason"])
        ours = (
            (withheld.rank(row["level_ours"]), row["decided_ours"], row["reason_ours"])
            if row["level_ours"]
            else None
        )
        if ours is None or theirs > ours:
            conn.execute(
                "INSERT OR REPLACE INTO main.withheld (target_type, target_key, level, reason, decided_on)"
                " VALUES (?, ?, ?, ?, ?)",
                [*key, row["level"], row["reason"], row["decided_on"]],
            )
    told = "target_type, target_key, kind, text, source_url, date"
    conn.execute(
        f"INSERT INTO main.annotation ({told}) SELECT {told} FROM other.annotation EXCEPT SELECT {told} FROM main.annotation"
    )
    told = "site, until, reason, acknowledged_at"
    conn.execute(
        f"INSERT INTO main.acknowledgement ({told}) SELECT {told} FROM other.acknowledgement"
        f" EXCEPT SELECT {told} FROM main.acknowledgement ORDER BY acknowledged_at, site"
    )
    _forget(archive)


def _forget(archive: Archive) -> None:
    """Carry purges out on what came from the archive that had not heard of them."""
    conn = archive.conn
    purged = "SELECT target_key FROM main.withheld WHERE level = 'purge' AND target_type ="
    for (sha256,) in conn.execute(
        f"SELECT sha256 FROM main.body WHERE codec <> 'purged' AND sha256 IN ({purged} 'body')"
    ).fetchall():
        archive.snapshots.bodies.purge(sha256)
    for (key,) in conn.execute(
        "SELECT DISTINCT r.key FROM main.report r JOIN main.publication p ON p.report_id = r.id"
        f" WHERE (r.key IN ({purged} 'report') OR p.doc_key IN ({purged} 'document'))"
        " AND (r.text <> '' OR r.title IS NOT NULL OR EXISTS (SELECT 1 FROM main.snapshot s JOIN main.body b"
        "  ON b.sha256 = s.sha256 AND b.codec <> 'purged' WHERE s.doc_key = p.doc_key))"
    ).fetchall():
        forgetting.forget(conn, archive.snapshots.bodies, key, "")
