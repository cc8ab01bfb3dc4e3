"""A reading with what storing it takes beside it: worked out once, by the process that read it or by the one that stores it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from archive.report.model import Report
from archive.store import codec, search
from archive.store.compare import fingerprint


class Prepared:
    """A report, and what is stored of it. Nobody may change the report afterwards."""

    def __init__(self, report: Report) -> None:
        self.report = report

    @classmethod
    def of(cls, report: Report | Prepared) -> Prepared:
        """The report as it is prepared already, or to be prepared when something of it is asked for."""
        return report if isinstance(report, Prepared) else cls(report)

    @cached_property
    def packed(self) -> bytes:
        """The reading for ``report_version.reading``."""
        return codec.pack(self.report)

    @cached_property
    def digest(self) -> str:
        """The digest of all that can make a version."""
        return fingerprint(self.report)

    @cached_property
    def words(self) -> str:
        """The text as it is indexed for search."""
        return search.index_text(self.report.text)

    def frames(self) -> tuple[bytes, bytes, bytes]:
        """All of it as bytes, to be sent to the process that stores it."""
        # A lone surrogate (from a broken text layer) has no UTF-8, here as in the reading itself.
        return self.packed, self.digest.encode(), self.words.encode("utf-8", "surrogatepass")

    @classmethod
    def from_frames(cls, frames: Sequence[bytes]) -> Prepared:
        """What ``frames`` gave. Raises ``ValueError`` or the like for anything else."""
        packed, digest, words = frames
        found = cls(codec.unpack(packed))
        found.packed, found.digest, found.words = (
            packed,
            digest.decode(),
            words.decode("utf-8", "surrogatepass"),
        )
        return found
