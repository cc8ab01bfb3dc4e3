"""The archive's snapshots as WARC 1.1 files (ISO 28500:2017), for everybody else's tools.

The database is the truth; a WARC is made of it on demand and compared with it afterwards, because the common checkers
pass empty and truncated files. What is written for a snapshot:

* ``response``, headers as they were parsed and the payload as it was received after transfer decoding;
* ``revisit`` for bytes that stand in an earlier record (identical-payload-digest) and for a 304 (server-not-modified);
* ``resource`` for a page as a browser built it (``urn:rendered:<address>``), which no server ever sent, and for a saved
  file that came without the headers of an answer;
* ``request`` beside every answer that we asked for ourselves, made again from the address: the other headers of the
  request were not kept, and ``warcinfo`` says so.

The field ``Gongkai-Snapshot`` carries what a snapshot has beyond WARC, so that an archive can be made of the file again
(``crawler.saved_warc``).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sqlite3
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlsplit, urlunsplit

from archive.publish import withheld
from archive.store import Archive
from archive.store.connection import Row
from archive.store.errors import ArchiveError

LARGEST_FILE = 1_000_000_000
"""When a file has grown to this size the next one is begun: what WARC tools are used to."""

PROFILE = "http://netpreserve.org/warc/1.1/revisit/"
SAME_PAYLOAD, NOT_MODIFIED = PROFILE + "identical-payload-digest", PROFILE + "server-not-modified"
HTTP = "application/http; msgtype="
MOVED = "X-Archive-Orig-"
"""Put before the name of a header that is no longer true of the payload as it is kept (the convention of Heritrix)."""
LINE_BREAK = re.compile(r"[\r\n]+")
RENDERED = "urn:rendered:"
NAMES = uuid.UUID("6f3ad2c4-50a3-5e0c-9d5b-3b6c8f1f7a11")
"""Record ids are made of the snapshots' keys, so that the same archive gives the same file."""

SNAPSHOT = "Gongkai-Snapshot"
"""The field that holds what a snapshot has beyond WARC."""
STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)? +(\d{3})(?: |$)")

Fields = list[tuple[str, str]]
Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Counts:
    """What was written: snapshots, records of all types, bytes of payload, files."""

    snapshots: int = 0
    records: int = 0
    payload: int = 0
    files: int = 0


def count(conn: sqlite3.Connection, documents: str | None = None) -> int:
    """How many snapshots ``write`` would write."""
    return int(conn.execute(f"SELECT count(*) FROM ({_select(documents)})").fetchone()[0])


def write(
    archive: Archive, folder: Path, *, software: str, now: str, documents: str | None = None,
    done: Callable[[int], object] = lambda _: None,
) -> Counts:  # fmt: skip
    """Write the archive's snapshots into WARC files in ``folder``, then read them back and compare them.

    ``documents`` is SQL for the keys of the documents wanted; without it everything is written, lists and refusals too.
    What is withheld is left out; ``done`` is told of every snapshot. The caller holds a read transaction, so that the archive stands still meanwhile.
    Raises ``ArchiveError`` if a body is damaged or the files are not what was meant.
    """
    withheld.refuse_unknown(archive.conn)
    select = _select(documents)
    archive.conn.execute(
        "CREATE TEMP TABLE IF NOT EXISTS written (sha256 TEXT, resource INTEGER, uri TEXT, date TEXT, id TEXT,"
        " PRIMARY KEY (sha256, resource)) WITHOUT ROWID"
    )
    archive.conn.execute("DELETE FROM written")
    with _Files(folder, software, now) as files:
        snapshots = payload = 0
        for row in archive.conn.execute(select):
            body = b"" if row["status"] == 304 else archive.snapshots.body(row["sha256"])
            files.write(_records(archive.conn, row, body))
            snapshots, payload = snapshots + 1, payload + len(body)
            done(1)
    _compare(archive.conn.execute(select), files.paths, records=files.records)
    return Counts(snapshots, files.records, payload, len(files.paths))


_ORDER = "s.fetched_at, s.status = 304, s.key"
"""Of one second, what was confirmed comes before what confirms it."""


def _select(documents: str | None) -> str:
    wanted = f"AND s.doc_key IN ({documents})" if documents else ""
    return f"SELECT s.* FROM snapshot s WHERE s.id NOT IN ({withheld.snapshots()}) {wanted} ORDER BY {_ORDER}"


def _records(conn: sqlite3.Connection, row: Row, body: bytes) -> list[bytes]:
    """The record of a snapshot, and of the request for it where there was one."""
    headers = [(str(name), str(value)) for name, value in json.loads(row["headers"])]
    date, uri, number = row["fetched_at"], target(row), _id(row["key"], "answer")
    known = _written(conn, row, uri, date, number)
    head = b"" if is_resource(row) else _http_head(row["status"], headers, len(body))
    fields: Fields = [("WARC-Target-URI", uri), ("WARC-Date", date), ("WARC-Record-ID", number)]
    fields.append((SNAPSHOT, _beyond(row, headers, head)))
    digest = ("WARC-Payload-Digest", digest_of(row["sha256"]))
    if is_resource(row):
        kind = LINE_BREAK.sub(" ", row["content_type"] or "application/octet-stream")
        return [_record("resource", [*fields, digest, ("Content-Type", kind)], body)]
    if known or row["status"] == 304:
        profile = NOT_MODIFIED if row["status"] == 304 else SAME_PAYLOAD
        fields += [("WARC-Profile", profile), digest, *(_refers_to(known) if known else [])]
        answer = _record("revisit", [*fields, ("Content-Type", HTTP + "response")], head)
    else:
        if _is_truncated(headers, len(body)):
            fields.append(("WARC-Truncated", "disconnect"))
        answer = _record("response", [*fields, digest, ("Content-Type", HTTP + "response")], head + body)
    return [answer] if row["kind"] == "ingested" else [answer, _request(row, uri, date, number)]


def is_resource(row: Row) -> bool:
    """Whether a snapshot is no answer of a server: what a browser built, or a file without an answer's headers."""
    return bool(row["kind"] == "rendered" or (row["kind"] == "ingested" and row["headers"] == "[]"))


def target(row: Row) -> str:
    """The ``WARC-Target-URI`` of a snapshot: the address that answered, percent-encoded."""
    uri = percent_encoded(row["final_url"])
    return RENDERED + uri if row["kind"] == "rendered" else uri


def percent_encoded(url: str) -> str:
    """An address as a URI: UTF-8 percent-encoded where it is not ASCII, its host in IDNA; what is encoded already stays."""
    parts = urlsplit(url)
    host = parts.netloc
    if not host.isascii():
        name, colon, port = host.partition(":")
        host = name.encode("idna").decode("ascii") + colon + port
    keep = "!#$%&'()*+,/:;=?@[]~"
    return urlunsplit((parts.scheme, host, *(quote(part, safe=keep) for part in parts[2:])))


def digest_of(sha256: str) -> str:
    """A digest as WARC writes it: the algorithm and base 32."""
    return "sha256:" + base64.b32encode(bytes.fromhex(sha256)).decode("ascii")


def _written(conn: sqlite3.Connection, row: Row, uri: str, date: str, number: str) -> Row | None:
    """The record that holds these bytes already; ``None``, and noted for later, if this one will."""
    resource = is_resource(row)
    known: Row | None = conn.execute(
        "SELECT uri, date, id FROM written WHERE sha256 = ? AND resource = ?", [row["sha256"], resource]
    ).fetchone()
    if known is None and row["status"] != 304:
        conn.execute(
            "INSERT INTO written VALUES (?, ?, ?, ?, ?)", [row["sha256"], resource, uri, date, number]
        )
    return known


def _refers_to(known: Row) -> Fields:
    return [
        ("WARC-Refers-To", known["id"]),
        ("WARC-Refers-To-Target-URI", known["uri"]),
        ("WARC-Refers-To-Date", known["date"]),
    ]


def _beyond(row: Row, headers: Headers, head: bytes) -> str:
    """What a snapshot has beyond its record, as JSON in ASCII: header fields are one line.

    Beside what is always told, only what the record's own fields would not give back.
    """
    told = {name: row[name] for name in ("key", "kind", "doc_key", "url")}
    told["context"] = json.loads(row["context"])
    if row["final_url"] != percent_encoded(row["final_url"]):
        told["final_url"] = row["final_url"]
    if not head:
        told["status"] = row["status"]
    if restored(parse_head(head)[1]) != headers:
        told["headers"] = headers
    return json.dumps(told, sort_keys=True)


def _http_head(status: int, headers: Sequence[tuple[str, str]], length: int) -> bytes:
    lines = [f"HTTP/1.1 {status} {_phrase(status)}"]
    for name, value in headers:
        lower = name.lower()
        stale = lower == "transfer-encoding" or (
            lower == "content-length" and value.strip() != str(length) and status != 304
        )
        lines.append(f"{MOVED + name if stale else name}: {LINE_BREAK.sub(' ', value)}")
        if stale and lower == "content-length":
            lines.append(f"{name}: {length}")
    text = "\r\n".join([*lines, "", ""])
    try:
        return text.encode(
            "latin-1"
        )  # header bytes are kept as Latin-1 by the letter of HTTP: this gives them back
    except UnicodeEncodeError:
        return text.encode("utf-8")


def parse_head(head: bytes) -> tuple[int, Headers]:
    """Status and headers of an answer out of its head; status 0 if its first line is no status line.

    Header bytes are Latin-1, as a crawl keeps them. A line that begins with a blank goes on with the one before.
    """
    first, *lines = head.replace(b"\r\n", b"\n").split(b"\n")
    status = STATUS_LINE.match(first)
    headers: Headers = []
    for line in (line.decode("latin-1") for line in lines):
        name, colon, value = line.partition(":")
        if line[:1] in (" ", "\t") and headers:
            headers[-1] = (headers[-1][0], f"{headers[-1][1]} {line.strip()}".strip())
        elif colon:
            headers.append((name.strip(), value.strip(" \t")))
    return int(status[1]) if status else 0, headers


def restored(headers: Headers) -> Headers:
    """The headers as they were before those that the payload makes untrue were renamed."""
    found: Headers = []
    replaced = False
    for name, value in headers:
        if replaced and name.lower() == "content-length":
            replaced = False  # the length that stands in for the one renamed before it
        elif name.startswith(MOVED):
            found.append((name.removeprefix(MOVED), value))
            replaced = found[-1][0].lower() == "content-length"
        else:
            found.append((name, value))
    return found


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _is_truncated(headers: Iterable[tuple[str, str]], length: int) -> bool:
    said = next((value.strip() for name, value in headers if name.lower() == "content-length"), "")
    return said.isdigit() and int(said) > length


def _request(row: Row, uri: str, date: str, answer: str) -> bytes:
    parts = urlsplit(uri)
    path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    fields = [
        ("WARC-Target-URI", uri),
        ("WARC-Date", date),
        ("WARC-Record-ID", _id(row["key"], "request")),
        ("WARC-Concurrent-To", answer),
        ("Content-Type", HTTP + "request"),
    ]
    return _record("request", fields, f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())


def _id(key: str, part: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(NAMES, f'{key} {part}')}>"


def _record(kind: str, fields: Fields, block: bytes) -> bytes:
    """A record as one gzip member, as the standard recommends, so that it can be read from its offset."""
    fields = [
        ("WARC-Type", kind),
        *fields,
        ("WARC-Block-Digest", digest_of(hashlib.sha256(block).hexdigest())),
        ("Content-Length", str(len(block))),
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    return packer.compress(f"WARC/1.1\r\n{head}\r\n".encode() + block + b"\r\n\r\n") + packer.flush()


class _Files:
    """The files of one export, each begun with its ``warcinfo``, none much larger than ``LARGEST_FILE``."""

    def __init__(self, folder: Path, software: str, now: str) -> None:
        self.paths: list[Path] = []
        self.records = 0
        self._folder, self._software, self._now = folder, software, now
        self._file: IO[bytes] | None = None

    def __enter__(self) -> _Files:
        self._begin()
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def write(self, records: Iterable[bytes]) -> None:
        """Write records that belong together into one file."""
        if self._file is None or self._file.tell() >= LARGEST_FILE:
            self._begin()
        assert self._file is not None
        for record in records:
            self._file.write(record)
            self.records += 1

    def _begin(self) -> None:
        if self._file:
            self._file.close()
        path = self._folder / f"gongkai-{len(self.paths):05}.warc.gz"
        self.paths.append(path)
        self._file = path.open("wb")
        told = {
            "software": self._software,
            "format": "WARC file version 1.1",
            "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "description": "Annual reports of Chinese government bodies on information disclosure, with the lists they stand in",
            "robots": "RFC 9309",
            "note": "Request records are made again from the address: other request headers were not kept. Payloads "
            f"are kept without transfer coding; a header that this makes untrue is named {MOVED}*. Reason phrases are standard.",
        }
        fields = [
            ("WARC-Date", self._now),
            ("WARC-Record-ID", _id(path.name, self._now)),
            ("WARC-Filename", path.name),
            ("Content-Type", "application/warc-fields"),
        ]
        block = "".join(f"{name}: {value}\r\n" for name, value in told.items()).encode()
        self._file.write(_record("warcinfo", fields, block))
        self.records += 1


def _compare(rows: Iterator[Any], paths: Sequence[Path], *, records: int) -> None:
    """Read the files back: every snapshot must be there, in order, with its address, time and digest, and nothing else."""
    found = 0
    for path in paths:
        for kind, uri, date, digest in _read_back(path):
            found += 1
            if kind in ("warcinfo", "request"):
                continue
            row = next(rows, None)
            if row is None or (uri, date, digest) != (
                target(row),
                row["fetched_at"],
                digest_of(row["sha256"]),
            ):
                raise ArchiveError(
                    f"{path.name}: record {found} ({uri}, {date}) is not what the archive holds"
                )
    missing = next(rows, None)
    if missing is not None or found != records:
        raise ArchiveError(f"{len(paths)} WARC files: {found} records of {records} can be read back")


def _read_back(path: Path) -> Iterator[tuple[str, str, str, str]]:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    with path.open("rb") as file:
        try:
            for record in ArchiveIterator(file):
                told = record.rec_headers.get_header
                digest = told("WARC-Payload-Digest") or ""
                if record.rec_type in ("response", "resource"):
                    digest = digest_of(_sha256(record.raw_stream))
                yield record.rec_type, told("WARC-Target-URI") or "", told("WARC-Date"), digest
        except (ArchiveLoadFailed, EOFError, zlib.error) as error:
            raise ArchiveError(f"{path.name}: cannot be read back ({' '.join(str(error).split())})") from None


def _sha256(stream: Any) -> str:
    digest = hashlib.sha256()
    while piece := stream.read(1 << 16):
        digest.update(piece)
    return digest.hexdigest()
