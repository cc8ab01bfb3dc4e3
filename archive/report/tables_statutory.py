"""Tables 2 and 3: from the rows of a sheet to the cells of the form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from archive.reference.forms import FormTable
from archive.report.cells import Printed
from archive.report.labels import Match, soft_key
from archive.report.orders import Alignment, align
from archive.report.tables_columns import (
    Header,
    empty_columns,
    pick,
    read_header,
    reference_columns,
    sums_hold,
    unrepeated,
    usual_columns,
    without_beside,
    without_subtotals,
)
from archive.report.tables_fill import Filling
from archive.report.tables_money import put_money, unit_in
from archive.report.tables_sheets import Lexicon, PrintedRow, Sheet, Value


def read_active(sheet: Sheet, table: FormTable, lexicon: Lexicon) -> Filling:
    """Table 2: blocks of rows, each under its own header; a row has the columns the form gives it."""
    aligned = align(sheet.rows, table, lexicon.labels[table.code])
    filling = _begin(table, aligned)
    read: dict[tuple[int, tuple[str, ...]], Header] = {}
    for code, row in aligned.rows.items():
        expected = table.columns_of(code)
        place = (id(row.header), expected)
        header = read.get(place) or read.setdefault(place, read_header(row.header, lexicon, table, expected))
        _say_header(filling, header, expected, [f"{code}.{c}" for c in header.cut])
        _fill_active_row(filling, without_beside(row, header), code, expected, header)
    filling.finish()
    return filling


def _fill_active_row(
    filling: Filling, row: PrintedRow, code: str, expected: Sequence[str], header: Header
) -> None:
    order = _column_order(filling, header, expected)
    if order is None:
        filling.null(code, expected, "unreadable", row.raw())
        return
    chosen = _active_values(row, order, header)
    if chosen is None:
        _unreadable(filling, code, expected, row)
        return
    for column, value in zip(order, chosen or [None] * len(order), strict=True):
        known = filling.table.column(column)
        if column in header.friends:
            filling.null(code, [column], "not_on_form", value.text if value else None)
            filling.say(
                "LABEL-SEMANTICS",
                [f"{code}.{column}"],
                quote=header.friends[column],
                label=header.friends[column],
                official=known.label,
            )
        elif not chosen:
            filling.put(code, column, "")
        elif value is None:
            filling.null(code, [column], "unreadable", row.raw())
            _doubt(filling, code, [column], order, row)
        elif known.money:
            unit = unit_in([*(head.text for head in row.header), row.label])
            put_money(filling, code, known, value.text, unit)
        else:
            filling.put(code, column, value.text, value.printed)


def _active_values(row: PrintedRow, order: Sequence[str], header: Header) -> list[Value | None] | None:
    """The row's values in the order of its columns; one number printed in a wider place counts once."""
    reference = reference_columns(header, order)
    count = len(order)
    values = row.values
    if row.line is not None and len(values) == count and not row.empty and reference is not None:
        full_header = len([h for h in row.header if h.text.strip()]) == len(row.header)
        if full_header and all(value.rowspan == 1 for value in values):
            return list(values)  # as many cells as labels on both lines: spans may differ, the order cannot
    width = max((head.column + head.colspan for head in row.header), default=0)
    chosen = pick(row, count, [reference], set(), width)
    if len(values) > count and (single := unrepeated(row, header, order)) is not None:
        return list(single)
    printed = [value for value in values if value.printed.kind != "blank"]
    if count == 1 and len(values) > 1 and printed:
        same = {value.text for value in printed}
        return [printed[0]] if len(printed) == 1 or (len(same) == 1 and len(row.header) > 2) else None
    if chosen is None and len(values) > count and all(v.printed.kind == "blank" for v in values[count:]):
        return list(values[:count])
    return chosen


def read_applications(sheet: Sheet, table: FormTable, lexicon: Lexicon) -> Filling:
    """Table 3: rows of seven values under one header."""
    aligned = align(sheet.rows, table, lexicon.labels[table.code])
    expected = [column.code for column in table.columns]
    header = read_header(sheet.header, lexicon, table, expected)
    aligned.unknown = [without_subtotals(without_beside(row, header), header) for row in aligned.unknown]
    filling = _begin(table, aligned)
    _say_header(filling, header, expected, header.cut)
    short = _short(aligned.rows) if header.strangers else set()
    aligned.rows = {code: without_beside(row, header) for code, row in aligned.rows.items()}
    aligned.subtotals = {code: without_beside(row, header) for code, row in aligned.subtotals.items()}
    rows = list(aligned.rows.values())
    order = _column_order(filling, header, expected, rows)
    if order is None or not _header_fits(header, order, rows):
        for code, row in aligned.rows.items():
            filling.null(code, expected, "unreadable", row.raw())
        texts = [head.text for head in sheet.header if head.text.strip()]
        filling.disagree(
            "columns", (), what="表头", label=texts, order=_labels_of(table, expected), quote=" ".join(texts)
        )
        filling.finish()
        return filling
    spare = empty_columns(rows) if any(len(row.values) > len(order) for row in rows) else set()
    if header.strangers and len(set(header.places.values())) < len(header.places):
        # Drawn in text: the column more may be the one with a strange label, and not the blank one.
        spare = set()
    places = [usual_columns(rows, len(order), spare), reference_columns(header, order)]
    if _is_even(rows, len(order)):
        places = []
    reaches = Counter(row.reach for row in rows)
    width = max(reaches, default=0)
    usual = reaches.most_common(1)[0][0] if reaches else 0
    crowded = sum(row.line is None and len(row.values) > len(order) for row in rows) > 1
    for code, row in aligned.rows.items():
        chosen = pick(row, len(order), places, spare, width)
        if row.reach > usual and not row.empty and any(value.printed.kind == "blank" for value in row.values):
            chosen = None  # one blank cell more than the other rows have, and it may be any of them
        if code in short:
            chosen = (
                None  # a cell is missing, and what stands last may belong to the column beside the form's
            )
        if crowded and row.line is None:
            chosen = (
                None  # there is a column more, and a blank cell has left no trace: seven values may be any
            )
        _fill_row(filling, row, code, order, chosen)
    _check_subtotals(filling, aligned, order, places, spare)
    for column, text in header.friends.items():
        _set_aside(filling, column, text)
    filling.finish()
    return filling


def _short(rows: Mapping[str, PrintedRow]) -> set[str]:
    """The rows that have fewer cells than most and end before them."""
    drawn = {code: row for code, row in rows.items() if row.line is not None and not row.empty}
    if not drawn:
        return set()
    cells = Counter(len(row.values) for row in drawn.values()).most_common(1)[0][0]
    reach = Counter(row.reach for row in drawn.values()).most_common(1)[0][0]
    return {code for code, row in drawn.items() if len(row.values) < cells and row.reach < reach}


def _set_aside(filling: Filling, column: str, text: str) -> None:
    """A column under the label of another quantity: its cells are null, with what is printed."""
    for code, row in filling.values.items():
        if (value := row.get(column)) is not None:
            filling.notes = [note for note in filling.notes if (note.row, note.column) != (code, column)]
            filling.null(code, [column], "not_on_form", str(value))
    official = filling.table.column(column).label
    filling.say("LABEL-SEMANTICS", [column], quote=text, label=soft_key(text), official=official)


def _is_even(rows: Sequence[PrintedRow], count: int) -> bool:
    """Whether every row has as many cells as there are columns, each its own: then their order alone tells which is
    which, wherever they stand (a table drawn in text has no spans, so its label columns do not line up).
    """
    return len(rows) > 1 and all(
        row.line is not None and len(row.values) == count and all(value.rowspan == 1 for value in row.values)
        for row in rows
    )


def _fill_row(
    filling: Filling, row: PrintedRow, code: str, order: Sequence[str], chosen: list[Value | None] | None
) -> None:
    """The cells of one row of table 3, subtotal columns checked and left out."""
    extra = {column.code for column in filling.table.extra_columns}
    if chosen is None:
        _unreadable(filling, code, [c for c in order if c not in extra], row)
        return
    if len(chosen) == len(filling.table.columns) and filling.put_plain(code, order, chosen):
        return
    for column, value in zip(order, chosen or [None] * len(order), strict=True):
        if column in extra:
            continue
        if not chosen:
            filling.put(code, column, "")
        elif value is None:
            filling.null(code, [column], "unreadable", row.raw())
            _doubt(filling, code, [column], order, row)
        else:
            filling.put(code, column, value.text, value.printed)
    for subtotal in filling.table.extra_columns:
        if chosen and subtotal.code in order and (printed := chosen[order.index(subtotal.code)]) is not None:
            parts = [filling.values[code].get(part) for part in subtotal.sum_of]
            _say_subtotal(filling, printed.printed, parts, f"{code}.{subtotal.code}", row.raw())


def _check_subtotals(
    filling: Filling,
    aligned: Alignment,
    order: Sequence[str],
    places: Sequence[list[int] | None],
    spare: set[int],
) -> None:
    """Subtotal rows of a group, not on the form: each must be the sum of its rows; they are not stored."""
    for group in filling.table.groups:
        row = aligned.subtotals.get(group.code)
        chosen = pick(row, len(order), places, spare) if row else None
        for column, value in zip(order, chosen or (), strict=False):
            if value is not None:
                members = [r.code for r in filling.table.rows if r.group == group.label]
                parts = [filling.values.get(code, {}).get(column) for code in members]
                _say_subtotal(
                    filling, value.printed, parts, f"{group.code}_subtotal.{column}", row.raw() if row else ""
                )


def _say_subtotal(
    filling: Filling, printed: Printed, parts: Sequence[int | float | None], place: str, quote: str
) -> None:
    numbers = [part for part in parts if part is not None]
    if printed.value is not None and len(numbers) == len(parts) and sum(numbers) != printed.value:
        filling.say("SUBTOTAL-DIFFERS", [place], quote=quote, left=printed.value, right=sum(numbers))


def _begin(table: FormTable, aligned: Alignment) -> Filling:
    """A filling with what the rows' alignment has to say."""
    filling = Filling(table, aligned.alternate)
    for code, row in aligned.rows.items():
        _say_label(filling, code, row.match, row.label)
    for row in aligned.unknown:
        filling.say(
            "ROW-UNKNOWN",
            quote=row.raw(),
            label=(row.label or "".join(row.labels)).strip(),
            left_where=table.code,
            left=" | ".join(value.text.strip() for value in row.values),
        )
    for code, rows in aligned.twice.items():
        raw = " / ".join(row.raw() for row in rows)
        filling.null(code, table.columns_of(code), "unreadable", raw)
        label = table.row(code).label
        filling.disagree("twice", [code], what=label, label=label, order=f"{label} ×{len(rows)}", quote=raw)
    if aligned.displaced:
        _say_displaced(filling, aligned)
        for code in aligned.displaced:
            row = aligned.rows[code]
            if not _is_sure(row):
                filling.null(code, table.columns_of(code), "unreadable", row.raw())
                del aligned.rows[code]
    return filling


def _is_sure(row: PrintedRow) -> bool:
    return row.match is not None and row.match.quality in ("official", "variant")


def _say_displaced(filling: Filling, aligned: Alignment) -> None:
    """Rows in another order than the form's: at which place each stands, and at which its label belongs."""
    printed = list(aligned.rows)
    official = [code for code in filling.table.row_codes(aligned.alternate) if code in aligned.rows]
    for sure in (True, False):
        moved = [code for code in aligned.displaced if _is_sure(aligned.rows[code]) is sure]
        moved.sort(key=lambda code: printed.index(code) == official.index(code))
        for code in moved:
            label = filling.table.row(code).label
            places = (f"{label}（第{codes.index(code) + 1}行）" for codes in (official, printed))
            filling.disagree(
                "rows",
                [code],
                what=label,
                label=next(places),
                order=next(places),
                quote=aligned.rows[code].raw(),
                read=sure,
            )


def _labels_of(table: FormTable, columns: Iterable[str]) -> list[str]:
    """The labels of these columns, subtotal columns included."""
    extra = {column.code: column.label for column in table.extra_columns}
    return [extra.get(code) or table.column(code).label for code in columns]


def _doubt(
    filling: Filling, code: str, cells: Sequence[str], columns: Sequence[str], row: PrintedRow
) -> None:
    """The values of a row do not stand for its columns one by one: which columns, and what is printed."""
    values = " | ".join(value.text.replace("\n", "").strip() or "—" for value in row.values)
    filling.disagree(
        "values",
        [f"{code}.{cell}" for cell in cells],
        what=row.label.replace("\n", "").strip() or filling.table.row(code).label,
        label=_labels_of(filling.table, columns),
        order=values,
        quote=row.raw(),
    )


def _say_label(filling: Filling, code: str, match: Match | None, printed: str) -> None:
    if match is not None and match.quality != "official":
        filling.say(
            "LABEL-VARIANT",
            [code],
            quote=printed,
            label=soft_key(printed),
            official=filling.table.row(code).label,
        )


def _say_header(filling: Filling, header: Header, expected: Sequence[str], cut: Sequence[str]) -> None:
    """What the header's labels lack or have changed."""
    if header.cut:
        filling.say("HDR-TRUNCATED", cut, once=filling.table.code)
    missing = [code for code in header.missing if code in expected]
    if missing:
        labels = "、".join(filling.table.column(code).label for code in missing)
        filling.say("HDR-COLUMN-MISSING", missing, once=labels, labels=labels)
    for code, text in header.variants.items():
        official = filling.table.column(code).label
        filling.say("LABEL-VARIANT", [code], once=code, quote=text, label=soft_key(text), official=official)


def _column_order(
    filling: Filling, header: Header, expected: Sequence[str], rows: Sequence[PrintedRow] | None = None
) -> list[str] | None:
    """The columns in the order in which values stand: the header's if it is complete, else the form's.

    ``None`` if the header contradicts the form: a foreign label in place of one, or another order; unless, for a table
    with totals (``rows`` given), the sums bear one reading out.
    """
    if rows is not None and _is_narrower(header, rows):
        return header.codes
    if header.in_order(expected) and not (header.missing and header.strangers):
        return _with_extra(header, expected)
    held, failed = sums_hold(rows, expected, filling.table) if rows is not None else (0, 1)
    if header.in_order(expected):
        return None if failed else _with_extra(header, expected)
    if header.missing or header.cut or header.variants:
        return list(expected) if held > 1 and not failed else None
    if rows is not None and sums_hold(rows, header.codes, filling.table)[1]:
        return None
    if rows and header.leaves != header.codes and not header.spans:
        # Drawn in text a group's label may stand above and before the column at its left, which is set in the middle
        # or at the foot of both lines: where it stands says nothing about the order.
        return list(expected) if header.leaves == list(expected) else None
    labels = [_labels_of(filling.table, codes) for codes in (header.codes, expected)]
    filling.disagree(
        "columns", (), what="表头", label=labels[0], order=labels[1], quote=" ".join(labels[0]), read=True
    )
    return list(header.codes)


def _is_narrower(header: Header, rows: Sequence[PrintedRow]) -> bool:
    """Whether the table lacks a column altogether, the sums' column mostly: every row has one cell of its own right
    under each of the header's labels, and none besides.
    """
    places = reference_columns(header, header.codes)
    return (
        bool(header.missing)
        and not (header.strangers or header.extra or header.cut)
        and len(header.codes) > 2
        and _is_even(rows, len(header.codes))
        and usual_columns(rows, len(header.codes), set()) == places
    )


def _with_extra(header: Header, expected: Sequence[str]) -> list[str]:
    """The expected columns with subtotal columns where the header prints them."""
    order = list(expected)
    for code in header.extra:
        after = next((c for c in header.codes[header.codes.index(code) + 1 :] if c in order), None)
        order.insert(order.index(after) if after else len(order), code)
    return order


def _header_fits(header: Header, order: Sequence[str], rows: Sequence[PrintedRow]) -> bool:
    """Whether an incomplete header still agrees with the values' places: no column that is always blank may be
    taken for the one whose label is missing unless the labels that are there stand above their values.
    """
    if not header.missing:
        return True
    usual = usual_columns([row for row in rows if row.line is not None], len(order), set())
    if usual is None or not header.places:
        return True
    beside = {usual[i] - header.places[code] for i, code in enumerate(order) if code in header.places}
    always_blank = set(usual) & empty_columns(rows)
    return beside == {0} or not always_blank


def _unreadable(filling: Filling, code: str, columns: Sequence[str], row: PrintedRow) -> None:
    """A row whose values cannot be told apart: null, with what is printed."""
    filling.null(code, columns, "unreadable", row.raw())
    _doubt(filling, code, columns, columns, row)
