"""The statutory tables as rows of cells with spans, before they are put into HTML or text."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.generator import forms
from tests.generator.cells import Cell, Printed, label, misspell, value
from tests.generator.figures import Values
from tests.generator.style import Style

Rows = list[list[Cell]]
Truth = dict[str, dict[str, dict[str, Printed]]]


SUBTOTAL = ("organisation_subtotal", "小计")
CASE_NAMES = {
    "review": "行政复议",
    "litigation_direct": "未经复议直接起诉",
    "litigation_after_review": "复议后起诉",
}
GROUPS = {"（三）不予公开": "refused", "（四）无法提供": "unavailable", "（五）不予处理": "unprocessed"}


class Typist:
    """Types a report's tables: remembers what it printed in every cell."""

    def __init__(self, random: Random, style: Style, values: Values) -> None:
        self.random, self.style, self.values = random, style, values
        self.printed: Truth = {}
        paths = [(t, r, c) for t, rows in values.items() for r, row in rows.items() for c in row]
        self.remarked = set(random.sample(paths, style.annotated))
        labelled = [
            r
            for r in values["applications"]
            if r not in ("new_received", "carried_out", "other_other", "other")
        ]
        self.misspelt = set(random.sample(labelled, style.misspelt))

    def label(self, text: str, rowspan: int = 1, colspan: int = 1, row: str | None = None) -> Cell:
        if row in self.misspelt:
            text = misspell(self.random, text)
        return Cell(label(self.random, self.style, text), rowspan, colspan)

    def value(self, table: str, row: str, column: str, colspan: int = 1) -> Cell:
        """A value cell; subtotals, which are no cell of the form, are printed and not remembered."""
        path = (table, row, column)
        if row.endswith("_subtotal") or row == "stranger" or column == SUBTOTAL[0]:
            return Cell(str(self._subtotal(row, column)), 1, colspan, path)
        number = self.values[table][row][column]
        printed = value(self.random, self.style, number, remark=path in self.remarked, column=column)
        self.printed.setdefault(table, {}).setdefault(row, {})[column] = printed
        return Cell(printed.text, 1, colspan, path)

    def _subtotal(self, row: str, column: str) -> int | float:
        """The sum of the organisations in a row, of a group in a column, or of both."""
        table = self.values["applications"]
        rows = [row]
        if row == "stranger":
            return 0
        if row.endswith("_subtotal"):
            rows = [code for code in table if code.startswith(row.removesuffix("subtotal"))]
        columns = [code for code, _ in forms.APPLICANTS[1:6]] if column == SUBTOTAL[0] else [column]
        return sum(table[r][c] for r in rows for c in columns)

    def entries(self) -> list[tuple[str, str, str]]:
        """The rows of the results: the form's, less one lost, with one added or with subtotals."""
        entries = [*forms.results(one_row=self.style.one_row), forms.PROCESSED]
        if self.style.rows == "one_lost" and (lost := self._empty_row(entries)):
            entries.remove(lost)
            for column in self.values["applications"][lost[0]]:
                self.printed.setdefault("applications", {}).setdefault(lost[0], {})[column] = Printed(
                    "", None
                )
        if self.style.rows == "one_added":
            at = next(i for i, entry in enumerate(entries) if entry[0] == "unavailable_not_held")
            entries.insert(at, ("stranger", "（三）不予公开", "9.属于工作秘密"))
        if self.style.subtotals in ("rows", "both"):
            for group, code in GROUPS.items():
                at = next(i for i, entry in enumerate(entries) if entry[1] == group)
                entries.insert(at, (f"{code}_subtotal", group, "小计"))
        return entries

    def _empty_row(self, entries: list[tuple[str, str, str]]) -> tuple[str, str, str] | None:
        """A row of a group in which every figure is zero."""
        empty = [e for e in entries if e[1] and not any(self.values["applications"][e[0]].values())]
        return self.random.choice(empty) if empty else None


ARTICLES = {
    "long": "中华人民共和国政府信息公开条例 {}",
    "plain": "{}",
    "official": "{}",
}


def table2(typist: Typist) -> Rows:
    """Four columns; in the blocks with fewer columns the last one spans the rest, or is pushed aside."""
    rows: Rows = []
    style = typist.style
    blocks = forms.T2_2021 if style.form == "gb2021" else forms.T2_2019
    for number, (item, columns, entries) in enumerate(blocks):
        if not (style.article == "lost" and number == 0):
            text = ARTICLES.get(style.article, "{}").format(item)
            if style.article == "plain":
                text = text.replace("（", "").replace("）", "")
            rows.append([typist.label(text, colspan=4)])
        spans = [1] * (len(columns) - 1) + [4 - len(columns)]
        rows.append(
            [
                typist.label("信息内容"),
                *(
                    typist.label(_heading(style, code, t), colspan=s)
                    for (code, t), s in zip(columns, spans, strict=True)
                ),
            ]
        )
        value_spans = list(reversed(spans)) if style.wide_values else spans
        for code, name in entries:
            cells = [typist.label(name)]
            for (column, _), span in zip(columns, value_spans, strict=True):
                cells.append(typist.value("active_disclosure", code, column, colspan=span))
            rows.append(cells)
    return rows


def _heading(style: Style, code: str, text: str) -> str:
    """The header of a column of table 2, its unit and its variants included."""
    if code == "change":
        return {"official": text, "cut": "本年增/", "friend": "本年数量"}[style.change_label]
    if code in ("amount", "amount_wan_yuan"):
        text = text.split("（")[0]
        unit = {"official": "万元" if code == "amount_wan_yuan" else "", "header": "万元", "yuan": "元"}.get(
            style.money
        )
        return f"{text}（单位：{unit}）" if unit else text
    return text


def table3(typist: Typist) -> Rows:
    """Three label columns and seven value columns; 28 rows, or 26 with （六） in one row."""
    new, style = typist.label, typist.style
    applicants = list(forms.APPLICANTS)
    if style.subtotals in ("column", "both"):
        applicants.insert(6, SUBTOTAL)
    organisations = len(applicants) - 2
    rows: Rows = [
        [
            new("（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", 3, 3),
            new("申请人情况", 1, len(applicants)),
        ],
        [new("自然人", 2), new("法人或其他组织", 1, organisations), new("总计", 2)],
        [new(text) for _, text in applicants[1:-1]],
    ]

    def values(row: str) -> list[Cell]:
        return [typist.value("applications", row, column) for column, _ in applicants]

    for code, _, text in (forms.NEW, forms.CARRIED_IN):
        rows.append([new(text, 1, 3, code), *values(code)])
    entries = typist.entries()
    size = len(entries)
    previous: str | None = None
    for index, (code, group, text) in enumerate(entries):
        cells: list[Cell] = []
        if index == 0:
            cells.append(new("三、本年度办理结果", size, 1))
        if group:
            if group != previous:
                cells.append(new(group, sum(1 for e in entries if e[1] == group), 1))
            cells.append(new(text, 1, 1, code))
        else:
            cells.append(new(text, 1, 2, code))
        previous = group
        rows.append(cells + values(code))
    rows.append([new(forms.CARRIED_OUT[2], 1, 3, "carried_out"), *values("carried_out")])
    return rows


def add_beside(random: Random, style: Style, rows: Rows) -> None:
    """A column that table 3 does not have: the lines' numbers at the left, units or last year's totals at the right."""
    if style.beside == "none":
        return
    text = {"number": "序号", "unit": "单位", "last_year": "上年总计"}[style.beside]
    left = style.beside == "number"
    header = next(number for number, row in enumerate(rows) if any(cell.path for cell in row))
    for number, row in enumerate(rows):
        cell = Cell(
            str(number - header + 1) if left else "件" if text == "单位" else str(random.randint(0, 99))
        )
        if number == 0:
            cell = Cell(text, rowspan=header)
        if number == 0 or number >= header:
            row.insert(0 if left else len(row), cell)


def table4(typist: Typist) -> list[Rows]:
    """One table of fifteen numbers, in one row, in three or down the page; or three tables of five."""
    new, cases = typist.label, typist.style.cases
    leaves = [text for _, text in forms.OUTCOMES]

    def values(case: str) -> list[Cell]:
        return [typist.value("review_litigation", case, column) for column, _ in forms.OUTCOMES]

    if cases == "three":
        return [
            [[new(name, 1, 5)], [new(t) for t in leaves], values(case)] for case, name in CASE_NAMES.items()
        ]
    if cases == "rows":
        body = [[new(name), *values(case)] for case, name in CASE_NAMES.items()]
        return [[[new(""), *(new(t) for t in leaves)], *body]]
    filled = {case: values(case) for case in CASE_NAMES}
    if cases == "down":
        body = [[new(text), *(filled[case][i] for case in CASE_NAMES)] for i, text in enumerate(leaves)]
        return [[[new(""), *(new(name) for name in CASE_NAMES.values())], *body]]
    if cases == "pairs":
        return [
            [
                [*([new(name, 5)] if i == 0 else []), new(text), filled[case][i]]
                for case, name in CASE_NAMES.items()
                for i, text in enumerate(leaves)
            ]
        ]
    return [
        [
            [new("行政复议", 1, 5), new("行政诉讼", 1, 10)],
            [*(new(t, 2) for t in leaves), new("未经复议直接起诉", 1, 5), new("复议后起诉", 1, 5)],
            [new(t) for t in leaves + leaves],
            [cell for case in forms.CASES for cell in filled[case]],
        ]
    ]


def resolved(rows: Rows, fill: Callable[[Cell], str]) -> Rows:
    """The same table without spans: a covered place holds ``fill`` of the cell that covers it."""
    grid: dict[tuple[int, int], Cell] = {}
    for r, row in enumerate(rows):
        c = 0
        for cell in row:
            while (r, c) in grid:
                c += 1
            for dr in range(cell.rowspan):
                for dc in range(cell.colspan):
                    own = dr == 0 and dc == 0
                    grid[r + dr, c + dc] = Cell(
                        cell.text if own else fill(cell), 1, 1, cell.path if own else None
                    )
    height = max(r for r, _ in grid) + 1
    width = max(c for _, c in grid) + 1
    return [[grid.get((r, c), Cell("")) for c in range(width)] for r in range(height)]


def broken(random: Random, rows: Rows, header: int, *, repeat_header: bool) -> list[Rows]:
    """The table cut in two between two rows, as at a page break: spans that cross the cut are closed and taken up again."""
    if len(rows) < header + 4:
        return [rows]
    cut = random.randint(header + 2, len(rows) - 2)
    head = [
        [Cell(c.text, min(c.rowspan, cut - r), c.colspan, c.path) for c in row]
        for r, row in enumerate(rows[:cut])
    ]
    # Labels still open above stand empty on the next page, as Word leaves them, from the outermost inwards.
    still_open = [
        Cell("", r + c.rowspan - cut, c.colspan)
        for r, row in enumerate(rows[:cut])
        for c in row
        if r + c.rowspan > cut
    ]
    tail = [still_open + rows[cut], *rows[cut + 1 :]]
    return [head, ([*rows[:header], *tail] if repeat_header else tail)]
