"""An archive with a little of everything an export may meet: scopes, forms, blanks, formulas, withheld reports."""

from __future__ import annotations

from pathlib import Path

from archive.report.model import Finding, Statistic
from archive.store import Archive
from tests.builders import capture, fresh, note, report, store, tables

JINFENG = "500154:township_government:金峰"
CHAOTIANMEN = "500103:subdistrict_office:朝天门"
NANAN = "500108:county_government:南岸"
HERE = f"{JINFENG}:organ:2025"
HIDDEN = f"{CHAOTIANMEN}:organ:2025"
FORMULA = '=HYPERLINK("http://127.0.0.1/","总数")'
NOW = "2026-11-21T08:00:00Z"


def filled(folder: Path) -> Archive:
    """The archive, open. Reports: 金峰 2024 and 2025, 朝天门 2025, the total of 南岸 2025, 金峰 2016 in an older form."""
    archive = fresh(folder)
    full = tables(new_received=[2, None, None, None, None, None, 2], granted=[2, 0, 0, 0, 0, 0, 2])
    full["active_disclosure"]["administrative_fees"] = {"amount_wan_yuan": None}
    notes = [
        note("applications", "new_received", "business", None, "blank"),
        note("applications", "new_received", "research", "-", "dash"),
        note("applications", "new_received", "public_welfare", FORMULA, "unreadable"),
        note("applications", "new_received", "legal_service", None, "row_absent"),
        note("applications", "new_received", "other_org", "无", "none_word"),
        note("active_disclosure", "administrative_fees", "amount_wan_yuan", "5.25", "unit_unknown"),
    ]
    found = Finding(
        "T3-ROW-SUM", "error", "2 is not 3", "2 不等于 3", left=2, right=3, difference=-1, quote="@SUM(1)"
    )
    _store(archive, 1, report(tables=full, cells=notes, findings=[found]))
    plain = tables(new_received=[1, 0, 0, 0, 0, 0, 1], granted=[1, 0, 0, 0, 0, 0, 1])
    plain["active_disclosure"]["administrative_fees"] = {"amount_wan_yuan": 5.25}
    _store(archive, 2, report(year=2024, tables=plain))
    _store(
        archive, 3,
        report(agency_key=CHAOTIANMEN, agency="重庆市渝中区人民政府朝天门街道办事处", agency_kind="subdistrict_office",
               county_code="500103", tables=tables(new_received=[7, 0, 0, 0, 0, 0, 7])),
    )  # fmt: skip
    _store(
        archive, 4,
        report(agency_key=NANAN, agency="重庆市南岸区人民政府", agency_kind="county_government", county_code="500108",
               scope="jurisdiction_aggregate", tables=tables(new_received=[900, 0, 0, 0, 0, 0, 900])),
    )  # fmt: skip
    _store(
        archive, 5,
        report(year=2016, form="stat2014", tables={}, statistics=[
            Statistic("1_1", "count", "主动公开政府信息数", "条", 120),
        ]),
    )  # fmt: skip
    return archive


def withhold(archive: Archive, target_type: str, key: str) -> None:
    archive.conn.execute(
        "INSERT INTO withheld VALUES (?, ?, 'hide', 'asked for by a person', '2026-10-01')",
        [target_type, key],
    )


def _store(archive: Archive, number: int, reading: object) -> None:
    page = capture(
        f"<html>{number}</html>".encode(),
        url=f"http://127.0.0.1/nb/t20260120_{number}.html",
        doc_key=f"cq:{number}",
    )
    assert store(archive, reading, page) == "new"  # type: ignore[arg-type]
