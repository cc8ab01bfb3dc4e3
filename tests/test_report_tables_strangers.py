"""Labels and columns that resemble the form's and are none of it: last year's, shares, remarks, other bodies."""

from __future__ import annotations

import pytest

from archive.reference.forms import form
from archive.report.labels import table_labels
from archive.report.tables import read_tables
from tests.tables_kit import Cell, Rows, numbered, official, printed, table_of
from tests.test_report_tables_beside import T2, T3, cells, numbers, table, told


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        (T3, "一、上年新收政府信息公开申请数量", None),
        (T3, "一、去年新收政府信息公开申请数量", None),
        (T3, "一、本年新手政府信息公开申请数量", "new_received"),
        (T3, "1.不属于国家秘密", None),
        (T3, "（七）总计①", "processed_total"),
        (T3, "2.重复申请*", "unprocessed_repeat"),
        (T3, "2.没有现成信息需要另行制作（注1）", "unavailable_needs_creation"),
        (T3, "二、上年结转政府信息公开申请的数量", "carried_in"),
    ],
)
def test_a_character_that_turns_the_meaning_is_no_misspelling(name: str, text: str, code: str | None) -> None:
    found = table_labels(form("gb2021").tables[name]).rows.find(text)
    assert (found.code if found else None) == code


@pytest.mark.parametrize("place", [3, 4])
def test_a_row_of_last_year_s_beside_this_year_s_is_unknown(place: int) -> None:
    own, values = table(T3)
    rows = printed(own, values)
    before: list[Cell] = [("上年新收政府信息公开申请数量", 1, 3), *((str(i), 1, 1) for i in range(7))]
    reading = read_tables(official("gb2021", applications=table_of([*rows[:place], before, *rows[place:]])))
    assert cells(reading, T3) == numbers(values)
    assert told(reading, "ROW-UNKNOWN")


def with_column(rows: Rows, label: str, value: str, header: int) -> Rows:
    """A column behind the table's own, its label reaching down over the header."""
    head = [[*row, (label, header, 1)] if r == 0 else row for r, row in enumerate(rows[:header])]
    return [*head, *([*row, (value, 1, 1)] for row in rows[header:])]


@pytest.mark.parametrize(("label", "value"), [("上年总计", "7"), ("占比", "12%"), ("备注说明", "")])
def test_a_column_that_the_form_does_not_have_is_left_out(label: str, value: str) -> None:
    own, values = table(T3)
    rows = with_column(printed(own, values), label, value, 3)
    assert cells(read_tables(official("gb2021", applications=table_of(rows))), T3) == numbers(values)


@pytest.mark.parametrize("place", [1, 2, 4])
def test_last_year_s_number_between_the_form_s_columns_is_left_out(place: int) -> None:
    own, values = table(T2)
    rows: Rows = []
    for row in printed(own, values):
        text = "上年制发件数" if row[0][0] == "信息内容" else "77"
        rows.append([*row[:place], (text, 1, 1), *row[place:]] if len(row) == 4 else row)
    assert cells(read_tables(official("gb2021", active_disclosure=table_of(rows))), T2) == numbers(values)


@pytest.mark.parametrize(
    ("text", "is_read"), [("新闻媒体", False), ("社会公益祖织", True), ("社公益组织会", True)]
)
def test_another_label_in_a_column_s_place_makes_another_column(text: str, is_read: bool) -> None:
    own, values = table(T3)
    values = numbered(own)
    for row in own.row_codes():
        parts = [int(values[row, column.code]) for column in own.columns[:-1]]
        values[row, "total"] = str(sum(parts))
    rows = [
        [(text if t == "社会公益组织" else t, rs, cs) for t, rs, cs in row] for row in printed(own, values)
    ]
    reading = read_tables(official("gb2021", applications=table_of(rows)))
    expected = {
        cell: value if is_read or cell[1] != "public_welfare" else None
        for cell, value in numbers(values).items()
    }
    assert cells(reading, T3) == expected
    assert bool(told(reading, "LABEL-SEMANTICS")) is not is_read


def numbered_lines(*, lost: str = "") -> list[str]:
    """Table 3 as text, one cell a line, with the lines' numbers before their labels; ``lost``: a row without one value."""
    own, values = table(T3)
    out = ["申请人情况", "自然人", "法人或其他组织", *(c.label for c in own.columns[1:-1]), "总计"]
    for n, row in enumerate(own.rows, start=1):
        texts = [values[row.code, column.code] for column in own.columns]
        out += [str(n), row.label, *(texts[1:] if row.code == lost else texts)]
    return out


def test_numbers_of_lines_in_text_are_no_values() -> None:
    _, values = table(T3)
    assert cells(read_tables(official("gb2021", applications=numbered_lines())), T3) == numbers(values)


def test_the_next_line_s_number_never_stands_in_for_a_lost_value() -> None:
    _, values = table(T3)
    reading = read_tables(official("gb2021", applications=numbered_lines(lost="granted")))
    expected = {cell: None if cell[0] == "granted" else value for cell, value in numbers(values).items()}
    assert cells(reading, T3) == expected


def test_where_text_has_a_column_more_a_row_of_seven_may_be_any_seven() -> None:
    own, values = table(T3)
    out = [
        "申请人情况",
        "自然人",
        "法人或其他组织",
        *(c.label for c in own.columns[1:-1]),
        "总计",
        "上年总计",
    ]
    for row in own.rows:
        texts = [values[row.code, column.code] for column in own.columns]
        out += [row.label, *(texts[1:] if row.code == "granted" else texts), "77"]
    read = cells(read_tables(official("gb2021", applications=out)), T3)
    assert {read["granted", column.code] for column in own.columns} == {None}
