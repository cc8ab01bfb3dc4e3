"""Small makers of reports, captures and stored archives, so that a test says only what matters to it."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from archive.report.model import CellNote, Report, Section, Tables
from archive.store import Archive, Capture

NOW = "2026-02-01T00:00:00Z"
SITE = "jinfeng"

APPLICATION_COLUMNS = (
    "natural_person", "business", "research", "public_welfare", "legal_service", "other_org", "total",
)  # fmt: skip


@cache
def _new_archive() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new.db"
        Archive.open(path, create=True).close()
        return path.read_bytes()


def fresh(folder: Path, name: str = "archive.db") -> Archive:
    """A new archive in a folder, opened. Made once for all tests and copied: the roster takes a while to write."""
    (folder / name).write_bytes(_new_archive())
    return Archive.open(folder / name)


def one(archive: Archive, sql: str, *parameters: object) -> Any:
    """The first value of a query, ``None`` if there is no row."""
    row = archive.conn.execute(sql, parameters).fetchone()
    return row[0] if row else None


def every(archive: Archive, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """All rows of a query, as tuples."""
    return [tuple(row) for row in archive.conn.execute(sql, parameters)]


def tables(**applications: list[int | None]) -> Tables:
    """Table 3 with the given rows (seven values each), beside a small table 2 and table 4."""
    return {
        "active_disclosure": {
            "regulations": {"made": 0, "repealed": 0, "valid": 0},
            "administrative_fees": {"amount_wan_yuan": 5.25},
        },
        "applications": {
            row: dict(zip(APPLICATION_COLUMNS, values, strict=True)) for row, values in applications.items()
        },
        "review_litigation": {"review": {"upheld": 1, "corrected": 0, "other": 0, "pending": 2, "total": 3}},
    }


def report(**values: Any) -> Report:
    """A whole reading of a town's report on 2025; any field may be given another value."""
    defaults: dict[str, Any] = {
        "status": "parsed",
        "title": "重庆市开州区金峰镇人民政府2025年政府信息公开工作年度报告",
        "agency": "重庆市开州区金峰镇人民政府",
        "agency_key": "500154:township_government:金峰",
        "agency_kind": "township_government",
        "scope": "organ",
        "admin_code": "500154103",
        "county_code": "500154",
        "year": 2025,
        "period": ("2025-01-01", "2025-12-31"),
        "published_on": "2026-01-20",
        "published_source": "page",
        "date_quality": "trusted",
        "form": "gb2021",
        "encoding": "utf-8",
        "sections": [
            Section(1, "总体情况", "公开平台更新三百条。"),
            Section(6, "其他需要报告的事项", "未收取信息处理费。"),
        ],
        "tables": tables(new_received=[2, 0, 0, 0, 0, 0, 2], granted=[2, 0, 0, 0, 0, 0, 2]),
        "text": "公开平台更新三百条。\n未收取信息处理费。",
    }
    return Report(**{**defaults, **values})


def note(table: str, row: str, column: str, raw: str | None, kind: Any, unit: str | None = None) -> CellNote:
    """A cell that is no plain number."""
    return CellNote(table, row, column, raw, kind, unit)


def capture(body: bytes = b"<html>1</html>", **values: Any) -> Capture:
    """A page of one town as a crawl hands it over."""
    url = values.pop("url", "http://127.0.0.1/jz/jinfeng/t20260120_1.html")
    defaults: dict[str, Any] = {
        "final_url": url,
        "kind": "report",
        "status": 200,
        "fetched_at": NOW,
        "headers": [("Content-Type", "text/html; charset=utf-8")],
        "context": {"url": url, "site": SITE, "fetched_at": NOW},
        "doc_key": "cq:1",
    }
    return Capture(url=url, body=body, **{**defaults, **values})


def store(archive: Archive, reading: Report, captured: Capture | None = None, *, now: str = NOW) -> str:
    """Keep a capture and its reading, as the pipelines do; the outcome comes back."""
    captured = captured or capture()
    stored = archive.snapshots.add(captured, crawl_id=None)
    doc_key = captured.doc_key or "cq:1"
    return archive.readings.store(stored.id, reading, doc_key=doc_key, site=SITE, url=captured.url, now=now)
