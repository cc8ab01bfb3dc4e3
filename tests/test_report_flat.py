"""Tables flattened to text: every shape gives every cell exactly, or null with a note; headings stay headings."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.reference.forms import form
from archive.report.cells import parse_cell
from archive.report.grid import split_lines
from archive.report.tables import TablesReading, read_tables
from tests.tables_kit import HEADINGS, Rows, lines, numbered, printed, without_spans

SAMPLES = Path(__file__).parent.parent.parent / "shared" / "data" / "samples"
NAMES = (
    "banan-office-2025",
    "beibei-office-2024",
    "kaizhou-jinfeng-2025",
    "nanan-2023",
    "yuzhong-chaotianmen-2025",
)
FORMS = ("gb2021", "gb2019")
T2, T3, T4 = "active_disclosure", "applications", "review_litigation"
Lines = list[str]


def one_cell_a_line(rows: Rows) -> Lines:
    return [line for row in rows for text, _, _ in row if text for line in (text, "")]


def trailing_pipes(rows: Rows) -> Lines:
    return [f"{text} |{'|' * (span - 1)}" for row in rows for text, _, span in row if text]


def lone_pipes(rows: Rows) -> Lines:
    return [line for row in rows for line in ("|", *(f"{text} |" for text, _, _ in row if text))]


def tab_indented(rows: Rows) -> Lines:
    return [line for row in rows for line in (*(f"\t{text}" for text, _, _ in row), "")]


def row_a_line(rows: Rows) -> Lines:
    return [" ".join(text for text, _, _ in row if text) for row in rows]


def markdown(rows: Rows) -> Lines:
    plain = ["| " + " | ".join(row) + " |" for row in without_spans(rows)]
    return [plain[0], "|" + "---|" * len(without_spans(rows)[0]), *plain[1:]]


def tabs_between(rows: Rows) -> Lines:
    return ["\t".join(row) for row in without_spans(rows)]


def wrapped(rows: Rows) -> Lines:
    """As a PDF's text: long labels wrap around their values, groups stand on lines of their own, pages are numbered."""
    result: Lines = []
    for i, row in enumerate(rows):
        texts = [text for text, _, _ in row if text]
        values = [text for text in texts if text.isdigit()]
        labels = [text for text in texts if not text.isdigit()]
        if i % 9 == 8:
            result.append(f"- {i} -")
        if not values:
            result += labels
            continue
        result += labels[:-1]
        last = labels[-1] if labels else ""
        if len(last) > 20:
            result += [last[:14], " ".join(values), last[14:]]
        else:
            result.append(" ".join([last, *values]).strip())
    return result


SHAPES: list[Callable[[Rows], Lines]] = [
    one_cell_a_line, trailing_pipes, lone_pipes, tab_indented, row_a_line, markdown, tabs_between, wrapped,
]  # fmt: skip


def text_of(code: str, shape: Callable[[Rows], Lines], values: dict[str, dict[tuple[str, str], str]]) -> str:
    parts: Lines = ["一、总体情况", "全年各项工作有序开展。"]
    for name, table in form(code).tables.items():
        parts += [HEADINGS[name], *shape(printed(table, values[name]))]
    return "\n".join(
        [*parts, "五、存在的主要问题及改进情况", "（一）存在的问题。更新不够及时。", "六、其他需要报告的事项"]
    )


def all_numbers(code: str, start: int = 0) -> dict[str, dict[tuple[str, str], str]]:
    return {name: numbered(table, start) for name, table in form(code).tables.items()}


def wrong(reading: TablesReading, values: dict[str, dict[tuple[str, str], str]]) -> list[str]:
    """Cells that are neither as printed nor null with a note."""
    noted = {(note.table, note.row, note.column) for note in reading.cells}
    return [
        f"{table}.{row}.{column}: {text!r} read as {read}"
        for table, cells in values.items()
        for (row, column), text in cells.items()
        if (read := reading.tables.get(table, {}).get(row, {}).get(column)) != parse_cell(text).value
        and (read is not None or (table, row, column) not in noted)
    ]


def inexact(
    reading: TablesReading, values: dict[str, dict[tuple[str, str], str]]
) -> list[tuple[str, str, str]]:
    return [
        (table, row, column)
        for table, cells in values.items()
        for (row, column), text in cells.items()
        if reading.tables[table].get(row, {}).get(column) != parse_cell(text).value
    ]


@pytest.mark.parametrize("code", FORMS)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_every_shape_gives_every_cell(code: str, shape: Callable[[Rows], Lines]) -> None:
    values = all_numbers(code)
    reading = read_tables(lines(text_of(code, shape, values)))
    assert reading.form == code
    assert inexact(reading, values) == []
    assert {f.rule for f in reading.findings} <= {"UNIT-UNKNOWN"}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_sections_keep_their_headings_and_tables_their_rows(shape: Callable[[Rows], Lines]) -> None:
    made = lines(text_of("gb2021", shape, all_numbers("gb2021")))
    reading = read_tables(made)
    left = [b.text.strip() for i, b in enumerate(made.blocks) if i not in reading.consumed]  # type: ignore[union-attr]
    assert [text for text in left if text.strip("| \t-")] == [
        "一、总体情况", "全年各项工作有序开展。", *HEADINGS.values(),
        "五、存在的主要问题及改进情况", "（一）存在的问题。更新不够及时。", "六、其他需要报告的事项",
    ]  # fmt: skip


@pytest.mark.parametrize("code", FORMS)
def test_one_row_of_other_handling(code: str) -> None:
    other = form("gb2019").tables[T3]
    values = all_numbers(code) | {T3: numbered(other)}
    parts = text_of(code, one_cell_a_line, all_numbers(code)).split("\n")
    start, end = parts.index(HEADINGS[T3]), parts.index(HEADINGS[T4])
    parts[start + 1 : end] = one_cell_a_line(printed(other, values[T3]))
    reading = read_tables(lines("\n".join(parts)))
    assert reading.form == code
    assert inexact(reading, values) == []
    assert "other_other" not in reading.tables[T3]


def test_blank_cells_leave_no_trace_and_nothing_is_shifted_into_them() -> None:
    values = all_numbers("gb2021", 1)
    values[T3]["granted", "research"] = values[T2]["regulations", "made"] = ""
    for column in form("gb2021").tables[T3].columns:
        values[T3]["carried_in", column.code] = ""
    reading = read_tables(lines(text_of("gb2021", one_cell_a_line, values)))
    assert wrong(reading, values) == []
    lost = {(t, r) for t, r, c in inexact(reading, values)}
    assert lost == {(T3, "granted"), (T2, "regulations")}
    assert {n.kind for n in reading.cells if n.row == "carried_in"} == {"blank"}
    assert {n.kind for n in reading.cells if n.row == "granted"} == {"unreadable"}


def test_a_blank_form_as_text_holds_no_zero() -> None:
    blank = {name: dict.fromkeys(table.places(), "") for name, table in form("gb2021").tables.items()}
    reading = read_tables(lines(text_of("gb2021", one_cell_a_line, blank)))
    assert {value for rows in reading.tables.values() for row in rows.values() for value in row.values()} == {
        None
    }
    assert {note.kind for note in reading.cells} == {"blank"}
    assert set(reading.zero_style.values()) == {"empty"}


def test_table_four_with_one_value_lost_is_null() -> None:
    values = all_numbers("gb2021", 1)
    parts = text_of("gb2021", one_cell_a_line, values).split("\n")
    heading = parts.index(HEADINGS[T4])
    del parts[parts.index("9", heading)]
    reading = read_tables(lines("\n".join(parts)))
    assert {value for row in reading.tables[T4].values() for value in row.values()} == {None}
    assert "READINGS-DISAGREE" in {f.rule for f in reading.findings}


def test_table_four_as_three_blocks_of_five() -> None:
    leaves = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    values = numbered(form("gb2021").tables[T4], 1)
    parts = text_of("gb2021", one_cell_a_line, all_numbers("gb2021")).split("\n")
    heading, end = parts.index(HEADINGS[T4]), parts.index("五、存在的主要问题及改进情况")
    blocks = {
        "review": "行政复议",
        "litigation_direct": "未经复议直接起诉",
        "litigation_after_review": "复议后起诉",
    }
    parts[heading + 1 : end] = [
        line
        for code, name in blocks.items()
        for line in (name, *leaves, *(text for (row, _), text in values.items() if row == code))
    ]
    reading = read_tables(lines("\n".join(parts)))
    assert inexact(reading, {T4: values}) == []


def test_running_text_about_the_same_things_is_no_table() -> None:
    text = "\n".join([
        "一、总体情况", "（一）行政复议", "2024年收到行政复议 3 件。", "（二）主动公开", "行政许可", "12", "行政处罚", "5",
        "三、收到和处理政府信息公开申请情况", "本年未收到申请。",
    ])  # fmt: skip
    reading = read_tables(lines(text))
    assert (reading.form, reading.tables, reading.consumed) == ("narrative", {}, set())


def test_a_label_broken_into_pieces_that_are_labels_elsewhere() -> None:
    values = all_numbers("gb2021", 1)
    text = text_of("gb2021", one_cell_a_line, values).replace("三、本年度办理结果", "三、本年度办理\n结果")
    assert inexact(read_tables(lines(text)), values) == []


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_damaged_text_is_exact_or_null_with_a_note(seed: int) -> None:
    """Lines lost, labels broken or misspelt: a number is where it was printed, or nowhere."""
    chance = random.Random(seed)
    code, shape = (
        chance.choice(FORMS),
        chance.choice([one_cell_a_line, trailing_pipes, lone_pipes, row_a_line, wrapped]),
    )
    values = all_numbers(code, 100)
    parts = text_of(code, shape, values).split("\n")
    tables = parts.index(HEADINGS[T2]) + 1
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(tables, len(parts) - 4)
        line = parts[place]
        harm = chance.choice(["lose", "break", "misspell"])
        if line in HEADINGS.values():
            continue
        if harm == "lose":
            del parts[place]
        elif harm == "break" and len(line) > 4 and not any(ch.isdigit() for ch in line[2:]):
            at = chance.randrange(1, len(line))
            parts[place : place + 1] = [line[:at], line[at:]]
        elif harm == "misspell" and len(line) > 4 and not any(ch.isdigit() for ch in line[2:]):
            at = chance.randrange(2, len(line))
            parts[place] = line[:at] + "某" + line[at + 1 :]
    assert wrong(read_tables(lines("\n".join(parts))), values) == []


@pytest.fixture(params=NAMES)
def sample(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """The text of a real report and its truth."""
    path = SAMPLES / f"{request.param}.txt"
    if not path.exists():
        pytest.skip(f"the samples are not beside this checkout ({SAMPLES.name}/{path.name})")
    return path.read_text("utf-8"), json.loads(path.with_suffix(".json").read_text("utf-8"))


@pytest.mark.samples
def test_samples_are_exact_to_the_last_cell_and_finding(sample: tuple[str, dict[str, Any]]) -> None:
    text, truth = sample
    reading = read_tables(lines(text))
    assert reading.form == truth["format_era"]
    assert reading.tables == truth["tables"]
    assert reading.cells == []
    told = ("HDR-TRUNCATED", "HDR-COLUMN-MISSING", "LABEL-VARIANT")
    assert sorted(f.rule for f in reading.findings) == sorted(
        f["rule"] for f in truth["findings"] if f["rule"] in told
    )


@pytest.mark.samples
def test_samples_keep_their_headings(sample: tuple[str, dict[str, Any]]) -> None:
    text, _ = sample
    made = lines(text)
    reading = read_tables(made)
    left = "\n".join(b.text.strip() for i, b in enumerate(made.blocks) if i not in reading.consumed)  # type: ignore[union-attr]
    for heading in ("一、总体情况", *HEADINGS.values(), "五、存在", "六、其他需要报告"):
        assert heading in left
    assert "四、结转下年度继续办理" not in left
    assert "三、本年度办理结果" not in left


def test_a_pipe_at_a_lines_start_is_a_border_only_if_all_lines_have_it() -> None:
    assert split_lines(["label | | 1 |", " | inner | 2 |"]) == [["label", "", "1"], ["", "inner", "2"]]
    assert split_lines(["| label | 1 |", "| | 2 |"]) == [["label", "1"], ["", "2"]]
    assert split_lines(["a | 1", "b | "]) == [["a", "1"], ["b", ""]]
