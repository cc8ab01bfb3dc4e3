"""Plain text, mostly tables and sentences flattened by some extractor: every line a block, kept as it is."""

from __future__ import annotations

from archive.report.document import Block, Document, Paragraph
from archive.report.furniture import is_furniture, without_font_switch


def take_apart_text(text: str) -> Document:
    """The document of a plain text.

    Lines keep their tabs and pipes, which the reader of flattened tables needs; a line of nothing but tabs or pipes is
    an empty cell and stays. Lines that belong to a page and not to a report go to ``furniture``.
    """
    blocks: list[Block] = []
    furniture: list[str] = []
    for raw in text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").split("\n"):
        line = raw.strip(" \u3000\xa0\ufeff\u200b")
        if not line:
            continue
        if is_furniture(bare := line.strip()):
            furniture.append(bare)
        else:
            blocks.append(Paragraph(without_font_switch(line)))
    return Document("text", blocks=blocks, furniture=furniture)
