"""A document that could not be read, as a ``Document``: its trouble in a few words and the finding that tells why."""

from __future__ import annotations

from archive.report.document import Document, Format
from archive.report.findings import finding

_WORDS = {
    "FILE-CRASHED": "crashed",
    "FILE-DAMAGED": "damaged",
    "FILE-ENCRYPTED": "encrypted",
    "FILE-NEEDS-OFFICE": "unsupported",
    "FILE-UNSUPPORTED": "unsupported",
}
"""How ``trouble`` begins for a rule; ``refused`` for all others."""


def refusal(rule: str, format: Format, **figures: object) -> Document:  # noqa: A002 - the field's name
    """A document without content whose ``trouble`` is ``<word>: <the finding's words>``.

    ``rule`` is one of ``rules/files.json``, ``figures`` fill its message.
    """
    told = finding(rule, **figures)  # type: ignore[arg-type]
    return Document(format, trouble=f"{_WORDS.get(rule, 'refused')}: {told.message}", findings=[told])
