"""A document as a sequence of blocks: the one shape into which every file format is brought before it is understood.

The format readers (``archive.report.formats``) fill it; tables, sections, title, agency and dates are read from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from archive.report.model import Attachment, Finding

Format = Literal["html", "text", "pdf", "docx", "xlsx", "doc", "unknown"]


@dataclass(slots=True)
class Paragraph:
    """A block of running text: one paragraph, heading or, in flattened text, one line. Inner line breaks are ``\\n``.

    ``emphasis`` says that the source marks it as a heading or title (h1–h6, a title class, a Word heading style).
    """

    text: str
    emphasis: bool = False


@dataclass(slots=True)
class TableCell:
    """One cell as the source has it, with its extent. ``text`` keeps inner line breaks as ``\\n``."""

    text: str
    row: int
    column: int
    rowspan: int = 1
    colspan: int = 1
    has_image: bool = False


@dataclass(slots=True)
class Table:
    """A table with its spans resolved.

    ``grid[r][c]`` is the cell that covers that place, the same object at every place it covers, or ``None`` where no
    cell reaches. A place is a cell's own if ``cell.row == r and cell.column == c``.
    """

    grid: list[list[TableCell | None]]
    caption: str | None = None

    def printed(self) -> list[list[str]]:
        """The text at every place, covered places repeating their cell's text."""
        return [[cell.text if cell else "" for cell in row] for row in self.grid]


Block = Paragraph | Table


@dataclass(slots=True)
class Document:
    """A document, decoded and taken apart, not yet understood.

    ``blocks`` is the report's body in reading order. ``furniture`` holds the lines of the page outside of it
    (breadcrumb, source and date lines, footer), ``titles`` the candidates for a title from best to worst
    (a marked heading, ``<title>``, meta ArticleTitle), ``metas`` the ``<meta name=…>`` values by lower-cased name.
    """

    format: Format
    encoding: str | None = None
    blocks: list[Block] = field(default_factory=list)
    furniture: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    """Lines that the page holds and does not display: printing copies, old titles. The weakest evidence of all."""
    titles: list[str] = field(default_factory=list)
    metas: dict[str, str] = field(default_factory=dict)
    attachments: list[Attachment] = field(default_factory=list)
    images: int = 0
    """Images inside the body that are large enough, or unsized, to hold a table."""
    trouble: str | None = None
    """Why this is no report at all (``blocked``, ``soft_404``, ``empty`` …), if the page itself says so."""
    findings: list[Finding] = field(default_factory=list)

    def text(self) -> str:
        """The whole body as text: paragraphs as they are, tables one row a line with cells parted by tabs."""
        lines: list[str] = []
        for block in self.blocks:
            if isinstance(block, Paragraph):
                lines.append(block.text)
            else:
                for r, row in enumerate(block.grid):
                    own = [c.text.replace("\n", "") for c in row if c and c.row == r]
                    lines.append("\t".join(own))
        return "\n".join(lines)
