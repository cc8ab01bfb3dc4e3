"""The forms as data: complete, consistent, and what the official prints hold."""

from __future__ import annotations

import pytest

from archive.reference.forms import codebook, form, form_of_year, forms
from tests.tables_kit import numbered, printed, table_of

SIZES = {
    "gb2021": {"active_disclosure": 10, "applications": 175, "review_litigation": 15},
    "gb2019": {"active_disclosure": 22, "applications": 161, "review_litigation": 15},
}


@pytest.mark.parametrize("code", SIZES)
def test_statutory_forms_have_their_number_of_cells(code: str) -> None:
    sizes = {name: len(list(table.places())) for name, table in form(code).tables.items()}
    assert sizes == SIZES[code]


def test_forms_come_newest_first_and_are_known_by_year() -> None:
    assert list(forms()) == ["gb2021", "gb2019", "stat2014", "legacy2008"]
    expected = {
        2007: None,
        2008: "legacy2008",
        2013: "legacy2008",
        2018: "stat2014",
        2019: "gb2019",
        2030: "gb2021",
    }
    assert {year: (found.code if (found := form_of_year(year)) else None) for year in expected} == expected


@pytest.mark.parametrize(("code", "name"), [(code, name) for code in SIZES for name in SIZES[code]])
def test_layout_prints_every_cell_once_in_a_full_rectangle(code: str, name: str) -> None:
    table = form(code).tables[name]
    shown = [cell.value for line in table.layout for cell in line if cell.value]
    assert shown == [f"{row}.{column}" for row, column in table.places()]
    grid = table_of(printed(table, numbered(table))).grid
    assert all(cell is not None for row in grid for cell in row)
    assert {"active_disclosure": 4, "applications": 10, "review_litigation": 15}[name] == len(grid[0])


def test_one_row_of_other_handling_stands_in_place_of_three() -> None:
    table = form("gb2021").tables["applications"]
    assert len(list(table.places("other"))) == 161
    codes = table.row_codes("other")
    assert codes[codes.index("other") + 1] == "processed_total"
    assert codes == form("gb2019").tables["applications"].row_codes()


def test_statistics_of_2014_have_58_values_and_their_headings() -> None:
    rows = form("stat2014").tables["statistics"].rows
    assert (len(rows), sum(row.heading for row in rows)) == (65, 7)
    codes = {row.code for row in rows}
    assert all(row.parent is None or row.parent in codes for row in rows)


def test_codebook_names_every_cell_once_with_a_short_unique_name() -> None:
    entries = codebook()
    assert len({(e.form, e.table_name, e.row, e.column) for e in entries}) == len(entries)
    for code in forms():
        names = [e.short for e in entries if e.form == code]
        assert None not in names
        assert len(set(names)) == len(names)
        assert max(len(name) for name in names if name) <= 32
    assert "t3_ref_secur_np" in {e.short for e in entries if e.form == "gb2021"}
    assert all(e.label_zh and e.label_en for e in entries)


def test_roles_say_what_adds_up_to_what() -> None:
    roles = {e.row: e.role for e in codebook() if e.form == "gb2021" and e.table_name == "applications"}
    assert roles["new_received"] == roles["carried_in"] == "inflow"
    assert roles["processed_total"] == "outcome_total"
    assert roles["carried_out"] == "outflow"
    assert {role for row, role in roles.items() if row.startswith(("refused", "granted"))} == {"outcome"}


def test_unknown_codes_are_refused() -> None:
    table = form("gb2021").tables["applications"]
    for wrong in (lambda: form("gb1999"), lambda: table.row("nothing"), lambda: table.column("nothing")):
        with pytest.raises(KeyError):
            wrong()
