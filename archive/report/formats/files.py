"""The one way in for every format that is not text; a reader's library is loaded when its first file comes."""

from __future__ import annotations

from archive.report.document import Document, Format


def take_apart_file(kind: Format, body: bytes) -> Document:
    """The document of a file of that kind (archive/report/sniff.py). A file that cannot be read has ``trouble``.

    Never raises but ``MemoryError``, which only the sandbox can answer for.
    """
    match kind:
        case "pdf":
            from archive.report.formats.pdf import take_apart_pdf

            return take_apart_pdf(body)
        case "docx":
            from archive.report.formats.docx import take_apart_docx

            return take_apart_docx(body)
        case "xlsx":
            from archive.report.formats.xlsx import take_apart_xlsx

            return take_apart_xlsx(body)
        case _:
            from archive.report.formats.doc import take_apart_doc

            return take_apart_doc(body)
