"""Two nights on portals of a few pages: what the second one says of what went, and of what cannot be placed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.crawl_portal import Portal, column, gongkai, registry, report, row, serving

AGENCY = "重庆市巴南区财政局"
ENTRY = "/zfxxgknb/"


@pytest.fixture
def portal() -> Iterator[Portal]:
    with serving(Portal()) as served:
        yield served


def night(folder: Path, *arguments: str) -> dict[str, Any]:
    """The one site of a night, as it is told."""
    ran = gongkai(folder, "nightly", "--json", *arguments)
    assert "Traceback" not in ran.stderr, ran.stderr
    site: dict[str, Any] = json.loads(ran.stdout)["sites"][0]
    return site


def count(folder: Path, query: str) -> int:
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        found: int = db.execute(query).fetchone()[0]
        return found


def fill(portal: Portal, years: range, *, agency: str = AGENCY) -> None:
    entries = []
    for year in years:
        path = f"{ENTRY}{year + 1}01/t{year + 1}0120_{year}77.html"
        portal.pages[path] = report(agency, year)
        entries.append(row(path, f"{agency}{year}年政府信息公开工作年度报告"))
    portal.pages[ENTRY] = column("政府信息公开年报", f"<ul>{''.join(entries)}</ul>")


def test_a_list_that_lost_years_is_told_though_their_pages_were_asked_again(
    portal: Portal, tmp_path: Path
) -> None:
    registry(tmp_path, f"a,district,trs,甲区,500113,{portal.url(ENTRY)},,,,1,")
    fill(portal, range(2021, 2026))
    assert night(tmp_path)["verdict"] == "well"
    fill(portal, range(2024, 2026))
    told = night(tmp_path, "--share", "1")
    assert (told["verdict"], told["reason"]) == ("short", "fewer_than_known")
    assert told["detail"] == "not seen: 2021, 2022, 2023"


def test_where_every_address_is_a_soft_404_the_portal_is_sick_and_no_report_gone(
    portal: Portal, tmp_path: Path
) -> None:
    registry(tmp_path, f"a,district,trs,甲区,500113,{portal.url(ENTRY)},,,,1,")
    fill(portal, range(2023, 2026))
    assert night(tmp_path)["new"] == 3
    for path in portal.pages:
        portal.pages[path] = "<html><body><h1>您访问的页面不存在</h1></body></html>"
    told = night(tmp_path, "--share", "1")
    assert (told["verdict"], told["reason"], told["vanished"]) == ("broken", "soft_404", 0)
    assert count(tmp_path, "SELECT count(*) FROM document WHERE gone_on IS NOT NULL") == 0


def test_one_page_for_lists_and_reports_is_named_so(portal: Portal, tmp_path: Path) -> None:
    registry(tmp_path, f"a,district,trs,甲区,500113,{portal.url(ENTRY)},,,,1,")
    fill(portal, range(2023, 2026))
    assert night(tmp_path)["new"] == 3
    for path in portal.pages:
        portal.pages[path] = column("甲区人民政府", "<h2>要闻</h2><p>领导调研。</p>" * 5)
    told = night(tmp_path, "--share", "1")
    assert (told["verdict"], told["reason"], told["vanished"]) == ("broken", "same_page", 0)


def test_a_page_whose_report_is_in_a_file_is_as_it_was_when_asked_again(
    portal: Portal, tmp_path: Path
) -> None:
    registry(tmp_path, f"a,district,trs,甲区,500113,{portal.url(ENTRY)},,,,1,")
    fill(portal, range(2025, 2026))
    title, path = f"{AGENCY}2025年政府信息公开工作年度报告", f"{ENTRY}202601/t20260120_202577.html"
    portal.pages[path] = column(
        title,
        f'<h1>{title}</h1><div class="TRS_UEDITOR"><a href="./P020260120.txt.docx">{title}.docx</a></div>',
    )
    portal.pages[f"{ENTRY}202601/P020260120.txt.docx"] = report(AGENCY, 2025)
    assert night(tmp_path)["verdict"] == "well"
    told = night(tmp_path, "--share", "1")
    assert (told["verdict"], told["failed"], told["fetched"]) == ("well", 0, 2)


def test_a_report_that_cannot_be_placed_is_told(portal: Portal, tmp_path: Path) -> None:
    registry(tmp_path, f"a,district,trs,甲区,,{portal.url(ENTRY)},,,,1,")
    fill(portal, range(2025, 2026), agency="重庆市新云区西园街道办事处")
    told = night(tmp_path)
    assert (told["verdict"], told["reason"], told["failed"]) == ("short", "unplaced", 1)


def test_reports_that_only_each_other_name_are_backfilled(portal: Portal, tmp_path: Path) -> None:
    page = "/module/xxgk/xxgkAnnualReport.jsp"
    towns = {"001": "巴南区鱼洞街道办事处", "002": "巴南区接龙镇人民政府"}
    links = "".join(
        f'<li><a href="{page}?area={area}&fbtime=2025">{name}</a></li>' for area, name in towns.items()
    )
    portal.pages["/col/col9/index.html"] = column("政府信息公开年报", f"<ul>{links}</ul>")
    years = "".join(f'<option value="{year}">{year}年</option>' for year in range(2023, 2026))
    for area, name in towns.items():
        for year in range(2023, 2026):
            portal.pages[f"{page}?area={area}&fbtime={year}"] = report(
                f"重庆市{name}", year, extra=f"<select>{years}</select>"
            )
    registry(tmp_path, f"a,district,hanweb,甲区,500113,{portal.url('/col/col9/index.html')},,,,1,")
    ran = gongkai(tmp_path, "backfill", "2023")
    assert ran.returncode == 0, ran.stderr
    assert count(tmp_path, "SELECT count(*) FROM report WHERE year = 2023") == 2
    assert count(tmp_path, "SELECT count(*) FROM report") == 2
    assert night(tmp_path)["new"] == 4


def test_a_frame_that_offers_years_is_a_list_and_a_counter_is_nothing(portal: Portal, tmp_path: Path) -> None:
    registry(tmp_path, f"a,district,auto,甲区,500113,{portal.url('/xxgk/gknb/')},,,,1,")
    portal.pages["/xxgk/gknb/"] = column(
        "政府信息公开年报", '<iframe src="/xxgk/frame.html"></iframe><iframe src="/xxgk/count.html"></iframe>'
    )
    portal.pages["/xxgk/frame.html"] = '<select><option value="/xxgk/nd2025/">2025年</option></select>'
    portal.pages["/xxgk/count.html"] = "<html><body>1</body></html>"
    path = "/xxgk/nd2025/202601/t20260120_77.html"
    portal.pages["/xxgk/nd2025/"] = column("2025年", row(path, f"{AGENCY}2025年政府信息公开工作年度报告"))
    portal.pages[path] = report(AGENCY, 2025)
    told = night(tmp_path)
    assert (told["verdict"], told["new"], told["failed"]) == ("well", 1, 0)
