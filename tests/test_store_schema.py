"""The schema: every public column of the contract is there, described, and docs/schema.md says the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.store import Archive
from archive.store.describe import described, page
from archive.store.views import definitions, descriptions
from tests.builders import every, fresh

ROOT = Path(__file__).parent.parent

CONTRACT = {
    "site": "site spider platform installation name admin_code list_url options first_year last_year enabled note",
    "crawl": "id key command started_at finished_at status tool",
    "crawl_site": "crawl_id site links fetched new changed unchanged failed blocked verdict reason",
    "listing": "id crawl_id site url column_name pages_claimed pages_fetched links complete snapshot_id",
    "link": "doc_key site listing_url url title list_date year_guess first_seen last_seen state attempts next_try reason",
    "snapshot": "id key doc_key url final_url kind status fetched_at sha256 content_type headers context crawl_id",
    "body": "sha256 size codec dictionary data",
    "document": "doc_key site url snapshot_id first_seen last_seen gone_on",
    "agency": "id key name kind level sector county_code county town_code parent_key valid_from valid_to",
    "agency_name": "agency_key name valid_from valid_to source",
    "agency_link": "from_key to_key type date source",
    "expectation": "agency_key year basis source",
    "report": "id key agency_id agency kind scope county_code county year doc_key url snapshot_id form title published_on "
    "published_source date_quality signed_on stat_from stat_to status reader version zero_style_t2 zero_style_t3 "
    "zero_style_t4 text first_seen last_seen gone_on",
    "unplaced": "doc_key snapshot_id status reason title agency_guess year_guess",
    "publication": "report_id doc_key role",
    "section": "report_id number heading text",
    "grid": "report_id number caption cells",
    "active_disclosure": "report_id row made repealed valid decisions amount_wan_yuan newly_made newly_disclosed "
    "disclosed_total prior_year_items change projects amount amount_printed unit_printed",
    "applications": "report_id row natural_person business research public_welfare legal_service other_org total",
    "review_litigation": "report_id row upheld corrected other pending total",
    "statistics": "report_id seq row column column_label label parent unit value",
    "cell_note": "report_id table_name row column raw kind unit",
    "finding": "id key report_id rule severity outcome message message_zh left_value left_where right_value right_where "
    "difference cells quote other_report_id explained rule_version first_seen resolved_at status",
    "check_result": "report_id rule outcome tested failed reason",
    "report_version": "id report_id version doc_key snapshot_id reader digest first_seen last_seen reading",
    "report_change": "report_id from_version to_version class table_name row column section before after "
    "last_seen_before first_seen_after",
    "reading_change": "report_id snapshot_id reader_before reader_after place before after",
    "codebook": "form table_name row column short row_group role label_zh label_en unit type law comparable_code "
    "comparable_note confidence",
    "rule": "rule severity statement_zh statement_en source exceptions",
    "annotation": "target_type target_key kind text source_url date",
    "withheld": "target_type target_key level reason decided_on",
    "cell": "report_id agency year scope form table_name row column short value kind raw",
    "panel": "agency_key agency scope kind county_code year form status date_quality findings_error findings_warning "
    "boundary_break t3_ref_secur_np t3_other_all_tot",
    "panel_organ": "agency_key t3_ref_secur_np",
    "panel_aggregate": "agency_key t3_ref_secur_np",
    "panel_core": "disclosure_rate disclosure_rate_num disclosure_rate_den disclosure_rate_substantive refusal_rate "
    "not_held_share natural_share backlog_rate correction_rate_review correction_rate_direct "
    "correction_rate_after_review",
    "panel_statistics": "agency_key year st_d_tot",
    "coverage": "agency_key agency kind scope county_code county year status state timeliness days_late due_on due_basis "
    "published_on published_source report_id lists_checked complete_checks first_check last_check gone_on reason",
    "gap": "agency_key year",
    "change": "agency_key agency year class before after url",
}


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with fresh(tmp_path) as opened:
        yield opened


def columns(archive: Archive, table: str) -> list[str]:
    return [row[1] for row in every(archive, f"PRAGMA table_info({table})")]


@pytest.mark.parametrize("table", CONTRACT)
def test_columns_of_the_contract(archive: Archive, table: str) -> None:
    assert set(CONTRACT[table].split()) - set(columns(archive, table)) == set()


def test_every_table_and_column_is_described_where_it_is_made(archive: Archive) -> None:
    tables = {
        name
        for (name,) in every(archive, "SELECT name FROM sqlite_master WHERE type = 'table'")
        if not name.startswith(("report_fts", "sqlite_", "_sqlite"))
    }
    assert set(described()) == tables
    for name, text in described().items():
        assert text.comment, name
        assert list(text.columns)[: len(columns(archive, name))] == columns(archive, name)
    assert set(descriptions()) == set(definitions())


def test_foreign_keys_have_indexes(archive: Archive) -> None:
    """Without one, every delete of a parent reads the whole child table."""
    for (table,) in every(
        archive, "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%REFERENCES%'"
    ):
        led = {columns(archive, table)[0]} if "PRIMARY KEY (" in one_sql(archive, table) else set()
        for (index,) in every(
            archive, "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ?", table
        ):
            led |= {row[2] for row in every(archive, f"PRAGMA index_info('{index}')") if row[0] == 0}
        for key in every(archive, f"PRAGMA foreign_key_list({table})"):
            assert key[3] in led, f"{table}.{key[3]}"


def one_sql(archive: Archive, table: str) -> str:
    return str(every(archive, "SELECT sql FROM sqlite_master WHERE name = ?", table)[0][0])


def test_the_page_for_people_is_in_step(archive: Archive) -> None:
    assert (ROOT / "docs" / "schema.md").read_text("utf-8") == "\n".join(page(archive.conn)), (
        "run: python -m archive.store.describe > docs/schema.md"
    )


def test_reference_tables_are_filled_and_renewed_only_when_the_data_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from archive.store import reference

    with fresh(tmp_path) as archive:
        assert every(archive, "SELECT count(*) > 500 FROM codebook") == [(1,)]
        assert every(archive, "SELECT count(*) > 10 FROM rule") == [(1,)]
        archive.conn.execute("DELETE FROM codebook")
    with Archive.open(tmp_path / "archive.db") as archive:
        assert every(archive, "SELECT count(*) FROM codebook") == [(0,)]
    monkeypatch.setattr(reference, "state", lambda: "other data")
    with Archive.open(tmp_path / "archive.db") as archive:
        assert every(archive, "SELECT count(*) > 500 FROM codebook") == [(1,)]
