"""Reading a document from bytes to report: the order of the steps, and the verdict at the end."""

from __future__ import annotations

from collections.abc import Sequence

from archive.report.decode import decode, header, unpack
from archive.report.document import Document
from archive.report.findings import finding
from archive.report.formats.files import take_apart_file
from archive.report.formats.html import take_apart_html
from archive.report.formats.text import take_apart_text
from archive.report.model import Context, Report
from archive.report.sections import read_sections
from archive.report.sniff import sniff_binary, sniff_text

Headers = Sequence[tuple[str, str]]


def take_apart(body: bytes, headers: Headers, context: Context) -> Document:
    """The document in ``body``. Never raises: what cannot be read is a ``Document`` with its ``trouble``.

    The one exception is ``MemoryError``: only the sandbox, whose process ends then, can answer for that.
    """
    try:
        return _take_apart(body, headers, context)
    except MemoryError:
        raise
    except Exception as error:
        return _failed("take_apart", error)


def _failed(step: str, error: Exception) -> Document:
    told = finding("READ-INTERNAL", step=step, error=type(error).__name__)
    return Document("unknown", trouble="internal error", findings=[told])


def _take_apart(body: bytes, headers: Headers, context: Context) -> Document:
    unpacked = unpack(body, headers)
    if unpacked.trouble:
        return Document("unknown", trouble=unpacked.trouble, findings=list(unpacked.findings))
    body = unpacked.body
    format_ = sniff_binary(body)
    if format_ is not None:
        document = take_apart_file(format_, body)
    else:
        decoded = decode(body, headers)
        format_ = sniff_text(decoded.text, header(headers, "content-type"))
        if format_ == "unknown":
            return Document("unknown", trouble="unsupported: binary", findings=list(unpacked.findings))
        document = (
            take_apart_html(decoded.text, context) if format_ == "html" else take_apart_text(decoded.text)
        )
        document.encoding = decoded.encoding
        document.findings += decoded.findings
    document.findings += unpacked.findings
    if not document.trouble and not any(
        (document.blocks, document.furniture, document.attachments, document.images)
    ):
        document.trouble = "empty"
    return document


def understand(document: Document, context: Context) -> Report:
    """The report in ``document``. Never raises."""
    sections, findings = read_sections(document, set())
    return Report(
        encoding=document.encoding, sections=sections, findings=[*document.findings, *findings],
        attachments=document.attachments, text=document.text(), reason=document.trouble,
    )  # fmt: skip


def read(body: bytes, headers: Headers, context: Context) -> Report:
    """``take_apart`` and ``understand`` in turn. Never raises."""
    return understand(take_apart(body, headers, context), context)
