"""Synthetic archives of any size, written straight into the tables: for measuring queries, not for testing readers.

Reports of towns and departments over years, with sections, every cell of the form of 2021, notes, findings, versions and
a changed one now and then; and a year of nightly runs. Text is made of the characters that such reports are made of.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from archive.reference.forms import forms
from archive.report.model import Report, Section
from archive.store import Archive, checks, codec, search
from archive.store.compare import fingerprint
from archive.store.connection import insert, transaction

YEARS = tuple(range(2016, 2026))
WORDS = (
    "主动公开", "依申请公开", "政府信息", "行政复议", "行政诉讼", "平台建设", "监督保障", "存在问题", "改进情况", "收费",
    "规范性文件", "公开目录", "政策解读", "回应关切", "基层政务", "信息处理费", "培训", "考核", "答复", "办结",
)  # fmt: skip
BATCH = 500


def text(chance: Random, length: int) -> str:
    """Prose of that many words, more or less."""
    return "".join(f"{chance.choice(WORDS)}{chance.randrange(400)}件，" for _ in range(length))


def tables(chance: Random) -> dict[str, dict[str, dict[str, Any]]]:
    """Every cell of the form of 2021 with a number."""
    return {
        code: {
            row: {column: chance.randrange(90) for column in table.columns_of(row)}
            for row in table.row_codes()
        }
        for code, table in forms()["gb2021"].tables.items()
    }


def fill(path: Path, reports: int, *, nights: int = 365) -> None:
    """Make an archive with that many reports and a year of nightly runs over the town sites of every county."""
    chance = Random(2026)
    with Archive.open(path, create=True) as archive:
        _nights(archive, nights)
        agencies = _agencies(archive, -(-reports // len(YEARS)))
        wanted = [(agency, year) for agency in agencies for year in YEARS][:reports]
        for start in range(0, len(wanted), BATCH):
            with transaction(archive.db) as conn:
                for agency, year in wanted[start : start + BATCH]:
                    _report(conn, chance, agency, year)
        with transaction(archive.db) as conn:
            checks.record(conn)
            conn.execute("INSERT INTO report_fts (report_fts) VALUES ('optimize')")
        archive.conn.execute("ANALYZE")


def _agencies(archive: Archive, count: int) -> list[dict[str, Any]]:
    """The towns of the roster, then as many departments as are still wanted."""
    known = [
        dict(row) for row in archive.conn.execute("SELECT * FROM agency WHERE level = 'town' ORDER BY key")
    ]
    counties = sorted({(row["county_code"], row["county"]) for row in known})
    more = []
    for n in range(max(0, count - len(known))):
        code, county = counties[n % len(counties)]
        more.append({
            "key": f"{code}:department:{n}局", "name": f"重庆市{county}{n}局", "kind": "department", "county_code": code,
            "county": county, "source": "report",
        })  # fmt: skip
    archive.agencies.put(more)
    keys = [row["key"] for row in (known + more)[:count]]
    rows = {row["key"]: dict(row) for row in archive.conn.execute("SELECT * FROM agency")}
    return [rows[key] for key in keys]


def _report(conn: Any, chance: Random, agency: dict[str, Any], year: int) -> None:
    doc_key = f"cq:{agency['id']}-{year}"
    url, moment = f"http://127.0.0.1/{doc_key}.html", f"{year + 1}-01-{chance.randrange(10, 29)}T08:00:00Z"
    sections = [Section(n, f"第{n}部分", text(chance, 25)) for n in range(1, 7)]
    read = Report(
        status="parsed", title=f"{agency['name']}{year}年政府信息公开工作年度报告", agency=agency["name"],
        agency_key=agency["key"], agency_kind=agency["kind"], scope="organ", year=year, form="gb2021",
        published_on=moment[:10], published_source="page", date_quality="trusted", sections=sections,
        tables=tables(chance), text="\n".join(section.text for section in sections),
    )  # fmt: skip
    sha256 = f"{agency['id']:032x}{year:032x}"
    row = {"sha256": sha256, "size": 80_000, "codec": "zstd", "dictionary": None, "origin": None}
    insert(conn, "body", [{**row, "data": chance.randbytes(400)}])
    insert(conn, "snapshot", [{
        "key": f"{agency['id']:016x}{year:016x}", "doc_key": doc_key, "url": url, "final_url": url, "kind": "report", "status": 200,
        "fetched_at": moment, "sha256": sha256, "headers": "[]", "context": json.dumps({"url": url}),
    }])  # fmt: skip
    snapshot_id = conn.execute("SELECT last_insert_rowid()").fetchone()[0]
    insert(conn, "document", [{
        "doc_key": doc_key, "site": "x", "url": url, "snapshot_id": snapshot_id, "first_seen": moment, "last_seen": moment,
    }])  # fmt: skip
    insert(conn, "report", [{
        "key": f"{agency['key']}:organ:{year}", "agency_id": agency["id"], "agency": agency["name"],
        "kind": agency["kind"], "scope": "organ", "county_code": agency["county_code"], "county": agency["county"],
        "year": year, "doc_key": doc_key, "url": url, "snapshot_id": snapshot_id, "form": "gb2021", "title": read.title,
        "published_on": read.published_on, "published_source": "page", "date_quality": "trusted", "status": "parsed",
        "reader": "1", "version": 1, "text": read.text, "first_seen": moment, "last_seen": moment,
    }])  # fmt: skip
    report_id = conn.execute("SELECT last_insert_rowid()").fetchone()[0]
    search.add(conn, {"id": report_id, "title": read.title, "agency": agency["name"], "text": read.text})
    insert(conn, "publication", [{"report_id": report_id, "doc_key": doc_key, "role": "main"}])
    insert(conn, "report_version", [{
        "report_id": report_id, "version": 1, "doc_key": doc_key, "snapshot_id": snapshot_id, "reader": "1",
        "digest": fingerprint(read), "first_seen": moment, "last_seen": moment, "reading": codec.pack(read),
    }])  # fmt: skip
    for table, rows in _children(chance, report_id, read):
        insert(conn, table, rows)


def _children(chance: Random, report_id: int, read: Report) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    from archive.store.rows import children

    yield from children(report_id, read)
    yield "cell_note", [
        {"report_id": report_id, "table_name": "applications", "row": "granted", "column": column, "raw": "无",
         "kind": "none_word", "unit": None}
        for column in ("business", "research", "total")
    ]  # fmt: skip
    rules = ("T3-BALANCE", "T3-TOTAL", "T4-SUM", "FMT-ERA", "META-YEAR", "TWIN-DIFFERS")
    yield "finding", [
        {
            "key": f"{report_id:020}{n:04}", "report_id": report_id, "rule": rule,
            "severity": ("error", "warning", "info")[n % 3], "outcome": "fail", "message": "a does not equal b",
            "message_zh": "两数不等", "cells": "[]", "rule_version": 1, "first_seen": "2026-01-20T08:00:00Z",
            "resolved_at": None, "status": "open", "origin": "reading",
        }
        for n, rule in enumerate(chance.sample(rules, 3))
    ]  # fmt: skip
    yield (
        "check_result",
        [
            {
                "report_id": report_id,
                "rule": f"R{n}",
                "outcome": "pass",
                "tested": 7,
                "failed": 0,
                "reason": None,
            }
            for n in range(20)
        ],
    )
    if report_id % 50 == 0:
        yield "report_change", [{
            "report_id": report_id, "doc_key": f"changed:{report_id}", "from_version": 1, "to_version": 2, "class": "number",
            "table_name": "applications", "row": "granted", "column": "total", "section": None, "before": 1, "after": 2,
            "last_seen_before": "2026-01-20T08:00:00Z", "first_seen_after": "2026-02-20T08:00:00Z",
        }]  # fmt: skip


def _nights(archive: Archive, nights: int) -> None:
    """Runs over two lists of the town and portal sites of every county, every night."""
    counties = [
        row[0]
        for row in archive.conn.execute("SELECT DISTINCT county_code FROM agency WHERE county_code GLOB '5*'")
    ]
    sites = [
        {"site": f"{code}-{kind}", "spider": kind, "admin_code": code, "enabled": 1}
        for code in counties
        for kind in ("district", "township")
    ]
    archive.runs.sync_sites(sites)
    with transaction(archive.db) as conn:
        for night in range(nights):
            moment = f"2025-{1 + night // 28 % 12:02}-{1 + night % 28:02}T18:00:00Z"
            insert(
                conn,
                "crawl",
                [
                    {
                        "key": f"night {night}",
                        "command": "nightly",
                        "started_at": moment,
                        "status": "done",
                        "tool": "x",
                    }
                ],
            )
            run_id = conn.execute("SELECT last_insert_rowid()").fetchone()[0]
            insert(conn, "listing", [
                {"crawl_id": run_id, "site": site["site"], "url": f"http://127.0.0.1/{n}", "pages_fetched": 1, "links": 9,
                 "complete": 1, "listed_at": moment}
                for site in sites for n in range(2)
            ])  # fmt: skip
