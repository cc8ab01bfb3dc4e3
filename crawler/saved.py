"""Documents that somebody saved: files, folders of them, and WARC files, brought into the shape of a response."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SIDECAR = ".meta.json"
WARC_NAMES = (".warc", ".warc.gz")
DOCUMENT_NAMES = frozenset(
    [".html", ".htm", ".shtml", ".xhtml", ".txt", ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".wps"]
)
NOT_DOCUMENTS = re.compile(r"(?:text/css|javascript|json|image/|font|audio/|video/)", re.I)
"""Declared types of what a page draws in: kept by no crawl, read by no reader."""

CONTEXT_KEYS = ("title", "list_date", "column_name", "site", "site_name", "county_code")
SIDECAR_KEYS = frozenset([*CONTEXT_KEYS, "url", "fetched_at", "headers", "status"])


class SavedError(Exception):
    """A saved document that cannot be used; one line that names it and says why."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A document with what is known of how it was got. ``url`` is null if nobody says where it was published."""

    source: str
    url: str | None
    body: bytes
    fetched_at: str
    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    context: dict[str, str] = field(default_factory=dict)


def find(paths: list[Path]) -> Iterator[Path]:
    """Every file to be taken in: those named, and in folders those that are documents by name, in order."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for file in sorted(path.rglob("*")):
            hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
            if file.is_file() and not hidden and (file.suffix.lower() in DOCUMENT_NAMES or is_warc(file)):
                yield file


def is_warc(path: Path) -> bool:
    """Whether the file's name says that it is a WARC file."""
    return path.name.lower().endswith(WARC_NAMES)


def load(path: Path, *, url: str | None = None) -> Iterator[Saved]:
    """The documents in a file: itself, or the answers in a WARC. Raises ``SavedError``, perhaps after some of them."""
    try:
        if is_warc(path):
            yield from _from_warc(path)
        else:
            yield _from_file(path, url)
    except OSError as error:
        raise SavedError(f"cannot read {path}: {error.strerror or error}") from None


def _from_file(path: Path, url: str | None) -> Saved:
    told = _sidecar(path.with_name(path.name + SIDECAR))
    url = url or told.get("url")
    if url and not url.startswith(("http://", "https://")):
        raise SavedError(f"{path}: {url!r} is not an address (http://… or https://…)")
    headers = told.get("headers") or []
    saved_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Saved(
        source=str(path),
        url=url,
        body=path.read_bytes(),
        fetched_at=_moment(told["fetched_at"], path) if "fetched_at" in told else _written(saved_at),
        status=told.get("status", 200),
        headers=[(str(n), str(v)) for n, v in (headers.items() if isinstance(headers, dict) else headers)],
        context={key: told[key] for key in CONTEXT_KEYS if told.get(key)},
    )


def _sidecar(path: Path) -> dict[str, Any]:
    """What ``<name>.meta.json`` tells about a file; nothing if it is not there. A key it may not hold is refused."""
    if not path.exists():
        return {}
    try:
        told = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise SavedError(f"{path}: not JSON ({error})") from None
    if not isinstance(told, dict) or (unknown := sorted(set(told) - SIDECAR_KEYS)):
        raise SavedError(
            f"{path}: {', '.join(unknown) if isinstance(told, dict) else 'no object'}: not understood"
        )
    for key, value in told.items():
        if not isinstance(value, {"status": int, "headers": dict | list}.get(key, str)):
            raise SavedError(f"{path}: {key} has a value of the wrong kind")
    return told


def _from_warc(path: Path) -> Iterator[Saved]:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    records = 0
    with path.open("rb") as file:
        try:
            for record in ArchiveIterator(file):
                records += 1
                if (saved := _from_record(record, path)) is not None:
                    yield saved
        except (ArchiveLoadFailed, EOFError) as error:
            raise SavedError(
                f"{path}: damaged after {records} records ({' '.join(str(error).split())})"
            ) from None
    if not records:
        raise SavedError(f"{path}: holds no WARC record")


def _from_record(record: Any, path: Path) -> Saved | None:
    """A document out of a WARC record; ``None`` for requests, redirects, errors, pictures and style sheets."""
    told = record.rec_headers
    url, fetched_at = told.get_header("WARC-Target-URI"), told.get_header("WARC-Date")
    if record.rec_type not in ("response", "resource") or not url or not fetched_at:
        return None
    headers = [
        (str(name), str(value))
        for name, value in (record.http_headers.headers if record.http_headers else [])
    ]
    status = int(record.http_headers.get_statuscode() or 0) if record.http_headers else 200
    declared = next((value for name, value in headers if name.lower() == "content-type"), "")
    if status != 200 or NOT_DOCUMENTS.search(declared) or not url.startswith(("http://", "https://")):
        return None
    return Saved(str(path), url, _transferred(record), _moment(fetched_at, path), status, headers)


def _transferred(record: Any) -> bytes:
    """The record's body without its transfer coding and with its content coding, as a crawl keeps it."""
    from warcio.bufferedreaders import ChunkedDataReader

    coding = record.http_headers.get_header("transfer-encoding") if record.http_headers else None
    stream = (
        ChunkedDataReader(record.raw_stream, decomp_type=None) if coding == "chunked" else record.raw_stream
    )
    return bytes(stream.read())


def _moment(text: str, path: Path) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SavedError(f"{path}: {text!r} is not a time (2026-01-31T08:00:00Z)") from None
    return _written(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
