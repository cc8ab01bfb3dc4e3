"""Every report's page as a plain file, for hosts that serve nothing but files: the same pages as Datasette shows.

Addresses are those of the live site, written as relative paths, so that the folder may lie anywhere.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import Any

from archive.publish.app import datasette
from archive.publish.plugin import SHEETS

REPORTS = """
SELECT id, agency, year, scope, county_code, county FROM report ORDER BY county_code, kind, agency, scope, year DESC
"""

_REPORT = re.compile(r'(href=")/archive/report/(\d+)((?:\?cell=[^"#]*)?(#[^"]*)?")')
_STYLE = re.compile(r'href="/gongkai/')
_LIVE = re.compile(r'<a\b[^>]*?\bhref="/[^"]*"[^>]*>(.*?)</a>', re.S)
_OTHER = re.compile(r'<(link|form)\b[^>]*(?:href|action)="/[^"]*"[^>]*>')


def write(path: Path, folder: Path, done: Callable[[int], Any]) -> None:
    """Write a page for every report of the published copy at ``path``, and lists of them. ``done`` is told of each."""
    (folder / "report").mkdir(parents=True)
    with resources.as_file(resources.files("archive.publish") / "static") as styles:
        shutil.copytree(styles, folder / "gongkai")
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as conn:
        conn.row_factory = sqlite3.Row
        listed = [dict(row) for row in conn.execute(REPORTS)]
    asyncio.run(_write(path, folder, listed, done))


async def _write(path: Path, folder: Path, listed: list[dict[str, Any]], done: Callable[[int], Any]) -> None:
    served = datasette(path)
    await served.invoke_startup()
    try:
        for report in listed:
            answer = await served.client.get(f"/archive/report/{report['id']}")
            page = standing_alone(answer.text, "..")
            (folder / "report" / f"{report['id']}.html").write_text(page, "utf-8")
            done(1)
        counties = {
            code: list(own) for code, own in groupby(listed, key=lambda r: r["county_code"] or "other")
        }
        lists: list[tuple[str, dict[str, Any]]] = [
            ("index", {"counties": counties}),
            *((f"county-{code}", {"reports": own}) for code, own in counties.items()),
        ]
        for name, given in lists:
            page = await served.render_template("static.html", {**given, "sheets": SHEETS})
            (folder / f"{name}.html").write_text(standing_alone(page, "."), "utf-8")
    finally:
        for database in served.databases.values():
            database.close()
        served.executor.shutdown()


def standing_alone(page: str, up: str) -> str:
    """The page with links to other reports and to the styles made relative, and without those that need a server."""
    page = _REPORT.sub(lambda m: f'{m[1]}{up}/report/{m[2]}.html{m[4] or ""}"', page)
    page = _STYLE.sub(f'href="{up}/gongkai/', page)
    page = page.replace('href="/"', f'href="{up}/index.html"')
    return _LIVE.sub(r"<span>\1</span>", _OTHER.sub("", page))
