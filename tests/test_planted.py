"""A panel of pages with planted discrepancies, read by the reader and kept by the store: each is told, nothing else is.

Every page is HTML as a portal serves it: a title, six sections, the tables of the official form. Bodies whose figures
hold together stand beside those where something was planted, and beside the cases that look like a discrepancy and are
none: another form, a merger, other boundaries, a dash, a page that cannot be read.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

import pytest

from archive.reference.forms import LayoutCell, forms
from archive.report.model import Context
from archive.report.read import read
from archive.store import Archive, across
from tests.builders import capture, every, fresh, one, store

WULONG, BEIBEI = "500156", "500109"
PLACE = {WULONG: "重庆市武隆区", BEIBEI: "重庆市北碚区"}
COLUMNS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other_org", "total")
Printed = Mapping[str, int | str]
"""What is printed in cells by ``table.row.column``; ``applications.row`` stands for natural persons and the total."""


def prose(seed: str, year: int) -> str:
    """Some 600 characters that no other body and no other year has, with the year in them."""
    chance = Random(f"{seed}{year}")
    words = (
        "公文政务平台栏目目录申请答复流程培训考核监督渠道窗口档案解读回应基层服务事项标准规范更新维护审查发布"
    )
    made = ["".join(chance.choice(words) for _ in range(18)) for _ in range(33)]
    return f"{year}年，" + "，".join(made) + "。"


def page(name: str, year: int, printed: Printed, *, form: str, text: str | None = None) -> bytes:
    """The page of a report; cells not given print 0."""
    told: dict[str, int | str] = {}
    for key, value in printed.items():
        if key.count(".") == 1:
            told |= {f"{key}.natural_person": value, f"{key}.total": value}
    told |= {key: value for key, value in printed.items() if key.count(".") == 2}
    headings = ("总体情况", "主动公开政府信息情况", "收到和处理政府信息公开申请情况",
                "政府信息公开行政复议、行政诉讼情况", "存在的主要问题及改进情况", "其他需要报告的事项")  # fmt: skip
    inside = [
        f"<p>{text or prose(name, year)}</p>",
        *(_table(form, code, told) for code in ("active_disclosure", "applications", "review_litigation")),
        "<p>工作仍有不足，将继续改进。</p>",
        "<p>本年度未收取信息处理费。</p>",
    ]
    body = "".join(
        f"<p>{number}、{heading}</p>{content}"
        for number, heading, content in zip("一二三四五六", headings, inside, strict=True)
    )
    title = f"{name}{year}年政府信息公开工作年度报告"
    period = f"<p>统计期限为{year}年1月1日至{year}年12月31日。</p>"
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title></head>"
        f"<body><h1>{title}</h1><div>{period}{body}</div></body></html>"
    ).encode()


def _table(form: str, code: str, told: Mapping[str, int | str]) -> str:
    def cell(each: LayoutCell) -> str:
        content = html.escape(str(told.get(f"{code}.{each.value}", 0) if each.value else each.label or ""))
        return f"<td rowspan={each.rowspan} colspan={each.colspan}>{content}</td>"

    lines = ("".join(map(cell, line)) for line in forms()[form].tables[code].layout)
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


class Portal:
    """Puts pages into an archive as a crawl would, and looks at what comes of them."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.count = 0

    def put(self, body: str, year: int, printed: Printed = {}, *, county: str = WULONG, **more: str) -> str:  # noqa: B006
        """The report of a body of this county (its name without the place); its key comes back."""
        form = more.pop("form", "gb2021" if year >= 2021 else "gb2019")
        made = page(f"{PLACE[county]}{body}", year, printed, form=form, **more)
        return self.serve(made, county)

    def serve(self, made: bytes, county: str) -> str:
        """A page as it is; the key of the report that it becomes."""
        self.count += 1
        url = f"http://127.0.0.1/{self.count}.html"
        reading = read(made, [("Content-Type", "text/html")], Context(url=url, county_code=county))
        assert reading.agency_key and reading.year, reading.findings
        store(self.archive, reading, capture(made, url=url, doc_key=f"cq:{self.count}"))
        return f"{reading.agency_key}:{reading.scope}:{reading.year}"

    def told(self) -> set[tuple[str, str, object, object]]:
        """Rule, report and both sides of every finding of comparisons, after these were made."""
        across.update(self.archive.db)
        rows = every(
            self.archive, "SELECT f.rule, r.key, f.left_value, f.right_value, f.cells FROM finding f"
            " JOIN report r ON r.id = f.report_id WHERE f.origin = 'comparison' AND f.resolved_at IS NULL"
        )  # fmt: skip
        assert len(rows) == len(set(rows))
        return {row[:4] for row in rows}

    def outcome(self, rule: str, key: str) -> tuple[str, str | None]:
        """The outcome of a rule on a report, and why it was not asked."""
        found = every(
            self.archive, "SELECT c.outcome, c.reason FROM check_result c JOIN report r ON r.id = c.report_id"
            " WHERE c.rule = ? AND r.key = ?", rule, key,
        )  # fmt: skip
        ((outcome, reason),) = found
        return outcome, reason


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with fresh(tmp_path) as archive:
        yield Portal(archive)


def carried(new: int, came: int, over: int) -> dict[str, int | str]:
    """A year's cases that balance."""
    done = new + came - over
    return {"applications.new_received": new, "applications.carried_in": came, "applications.granted": done,
            "applications.processed_total": done, "applications.carried_out": over}  # fmt: skip


def test_a_panel_that_holds_together_is_told_nothing(portal: Portal) -> None:
    for year, came, over in (
        (2019, 0, 2),
        (2020, 2, 1),
        (2021, 1, 3),
        (2022, 3, 0),
        (2023, 0, 4),
        (2024, 4, 0),
    ):
        portal.put("统计局", year, carried(10 + year % 7, came, over))
        portal.put("仙女山街道办事处", year, carried(year % 5 + 3, came, over))
    assert portal.told() == set()
    assert one(portal.archive, "SELECT count(*) FROM report WHERE status = 'parsed'") == 12
    assert (
        one(portal.archive, "SELECT count(*) FROM check_result WHERE rule = 'X-CARRY' AND outcome = 'pass'")
        == 10
    )


def test_every_planted_discrepancy_is_told_and_nothing_else(portal: Portal) -> None:
    portal.put("统计局", 2023, carried(9, 0, 3))
    carry = portal.put("统计局", 2024, carried(8, 5, 0))
    portal.put("审计局", 2023, carried(9, 0, 3))
    columns = portal.put("审计局", 2024, {**carried(8, 3, 0),
        "applications.carried_in.natural_person": 2, "applications.carried_in.business": 1})  # fmt: skip
    stock = "active_disclosure.normative_documents"
    portal.put("司法局", 2023, {f"{stock}.made": 4, f"{stock}.valid": 40})
    valid = portal.put("司法局", 2024, {f"{stock}.made": 2, f"{stock}.repealed": 1, f"{stock}.valid": 60})
    items = "active_disclosure.administrative_licensing"
    portal.put("民政局", 2019, {f"{items}.prior_year_items": 30, f"{items}.change": 2})
    item = portal.put("民政局", 2020, {f"{items}.prior_year_items": 35, f"{items}.change": 0})
    portal.put("水利局", 2023, carried(7, 0, 0) | {"applications.new_received.business": 0})
    same = portal.put("水利局", 2024, carried(7, 0, 0) | {"applications.new_received.business": 0})
    portal.put("体育局", 2023, text=prose("体育局", 2023))
    copied = portal.put("体育局", 2024, text=prose("体育局", 2023).replace("2023", "2024"))
    fee = "active_disclosure.administrative_fees.amount_wan_yuan"
    for year, amount in ((2021, "3.5"), (2022, "4"), (2024, "4.5")):
        portal.put("林业局", year, {fee: amount})
    fees = portal.put("林业局", 2023, {fee: "38000"})
    portal.put("信访办公室", 2023, carried(5, 0, 2))
    renamed = portal.put("信访局", 2024, carried(4, 1, 0))
    assert portal.told() == {
        ("X-CARRY", carry, 5, 3),
        ("X-CARRY", columns, 2, 3), ("X-CARRY", columns, 1, 0),
        ("X-VALID", valid, 60, 41),
        ("X-ITEMS-19", item, 35, 32),
        ("X-SAME", same, None, None),
        ("X-SAME", copied, None, None),
        ("X-FEE-MEDIAN", fees, 38000, 4.25),
        ("X-CARRY", renamed, 1, 2),
    }  # fmt: skip
    messages = every(portal.archive, "SELECT message, message_zh FROM finding WHERE origin = 'comparison'")
    for en, zh in messages:
        assert "As of 20" in en and "截至" in zh
        assert not {"抄袭", "造假", "错误", "wrong", "false"} & {*en.split(), zh}


def test_what_looks_like_a_discrepancy_and_is_none(portal: Portal) -> None:
    stock = "active_disclosure.normative_documents"
    portal.put("统计局", 2020, carried(9, 0, 3) | {f"{stock}.newly_made": 3, f"{stock}.disclosed_total": 44})
    other_form = portal.put("统计局", 2021, carried(8, 3, 1) | {f"{stock}.made": 1, f"{stock}.valid": 9})
    portal.put("审计局", 2023, carried(9, 0, 0))
    dash = portal.put(
        "审计局", 2024, {**carried(8, 0, 0), **{f"applications.carried_in.{c}": "-" for c in COLUMNS}}
    )
    portal.put("乡村振兴局", 2022, carried(9, 0, 2))
    portal.put("农业农村委员会", 2023, carried(30, 0, 4))
    merged = portal.put("农业农村委员会", 2024, carried(40, 9, 0))
    for year, came in ((2023, 0), (2024, 6)):
        portal.put("澄江街道办事处", year, carried(9, came, 6), county=BEIBEI)
    boundary = portal.put("澄江街道办事处", 2025, carried(9, 1, 0), county=BEIBEI)
    portal.put("体育局", 2023, carried(0, 0, 0))
    zeros = portal.put("体育局", 2024, carried(0, 0, 0))
    whole = page(f"{PLACE[WULONG]}林业局", 2024, carried(5, 9, 0), form="gb2021")
    portal.put("林业局", 2023, carried(5, 0, 2))
    torn = portal.serve(whole[: whole.index(b"<table")] + b"</div></body></html>", WULONG)
    assert portal.told() == set()
    assert portal.outcome("X-CARRY", other_form)[0] == "pass"
    assert portal.outcome("X-VALID", other_form)[0] == "not_assessable"
    assert portal.outcome("X-CARRY", dash)[0] == "not_assessable"
    assert portal.outcome("X-CARRY", merged) == (
        "not_assessable", "the body was merged, split or given other tasks",
    )  # fmt: skip
    assert portal.outcome("X-CARRY", boundary) == ("not_assessable", "boundaries changed")
    assert portal.outcome("X-SAME", zeros)[0] in ("pass", "not_assessable")
    assert portal.outcome("X-CARRY", torn)[0] == "not_assessable"


def test_a_total_is_held_against_its_bodies_only_as_far_as_they_are_known(portal: Portal) -> None:
    portal.put("人民政府办公室", 2024, carried(50, 0, 0))
    portal.put("统计局", 2024, carried(20, 0, 0))
    enough = portal.put("", 2024, carried(100, 0, 0))
    assert enough.endswith("jurisdiction_aggregate:2024")
    assert portal.told() == set()  # 30 may be those of bodies that nobody has read
    assert portal.outcome("A-SUM", enough)[0] != "fail"
    portal.put("审计局", 2024, carried(45, 0, 0))
    assert {(rule, key) for rule, key, *_ in portal.told()} == {("A-SUM", enough)}
    assert {(left, right) for _, _, left, right in portal.told()} == {(100, 115)}


def test_links_of_reforms_follow_the_reports_and_go_when_these_say_otherwise(portal: Portal) -> None:
    from archive.store.review import uncertain

    portal.put("环境保护局", 2018, form="gb2019")
    portal.put("生态环境局", 2019)
    portal.told()
    links = "SELECT from_key, to_key, type, date FROM agency_link WHERE source LIKE '国务院机构改革方案%'"
    key = f"{WULONG}:department:"
    assert every(portal.archive, links) == [
        (f"{key}环境保护局", f"{key}生态环境局", "transferred", "2018-03/2019-03")
    ]
    assert [row for row in uncertain(portal.archive.conn) if row["reason"] == "reform"] == []
    portal.put("环境保护局", 2022)
    portal.told()
    assert every(portal.archive, links) == []
    (row,) = [row for row in uncertain(portal.archive.conn) if row["reason"] == "reform"]
    assert (row["key"], row["candidate"]) == (f"{key}环境保护局", f"{key}生态环境局")
    assert one(portal.archive, "SELECT sector FROM agency WHERE key = ?", f"{key}生态环境局") == "生态环境"
