"""Text copies of a page: what extractors leave of its tables."""

from __future__ import annotations

from tests.generator.grids import Rows
from tests.generator.style import Style


def table(style: Style, rows: Rows) -> list[str]:
    """The lines of a table: a cell a line, cells ending in pipes, or cells indented by tabs."""
    lines: list[str] = []
    for row in rows:
        if style.document == "lines":
            for cell in row:
                lines += [*cell.text.split("\n"), ""]
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
