"""Text copies of a page: what extractors leave of its tables."""

from __future__ import annotations

from tests.generator.grids import Rows
from tests.generator.style import Style

WIDTH = 9
"""Characters a line in a copy broken at a fixed width."""


def table(style: Style, rows: Rows) -> list[str]:
    """The lines of a table: a cell a line, cells ending in pipes, or cells indented by tabs."""
    lines: list[str] = []
    for row in rows:
        if style.document == "lines":
            for cell in row:
                lines += [*cell.text.split("\n"), ""]
        elif style.document == "wrapped":
            for cell in row:
                lines += [*_wrapped(cell.text), ""]
        elif style.document == "pre":
            lines.append("| " + " | ".join(cell.text.replace("\n", "") for cell in row) + " |")
        elif style.document == "pipes":
            texts = [cell.text.replace("\n", " ") for cell in row]
            for text, cell in zip(texts[:-1], row[:-1], strict=True):
                lines.append(f"{text} |" + ("|" * (cell.colspan - 1)))
            lines.append(texts[-1] + (" | " + "|" * (row[-1].colspan - 1) if row[-1].colspan > 1 else " |"))
        else:
            for cell in row:
                first, *rest = cell.text.split("\n")
                lines += [f"\t{first}", *rest]
            lines.append("")
    return lines


def _wrapped(text: str) -> list[str]:
    """A label broken at a fixed width, as in a narrow column; figures are left whole."""
    text = text.replace("\n", "")
    if len(text) <= WIDTH or not any("\u4e00" <= character <= "\u9fff" for character in text):
        return [text]
    return [text[i : i + WIDTH] for i in range(0, len(text), WIDTH)]
