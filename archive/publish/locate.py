"""Where in a stored page a cell of the report stands: found only if the whole row says so, else not at all.

A row of the page is taken for the report's row if it prints, in order, exactly what was read from it, and one of its
labels (or those above and left of it) is the row's. Two rows that fit are none: a wrong place would be worse than no place.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from archive.publish.meaning import note_on
from archive.publish.printed import Values, alternate_of, layout_with, print_of
from archive.reference.forms import FormTable
from archive.report.labels import bare

MAX_SPAN = 60
"""No table of the forms is wider; what claims more is not believed."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is looked for: the line of the form that holds the cell, as it was read.

    ``labels`` are those that may stand at its left, ``prints`` what the line prints, ``at`` the cell's place in it.
    """

    labels: frozenset[str]
    prints: tuple[str, ...]
    at: int


def place_of(table: FormTable, key: str, values: Values, notes: Sequence[Mapping[str, Any]]) -> Place | None:
    """The line of the form in which a cell (``row.column``) stands; ``None`` if this report has no such cell."""
    for line in layout_with(table, alternate_of(table, values)):
        names = [cell.value for cell in line if cell.value]
        if key not in names:
            continue
        labels: set[str] = set()
        prints = []
        for name in names:
            row, column = name.split(".")
            entry = table.row(row)
            labels |= {bare(label) for label in (entry.label, *entry.variants)}
            prints.append(print_of(values.get(row, {}).get(column), note_on(notes, table.code, row, column)))
        return Place(frozenset(labels), tuple(prints), names.index(key))
    return None


def locate(root: etree._Element, place: Place) -> etree._Element | None:
    """The ``td`` that holds the cell, or ``None`` if it cannot be told."""
    wanted = [_plain(text) for text in place.prints]
    found = [
        cells[start + place.at]
        for table in root.iter("table")
        for cells, lead in _rows(table)
        for start in _runs([_plain(_text(cell)) for cell in cells], wanted)
        if place.labels & {bare(text) for text in [*lead, *map(_text, cells[:start])]}
    ]
    return found[0] if len(found) == 1 else None


def _runs(texts: Sequence[str], wanted: Sequence[str]) -> Iterator[int]:
    """Where the wanted texts stand, to the right end of the row."""
    start = len(texts) - len(wanted)
    if start >= 0 and list(texts[start:]) == list(wanted):
        yield start


def _rows(table: etree._Element) -> Iterator[tuple[list[etree._Element], list[str]]]:
    """The cells that begin in each row, and the texts that reach down to it or head it."""
    reaching: list[tuple[int, str]] = []
    heads: list[str] = []
    for row in table.iter("tr"):
        if next(row.iterancestors("table"), None) is not table:
            continue
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        yield cells, [text for _, text in reaching] + heads
        reaching = [(left - 1, text) for left, text in reaching if left > 1]
        reaching += [(span - 1, _text(cell)) for cell in cells if (span := _span(cell)) > 1]
        if cells and not any(character.isdigit() for cell in cells for character in _text(cell)):
            heads += map(_text, cells)


def _span(cell: etree._Element) -> int:
    value = cell.get("rowspan", "1").strip()
    return min(int(value), MAX_SPAN) if value.isascii() and value.isdigit() else 1


def _text(cell: etree._Element) -> str:
    return "".join(map(str, cell.itertext()))


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).replace(",", "").split())
