"""The Datasette plugin: Chinese search, what our templates show, our own pages, and headers that keep all pages safe."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from datasette import hookimpl
from datasette.utils.asgi import Request
from markupsafe import Markup

from archive.publish import cells, gate, page, pictures, printed, routes
from archive.publish.cite import citation
from archive.publish.coverage import FORM_YEARS
from archive.publish.history import cell_label
from archive.publish.metadata import DATABASE, column_words, load, short_words
from archive.publish.words import words
from archive.store.search import cjk_query

SAFE_HEADERS = {
    b"content-security-policy": (
        b"default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; "
        b"form-action 'self'; frame-ancestors 'none'"
    ),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
}
"""Sent with every answer that does not say better. No page of ours needs a script, so none may run, whatever got in."""

SHEETS = ("gongkai.css", "overview.css", "report.css", "data.css")

REPORT_COLUMNS = ("agency", "year", "scope", "county", "form", "status", "published_on", "title")
"""What a list of reports shows when it is reached through a link of ours; the other columns are one click away."""
REPORT_QUERY = urlencode([("_col", column) for column in REPORT_COLUMNS])
FINDING_QUERY = urlencode([
    *(("_col", column) for column in ("report_id", "severity", "rule", "message_zh", "left_value", "right_value")),
    ("_sort_desc", "id"),
])  # fmt: skip


def is_address(url: str | None) -> bool:
    """Whether an address may become a link: a page of the web, nothing that runs in this one."""
    return bool(url) and str(url).startswith(("http://", "https://"))


def is_local(url: str | None) -> bool:
    """Whether an address is of this machine, as that of the demonstration is: nobody else can follow it."""
    try:
        host = urlsplit(url or "").hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_number(text: object) -> bool:
    """Whether a cell of a query's answer is a number, to be set under the others' digits."""
    return bool(re.fullmatch(r"-?\d+(\.\d+)?", str(text)))


def part(text: object) -> str:
    """A key as one part of an address: slashes and all else escaped."""
    return quote(str(text), safe=":")


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection, database: str) -> None:
    """Replace Datasette's own quoting of search words by one that fits the archive's index of character pairs."""
    if database == DATABASE:
        conn.create_function("escape_fts", 1, cjk_query, deterministic=True)


@hookimpl  # type: ignore[untyped-decorator]
def extra_template_vars(
    table: str | None, view_name: str, request: Any, datasette: Any
) -> Callable[[], Awaitable[dict[str, Any]]]:
    """``words`` and the like for every template, ``shown`` for a report's page."""

    async def gather() -> dict[str, Any]:
        db = datasette.get_database(DATABASE)
        given: dict[str, Any] = {
            "words": words,
            "is_address": is_address,
            "part": part,
            "mark": printed.mark,
            "number": printed.number,
            "report_columns": REPORT_COLUMNS,
            "report_query": REPORT_QUERY,
            "finding_query": FINDING_QUERY,
            "sheets": SHEETS,
            "form_years": FORM_YEARS,
            "is_local": is_local,
            "in_words": cells.in_words,
            "cell_label": cell_label,
            "column_words": column_words,
            "short_words": short_words,
            "is_number": is_number,
            "described": lambda name: load("tables").get(name, {}),
        }
        if view_name == "row" and table == "report":
            given |= {
                "shown": await page.gather(db, int(request.url_vars["pks"]), request.args.get("cell")),
                "citation": citation,
                "absolute": lambda path: datasette.absolute_url(request, datasette.urls.path(path)),
            }
        return given

    return gather


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(value: Any, column: str, table: str | None, datasette: Any) -> Any:
    """A cell of Datasette's own tables; in a query's answer, too, a report's number leads to its page."""
    if column == "report_id" and table is None and isinstance(value, int):
        return Markup('<a href="{}">{}</a>').format(datasette.urls.row(DATABASE, "report", str(value)), value)
    return cells.shown(value, column)


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, routes.Answer]]:
    """Our own pages."""
    return routes.routes()


@hookimpl  # type: ignore[untyped-decorator]
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Callable[[], Awaitable[Any]]:
    """A page that tells what went wrong, in the look of all others."""
    return lambda: gate.failed(datasette, request, exception)


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Any) -> Callable[[Any], Any]:
    """Refuse what ``gate`` refuses, and send ``SAFE_HEADERS`` with every answer.

    The charts of all counties are drawn when a server starts, before anybody asks for them.
    """

    async def draw() -> None:
        with suppress(sqlite3.Error):  # whoever asks for the charts is told
            await pictures.gather(datasette.get_database(DATABASE), {})

    def wrap(app: Any) -> Any:
        drawing: list[asyncio.Task[None]] = []
        addresses = [re.compile(address) for address, _ in routes.routes()]

        def ours(path: str) -> bool:
            return any(address.match(path) for address in addresses)

        async def wrapped(scope: Any, receive: Any, send: Any) -> None:
            async def send_safely(event: Any) -> None:
                if event["type"] == "lifespan.startup.complete":
                    drawing.append(asyncio.create_task(draw()))
                elif event["type"] == "lifespan.shutdown.complete":
                    for task in drawing:
                        task.cancel()
                if event["type"] == "http.response.start":
                    headers = list(event.get("headers") or [])
                    said = {name.lower() for name, _ in headers}
                    event = {
                        **event,
                        "headers": headers + [h for h in SAFE_HEADERS.items() if h[0] not in said],
                    }
                await send(event)

            if scope["type"] == "http":
                db = datasette.databases.get(DATABASE)
                refused = gate.refusal(scope, ours, guarded=bool(db) and await db.is_guarded())
                if refused:
                    unsigned = {
                        **scope,
                        "csrftoken": lambda: "",
                    }  # what Datasette's own middleware would have put in
                    answer = await gate.answer(datasette, Request(unsigned, receive), *refused)
                    await answer.asgi_send(send_safely)
                    return
                scope = {**scope, "method": "GET"}  # Datasette knows no HEAD; the server leaves the body out

            await app(scope, receive, send_safely)

        return wrapped

    return wrap
