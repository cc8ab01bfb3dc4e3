"""The frontier: every link ever found to a report, and how it stands with it. Nothing found is forgotten."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlite_utils import Database

from archive.store import clock, settle
from archive.store.connection import Row, insert, transaction
from archive.store.withheld import WITHHELD

RETRY_AFTER = tuple(timedelta(hours=h) for h in (1, 6, 24, 72, 168, 336, 720))
"""Waiting times after the first, second … failure. One more failure and the link is given up."""

GONE_AFTER = 3
"""Complete lists in which a known report must be absent before it is called gone (design 5.1)."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link as a list shows it. ``year_guess`` is the year that its title states, if it states one."""

    doc_key: str
    url: str
    title: str
    list_date: str | None = None
    year_guess: int | None = None


class Frontier:
    """The tables ``link`` and ``listing``.

    States of a link: ``pending`` (never fetched), ``done``, ``failed`` (to be tried again from ``next_try`` on),
    ``given_up``, ``gone``.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._conn: sqlite3.Connection = db.conn

    def found(self, site: str, listing_url: str, links: Sequence[Link], *, now: str) -> list[Link]:
        """Remember links seen in a list; those never seen before come back, in their order, each document once.

        ``listing_url`` is the list's first page, the same for all its pages: absence is judged by it. What the list
        says of a known link (address, title, date) is brought up to date; one that was gone is pending again.
        """
        fresh: list[Link] = []
        with transaction(self._db) as conn:
            for link in links:
                known = conn.execute("SELECT state FROM link WHERE doc_key = ?", [link.doc_key]).fetchone()
                if known is None:
                    insert(conn, "link", [_new_row(site, listing_url, link, now)])
                    fresh.append(link)
                else:
                    self._seen_again(listing_url, link, now, gone=known["state"] == "gone")
        return fresh

    def listed(
        self,
        *,
        crawl_id: int,
        site: str,
        url: str,
        column_name: str | None,
        pages_claimed: int | None,
        pages_fetched: int,
        links: int,
        complete: bool,
        snapshot_id: int | None,
        listed_at: str | None = None,
    ) -> None:
        """Record a list as walked: the evidence for "not found". ``listed_at`` defaults to now.

        Call it after ``found`` for all its pages, with the same ``url`` as ``listing_url`` there.
        """
        row = {
            "crawl_id": crawl_id, "site": site, "url": url, "column_name": column_name,
            "pages_claimed": pages_claimed, "pages_fetched": pages_fetched, "links": links,
            "complete": int(complete), "snapshot_id": snapshot_id, "listed_at": listed_at or clock.now(),
        }  # fmt: skip
        with transaction(self._db) as conn:
            insert(conn, "listing", [row])

    def due(
        self, site: str, *, now: str, years: frozenset[int] | None = None, refresh: bool = False
    ) -> list[Row]:
        """Links to be fetched now, those never fetched first, then the ones asked longest ago.

        ``years`` leaves out only links whose title states another year. ``refresh`` adds the ones that are done, and
        those given up but for what is withheld: a portal that was down for months may be up again.
        """
        states = "'pending', 'failed', 'done', 'given_up'" if refresh else "'pending', 'failed'"
        rows = self._conn.execute(
            f"SELECT * FROM link WHERE site = ? AND state IN ({states}) AND reason IS NOT '{WITHHELD}' AND (next_try IS NULL OR next_try <= ?) "
            "ORDER BY asked_at IS NOT NULL, asked_at, list_date DESC, doc_key",
            [site, now],
        )
        return [dict(r) for r in rows if years is None or r["year_guess"] is None or r["year_guess"] in years]

    def done(self, doc_key: str, *, now: str, asked_at: str | None = None) -> None:
        """The link was fetched (at ``asked_at``, by default now) and dealt with. What is gone stays so until seen."""
        with transaction(self._db) as conn:
            conn.execute(
                "UPDATE link SET state = 'done', attempts = 0, next_try = NULL, reason = NULL, asked_at = ? "
                "WHERE doc_key = ? AND state <> 'gone'",
                [asked_at or now, doc_key],
            )

    def failed(self, doc_key: str, reason: str, *, now: str, asked_at: str | None = None) -> None:
        """An attempt failed: try again after a growing while, then give up. A link that is unknown is no error."""
        with transaction(self._db) as conn:
            row = conn.execute("SELECT attempts FROM link WHERE doc_key = ?", [doc_key]).fetchone()
            if row is None:
                return
            attempts = row["attempts"] + 1
            again = clock.later(now, RETRY_AFTER[attempts - 1]) if attempts <= len(RETRY_AFTER) else None
            conn.execute(
                "UPDATE link SET state = ?, attempts = ?, next_try = ?, reason = ?, asked_at = ?"
                " WHERE doc_key = ? AND state <> 'gone'",
                ["failed" if again else "given_up", attempts, again, reason, asked_at or now, doc_key],
            )

    def postponed(self, doc_key: str, reason: str) -> None:
        """The link was not asked at all (its host was closed for this run): it stays due, and says why."""
        with transaction(self._db) as conn:
            conn.execute("UPDATE link SET reason = ? WHERE doc_key = ?", [reason, doc_key])

    def gone(self, site: str, *, now: str) -> list[Row]:
        """Mark the site's known reports that ``GONE_AFTER`` complete lists no longer show; back come the new ones.

        A list counts if its run began after the link was last seen, so a list that was broken off, and the very list
        that showed it, decide nothing. Attachments stand on pages, not in lists: nothing is concluded about them.
        A known report is one that was read once, however its last fetch went; one whose page itself said that it is no
        more has been told already. Each is told once: the next call does not return it again.
        """
        with transaction(self._db) as conn:
            rows = conn.execute(
                "SELECT * FROM link WHERE site = ? AND state <> 'gone' AND reason IS NOT ? AND (state = 'done' OR EXISTS ("
                "  SELECT 1 FROM document d WHERE d.doc_key = link.doc_key AND d.gone_on IS NULL)) AND NOT EXISTS ("
                "  SELECT 1 FROM snapshot s WHERE s.doc_key = link.doc_key AND s.kind = 'attachment') AND ? <= ("
                "  SELECT count(DISTINCT l.crawl_id) FROM listing l JOIN crawl c ON c.id = l.crawl_id"
                "  WHERE l.site = link.site AND l.url = link.listing_url AND l.complete"
                "  AND c.started_at > link.last_seen) ORDER BY doc_key",
                [site, WITHHELD, GONE_AFTER],
            ).fetchall()
            for row in rows:
                conn.execute(
                    "UPDATE link SET state = 'gone', reason = 'absent from complete lists' WHERE doc_key = ?",
                    [row["doc_key"]],
                )
                self.vanished(row["doc_key"], now[:10], now=now)
        return [dict(row) for row in rows]

    def vanished(self, doc_key: str, day: str | None, *, now: str) -> bool:
        """Write the day on which a document went, or with ``None`` that it is back. Whether that is news.

        Its report may be read from another document from now on: one that is still there (``publications``). A link
        that was never a document cannot vanish.
        """
        with transaction(self._db) as conn:
            changed = conn.execute(
                "UPDATE document SET gone_on = ? WHERE doc_key = ? AND (gone_on IS NULL) <> (? IS NULL)",
                [day, doc_key, day],
            ).rowcount
            held = conn.execute("SELECT report_id FROM publication WHERE doc_key = ?", [doc_key]).fetchone()
            if changed and held:
                settle.report(conn, held[0], now)
        return bool(changed)

    def known_years(self, site: str) -> set[int]:
        """The years of the site's reports in the archive that are not gone."""
        rows = self._conn.execute(
            "SELECT DISTINCT r.year FROM report r JOIN publication p ON p.report_id = r.id "
            "JOIN document d ON d.doc_key = p.doc_key WHERE d.site = ? AND d.gone_on IS NULL",
            [site],
        )
        return {row[0] for row in rows}

    def documents(self, site: str, *, gone: bool = False) -> set[str]:
        """The site's documents, or those of them that are gone as far as is known."""
        rows = self._conn.execute(
            "SELECT doc_key FROM document WHERE site = ?" + (" AND gone_on IS NOT NULL" if gone else ""),
            [site],
        )
        return {row[0] for row in rows}

    def get(self, doc_key: str) -> Row | None:
        """The link of a document, or ``None``."""
        row = self._conn.execute("SELECT * FROM link WHERE doc_key = ?", [doc_key]).fetchone()
        return dict(row) if row else None

    def _seen_again(self, listing_url: str, link: Link, now: str, *, gone: bool) -> None:
        self._conn.execute(
            "UPDATE link SET listing_url = ?, url = ?, title = iif(reason IS ?, '', ?),"
            " list_date = coalesce(?, list_date),"
            " year_guess = coalesce(?, year_guess), last_seen = max(last_seen, ?),"
            " state = iif(state = 'gone', 'pending', state), reason = iif(state = 'gone', NULL, reason)"
            " WHERE doc_key = ?",
            [listing_url, link.url, WITHHELD, link.title, link.list_date, link.year_guess, now, link.doc_key],
        )
        if gone:
            self.vanished(link.doc_key, None, now=now)


def _new_row(site: str, listing_url: str, link: Link, now: str) -> Row:
    return {
        "doc_key": link.doc_key, "site": site, "listing_url": listing_url, "url": link.url, "title": link.title,
        "list_date": link.list_date, "year_guess": link.year_guess, "first_seen": now, "last_seen": now,
        "state": "pending",
    }  # fmt: skip
