"""Which format a document is in: its first bytes decide, the declared content type only where they do not."""

from __future__ import annotations

import re

from archive.report.document import Format

_MARKUP = re.compile(
    r"<(?:!doctype\s+html|html|head|body|meta|title|div|table|tbody|tr|td|p|span|h[1-6]|br|ul|li|a|script|center|font"
    r"|section|article|iframe)(?=[\s>/])",
    re.I,
)
_LOOKED_AT = 20_000
"""Characters in which markup must turn up; pages with a longer leading comment are not known."""

_BINARY = {
    b"\xd0\xcf\x11\xe0": "doc", b"{\\rtf": "unknown", b"Rar!": "unknown", b"7z\xbc\xaf": "unknown",
    b"\x89PNG": "unknown", b"\xff\xd8\xff": "unknown", b"GIF8": "unknown", b"BM": "unknown",
}  # fmt: skip


def sniff_binary(body: bytes) -> Format | None:
    """The format of a file that is not text, by its magic bytes; ``None`` if it may be text."""
    head = body[:1024]
    if b"%PDF-" in head:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _office(body)
    for magic, name in _BINARY.items():
        # "BM" starts a bitmap but also a text; a bitmap has zero bytes.
        if head.startswith(magic) and (len(magic) > 2 or b"\0" in head):
            return name  # type: ignore[return-value]
    return None


def _office(body: bytes) -> Format:
    """A ZIP file's names stand in clear text in its directory: enough to tell Word from Excel."""
    if b"word/document" in body:
        return "docx"
    return "xlsx" if b"xl/workbook" in body else "unknown"


def sniff_text(text: str, content_type: str) -> Format:
    """``html`` or ``text``; ``unknown`` for what holds control characters as only a binary file does."""
    head = text[:_LOOKED_AT]
    if _MARKUP.search(head):
        return "html"
    controls = sum(head.count(c) for c in "\0\x01\x02\x03\x04\x05\x06\x0e\x0f\x10\x11\x12")
    if controls * 50 > len(head):
        return "unknown"
    return "html" if "html" in content_type and "<" in head and re.search(r"</\w+>", head) else "text"
