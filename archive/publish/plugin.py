"""The Datasette plugin: Chinese search, what our templates show, and the addresses of snapshots and reports."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote, urlencode

from datasette import hookimpl
from datasette.utils.asgi import NotFound, Response

from archive.publish import home, page, snapshot
from archive.publish.metadata import DATABASE
from archive.publish.stored import Stored, load
from archive.publish.words import words
from archive.store.search import cjk_query

PAGE_POLICY = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-src 'self'; base-uri 'none'"
"""For the page around a snapshot. ``frame-src`` keeps the frame from being led elsewhere by what is in it."""

REPORT_COLUMNS = ("agency", "year", "scope", "county", "form", "status", "published_on", "title")
"""What a list of reports shows when it is reached through a link of ours; the other columns are one click away."""
REPORT_QUERY = urlencode([("_col", column) for column in REPORT_COLUMNS])


def is_address(url: str) -> bool:
    """Whether an address may become a link: a page of the web, nothing that runs in this one."""
    return url.startswith(("http://", "https://"))


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection, database: str) -> None:
    """Replace Datasette's own quoting of search words by one that fits the archive's index of character pairs."""
    if database == DATABASE:
        conn.create_function("escape_fts", 1, cjk_query, deterministic=True)


@hookimpl  # type: ignore[untyped-decorator]
def extra_template_vars(
    table: str | None, view_name: str, request: Any, datasette: Any
) -> Callable[[], Awaitable[dict[str, Any]]]:
    """``words`` for every template, ``home`` and ``queries`` for the home page, ``shown`` for a report's page."""

    async def gather() -> dict[str, Any]:
        db = datasette.get_database(DATABASE)
        given: dict[str, Any] = {
            "words": words,
            "is_address": is_address,
            "report_columns": REPORT_COLUMNS,
            "report_query": REPORT_QUERY,
        }
        if view_name == "index":
            queries = await datasette.get_canned_queries(DATABASE, request.actor)
            given |= {"home": await home.gather(db), "queries": queries}
        if view_name == "row" and table == "report":
            given |= {"shown": await page.gather(db, int(request.url_vars["pks"])), "mark": page.mark}
        return given

    return gather


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Any]]]]:
    """A snapshot, the safe rendition inside it, its bytes as served, and a report by its permanent key."""
    return [
        (r"^/-/snapshot/(?P<id>\d{1,15})$", around_snapshot),
        (r"^/-/snapshot/(?P<id>\d{1,15})/page$", inside_snapshot),
        (r"^/-/snapshot/(?P<id>\d{1,15})/bytes$", bytes_of_snapshot),
        (r"^/-/report/(?P<key>.+)$", report_by_key),
    ]


async def around_snapshot(request: Any, datasette: Any) -> Any:
    """The page that tells what the snapshot is and holds it in a sandboxed frame."""
    stored = await _stored(request, datasette)
    shown = await datasette.render_template(
        "snapshot.html", {"stored": stored, "is_address": is_address}, request=request
    )
    return Response.html(
        shown, headers={"Content-Security-Policy": PAGE_POLICY, "Referrer-Policy": "no-referrer"}
    )


async def inside_snapshot(request: Any, datasette: Any) -> Any:
    """The stored page, made safe."""
    stored = await _stored(request, datasette)
    shown = snapshot.safe_page(stored.text, is_html=stored.is_html)
    headers = {"Content-Security-Policy": snapshot.POLICY, "Referrer-Policy": "no-referrer"}
    return Response.html(shown, headers={**headers, "X-Content-Type-Options": "nosniff"})


async def bytes_of_snapshot(request: Any, datasette: Any) -> Any:
    """The bytes as the server sent them, to be saved, never to be shown."""
    stored = await _stored(request, datasette)
    headers = {
        "Content-Disposition": f'attachment; filename="{stored.file_name}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(stored.body, headers=headers, content_type="application/octet-stream")


async def report_by_key(request: Any, datasette: Any) -> Any:
    """The page of the report with this key: an address that outlives the numbers of this file."""
    key = unquote(request.url_vars["key"])
    found = await datasette.get_database(DATABASE).execute("SELECT id FROM report WHERE key = ?", [key])
    if not found.rows:
        raise NotFound(f"没有这份报告 · no report has the key {key}")
    return Response.redirect(datasette.urls.row(DATABASE, "report", str(found.rows[0][0])))


async def _stored(request: Any, datasette: Any) -> Stored:
    stored = await load(datasette.get_database(DATABASE), int(request.url_vars["id"]))
    if stored is None:
        raise NotFound("没有这份存档 · no such snapshot")
    return stored
