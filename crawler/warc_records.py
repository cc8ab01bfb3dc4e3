"""The records of a WARC file, one after the other, in bounded memory, by the letter of ISO 28500.

A reader of our own and not the library that checks our exports: files come from anywhere here, and that one takes a
damaged gzip member for the end of the file, a wrong length for an empty record, and reads lines of any length.
One gzip member a record, one around all records, and none at all are the same to it.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import hashlib
import re
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any

VERSION = re.compile(rb"WARC/\d+\.\d+\s*$")
HEAD = 1 << 20
"""Bytes that the head of a record, and the head of an answer in it, may have."""
PIECE = 1 << 16
BLANKS = 1000
"""Bytes of blank lines that may follow a record. The standard says four."""
NEXT_MEMBER = ("Not a gzipped file", "Error ")
"""How Python's gzip and zlib begin what they say of the bytes after a member, which begin no other or a spoiled one: the
member itself was sound. Of the member itself they say that its checksum or length differs, or that the file ended."""
DIGESTS = ("sha1", "sha256")
"""Algorithms of digests that are checked; what another one says is not."""


class DamagedError(Exception):
    """The file is no WARC file, or not from here on; the message says why."""


class _Stream:
    """The unpacked bytes of a file. Whatever is wrong with how they are packed is a ``DamagedError``."""

    def __init__(self, file: IO[bytes]) -> None:
        self._trouble: DamagedError | None = None
        magic = file.read(4)
        file.seek(0)
        if magic == b"\x28\xb5\x2f\xfd":
            raise DamagedError("packed with zstandard: unpack it first")
        # Reads one member after the other, so that it does not matter how many there are.
        self._file: Any = gzip.GzipFile(fileobj=file, mode="rb") if magic[:2] == b"\x1f\x8b" else file

    def read(self, size: int) -> bytes:
        """At most so many bytes; none at the end of the file."""
        return self._sound(self._file.read, size)

    def readline(self, size: int = HEAD) -> bytes:
        """The next line, or as much of it; nothing at the end of the file."""
        return self._sound(self._file.readline, size)

    def end_record(self) -> None:
        """Pass over the blank lines after a record, to the next one: only there is its member's checksum compared.

        What follows and is no record is the next one's trouble, not this one's.
        """
        try:
            for _ in range(BLANKS):
                if self._sound(self._file.peek, 1)[:1] not in (b"\r", b"\n"):
                    return
                self.read(1)
        except DamagedError as error:
            if not str(error).startswith(NEXT_MEMBER):
                raise
            self._trouble = error

    def _sound(self, method: Callable[[int], bytes], size: int) -> bytes:
        if self._trouble is not None:
            raise self._trouble
        try:
            return method(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DamagedError(" ".join(str(error).split())) from None


class Record:
    """One record: its fields by their names in lower case, and its block, to be read once."""

    def __init__(self, number: int, fields: dict[str, str], length: int, stream: _Stream) -> None:
        self.number = number
        self.fields = fields
        self.type = fields.get("warc-type", "").lower()
        self._stream = stream
        self._left = length
        self._ended = False
        self._told, self._digest = declared(fields.get("warc-block-digest", ""))

    @property
    def left(self) -> int:
        """How many bytes of the block are still to be read."""
        return self._left

    @property
    def is_whole(self) -> bool:
        """Whether the block, read to its end, has the digest that the record names, if it names one."""
        return self._digest is None or self._digest.digest() == self._told

    def head(self) -> bytes:
        """The lines up to the first blank one: the head of an answer. ``DamagedError`` if the file ends before."""
        lines: list[bytes] = []
        size = 0
        while self._left and size <= HEAD:
            line = self._take(self._stream.readline(min(self._left, HEAD)))
            size += len(line)
            if not line.strip():
                break
            lines.append(line)
        return b"".join(lines)

    def read(self) -> bytes:
        """The rest of the block. The caller has looked at ``left``. ``DamagedError`` if the file ends before."""
        block = b"".join(self._pieces())
        self._end()
        return block

    def skip(self) -> None:
        """Pass over the rest of the block."""
        for _ in self._pieces():
            pass
        self._end()

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._stream.end_record()

    def _pieces(self) -> Iterator[bytes]:
        while self._left:
            yield self._take(self._stream.read(min(self._left, PIECE)))

    def _take(self, piece: bytes) -> bytes:
        if not piece:
            raise DamagedError("the file ends inside a record")
        self._left -= len(piece)
        if self._digest is not None:
            self._digest.update(piece)
        return piece


def records(file: IO[bytes]) -> Iterator[Record]:
    """Every record of a file opened for reading; what is left of one when the next is asked for is passed over.

    Raises ``DamagedError``, as reading a record does, at the place where the file is no WARC file any more.
    """
    stream = _Stream(file)
    number = 0
    while (fields := _fields(stream)) is not None:
        length = fields.get("content-length", "")
        if not re.fullmatch(r"[0-9]{1,15}", length):
            raise DamagedError("a record does not say how long it is")
        number += 1
        record = Record(number, fields, int(length), stream)
        yield record
        record.skip()


def _fields(stream: _Stream) -> dict[str, str] | None:
    """The fields of the next record, the first of equal names; ``None`` at the end of the file."""
    line = stream.readline()
    if not line:
        return None
    if not VERSION.match(line):
        raise DamagedError("no WARC record begins here")
    size = len(line)
    fields: dict[str, str] = {}
    last = ""
    while (line := stream.readline()).strip():
        size += len(line)
        if size > HEAD:
            raise DamagedError("the head of a record does not end")
        text = line.decode("utf-8", "replace")
        name, colon, value = text.partition(":")
        if text[:1] in (" ", "\t") and last:
            fields[last] = f"{fields[last]} {text.strip()}"
        elif colon:
            last = name.strip().lower()
            fields.setdefault(last, value.strip())
    if not line:
        raise DamagedError("the file ends inside a record")
    return fields


def declared(digest: str) -> tuple[bytes, Any]:
    """A digest as declared (``sha1:`` in base 32 or hexadecimal), and a fresh one to compare with it."""
    algorithm, _, value = digest.partition(":")
    algorithm = algorithm.lower().replace("-", "")
    if algorithm not in DIGESTS:
        return b"", None
    fresh = hashlib.new(algorithm)
    try:
        if len(value) == 2 * fresh.digest_size:
            return bytes.fromhex(value), fresh
        return base64.b32decode(value.upper() + "=" * (-len(value) % 8)), fresh
    except (ValueError, binascii.Error):
        return b"", None
