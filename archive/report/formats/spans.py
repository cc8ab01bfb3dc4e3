"""Laying cells with spans onto a grid: shared by the formats that state spans in numbers."""

from __future__ import annotations

from archive.report.document import Table, TableCell

MAX_ROWS = 2_000
MAX_COLUMNS = 200
"""Far above any form (28 rows, 15 columns; ledgers in attachments have some hundred rows)."""


class GridBuilder:
    """Collects cells in any order and gives the table they make.

    Spans are cut at the bounds above; where two cells claim one place, the first keeps it.
    """

    def __init__(self) -> None:
        self._rows: list[list[TableCell | None]] = []
        self.left_out = 0
        """Cells that lay outside the bounds."""

    def put(self, cell: TableCell) -> None:
        """Lays the cell on all places it covers; one outside the bounds is only counted."""
        if not (0 <= cell.row < MAX_ROWS and 0 <= cell.column < MAX_COLUMNS):
            self.left_out += 1
            return
        cell.rowspan = max(1, min(cell.rowspan, MAX_ROWS - cell.row))
        cell.colspan = max(1, min(cell.colspan, MAX_COLUMNS - cell.column))
        for r in range(cell.row, cell.row + cell.rowspan):
            row = self.row(r)
            row.extend([None] * (cell.column + cell.colspan - len(row)))
            for c in range(cell.column, cell.column + cell.colspan):
                row[c] = row[c] or cell

    def row(self, index: int) -> list[TableCell | None]:
        """The row of that index, made if it is not there yet."""
        while len(self._rows) <= index:
            self._rows.append([])
        return self._rows[index]

    def table(self, caption: str | None = None) -> Table:
        """The table, all rows of one width."""
        width = max((len(row) for row in self._rows), default=0)
        for row in self._rows:
            row.extend([None] * (width - len(row)))
        return Table(self._rows, caption=caption)
