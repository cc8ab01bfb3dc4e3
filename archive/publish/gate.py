"""What is refused at the door, before any page is made, and how a request that failed is answered.

Nobody needs more than to read: no method but GET and HEAD, none of Datasette's own pages for those who run it (they tell
where files lie), and, where something is withheld, no statement about the search index, which still knows its words.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

from datasette.database import QueryInterrupted
from datasette.utils.asgi import Base400, Request, Response
from datasette.views.base import DatasetteError

INDEX = "report_fts"
READING = ("GET", "HEAD")
OPEN = ("/-/static/", "/-/static-plugins/")

NOT_A_METHOD = "这里只供阅读 · nothing can be written here"
NOT_A_PAGE = "没有这一页 · no such page"
NO_INDEX = "这个存档有隐去的内容，不能直接查询检索表；请用查找页 · some reports are withheld: please use the search page"
BAD_LIST = "__in 和 __notin 的值须是逗号分隔的词，或 JSON 数组 · the value must be words with commas between, or a JSON array"

TOO_BUSY = "服务器太忙，没能在限时内查完；请稍后再试 · too busy to finish in time; please try again"
UNFORESEEN = "出错了，已记下 · an error; it was noted"


def refusal(scope: Any, ours: Callable[[str], bool], *, guarded: bool) -> tuple[int, str] | None:
    """Status and sentence for a request that gets no page; ``None`` for all others.

    ``ours`` tells which addresses below ``/-/`` have a page; ``guarded`` whether something is withheld.
    """
    path = scope["path"]
    if scope["method"] not in READING:
        return 405, NOT_A_METHOD
    if path.startswith("/-/") and not path.startswith(OPEN) and not ours(path):
        return 404, NOT_A_PAGE
    if guarded and INDEX in unquote_plus(f"{path}?{scope['query_string'].decode('latin-1')}").lower():
        return 403, NO_INDEX
    return None


async def answer(datasette: Any, request: Request, status: int, said: str) -> Response:
    """The page, or the JSON, that tells what went wrong."""
    told = {"ok": False, "error": said, "status": status, "title": None}
    if request.path.endswith(".json"):
        return Response.json(told, status=status)
    page = await datasette.render_template("error.html", told, request=request)
    return Response.html(page, status=status)


async def failed(datasette: Any, request: Request, exception: Exception) -> Response:
    """As Datasette answers, with what every page of ours has; a visitor's mistake is none of the server's."""
    if isinstance(exception, Base400):
        return await answer(datasette, request, exception.status, str(exception.args[0]))
    if isinstance(exception, DatasetteError):
        status = 400 if exception.status == 500 else exception.status
        return await answer(datasette, request, status, exception.message)
    if isinstance(exception, json.JSONDecodeError) and any(
        name.endswith(("__in", "__notin")) for name in request.args
    ):
        return await answer(datasette, request, 400, BAD_LIST)
    if isinstance(exception, QueryInterrupted):
        return await answer(datasette, request, 503, TOO_BUSY)
    return await answer(datasette, request, 500, UNFORESEEN)  # Datasette has put it in the log
