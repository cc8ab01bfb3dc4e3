"""Saved documents and exported snapshots into the archive: kept and read in one transaction each, once."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from archive.ahead import Read, Wanted
from archive.report.model import Context
from archive.sandbox import read_safely
from archive.store import Archive, ArchiveError, Capture
from archive.store.connection import transaction
from archive.store.names import Names
from archive.store.prepared import Prepared
from archive.store.snapshots import READABLE_KINDS
from crawler import platforms
from crawler.platforms import Kind, Platform
from crawler.saved import Saved
from crawler.saved_warc import Answer, Found, NotTaken, Own, Repeat
from crawler.sites import Registry, Site
from crawler.sites.hosts import host_of, written

OUTCOMES = {
    "new": "new reports or new copies of them",
    "changed": "changed",
    "unchanged": "unchanged",
    "unplaced": "kept, but no report, or not clear whose or of which year (table unplaced)",
    "failed": "kept, but could not be read",
    "evidence": "kept as evidence: lists, robots.txt, redirects, errors of an exported archive",
    "skipped": "in the archive already",
    "list": "not taken: lists and other pages of a column that hold no report",
    "no_page": "not taken: redirects, errors and other answers that are no page",
    "other_type": "not taken: pictures, style sheets, scripts and the like",
    "empty": "not taken: without a byte",
    "about": "not taken: requests, metadata and other records that are no answers",
    "unnamed": "not taken: without a web address or a time",
    "too_large": "not taken: too large",
    "broken": "not taken: not what its digest says",
    "unknown": "not taken: repeats of bytes that were not taken, or are nowhere",
}
"""What may become of a document, and what that means; in the order in which it is told."""

NOT_DOCUMENTS = frozenset({"list", "no_page", "other_type", "empty", "about", "unnamed"})
"""Outcomes of what nobody expects in an archive."""

WANTING = frozenset({"failed", "too_large", "broken", "unknown"})
"""Outcomes that fall short of what was asked for."""


class Intake:
    """One run of ``ingest`` on an open archive."""

    def __init__(self, archive: Archive, registry: Registry, run: int) -> None:
        self._archive, self._registry, self._run = archive, registry, run
        self._names = Names(archive.conn)

    def wanted(self, found: Saved | Found) -> Wanted | None:
        """What of it is to be read when it is taken, as far as that is known already; ``None``: nothing."""
        match found:
            case Saved():
                document = found
            case Answer():
                document = found.saved
            case Own(capture=capture) if (
                not found.repeats and capture.status != 304 and self._is_readable(found)
            ):
                return Wanted(capture.body, capture.headers, Context.from_dict(capture.context))
            case _:
                return None
        if document.status != 200:
            return None
        capture, _ = self._capture(document)
        if self._archive.snapshots.is_known(capture):
            return None
        return Wanted(capture.body, capture.headers, Context.from_dict(capture.context))

    def _is_readable(self, found: Own) -> bool:
        capture = found.capture
        known = self._archive.snapshots.has(found.key)
        return not known and capture.kind in READABLE_KINDS and capture.doc_key is not None

    def take(self, found: Saved | Found, read: Read | None = None) -> str:
        """Take in what was found; a key of ``OUTCOMES`` comes back. What is ``unknown`` now may be known later in the run.

        ``read`` gives its reading, if it was begun for what ``wanted`` said.
        """
        match found:
            case Saved():
                return self._saved(found, read)
            case NotTaken():
                self._names.remember(found.names, None)
                return found.reason
            case Answer():
                outcome = self._saved(found.saved, read, crawled=True)
                kept = outcome not in ("list", "no_page")
                self._names.remember(
                    found.names, hashlib.sha256(found.saved.body).hexdigest() if kept else None
                )
                return outcome
            case Repeat():
                return self._repeat(found)
            case Own():
                return self._own(found, read)

    # -- other people's documents

    def _saved(self, document: Saved, read: Read | None = None, *, crawled: bool = False) -> str:
        """Keep and read a document. One that a crawl of somebody's brought along must be a report or may be one."""
        if document.status != 200:
            return "no_page"
        capture, site = self._capture(document)
        if self._archive.snapshots.is_known(capture):
            return "skipped"
        reading = _read(capture, read)
        if crawled and reading.report.status == "not_a_report" and _kind(capture.url, site) == "column":
            return "list"
        return self._keep(capture, reading)

    def _capture(self, document: Saved) -> tuple[Capture, Site | None]:
        url = document.url or f"file:{hashlib.sha256(document.body).hexdigest()}"
        site = self._registry.nearest(url)
        known = {"site": site.site, "county_code": site.admin_code} if site else {}
        context = Context.from_dict(
            {**known, **document.context, "url": document.url, "fetched_at": document.fetched_at}
        )
        capture = Capture(
            url=url, final_url=url, kind="ingested", status=document.status, fetched_at=document.fetched_at,
            body=document.body, headers=document.headers, context=context.as_dict(), doc_key=name_of(url, site),
        )  # fmt: skip
        return capture, site

    def _repeat(self, found: Repeat) -> str:
        """An answer without its bytes: they are looked for under the names that it gives them."""
        known, sha256 = self._names.meant(found.of)
        if sha256 is None:
            return "other_type" if known else "unknown"
        capture, _ = self._capture(found.saved)
        if found.unchanged:
            capture = replace(capture, status=304, body=b"", confirms=sha256)
            return "skipped" if self._archive.snapshots.is_known(capture) else self._confirm(capture)
        try:
            body = self._archive.snapshots.body(sha256)
        except ArchiveError:
            return "unknown"  # withheld or damaged since
        headers = found.saved.headers or self._archive.snapshots.headers_of(sha256)
        return self._saved(replace(found.saved, body=body, headers=headers, status=200))

    # -- our own snapshots

    def _own(self, found: Own, read: Read | None) -> str:
        """A snapshot as it was in another archive; read if it was read there."""
        capture = found.capture
        if self._archive.snapshots.has(found.key):
            return "skipped"
        if found.repeats:
            try:
                capture = replace(capture, body=self._archive.snapshots.body(found.repeats))
            except ArchiveError:
                return "unknown"
        if capture.status == 304:
            return self._confirm(capture)
        if capture.kind not in READABLE_KINDS or capture.doc_key is None:
            self._archive.snapshots.add(capture, crawl_id=self._run)
            return "evidence"
        return self._keep(capture, _read(capture, None if found.repeats else read))

    # -- keeping

    def _keep(self, capture: Capture, reading: Prepared) -> str:
        """Bytes and reading at once: after a kill a document is in the archive with its reading, or not at all.

        A crawl keeps the bytes first, for it cannot have them again; here they lie in the file.
        """
        doc_key = capture.doc_key
        assert doc_key is not None
        with transaction(self._archive.db):
            stored = self._archive.snapshots.add(capture, crawl_id=self._run)
            return self._archive.readings.store(
                stored.id, reading, doc_key=doc_key, site=capture.context.get("site") or "ingested",
                url=capture.url, now=capture.fetched_at,
            )  # fmt: skip

    def _confirm(self, capture: Capture) -> str:
        """A 304: the document was seen once more, if it was a document and its bytes are here."""
        if capture.confirms is None or capture.confirms not in self._archive.snapshots.bodies:
            return "unknown"
        with transaction(self._archive.db):
            stored = self._archive.snapshots.add(capture, crawl_id=self._run)
            if capture.kind not in READABLE_KINDS or capture.doc_key is None:
                return "evidence"
            self._archive.readings.confirmed(stored.id, doc_key=capture.doc_key, now=capture.fetched_at)
            return "unchanged"


def _read(capture: Capture, read: Read | None) -> Prepared:
    """The reading that was begun ahead, else one made now."""
    if read is not None:
        return read()
    return Prepared(read_safely(capture.body, capture.headers, Context.from_dict(capture.context)))


def name_of(url: str, site: Site | None) -> str:
    """The document's name, the same that a crawl gives it: by the platform of its site, else its address.

    On a host of no row the installation is the host, as for a row that names none.
    """
    host = host_of(url)
    if host is None:
        return url
    return _platform(url, site).doc_key(url, site.installation if site else written(host))


def _kind(url: str, site: Site | None) -> Kind:
    """What the address points at; what was published nowhere is taken for a document."""
    return "article" if host_of(url) is None else _platform(url, site).kind(url)


def _platform(url: str, site: Site | None) -> Platform:
    """The row's system, else the one whose articles have such addresses."""
    if site is not None and site.platform != "auto":
        return platforms.get(site.platform)
    return platforms.recognise(url, "")
