"""Readings: what was understood becomes rows; what failed stays work; what was read well is never lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.reference.forms import form
from archive.report.model import CheckResult, Finding, Grid, Report, Section, Statistic
from archive.report.tables import read_tables
from archive.store import Archive, ArchiveError, Link, codec
from archive.store.readings import CONFIRMS_ANOTHER
from archive.store.rows import VALUE_COLUMNS, children
from tests.builders import NOW, SITE, capture, every, fresh, note, one, report, store, tables
from tests.tables_kit import numbered, official


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with fresh(tmp_path) as opened:
        opened.frontier.found(
            SITE, "http://127.0.0.1/list", [Link("cq:1", "http://127.0.0.1/1", "年报")], now=NOW
        )
        yield opened


def state(archive: Archive, doc_key: str = "cq:1") -> str:
    return str(one(archive, "SELECT state FROM link WHERE doc_key = ?", doc_key))


def later(body: bytes = b"<html>2</html>", **values: object):
    return capture(body, **{"fetched_at": "2026-03-01T00:00:00Z", **values})


UNPARSED = {"status": "unparsed", "reason": "timeout", "agency": None, "agency_key": None, "tables": {}}
NO_REPORT = {"status": "not_a_report", "reason": "guide", "agency_key": None, "tables": {}}


def test_first_reading_is_new_and_closes_its_link(archive: Archive) -> None:
    assert store(archive, report()) == "new"
    assert one(archive, "SELECT key FROM report") == "500154:township_government:金峰:organ:2025"
    assert state(archive) == "done"
    assert archive.frontier.known_years(SITE) == {2025}
    assert archive.verify() == []


def test_every_part_of_a_report_has_its_rows(archive: Archive) -> None:
    store(
        archive,
        report(
            statistics=[Statistic("disclosed_total", "value", "主动公开政府信息数", "条", 7)],
            cells=[note("applications", "granted", "business", "—", "dash")],
            grids=[Grid([["一", "二"]], "表")],
            checks=[CheckResult("T3-BALANCE", "pass", 7, 0)],
            findings=[Finding("T3-BALANCE", "error", "text", "文字", left=1, right=2, cells=("a.b.c",))],
        ),
    )
    counts = {
        table: one(archive, f"SELECT count(*) FROM {table}")
        for table in ("section", "grid", "statistics", "cell_note", "check_result", "finding", *VALUE_COLUMNS)
    }
    assert counts == {
        "section": 2, "grid": 1, "statistics": 1, "cell_note": 1, "check_result": 1, "finding": 1,
        "active_disclosure": 2, "applications": 2, "review_litigation": 1,
    }  # fmt: skip
    assert every(archive, "SELECT stat_from, stat_to, form, version FROM report") == [
        ("2025-01-01", "2025-12-31", "gb2021", 1)
    ]


def test_blank_and_zero_are_different(archive: Archive) -> None:
    store(archive, report(tables=tables(granted=[0, None, 0, 0, 0, 0, 0])))
    assert every(archive, "SELECT natural_person, business FROM applications WHERE row = 'granted'") == [
        (0, None)
    ]
    assert every(archive, "SELECT typeof(natural_person), typeof(business) FROM applications") == [
        ("integer", "null")
    ]


def test_a_decimal_where_a_count_belongs_is_kept_as_printed(archive: Archive) -> None:
    store(archive, report(tables={"applications": {"granted": {"total": 2.5}}}))
    assert one(archive, "SELECT total FROM applications") == 2.5


def test_an_unknown_snapshot_is_refused(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match="not in this archive"):
        archive.readings.store(999, report(), doc_key="cq:1", site=SITE, url="http://127.0.0.1/1", now=NOW)


# -- what cannot be placed, what failed


@pytest.mark.parametrize("missing", ["agency_key", "year", "scope"])
def test_without_agency_year_or_scope_nothing_is_guessed(archive: Archive, missing: str) -> None:
    assert store(archive, report(**{missing: None})) == "unplaced"
    assert one(archive, "SELECT count(*) FROM report") == 0
    assert missing.removesuffix("_key") in one(archive, "SELECT reason FROM unplaced")
    assert state(archive) == "done"


def test_what_is_no_report_is_set_aside_and_not_asked_again(archive: Archive) -> None:
    assert store(archive, report(**NO_REPORT)) == "unplaced"
    assert every(archive, "SELECT status, reason FROM unplaced") == [("not_a_report", "guide")]
    assert state(archive) == "done"


@pytest.mark.parametrize(
    "values", [UNPARSED, {**NO_REPORT, "reason": "soft_404"}], ids=["unparsed", "soft 404"]
)
def test_a_failed_reading_stays_work(archive: Archive, values: dict[str, object]) -> None:
    assert store(archive, report(**values)) == "failed"
    assert state(archive) == "failed"
    assert one(archive, "SELECT next_try FROM link") > NOW
    assert one(archive, "SELECT count(*) FROM unplaced") == 1


def test_an_unparsed_report_that_can_be_placed_has_its_row_and_stays_work(archive: Archive) -> None:
    assert store(archive, report(status="unparsed", reason="table is an image", tables={})) == "failed"
    assert one(archive, "SELECT status FROM report") == "unparsed"
    assert state(archive) == "failed"


@pytest.mark.parametrize(
    "values", [UNPARSED, NO_REPORT, {"status": "unparsed"}], ids=["unparsed", "none", "placed"]
)
def test_a_bad_answer_does_not_replace_a_good_reading(archive: Archive, values: dict[str, object]) -> None:
    store(archive, report())
    assert store(archive, report(**values), later()) == "failed"
    assert every(archive, "SELECT status, version FROM report") == [("parsed", 1)]
    assert one(archive, "SELECT s.fetched_at FROM document JOIN snapshot s ON s.id = snapshot_id") == NOW
    assert one(archive, "SELECT count(*) FROM unplaced") == 0
    assert state(archive) == "failed"


def test_what_was_set_aside_is_placed_when_it_can_be(archive: Archive) -> None:
    store(archive, report(agency_key=None))
    assert store(archive, report(), later()) == "new"
    assert one(archive, "SELECT count(*) FROM unplaced") == 0


def test_a_better_reader_may_say_that_a_page_is_no_report(archive: Archive) -> None:
    store(archive, report())
    assert store(archive, report(**NO_REPORT)) == "unplaced"
    assert one(archive, "SELECT count(*) FROM report") == 0
    assert one(archive, "SELECT count(*) FROM unplaced") == 1
    assert archive.verify() == []


def test_a_document_that_belongs_to_another_year_moves_with_its_history(archive: Archive) -> None:
    store(archive, report())
    store(archive, report(title="改"), later())
    assert store(archive, report(year=2024, title="改"), later()) == "unchanged"
    assert every(archive, "SELECT year, version FROM report") == [(2024, 2)]
    assert one(archive, "SELECT count(*) FROM report_version v JOIN report r ON r.id = v.report_id") == 2
    assert archive.verify() == []


def test_a_304_closes_the_link_and_is_seen_once_more(archive: Archive) -> None:
    store(archive, report())
    sha256 = capture().sha256
    stored = archive.snapshots.add(later(b"", status=304, confirms=sha256), crawl_id=None)
    archive.readings.confirmed(stored.id, doc_key="cq:1", now="2026-03-01T00:00:01Z")
    for table in ("document", "report", "report_version"):
        assert one(archive, f"SELECT last_seen FROM {table}") == "2026-03-01T00:00:00Z"
    assert state(archive) == "done"


def test_a_304_for_a_page_that_could_not_be_read_confirms_nothing(archive: Archive) -> None:
    store(archive, report())
    bad = later()
    assert store(archive, report(**UNPARSED), bad, now=bad.fetched_at) == "failed"
    stored = archive.snapshots.add(
        later(b"", status=304, confirms=bad.sha256, fetched_at="2026-04-01T00:00:00Z"), crawl_id=None
    )
    archive.readings.confirmed(stored.id, doc_key="cq:1", now="2026-04-01T00:00:01Z")
    for table in ("document", "report", "report_version"):
        assert one(archive, f"SELECT last_seen FROM {table}") == NOW
    assert every(archive, "SELECT state, attempts, reason FROM link") == [("failed", 2, CONFIRMS_ANOTHER)]


def test_a_link_that_failed_says_what_is_not_known(archive: Archive) -> None:
    store(archive, report())
    assert store(archive, report(year=None), later(), now="2026-03-01T00:00:00Z") == "failed"
    assert every(archive, "SELECT state, reason FROM link") == [("failed", "unknown: year")]


# -- reading again what is stored


def again(archive: Archive, reading: Report, captured=None) -> str:
    """Read a snapshot again that is in the archive already, much later."""
    return store(archive, reading, captured or capture(), now="2026-09-01T00:00:00Z")


def test_reading_an_old_answer_again_says_nothing_about_the_link(archive: Archive) -> None:
    store(archive, report())
    archive.frontier.failed("cq:1", "timeout", now="2026-06-01T00:00:00Z")
    before = archive.frontier.get("cq:1")
    assert again(archive, report()) == "unchanged"
    assert archive.frontier.get("cq:1") == before


def test_what_is_gone_stays_gone_when_it_is_read_again(archive: Archive) -> None:
    store(archive, report())
    archive.conn.execute("UPDATE link SET state = 'gone'")
    again(archive, report())
    assert state(archive) == "gone"


def test_a_better_reader_closes_the_link_that_a_failed_reading_left_open(archive: Archive) -> None:
    store(archive, report(**UNPARSED))
    assert again(archive, report()) == "new"
    assert state(archive) == "done"


def test_failing_again_on_the_same_bytes_is_not_another_attempt(archive: Archive) -> None:
    store(archive, report(**UNPARSED))
    before = archive.frontier.get("cq:1")
    assert again(archive, report(**UNPARSED)) == "failed"
    assert archive.frontier.get("cq:1") == before


def test_an_older_answer_does_not_replace_what_is_said_of_a_later_one(archive: Archive) -> None:
    store(archive, report(**NO_REPORT), later())
    store(archive, report(**{**NO_REPORT, "reason": "notice"}))
    assert every(archive, "SELECT reason FROM unplaced") == [("guide",)]


# -- findings through time


def fault(rule: str = "T3-BALANCE", left: int = 1, cell: str = "applications.granted.total") -> Finding:
    return Finding(rule, "error", f"{left} against 2", f"{left}与2", left=left, right=2, cells=(cell,))


def test_a_finding_keeps_its_key_while_its_figures_change(archive: Archive) -> None:
    store(archive, report(findings=[fault(left=1)]))
    key = one(archive, "SELECT key FROM finding")
    store(archive, report(findings=[fault(left=5)], title="改"), later(), now="2026-03-01T00:00:00Z")
    assert every(archive, "SELECT key, left_value, first_seen, status FROM finding") == [
        (key, 5, NOW, "open")
    ]


def test_a_finding_that_is_gone_is_resolved_and_may_come_back(archive: Archive) -> None:
    store(archive, report(findings=[fault()]))
    store(archive, report(), now="2026-04-01T00:00:00Z")
    assert every(archive, "SELECT status, resolved_at FROM finding") == [("resolved", "2026-04-01T00:00:00Z")]
    store(archive, report(findings=[fault()]), now="2026-05-01T00:00:00Z")
    assert every(archive, "SELECT status, resolved_at, first_seen FROM finding") == [("open", None, NOW)]


def test_what_a_person_decided_stays(archive: Archive) -> None:
    store(archive, report(findings=[fault()]))
    archive.conn.execute("UPDATE finding SET status = 'dismissed'")
    store(archive, report(findings=[fault(left=9)]))
    assert one(archive, "SELECT status FROM finding") == "dismissed"


def test_two_findings_of_one_place_are_two(archive: Archive) -> None:
    store(archive, report(findings=[fault(), fault(), fault(cell="applications.granted.business")]))
    assert one(archive, "SELECT count(DISTINCT key) FROM finding") == 3


def test_keys_are_the_same_in_every_archive(archive: Archive, tmp_path: Path) -> None:
    with fresh(tmp_path, "other.db") as other:
        store(other, report(year=2020), capture(b"first", doc_key="cq:0", url="http://127.0.0.1/0"))
        for each in (archive, other):
            store(each, report(findings=[fault()]))
        for table in ("report", "finding", "snapshot"):
            keys = {row[0] for row in every(archive, f"SELECT key FROM {table}")}
            assert keys and keys <= {row[0] for row in every(other, f"SELECT key FROM {table}")}


# -- money, by what is printed


def procurement(value: float | None, *notes: tuple[str | None, str, str | None]) -> dict[str, object]:
    cells = [note("active_disclosure", "government_procurement", "amount", *n) for n in notes]
    reading = Report(
        tables={"active_disclosure": {"government_procurement": {"projects": 3, "amount": value}}},
        cells=cells,
    )
    rows = dict(children(1, reading))["active_disclosure"]
    return {k: rows[0][k] for k in ("amount", "amount_wan_yuan", "amount_printed", "unit_printed")}


@pytest.mark.parametrize(
    ("value", "cell_note", "expected"),
    [
        (153103.83, ("153103.83", "unit_unknown", None), (153103.83, None, "153103.83", None)),
        (153103.83, ("153103.83元", "unit", "元"), (153103.83, 15.310383, "153103.83元", "元")),
        (1234.5, ("1,234.5 万元", "unit", "万元"), (1234.5, 1234.5, "1,234.5 万元", "万元")),
        (2, ("２亿元", "unit", "亿元"), (2, 20000, "２亿元", "亿元")),
        (3, ("3千元", "unit", "千元"), (3, 0.3, "3千元", "千元")),
        (3, ("3美元", "unit", "美元"), (3, None, "3美元", "美元")),
        (None, ("/", "dash", None), (None, None, "/", None)),
        (0, ("0", "unit_unknown", None), (0, None, "0", None)),
    ],
)
def test_procurement_is_comparable_only_with_its_printed_unit(value, cell_note, expected) -> None:
    assert tuple(procurement(value, cell_note).values()) == expected


def test_an_amount_without_a_note_has_no_known_unit() -> None:
    assert tuple(procurement(12.5).values()) == (12.5, None, "12.5", None)


def fee(value: float | None, *notes: tuple[str | None, str, str | None]) -> object:
    cells = [note("active_disclosure", "administrative_fees", "amount_wan_yuan", *n) for n in notes]
    reading = Report(
        tables={"active_disclosure": {"administrative_fees": {"amount_wan_yuan": value}}}, cells=cells
    )
    return dict(children(1, reading))["active_disclosure"][0]["amount_wan_yuan"]


def test_fees_are_in_the_unit_of_the_columns_head() -> None:
    assert fee(5.25) == 5.25
    assert fee(0) == 0
    assert fee(None, ("", "blank", None)) is None
    assert fee(None, ("5", "unit_unknown", None)) is None
    assert fee(5, ("50000元", "unit", "元")) == 5  # the reader has converted it
    assert fee(5, ("5*", "annotated", None)) == 5


MONEY = [
    ("50000元", 50000, 5), ("50千元", 50, 5), ("5万元", 5, 5), ("0.5亿元", 0.5, 5000), ("0.01万元", 0.01, 0.01),
    ("12,345.67元", 12345.67, 1.234567), ("5美元", None, None),
]  # fmt: skip


def from_print(archive: Archive, code: str, place: tuple[str, str], printed: str) -> list[tuple[object, ...]]:
    """The money columns of a row as a query shows them, from a table that prints this in the cell."""
    table = form(code).tables["active_disclosure"]
    reading = read_tables(official(code, {"active_disclosure": numbered(table) | {place: printed}}))
    store(archive, report(form=code, tables=reading.tables, cells=reading.cells, findings=reading.findings))
    return every(
        archive,
        "SELECT amount, amount_wan_yuan, amount_printed FROM active_disclosure WHERE row = ?",
        place[0],
    )


@pytest.mark.parametrize(("printed", "_amount", "wan_yuan"), MONEY)
def test_fees_come_from_print_to_query_in_wan_yuan(
    archive: Archive, printed: str, _amount: float | None, wan_yuan: float | None
) -> None:
    found = from_print(archive, "gb2021", ("administrative_fees", "amount_wan_yuan"), printed)
    assert found == [(None, wan_yuan, printed)]
    assert every(archive, "SELECT fees_wan_yuan FROM panel_core") == [(wan_yuan,)]


@pytest.mark.parametrize(("printed", "amount", "wan_yuan"), MONEY)
def test_procurement_comes_from_print_to_query_with_its_unit(
    archive: Archive, printed: str, amount: float | None, wan_yuan: float | None
) -> None:
    found = from_print(archive, "gb2019", ("government_procurement", "amount"), printed)
    assert found == [(amount, wan_yuan, printed)]


def test_a_row_without_money_prints_none() -> None:
    reading = Report(tables={"active_disclosure": {"regulations": {"made": 1}}})
    row = dict(children(1, reading))["active_disclosure"][0]
    assert (row["made"], row["amount"], row["amount_printed"], row["unit_printed"]) == (1, None, None, None)


def test_a_reading_comes_back_from_its_packing() -> None:
    full = report(
        statistics=[Statistic("x_1", "value", "其他", None, None)],
        cells=[note("applications", "granted", "total", None, "row_absent")],
        grids=[Grid([["一"]], "表一"), Grid([["二"]])],
        checks=[CheckResult("T3-BALANCE", "not_assessable", reason="blank")],
        findings=[fault()],
        zero_style={"applications": "blank"},
        sections=[Section(None, "前言", "文字")],
    )
    assert codec.unpack(codec.pack(full)) == full
    told_by_a_link = Report(status="unparsed", vouched=False)
    assert codec.unpack(codec.pack(told_by_a_link)) == told_by_a_link
