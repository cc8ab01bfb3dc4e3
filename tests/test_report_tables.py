"""Tables with cells: every shape gives every cell exactly, or null with a note."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.reference.forms import FormTable, form
from archive.report.cells import parse_cell
from archive.report.document import Document, Paragraph, Table, TableCell
from archive.report.grid import GridReader
from archive.report.tables import TablesReading, read_tables
from archive.report.tables_sheets import Lexicon, SheetBuilder
from tests.tables_kit import (
    Rows,
    Values,
    document,
    lines,
    numbered,
    official,
    printed,
    report,
    table_of,
    without_spans,
)

FORMS = ("gb2021", "gb2019")
T2, T3, T4 = "active_disclosure", "applications", "review_litigation"


def rules(reading: TablesReading) -> set[str]:
    return {found.rule for found in reading.findings}


def numbers(values: Values) -> dict[tuple[str, str], float | None]:
    return {cell: parse_cell(text).value for cell, text in values.items()}


def cells(reading: TablesReading, table: str) -> dict[tuple[str, str], float | None]:
    return {(r, c): value for r, row in reading.tables[table].items() for c, value in row.items()}


def notes(reading: TablesReading, table: str) -> dict[tuple[str, str], str]:
    return {(note.row, note.column): note.kind for note in reading.cells if note.table == table}


def balanced(table: FormTable) -> Values:
    """Numbers for table 3 whose totals hold in every row."""
    values: Values = {}
    for i, row in enumerate(table.row_codes()):
        parts = [10 * i + j for j in range(6)]
        for column, number in zip(table.columns, [*parts, sum(parts)], strict=True):
            values[row, column.code] = str(number)
    return values


def money_is_silent(code: str) -> set[str]:
    return {"UNIT-UNKNOWN"} if code == "gb2019" else set()


@pytest.mark.parametrize("code", FORMS)
def test_official_print_gives_every_cell_without_a_finding(code: str) -> None:
    reading = read_tables(official(code))
    assert reading.form == code
    for name, table in form(code).tables.items():
        assert cells(reading, name) == numbers(numbered(table))
        assert [(r, c) for r, row in reading.tables[name].items() for c in row] == list(table.places())
    assert rules(reading) == money_is_silent(code)
    assert reading.zero_style == {T2: "printed", T3: "printed", T4: "printed"}
    assert reading.present == {T2: "html", T3: "html", T4: "html"}


SHAPES: dict[str, Callable[[Rows], list[Table]]] = {
    "spans as empty cells": lambda rows: [table_of(without_spans(rows))],
    "spans as repeated text": lambda rows: [table_of(without_spans(rows, repeat=True))],
    "a spare last column": lambda rows: [table_of([[*row, ""] for row in rows])],
    "a blank row between": lambda rows: (
        [table_of([row for line in rows for row in (line, [""])])] if len(rows[0]) > 2 else [table_of(rows)]
    ),
}


@pytest.mark.parametrize("code", FORMS)
@pytest.mark.parametrize("shape", SHAPES)
def test_other_ways_of_laying_the_cells_out(code: str, shape: str) -> None:
    made = {name: SHAPES[shape](printed(t, numbered(t))) for name, t in form(code).tables.items()}
    reading = read_tables(report(code, made))
    for name, table in form(code).tables.items():
        assert cells(reading, name) == numbers(numbered(table)), name
    assert rules(reading) == money_is_silent(code)


def test_all_three_tables_in_one_element() -> None:
    tables = form("gb2021").tables.values()
    rows = [row for table in tables for row in printed(table, numbered(table))]
    reading = read_tables(document(table_of(rows)))
    for table in tables:
        assert cells(reading, table.code) == numbers(numbered(table))


def broken(table: FormTable, at: int, values: Values) -> list[Table]:
    """A table broken by a page before row ``at``: spans end at the break and begin again with no text."""
    whole = table_of(printed(table, values))
    parts: list[Table] = []
    for start, end in ((0, at), (at, len(whole.grid))):
        rows: Rows = []
        for r in range(start, end):
            row = []
            for c, cell in enumerate(whole.grid[r]):
                if cell is not None and cell.column == c and (cell.row == r or r == start):
                    text = cell.text if cell.row == r else ""
                    row.append((text, min(cell.row + cell.rowspan, end) - r, cell.colspan))
            rows.append(row)
        parts.append(table_of(rows))
    return parts


@pytest.mark.parametrize("at", range(4, 28))
def test_table_three_broken_by_a_page_anywhere(at: int) -> None:
    table = form("gb2021").tables[T3]
    reading = read_tables(official("gb2021", applications=broken(table, at, numbered(table))))
    assert cells(reading, T3) == numbers(numbered(table))


def test_a_label_cut_by_a_page_break() -> None:
    table = form("gb2021").tables[T3]
    rows = printed(table, numbered(table))
    place = next(i for i, row in enumerate(rows) if row[0][0].startswith("5.要求行政机关确认"))
    whole = rows[place]
    rows[place] = [("5.要求行政机关确认或重新出", 1, 1), *[("", 1, 1)] * 7]
    rows.insert(place + 1, [("具已获取信息", 1, 1), *whole[1:]])
    spans = without_spans([[(t, rs + 1 if rs in (22, 5) else rs, cs) for t, rs, cs in row] for row in rows])
    reading = read_tables(official("gb2021", applications=table_of(spans)))
    assert cells(reading, T3) == numbers(numbered(table))


def test_header_repeated_after_a_page_break() -> None:
    table = form("gb2021").tables[T3]
    rows = printed(table, numbered(table))
    second = table_of([*rows[:3], *rows[24:]])
    first = table_of(rows[:24])
    reading = read_tables(official("gb2021", applications=[first, second]))
    assert cells(reading, T3) == numbers(numbered(table))


@pytest.mark.parametrize("code", FORMS)
def test_one_row_of_other_handling_in_either_form(code: str) -> None:
    other = form("gb2019").tables[T3]
    values = balanced(other)
    reading = read_tables(official(code, applications=table_of(printed(other, values))))
    assert reading.form == code
    assert cells(reading, T3) == numbers(values)
    assert "other" in reading.tables[T3]
    assert not {"other_other", "other_fee_unpaid", "other_correction_overdue"} & set(reading.tables[T3])
    assert rules(reading) == money_is_silent(code)


def test_year_decides_only_where_the_tables_cannot() -> None:
    table = form("gb2019").tables[T3]
    alone = document(table_of(printed(table, balanced(table))))
    assert [read_tables(alone, year_hint=year).form for year in (2020, 2023, None)] == [
        "gb2019",
        "gb2021",
        "gb2019",
    ]
    assert read_tables(official("gb2019"), year_hint=2023).form == "gb2019"
    assert read_tables(official("gb2021"), year_hint=2019).form == "gb2021"


def test_a_blank_form_holds_no_number_and_no_zero() -> None:
    blank = {name: dict.fromkeys(table.places(), "\u3000") for name, table in form("gb2021").tables.items()}
    reading = read_tables(official("gb2021", blank))
    assert {value for name in reading.tables for value in cells(reading, name).values()} == {None}
    assert {note.kind for note in reading.cells} == {"blank"}
    assert len(reading.cells) == 200
    assert set(reading.zero_style.values()) == {"empty"}


def test_a_blank_cell_shifts_nothing_and_zero_style_tells() -> None:
    table = form("gb2021").tables[T3]
    values = numbered(table, 1)
    values["granted", "natural_person"] = values["granted", "legal_service"] = values[
        "carried_out", "total"
    ] = ""
    reading = read_tables(official("gb2021", {T3: values}))
    assert cells(reading, T3) == numbers(values)
    assert notes(reading, T3) == dict.fromkeys([c for c, text in values.items() if not text], "blank")
    assert reading.zero_style[T3] == "blank"
    values["granted", "total"] = "0"
    assert read_tables(official("gb2021", {T3: values})).zero_style[T3] == "mixed"


def test_an_unknown_row_is_told_and_moves_no_other() -> None:
    table = form("gb2021").tables[T3]
    rows = printed(table, numbered(table))
    place = next(i for i, row in enumerate(rows) if row[0][0].startswith("2.其他法律"))
    rows = [[(t, rs + 1 if rs in (22, 8) else rs, cs) for t, rs, cs in row] for row in rows]
    rows.insert(place, [("属于工作秘密", 1, 1), *[("7", 1, 1)] * 7])
    reading = read_tables(official("gb2021", applications=table_of(rows)))
    assert cells(reading, T3) == numbers(numbered(table))
    assert "ROW-UNKNOWN" in rules(reading)


def test_an_unknown_row_in_place_of_a_known_one_is_not_taken_for_it() -> None:
    table = form("gb2021").tables[T3]
    rows = [
        [("属于工作秘密" if "国家秘密" in t else t, rs, cs) for t, rs, cs in row]
        for row in printed(table, numbered(table))
    ]
    reading = read_tables(official("gb2021", applications=table_of(rows)))
    expected = numbers(numbered(table))
    for column in table.columns:
        expected["refused_state_secret", column.code] = None
    assert cells(reading, T3) == expected
    assert {"ROW-UNKNOWN", "ROW-ABSENT"} <= rules(reading)
    assert notes(reading, T3)["refused_state_secret", "total"] == "row_absent"


def test_missing_rows_leave_the_others_where_they_are() -> None:
    table = form("gb2021").tables[T3]
    rows = [
        row for row in printed(table, numbered(table)) if not row[0][0].startswith(("2.重复申请", "（七）"))
    ]
    reading = read_tables(official("gb2021", applications=table_of(rows)))
    read = cells(reading, T3)
    gone = {"unprocessed_repeat", "processed_total"}
    assert {row for (row, _), value in read.items() if value is None} == gone
    assert all(read[cell] == value for cell, value in numbers(numbered(table)).items() if cell[0] not in gone)
    assert next(f for f in reading.findings if f.rule == "ROW-ABSENT").cells == (
        "applications.unprocessed_repeat",
        "applications.processed_total",
    )


@pytest.mark.parametrize(
    ("official_label", "print_"),
    [
        ("2.其他法律行政法规禁止公开", "2.其他法律行政止公开"),
        ("1.属于国家秘密", "1.属于国家秘蜜"),
        ("8.属于行政查询事项", "8.属于行政査询事顶"),
        ("3.危及“三安全一稳定”", "3.危及三安全一稳定"),
        ("（一）予以公开", "予以公开情况"),
    ],
)
def test_misspelt_and_variant_labels_are_read_and_told(official_label: str, print_: str) -> None:
    table = form("gb2021").tables[T3]
    rows = [
        [(print_ if t == official_label else t, rs, cs) for t, rs, cs in row]
        for row in printed(table, numbered(table))
    ]
    reading = read_tables(official("gb2021", applications=table_of(rows)))
    assert cells(reading, T3) == numbers(numbered(table))
    assert rules(reading) == {"LABEL-VARIANT"}


@pytest.mark.parametrize(
    "print_",
    [
        lambda t: t.replace("（", "(").replace("）", ")").replace("，", ",").replace("：", ":"),
        lambda t: t.replace("1.", "1、").replace("2.", "2．"),
        lambda t: "\n".join(t) if len(t) < 12 else t,
        lambda t: t.replace("总计", "合计").replace("其他", "其它"),
        lambda t: t.replace("一", "⼀").replace("行", "⾏").replace("人", "⼈"),
    ],
    ids=["half width", "numbering", "stacked characters", "synonyms", "Kangxi radicals"],
)
def test_prints_of_the_same_label_are_no_finding(print_: Callable[[str], str]) -> None:
    tables = {}
    for name, table in form("gb2021").tables.items():
        rows = printed(table, numbered(table))
        tables[name] = table_of(
            [[(print_(t) if not t.isdigit() else t, rs, cs) for t, rs, cs in row] for row in rows]
        )
    reading = read_tables(report("gb2021", tables))
    for name, table in form("gb2021").tables.items():
        assert cells(reading, name) == numbers(numbered(table)), name
    assert rules(reading) == set()


def test_a_doubled_label_makes_both_rows_unknown() -> None:
    table = form("gb2021").tables[T3]
    rows = [
        [("2.重复申请" if t.startswith("3.要求提供") else t, rs, cs) for t, rs, cs in row]
        for row in printed(table, numbered(table))
    ]
    reading = read_tables(official("gb2021", applications=table_of(rows)))
    read = cells(reading, T3)
    lost = {row for (row, _), value in read.items() if value is None}
    assert lost == {"unprocessed_repeat", "unprocessed_publication"}
    assert "READINGS-DISAGREE" in rules(reading)


def test_rows_in_another_order_are_read_by_label_and_told() -> None:
    table = form("gb2021").tables[T3]
    rows = without_spans(printed(table, numbered(table)))
    rows[-2], rows[-1] = rows[-1], rows[-2]
    rows[3], rows[4] = rows[4], rows[3]
    reading = read_tables(official("gb2021", applications=table_of(rows)))
    assert cells(reading, T3) == numbers(numbered(table))
    assert "READINGS-DISAGREE" in rules(reading)


def swapped(values: Values) -> Table:
    """Table 3 with the header labels 自然人 and 总计 in each other's place, over these values."""
    other = {"自然人": "总计", "总计": "自然人"}
    rows = printed(form("gb2021").tables[T3], values)
    return table_of(
        [[(other.get(t, t) if i < 3 else t, rs, cs) for t, rs, cs in row] for i, row in enumerate(rows)]
    )


def test_columns_in_another_order_are_read_by_label_if_the_sums_agree() -> None:
    table = form("gb2021").tables[T3]
    truth = balanced(table)
    exchange = {"natural_person": "total", "total": "natural_person"}
    values = {(row, column): truth[row, exchange.get(column, column)] for row, column in truth}
    reading = read_tables(official("gb2021", applications=swapped(values)))
    assert cells(reading, T3) == numbers(truth)
    assert "READINGS-DISAGREE" in rules(reading)


def test_columns_in_another_order_are_not_read_if_the_sums_contradict_the_labels() -> None:
    reading = read_tables(official("gb2021", applications=swapped(balanced(form("gb2021").tables[T3]))))
    assert set(cells(reading, T3).values()) == {None}
    assert "READINGS-DISAGREE" in rules(reading)


@pytest.mark.parametrize(
    ("below", "known"),
    [
        (["自然人\t商业企业\t科研机构\t社会公益组织\t法律服务机构\t其他\t总计"], True),
        (["自然人\t总计", "商业企业\t科研机构\t社会公益组织\t法律服务机构\t其他"], False),
    ],
    ids=["at the foot", "in the middle"],
)
def test_a_groups_label_in_a_line_of_text_does_not_move_its_columns_to_the_front(
    below: list[str], known: bool
) -> None:
    table = form("gb2021").tables[T3]
    truth = balanced(table)
    rows = ["\t".join(cell[0] for cell in row if cell[0]) for row in printed(table, truth)[3:]]
    reading = read_tables(official("gb2021", applications=["申请人情况", "法人或其他组织", *below, *rows]))
    assert cells(reading, T3) == (numbers(truth) if known else dict.fromkeys(truth))
    assert ("READINGS-DISAGREE" in rules(reading)) is not known


def test_a_missing_header_label_is_told_and_read_by_position() -> None:
    table = form("gb2021").tables[T3]
    rows = printed(table, numbered(table))
    rows[1] = [("", 2, 1) if t == "自然人" else (t, rs, cs) for t, rs, cs in rows[1]]
    reading = read_tables(official("gb2021", applications=table_of(rows)))
    assert cells(reading, T3) == numbers(numbered(table))
    assert rules(reading) == {"HDR-COLUMN-MISSING"}


def test_a_table_without_its_total_column_shifts_nothing() -> None:
    table = form("gb2021").tables[T3]
    rows = without_spans(printed(table, numbered(table)))
    reading = read_tables(official("gb2021", applications=table_of([row[:-1] for row in rows])))
    expected = numbers(numbered(table))
    for cell, value in cells(reading, T3).items():
        assert value is None or value == expected[cell]
    assert {note.column for note in reading.cells if note.table == T3} >= {"total"}


def test_merged_value_cells_give_their_number_to_nobody() -> None:
    table = form("gb2021").tables[T3]
    rows = printed(table, numbered(table))
    wide = next(i for i, row in enumerate(rows) if row[0][0].startswith("二、"))
    rows[wide] = [rows[wide][0], ("9", 1, 2), *rows[wide][3:]]
    tall = next(i for i, row in enumerate(rows) if row[0][0].startswith("2.重复"))
    rows[tall][1] = ("5", 2, 1)
    del rows[tall + 1][1]
    reading = read_tables(official("gb2021", applications=table_of(rows)))
    read, expected = cells(reading, T3), numbers(numbered(table))
    lost = {
        ("carried_in", "natural_person"), ("carried_in", "business"),
        ("unprocessed_repeat", "natural_person"), ("unprocessed_publication", "natural_person"),
    }  # fmt: skip
    assert {cell for cell, value in read.items() if value is None} == lost
    assert all(read[cell] == value for cell, value in expected.items() if cell not in lost)
    assert {notes(reading, T3)[cell] for cell in lost} == {"unreadable"}


def test_a_merged_cell_beside_a_spare_column_is_not_made_up_for_by_it() -> None:
    table = form("gb2021").tables[T3]
    rows: list[list[tuple[str, int, int]]] = [[*row, ("", 1, 1)] for row in printed(table, numbered(table))]
    rows[4] = [rows[4][0], ("9", 1, 2), *rows[4][3:]]
    reading = read_tables(official("gb2021", applications=table_of(rows)))
    read, expected = cells(reading, T3), numbers(numbered(table))
    for (row, column), value in read.items():
        assert value == expected[row, column] or (value is None and row == "carried_in")


def test_a_missing_cell_in_a_row_is_not_made_up_for_by_a_placeholder() -> None:
    table = form("gb2021").tables[T3]
    rows = without_spans(printed(table, numbered(table)))
    place = next(i for i, row in enumerate(rows) if row[0].startswith("二、"))
    rows[place] = rows[place][:2] + rows[place][3:9]
    reading = read_tables(official("gb2021", applications=table_of(rows)))
    read, expected = cells(reading, T3), numbers(numbered(table))
    for (row, column), value in read.items():
        assert value == expected[row, column] or (value is None and row == "carried_in")


def test_a_row_span_that_reaches_too_far_moves_no_number() -> None:
    table = form("gb2021").tables[T3]
    rows = printed(table, numbered(table))
    rows = [[(t, 23 if rs == 22 else rs, cs) for t, rs, cs in row] for row in rows]
    reading = read_tables(official("gb2021", applications=table_of(rows)))
    assert cells(reading, T3) == numbers(numbered(table))


def test_subtotals_are_checked_and_not_stored() -> None:
    table = form("gb2021").tables[T3]
    values = balanced(table)
    rows = without_spans(printed(table, values))
    wide = [
        [*row[:9], "小计" if i == 2 else str(sum(map(int, row[4:9]))) if i > 2 else "", *row[9:]]
        for i, row in enumerate(rows)
    ]
    place = next(i for i, row in enumerate(wide) if row[1].startswith("（四）"))
    sums = [str(sum(int(row[c]) for row in wide[place : place + 3])) for c in range(3, 11)]
    wide.insert(place, ["", "（四）无法提供", "", *sums])
    reading = read_tables(official("gb2021", applications=table_of(wide)))
    assert cells(reading, T3) == numbers(values)
    assert rules(reading) == set()
    wide[place][3] = "999"
    wide[6][9] = "998"
    reading = read_tables(official("gb2021", applications=table_of(wide)))
    assert cells(reading, T3) == numbers(values)
    assert [f.left for f in reading.findings if f.rule == "SUBTOTAL-DIFFERS"] == [998, 999]


# Table 2


def test_values_of_table_two_stand_by_order_where_spans_do_not_line_up() -> None:
    table = form("gb2019").tables[T2]
    values = numbered(table, 5)
    values["regulations", "newly_disclosed"] = ""
    rows: Rows = []
    for line in printed(table, values):
        if len(line) == 4 and line[1][0].isdigit():
            line = [line[0], (line[1][0], 1, 2), (line[2][0], 1, 1), (line[3][0], 1, 3)]
        elif len(line) == 4:
            line = [line[0], (line[1][0], 1, 1), (line[2][0], 1, 3), (line[3][0], 1, 2)]
        rows.append(line)
    reading = read_tables(official("gb2019", active_disclosure=table_of(rows)))
    assert cells(reading, T2) == numbers(values)


def test_a_false_friend_is_kept_raw_and_not_mapped() -> None:
    table = form("gb2019").tables[T2]
    values = numbered(table, 3)
    rows = [
        [("本年数量" if t == "本年增/减" else t, rs, cs) for t, rs, cs in row]
        for row in printed(table, values)
    ]
    reading = read_tables(official("gb2019", active_disclosure=table_of(rows)))
    for (row, column), value in cells(reading, T2).items():
        assert value == (None if column == "change" else numbers(values)[row, column])
    assert "LABEL-SEMANTICS" in rules(reading)
    kept = {note.row: (note.raw, note.kind) for note in reading.cells if note.column == "change"}
    assert kept["administrative_penalty"] == (values["administrative_penalty", "change"], "not_on_form")


def test_a_label_that_lost_its_end_in_a_known_way_is_told_and_read() -> None:
    table = form("gb2019").tables[T2]
    rows = [
        [("本年增/" if t == "本年增/减" else t, rs, cs) for t, rs, cs in row]
        for row in printed(table, numbered(table))
    ]
    reading = read_tables(official("gb2019", active_disclosure=table_of(rows)))
    assert cells(reading, T2) == numbers(numbered(table))
    assert rules(reading) == {"LABEL-VARIANT", "UNIT-UNKNOWN"}


def test_columns_of_one_form_are_never_read_as_those_of_another() -> None:
    table = form("gb2021").tables[T2]
    rows = [
        [("本年新公开数量" if t == "本年废止件数" else t, rs, cs) for t, rs, cs in row]
        for row in printed(table, numbered(table))
    ]
    reading = read_tables(official("gb2021", active_disclosure=table_of(rows)))
    assert reading.tables[T2]["regulations"]["repealed"] is None
    assert notes(reading, T2)["regulations", "repealed"] in ("unreadable", "not_on_form")


@pytest.mark.parametrize(
    ("label", "print_", "value", "kind", "unit"),
    [
        ("本年收费金额（单位：万元）", "12.5", 12.5, None, None),
        ("本年收费金额（万元）", "1,234.56", 1234.56, None, None),
        ("本年收费金额（单位：元）", "125000", 12.5, "unit", "元"),
        ("本年收费金额（单位：元）", "12.5万元", 12.5, "unit", "万元"),
        ("本年收费金额", "12.5", None, "unit_unknown", None),
        ("本年收费金额", "125000元", 12.5, "unit", "元"),
        ("本年收费金额（单位：万元）", "5件", None, "unit_unknown", None),
        ("本年收费金额（单位：万元）", "", None, "blank", None),
    ],
)
def test_money_needs_its_unit(
    label: str, print_: str, value: float | None, kind: str | None, unit: str | None
) -> None:
    table = form("gb2021").tables[T2]
    values = numbered(table) | {("administrative_fees", "amount_wan_yuan"): print_}
    rows = [
        [(label if "收费金额" in t else t, rs, cs) for t, rs, cs in row] for row in printed(table, values)
    ]
    reading = read_tables(official("gb2021", active_disclosure=table_of(rows)))
    assert reading.tables[T2]["administrative_fees"]["amount_wan_yuan"] == value
    note = next((n for n in reading.cells if n.row == "administrative_fees"), None)
    assert (note.kind if note else None, note.unit if note else None) == (kind, unit)
    assert ("UNIT-UNKNOWN" in rules(reading)) == (kind == "unit_unknown")


@pytest.mark.parametrize(
    ("label", "print_", "value", "kind", "unit"),
    [
        ("采购总金额", "153103.83", 153103.83, "unit_unknown", None),
        ("采购总金额", "103.3879万元", 103.3879, "unit", "万元"),
        ("采购总金额（万元）", "189", 189, "unit", "万元"),
        ("采购总金额(万元,保留四位小数)", "1.0339", 1.0339, "unit", "万元"),
        ("采购总金额", "/", None, "dash", None),
    ],
)
def test_procurement_keeps_what_is_printed_with_its_unit(
    label: str, print_: str, value: float | None, kind: str, unit: str | None
) -> None:
    table = form("gb2019").tables[T2]
    values = numbered(table) | {("government_procurement", "amount"): print_}
    rows = [
        [(label if t == "采购总金额" else t, rs, cs) for t, rs, cs in row] for row in printed(table, values)
    ]
    reading = read_tables(official("gb2019", active_disclosure=table_of(rows)))
    assert reading.tables[T2]["government_procurement"]["amount"] == value
    note = next(n for n in reading.cells if n.column == "amount")
    assert (note.raw, note.kind, note.unit) == (print_, kind, unit)


def test_annotated_and_signed_cells_keep_value_and_print() -> None:
    table = form("gb2019").tables[T2]
    values = numbered(table) | {
        ("normative_documents", "newly_made"): "22（其中修订16件）",
        ("administrative_penalty", "change"): "减3",
    }
    reading = read_tables(official("gb2019", {T2: values}))
    assert reading.tables[T2]["normative_documents"]["newly_made"] == 22
    assert reading.tables[T2]["administrative_penalty"]["change"] == -3
    found = notes(reading, T2)
    assert (found["normative_documents", "newly_made"], found["administrative_penalty", "change"]) == (
        "annotated",
        "signed",
    )


# Table 4


def four() -> tuple[FormTable, Values]:
    table = form("gb2021").tables[T4]
    return table, numbered(table, 1)


LEAVES = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
BLOCKS = {
    "review": "行政复议",
    "litigation_direct": "未经复议直接起诉",
    "litigation_after_review": "复议后起诉",
}


def block(values: Values, code: str) -> list[str]:
    return [text for (row, _), text in values.items() if row == code]


def review_shapes(values: Values) -> dict[str, list[Table]]:
    each = {name: block(values, code) for code, name in BLOCKS.items()}
    return {
        "three tables": [table_of([[(name, 1, 5)], LEAVES, numbers_]) for name, numbers_ in each.items()],
        "three rows": [table_of([["", *LEAVES], *([name, *numbers_] for name, numbers_ in each.items())])],
        "three rows with groups": [
            table_of([
                [("", 1, 2), *[(leaf, 1, 1) for leaf in LEAVES]],
                [("行政复议", 1, 2), *[(n, 1, 1) for n in each["行政复议"]]],
                [("行政诉讼", 2, 1), ("未经复议直接起诉", 1, 1), *[(n, 1, 1) for n in each["未经复议直接起诉"]]],
                [("复议后起诉", 1, 1), *[(n, 1, 1) for n in each["复议后起诉"]]],
            ])
        ],
        "down the page": [
            table_of([
                [(name, 5, 1), (leaf, 1, 1), (n, 1, 1)] if i == 0 else [(leaf, 1, 1), (n, 1, 1)]
                for name, numbers_ in each.items()
                for i, (leaf, n) in enumerate(zip(LEAVES, numbers_, strict=True))
            ])
        ],
        "turned": [table_of([["", *each], *([leaf, *(each[b][i] for b in each)] for i, leaf in enumerate(LEAVES))])],
    }  # fmt: skip


@pytest.mark.parametrize("shape", list(review_shapes(four()[1])))
def test_table_four_in_any_layout(shape: str) -> None:
    _, values = four()
    reading = read_tables(official("gb2021", review_litigation=review_shapes(values)[shape]))
    assert cells(reading, T4) == numbers(values)
    assert rules(reading) == set()


def test_table_four_with_cut_labels_is_read_by_position_and_told() -> None:
    table, values = four()
    cut = {"结果维持": "结果", "结果纠正": "结果", "其他结果": "其他", "尚未审结": "尚未"}
    rows = [[(cut.get(t, t), rs, cs) for t, rs, cs in row] for row in printed(table, values)]
    reading = read_tables(official("gb2021", review_litigation=table_of(rows)))
    assert cells(reading, T4) == numbers(values)
    assert rules(reading) == {"HDR-TRUNCATED"}


def test_table_four_with_one_cell_too_few_is_null_not_shifted() -> None:
    table, values = four()
    rows = printed(table, values)
    rows[-1] = rows[-1][:7] + rows[-1][8:]
    reading = read_tables(official("gb2021", review_litigation=table_of(rows)))
    expected = numbers(values)
    for cell, value in cells(reading, T4).items():
        assert value in (None, expected[cell])
    assert "READINGS-DISAGREE" in rules(reading)


def test_table_four_with_blocks_exchanged_follows_the_labels() -> None:
    table, values = four()
    other = {"未经复议直接起诉": "复议后起诉", "复议后起诉": "未经复议直接起诉"}
    rows = [[(other.get(t, t), rs, cs) for t, rs, cs in row] for row in printed(table, values)]
    reading = read_tables(official("gb2021", review_litigation=table_of(rows)))
    read = cells(reading, T4)
    assert read["litigation_after_review", "upheld"] == int(values["litigation_direct", "upheld"])
    assert "READINGS-DISAGREE" in rules(reading)


# Whole documents


def test_a_table_printed_twice_with_other_numbers_is_null_where_they_differ() -> None:
    table = form("gb2021").tables[T3]
    values = numbered(table)
    again = values | {("granted", "total"): "777"}
    twice = [table_of(printed(table, v)) for v in (values, again)]
    reading = read_tables(official("gb2021", applications=twice))
    expected = numbers(values) | {("granted", "total"): None}
    assert cells(reading, T3) == expected
    assert rules(reading) == {"TABLE-TWICE"}
    assert rules(read_tables(official("gb2021", applications=twice[:1] * 2))) == set()


def test_a_missing_table_is_null_and_told_apart_from_an_image() -> None:
    reading = read_tables(official("gb2021", applications=[]))
    assert set(cells(reading, T3).values()) == {None}
    assert set(notes(reading, T3).values()) == {"table_absent"}
    assert rules(reading) == {"TABLE-ABSENT"}
    assert (reading.present[T3], reading.present[T2]) == ("absent", "html")
    pictured = official("gb2021", applications=[])
    pictured.images = 1
    reading = read_tables(pictured)
    assert set(notes(reading, T3).values()) == {"table_is_image"}
    assert rules(reading) == {"TABLE-IS-IMAGE"}


def test_all_tables_as_images_leave_the_form_of_the_year() -> None:
    pages = report("gb2021", {})
    pages.images = 3
    reading = read_tables(pages, year_hint=2024)
    assert (reading.form, set(reading.present.values())) == ("gb2021", {"image"})
    assert len(reading.cells) == 200
    assert read_tables(pages).form == "narrative"


def test_narrative_has_no_cells() -> None:
    reading = read_tables(document("一、概述", "全年主动公开信息100条，行政复议2件。", "二、主动公开情况"))
    assert (reading.form, reading.tables, reading.cells, reading.findings) == ("narrative", {}, [], [])
    assert reading.consumed == set()


def test_tables_are_consumed_and_headings_and_prose_are_not() -> None:
    made = official("gb2021")
    reading = read_tables(made)
    left = [
        b.text for i, b in enumerate(made.blocks) if i not in reading.consumed and isinstance(b, Paragraph)
    ]
    assert len(left) == 7
    assert left[4] == "四、政府信息公开行政复议、行政诉讼情况"
    assert [i for i, b in enumerate(made.blocks) if isinstance(b, Table)] == sorted(reading.consumed)


def test_other_tables_are_kept_as_grids_and_left_to_the_sections() -> None:
    extra = table_of([["栏目", "条数"], ["通知公告", "12"], ["行政处罚", "3"]])
    made = official("gb2021")
    made.blocks.insert(2, extra)
    reading = read_tables(made)
    assert cells(reading, T2) == numbers(numbered(form("gb2021").tables[T2]))
    assert 2 not in reading.consumed
    assert reading.grids[0].cells == [["栏目", "条数"], ["通知公告", "12"], ["行政处罚", "3"]]
    assert len(reading.grids) == 4


@pytest.mark.parametrize(
    "blocks",
    [
        [], [Table([])], [Table([[]])], [Table([[None, None]])], [Table([[TableCell("", 0, 0)]])],
        [Table([[TableCell("申请人情况", 0, 0)]])], [Table([[TableCell("本年制发件数", 0, 0, 5, 5)]])],
    ],
)  # fmt: skip
def test_odd_documents_raise_nothing(blocks: list[Table]) -> None:
    assert isinstance(read_tables(Document("html", blocks=list(blocks))), TablesReading)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**9))
def test_damaged_tables_are_exact_or_null_with_a_note(seed: int) -> None:
    """Cells deleted, doubled, merged, labels damaged: a number is where it was printed, or nowhere."""
    chance = random.Random(seed)
    code = chance.choice(FORMS)
    table = form(code).tables[T3]
    rows = printed(table, numbered(table, 100))
    if chance.random() < 0.4:
        rows = [[(text, 1, 1) for text in row] for row in without_spans(rows)]
    for row in chance.sample(rows[3:], chance.randint(1, 3)):  # two harms to one row may print another truth
        at = chance.randrange(len(row))
        text, rowspan, colspan = row[at]
        harm = chance.choice(["delete", "double", "merge", "blank", "label", "row"])
        if harm == "delete":
            del row[at]
        elif harm == "double":
            row.insert(at, row[at])
        elif harm == "merge" and at + 1 < len(row) and text.isdigit():
            row[at : at + 2] = [(text, rowspan, colspan + row[at + 1][2])]
        elif harm == "blank":
            row[at] = ("", rowspan, colspan)
        elif harm == "label" and not text.isdigit():
            row[at] = (text[: len(text) // 2] + "某" + text[len(text) // 2 + 1 :], rowspan, colspan)
        elif harm == "row":
            rows.remove(row)
    reading = read_tables(official(code, applications=table_of(rows)))
    expected = {number: cell for cell, number in numbers(numbered(table, 100)).items()}
    noted = notes(reading, T3)
    for cell, value in cells(reading, T3).items():
        assert expected.get(value) == cell if value is not None else cell in noted


# Statistics of older forms


def test_statistics_of_2014_by_label_heading_and_unit() -> None:
    table = form("stat2014").tables["statistics"]
    rows: list[list[str]] = [["统计指标", "单位", "统计数"]]
    rows += [[row.label, row.unit or "——", "" if row.heading else str(i)] for i, row in enumerate(table.rows)]
    reading = read_tables(document("政府信息公开情况统计表", table_of(rows)))
    assert reading.form == "stat2014"
    expected = {row.code: i for i, row in enumerate(table.rows) if not row.heading}
    assert {s.row: s.value for s in reading.statistics} == expected
    assert {s.row: s.unit for s in reading.statistics} == {
        r.code: r.unit for r in table.rows if not r.heading
    }
    assert reading.findings == []
    assert reading.consumed == {1}


def test_statistics_keep_rows_that_the_form_does_not_know() -> None:
    rows = [
        ["统计指标", "单位", "统计数"],
        ["一、主动公开情况", "——", ""],
        ["（一）主动公开政府信息数", "条", "1,200"],
        ["其中：行政执法信息", "条", "30"],
        ["三、依申请公开情况", "——", "——"],
        ["（一）收到申请数", "件", "/"],
        ["（二）申请办结数", "件", "5件"],
        ["五、行政诉讼数量", "件", "3"],
        ["（二）被依法纠错数", "件", "1"],
    ]
    reading = read_tables(document(table_of(rows)))
    values = {s.row: s.value for s in reading.statistics}
    assert values == {
        "disclosed_total": 1200, "x_1": 30, "requests_received": None, "requests_completed": 5,
        "lawsuits_total": 3, "lawsuits_corrected": 1,
    }  # fmt: skip
    assert {(n.row, n.kind) for n in reading.cells} == {
        ("requests_received", "dash"),
        ("requests_completed", "unit"),
    }
    assert {"ROW-UNKNOWN", "ROW-ABSENT"} == rules(reading)
    assert next(s for s in reading.statistics if s.row == "x_1").label == "其中：行政执法信息"


def test_legacy_form_has_two_columns_that_are_never_added() -> None:
    table = form("legacy2008").tables["statistics"]
    rows = [["指标代码", "指标名称", "计量单位", "2009年度", "历年累计"]]
    rows = [["代码", "指标", "单位", "2009年度", "历年累计"]]
    rows += [
        [row.number or "", row.label, row.unit or "", str(i), str(1000 + i)]
        for i, row in enumerate(table.rows)
    ]
    reading = read_tables(document(table_of(rows)))
    assert reading.form == "legacy2008"
    assert len(reading.statistics) == 70
    for i, row in enumerate(table.rows):
        found = {s.column: (s.value, s.column_label) for s in reading.statistics if s.row == row.code}
        assert found == {"current": (i, "2009年度"), "cumulative": (1000 + i, "历年累计")}, row.code


def test_statistics_in_flattened_text() -> None:
    text = "政府信息公开情况统计表\n统计指标\n单位\n统计数\n一、主动公开情况\n——\n（一）主动公开政府信息数\n条\n120\n三、依申请公开情况\n——\n（一）收到申请数\n件\n7\n（二）申请办结数\n件\n6\n四、行政复议数量\n件\n2\n（二）被依法纠错数\n件\n1\n五、行政诉讼数量\n件\n4\n（二）被依法纠错数\n件\n3"
    reading = read_tables(lines(text))
    assert {s.row: s.value for s in reading.statistics} == {
        "disclosed_total": 120, "requests_received": 7, "requests_completed": 6, "reviews_total": 2,
        "reviews_corrected": 1, "lawsuits_total": 4, "lawsuits_corrected": 3,
    }  # fmt: skip


def test_a_row_that_speaks_for_two_tables_is_read_the_same_in_every_process() -> None:
    lexicon = Lexicon(form("gb2021"))
    reader = GridReader(lexicon, SheetBuilder(lexicon, "html"))
    one, other = lexicon.word("现行有效件数"), lexicon.word("尚未审结")
    assert one.owner != other.owner
    assert reader._owner([one, other]) == one.owner  # a set would have an order of its own in each process
    assert reader._owner([other, one]) == other.owner
