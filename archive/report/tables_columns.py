"""Columns: what the header says about them, and which printed cells of a row stand for them.

The first reading follows the header's labels in the order they are printed; the second takes the values of a row in
order. Grid columns are evidence only: value spans often do not line up with header spans.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from archive.reference.forms import FormTable
from archive.report.labels import Match, is_cut, key, likeness, turned
from archive.report.tables_sheets import Head, Lexicon, PrintedRow, Value

_LIKE = 0.65
"""The share of a label's characters that a label in its place must have to be that one misspelt."""


@dataclass(slots=True)
class Header:
    """A header understood. ``codes`` are the columns in printed order, groups resolved, subtotals included; ``leaves``
    the same as their labels follow each other; ``spans`` tells whether a group's label reaches over its columns.

    ``places`` are their grid columns; ``friends`` the false friends met, by the column they look like; ``strangers``
    the labels that are no column of this table.
    """

    codes: list[str] = field(default_factory=list)
    leaves: list[str] = field(default_factory=list)
    spans: bool = False
    places: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    variants: dict[str, str] = field(default_factory=dict)
    friends: dict[str, str] = field(default_factory=dict)
    strangers: list[Head] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    covers: dict[int, str] = field(default_factory=dict)
    """The column under each grid column with a label, a label repeated over its span included."""

    def in_order(self, expected: Sequence[str]) -> bool:
        """Whether the columns found stand in the official order."""
        found = [code for code in self.codes if code not in self.extra]
        return found == [code for code in expected if code in found]


def read_header(heads: Sequence[Head], lexicon: Lexicon, table: FormTable, expected: Sequence[str]) -> Header:
    """Understand header cells, given in reading order, for a table or block with the ``expected`` columns."""
    header = Header()
    groups = {key(column.group): column.group for column in table.columns if column.group}
    order: list[str] = []
    extra = {column.code for column in table.extra_columns}
    for head in heads:
        name = key(head.text)
        if not name:
            continue
        if name in groups:
            header.spans |= head.colspan > 1 or f"={name}" in order
            if f"={name}" not in order:
                order.append(f"={name}")
            continue
        word = lexicon.word(head.text)
        match = word.columns.get(table.code)
        code = match.code if match else None
        if (match is None or match.quality == "ambiguous" or code not in expected) and code not in extra:
            code = _prefix_of(head, order, expected, table)
        if code is None:
            if table.code not in word.headers and not word.article and word.printed.kind == "text":
                header.strangers.append(head)
            continue
        header.covers[head.column] = code
        if code in header.places:
            continue
        header.places[code] = head.column
        order.append(code)
        if match is not None and match.quality == "false_friend":
            header.friends[code] = head.text
        elif code not in extra and not _is_known(match) and is_cut(head.text, table.column(code).label):
            header.cut.append(code)
        elif match is not None and match.quality != "official" and code not in extra:
            header.variants[code] = head.text
    header.extra = [code for code in order if code in extra]
    header.codes = _splice(order, table)
    header.leaves = [code for code in order if not code.startswith("=")]
    header.missing = [code for code in expected if code not in header.places]
    if header.missing and header.strangers:
        _place_strangers(header, table, expected)
    return header


def _place_strangers(header: Header, table: FormTable, expected: Sequence[str]) -> None:
    """A label in the very place of a missing one is that one badly misspelt, or else names another quantity."""
    places = reference_columns(header, expected)
    for code, place in zip(expected, places or (), strict=False):
        found = [head for head in header.strangers if head.column == place and head.colspan == 1]
        if code not in header.missing or len(found) != 1:
            continue
        text = found[0].text
        official = table.column(code).label
        resembles = likeness(key(official), key(text)) >= _LIKE and not turned(official, text)
        (header.variants if resembles else header.friends)[code] = text
        header.places[code] = place
        header.missing.remove(code)
        header.strangers.remove(found[0])
        header.codes = sorted([*header.codes, code], key=header.places.__getitem__)


_BESIDE = re.compile("(?:计量)?单位|备注|说明|序号|编号|行次")


def without_beside(row: PrintedRow, header: Header) -> PrintedRow:
    """The row without what stands in columns beside the form's own: a unit, a remark, last year's number.

    Only where a header's labels each have a grid column of their own, which in a table drawn in text they need not.
    Words that are known for such columns are left out wherever they stand. Any other column is only if the form's own
    are all there and every label of the header has one cell of the row.
    """
    places = header.places.values()
    if row.line is None or not header.strangers:
        return row
    known = [head.column for head in header.strangers if _BESIDE.fullmatch(key(head.text))]
    if len(set(places)) < len(places):
        extra = row.values[len(header.codes) :]
        is_known = 0 < len(extra) <= len(known) and all(value.printed.kind == "text" for value in extra)
        return replace(row, values=row.values[: len(header.codes)]) if is_known else row
    if beside := set(known) - set(places):
        row = replace(row, values=[value for value in row.values if value.column not in beside])
    others = [head for head in header.strangers if head.column not in beside]
    leaves = {column: code for code, column in header.places.items()} | {head.column: "" for head in others}
    lone = all(
        header.covers.keys().isdisjoint(range(head.column, head.column + head.colspan)) for head in others
    )
    if others and lone and not header.missing and leaves.keys() <= {value.column for value in row.values}:
        return replace(row, values=[v for v in row.values if leaves.get(v.column) != ""])
    if others and lone and not header.missing and len(leaves) == len(row.values):
        codes = [leaves[column] for column in sorted(leaves)]
        kept = [value for value, code in zip(row.values, codes, strict=True) if code]
        row = replace(row, values=kept)
    return row


def without_subtotals(row: PrintedRow, header: Header) -> PrintedRow:
    """The row without what stands in subtotal columns, if it has a cell for every column."""
    if not header.extra or len(row.values) != len(header.codes):
        return row
    pairs = zip(row.values, header.codes, strict=True)
    return replace(row, values=[value for value, code in pairs if code not in header.extra])


def _is_known(match: Match | None) -> bool:
    """Whether a label is one that the form's data list: then it is shorter than the official one, and not cut."""
    return match is not None and match.quality in ("official", "variant")


def _prefix_of(head: Head, order: Sequence[str], expected: Sequence[str], table: FormTable) -> str | None:
    """The column a cut label stands for by its position: the first expected one not yet met that begins so."""
    fitting = [code for code in expected if code not in order and is_cut(head.text, table.column(code).label)]
    return fitting[0] if fitting and len(key(head.text)) > 1 else None


def _splice(order: Sequence[str], table: FormTable) -> list[str]:
    """Put the columns of a group where the group's label stands; its cells are printed one line lower."""
    spliced: list[str] = []
    grouped = {
        f"={key(column.group)}": [
            c for c in order if c in {m.code for m in table.columns if m.group == column.group}
        ]
        for column in table.columns
        if column.group
    }
    members = {code for mark, codes in grouped.items() if mark in order for code in codes}
    subtotals = [c.code for c in table.extra_columns if c.code in order]
    for code in order:
        if code.startswith("="):
            spliced.extend(grouped[code])
        elif code not in members and code not in subtotals:
            spliced.append(code)
    for code in subtotals:
        place = _subtotal_place(code, order, table)
        at = spliced.index(place) if place in spliced else len(spliced)
        spliced.insert(at, code)
    return spliced


def _subtotal_place(code: str, order: Sequence[str], table: FormTable) -> str | None:
    """The column before which a subtotal column stands: its first or the one after its last part, as printed."""
    parts = next(column.sum_of for column in table.extra_columns if column.code == code)
    met = order.index(code)
    if any(part in order[:met] for part in parts):
        rest = [c.code for c in table.columns if c.code not in parts]
        last = [c.code for c in table.columns].index(parts[-1])
        return next((c.code for c in table.columns[last + 1 :] if c.code in rest), None)
    return parts[0]


def reference_columns(header: Header, expected: Sequence[str]) -> list[int] | None:
    """The grid columns of the expected columns, those of missing labels inferred from their neighbours."""
    known = {i: header.places[code] for i, code in enumerate(expected) if code in header.places}
    if len(known) == len(expected):
        columns = [known[i] for i in range(len(expected))]
    else:
        offsets = {column - i for i, column in known.items()}
        if len(offsets) != 1 or len(known) < 2:
            return None
        offset = offsets.pop()
        columns = [offset + i for i in range(len(expected))]
    return columns if columns and columns == sorted(set(columns)) and columns[0] >= 0 else None


def usual_columns(rows: Sequence[PrintedRow], count: int, spare: set[int]) -> list[int] | None:
    """The ``count`` grid columns at which the values of most rows begin, spare columns left out."""
    starts = Counter(tuple(v.column for v in row.values if v.column not in spare) for row in rows)
    if not starts:
        return None
    columns, often = starts.most_common(1)[0]
    return list(columns) if len(columns) == count and often * 2 > len(rows) else None


def empty_columns(rows: Sequence[PrintedRow]) -> set[int]:
    """Grid columns in which no row prints a value."""
    used = {v.column for row in rows for v in row.values if v.printed.kind != "blank"}
    return {v.column for row in rows for v in row.values} - used


def pick(
    row: PrintedRow,
    count: int,
    columns: Sequence[list[int] | None],
    spare: set[int],
    width: int = 0,
) -> list[Value | None] | None:
    """The ``count`` printed cells of this row, in order; ``None`` in the list for a cell that cannot be told.

    ``columns`` are the places where values are expected, best evidence first; ``spare`` columns hold no value in any
    row; ``width`` is how far the table's rows reach. ``None`` instead of a list: the row as a whole cannot be told.
    """
    values = row.values
    if row.line is None:
        if len(values) > count and all(value.printed.kind == "blank" for value in values[count:]):
            values = values[:count]
        return list(values) if len(values) == count else [] if not values else None
    if not values and not _reached(row, columns):
        return []
    known = [reference for reference in columns if reference]
    full = all(value.printed.kind != "blank" for value in values)
    if len(values) >= count and not full and not row.empty and row.reach < width:
        return None  # the row ends before the others: a cell is missing, and a blank one may not be its own
    if len(values) == count:
        aligned = any(_shift(values, reference) == 0 for reference in known)
        if aligned or full or row.empty or not known:
            return [value if value.rowspan == 1 else None for value in values]
        return None
    if len(values) > count:
        return _without_spare(values, count, known, spare)
    return _by_place(row, known)


def unrepeated(row: PrintedRow, header: Header, order: Sequence[str]) -> list[Value] | None:
    """One cell a column where spans are printed by repeating text; ``None`` if the cells do not look so."""
    cells: dict[str, Value] = {}
    for value in row.values:
        code = header.covers.get(value.column)
        if code is None or cells.setdefault(code, value).text != value.text:
            return None
    return [cells[code] for code in order] if set(cells) == set(order) else None


def sums_hold(rows: Iterable[PrintedRow], order: Sequence[str], table: FormTable) -> tuple[int, int]:
    """In how many rows the parts add up to the total if the values stand in this order, and in how many not.

    Rows with a value that is no number, and rows of nothing but zeros, say nothing.
    """
    held = failed = 0
    roles = {column.code: column.role for column in table.columns}
    for row in rows:
        numbers = [value.printed.value for value in row.values]
        if len(numbers) != len(order) or None in numbers or not any(numbers):
            continue
        parts = sum(n for n, code in zip(numbers, order, strict=True) if n and roles.get(code) == "part")
        total = sum(n for n, code in zip(numbers, order, strict=True) if n and roles.get(code) == "subtotal")
        held, failed = (held + 1, failed) if parts == total else (held, failed + 1)
    return held, failed


def _shift(values: Sequence[Value], reference: Sequence[int]) -> int | None:
    """By how many columns the values stand beside their places; ``None`` if not all by the same number."""
    shifts = {value.column - place for value, place in zip(values, reference, strict=False)}
    return shifts.pop() if len(shifts) == 1 and len(values) == len(reference) else None


def _without_spare(
    values: Sequence[Value], count: int, known: Sequence[list[int]], spare: set[int]
) -> list[Value | None] | None:
    """The values among more cells than columns: the cells at the known places, or those not in spare columns."""
    for reference in known:
        chosen = [value for value in values if value.column in reference]
        rest = [value for value in values if value.column not in reference]
        if len(chosen) == count and all(value.printed.kind == "blank" for value in rest):
            return [value if value.rowspan == 1 else None for value in chosen]
    if known:
        return None
    chosen = [value for value in values if value.column not in spare]
    return [value if value.rowspan == 1 else None for value in chosen] if len(chosen) == count else None


def _by_place(row: PrintedRow, known: Sequence[list[int]]) -> list[Value | None] | None:
    """The values of a row with too few cells: those that stand at one known place and cover no other."""
    line = row.line or []
    if not row.values:  # only cells of earlier rows reach into this one
        return None
    for reference in known:
        if reference[-1] >= len(line) or row.values[-1].column + row.values[-1].colspan <= reference[-1]:
            continue  # the row ends too early: a cell is missing, and it may be any
        if any(
            (cell := line[place]) is not None
            and cell.row == row.number
            and cell.column < row.values[0].column
            for place in reference
        ):
            continue  # the row's label stands where values should
        own = {value.column: value for value in row.values}
        places = set(reference)
        if any(not any(v.column <= place < v.column + v.colspan for place in places) for v in row.values):
            continue
        chosen: list[Value | None] = []
        for place in reference:
            value = own.get(place)
            alone = (
                value is not None
                and value.rowspan == 1
                and len(places & set(range(place, place + value.colspan))) == 1
            )
            chosen.append(value if alone else None)
        return chosen
    return None


def _reached(row: PrintedRow, columns: Sequence[list[int] | None]) -> bool:
    """Whether a cell of an earlier row reaches into the value columns of this row."""
    line = row.line or []
    places = next((reference for reference in columns if reference), [])
    return any(
        place < len(line) and (cell := line[place]) is not None and cell.row < row.number for place in places
    )
