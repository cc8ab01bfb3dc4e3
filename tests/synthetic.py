"""Archives of any size, for measuring what people ask: `python -m tests.synthetic FILE REPORTS`.

Pages and readings are made up, the way into the archive is the real one (`snapshots.add`, `readings.store`, the
comparison across reports, runs and checks), so that such an archive is sound by `gongkai verify`. Agencies are
Chongqing's roster with departments, and counties of five other provinces; the figures are the replica's: they balance
and carry over, one report in twelve has a fault, one in thirty was changed at the source, some are not there.
"""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from archive.reference.forms import forms
from archive.report.model import CellNote, Grid, Report, Section, Statistic
from archive.report.rules import check
from archive.store import Archive, across, checks
from archive.store.connection import insert, transaction
from archive.store.frontier import Link
from archive.store.snapshots import Capture
from crawler.replica import figures, prose

YEARS = tuple(range(2008, 2026))
LAST_NIGHT = date(2026, 11, 20)
NIGHTS = 365
BATCH = 40
"""Agencies written in one transaction, with all their years."""
THERE = 0.96
"""The share of the reports that were published and found."""
FAULTS = (*(f for f in figures.PLANTS if f not in ("old_form", "suits_total", "normative_in_text")), None)


def fill(path: Path, reports: int, *, nights: int = NIGHTS) -> int:
    """Make an archive at ``path`` with at least that many reports; their number comes back."""
    dice = Random(2026)
    with Archive.open(path, create=True) as archive:
        agencies = _agencies(archive)
        Random(5).shuffle(agencies)
        _runs(archive, agencies, nights)
        done, n = 0, 0
        for start in range(0, len(agencies), BATCH):
            if done >= reports:
                break
            with transaction(archive.db):
                for agency in agencies[start : start + BATCH]:
                    n += 1
                    done += _agency(archive, dice, agency, n, reports - done)
        across.update(archive.db)
        with transaction(archive.db) as conn:
            checks.record(conn)
            conn.execute("INSERT INTO report_fts (report_fts) VALUES ('optimize')")
        archive.conn.execute("ANALYZE")
        archive.truncate_log()
        return int(archive.conn.execute("SELECT count(*) FROM report").fetchone()[0])


def _agencies(archive: Archive) -> list[dict[str, Any]]:
    """Everybody: `key, name, kind, county_code, prefix`."""
    given = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
    found = [
        {**dict(row), "prefix": "重庆市"}
        for row in archive.conn.execute(
            "SELECT key, name, kind, county_code, county FROM agency ORDER BY key"
        )
    ]
    counties = {
        row["county_code"]: ("重庆市", row["county"])
        for row in found
        if row["kind"] == "county_government" and row["county_code"].isdigit()
    }
    for province in given["provinces"]:
        counties |= {code: (province["prefix"], name) for code, name in province["counties"].items()}
    for code, (prefix, county) in counties.items():
        bodies = [("department", name, name) for name in given["departments"]]
        if prefix != "重庆市":
            bodies += [
                ("county_government", county[:-1], "人民政府"),
                ("government_office", county[:-1], "人民政府办公室"),
            ]
            bodies += [
                ("subdistrict_office", f"{county[:-1]}{n}街", f"人民政府{county[:-1]}{n}街街道办事处")
                for n in range(1, 31)
            ]
        found += [
            {"key": f"{code}:{kind}:{stem}", "name": f"{prefix}{county}{ending}", "kind": kind, "county_code": code,
             "county": county, "prefix": prefix}
            for kind, stem, ending in bodies
        ]  # fmt: skip
    return found


def _agency(archive: Archive, dice: Random, agency: dict[str, Any], number: int, most: int) -> int:
    """All years of one agency; back comes how many reports that made."""
    statutory = {year: figures.form_of(year) for year in YEARS if year >= 2019}
    chain = figures.chain(agency["key"], agency["kind"], statutory)
    made = 0
    for year in YEARS:
        if made >= most or dice.random() > THERE:
            continue
        fault = dice.choice(FAULTS) if dice.random() < 0.09 else None
        tables = copy.deepcopy(chain.get(year))
        if tables and fault:
            figures.plant(tables, fault)
        report = _report(dice, agency, year, tables, (fault,) if fault else ())
        _store(archive, agency, report, number, first=True)
        if (number + year) % 30 == 0:
            _store(archive, agency, _changed(report), number, first=False)
        made += 1
    return made


def _report(dice: Random, agency: dict[str, Any], year: int, tables: Any, plants: tuple[str, ...]) -> Report:
    kind, story = agency["kind"], prose.Story(agency["name"], agency["kind"], year, plants)
    due = date(year + 1, 3, 31) if kind == "county_government" else date(year + 1, 1, 31)
    published = due + timedelta(days=dice.randint(-25, -1) if dice.random() < 0.9 else dice.randint(1, 90))
    report = Report(
        status="parsed", title=f"{agency['name']}{year}年政府信息公开工作年度报告", agency=agency["name"],
        agency_key=agency["key"], agency_kind=kind, county_code=agency["county_code"], year=year,
        scope="jurisdiction_aggregate" if kind == "county_government" else "organ", period=(f"{year}-01-01", f"{year}-12-31"),
        published_on=published.isoformat(), published_source="page", encoding="utf-8",
        date_quality="trusted" if dice.random() < 0.9 else "migrated",
    )  # fmt: skip
    if tables:
        report.form, report.tables = figures.form_of(year), tables
        parts = zip(prose.HEADINGS, prose.sections(story, tables), strict=True)
        report.sections = [Section(n, head, "\n".join(text)) for n, (head, text) in enumerate(parts, 1)]
        report.zero_style = dict.fromkeys(tables, "printed")
        report.grids = [
            Grid([[row, *(str(value) for value in values.values())] for row, values in rows.items()])
            for rows in tables.values()
        ]
        if dice.random() < 0.05:
            _blank(report)
    else:
        report.form = "stat2014" if year >= 2014 else "legacy2008" if dice.random() < 0.3 else "narrative"
        report.sections = [Section(n, head, text) for n, (head, text) in enumerate(prose.narrative(story), 1)]
        report.statistics = list(_statistics(agency["key"], year, report.form))
    report.text = "\n".join(f"{section.heading}\n{section.text}" for section in report.sections)
    report.checks, report.findings = check(report, None)  # type: ignore[arg-type]
    return report


def _statistics(key: str, year: int, form: str) -> Iterator[Statistic]:
    if form == "narrative":
        return
    table = forms()[form].tables["statistics"]
    values = figures.statistics(key, year)
    for row in table.rows:
        for column in () if row.heading else table.columns_of(row.code):
            yield Statistic(row.code, column, row.label, row.unit, values.get(row.code, 7), row.parent)


def _blank(report: Report) -> None:
    """Some cells of table three print nothing."""
    for row in ("refused_other", "not_processed_repeat", "granted"):
        values = report.tables["applications"].get(row)
        if values and values["research"] == 0:
            values["research"] = None
            report.cells.append(CellNote("applications", row, "research", "", "blank"))


def _changed(report: Report) -> Report:
    """The report as somebody corrected it later."""
    later = copy.deepcopy(report)
    for rows in later.tables.values():
        values = rows.get("granted") or next(iter(rows.values()))
        name = next(iter(values))
        values[name] = (values[name] or 0) + 1
    last = later.sections[-1]
    later.sections[-1] = Section(last.number, last.heading, f"{last.text}（更正）")
    later.text += "（更正）"
    later.checks, later.findings = check(later, None)  # type: ignore[arg-type]
    return later


def _store(archive: Archive, agency: dict[str, Any], report: Report, number: int, *, first: bool) -> None:
    code, place = agency["county_code"], "district" if "county" in agency["kind"] else "township"
    site, doc_key = f"{code}-{place}", f"syn:{number}-{report.year}"
    published = date.fromisoformat(str(report.published_on))
    moment = f"{published + timedelta(days=3 if first else 60)}T18:{number % 60:02}:00Z"
    url = f"http://127.0.0.1/{code}/{published:%Y%m}/t{published:%Y%m%d}_{number}.html"
    link = Link(doc_key, url, str(report.title), report.published_on, report.year)
    archive.frontier.found(site, f"http://127.0.0.1/{code}/{place}/", [link], now=moment)
    capture = Capture(
        url, url, "report", 200, moment, _page(report), [("Content-Type", "text/html; charset=utf-8")],
        {"url": url, "title": report.title, "list_date": report.published_on, "site": site, "county_code": code},
        doc_key,
    )  # fmt: skip
    stored = archive.snapshots.add(capture, crawl_id=None)
    archive.readings.store(stored.id, report, doc_key=doc_key, site=site, url=url, now=moment)


def _page(report: Report) -> bytes:
    grids = "".join(
        f"<table>{''.join('<tr><td>' + '<td>'.join(row) for row in grid.cells)}</table>"
        for grid in report.grids
    )
    text = "".join(f"<h2>{s.heading}</h2><p>{s.text}</p>" for s in report.sections)
    return f"<!doctype html><title>{report.title}</title><h1>{report.title}</h1>{text}{grids}".encode()


def _runs(archive: Archive, agencies: list[dict[str, Any]], nights: int) -> None:
    """Two runs in the autumn after every year, then one every night of the last year, over two lists of every site."""
    codes = sorted({agency["county_code"] for agency in agencies if agency["county_code"].isdigit()})
    sites = [
        {"site": f"{code}-{spider}", "spider": spider, "admin_code": code, "enabled": 1, "name": code,
         "list_url": f"http://127.0.0.1/{code}/{spider}/"}
        for code in codes for spider in ("district", "township")
    ]  # fmt: skip
    archive.runs.sync_sites(sites)
    days = [date(year + 1, 10, day) for year in YEARS[:-1] for day in (8, 9)]
    days += [LAST_NIGHT - timedelta(days=n) for n in range(nights, 0, -1)]
    with transaction(archive.db) as conn:
        for number, day in enumerate(days, 1):
            run = {"id": number, "key": f"{day} {number}", "command": "nightly", "started_at": f"{day}T17:00:00Z",
                   "finished_at": f"{day}T19:00:00Z", "status": "done", "tool": "synthetic"}  # fmt: skip
            insert(conn, "crawl", [run])
            rows = [
                {"crawl_id": number, "site": site["site"], "url": f"{site['list_url']}{n}", "pages_claimed": 1,
                 "pages_fetched": 1, "links": 9, "complete": int((number * 7 + k) % 97 != 0), "listed_at": f"{day}T18:00:00Z"}
                for k, site in enumerate(sites) for n in range(2)
            ]  # fmt: skip
            insert(conn, "listing", rows)
            counts = [
                {"crawl_id": number, "site": site["site"], "links": 18, "fetched": 2, "new": 0, "changed": 0,
                 "unchanged": 2, "failed": 0, "blocked": 0, "verdict": "well"}
                for site in sites
            ]  # fmt: skip
            insert(conn, "crawl_site", counts)
        checks.record(conn)


if __name__ == "__main__":
    sys.stdout.write(f"{fill(Path(sys.argv[1]), int(sys.argv[2]))} reports\n")
