"""Documents built from a form's official layout, with known values, in the shapes in which tables are published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archive.reference.forms import FormTable, form
from archive.report.document import Block, Document, Paragraph, Table, TableCell

Cell = tuple[str, int, int]
"""text, rowspan, colspan"""
Rows = list[list[Cell]]
Values = dict[tuple[str, str], str]
HEADINGS = {
    "active_disclosure": "二、主动公开政府信息情况",
    "applications": "三、收到和处理政府信息公开申请情况",
    "review_litigation": "四、政府信息公开行政复议、行政诉讼情况",
}


def numbered(table: FormTable, start: int = 0) -> Values:
    """A different number for every cell, so that a shift by one place cannot go unseen."""
    return {cell: str(start + i) for i, cell in enumerate(table.places())}


def printed(table: FormTable, values: Mapping[tuple[str, str], str]) -> Rows:
    """The official layout of a table with these values."""
    rows: Rows = []
    for line in table.layout:
        row: list[Cell] = []
        for cell in line:
            text = cell.label
            if cell.value is not None:
                code, column = cell.value.split(".")
                text = values[code, column]
            row.append((text or "", cell.rowspan, cell.colspan))
        rows.append(row)
    return rows


def table_of(rows: Sequence[Sequence[Cell | str]]) -> Table:
    """A table of these cells, laid out as a browser does; a bare string is a cell without spans."""
    cells = [[(cell, 1, 1) if isinstance(cell, str) else cell for cell in row] for row in rows]
    taken: dict[tuple[int, int], TableCell] = {}
    for r, row in enumerate(cells):
        c = 0
        for text, rowspan, colspan in row:
            while (r, c) in taken:
                c += 1
            cell = TableCell(text, r, c, rowspan, colspan)
            for down in range(min(rowspan, len(cells) - r)):
                for right in range(colspan):
                    taken.setdefault((r + down, c + right), cell)
            c += colspan
    width = max((c for _, c in taken), default=-1) + 1
    return Table([[taken.get((r, c)) for c in range(width)] for r in range(len(cells))])


def without_spans(rows: Rows, *, repeat: bool = False) -> list[list[str]]:
    """The same cells with every span printed as empty cells, or as repetitions of its text."""
    return [
        [
            cell.text if cell and (repeat or (cell.row == r and cell.column == c)) else ""
            for c, cell in enumerate(row)
        ]
        for r, row in enumerate(table_of(rows).grid)
    ]


def document(*blocks: Block | str, images: int = 0) -> Document:
    """A document of these blocks; a string is a paragraph."""
    return Document("html", blocks=[Paragraph(b) if isinstance(b, str) else b for b in blocks], images=images)


def lines(text: str) -> Document:
    """A document of one paragraph a line."""
    return Document("text", blocks=[Paragraph(line) for line in text.split("\n")])


def report(code: str, tables: Mapping[str, Table | Sequence[Block | str]]) -> Document:
    """A report whose sections 二, 三 and 四 hold these blocks."""
    blocks: list[Block | str] = ["一、总体情况", "各项工作有序开展。"]
    for name in form(code).tables:
        blocks.append(HEADINGS[name])
        own = tables.get(name, ())
        blocks.extend([own] if isinstance(own, Table) else own)
    return document(*blocks, "五、存在的主要问题及改进情况", "六、其他需要报告的事项")


def official(
    code: str, values: Mapping[str, Values] | None = None, **instead: Table | Sequence[Block | str]
) -> Document:
    """A report in the official layout; tables named in ``instead`` stand in place of the official ones."""
    tables: dict[str, Table | Sequence[Block | str]] = {
        name: table_of(printed(table, (values or {}).get(name) or numbered(table)))
        for name, table in form(code).tables.items()
    }
    return report(code, {**tables, **instead})
