"""From the bytes of an answer to text: content decoding (gzip and its kin), then the character set.

The order of trust: byte-order mark, strict UTF-8, what header or page declare, strict GB18030. Only when all fail is
anything replaced, and then the loss is counted and told. Chinese portals declare ``gb2312`` for GBK and GB18030 text,
``ISO-8859-1`` for anything, and ``gb2312`` in the page for what the server meanwhile sends as UTF-8.
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import brotli  # type: ignore[import-untyped]
import zstandard

from archive.report.findings import finding
from archive.report.model import Finding

MAX_DECODED = 64 * 1024 * 1024
"""Bytes a body may unpack to. A report page has some 100 kB; what is a thousand times that is an attack."""

_DECLARED_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_DECLARED_IN_PAGE = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.I
)
_PAGE_HEAD = 4096
"""How far into a page a declaration is looked for, as browsers do (1024) and with room for long scripts."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)

_TRUSTED = {
    **dict.fromkeys(["gb2312", "gb_2312-80", "gbk", "x-gbk", "cp936", "ms936", "gb18030", "euc-cn"], "gb18030"),
    **dict.fromkeys(["utf-8", "utf8", "unicode-1-1-utf-8"], "utf-8"),
    **dict.fromkeys(["big5", "big5-hkscs", "cp950", "x-x-big5"], "big5hkscs"),
    **dict.fromkeys(["utf-16", "utf-16le"], "utf-16-le"),
    "utf-16be": "utf-16-be",
    "hz-gb-2312": "hz",
}  # fmt: skip
"""Declared names worth a try, and the codec to try. Single-byte names are not among them: they decode any bytes, and
no Chinese page is written in one."""

_MAGIC = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A body without its content coding. ``trouble`` is set, and ``body`` empty, where it could not be unpacked."""

    body: bytes
    trouble: str | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text and the encoding it was in; ``findings`` tells of characters that could not be decoded."""

    text: str
    encoding: str
    findings: list[Finding] = field(default_factory=list)


def header(headers: Sequence[tuple[str, str]], name: str) -> str:
    """The values of a header joined by commas, lower-cased; an empty string where it is not sent."""
    return ",".join(value for key, value in headers if key.lower() == name).strip().lower()


def unpack(body: bytes, headers: Sequence[tuple[str, str]] = ()) -> Unpacked:
    """Undo the content codings that the headers name, or that the first bytes show.

    A body that is not in the coding its header claims (it was stored decoded, or the server lies) stays as it is.
    The size is bounded: what unpacks to more than ``MAX_DECODED`` is refused.
    """
    named = [c for c in re.split(r"[,\s]+", header(headers, "content-encoding")) if c not in ("", "identity")]
    if not named:
        named = [coding for magic, coding in _MAGIC if body.startswith(magic)]
    findings: list[Finding] = []
    for coding in reversed(named):
        try:
            body, complete = _unpack_one(body, coding)
        except _TooLargeError:
            return Unpacked(
                b"", "refused: unpacks to too much", (finding("DOC-TOO-LARGE", limit=MAX_DECODED),)
            )
        if not complete:
            findings.append(finding("ENC-TRUNCATED", coding=coding))
    return Unpacked(body, None, tuple(findings))


class _TooLargeError(Exception):
    """The body unpacks to more than is allowed."""


def _unpack_one(body: bytes, coding: str) -> tuple[bytes, bool]:
    """The unpacked body and whether it was complete; a body that is not in that coding comes back unchanged."""
    match coding:
        case "gzip" | "x-gzip":
            return _inflate(body, 31) if body.startswith(b"\x1f\x8b") else (body, True)
        case "deflate":
            return _inflate(body, 15) if body[:1] == b"\x78" else _inflate(body, -15)
        case "br":
            return _unpack_brotli(body)
        case "zstd":
            return _unpack_zstd(body) if body.startswith(b"\x28\xb5\x2f\xfd") else (body, True)
        case _:
            return body, True


def _inflate(body: bytes, window: int) -> tuple[bytes, bool]:
    engine = zlib.decompressobj(window)
    try:
        out = engine.decompress(body, MAX_DECODED + 1)
    except zlib.error:
        return _inflate_until_damage(body, window)
    if len(out) > MAX_DECODED:
        raise _TooLargeError
    return out, engine.eof


def _inflate_until_damage(body: bytes, window: int) -> tuple[bytes, bool]:
    """What can be unpacked before the damage; the body itself if nothing can."""
    engine = zlib.decompressobj(window)
    out = bytearray()
    for start in range(0, len(body), 512):
        try:
            out += engine.decompress(body[start : start + 512], MAX_DECODED + 1 - len(out))
        except zlib.error:
            break
        if len(out) > MAX_DECODED:
            raise _TooLargeError
    return (bytes(out), False) if out else (body, True)


def _unpack_brotli(body: bytes) -> tuple[bytes, bool]:
    engine = brotli.Decompressor()
    try:
        out = engine.process(body, output_buffer_limit=MAX_DECODED + 1)
    except brotli.error:
        return body, True
    if len(out) > MAX_DECODED:
        raise _TooLargeError
    return out, engine.is_finished()


def _unpack_zstd(body: bytes) -> tuple[bytes, bool]:
    try:
        with zstandard.ZstdDecompressor().stream_reader(body) as reader:
            out = reader.read(MAX_DECODED + 1)
    except zstandard.ZstdError:
        return body, True
    if len(out) > MAX_DECODED:
        raise _TooLargeError
    return out, True


def decode(body: bytes, headers: Sequence[tuple[str, str]] = ()) -> Decoded:
    """The text of ``body`` (content coding already undone). Never raises and never drops a byte without telling."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _with_losses(body[len(mark) :], encoding)
    if b"\0" not in body[:2048]:
        try:
            return Decoded(body.decode("utf-8"), "utf-8")
        except UnicodeDecodeError:
            pass
        if _is_damaged_utf8(body):
            return _with_losses(body, "utf-8")
    for encoding in (*_declared(body, headers), "gb18030", *_by_zeros(body)):
        try:
            return Decoded(body.decode(encoding), encoding)
        except UnicodeDecodeError:
            continue
    return min((_with_losses(body, encoding) for encoding in ("utf-8", "gb18030")), key=_lost)


def _declared(body: bytes, headers: Sequence[tuple[str, str]]) -> list[str]:
    """The codecs that header and page name, in that order, as far as they are worth a try."""
    names = _DECLARED_IN_HEADER.findall(header(headers, "content-type"))
    names += [name.decode("ascii").lower() for name in _DECLARED_IN_PAGE.findall(body[:_PAGE_HEAD])]
    return [_TRUSTED[name] for name in names if name in _TRUSTED]


def _by_zeros(body: bytes) -> list[str]:
    """UTF-16 without a mark shows by the zero bytes of its markup."""
    head = body[:512]
    if head[1::2].count(0) > len(head) // 4:
        return ["utf-16-le"]
    return ["utf-16-be"] if head[::2].count(0) > len(head) // 4 else []


def _is_damaged_utf8(body: bytes) -> bool:
    """Whether this is UTF-8 with a few bad bytes (cut off, or pasted).

    It has to be settled before GB18030 is tried, which accepts most UTF-8 text and turns all of it into other
    characters. GB18030 read as UTF-8 is nearly all errors, so the two cannot be confused.
    """
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(1 for _ in re.finditer(r"[\u0800-\ufffc]", text))
    return bad * 20 <= good


def _with_losses(body: bytes, encoding: str) -> Decoded:
    text = body.decode(encoding, "replace")
    lost = text.count("\ufffd") - body.count("\ufffd".encode(encoding, "replace"))
    return Decoded(text, encoding, [finding("ENC-LOST", count=lost, encoding=encoding)] if lost > 0 else [])


def _lost(decoded: Decoded) -> int:
    return decoded.text.count("\ufffd")
