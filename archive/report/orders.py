"""Rows by order: the second reading, which knows only how many rows the form has and in which order.

A row is taken for what its label says. The order says the same independently; where a label is doubtful the two must
support each other, and where they contradict each other the reader says so instead of choosing in silence.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from archive.reference.forms import Alternate, FormTable
from archive.report.labels import Match, TableLabels, bare, key, likeness, turned
from archive.report.tables_sheets import PrintedRow

_LIKE = 0.6
_SUBTOTAL = re.compile(r"小计[:：]?\Z")
_SURE = ("official", "variant")


@dataclass(slots=True)
class Alignment:
    """The printed rows of one table, each with the row of the form it is.

    ``unknown`` rows are none of the form's, ``subtotals`` are rows of a group's sum, ``twice`` are codes that two rows
    claim, ``displaced`` codes stand in another order than the form's.
    """

    rows: dict[str, PrintedRow] = field(default_factory=dict)
    alternate: str | None = None
    unknown: list[PrintedRow] = field(default_factory=list)
    subtotals: dict[str, PrintedRow] = field(default_factory=dict)
    twice: dict[str, list[PrintedRow]] = field(default_factory=dict)
    displaced: list[str] = field(default_factory=list)
    counted: bool = False
    """Whether the number of rows is exactly the form's, so that the order alone gives a complete reading."""


def by_order(count: int, table: FormTable, alternate: str | None) -> tuple[str, ...] | None:
    """The codes of ``count`` rows from the order alone, or ``None`` if the form has another number of rows."""
    codes = table.row_codes(alternate)
    return codes if count == len(codes) else None


def align(printed: list[PrintedRow], table: FormTable, labels: TableLabels) -> Alignment:
    """Give every printed row its place in the form, or say that it has none."""
    rows = _join_broken(printed, labels)
    result = Alignment(alternate=_alternate(rows, table))
    data: list[PrintedRow] = []
    for row in rows:
        if not _set_aside(row, table, labels, result) and not _is_subtotal(row, data, table, labels, result):
            data.append(row)
    official = table.row_codes(result.alternate)
    guess = by_order(len(data), table, result.alternate)
    result.counted = guess is not None
    codes = [row.code if row.code in official else None for row in data]
    for i, code in enumerate(codes):
        if code is None:
            codes[i] = _supported(i, codes, data, official, guess, table)
    _drop_doubles(codes, data)
    counts = Counter(code for code in codes if code)
    for row, code in zip(data, codes, strict=True):
        if code is None:
            if not row.empty:
                result.unknown.append(row)
        elif counts[code] > 1:
            result.twice.setdefault(code, []).append(row)
        else:
            result.rows[code] = row
    result.displaced = _displaced([c for c in codes if c], official)
    return result


def _drop_doubles(codes: list[str | None], data: list[PrintedRow]) -> None:
    """Where one row bears a label as the form has it, another that only resembles it is none of the form's."""
    sure = Counter(
        code for code, row in zip(codes, data, strict=True) if row.match and row.match.quality in _SURE
    )
    for i, (code, row) in enumerate(zip(codes, data, strict=True)):
        if code and sure[code] and not (row.match and row.match.quality in _SURE):
            codes[i] = None


def _alternate(rows: list[PrintedRow], table: FormTable) -> str | None:
    """The alternate row that this print uses in place of others: it is there with values, or they are not there."""
    present = {row.code for row in rows}
    for choice in table.alternates:
        if choice.row.code in present and not present & set(choice.replaces):
            return choice.row.code
    return None


def _set_aside(row: PrintedRow, table: FormTable, labels: TableLabels, result: Alignment) -> bool:
    """Whether this row is a group's label, alone or with the group's subtotals."""
    replaced: Alternate | None = next((a for a in table.alternates if a.row.code == row.code), None)
    if row.code is not None and (replaced is None or result.alternate == row.code):
        return False
    group = labels.groups.find(row.label) if row.label else None
    if group is None and replaced is None:
        return not row.values and row.match is None
    if not row.empty:
        result.subtotals[group.code if group else str(row.code)] = row
    return True


def _is_subtotal(
    row: PrintedRow, before: list[PrintedRow], table: FormTable, labels: TableLabels, result: Alignment
) -> bool:
    """Whether this row prints the sum of a group: of the one it names, or of the one that ends above it."""
    if row.code is not None or not (found := _SUBTOTAL.search(key(row.label))):
        return False
    named = key(row.label)[: found.start()] or (row.labels[0] if len(row.labels) > 1 else "")
    group = labels.groups.find(named) if named else None
    if group is None and not named:
        above = next((r.code for r in reversed(before) if r.code), None)
        label = table.row(above).group if above else None
        group = labels.groups.exact(label) if label else None
    if group is None or group.code in result.subtotals:
        return False
    result.subtotals[group.code] = row
    return True


def _join_broken(rows: list[PrintedRow], labels: TableLabels) -> list[PrintedRow]:
    """Join a row whose label a page break cut in two: two neighbours, one without values, one label together."""
    joined: list[PrintedRow] = []
    skip = False
    for row, after in zip(rows, [*rows[1:], None], strict=True):
        if skip:
            skip = False
            continue
        doubtful = row.match is None or row.match.quality not in _SURE
        if doubtful and after is not None and after.match is None and (row.empty or after.empty):
            whole = labels.rows.exact(row.label + after.label)
            if whole is not None:
                kept = after if row.empty else row
                kept.match, kept.label, skip = whole, row.label + after.label, True
                joined.append(kept)
                continue
        joined.append(row)
    return joined


def _supported(
    i: int,
    codes: list[str | None],
    data: list[PrintedRow],
    official: tuple[str, ...],
    guess: tuple[str, ...] | None,
    table: FormTable,
) -> str | None:
    """The code that order gives a row with a doubtful label, if the label is at least like it."""
    candidate = guess[i] if guess else _only_gap(i, codes, official)
    if candidate is None or candidate in codes:
        return None
    row = data[i]
    label = table.row(candidate).label
    text = bare(row.context or row.label)
    own = bare(row.label).replace(bare(table.row(candidate).group or row.label), "")
    if likeness(bare(label), text) < _LIKE or turned(bare(label), own or bare(row.label)):
        return None
    if any(bare(stranger) in text for stranger in table.unknown_labels):
        return None
    row.match = Match(candidate, "misspelt", label)
    return candidate


def _only_gap(i: int, codes: list[str | None], official: tuple[str, ...]) -> str | None:
    """The code for a row without one, if the rows around it leave as many codes as there are such rows."""
    start = i
    while start > 0 and codes[start - 1] is None:
        start -= 1
    end = i
    while end + 1 < len(codes) and codes[end + 1] is None:
        end += 1
    before = official.index(codes[start - 1] or "") if start > 0 else -1
    after = official.index(codes[end + 1] or "") if end + 1 < len(codes) else len(official)
    if after - before - 1 == end - start + 1:
        return official[before + 1 + (i - start)]
    return None


def _displaced(codes: list[str], official: tuple[str, ...]) -> list[str]:
    """The codes that do not stand in the form's order: what must be taken out to leave an increasing sequence."""
    places = [official.index(code) for code in codes]
    if places == sorted(places):
        return []
    chains: list[list[int]] = []
    for place in places:
        before: list[int] = max(
            (chain for chain in chains if chain[-1] < place), key=lambda c: len(c), default=[]
        )
        chains.append([*before, place])
    longest = max(len(chain) for chain in chains)
    kept = set(next(chain for chain in chains if len(chain) == longest))
    return [official[place] for place in places if place not in kept]
