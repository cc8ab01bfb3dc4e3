"""What was understood, united: agencies, documents with their versions, reports, findings.

A document whose snapshots are known to one archive only, or to both alike, is taken as it is read; one of which each
knows other snapshots is worked out again, by today's reader, from all of them in order of time.
"""

from __future__ import annotations

import sqlite3

from archive.store import search, seed
from archive.store.archive import Archive
from archive.store.connection import names
from archive.store.findings import STRONGER
from archive.store.merging.evidence import columns, make_map, mapped
from archive.store.rows import CHILDREN

Ids = set[int]


def compare_documents(conn: sqlite3.Connection) -> None:
    """Note which documents the other archive brings (``temp.met``), before its snapshots are here.

    ``take``: copy its reading; ``rebuild``: work it out from both; anything else stands as it is. That a seed does not
    know what we know says nothing: it was given the latest answers only.
    """
    _note_vanished(conn)
    conn.execute("DROP TABLE IF EXISTS temp.met")
    conn.execute("CREATE TEMP TABLE met (doc_key TEXT PRIMARY KEY, take INTEGER, rebuild INTEGER)")
    conn.execute(
        """
        INSERT INTO temp.met
        SELECT
            doc_key,
            theirs AND NOT purged_ours AND (purged_theirs OR NOT differ AND (NOT ours OR reader_theirs > reader_ours)),
            differ AND (ours OR theirs) AND NOT purged_ours AND NOT purged_theirs
        FROM (
            SELECT
                doc_key,
                EXISTS (SELECT 1 FROM main.withheld w WHERE w.target_type = 'document' AND w.target_key = k.doc_key
                    AND w.level = 'purge') AS purged_ours,
                EXISTS (SELECT 1 FROM other.withheld w WHERE w.target_type = 'document' AND w.target_key = k.doc_key
                    AND w.level = 'purge') AS purged_theirs,
                EXISTS (SELECT 1 FROM main.document d WHERE d.doc_key = k.doc_key) AS ours,
                EXISTS (SELECT 1 FROM other.document d WHERE d.doc_key = k.doc_key) AS theirs,
                EXISTS (SELECT 1 FROM main.snapshot m WHERE m.doc_key = k.doc_key) AND (
                    EXISTS (SELECT 1 FROM other.snapshot o WHERE o.doc_key = k.doc_key AND NOT EXISTS (
                        SELECT 1 FROM main.snapshot m WHERE m.key = o.key))
                    OR NOT :seed AND EXISTS (SELECT 1 FROM main.snapshot m WHERE m.doc_key = k.doc_key AND NOT EXISTS (
                        SELECT 1 FROM other.snapshot o WHERE o.key = m.key))
                ) AS differ,
                coalesce((SELECT max(CAST(reader AS INTEGER)) FROM main.report_version v WHERE v.doc_key = k.doc_key),
                    (SELECT CAST(reader AS INTEGER) FROM main.unplaced u WHERE u.doc_key = k.doc_key), 0) AS reader_ours,
                coalesce((SELECT max(CAST(reader AS INTEGER)) FROM other.report_version v WHERE v.doc_key = k.doc_key),
                    (SELECT CAST(reader AS INTEGER) FROM other.unplaced u WHERE u.doc_key = k.doc_key), 0) AS reader_theirs
            FROM (
                SELECT doc_key FROM other.document
                UNION SELECT doc_key FROM other.snapshot WHERE doc_key IS NOT NULL
            ) k
        )
        """,
        {"seed": seed.is_seed(conn, "other")},
    )


def _note_vanished(conn: sqlite3.Connection) -> None:
    """Note which documents either archive has found to answer no more (``temp.vanished``), before links are united.

    ``missed`` is the moment up to which that holds: a good answer after it, got by the other one, brings a page back.
    """
    conn.execute("DROP TABLE IF EXISTS temp.vanished")
    conn.execute("CREATE TEMP TABLE vanished (doc_key TEXT, gone_on TEXT, missed TEXT)")
    for archive in ("main", "other"):
        conn.execute(
            "INSERT INTO temp.vanished SELECT d.doc_key, d.gone_on,"
            " min(coalesce(l.asked_at, '9999'), d.gone_on || 'T23:59:59Z')"
            f" FROM {archive}.document d JOIN {archive}.link l ON l.doc_key = d.doc_key"
            " WHERE d.gone_on IS NOT NULL AND l.state <> 'gone'"
        )


def unite(archive: Archive) -> int:
    """Bring over what the other archive has understood; back comes how many documents were worked out again."""
    conn = archive.conn
    renamed = _agencies(conn)
    known = {row[0] for row in conn.execute("SELECT key FROM main.report")}
    touched = _leave(conn)
    fresh = _report_rows(conn, known)
    changed = _documents(conn)
    touched |= _readings(conn) | _carried_by(conn, changed) | renamed
    rebuild = [row[0] for row in conn.execute("SELECT doc_key FROM temp.met WHERE rebuild ORDER BY doc_key")]
    for doc_key in rebuild:
        touched |= archive.readings.rebuild(doc_key)
    for report_id in fresh & touched:
        _index(conn, report_id)  # settling takes a report's old words out of the index
    plain = fresh - touched
    _children(conn, plain)
    for report_id in sorted(touched):
        archive.readings.settle(report_id)
    _findings(conn, plain)
    for report_id in touched:
        _times_of_findings(conn, report_id)
    _names(conn)
    for report_id in sorted(plain):
        _index(conn, report_id)
    return len(rebuild)


def _index(conn: sqlite3.Connection, report_id: int) -> None:
    row = conn.execute("SELECT * FROM main.report WHERE id = ?", [report_id]).fetchone()
    search.add(conn, dict(row))


def _carried_by(conn: sqlite3.Connection, doc_keys: list[str]) -> Ids:
    query = "SELECT report_id FROM main.publication WHERE doc_key = ?"
    return {row[0] for doc_key in doc_keys for row in conn.execute(query, [doc_key])}


def _agencies(conn: sqlite3.Connection) -> Ids:
    """Agencies of either archive, with all their names; back come our reports of those that bear another name now."""
    told = names(columns(conn, "agency", "id"))
    conn.execute(
        f"INSERT INTO main.agency ({told}) SELECT {told} FROM other.agency o WHERE NOT EXISTS"
        " (SELECT 1 FROM main.agency m WHERE m.key = o.key) ORDER BY key"
    )
    # Where only reports name an agency, two archives may have met two of its names first.
    renamed = conn.execute(
        "UPDATE main.agency SET name = o.name FROM other.agency o WHERE o.key = agency.key"
        " AND agency.source = 'report' AND (o.source <> 'report' OR o.name < agency.name)"
        " AND o.name <> agency.name RETURNING id"
    ).fetchall()
    reports = "SELECT id FROM main.report WHERE agency_id = ?"
    make_map(conn, "agency")
    for table in ("agency_name", "agency_link", "expectation"):
        told = names(columns(conn, table))
        conn.execute(f"INSERT OR IGNORE INTO main.{table} ({told}) SELECT {told} FROM other.{table}")
    return {row[0] for agency in renamed for row in conn.execute(reports, [agency[0]])}


def _leave(conn: sqlite3.Connection) -> Ids:
    """Take our own reading of documents out whose other one is better; back come the reports they carried."""
    left = {
        row[0]
        for row in conn.execute(
            "SELECT p.report_id FROM main.publication p JOIN temp.met t ON t.doc_key = p.doc_key AND t.take"
        )
    }
    for table in ("report_version", "report_change", "publication", "unplaced"):
        conn.execute(f"DELETE FROM main.{table} WHERE doc_key IN (SELECT doc_key FROM temp.met WHERE take)")
    return left


def _report_rows(conn: sqlite3.Connection, known: set[str]) -> Ids:
    """Rows for reports that only the other archive has; back come their ids here."""
    told = columns(conn, "report", "id", "agency_id", "snapshot_id")
    conn.execute(
        f"INSERT INTO main.report ({names(told)}, agency_id, snapshot_id) SELECT {names(told)},"
        f" {mapped('agency', 'agency_id')}, {mapped('snapshot', 'snapshot_id')} FROM other.report o"
        " WHERE NOT EXISTS (SELECT 1 FROM main.report m WHERE m.key = o.key) ORDER BY key"
    )
    make_map(conn, "report")
    return {row["id"] for row in conn.execute("SELECT id, key FROM main.report") if row["key"] not in known}


def _documents(conn: sqlite3.Connection) -> list[str]:
    """Documents of either archive; back come those of which something is told otherwise now: when they were seen, where, and whether they are gone."""
    told = columns(conn, "document", "doc_key", "snapshot_id", "gone_on")
    conn.execute(
        f"INSERT INTO main.document (doc_key, {names(told)}, snapshot_id, gone_on) SELECT doc_key, {names(told)},"
        f" {mapped('snapshot', 'snapshot_id')}, gone_on FROM other.document o WHERE NOT EXISTS"
        " (SELECT 1 FROM main.document m WHERE m.doc_key = o.doc_key)"
    )
    later = "o.last_seen || o.url > document.last_seen || document.url"
    seen = conn.execute(
        f"UPDATE main.document SET site = iif({later}, o.site, document.site), url = iif({later}, o.url, document.url),"
        " first_seen = min(document.first_seen, o.first_seen), last_seen = max(document.last_seen, o.last_seen)"
        " FROM other.document o WHERE o.doc_key = document.doc_key AND (o.first_seen < document.first_seen"
        " OR o.last_seen > document.last_seen OR o.last_seen = document.last_seen AND o.url > document.url)"
        " RETURNING doc_key"
    ).fetchall()
    # Whether a document is gone follows from its link, which both archives' lists have told about; or its page itself
    # said so, and nobody got it well afterwards.
    changed = conn.execute(
        "UPDATE main.document SET gone_on = w.gone_on FROM ("
        "  SELECT d.doc_key, iif(l.state = 'gone', max(coalesce(d.gone_on, ''), coalesce(o.gone_on, '')),"
        "   (SELECT max(v.gone_on) FROM temp.vanished v WHERE v.doc_key = d.doc_key AND v.missed >= d.last_seen)) AS gone_on"
        "  FROM other.link x JOIN main.link l ON l.doc_key = x.doc_key JOIN main.document d ON d.doc_key = l.doc_key"
        "  LEFT JOIN other.document o ON o.doc_key = d.doc_key"
        " ) w WHERE w.doc_key = document.doc_key AND w.gone_on IS NOT document.gone_on RETURNING doc_key"
    ).fetchall()
    return [row[0] for row in (*seen, *changed)]


def _readings(conn: sqlite3.Connection) -> Ids:
    """Copy the readings of documents to be taken; back come the reports of ours that thereby got another document."""
    taken = "o.doc_key IN (SELECT doc_key FROM temp.met WHERE take)"
    conn.execute(
        "UPDATE main.document SET snapshot_id = (SELECT m.ours FROM other.document o JOIN temp.map_snapshot m"
        "  ON m.theirs = o.snapshot_id WHERE o.doc_key = document.doc_key)"
        " WHERE doc_key IN (SELECT doc_key FROM temp.met WHERE take)"
    )
    for table, private in (
        ("publication", {"report_id": "report"}),
        ("report_version", {"report_id": "report", "snapshot_id": "snapshot"}),
        ("report_change", {"report_id": "report"}),
        ("unplaced", {"snapshot_id": "snapshot"}),
    ):
        told = columns(conn, table, "id", *private)
        ids = ", ".join(mapped(target, column) for column, target in private.items())
        conn.execute(
            f"INSERT INTO main.{table} ({names(told)}, {names(private)}) SELECT {names(told)}, {ids}"
            f" FROM other.{table} o WHERE {taken}"
        )
    told = columns(conn, "reading_change", "report_id", "snapshot_id")
    same = " AND ".join(f'm."{name}" IS o."{name}"' for name in told)
    conn.execute(
        f"INSERT INTO main.reading_change ({names(told)}, report_id, snapshot_id) SELECT {names(told)},"
        f" {mapped('report', 'report_id')}, {mapped('snapshot', 'snapshot_id')} FROM other.reading_change o"
        f" WHERE NOT EXISTS (SELECT 1 FROM main.reading_change m WHERE {same}"
        f"  AND m.snapshot_id = {mapped('snapshot', 'snapshot_id')})"
    )
    # A report that both archives have is chosen and written anew as soon as one of its documents is new here, and a new
    # one if one of its documents is not simply taken.
    rows = conn.execute(
        "SELECT DISTINCT p.report_id FROM main.publication p JOIN temp.met t ON t.doc_key = p.doc_key AND t.take"
        " JOIN main.report r ON r.id = p.report_id"
        " WHERE EXISTS (SELECT 1 FROM main.publication q LEFT JOIN temp.met u ON u.doc_key = q.doc_key"
        "  WHERE q.report_id = p.report_id AND NOT coalesce(u.take, 0))"
        " OR (SELECT count(*) FROM main.publication q WHERE q.report_id = p.report_id) <>"
        "  (SELECT count(*) FROM other.publication q JOIN other.report x ON x.id = q.report_id WHERE x.key = r.key)"
    ).fetchall()
    lone = conn.execute(
        "SELECT id FROM main.report r WHERE NOT EXISTS (SELECT 1 FROM main.publication p WHERE p.report_id = r.id)"
    ).fetchall()
    return {row[0] for row in (*rows, *lone)}


def _children(conn: sqlite3.Connection, plain: Ids) -> None:
    """Tables and sections of reports that come over whole."""
    conn.execute("CREATE TEMP TABLE plain (id INTEGER PRIMARY KEY)")
    conn.executemany("INSERT INTO temp.plain VALUES (?)", [[report_id] for report_id in plain])
    for table in CHILDREN:
        told = columns(conn, table, "report_id")
        conn.execute(
            f"INSERT INTO main.{table} (report_id, {names(told)}) SELECT m.ours, {names(f'{n}' for n in told)}"
            f" FROM other.{table} o JOIN temp.map_report m ON m.theirs = o.report_id"
            " WHERE m.ours IN (SELECT id FROM temp.plain) ORDER BY o.report_id"
        )
    conn.execute("DROP TABLE temp.plain")


def _findings(conn: sqlite3.Connection, plain: Ids) -> None:
    """Findings by their keys: seen first by whoever saw it first; what a person decided stands.

    One that the united reading of a report does not have is over, whatever the other archive still says.
    """
    told = columns(conn, "finding", "id", "report_id", "other_report_id")
    for row in conn.execute(
        f"SELECT {names(f'{n}' for n in told)}, m.ours AS report, x.ours AS other_report FROM other.finding o"
        " JOIN temp.map_report m ON m.theirs = o.report_id LEFT JOIN temp.map_report x ON x.theirs = o.other_report_id"
        " WHERE m.ours IN (SELECT id FROM main.report) ORDER BY o.key"
    ).fetchall():
        ours = conn.execute("SELECT * FROM main.finding WHERE key = ?", [row["key"]]).fetchone()
        if ours is None:
            values = {name: row[name] for name in told}
            if row["report"] not in plain and row["resolved_at"] is None and row["origin"] != "comparison":
                seen = conn.execute(
                    "SELECT last_seen FROM main.report WHERE id = ?", [row["report"]]
                ).fetchone()
                values["resolved_at"] = seen[0]
                values["status"] = "resolved" if row["status"] == "open" else row["status"]
            conn.execute(
                f"INSERT INTO main.finding ({names(told)}, report_id, other_report_id) VALUES"
                f" ({', '.join('?' * (len(told) + 2))})",
                [*values.values(), row["report"], row["other_report"]],
            )
            continue
        status = max(ours["status"], row["status"], key=STRONGER.index)
        if ours["resolved_at"] is None and status == "resolved":
            status = "open"
        resolved = max(filter(None, (ours["resolved_at"], row["resolved_at"])), default=None)
        conn.execute(
            "UPDATE main.finding SET first_seen = min(first_seen, ?), status = ?, resolved_at = ? WHERE key = ?",
            [row["first_seen"], status, resolved if ours["resolved_at"] else None, row["key"]],
        )


def _times_of_findings(conn: sqlite3.Connection, report_id: int) -> None:
    """Since when and until when, told by the versions alone: not by the order in which archives were united.

    A finding is over since the version without it was first seen; twins differ since both stand as they do. That twins
    differed between two merges, while one of them was still to come, is nobody's observation.
    """
    main = conn.execute(
        "SELECT v.first_seen FROM main.report r JOIN main.report_version v ON v.doc_key = r.doc_key"
        " AND v.version = r.version WHERE r.id = ?",
        [report_id],
    ).fetchone()
    twins = conn.execute(
        "SELECT max(v.first_seen) FROM main.publication p JOIN main.report_version v ON v.doc_key = p.doc_key"
        " WHERE p.report_id = ? AND v.version = (SELECT max(version) FROM main.report_version WHERE doc_key = p.doc_key)",
        [report_id],
    ).fetchone()
    if main is None:
        return
    own = "WHERE report_id = ? AND origin ="
    conn.execute(
        f"UPDATE main.finding SET first_seen = min(first_seen, ?) {own} 'reading' AND resolved_at IS NULL",
        [main[0], report_id],
    )
    conn.execute(
        f"UPDATE main.finding SET resolved_at = max(first_seen, ?) {own} 'reading' AND resolved_at IS NOT NULL",
        [main[0], report_id],
    )
    conn.execute(
        "UPDATE main.finding SET status = iif(resolved_at IS NULL, 'open', 'resolved')"
        " WHERE report_id = ? AND status IN ('open', 'resolved')",
        [report_id],
    )
    conn.execute(f"DELETE FROM main.finding {own} 'twins' AND status = 'resolved'", [report_id])
    conn.execute(f"UPDATE main.finding SET first_seen = ? {own} 'twins'", [twins[0], report_id])


def _names(conn: sqlite3.Connection) -> None:
    """Reports bear the name of their agency, which may have become another one."""
    rows = conn.execute(
        "SELECT r.*, a.name AS now FROM main.report r JOIN main.agency a ON a.id = r.agency_id"
        " WHERE a.name <> r.agency"
    ).fetchall()
    for row in rows:
        indexed = conn.execute("SELECT 1 FROM report_fts WHERE rowid = ?", [row["id"]]).fetchone()
        conn.execute("UPDATE main.report SET agency = ? WHERE id = ?", [row["now"], row["id"]])
        if indexed:
            search.remove(conn, dict(row))
            search.add(conn, {**dict(row), "agency": row["now"]})
