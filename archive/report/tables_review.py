"""Table 4: fifteen numbers, printed as one row, as three rows or tables of five, or down the page.

Its header labels are often cut to their first line (结果 for 结果维持 and 结果纠正), so a row of fifteen is read by
position; the labels that can be read must not contradict it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from archive.reference.forms import FormTable
from archive.report.labels import is_cut, key
from archive.report.tables_columns import pick
from archive.report.tables_fill import Filling
from archive.report.tables_sheets import REVIEW, Head, Lexicon, PrintedRow, Sheet, Value


@dataclass(slots=True)
class _Labels:
    """The labels around one row of values: ``blocks`` (rows of the form) and ``leaves`` (its columns)."""

    blocks: list[str] = field(default_factory=list)
    leaves: list[str | None] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)


def read_review(sheet: Sheet, table: FormTable, lexicon: Lexicon) -> Filling:
    """The fifteen cells of table 4, whichever way they are laid out."""
    filling = Filling(table)
    rows = [row for row in sheet.rows if not row.empty or _is_labelled(row, lexicon)] or sheet.rows[:3]
    block: str | None = None
    header: list[Head] = []
    for row in rows:
        if row.header is not header:
            header, block = row.header, None
        own = _labels([Head(text, i) for i, text in enumerate(row.labels)], lexicon, table)
        above = _labels(row.header, lexicon, table)
        if len(own.blocks) > 1:  # the header of a table printed down the page, run into its first row
            above, own, block = own, replace(own, blocks=[]), None
        block = own.blocks[-1] if own.blocks else block
        if own.leaves:
            _down_the_page(filling, row, own, above, block)
        elif own.blocks or (len(above.blocks) == 1 and not _is_whole(row, above, table)):
            _row_of_five(filling, row, own.blocks[-1] if own.blocks else above.blocks[0], above)
        else:
            _row_of_fifteen(filling, row, above)
    filling.finish()
    return filling


def _is_whole(row: PrintedRow, above: _Labels, table: FormTable) -> bool:
    """Whether fifteen labels stand over fifteen values, though only one block is named: 行政诉讼 is not parted in two."""
    return len(above.leaves) == len(row.values) == len(table.rows) * len(table.columns)


def _is_labelled(row: PrintedRow, lexicon: Lexicon) -> bool:
    """Whether a row without a number says by its labels which cells it leaves blank."""
    return any(REVIEW in lexicon.word(text).tables for text in row.labels)


def _labels(heads: Sequence[Head], lexicon: Lexicon, table: FormTable) -> _Labels:
    """The blocks and leaves among these labels. A leaf that is cut or no known label is ``None`` with its text."""
    found = _Labels()
    seen: set[tuple[str, int]] = set()
    at: dict[str, tuple[int, int]] = {}
    groups: dict[str, int] = {}
    for head in heads:
        word = lexicon.word(head.text)
        name = key(head.text)
        if (name, head.column) in seen:  # a span printed as repeated text
            continue
        seen.add((name, head.column))
        if match := word.rows.get(REVIEW):
            at.setdefault(match.code, (head.column, head.column))
        elif REVIEW in word.groups and (group := lexicon.labels[REVIEW].groups.find(head.text)):
            groups.setdefault(group.official, head.column)
        elif (column := word.columns.get(REVIEW)) and column.quality != "ambiguous":
            cut = column.quality != "variant" and is_cut(head.text, column.official)
            found.leaves.append(column.code)
            found.texts.append(head.text if cut or column.quality == "misspelt" else "")
            found.places.append(head.column)
        elif len(name) > 1 and any(is_cut(head.text, column.label) for column in table.columns):
            found.leaves.append(None)
            found.texts.append(head.text)
            found.places.append(head.column)
    # A block stands where its group's label does: in running text all lines of a header follow each other.
    for code, (_, own) in at.items():
        group_label = table.row(code).group
        if group_label is not None and group_label in groups:
            at[code] = (groups[group_label], own)
    found.blocks = sorted(at, key=lambda code: at[code])
    # A header of several lines is read from left to right, whatever line a label stands on.
    order = sorted(range(len(found.places)), key=lambda i: found.places[i])
    found.leaves = [found.leaves[i] for i in order]
    found.texts = [found.texts[i] for i in order]
    found.places = [found.places[i] for i in order]
    return found


def _row_of_fifteen(filling: Filling, row: PrintedRow, above: _Labels) -> None:
    table = filling.table
    blocks, leaves = [r.code for r in table.rows], [c.code for c in table.columns]
    cells = [(block, leaf) for block in blocks for leaf in leaves]
    if len(above.blocks) == 2 and len(above.leaves) == len(row.values) == 2 * len(leaves):
        blocks = [block for block in blocks if block in above.blocks]  # the third has a table of its own
        cells = [(block, leaf) for block in blocks for leaf in leaves]
    order = cells
    fits = _fits(above.leaves, above.texts, leaves * len(blocks), table)
    in_order = above.blocks == [b for b in blocks if b in above.blocks]
    if not in_order:
        if sorted(above.blocks) != sorted(blocks) or not fits or len(above.leaves) != len(cells):
            fits = False
        else:
            order = [(block, leaf) for block in above.blocks for leaf in leaves]
            _say_order(filling, above.blocks, blocks, row)
    elif not fits and len(above.leaves) == len(cells) and all(above.leaves):
        order, fits = _permuted(filling, row, above, blocks, leaves)
    if not fits and in_order and order == cells and _sums_hold(row, len(leaves)):
        fits = True  # header labels broken beyond order, as in a PDF's text; the totals bear the position out
    places = sorted(set(above.places))
    chosen = (
        pick(row, len(cells), [places if len(places) == len(cells) else None], _spare(row)) if fits else None
    )
    _say_labels(filling, above, expected=len(cells))
    if above.leaves and (
        unnamed := [table.row(block).label for block in blocks if block not in above.blocks]
    ):
        filling.say("HDR-COLUMN-MISSING", once="blocks", labels="、".join(unnamed))
    if chosen is None:
        _unreadable(filling, cells, row)
        return
    _put(filling, order, chosen or [None] * len(cells), row, blank=not chosen)


def _sums_hold(row: PrintedRow, size: int) -> bool:
    """Whether there are exactly three blocks of numbers, not all zero, each ending in the sum of its parts."""
    numbers = [value.printed.value for value in row.values]
    if len(numbers) != 3 * size or not any(numbers):
        return False
    known = [number for number in numbers if number is not None]
    blocks = [known[i : i + size] for i in range(0, len(known), size)]
    return len(known) == len(numbers) and all(sum(block[:-1]) == block[-1] for block in blocks)


def _permuted(
    filling: Filling, row: PrintedRow, above: _Labels, blocks: list[str], leaves: list[str]
) -> tuple[list[tuple[str, str]], bool]:
    """Complete labels in another order than the form's: the labels count, and it is said."""
    found = [str(leaf) for leaf in above.leaves]
    size = len(leaves)
    order = [(block, leaf) for i, block in enumerate(blocks) for leaf in found[i * size : (i + 1) * size]]
    complete = len(set(order)) == len(order)
    if complete:
        _say_order(filling, found[:size], leaves, row)
    return order, complete


def _fits(
    found: Sequence[str | None], texts: Sequence[str], expected: Sequence[str], table: FormTable
) -> bool:
    """Whether the labels found stand in the order of the expected ones, some of which may be missing or cut."""
    at = 0
    for leaf, text in zip(found, texts, strict=True):
        while at < len(expected):
            at += 1
            here = expected[at - 1]
            if leaf == here or (leaf is None and is_cut(text, table.column(here).label)):
                break
        else:
            return False
    return True


def _spare(row: PrintedRow) -> set[int]:
    return {value.column for value in row.values if value.printed.kind == "blank"}


def _row_of_five(filling: Filling, row: PrintedRow, block: str, above: _Labels) -> None:
    leaves = [column.code for column in filling.table.columns]
    order = leaves
    fits = _fits(
        above.leaves, above.texts, leaves * max(1, -(-len(above.leaves) // len(leaves))), filling.table
    )
    if not fits and len(above.leaves) == len(leaves) and set(above.leaves) == set(leaves):
        order, fits = [str(leaf) for leaf in above.leaves], True
        _say_order(filling, order, leaves, row)
    places = above.places[: len(leaves)]
    known = places if len(places) == len(leaves) and places == sorted(set(places)) else None
    chosen = pick(row, len(leaves), [known], _spare(row)) if fits else None
    _say_labels(filling, above, expected=len(leaves))
    cells = [(block, leaf) for leaf in order]
    if chosen is None:
        _unreadable(filling, cells, row)
        return
    _put(filling, cells, chosen or [None] * len(cells), row, blank=not chosen)


def _down_the_page(
    filling: Filling, row: PrintedRow, own: _Labels, above: _Labels, block: str | None
) -> None:
    """A row for one leaf: its value for the block at the left, or one value for each block above."""
    blocks = [r.code for r in filling.table.rows]
    leaf = own.leaves[-1]
    printed = [value for value in row.values if value.printed.kind != "blank"]
    size = 1 if block is not None else len(blocks)
    spare = all(value.printed.kind == "blank" for value in row.values[size:])
    values: Sequence[Value] = row.values[:size] if spare and len(row.values) >= size else printed
    if leaf is None:
        filling.say("ROW-UNKNOWN", quote=row.raw(), label=row.label)
    elif block is not None and len(values) <= 1:
        _put(filling, [(block, leaf)], list(values) or [None], row, blank=not values)
    elif sorted(above.blocks) == sorted(blocks) and len(values) == len(blocks):
        if above.blocks != blocks:
            _say_order(filling, above.blocks, blocks, row)
        _put(filling, [(b, leaf) for b in above.blocks], list(values), row, blank=False)
    else:
        _unreadable(filling, [(b, leaf) for b in ([block] if block else blocks)], row)


def _put(
    filling: Filling,
    cells: Sequence[tuple[str, str]],
    chosen: Sequence[Value | None],
    row: PrintedRow,
    *,
    blank: bool,
) -> None:
    """Put values at their cells; a cell already filled with another value is told twice, so it is not known."""
    for (block, leaf), value in zip(cells, chosen, strict=True):
        known = filling.values.get(block, {})
        if leaf in known:
            if value is None or known[leaf] != value.printed.value:
                filling.notes = [n for n in filling.notes if (n.row, n.column) != (block, leaf)]
                filling.null(block, [leaf], "unreadable", row.raw())
                filling.say("TABLE-TWICE", [f"{block}.{leaf}"], once="twice", quote=row.raw())
        elif value is not None:
            filling.put(block, leaf, value.text, value.printed)
        elif blank:
            filling.put(block, leaf, "")
        else:
            filling.null(block, [leaf], "unreadable", row.raw())
            _doubt(filling, [(block, leaf)], row)


def _unreadable(filling: Filling, cells: Sequence[tuple[str, str]], row: PrintedRow) -> None:
    for block, leaf in cells:
        if leaf not in filling.values.get(block, {}):
            filling.null(block, [leaf], "unreadable", row.raw())
    _doubt(filling, cells, row)


def _doubt(filling: Filling, cells: Sequence[tuple[str, str]], row: PrintedRow) -> None:
    """The values of a row do not stand for these cells one by one."""
    table = filling.table
    filling.disagree(
        "values",
        [f"{block}.{leaf}" for block, leaf in cells],
        what=row.label.replace("\n", "").strip() or table.row(cells[0][0]).label,
        label=[f"{table.row(block).label}.{table.column(leaf).label}" for block, leaf in cells],
        order=" | ".join(value.text.replace("\n", "").strip() or "—" for value in row.values),
        quote=row.raw(),
    )


def _say_order(filling: Filling, printed: Sequence[str], official: Sequence[str], row: PrintedRow) -> None:
    """The header's labels stand in another order than the form's, and are followed."""
    names = {r.code: r.label for r in filling.table.rows} | {c.code: c.label for c in filling.table.columns}
    filling.disagree(
        "columns",
        (),
        what="表头",
        label=[names[code] for code in printed],
        order=[names[code] for code in official],
        quote=row.raw(),
        read=True,
    )


def _say_labels(filling: Filling, above: _Labels, *, expected: int) -> None:
    """What the header's labels lack."""
    if any(above.texts):
        filling.say("HDR-TRUNCATED", once=REVIEW, quote=" ".join(dict.fromkeys(t for t in above.texts if t)))
    if len(above.leaves) < expected and not filling.said & {("HDR-TRUNCATED", REVIEW)}:
        filling.say("HDR-COLUMN-MISSING", once=REVIEW, labels=str(expected - len(above.leaves)))
