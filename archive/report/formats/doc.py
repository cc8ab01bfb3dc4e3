"""Files of old office programs, and others that are recognised but not read here.

Reading is pure: what needs another program (LibreOffice, archive/office.py) is converted before it comes here, by the
sandbox. What still arrives gets its reason.
"""

from __future__ import annotations

from typing import Final, Literal

from archive.report.document import Document
from archive.report.formats.refusal import refusal

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS = (
    ("EncryptedPackage", "encrypted"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
)
"""Names in the directory of a compound file (UTF-16), and what they tell; WPS writes the same as Word."""

CONVERTIBLE: Final[dict[str, Literal["docx", "xlsx"]]] = {"doc": "docx", "rtf": "docx", "xls": "xlsx"}
"""What LibreOffice can turn into a format that is read here."""


def identify(body: bytes) -> str | None:
    """``doc``, ``xls``, ``rtf``, ``ppt``, ``ofd``, ``encrypted``, ``ole``, ``zip``, ``image``; ``None`` for all else."""
    if body.startswith(_COMPOUND):
        return next((name for stream, name in _STREAMS if stream.encode("utf-16-le") in body), "ole")
    if body.startswith(b"{\\rtf"):
        return "rtf"
    if body.startswith(b"PK\x03\x04"):
        return "ofd" if b"OFD.xml" in body else "zip"
    if body.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
        return "image"
    return None


def take_apart_doc(body: bytes) -> Document:
    """A document without content that says why: the file needs LibreOffice, a password, or is of no known format."""
    kind = identify(body)
    if kind == "encrypted":
        return refusal("FILE-ENCRYPTED", "doc", name="Office")
    if kind in CONVERTIBLE:
        return refusal("FILE-NEEDS-OFFICE", "doc", name=kind)
    return refusal("FILE-UNSUPPORTED", "doc" if kind in ("ole", "ppt") else "unknown", name=kind or "unknown")
