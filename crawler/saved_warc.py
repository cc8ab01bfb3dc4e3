"""Answers out of WARC files: our own exports become the snapshots they were, everybody else's become saved documents.

What a record of ours claims about itself (``Gongkai-Snapshot``) is believed only if it fits the record: key, address,
time and digest must be one another's. Otherwise the record is told and taken like any other tool's.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.publish import warc
from archive.store import Capture
from archive.store.snapshots import snapshot_key
from crawler.platforms.base import is_file
from crawler.saved import LARGEST, NOT_DOCUMENTS, Saved, SavedError, is_text, moment
from crawler.sites.hosts import split
from crawler.warc_records import DamagedError, Record, records

KINDS = frozenset({"report", "list", "attachment", "rendered", "robots", "redirect", "error", "ingested"})
ABOUT = frozenset({"warcinfo", "request", "metadata", "conversion", "continuation"})
"""Types of records that are no answers, but about them or made of them."""
ANSWERS = frozenset({"response", "resource", "revisit"})
TEXT = ("text/html", "application/xhtml", "text/plain")

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A record that gives no document. ``reason`` is a key of ``crawler.intake.OUTCOMES``, ``names`` what repeats it call it."""

    reason: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A document out of another tool's file; ``names`` are those under which later records repeat its bytes."""

    saved: Saved
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """An answer whose bytes stand elsewhere: under one of the names in ``of``. ``unchanged``: the answer was a 304."""

    saved: Saved
    of: tuple[str, ...]
    unchanged: bool


@dataclass(frozen=True, slots=True)
class Own:
    """A snapshot of an archive's export. ``body`` of the capture is empty if ``repeats``: the bytes of its digest are meant."""

    key: str
    capture: Capture
    repeats: str | None = None


Found = NotTaken | Answer | Repeat | Own


@dataclass(frozen=True, slots=True)
class _Claim:
    """What ``Gongkai-Snapshot`` says, each value of the right type."""

    key: str
    kind: str
    url: str
    doc_key: str | None
    context: dict[str, str]
    final_url: str | None = None
    status: int | None = None
    headers: list[tuple[str, str]] | None = field(default=None)


def load(path: Path, *, tell: Tell, progress: Callable[[int], object] = lambda _: None) -> Iterator[Found]:
    """What every record of a WARC file gives, one at a time. ``progress`` is told the place in the file.

    Raises ``SavedError`` where the file cannot be read any further: what came before is whole.
    """
    whole = 0
    try:
        if not path.is_file():
            raise SavedError(f"cannot read {path}: no file")
        with path.open("rb") as file:
            for record in records(file):
                yield _found(record, f"{path}: record {record.number}", tell)
                whole = record.number
                progress(file.tell())
        if not whole:
            raise SavedError(f"{path}: holds no WARC record")
    except DamagedError as error:
        raise SavedError(f"{path}: damaged after {whole} records ({error})") from None
    except OSError as error:
        raise SavedError(f"cannot read {path}: {error.strerror or error}") from None


def _found(record: Record, place: str, tell: Tell) -> Found:
    fields = record.fields
    if record.type not in ANSWERS:
        return NotTaken("about")
    # wget 1.19 puts the address between angle brackets.
    uri = fields.get("warc-target-uri", "").strip("<>")
    try:
        fetched_at = moment(fields.get("warc-date", ""))
    except ValueError as error:
        tell(f"{place}: {error}; not taken")
        return NotTaken("unnamed")
    is_http = record.type != "resource" and fields.get("content-type", "").lower().startswith(
        "application/http"
    )
    status, headers = warc.parse_head(record.head()) if is_http else (200, _typed(fields))
    if record.left > LARGEST:
        tell(f"{place}: {uri}: larger than {LARGEST} bytes; not taken")
        return NotTaken("too_large", _names(fields, uri))
    body = record.read()
    if not record.is_whole:
        tell(f"{place}: {uri}: is not what its digest says; not taken")
        return NotTaken("broken", _names(fields, uri))
    if warc.SNAPSHOT.lower() in fields:
        own = _own(fields, record.type, uri, fetched_at, status, headers, body)
        if isinstance(own, Own):
            return own
        tell(f"{place}: {uri}: {warc.SNAPSHOT} {own}; taken as another tool's record")
    saved = Saved(place, uri, _transferred(body, headers), fetched_at, status, headers)
    return _foreign(record, saved)


# -- another tool's record


def _foreign(record: Record, saved: Saved) -> Found:
    names = _names(record.fields, saved.url or "")
    if not is_text(saved.url or "") or split(saved.url or "") is None:
        return NotTaken("unnamed", names)
    if record.type == "revisit":
        unchanged = saved.status == 304 or "not-modified" in record.fields.get("warc-profile", "")
        if not unchanged and saved.status not in (0, 200):
            return NotTaken("no_page", names)
        return Repeat(saved, _refers_to(record.fields), unchanged)
    if saved.status != 200:
        return NotTaken("no_page", names)
    if not saved.body:
        return NotTaken("empty", names)
    return Answer(saved, names) if _may_be_document(saved) else NotTaken("other_type", names)


def _may_be_document(saved: Saved) -> bool:
    """Whether the answer could hold a report, by its declared type and, without one, its address."""
    declared = next((value for name, value in saved.headers if name.lower() == "content-type"), "")
    if NOT_DOCUMENTS.search(declared):
        return False
    if not declared or not declared.lower().startswith(TEXT):
        return not is_file(saved.url or "")
    return True


def _typed(fields: dict[str, str]) -> list[tuple[str, str]]:
    kind = fields.get("content-type")
    return [("Content-Type", kind)] if kind else []


def _names(fields: dict[str, str], uri: str) -> tuple[str, ...]:
    """What a later record may call these bytes: the record's number, the payload's digest, address and time."""
    named = (fields.get("warc-record-id"), _digest(fields))
    return tuple(name for name in (*named, f"{uri} {fields.get('warc-date', '')}") if name)


def _refers_to(fields: dict[str, str]) -> tuple[str, ...]:
    address, date = fields.get("warc-refers-to-target-uri", ""), fields.get("warc-refers-to-date", "")
    named = (
        fields.get("warc-refers-to"),
        _digest(fields),
        f"{address.strip('<>')} {date}" if address else None,
    )
    return tuple(name for name in named if name)


def _digest(fields: dict[str, str]) -> str | None:
    algorithm, colon, value = fields.get("warc-payload-digest", "").partition(":")
    return f"{algorithm.lower()}:{value.upper()}" if colon else None


def _transferred(body: bytes, headers: list[tuple[str, str]]) -> bytes:
    """A body without its transfer coding and with its content coding, as a crawl keeps it.

    Many tools undo the coding and leave its header: what is not chunked stays as it is.
    """
    coding = next((value for name, value in headers if name.lower() == "transfer-encoding"), "")
    if not coding.lower().rstrip().endswith("chunked"):
        return body
    from warcio.bufferedreaders import ChunkedDataReader

    return bytes(ChunkedDataReader(io.BytesIO(body), decomp_type=None).read())


# -- our own record


def _own(
    fields: dict[str, str], record_type: str, uri: str, fetched_at: str, status: int,
    headers: list[tuple[str, str]], body: bytes,
) -> Own | str:  # fmt: skip
    """The snapshot that was exported, or what its claim about itself gets wrong."""
    claim = _claim(fields[warc.SNAPSHOT.lower()])
    if isinstance(claim, str):
        return claim
    digest = hashlib.sha256(body).hexdigest()
    said = fields.get("warc-payload-digest")
    if record_type == "revisit":
        digest = _hexadecimal(said or "")
    elif said is not None and said != warc.digest_of(digest):
        return "has another digest than its payload"
    if snapshot_key(claim.url, fetched_at, digest, claim.kind) != claim.key:
        return "is not about this address, time, kind and payload"
    final_url = claim.final_url if claim.final_url is not None else uri.removeprefix(warc.RENDERED)
    target = warc.target({"final_url": final_url, "kind": claim.kind})
    if target != uri or (claim.status is not None and record_type != "resource"):
        return "is not about this address"
    status = claim.status or status
    if not 100 <= status <= 599 or (status == 304) != (record_type == "revisit" and _is_confirmation(fields)):
        return "has no status that fits the record"
    confirms = digest if status == 304 else None
    own_headers = (
        claim.headers
        if claim.headers is not None
        else warc.restored(headers if record_type != "resource" else [])
    )
    capture = Capture(
        url=claim.url, final_url=final_url, kind=claim.kind, status=status, fetched_at=fetched_at, body=body,
        headers=own_headers, context=claim.context, doc_key=claim.doc_key, confirms=confirms,
    )  # fmt: skip
    return Own(claim.key, capture, repeats=digest if record_type == "revisit" and not confirms else None)


def _is_confirmation(fields: dict[str, str]) -> bool:
    return fields.get("warc-profile") == warc.NOT_MODIFIED


def _hexadecimal(digest: str) -> str:
    from crawler.warc_records import declared

    value, fresh = declared(digest)
    return value.hex() if fresh is not None and fresh.name == "sha256" else ""


def _claim(text: str) -> _Claim | str:
    """The claim, each value of its type, or why it cannot be read."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return "is not JSON"
    if not isinstance(told, dict):
        return "is no object"
    told = {name: told.get(name) for name in _Claim.__slots__}
    context, headers, status = told["context"], told["headers"], told["status"]
    texts = [
        told["key"],
        told["url"],
        *(told[name] for name in ("doc_key", "final_url") if told[name] is not None),
    ]
    if not all(map(is_text, texts)) or told["kind"] not in KINDS or told["doc_key"] == "":
        return "lacks what it must tell"
    if not isinstance(context, dict) or not all(is_text(text) for pair in context.items() for text in pair):
        return "has no context of texts"
    if headers is not None and not _are_headers(headers):
        return "has headers that are no pairs of texts"
    if status is not None and type(status) is not int:
        return "has a status that is no number"
    if split(told["url"]) is None and not told["url"].startswith("file:"):
        return "has no address"
    return _Claim(
        **{**told, "headers": None if headers is None else [(name, value) for name, value in headers]}
    )


def _are_headers(headers: Any) -> bool:
    return isinstance(headers, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(map(is_text, pair)) for pair in headers
    )
