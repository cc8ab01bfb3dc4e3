"""The addresses of our own pages, beside those of Datasette. None of them writes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from datasette.utils.asgi import NotFound, Response

from archive.publish import agency, county, coverage, feed, find, history, home, page, pictures, snapshot
from archive.publish.cite import contact
from archive.publish.locate import Place, place_of
from archive.publish.metadata import DATABASE, queries
from archive.publish.stored import Stored, load
from archive.reference.forms import forms

Answer = Callable[[Any, Any], Awaitable[Any]]

AROUND_SNAPSHOT = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""For the page around a snapshot. ``frame-src`` keeps the frame from being led elsewhere by what is in it."""

REPORT = "SELECT report.*, agency.key AS agency_key FROM report JOIN agency ON agency.id = report.agency_id WHERE report.key = ?"
READ_FROM = "SELECT id, form FROM report WHERE snapshot_id = ?"


def routes() -> list[tuple[str, Answer]]:
    """Every address with what answers it."""
    return [
        (r"^/$", home_page),
        (r"^/-/snapshot/(?P<id>\d{1,15})$", around_snapshot),
        (r"^/-/snapshot/(?P<id>\d{1,15})/page$", inside_snapshot),
        (r"^/-/snapshot/(?P<id>\d{1,15})/bytes$", bytes_of_snapshot),
        (r"^/-/report/(?P<key>[^/]+)/versions$", versions_of_report),
        (r"^/-/report/(?P<key>[^/]+)$", report_by_key),
        (r"^/-/county/(?P<code>[^/]+)$", county_page),
        (r"^/-/agency/(?P<key>[^/]+)$", agency_page),
        (r"^/-/charts$", charts_page),
        (r"^/-/search$", search_page),
        (r"^/-/problem$", problem_page),
        (r"^/-/new\.atom$", atom_feed),
    ]


def _args(request: Any) -> dict[str, str]:
    return {name: request.args[name] for name in request.args}


async def home_page(request: Any, datasette: Any) -> Any:
    """The home page. Datasette's own counts the rows of every table first, which takes longer than all of this."""
    given = {
        "home": await home.gather(datasette.get_database(DATABASE), _args(request)),
        "queries": queries(),
        "groups": coverage.GROUPS,
    }
    return await _page(datasette, request, "index.html", given)


async def around_snapshot(request: Any, datasette: Any) -> Any:
    """The page that tells what the snapshot is and holds it in a sandboxed frame, at the cell asked for."""
    stored = await _stored(request, datasette)
    place = await _place(request, datasette)
    found = place is not None and snapshot.shows_place(
        snapshot.safe_page(stored.text, is_html=stored.is_html, place=place)
    )
    read = (await datasette.get_database(DATABASE).execute(READ_FROM, [stored.row["id"]])).first()
    given = {
        "stored": stored,
        "cell": request.args.get("cell"),
        "place": place,
        "found": found,
        "shown": await page.gather(datasette.get_database(DATABASE), read["id"], request.args.get("cell"))
        if read
        else None,
    }
    page_ = await datasette.render_template("snapshot.html", given, request=request)
    return Response.html(
        page_, headers={"Content-Security-Policy": AROUND_SNAPSHOT, "Referrer-Policy": "no-referrer"}
    )


async def inside_snapshot(request: Any, datasette: Any) -> Any:
    """The stored page, made safe."""
    stored = await _stored(request, datasette)
    shown = snapshot.safe_page(stored.text, is_html=stored.is_html, place=await _place(request, datasette))
    headers = {"Content-Security-Policy": snapshot.POLICY, "Referrer-Policy": "no-referrer"}
    return Response.html(shown, headers={**headers, "X-Content-Type-Options": "nosniff"})


async def bytes_of_snapshot(request: Any, datasette: Any) -> Any:
    """The bytes as the server sent them, to be saved, never to be shown."""
    stored = await _stored(request, datasette)
    if stored.trouble:
        raise NotFound(stored.trouble)
    headers = {
        "Content-Disposition": f'attachment; filename="{stored.file_name}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(stored.body, headers=headers, content_type="application/octet-stream")


async def report_by_key(request: Any, datasette: Any) -> Any:
    """The page of the report with this key: an address that outlives the numbers of this file.

    ``?version=2`` leads to that version's snapshot, ``?cell=table.row.column`` to a cell.
    """
    report = await _report(request, datasette)
    wanted = request.args.get("version")
    if wanted:
        sql = "SELECT snapshot_id FROM report_version WHERE report_id = ? AND doc_key = ? AND version = ?"
        found = await datasette.get_database(DATABASE).execute(sql, [report["id"], report["doc_key"], wanted])
        if not found.rows:
            raise NotFound(f"没有第 {wanted} 版 · no version {wanted}")
        return Response.redirect(datasette.urls.path(f"/-/snapshot/{found.rows[0][0]}"))
    address = datasette.urls.row(DATABASE, "report", str(report["id"]))
    cell = request.args.get("cell")
    return Response.redirect(f"{address}?cell={quote(cell)}#{quote(cell)}" if cell else address)


async def versions_of_report(request: Any, datasette: Any) -> Any:
    """Every version of the report's documents and what was different between them."""
    report = await _report(request, datasette)
    told = await history.gather(datasette.get_database(DATABASE), report)
    return await _page(datasette, request, "versions.html", {"history": told, "report": report})


async def county_page(request: Any, datasette: Any) -> Any:
    """A county's bodies by years."""
    code = unquote(request.url_vars["code"])
    found = await county.gather(datasette.get_database(DATABASE), code, _args(request))
    if found is None:
        raise NotFound(f"没有代码为 {code} 的区县 · no county has the code {code}")
    return await _page(datasette, request, "county.html", {"county": found, "signs": coverage.SIGNS})


async def agency_page(request: Any, datasette: Any) -> Any:
    """A body: its reports, its figures, its peers."""
    key = unquote(request.url_vars["key"])
    found = await agency.gather(datasette.get_database(DATABASE), key)
    if found is None:
        raise NotFound(f"没有这个机关 · no body has the key {key}")
    return await _page(datasette, request, "agency.html", {"agency": found, "signs": coverage.SIGNS})


async def charts_page(request: Any, datasette: Any) -> Any:
    """The charts."""
    drawn = await pictures.gather(datasette.get_database(DATABASE), _args(request))
    return await _page(datasette, request, "charts.html", {"charts": drawn})


async def search_page(request: Any, datasette: Any) -> Any:
    """Reports that hold the words."""
    found = await find.gather(datasette.get_database(DATABASE), _args(request))
    return await _page(datasette, request, "search.html", {"found": found})


async def problem_page(request: Any, datasette: Any) -> Any:
    """Where to write about a report, with what to write: its key and the finding's."""
    given = {"key": request.args.get("report", ""), "finding": request.args.get("finding", "")}
    return await _page(datasette, request, "problem.html", {**given, "contact": contact()})


async def atom_feed(request: Any, datasette: Any) -> Any:
    """What is new, as Atom."""
    here = datasette.absolute_url(request, datasette.urls.path("/-/new.atom"))
    base = datasette.absolute_url(request, datasette.urls.instance())
    body = await feed.atom(datasette.get_database(DATABASE), base=base, here=here)
    return Response(body, content_type="application/atom+xml; charset=utf-8")


async def _page(datasette: Any, request: Any, template: str, given: Mapping[str, Any]) -> Any:
    return Response.html(await datasette.render_template(template, dict(given), request=request))


async def _report(request: Any, datasette: Any) -> dict[str, Any]:
    key = unquote(request.url_vars["key"])
    found = await datasette.get_database(DATABASE).execute(REPORT, [key])
    if not found.rows:
        raise NotFound(f"没有这份报告 · no report has the key {key}")
    return dict(found.rows[0])


async def _stored(request: Any, datasette: Any) -> Stored:
    stored = await load(datasette.get_database(DATABASE), int(request.url_vars["id"]))
    if stored is None:
        raise NotFound("没有这份存档 · no such snapshot")
    return stored


async def _place(request: Any, datasette: Any) -> Place | None:
    """What to look for in the snapshot, if the address names a cell of the report that was read from it."""
    table, _, rest = (request.args.get("cell") or "").partition(".")
    db = datasette.get_database(DATABASE)
    found = (await db.execute(READ_FROM, [int(request.url_vars["id"])])).first() if rest else None
    form = forms().get(found["form"]) if found else None
    if found is None or form is None or table not in page.STATUTORY or table not in form.tables:
        return None
    ask = page.Asked(db)
    values, notes = await ask.tables(found["id"]), await ask.notes(found["id"])
    return place_of(form.tables[table], rest, values[table], notes)
