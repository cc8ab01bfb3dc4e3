"""The sheet on which a sample is checked by hand: one page that works without a server, and the stored pages beside it.

The stored pages are rebuilt without anything that runs or asks for anything (``archive.publish.snapshot``) and shown in
frames that may do nothing. What is no page (PDF, office documents) lies beside as it was sent.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from archive.publish import stored
from archive.publish.accuracy import marks
from archive.publish.accuracy.sample import FACTS, Read, cells
from archive.publish.exports.folder import appearing
from archive.publish.metadata import load
from archive.publish.printed import Table, table_as_printed
from archive.publish.snapshot import safe_page
from archive.publish.words import words
from archive.reference.forms import forms
from archive.store.connection import Row

SHEET, MARKS, PAGES = "index.html", "marks.csv", "pages"
GUARD = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One report on the sheet: its row, the file of its page (``framed`` if it can be shown), and what was read."""

    number: int
    report: Row
    page: str
    framed: bool
    facts: Sequence[Read]
    tables: Sequence[Table]
    statistics: Sequence[Read]
    marks: Sequence[marks.Mark]


def write(
    conn: sqlite3.Connection, folder: Path, reports: Sequence[Row], *, described: str,
    done: Callable[[int], object] = lambda _: None,
) -> int:  # fmt: skip
    """Lay out the reports in a new folder, which appears whole; the number of values to check comes back.

    ``described`` says how the sample was drawn. ``done`` is called with 1 after each report. Raises ``ArchiveError`` if
    the folder holds anything or cannot be written.
    """
    with appearing(folder) as partial:
        (partial / PAGES).mkdir()
        sheets = []
        for number, report in enumerate(reports, 1):
            sheets.append(_sheet(conn, number, report, partial))
            done(1)
        lines = [mark for sheet in sheets for mark in sheet.marks]
        marks.write(partial / MARKS, lines)
        (partial / SHEET).write_text(_page(sheets, described), "utf-8")
    return len(lines)


def _sheet(conn: sqlite3.Connection, number: int, report: Row, folder: Path) -> Sheet:
    reads = list(cells(conn, report))
    page = stored.of(conn, report["snapshot_id"])
    framed = page is None or page.trouble is not None or page.can_be_shown
    name = f"{PAGES}/{number:03}.html" if framed else f"{PAGES}/{number:03}-{page.file_name if page else ''}"
    if page is not None and not framed:
        (folder / name).write_bytes(page.body)
    else:
        text = (page.trouble or page.text) if page else ""
        shown = safe_page(text, is_html=bool(page and not page.trouble and page.is_html))
        (folder / name).write_text(shown.replace("<head>", f"<head>{GUARD}", 1), "utf-8")
    return Sheet(
        number,
        report,
        name,
        framed,
        [read for read in reads if read.place.table == FACTS],
        _tables(conn, report),
        [read for read in reads if read.place.table == "statistics"],
        [marks.blank(report, read) for read in reads],
    )


def _tables(conn: sqlite3.Connection, report: Row) -> list[Table]:
    form = forms().get(report["form"])
    if form is None or form.kind != "statutory":
        return []
    notes = [dict(n) for n in conn.execute("SELECT * FROM cell_note WHERE report_id = ?", [report["id"]])]
    found = []
    for table in form.tables.values():
        rows = conn.execute(f"SELECT * FROM {table.code} WHERE report_id = ?", [report["id"]])
        found.append(table_as_printed(table, {row["row"]: dict(row) for row in rows}, notes, ()))
    return found


def _page(sheets: Sequence[Sheet], described: str) -> str:
    environment = Environment(
        loader=PackageLoader("archive.publish"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    script = (resources.files("archive.publish") / "static" / "accuracy.js").read_text("utf-8")
    return environment.get_template("accuracy.html").render(
        sheets=sheets, described=described, words=words, facts=load("accuracy")["facts"],
        lines={"columns": marks.COLUMNS, "sheets": [[marks.values(m) for m in sheet.marks] for sheet in sheets]},
        script=Markup(script),
    )  # fmt: skip
