"""Documents that somebody saved: files and folders of them, with what is told beside them, in the shape of a response."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from archive.sandbox import Limits
from crawler.sites.hosts import split

SIDECAR = ".meta.json"
WARC_NAMES = (".warc", ".warc.gz")
DOCUMENT_NAMES = frozenset(
    [".html", ".htm", ".shtml", ".xhtml", ".txt", ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".wps"]
)
NOT_DOCUMENTS = re.compile(r"(?:text/css|javascript|json|image/|font|audio/|video/)", re.I)
"""Declared types of what a page draws in, or of what programs read: kept by no crawl, read by no reader."""

LARGEST = Limits().body
"""Bytes above which nothing is read, and nothing taken in."""
LARGEST_SIDECAR = 1 << 20
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Before it no page was fetched by anybody."""

_COUNTY = re.compile(r"[0-9]{6}|[a-z]{2}-[a-z]+")
"""Six digits (GB/T 2260), or the own prefix of an area without a code."""

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


def find(paths: list[Path], *, tell: Callable[[str], None]) -> Iterator[Path]:
    """Every file to be taken in: those named, and in folders those that are documents by name, in order.

    A link in a folder that leads out of it is told and left alone: whoever packed the folder does not own the machine.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        root = path.resolve()
        for folder, folders, names in os.walk(
            path, onerror=lambda error: tell(f"cannot read {error.filename}")
        ):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for file in (Path(folder, name) for name in sorted(names) if not name.startswith(".")):
                if file.suffix.lower() not in DOCUMENT_NAMES and not is_warc(file):
                    continue
                if file.is_symlink() and not _resolved(file).is_relative_to(root):
                    tell(f"{file}: leads out of the folder; not taken")
                elif file.is_file():
                    yield file


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a link that leads to itself
        return Path("/")


def is_warc(path: Path) -> bool:
    """Whether the file's name says that it is a WARC file."""
    return path.name.lower().endswith(WARC_NAMES)


def load(path: Path, *, url: str | None = None) -> Saved:
    """The document in a file, with what its sidecar tells. Raises ``SavedError``."""
    if path.name.lower().endswith((".wacz", ".warc.zst", ".arc", ".arc.gz")):
        raise SavedError(f"{path}: only WARC files are read (.warc, .warc.gz); unpack or convert it first")
    told = _sidecar(path)
    try:
        if not path.is_file():
            raise SavedError(f"cannot read {path}: no file")
        size = path.stat().st_size
        if size > LARGEST:
            raise SavedError(f"{path}: larger than {LARGEST} bytes")
        if not size:
            raise SavedError(f"{path}: is empty")
        body, saved_at = path.read_bytes(), datetime.fromtimestamp(path.stat().st_mtime, UTC)
        url = url or told.get("url")
        if url and (split(url) is None or not is_text(url)):
            raise SavedError(f"{path}: {url!r} is not an address (http://… or https://…)")
        fetched_at = moment(told["fetched_at"] if "fetched_at" in told else saved_at.isoformat())
    except OSError as error:
        raise SavedError(f"cannot read {path}: {error.strerror or error}") from None
    except ValueError as error:
        raise SavedError(f"{path}: {error}") from None
    headers = told.get("headers") or []
    return Saved(
        source=str(path), url=url or None, body=body, fetched_at=fetched_at, status=told.get("status", 200),
        headers=[(name, value) for name, value in (headers.items() if isinstance(headers, dict) else headers)],
        context={key: told[key] for key in CONTEXT_KEYS if told.get(key)},
    )  # fmt: skip


def _sidecar(document: Path) -> dict[str, Any]:
    """What ``<name>.meta.json`` tells about a file; nothing if it is not there. A key it may not hold is refused."""
    path = document.with_name(document.name + SIDECAR)
    if not path.exists():
        return {}
    if not path.is_file() or _resolved(path).parent != _resolved(document.parent):
        raise SavedError(f"{path}: no file of this folder")
    try:
        if path.stat().st_size > LARGEST_SIDECAR:
            raise SavedError(f"{path}: larger than {LARGEST_SIDECAR} bytes")
        told = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise SavedError(f"cannot read {path}: {error.strerror or error}") from None
    except RecursionError:
        raise SavedError(f"{path}: not JSON (nested too deeply)") from None
    except ValueError as error:
        raise SavedError(f"{path}: not JSON ({error})") from None
    if not isinstance(told, dict) or (unknown := sorted(set(told) - SIDECAR_KEYS)):
        raise SavedError(
            f"{path}: {', '.join(map(repr, unknown)) if isinstance(told, dict) else 'no object'}: not understood"
        )
    for key, value in told.items():
        if not _fits(key, value):
            raise SavedError(f"{path}: {key} has a value of the wrong kind")
    if (day := told.get("list_date")) and not _is_day(day):
        raise SavedError(f"{path}: list_date {day[:40]!r} is no day (2026-01-31)")
    if (code := told.get("county_code")) and not _COUNTY.fullmatch(code):
        raise SavedError(
            f"{path}: county_code {code[:40]!r} is no code of a county (500113, or an area's own cq-ljxq)"
        )
    return told


def _is_day(text: str) -> bool:
    try:
        return len(text) == len("2026-01-31") and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _fits(key: str, value: object) -> bool:
    if key == "status":
        return type(value) is int and 100 <= value <= 599
    if key != "headers":
        return is_text(value)
    pairs = list(value.items()) if isinstance(value, dict) else value
    return isinstance(pairs, list) and all(
        isinstance(pair, list | tuple) and len(pair) == 2 and all(map(is_text, pair)) for pair in pairs
    )


def is_text(value: object) -> bool:
    """Whether a value out of JSON is a text that can be stored: no half of a surrogate pair, no zero byte."""
    return isinstance(value, str) and "\0" not in value and not re.search("[\ud800-\udfff]", value)


def moment(text: str) -> str:
    """A time as the archive writes it; one without a zone is taken for UTC. Raises ``ValueError`` with one clear line.

    A page cannot have been fetched before there were any, nor tomorrow: it would stand as the latest for ever.
    """
    try:
        read = datetime.fromisoformat(text)
        read = read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:40]!r} is not a time (2026-01-31T08:00:00Z)") from None
    if not EARLIEST <= read <= datetime.now(UTC) + timedelta(days=1):
        raise ValueError(f"{text[:40]!r} is no time at which a page can have been fetched")
    return read.strftime("%Y-%m-%dT%H:%M:%SZ")
