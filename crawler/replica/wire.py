"""Ways to put a body on the wire that are not the usual one: in pieces, slowly, half of it, or without end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from crawler.replica.model import Answer

Count = Callable[[int], None]
"""Told how many bytes have gone out, piece by piece."""
Send = Callable[[web.StreamResponse, Answer, Count], Awaitable[None]]
PIECE = 4096
TRICKLES = 20
FLOOD = 65536


def sending(answer: Answer) -> Send | None:
    """How the body of this answer is sent; ``None``: at once and whole."""
    if answer.cut or answer.stall:
        return _half
    if answer.endless:
        return _endless
    if answer.trickle:
        return _trickle
    return _chunked if answer.chunked and answer.status == 200 else None


async def send(way: Send, answer: Answer, whole: web.Response, request: web.BaseRequest, count: Count) -> web.StreamResponse:  # fmt: skip
    """Send the response ``whole`` in this way; ``count`` hears of every piece."""
    body = whole.body if isinstance(whole.body, bytes) else b""
    headers = {name: value for name, value in whole.headers.items() if name != "Content-Length"}
    stream = web.StreamResponse(status=whole.status, headers=headers)
    if answer.cut or answer.stall or answer.trickle:
        stream.content_length = len(body)
    else:
        stream.enable_chunked_encoding()
    await stream.prepare(request)
    promised = Answer(body, answer.status, trickle=answer.trickle, stall=answer.stall, endless=answer.endless)
    try:
        await way(stream, promised, count)
    except ConnectionError:  # the client has had enough: its good right
        return stream
    if (answer.cut or answer.stall) and request.transport is not None:
        request.transport.close()
    return stream


async def say_nothing(seconds: float, request: web.BaseRequest) -> None:
    """Keep the client waiting, at most so long as it waits, and hang up without an answer."""
    for _ in range(int(seconds * 10) + 1):
        if request.transport is None or request.transport.is_closing():
            return
        await asyncio.sleep(0.1)
    if request.transport is not None:
        request.transport.abort()


async def _pieces(stream: web.StreamResponse, body: bytes, size: int, pause: float, count: Count) -> None:
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        await stream.write(piece)
        count(len(piece))
        if pause:
            await asyncio.sleep(pause)


async def _chunked(stream: web.StreamResponse, answer: Answer, count: Count) -> None:
    """The whole body in pieces, without its length."""
    await _pieces(stream, answer.body, PIECE, 0, count)
    await stream.write_eof()


async def _trickle(stream: web.StreamResponse, answer: Answer, count: Count) -> None:
    """The whole body, a little at a time."""
    size = -(-len(answer.body) // TRICKLES)
    await _pieces(stream, answer.body, size, answer.trickle / TRICKLES, count)
    await stream.write_eof()


async def _half(stream: web.StreamResponse, answer: Answer, count: Count) -> None:
    """Promise the whole body, send half of it, wait, and hang up."""
    half = answer.body[: len(answer.body) // 2]
    await _pieces(stream, half, len(half) or 1, 0, count)
    await asyncio.sleep(answer.stall)


async def _endless(stream: web.StreamResponse, answer: Answer, count: Count) -> None:
    """The body again and again until enough is out."""
    block = answer.body * (FLOOD // len(answer.body) + 1)
    for _ in range(answer.endless // len(block) + 1):
        await stream.write(block)
        count(len(block))
    await stream.write_eof()
