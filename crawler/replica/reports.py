"""One report: from its line in ``sites/*.json`` to what it prints, where it stands and what reading it must give."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from zlib import crc32

from crawler.replica.figures import PLANTS, chain, form_of, one_row_other, plant, sample, statistics
from crawler.replica.grids import Grid, Print, grids, statistics_grid
from crawler.replica.model import Number, Scenario, Tables, Unit
from crawler.replica.prose import HEADINGS, Story, narrative, preamble, sections
from crawler.replica.shapes import Block

Options = Mapping[str, Any]

_ANCHORS = (
    ("2019-12-22", 2464121),
    ("2020-03-26", 6180238),
    ("2020-04-01", 6885487),
    ("2020-07-16", 7690022),
    ("2021-01-19", 8786337),
    ("2021-04-30", 9241684),
    ("2022-01-19", 10315836),
    ("2023-01-17", 11516121),
    ("2024-01-17", 12831779),
    ("2025-01-20", 14186932),
    ("2026-01-15", 15320642),
    ("2026-02-13", 15443922),
    ("2026-12-31", 16900000),
)
"""Known pairs of date and document id: ids are one sequence over all portals (chongqing-sites.md, 1)."""

MUST_STAY_SILENT = frozenset(
    {
        "T3-BALANCE",
        "T3-RESULT-SUM",
        "T3-ROW-TOTAL",
        "T4-TOTAL",
        "NUM-KIND",
        "T2-MADE-LE-VALID",
        "T2-REGULATION-POWER",
        "T2-19-DISCLOSED",
        "N-RECEIVED",
        "N-PROCESSED",
        "N-CARRIED-IN",
        "N-CARRIED-OUT",
        "N-RESULTS",
        "N-APPLICANT",
        "N-REVIEW",
        "N-LITIGATION",
        "N-NORMATIVE",
        "FMT-ERA",
        "META-YEAR",
        "META-PUB-EARLY",
    }
)
"""Rules that a report of the replica breaks only where that is planted."""


class Ids:
    """Gives every document an id as the platform would have: growing with time, one sequence for all portals."""

    def __init__(self, taken: set[int]) -> None:
        self._taken = set(taken)

    def next(self, day: date, key: str) -> int:
        """An id for a document published on that day; the same for the same key in every run."""
        wanted = _id_on(day) + crc32(key.encode()) % 97
        while wanted in self._taken:
            wanted += 1
        self._taken.add(wanted)
        return wanted


def _id_on(day: date) -> int:
    known = [(date.fromisoformat(text), number) for text, number in _ANCHORS]
    for (start, low), (end, high) in pairwise(known):
        if start <= day <= end:
            return low + (high - low) * (day - start).days // (end - start).days
    raise ValueError(f"no document id is known for {day}")


@dataclass(frozen=True)
class Report:
    """One report as planned: figures, words, addresses; the portal renders it when it is asked for."""

    unit: Unit
    scope: str
    year: int
    form: str
    title: str
    shape: str
    quirks: frozenset[str]
    plants: tuple[str, ...]
    doc_id: int | None
    day: date
    """The day in the address."""
    page_date: str
    """The day it says it was published."""
    tables: Tables
    stats: dict[str, Number]
    print: Print
    under: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """Folder and file of the article below its column: ``202601/t20260129_15362835``, without extension."""
        return f"{self.day:%Y%m}/t{self.day:%Y%m%d}_{self.doc_id}"

    @property
    def expected(self) -> frozenset[str]:
        """Rules that must notice what is planted."""
        return frozenset().union(*(PLANTS[name] for name in self.plants))

    @property
    def forbidden(self) -> frozenset[str]:
        """Rules that have nothing to notice. Reports without the statutory tables promise nothing."""
        return MUST_STAY_SILENT - self.expected if self.tables else frozenset()

    def values(self) -> Tables:
        """The figures as a reader must give them: what is printed as no number is ``None``."""
        gone = {"blank", "dash"}
        notes = self.notes()
        return {
            table: {
                row: {
                    column: None if notes.get((table, row, column)) in gone else value
                    for column, value in columns.items()
                }
                for row, columns in rows.items()
            }
            for table, rows in self.tables.items()
        }

    def notes(self) -> dict[tuple[str, str, str], str]:
        """Cells whose print is not a plain number, and the kind that they are."""
        found: dict[tuple[str, str, str], str] = {}
        for table, rows in self.tables.items():
            for row, columns in rows.items():
                for column, value in columns.items():
                    key = (table, row, column)
                    if key in self.print.instead:
                        found[key] = "annotated"
                    elif value == 0 and self.print.zeros != "printed":
                        found[key] = self.print.zeros
                    elif column == "change" and value:
                        found[key] = "signed"
                    elif column == "amount" and self.print.unit:
                        found[key] = "unit"
        return found

    def blocks(self) -> list[Block]:
        """Paragraphs and tables of the body, in order."""
        story = Story(
            self.unit.agency,
            self.unit.kind,
            self.year,
            self.plants,
            preamble="no_preamble" not in self.quirks,
        )
        if not self.tables:
            return self._old_blocks(story)
        blocks: list[Block] = [*preamble(story)]
        printed: Sequence[Grid | None] = [
            None,
            *grids(self.form, self.tables, self.print, header_gap="header_gap" in self.quirks),
            None,
            None,
        ]
        for heading, texts, grid in zip(HEADINGS, sections(story, self.tables), printed, strict=True):
            blocks += [heading, *texts]
            if grid is not None:
                blocks.append(grid)
        if "signed" in self.quirks:
            blocks += [self.unit.agency, f"{self.year + 1}年1月19日"]
        return blocks

    def _old_blocks(self, story: Story) -> list[Block]:
        blocks: list[Block] = []
        for heading, text in narrative(story):
            blocks += [heading, text]
        if self.stats:
            blocks += ["附件：政府信息公开情况统计表", statistics_grid(self.stats)]
        return blocks


def plan(unit: Unit, series: Options, ids: Ids, scenario: Scenario) -> list[Report]:
    """All reports of one body in one column, those that this scenario hides left out."""
    years: list[int] = series["years"]
    docs: Mapping[str, Options] = series.get("docs", {})
    options = {year: docs.get(str(year), {}) for year in years}
    shapes: list[str] = series["shape"]
    forms = {year: str(options[year].get("form", form_of(year))) for year in years}
    with_tables = {year: form for year, form in forms.items() if form.startswith("gb")}
    fixed = {year: sample(str(options[year]["figures"])) for year in years if "figures" in options[year]}
    figures = chain(unit.agency, unit.kind, with_tables, fixed)
    reports = []
    for number, year in enumerate(years):
        option = options[year]
        doc_id, day = _place(unit, series, option, year, ids)
        if not int(option.get("from_night", 1)) <= scenario.night <= int(option.get("until_night", 99)):
            continue
        reports.append(
            Report(
                unit=unit,
                scope=str(series.get("scope", "organ")),
                year=year,
                form=forms[year],
                title=str(
                    option.get(
                        "title", f"{series.get('title_agency', unit.agency)}{year}年政府信息公开工作年度报告"
                    )
                ),
                shape=str(option.get("shape", shapes[number % len(shapes)])),
                quirks=frozenset(option.get("quirks", ())),
                plants=tuple(option.get("plants", ())),
                doc_id=doc_id,
                day=day,
                page_date=str(option.get("page_date", day.isoformat())),
                tables=_faults(figures.get(year, {}), option, scenario),
                stats=statistics(unit.agency, year) if forms[year] == "stat2014" else {},
                print=_print(frozenset(option.get("quirks", ())), forms[year], figures.get(year, {})),
                under=tuple(option.get("under", ())),
            )
        )
    return reports


def _place(unit: Unit, series: Options, option: Options, year: int, ids: Ids) -> tuple[int | None, date]:
    """Document id and day in the address. A report that is its column's directory has no id."""
    seed = crc32(f"{unit.agency}/{year}/{series.get('scope')}".encode())
    if "date" in option:
        day = date.fromisoformat(str(option["date"]))
    elif series.get("scope") == "jurisdiction_aggregate":
        day = date(year + 1, 2, 20) + timedelta(days=seed % 30)
    else:
        day = date(year + 1, 1, 9) + timedelta(days=seed % 20)
    if series.get("directory"):
        return None, day
    return int(option.get("id") or ids.next(day, f"{unit.agency}/{year}")), day


def _faults(tables: Tables, option: Options, scenario: Scenario) -> Tables:
    if not tables:
        return tables
    if "one_row_other" in option.get("quirks", ()):
        one_row_other(tables)
    for fault in option.get("plants", ()):
        plant(tables, fault)
    if scenario.night >= int(option.get("edited_on_night", 99)):
        row = tables["active_disclosure"]["administrative_licensing"]
        row["decisions"] = (row["decisions"] or 0) + 11
    return tables


def _print(quirks: frozenset[str], form: str, tables: Tables) -> Print:
    instead = {}
    if "annotated" in quirks:
        valid = tables["active_disclosure"]["normative_documents"]["valid"]
        instead["active_disclosure", "normative_documents", "valid"] = f"{valid}（其中修订1件）"
    return Print(
        zeros="blank" if "blank" in quirks else "dash" if "dash" in quirks else "printed",
        full_width="full_width" in quirks,
        instead=instead,
        signed=form == "gb2019",
        unit="万元" if form == "gb2019" else "",
    )


# --- the same as a Word file ---------------------------------------------------------------------------------------


def as_docx(report: Report) -> bytes:
    """The report as a Word document with real merged cells; the same bytes every time."""
    from docx import Document

    document = Document()
    document.core_properties.author = ""
    document.add_heading(report.title, level=1)
    for block in report.blocks():
        if isinstance(block, str):
            document.add_paragraph(block)
        else:
            _docx_table(document, block)
    buffer = io.BytesIO()
    document.save(buffer)
    return _without_times(buffer.getvalue())


def _docx_table(document: Any, grid: Grid) -> None:
    width = sum(cell.colspan for cell in grid[0])
    table = document.add_table(rows=len(grid), cols=width)
    cells = [
        list(row.cells) for row in table.rows
    ]  # asked for once: every access to .cells walks the whole table
    covered: set[tuple[int, int]] = set()
    for y, row in enumerate(grid):
        x = 0
        for cell in row:
            while (y, x) in covered:
                x += 1
            area = [(y + dy, x + dx) for dy in range(cell.rowspan) for dx in range(cell.colspan)]
            covered.update(area)
            target = cells[y][x]
            if len(area) > 1:
                target = target.merge(cells[area[-1][0]][area[-1][1]])
            target.text = cell.text
            x += cell.colspan


def _without_times(data: bytes) -> bytes:
    """The archive with every member dated 1980, so that two runs serve the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name), old.read(name))
    return out.getvalue()
