"""The identities inside the tables: what balances passes, one changed cell fails where it stands, blanks never fail."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.report.findings import finding
from archive.report.model import CellNote, CheckResult, Finding, Report, Statistic, Tables
from archive.report.rules import arithmetic, statistics
from tests.rules_support import (
    APPLICANTS,
    OTHERS,
    RESULTS,
    T4_OUTCOMES,
    T4_ROWS,
    balanced_tables,
    small_report,
)  # fmt: skip

ARITHMETIC = ("T3-BALANCE", "T3-RESULT-SUM", "T3-ROW-TOTAL", "T4-TOTAL", "NUM-KIND", "T2-MADE-LE-VALID")
CELLS = [
    *((("applications", row, column)) for row in ("new_received", "carried_in", *RESULTS, *OTHERS, "processed_total",
      "carried_out") for column in (*APPLICANTS, "total")),
    *(("review_litigation", row, column) for row in T4_ROWS for column in (*T4_OUTCOMES, "total")),
]  # fmt: skip
few = settings(max_examples=40, deadline=None)


def outcome(report: Report) -> tuple[dict[str, CheckResult], list[Finding]]:
    """What the rules on figures alone make of the report: the results by rule, and the findings."""
    tallies = [*arithmetic.check(report), *statistics.check(report)]
    return {tally.rule: tally.result() for tally in tallies}, [
        found for tally in tallies for found in tally.findings
    ]


def failed(report: Report) -> dict[str, int]:
    results, _ = outcome(report)
    return {rule: result.failed for rule, result in results.items() if result.outcome == "fail"}


def expected_failures(table: str, row: str) -> set[str]:
    """Which rules contain that cell, by the formulas of the form."""
    if table == "review_litigation":
        return {"T4-TOTAL"}
    if row == "processed_total":
        return {"T3-ROW-TOTAL", "T3-BALANCE", "T3-RESULT-SUM"}
    return {
        "T3-ROW-TOTAL",
        "T3-BALANCE" if row in ("new_received", "carried_in", "carried_out") else "T3-RESULT-SUM",
    }


@given(balanced_tables())
@few
def test_balanced_tables_pass(tables: Tables) -> None:
    results, findings = outcome(Report(form="gb2021", tables=tables))
    assert findings == []
    assert {rule: results[rule].outcome for rule in ARITHMETIC} == dict.fromkeys(ARITHMETIC, "pass")
    assert [results[rule].tested for rule in ARITHMETIC[:4]] == [7, 7, 25, 3]


@given(balanced_tables(), st.sampled_from(CELLS), st.integers(1, 9))
@few
def test_one_changed_cell_fails_exactly_its_rules(
    tables: Tables, cell: tuple[str, str, str], by: int
) -> None:
    table, row, column = cell
    value = tables[table][row][column]
    assert value is not None
    tables[table][row][column] = value + by
    report = Report(form="gb2021", tables=tables)
    assert failed(report) == dict.fromkeys(expected_failures(table, row), 1)
    for found in outcome(report)[1]:
        assert ".".join(cell) in found.cells
        assert found.severity == "error"
        assert abs(found.difference or 0) == by


@given(
    balanced_tables(),
    st.sets(st.sampled_from(CELLS), min_size=1, max_size=60),
    st.sampled_from(["blank", "dash", "text"]),
)
@few
def test_missing_numbers_never_fail(tables: Tables, cells: set[tuple[str, str, str]], kind: str) -> None:
    for table, row, column in cells:
        tables[table][row][column] = None
    notes = [CellNote(table, row, column, "", kind) for table, row, column in sorted(cells)]  # type: ignore[arg-type]
    assert failed(Report(form="gb2021", tables=tables, cells=notes)) == {}


@given(balanced_tables(others=("other",)), st.sampled_from(["gb2019", "gb2021"]))
@few
def test_one_row_of_other_handling(tables: Tables, form: str) -> None:
    """The one row （六）其他处理 of 2019, which also stands in later reports, counts as one result."""
    results, findings = outcome(Report(form=form, tables=tables))
    assert findings == []
    assert (results["T3-RESULT-SUM"].outcome, results["T3-RESULT-SUM"].tested) == ("pass", 7)
    assert results["T3-ROW-TOTAL"].tested == 23


def test_one_row_of_other_handling_beside_absent_rows() -> None:
    report = small_report()
    table = report.tables["applications"]
    table["other"] = dict(table["other_correction_overdue"])
    for row in OTHERS:
        for column in table[row]:
            table[row][column] = None
            report.cells.append(CellNote("applications", row, column, None, "row_absent"))
    results, findings = outcome(report)
    assert findings == []
    assert results["T3-RESULT-SUM"].outcome == "pass"
    assert (results["T3-ROW-TOTAL"].outcome, results["T3-ROW-TOTAL"].reason) == ("pass", None)


def leave_zeros_blank(report: Report, *, row: str | None = None, column: str | None = None) -> None:
    table = report.tables["applications"]
    for r, c in [(name, code) for name, columns in table.items() for code in columns]:
        if row in (None, r) and column in (None, c) and table[r][c] == 0:
            table[r][c] = None
            report.cells.append(CellNote("applications", r, c, "", "blank"))


def test_a_table_that_leaves_its_zeros_blank_passes_as_such() -> None:
    report = small_report()
    leave_zeros_blank(report)
    results, findings = outcome(report)
    assert findings == []
    assert results["T3-BALANCE"].outcome == "pass_blank_as_zero"
    assert results["T3-ROW-TOTAL"].outcome == "pass_blank_as_zero"
    # Rows and columns in which nothing at all is printed prove nothing.
    assert 0 < results["T3-ROW-TOTAL"].tested < 25
    assert results["T3-ROW-TOTAL"].reason is not None


def test_a_wrong_sum_among_blanks_is_not_assessable_rather_than_a_failure() -> None:
    report = small_report()
    leave_zeros_blank(report, row="granted")
    report.tables["applications"]["granted"]["total"] = 19
    results, findings = outcome(report)
    assert results["T3-ROW-TOTAL"].failed == 0
    assert {found.rule for found in findings} == {"T3-RESULT-SUM"}


def test_a_blank_among_printed_zeros_is_not_read_as_zero() -> None:
    report = small_report()
    report.tables["applications"]["granted"]["research"] = None
    report.cells.append(CellNote("applications", "granted", "research", "", "blank"))
    results, _ = outcome(report)
    assert results["T3-ROW-TOTAL"].outcome == "pass"
    assert results["T3-ROW-TOTAL"].tested == 24
    assert results["T3-RESULT-SUM"].tested == 6


def test_an_empty_form_proves_nothing() -> None:
    report = small_report()
    for table in report.tables:
        for row in report.tables[table]:
            for column in report.tables[table][row]:
                report.tables[table][row][column] = None
                report.cells.append(CellNote(table, row, column, "", "blank"))
    results, findings = outcome(report)
    assert findings == []
    assert {results[rule].outcome for rule in ARITHMETIC} == {"not_assessable"}
    assert all(results[rule].reason for rule in ARITHMETIC)


def test_total_of_zero_over_parts_is_a_finding_with_both_sides() -> None:
    report = small_report()
    report.tables["review_litigation"]["review"]["total"] = 0
    found = next(f for f in outcome(report)[1] if f.rule == "T4-TOTAL")
    assert (found.left, found.right, found.difference) == (0, 4, -4)
    assert "1 + 1 + 0 + 2" in found.message
    assert "行政复议" in found.message_zh


@pytest.mark.parametrize(
    ("row", "column", "value", "fails"),
    [
        ("normative_documents", "made", 2.5, True),
        ("normative_documents", "made", 2.0, False),
        ("normative_documents", "repealed", -1, True),
        ("administrative_fees", "amount_wan_yuan", 96171.6, False),
        ("administrative_fees", "amount_wan_yuan", -0.5, True),
        ("administrative_licensing", "change", -3, False),
    ],
)
def test_kinds_of_numbers(row: str, column: str, value: float, fails: bool) -> None:
    report = small_report()
    report.tables["active_disclosure"].setdefault(row, {})[column] = value
    assert ("NUM-KIND" in failed(report)) is fails


def test_a_printed_minus_sign_is_no_count() -> None:
    report = small_report()
    report.tables["applications"]["granted"]["research"] = None
    report.cells.append(CellNote("applications", "granted", "research", "－2", "signed"))
    found = next(f for f in outcome(report)[1] if f.rule == "NUM-KIND")
    assert found.left == "－2"


def test_more_made_than_in_force() -> None:
    report = small_report()
    report.tables["active_disclosure"]["normative_documents"] = {"made": 9, "repealed": 0, "valid": 8}
    found = outcome(report)[1][0]
    assert (found.rule, found.severity, found.left, found.right, found.explained) == (
        "T2-MADE-LE-VALID",
        "warning",
        9,
        8,
        None,
    )
    report.tables["active_disclosure"]["normative_documents"]["repealed"] = 2
    found = outcome(report)[1][0]
    assert found.explained == "made and repealed in one year"
    assert "2 were repealed" in found.message


def test_more_newly_disclosed_than_disclosed() -> None:
    report = small_report(form="gb2019", year=2020)
    report.tables["active_disclosure"] = {
        "regulations": {"newly_made": 0, "newly_disclosed": 0, "disclosed_total": 0},
        "normative_documents": {"newly_made": 3, "newly_disclosed": 30, "disclosed_total": 3},
    }
    results, findings = outcome(report)
    assert [(f.rule, f.left, f.right) for f in findings] == [("T2-19-DISCLOSED", 30, 3)]
    assert results["T2-MADE-LE-VALID"].outcome == "not_assessable"


def older(form: str, **values: int | None) -> Report:
    return Report(
        form=form, year=2016, statistics=[Statistic(row, "value", row, "件", v) for row, v in values.items()]
    )


def test_sums_of_the_form_of_2014() -> None:
    channels = {"requests_in_person": 3, "requests_fax": 0, "requests_online": 8, "requests_letter": 1}
    results, findings = outcome(older("stat2014", requests_received=12, **channels))
    assert findings == []
    assert results["S14-REQUESTS"].outcome == "pass"
    assert results["S14-STAFF"].outcome == "not_assessable"
    assert results["L08-REQUESTS"].reason == "not on this form"
    found = outcome(older("stat2014", requests_received=14, **channels))[1][0]
    assert (found.rule, found.severity, found.difference, found.explained) == (
        "S14-REQUESTS",
        "warning",
        2,
        "channel without a row",
    )
    found = outcome(older("stat2014", requests_received=11, **channels))[1][0]
    assert (found.difference, found.explained) == (-1, None)


def test_sums_of_the_older_forms_keep_columns_apart_and_know_exceptions() -> None:
    report = older("legacy2008", replies_total=5, reply_granted=3, reply_partially_granted=1, reply_refused=1)
    report.statistics += [Statistic("replies_total", "cumulative", "", "条", 50)]
    results, findings = outcome(report)
    assert findings == []
    assert (results["L08-REPLIES"].outcome, results["L08-REPLIES"].tested) == ("pass", 1)
    assert failed(older("stat2014", staff_total=5, staff_full_time=2, staff_part_time=2)) == {"S14-STAFF": 1}
    completed = older("stat2014", requests_completed=5, replies_total=6)
    assert [(f.rule, f.left, f.right) for f in outcome(completed)[1]] == [("S14-REPLIES-LE-COMPLETED", 6, 5)]
    pending = older("stat2014", reviews_total=5, reviews_upheld=3, reviews_corrected=0, reviews_other=1)
    assert outcome(pending)[1][0].explained == "pending cases"


def beside(left: str) -> Finding:
    return finding("ROW-UNKNOWN", left=left, left_where="applications", label="9.属于工作秘密")


@pytest.mark.parametrize(
    ("printed", "fails"),
    [
        ("2 | 0 | 0 | 0 | 0 | 0 | 2", 0),
        ("1 | 0 | 0 | 0 | 0 | 0 | 1", 2),
        ("1 | 0 | 0 | 0 | 0 | 0 | 1 |  |  | ", 2),  # blank cells as wide as the next table in the same sheet
        ("2 | 1 | 1 | 0 | 0 | 0 | 2 | 1", 0),
        ("2", 0),
    ],
)
def test_a_total_that_counts_a_row_beside_the_form_is_not_called_wrong(printed: str, fails: int) -> None:
    report = small_report()
    rows = report.tables["applications"]
    for column in ("natural_person", "total"):
        rows["processed_total"][column] += 2
        rows["new_received"][column] += 2
    assert failed(report).get("T3-RESULT-SUM") == 2
    report.findings.append(beside(printed))
    assert failed(report).get("T3-RESULT-SUM", 0) == fails
    if not fails:
        assert arithmetic.ROW_BESIDE in str(outcome(report)[0]["T3-RESULT-SUM"].reason)
