"""A ``Document`` as JSON and back: how it crosses the wall of the sandbox.

What comes back was written by a process that read hostile bytes, so decoding trusts nothing: every value is checked
for its type, every table for its shape, and anything unexpected is a ``WireError``.
"""

from __future__ import annotations

import json
from typing import Any, TypeVar, cast, get_args

from archive.report.document import Block, Document, Format, Paragraph, Table, TableCell
from archive.report.model import Attachment, Finding, Outcome, Severity

MAX_PLACES = 4_000_000
"""Places of all tables of one document together: far above any report, far below what hurts the receiver."""

T = TypeVar("T")


class WireError(ValueError):
    """The bytes are not a document as ``encode`` writes it."""


def encode(document: Document) -> bytes:
    """The document as UTF-8 JSON. A cell that covers several places is written once and stays one object."""
    value = {
        "format": document.format,
        "encoding": document.encoding,
        "blocks": [_block_out(block) for block in document.blocks],
        "furniture": document.furniture,
        "hidden": document.hidden,
        "titles": document.titles,
        "metas": document.metas,
        "attachments": [[a.url, a.name, a.type] for a in document.attachments],
        "images": document.images,
        "trouble": document.trouble,
        "findings": [_finding_out(finding) for finding in document.findings],
    }
    # A lone surrogate (from a broken text layer) has no UTF-8; it was unreadable before and is a "?" after.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def decode(data: bytes) -> Document:
    """The document that ``encode`` wrote. Raises ``WireError`` for anything else."""
    try:
        value = json.loads(data)
        return _document_in(value)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise WireError(str(error)) from error


def _block_out(block: Block) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {"text": block.text, "emphasis": block.emphasis}
    cells: list[TableCell] = []
    seen: dict[int, int] = {}
    grid: list[list[int | None]] = []
    for row in block.grid:
        places: list[int | None] = []
        for cell in row:
            if cell is None:
                places.append(None)
                continue
            if id(cell) not in seen:
                seen[id(cell)] = len(cells)
                cells.append(cell)
            places.append(seen[id(cell)])
        grid.append(places)
    return {
        "cells": [[c.text, c.row, c.column, c.rowspan, c.colspan, c.has_image] for c in cells],
        "grid": grid,
        "caption": block.caption,
    }


def _finding_out(finding: Finding) -> dict[str, Any]:
    return {name: getattr(finding, name) for name in Finding.__slots__}


def _is(kind: type[T], value: Any) -> T:
    # bool is an int to isinstance; here it is a mistake.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"{kind.__name__} expected, not {type(value).__name__}")
    return value


def _maybe(kind: type[T], value: Any) -> T | None:
    return None if value is None else _is(kind, value)


def _one_of(kind: Any, value: Any) -> Any:
    if value not in get_args(kind):
        raise TypeError(f"{value!r} is none of {get_args(kind)}")
    return value


def _number(value: Any) -> int | float | str | None:
    if value is None or (isinstance(value, int | float | str) and not isinstance(value, bool)):
        return value
    raise TypeError("a number or a text expected")


def _document_in(value: Any) -> Document:
    value = _is(dict, value)
    budget = [MAX_PLACES]
    return Document(
        format=cast(Format, _one_of(Format, value["format"])),
        encoding=_maybe(str, value["encoding"]),
        blocks=[_block_in(_is(dict, block), budget) for block in _is(list, value["blocks"])],
        furniture=[_is(str, line) for line in _is(list, value["furniture"])],
        hidden=[_is(str, line) for line in _is(list, value["hidden"])],
        titles=[_is(str, title) for title in _is(list, value["titles"])],
        metas={_is(str, name): _is(str, text) for name, text in _is(dict, value["metas"]).items()},
        attachments=[
            Attachment(*(_is(str, part) for part in _is(list, a))) for a in _is(list, value["attachments"])
        ],
        images=_is(int, value["images"]),
        trouble=_maybe(str, value["trouble"]),
        findings=[_finding_in(_is(dict, finding)) for finding in _is(list, value["findings"])],
    )


def _block_in(value: dict[str, Any], budget: list[int]) -> Block:
    if "text" in value:
        return Paragraph(_is(str, value["text"]), emphasis=_is(bool, value["emphasis"]))
    cells = [
        TableCell(
            _is(str, text),
            _is(int, row),
            _is(int, column),
            _is(int, rowspan),
            _is(int, colspan),
            _is(bool, image),
        )
        for text, row, column, rowspan, colspan, image in _is(list, value["cells"])
    ]
    grid: list[list[TableCell | None]] = []
    for row in _is(list, value["grid"]):
        budget[0] -= len(_is(list, row))
        if budget[0] < 0:
            raise ValueError("more table places than any report has")
        grid.append([None if place is None else _cell(cells, _is(int, place)) for place in row])
    return Table(grid, caption=_maybe(str, value["caption"]))


def _cell(cells: list[TableCell], place: int) -> TableCell:
    if place < 0:
        raise IndexError("negative cell number")
    return cells[place]


def _finding_in(value: dict[str, Any]) -> Finding:
    return Finding(
        rule=_is(str, value["rule"]),
        severity=cast(Severity, _one_of(Severity, value["severity"])),
        message=_is(str, value["message"]),
        message_zh=_is(str, value["message_zh"]),
        outcome=cast(Outcome, _one_of(Outcome, value["outcome"])),
        left=_number(value["left"]),
        left_where=_maybe(str, value["left_where"]),
        right=_number(value["right"]),
        right_where=_maybe(str, value["right_where"]),
        difference=cast("int | float | None", _number(value["difference"])),
        cells=tuple(_is(str, cell) for cell in _is(list, value["cells"])),
        quote=_maybe(str, value["quote"]),
        explained=_maybe(str, value["explained"]),
    )
