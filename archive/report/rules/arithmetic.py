"""The sums and bounds inside the tables of 2019 and 2021: T3-*, T4-TOTAL, NUM-KIND, T2-MADE-LE-VALID, T2-19-DISCLOSED.

Null policy (report-format D.0): an equation with a null operand is not tested, unless the whole row or column of that
cell leaves its zeros blank; then it may pass with null as 0, but never fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from archive.reference.forms import forms
from archive.reference.labels import Label, cell_label, column_label, row_label
from archive.report.cells import parse_cell
from archive.report.findings import finding
from archive.report.model import CellNote, Finding, Number, Report
from archive.report.rules.tally import Tally

TOTAL = "total"
"""The column that sums up a row of tables 3 and 4; all other columns of the form are its parts."""
FLOWS = frozenset({"new_received", "carried_in", "processed_total", "carried_out"})
"""The rows of table 3 that are no result."""
GROUPS = ("refused", "unavailable", "unprocessed", "other")
_BLANK = frozenset({"blank", "dash"})

ROW_BESIDE = "the printed total counts a row that is none of the form's"

Row = Mapping[str, Number | None]
Cell = tuple[str, str]
"""Row and column inside one table."""


@dataclass(slots=True)
class Grid:
    """One table with what is needed to judge its blanks: the kinds of cells that hold no plain number."""

    name: str
    rows: Mapping[str, Row]
    kinds: Mapping[Cell, str] = field(default_factory=dict)
    _leaves_blank: dict[tuple[str | None, str | None], bool] = field(default_factory=dict)

    def value(self, cell: Cell) -> Number | None:
        """The number in that cell, None if there is none or no such cell."""
        row = self.rows.get(cell[0])
        return None if row is None else row.get(cell[1])

    def path(self, cell: Cell) -> str:
        """The cell as findings name it: ``table.row.column``."""
        return f"{self.name}.{cell[0]}.{cell[1]}"

    def blank_means_zero(self, cell: Cell) -> bool:
        """Whether this blank cell stands in a row or a column that leaves all its zeros blank."""
        if self.kinds.get(cell) not in _BLANK:
            return False
        return self._line_leaves_blank(cell[0], None) or self._line_leaves_blank(None, cell[1])

    def _line_leaves_blank(self, row: str | None, column: str | None) -> bool:
        key = (row, column)
        if key not in self._leaves_blank:
            cells = [
                (r, c) for r in ([row] if row else self.rows) for c in ([column] if column else self.rows[r])
            ]
            values = [(cell, self.value(cell)) for cell in cells if self.kinds.get(cell) != "row_absent"]
            self._leaves_blank[key] = all(
                value != 0 if value is not None else self.kinds.get(cell) in _BLANK for cell, value in values
            )
        return self._leaves_blank[key]


def grid(report: Report, name: str) -> Grid:
    """That table of the report, empty if the report has none."""
    kinds = {(note.row, note.column): note.kind for note in report.cells if note.table == name}
    return Grid(name, report.tables.get(name, {}), kinds)


def result_rows(rows: Mapping[str, Row]) -> list[str]:
    """The rows of table 3 whose sum is （七）总计. （六）其他处理 is one row in the form of 2019, three in that of 2021."""
    split = [row for row in rows if row.startswith("other_")]
    split_is_empty = all(value is None for row in split for value in rows[row].values())
    one_row = "other" in rows and (
        not split or (split_is_empty and any(v is not None for v in rows["other"].values()))
    )
    others = ["other"] if one_row else split
    return [row for row in rows if row not in FLOWS and row != "other" and row not in split] + others


def parts(rows: Mapping[str, Row]) -> list[str]:
    """The columns of table 3 or 4 whose sum is the column ``total``: all that the report's form has."""
    first = next(iter(rows.values()), {})
    return [column for column in first if column != TOTAL]


@cache
def _columns(kind: str) -> frozenset[str]:
    """The columns, of any form, that hold signed numbers (``signed``) or amounts (``decimal``)."""
    tables = [table for form in forms().values() for table in form.tables.values()]
    return frozenset(column.code for table in tables for column in table.columns if kind in column.type)


def check(report: Report) -> list[Tally]:
    """All rules of this module on one report."""
    t3, t4, t2 = (grid(report, name) for name in ("applications", "review_litigation", "active_disclosure"))
    return [
        _balance(t3),
        _result_sum(t3, _rows_beside(report)),
        _row_total(t3),
        _t4_total(t4),
        _number_kind(report, (t2, t3, t4)),
        _made_le_valid(t2),
        _disclosed(t2),
    ]


def _equation(tally: Tally, table: Grid, left: list[Cell], right: list[Cell], where: Label) -> None:
    """Test Σ left = Σ right under the null policy and count the outcome."""
    if _plainly_equal(table.rows, left, right):
        tally.tested += 1
        return
    values = [table.value(cell) for cell in left], [table.value(cell) for cell in right]
    blanks: list[Cell] = []
    if None in values[0] or None in values[1]:
        blanks = [cell for cell in (*left, *right) if table.value(cell) is None]
    sides = tuple(_sum(value for value in side if value is not None) for side in values)
    equal = abs(sides[0] - sides[1]) < 1e-6
    if blanks:
        nothing_printed = len(blanks) == len(left) + len(right)
        if nothing_printed or not equal or not all(table.blank_means_zero(cell) for cell in blanks):
            tally.missing += 1
        else:
            tally.tested += 1
            tally.blank += 1
    elif equal:
        tally.tested += 1
    else:
        paths = [table.path(cell) for cell in (*left, *right)]
        tally.fail(
            finding(
                tally.rule,
                left=sides[0],
                left_where=" + ".join(table.path(cell) for cell in left),
                right=sides[1],
                right_where=" + ".join(table.path(cell) for cell in right),
                cells=paths,
                left_terms=" + ".join(str(value) for value in values[0]),
                right_terms=" + ".join(str(value) for value in values[1]),
                where_zh=where[0],
                where_en=where[1],
            )
        )


def _plainly_equal(rows: Mapping[str, Row], left: list[Cell], right: list[Cell]) -> bool:
    """Whether every cell holds a number and the sums are equal: nearly always so, and quickly told."""
    try:
        terms = [rows[row][column] for row, column in right]
        sums = [rows[row][column] for row, column in left]
    except KeyError:
        return False
    return None not in terms and None not in sums and sum(sums) == sum(terms)  # type: ignore[arg-type]


def _sum(values: Iterable[Number]) -> Number:
    total: Number = sum(values)
    return round(total, 6) if isinstance(total, float) else total


def _balance(t3: Grid) -> Tally:
    tally = Tally("T3-BALANCE")
    if not t3.rows:
        return tally
    for column in (*parts(t3.rows), TOTAL):
        left, right = (
            [("new_received", column), ("carried_in", column)],
            [("processed_total", column), ("carried_out", column)],
        )
        _equation(tally, t3, left, right, column_label(column))
    return tally


def _rows_beside(report: Report) -> list[list[Number | None]]:
    """The values of printed rows of table 3 that are none of the form's: they are kept as printed, in no cell."""
    return [
        [parse_cell(text).value for text in str(found.left or "").split(" | ")]
        for found in report.findings
        if found.rule == "ROW-UNKNOWN" and found.left_where == "applications"
    ]


def _result_sum(t3: Grid, beside: list[list[Number | None]]) -> Tally:
    """（七）总计 against its rows. A total that also counts a row of its own making is not tested, nor called wrong."""
    tally = Tally("T3-RESULT-SUM")
    results = result_rows(t3.rows)
    if not results:
        return tally
    for i, column in enumerate((*parts(t3.rows), TOTAL)):
        total, cells = ("processed_total", column), [(row, column) for row in results]
        if beside and _counts_more(t3, total, cells, i, beside):
            tally.missing += 1
            tally.note = ROW_BESIDE
            continue
        _equation(tally, t3, [total], cells, column_label(column))
    return tally


def _counts_more(
    t3: Grid, total: Cell, cells: list[Cell], place: int, beside: list[list[Number | None]]
) -> bool:
    """Whether a total differs from its rows by what rows beside the form print in that column, or may do so."""
    printed, values = t3.value(total), [t3.value(cell) for cell in cells]
    if printed is None or None in values:
        return False
    difference = printed - _sum(value for value in values if value is not None)
    width = len(parts(t3.rows)) + 1
    more = [row[place] if set(row[width:]) <= {None} and len(row) >= width else None for row in beside]
    return difference != 0 and (
        None in more or difference == sum(value for value in more if value is not None)
    )


def _row_total(t3: Grid) -> Tally:
    tally = Tally("T3-ROW-TOTAL")
    applicants = parts(t3.rows)
    for row in t3.rows:
        if t3.kinds and all(t3.kinds.get((row, column)) == "row_absent" for column in (*applicants, TOTAL)):
            continue
        _equation(tally, t3, [(row, TOTAL)], [(row, column) for column in applicants], row_label(row))
    return tally


def _t4_total(t4: Grid) -> Tally:
    tally = Tally("T4-TOTAL")
    for row in t4.rows:
        _equation(tally, t4, [(row, TOTAL)], [(row, column) for column in parts(t4.rows)], row_label(row))
    return tally


def _number_kind(report: Report, tables: Iterable[Grid]) -> Tally:
    """Counts are whole and not negative, amounts not negative; only ``change`` (2019) may have a sign."""
    tally = Tally("NUM-KIND")
    for table in tables:
        for row, columns in table.rows.items():
            for column, value in columns.items():
                if value is None:
                    tally.missing += 1
                elif (type(value) is int and value >= 0) or _is_plausible(column, value):
                    tally.tested += 1
                else:
                    tally.fail(_bad_number(table.path((row, column)), value))
    for note in report.cells:
        if (
            _is_negative_print(note)
            and report.tables.get(note.table, {}).get(note.row, {}).get(note.column) is None
        ):
            tally.missing -= 1
            tally.fail(_bad_number(f"{note.table}.{note.row}.{note.column}", note.raw or ""))
    return tally


def _is_plausible(column: str, value: Number) -> bool:
    whole = isinstance(value, int) or value.is_integer()
    return (whole or column in _columns("decimal")) and (value >= 0 or column in _columns("signed"))


def _is_negative_print(note: CellNote) -> bool:
    return (
        note.kind == "signed"
        and note.column not in _columns("signed")
        and note.raw is not None
        and note.raw.lstrip().startswith(("-", "−", "－"))
    )


def _bad_number(path: str, value: Number | str) -> Finding:
    _, row, column = path.split(".")
    zh, en = cell_label(row, column)
    return finding("NUM-KIND", left=value, left_where=path, cells=[path], where_zh=zh, where_en=en)


def _made_le_valid(t2: Grid) -> Tally:
    tally = Tally("T2-MADE-LE-VALID")
    for row, columns in t2.rows.items():
        if "made" not in columns:
            continue
        made, repealed, valid = (t2.value((row, column)) for column in ("made", "repealed", "valid"))
        if made is None or valid is None:
            tally.missing += 1
        elif made <= valid:
            tally.tested += 1
        else:
            # What is made and repealed in the same year need not be in force at its end.
            explained = (
                "made and repealed in one year" if repealed is not None and made - repealed <= valid else None
            )
            tally.fail(_exceeds(tally.rule, t2, (row, "made"), (row, "valid"), explained, repealed=repealed))
    return tally


def _disclosed(t2: Grid) -> Tally:
    tally = Tally("T2-19-DISCLOSED")
    for row, columns in t2.rows.items():
        if "newly_disclosed" not in columns:
            continue
        new, total = t2.value((row, "newly_disclosed")), t2.value((row, "disclosed_total"))
        if new is None or total is None:
            tally.missing += 1
        elif new <= total:
            tally.tested += 1
        else:
            tally.fail(_exceeds(tally.rule, t2, (row, "newly_disclosed"), (row, "disclosed_total"), None))
    return tally


def _exceeds(
    rule: str,
    table: Grid,
    left: Cell,
    right: Cell,
    explained: str | None,
    repealed: Number | None = None,
) -> Finding:
    zh, en = row_label(left[0])
    return finding(
        rule,
        left=table.value(left),
        left_where=table.path(left),
        right=table.value(right),
        right_where=table.path(right),
        cells=[table.path(left), table.path(right)],
        explained=explained,
        where_zh=zh,
        where_en=en,
        repealed=repealed,
    )
