"""Tables laid out otherwise than the form's: read by their labels and told, or null; never by place against a label."""

from __future__ import annotations

import pytest

from archive.reference.forms import FormTable, form
from archive.report.cells import parse_cell
from archive.report.document import Block
from archive.report.model import Finding
from archive.report.tables import TablesReading, read_tables
from archive.report.tables_years import YearsOfTables
from tests.tables_kit import Cell, Rows, Values, lines, numbered, official, printed, table_of

T2, T3, T4 = "active_disclosure", "applications", "review_litigation"
LEAVES = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
TITLE = "重庆市开州区金峰镇人民政府{}年政府信息公开工作年度报告"


def numbers(values: Values) -> dict[tuple[str, str], float | None]:
    return {cell: parse_cell(text).value for cell, text in values.items()}


def cells(reading: TablesReading, table: str) -> dict[tuple[str, str], float | None]:
    return {(r, c): value for r, row in reading.tables[table].items() for c, value in row.items()}


def told(reading: TablesReading, rule: str) -> list[Finding]:
    return [found for found in reading.findings if found.rule == rule]


def table(name: str) -> tuple[FormTable, Values]:
    own = form("gb2021").tables[name]
    return own, numbered(own, 1)


def values_of(values: Values, *blocks: str) -> list[str]:
    own = form("gb2021").tables[T4]
    return [values[block, column.code] for block in blocks for column in own.columns]


def litigation_first(values: Values, blocks: list[str]) -> Rows:
    head: list[list[Cell]] = [
        [("行政诉讼", 1, 10), ("行政复议", 1, 5)],
        [("未经复议直接起诉", 1, 5), ("复议后起诉", 1, 5), *((leaf, 2, 1) for leaf in LEAVES)],
        [(leaf, 1, 1) for leaf in LEAVES * 2],
    ]
    return [*head, [(value, 1, 1) for value in values_of(values, *blocks)]]


def test_lawsuits_printed_before_reviews_are_read_by_the_header_and_told() -> None:
    _, values = table(T4)
    rows = litigation_first(values, ["litigation_direct", "litigation_after_review", "review"])
    reading = read_tables(official("gb2021", review_litigation=table_of(rows)))
    assert cells(reading, T4) == numbers(values)
    (found,) = told(reading, "READINGS-DISAGREE")
    assert (found.severity, found.left, found.right) == (
        "info", "未经复议直接起诉、复议后起诉、行政复议", "行政复议、未经复议直接起诉、复议后起诉",
    )  # fmt: skip


def test_blank_cells_in_the_header_are_no_row_of_values() -> None:
    _, values = table(T4)
    rows = litigation_first(values, ["litigation_after_review", "litigation_direct", "review"])
    rows[1] = [("复议后起诉", 1, 5), ("未经复议直接起诉", 1, 5), *(("", 1, 1),) * 5]
    rows[2] = [(leaf, 1, 1) for leaf in LEAVES * 3]
    reading = read_tables(official("gb2021", review_litigation=table_of(rows)))
    assert cells(reading, T4) == numbers(values)


def test_lawsuits_before_reviews_under_a_header_that_is_not_whole_are_not_read_by_place() -> None:
    _, values = table(T4)
    rows = litigation_first(values, ["litigation_direct", "litigation_after_review", "review"])
    rows[2] = rows[2][:-1]
    reading = read_tables(official("gb2021", review_litigation=table_of(rows)))
    assert set(cells(reading, T4).values()) == {None}


def test_lawsuits_before_reviews_in_running_text() -> None:
    _, values = table(T4)
    printed_values = values_of(values, "litigation_direct", "litigation_after_review", "review")
    text = ["行政诉讼", "行政复议", "未经复议直接起诉", "复议后起诉", *LEAVES * 3, *printed_values]
    head = "二、主动公开政府信息情况\n本年制发件数\n现行有效件数\n三、收到和处理政府信息公开申请情况\n四、政府信息公开行政复议、行政诉讼情况\n"
    read = cells(read_tables(lines(head + "\n".join(text))), T4)
    expected = numbers(values)
    assert all(value in (None, expected[cell]) for cell, value in read.items())


def test_table_four_in_two_tables() -> None:
    _, values = table(T4)
    lawsuits = table_of(
        [
            [("行政诉讼", 1, 10)],
            [("未经复议直接起诉", 1, 5), ("复议后起诉", 1, 5)],
            LEAVES * 2,
            values_of(values, "litigation_direct", "litigation_after_review"),
        ]
    )
    reviews = table_of([[("行政复议", 1, 5)], LEAVES, values_of(values, "review")])
    for order in ([lawsuits, reviews], [reviews, lawsuits]):
        reading = read_tables(official("gb2021", review_litigation=order))
        assert cells(reading, T4) == numbers(values)
        assert not told(reading, "TABLE-TWICE")


def test_table_four_in_three_tables_whose_headings_name_lawsuit_and_way() -> None:
    _, values = table(T4)
    names = {
        "review": "行政复议",
        "litigation_direct": "行政诉讼（未经复议直接起诉）",
        "litigation_after_review": "行政诉讼（复议后起诉）",
    }
    tables = [table_of([[(name, 1, 5)], LEAVES, values_of(values, block)]) for block, name in names.items()]
    assert cells(read_tables(official("gb2021", review_litigation=tables)), T4) == numbers(values)


def with_first_column(rows: Rows, head: str, *labels: tuple[str, Rows]) -> Rows:
    """Table 4 with a column of labels before its values, and as many rows of values as labels."""
    values = [[(label, 1, 1), *own[-1]] for label, own in labels]
    return [[(head, 3, 1), *rows[0]], *rows[1:-1], *values]


def test_the_row_of_table_four_may_be_headed_as_numbers() -> None:
    own, values = table(T4)
    rows = with_first_column(printed(own, values), "项目", ("数量（件）", printed(own, values)))
    assert cells(read_tables(official("gb2021", review_litigation=table_of(rows))), T4) == numbers(values)


def test_of_two_rows_for_two_years_the_report_s_own_counts() -> None:
    own, values = table(T4)
    before = printed(own, numbered(own, 500))
    rows = with_first_column(
        before, "年度", ("2024年", before), ("2025年度", printed(own, values)), ("2023年", before)
    )
    document = official("gb2021", review_litigation=table_of(rows))
    assert cells(read_tables(document, year_hint=2025), T4) == numbers(values)
    assert set(cells(read_tables(document, year_hint=2022), T4).values()) == {None}
    unknown = read_tables(document)
    assert set(cells(unknown, T4).values()) == {None}
    assert told(unknown, "TABLE-TWICE")


def test_a_block_may_be_named_above_its_table() -> None:
    _, values = table(T4)
    parts: list[Block | str] = []
    for name, block in (
        ("（一）行政复议", "review"), ("未经复议直接起诉", "litigation_direct"), ("（2）复议后起诉", "litigation_after_review"),
    ):  # fmt: skip
        parts += [name, table_of([LEAVES, values_of(values, block)])]
    assert cells(read_tables(official("gb2021", review_litigation=parts)), T4) == numbers(values)


def test_lawsuits_may_stand_under_one_heading() -> None:
    _, values = table(T4)
    whole = values_of(values, "review", "litigation_direct", "litigation_after_review")
    rows: list[list[Cell | str]] = [[("行政复议", 1, 5), ("行政诉讼", 1, 10)], [*LEAVES * 3], [*whole]]
    reading = read_tables(official("gb2021", review_litigation=table_of(rows)))
    assert cells(reading, T4) == numbers(values)
    assert told(reading, "HDR-COLUMN-MISSING")


def test_a_table_without_its_column_of_totals_is_read_as_far_as_it_goes() -> None:
    own, values = table(T3)
    rows = [row[:-1] if r > 2 else row for r, row in enumerate(printed(own, values))]
    rows[0], rows[1] = [rows[0][0], ("申请人情况", 1, 6)], rows[1][:-1]
    reading = read_tables(official("gb2021", applications=table_of(rows)))
    expected = {cell: None if cell[1] == "total" else value for cell, value in numbers(values).items()}
    assert cells(reading, T3) == expected
    (found,) = told(reading, "COLUMN-ABSENT")
    assert len(found.cells) == 25
    assert not told(reading, "ROW-ABSENT")


def test_a_column_of_serial_numbers_before_the_labels() -> None:
    own, values = table(T3)
    rows = [[*([(str(i - 2), 1, 1)] if i > 2 else [("序号", 3, 1)] if i == 0 else []), *row] for i, row in enumerate(printed(own, values))]  # fmt: skip
    reading = read_tables(official("gb2021", applications=table_of(rows)))
    assert cells(reading, T3) == numbers(values)
    assert not reading.findings


@pytest.mark.parametrize(("beside", "text"), [("单位", "件"), ("备注", "")])
def test_a_column_of_units_or_remarks_behind_the_values(beside: str, text: str) -> None:
    own, values = table(T2)
    rows = printed(own, values)
    rows = [[*row, (beside if i == 1 else text if i in (2, 3) else "", 1, 1)] for i, row in enumerate(rows)]
    reading = read_tables(official("gb2021", active_disclosure=table_of(rows)))
    assert cells(reading, T2) == numbers(values)
    assert not told(reading, "READINGS-DISAGREE")


def exchanged(rows: Rows, left: str, right: str) -> Rows:
    other = {left: right, right: left}
    return [[(other.get(t, t) if i < 3 else t, rs, cs) for t, rs, cs in row] for i, row in enumerate(rows)]


def test_organisations_in_another_order_follow_their_labels() -> None:
    own, _ = table(T3)
    values: Values = {}
    for i, row in enumerate(own.row_codes()):
        parts = [10 * i + j for j in range(6)]
        values |= {(row, c.code): str(n) for c, n in zip(own.columns, [*parts, sum(parts)], strict=True)}
    reading = read_tables(
        official("gb2021", applications=table_of(exchanged(printed(own, values), "商业企业", "科研机构")))
    )
    assert reading.tables[T3]["new_received"]["research"] == int(values["new_received", "business"])
    (found,) = told(reading, "READINGS-DISAGREE")
    assert found.severity == "info"
    assert found.left != found.right


def with_subtotal(values: Values, wrong: int = 0) -> Rows:
    own, _ = table(T3)
    rows = printed(own, values)
    members = [row.code for row in own.rows if row.group == "（三）不予公开"]
    sums = [sum(int(values[code, c.code]) for code in members) for c in own.columns]
    at = next(i for i, row in enumerate(rows) if any(t.startswith("8.") for t, _, _ in row))
    rows.insert(at + 1, [("小计", 1, 1), *((str(n + wrong), 1, 1) for n in sums)])
    return [[(t, rs + (t[:2] in ("三、", "（三")) * (rs > 3), cs) for t, rs, cs in row] for row in rows]


def test_the_subtotal_row_of_a_group_is_checked_and_not_stored() -> None:
    _, values = table(T3)
    right = read_tables(official("gb2021", applications=table_of(with_subtotal(values))))
    assert cells(right, T3) == numbers(values)
    assert not right.findings
    wrong = read_tables(official("gb2021", applications=table_of(with_subtotal(values, 1))))
    assert {found.rule for found in wrong.findings} == {"SUBTOTAL-DIFFERS"}


def test_a_cell_over_a_whole_row_is_told_once_with_two_sides() -> None:
    own, values = table(T3)
    rows = [[row[0], ("无", 1, 7)] if row[0][0].startswith("2.重复") else row for row in printed(own, values)]
    (found,) = told(read_tables(official("gb2021", applications=table_of(rows))), "READINGS-DISAGREE")
    assert len(found.cells) == 7
    assert found.left != found.right


def test_rows_exchanged_are_told_with_their_places() -> None:
    own, values = table(T3)
    rows = printed(own, values)
    rows[3], rows[4] = rows[4], rows[3]
    reading = read_tables(official("gb2021", applications=table_of(rows)))
    assert cells(reading, T3) == numbers(values)
    (found,) = told(reading, "READINGS-DISAGREE")
    assert found.severity == "info"
    assert found.left != found.right


def test_a_label_that_the_form_lists_as_a_variant_is_not_cut() -> None:
    own, values = table(T4)
    rows = [[(t.removeprefix("结果"), rs, cs) for t, rs, cs in row] for row in printed(own, values)]
    assert not read_tables(official("gb2021", review_litigation=table_of(rows))).findings
    own, values = table(T3)
    rows = [
        [("法律服" if t == "法律服务机构" else t, rs, cs) for t, rs, cs in row]
        for row in printed(own, values)
    ]
    reading = read_tables(official("gb2021", applications=table_of(rows)))
    assert {found.rule for found in reading.findings} <= {
        "HDR-TRUNCATED",
        "LABEL-VARIANT",
        "HDR-COLUMN-MISSING",
    }
    assert told(reading, "HDR-TRUNCATED")


# Whose year a table is


def test_only_last_years_table_is_not_this_years() -> None:
    own, values = table(T3)
    blocks = ["本年未收到申请。附上年（2024年）数据供对照：", table_of(printed(own, values))]
    reading = read_tables(official("gb2021", applications=blocks), year_hint=2025)
    assert set(cells(reading, T3).values()) == {None}
    assert told(reading, "TABLE-OTHER-YEAR")
    assert not told(reading, "TABLE-ABSENT")
    assert set(cells(read_tables(official("gb2021", applications=blocks), year_hint=2024), T3).values()) != {
        None
    }


@pytest.mark.parametrize(
    "caption", ["附：2024年度申请情况对比表（上年数据）", "附：上年度数据", "2024年度："]
)
def test_last_years_table_beside_this_years_is_left_out(caption: str) -> None:
    own, values = table(T3)
    before = numbered(own, 500)
    tables = [table_of(printed(own, values)), table_of(printed(own, before))]
    for blocks in ([tables[0], caption, tables[1]], [caption, tables[1], "2025年度：", tables[0]]):
        reading = read_tables(official("gb2021", applications=blocks), year_hint=2025)
        assert cells(reading, T3) == numbers(values)


def test_the_tables_of_a_second_report_below_are_its_own() -> None:
    own, values = table(T4)
    blocks = [
        "无。",
        TITLE.format(2024),
        "四、政府信息公开行政复议、行政诉讼情况",
        table_of(printed(own, values)),
    ]
    reading = read_tables(official("gb2021", review_litigation=blocks), year_hint=2025)
    assert set(cells(reading, T4).values()) == {None}
    assert told(reading, "TABLE-OTHER-YEAR")


@pytest.mark.parametrize(
    ("line", "year"),
    [
        ("三、收到和处理政府信息公开申请情况", None),
        ("具体数据如下：", None),
        ("与上年度相比，申请数据如下：", None),
        ("发布日期：2024年1月20日", None),
        ("2024年收到申请12件。本年度情况见下表。", None),
        ("2024年度", 2024),
        ("附：上一年度数据", 2024),
        ("本年度未收到申请。附2024年数据：", 2024),
    ],
)
def test_what_a_line_above_a_table_says_of_its_year(line: str, year: int | None) -> None:
    assert YearsOfTables(2025).line(line) == year


def test_titles_listed_before_the_report_say_nothing_of_its_tables() -> None:
    years = YearsOfTables(2025)
    for line in (TITLE.format(2023), TITLE.format(2024), "一、总体情况"):
        years.line(line)
    assert years.line("三、收到和处理政府信息公开申请情况") is None
