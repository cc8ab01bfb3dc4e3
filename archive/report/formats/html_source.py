"""A page's bytes made fit for libxml2, and parsed: what it would drop, refuse or stop at is put right before.

The bytes are UTF-8 and searched in small letters, made once: a search of bytes costs a tenth of one of text.
"""

from __future__ import annotations

import re

from lxml import etree

from archive.report.findings import finding
from archive.report.formats.tree import Element
from archive.report.model import Finding

_CONTROLS = bytes([*range(0x09), 0x0B, *range(0x0E, 0x20)])
_PAGE_FEED_AS_SPACE = bytes.maketrans(b"\f", b" ")
_SURROGATE = re.compile("[\ud800-\udfff]")
_REFERENCE = re.compile(rb"&#(?:x0*([0-9a-f]{1,6})|0*([0-9]{1,7}));?", re.I)
_END = re.compile(rb"</(?:body|html)")
_EARLY_END = re.compile(rb"</(?:html|body)\s*>", re.I)
_INLINE_TAG = re.compile(rb"</?(?:span|font|b|strong|i|em|u|o:p)\b[^<>]{0,2000}>", re.I)
_DIVISION_TAG = re.compile(rb"</?(?:div|section)\b[^<>]{0,2000}>", re.I)
_TAIL = 400_000
"""Bytes at a page's end in which a table that breaks off is looked for."""


def source_of(text: str) -> bytes:
    """``text`` as UTF-8 without what XML has no place for, be it written as a character or as a number.

    libxml2 lets it pass, and lxml then refuses to write it back.
    """
    for mark in ("\ufffe", "\uffff"):
        if mark in text:
            text = text.replace(mark, "")
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:
        data = _SURROGATE.sub("", text).encode("utf-8")
    data = data.translate(_PAGE_FEED_AS_SPACE, _CONTROLS)
    return _REFERENCE.sub(_if_allowed, data) if b"&#" in data else data


def _if_allowed(reference: re.Match[bytes]) -> bytes:
    """A numbered character as it is, or what stands for one that XML has no place for."""
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    if code == 0x0C:
        return b" "
    forbidden = code in _CONTROLS if code < 0x20 else 0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF)
    return b"" if forbidden else reference[0]


def without_early_end(data: bytes, small: bytes) -> bytes:
    """The page without ``</body>`` and ``</html>``: libxml2 drops what stands behind them.

    Browsers show it, and portals put included pieces there. ``small`` is the page in small letters.
    """
    end = _END.search(small)
    return data[: end.start()] + _EARLY_END.sub(b"", data[end.start() :]) if end else data


def breaks_off(small: bytes) -> bool:
    """Whether the page ends inside a table, as one whose transfer was cut short: its last number may be half a number."""
    start = max(0, len(small) - _TAIL)
    if small.rfind(b"</html", start) >= 0 or small.rfind(b"</body", start) >= 0:
        return False
    return small.rfind(b"<table", start) > small.rfind(b"</table", start)


def parse(data: bytes, findings: list[Finding]) -> Element | None:
    """The tree, or ``None`` for a page without any element.

    libxml2 stops at 256 levels, which unclosed ``<font>`` tags reach on honest pages. The second try allows 2048, the
    third leaves inline tags out, the fourth has line breaks for divisions; a page still deeper is read as far as it
    goes, with a finding.
    """
    root = None
    for attempt in range(4):
        huge = attempt > 0
        if attempt == 2:
            data = _INLINE_TAG.sub(b"", data)
        elif attempt == 3:
            data = _DIVISION_TAG.sub(b"<br>", data)
        parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=huge)
        try:
            root = etree.fromstring(data, parser)
        except etree.XMLSyntaxError:
            return None
        if not any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
            return root
    findings.append(finding("HTML-DEPTH"))
    return root
