"""The statutory tables as grids of printed cells, with the spans of the official form (report-format.md, A.2 to A.4, B)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from crawler.replica.figures import forms
from crawler.replica.model import Number, Tables

FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
CellKey = tuple[str, str, str]


@dataclass(frozen=True)
class Cell:
    """One printed cell. ``label`` cells say what a number is; the others are the numbers."""

    text: str
    colspan: int = 1
    rowspan: int = 1
    label: bool = True


Grid = list[list[Cell]]


@dataclass(frozen=True)
class Print:
    """How numbers are put on paper."""

    zeros: str = "printed"
    """``printed``, ``blank`` or ``dash``."""
    full_width: bool = False
    instead: Mapping[CellKey, str] = field(default_factory=dict)
    """Cells printed otherwise than by their number: ``22（其中修订16件）``."""
    signed: bool = False
    """Print the signed columns of the form of 2019 with a plus."""
    unit: str = ""
    """Unit behind the amount of government procurement."""

    def text(self, key: CellKey, value: Number | None) -> str:
        """What is printed for this value in this cell."""
        if key in self.instead:
            return self.instead[key]
        if value is None or (value == 0 and self.zeros == "blank"):
            return ""
        if value == 0 and self.zeros == "dash":
            return "—"
        text = str(value)
        if key[2] == "change" and self.signed and value > 0:
            text = f"+{text}"
        if key[2] == "amount":
            text += self.unit
        return text.translate(FULL_WIDTH) if self.full_width else text


def grids(form: str, tables: Tables, how: Print, *, header_gap: bool = False) -> list[Grid]:
    """The three tables of a report, in the order of the form.

    ``header_gap`` leaves the header cell 自然人 out, as one of the samples does.
    """
    return [
        active(form, tables, how),
        applications(form, tables, how, header_gap=header_gap),
        review(tables, how),
    ]


def active(form: str, tables: Tables, how: Print) -> Grid:
    """Table 二: what was disclosed unasked; one block for each item of article 20."""
    spec = forms()[form]["active_disclosure"]
    grid: Grid = []
    for item, members in groupby(spec["rows"], key=lambda row: str(row["item"])):
        rows: list[dict[str, Any]] = list(members)
        codes: list[str] = rows[0]["columns"]
        grid.append([Cell(item, colspan=4)])
        grid.append([Cell("信息内容"), *_spread([(spec["columns"][code], True) for code in codes])])
        for row in rows:
            values = tables["active_disclosure"][row["code"]]
            printed = [
                (how.text(("active_disclosure", row["code"], code), values[code]), False) for code in codes
            ]
            grid.append([Cell(row["label"]), *_spread(printed)])
    return grid


def _spread(cells: list[tuple[str, bool]]) -> list[Cell]:
    """One, two or three cells over the three columns beside the label."""
    spans = {1: (3,), 2: (1, 2), 3: (1, 1, 1)}[len(cells)]
    return [Cell(text, colspan=span, label=label) for (text, label), span in zip(cells, spans, strict=True)]


def applications(form: str, tables: Tables, how: Print, *, header_gap: bool = False) -> Grid:
    """Table 三: requests received and what became of them."""
    spec = forms()[form]["applications"]
    columns: dict[str, str] = spec["columns"]
    values = tables["applications"]
    labels = {row["code"]: row for row in spec["rows"]} | {"other": {"label": "（六）其他处理"}}
    rows = list(values)
    leaf = [columns[code] for code in columns if code not in ("natural_person", "total")]
    second = [] if header_gap else [Cell(columns["natural_person"], rowspan=2)]
    grid: Grid = [
        [
            Cell(
                "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", colspan=3, rowspan=3
            ),
            Cell("申请人情况", colspan=7),
        ],
        [*second, Cell("法人或其他组织", colspan=5), Cell(columns["total"], rowspan=2)],
        [Cell(label) for label in leaf],
    ]
    results = [code for code in rows if code not in ("new_received", "carried_in", "carried_out")]
    for code in rows:
        numbers = [
            Cell(how.text(("applications", code, column), values[code][column]), label=False)
            for column in columns
        ]
        grid.append([*_row_labels(code, results, labels), *numbers])
    return grid


def _row_labels(code: str, results: list[str], labels: Mapping[str, Any]) -> list[Cell]:
    text = str(labels[code]["label"])
    if code not in results:
        return [Cell(text, colspan=3)]
    lead = [Cell("三、本年度办理结果", rowspan=len(results))] if code == results[0] else []
    group = _group_of(code, labels)
    if group is None:
        return [*lead, Cell(text, colspan=2)]
    mates = [other for other in results if _group_of(other, labels) == group]
    if code == mates[0]:
        lead.append(Cell(group, rowspan=len(mates)))
    return [*lead, Cell(text)]


def _group_of(code: str, labels: Mapping[str, Any]) -> str | None:
    """The printed group above a row; rows directly under 三 have none."""
    group = labels[code].get("group")
    return None if group is None or str(group).startswith("三、") else str(group)


def review(tables: Tables, how: Print) -> Grid:
    """Table 四: reviews and lawsuits, one row of fifteen numbers."""
    values = tables["review_litigation"]
    leaf = list(forms()["gb2021"]["review_litigation"]["columns"].values())
    return [
        [Cell("行政复议", colspan=5), Cell("行政诉讼", colspan=10)],
        [
            *(Cell(label, rowspan=2) for label in leaf),
            Cell("未经复议直接起诉", colspan=5),
            Cell("复议后起诉", colspan=5),
        ],
        [Cell(label) for label in (*leaf, *leaf)],
        [
            Cell(how.text(("review_litigation", row, column), number), label=False)
            for row, columns in values.items()
            for column, number in columns.items()
        ],
    ]


def statistics_grid(values: Mapping[str, Number]) -> Grid:
    """The long form of 2014: indicator, unit, number."""
    grid: Grid = [[Cell("统计指标"), Cell("单位"), Cell("统计数")]]
    for row in forms()["stat2014"]:
        number = values.get(row["code"])
        text = "" if number is None else str(number)
        grid.append([Cell(row["label"]), Cell(row["unit"]), Cell(text, label=False)])
    return grid


def without_rowspans(grid: Grid) -> Grid:
    """The same table as some editors print it: empty cells where the form has a cell that runs over several rows."""
    out: Grid = []
    owed: dict[int, tuple[int, int]] = {}  # column -> (rows still covered, width)
    for row in grid:
        line: list[Cell] = []
        column = 0
        queue = list(row)
        while queue or column in owed:
            if column in owed:
                left, width = owed.pop(column)
                line.append(Cell("", colspan=width))
                if left > 1:
                    owed[column] = (left - 1, width)
                column += width
                continue
            cell = queue.pop(0)
            line.append(Cell(cell.text, cell.colspan, 1, cell.label))
            if cell.rowspan > 1:
                owed[column] = (cell.rowspan - 1, cell.colspan)
            column += cell.colspan
        out.append(line)
    return out
