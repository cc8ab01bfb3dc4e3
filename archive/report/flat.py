"""Tables flattened to text: one cell a line, rows on a line, labels wrapped around their values.

Blank cells leave no trace in such text, so nothing is counted over a gap: a row is what stands between two labels, and
a row that has neither no value nor exactly as many as the form gives it is not read.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from archive.report.flat_rows import Part, feed
from archive.report.labels import soft_key
from archive.report.tables_columns import sums_hold
from archive.report.tables_sheets import (
    ACTIVE,
    APPLICATIONS,
    REVIEW,
    Lexicon,
    PrintedRow,
    SheetBuilder,
    Value,
    Word,
)

_PAGE_NUMBER = re.compile(
    r"(?:[-—–－]+\s*[0-9]{1,3}\s*[-—–－]+|第\s*[0-9]{1,3}\s*页(?:\s*共\s*[0-9]{1,3}\s*页)?)\Z"
)
_HEADING = re.compile(r"[一二三四五六七八九十]{1,2}\s*[、､.．,，]")
_LONGEST_LINE = 120
_MOST_LABELS = 150
_MOST_STRANGE = 12
_SIGNS = re.compile(r"[<>~+]?[0-9]+[0-9.,/%’'~+-]*\Z")
_NUMBERING = re.compile(r"[0-9]{1,2}[.,]\Z")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?: [0-9]{3}){1,2}\Z")
_NUMBERS_IN_LINE = 3
"""So many numbers after a row's label are its values, whatever else stands among them."""
_SERIALS = 6
"""Rows whose last numbers count on by one, from which these are the numbers of the lines."""
_NUMERIC = (None, "signed", "unit", "annotated", "dash", "none_word")


class FlatReader:
    """Reads lines of text and feeds what is a table in them to a ``SheetBuilder``."""

    def __init__(self, lexicon: Lexicon, builder: SheetBuilder) -> None:
        self.lexicon = lexicon
        self.builder = builder
        self.consumed: set[int] = set()
        self._parts: list[Part] = []
        self._table: str | None = None
        self._labels: list[tuple[str, int]] = []
        self._gap: list[int] = []
        self._before: list[tuple[str, int]] = []
        self._blanks = 0
        self._about: int | None = None
        self._one_a_line = False
        """Whether the last line of values held one."""
        self._strange = 0
        """Lines in a row that are neither values nor labels of the open table."""

    def line(self, text: str, block: int, about: int | None = None) -> None:
        """Take the next line of block number ``block``; ``about`` is the year it names if it may be a heading."""
        if about or self._table is None:
            self._about = about
        indented = text.startswith("\t") or text.strip() == "|"
        text = text.replace("|", " ").strip()
        if not text or _PAGE_NUMBER.match(text):
            if self._table:
                self._gap.append(block)
                self._blank(indented)
            return
        if len(text) > _LONGEST_LINE or (len(text) > 40 and "。" in text):
            self.close()
            return
        word = self.lexicon.word(text)
        labels, values = _take_apart(text, word, self.lexicon)
        if labels:
            self._take_labels(self._with_numbering(labels), word, block)
        if values and self._table:
            if self._one_a_line and not labels and _GROUPED.match(text):
                values = [text]  # 12 345 among cells of one line each is one cell
            self._one_a_line = len(values) == 1
            self._take_values(values, block)

    def close(self) -> None:
        """A table, if one is open, ends here. Labels that no value follows are still its rows, with blank cells."""
        if self._table and self._labels:
            rest = self._known_labels(self._table)
            if rest:
                self._parts.append(
                    Part(self._table, [text for text, _ in rest], [], [at for _, at in rest], self._about)
                )
        self._table = None
        self._labels, self._gap, self._before, self._blanks = [], [], [], 0

    def _known_labels(self, table: str) -> list[tuple[str, int]]:
        """The pending labels up to the last one that the table knows, if they are more than a chance word."""
        words = [self.lexicon.word(text) for text, _ in self._labels]
        rows = [i for i, word in enumerate(words) if table in word.rows]
        known = [i for i, word in enumerate(words) if table in word.tables]
        enough = len(known) > 5 if table == REVIEW else bool(rows) and (bool(self._parts) or len(known) > 5)
        return self._labels[: known[-1] + 1] if enough else []

    def finish(self) -> None:
        """All lines are read: give rows and headers to the builder."""
        self.close()
        if not self._blanks_count():
            for part in self._parts:
                part.values = [text for text in part.values if text]
        for table in self.lexicon.form.tables:
            _drop_serials([part for part in self._parts if part.table == table])
        for part in self._parts:
            self.consumed.update(part.blocks)
        feed(self._parts, self.lexicon, self.builder)

    def _take_labels(self, labels: list[str], line: Word, block: int) -> None:
        words = [line] if len(labels) == 1 else [self.lexicon.word(label) for label in labels]
        owner = self._owner(words)
        current = self._table
        if (
            current is not None
            and owner is None
            and _HEADING.match(labels[0])
            and not self._continues(labels)
        ):
            self.close()
            return
        if owner is not None and owner != current and self._may_open(owner, words):
            if self._table:
                self._before = self._labels[-3:]
            start = self._opening(owner, labels)
            self.close()
            self._table = owner
            self._labels.extend(start)
        if self._table is None:
            self._before = [*self._before[-3:], ("".join(labels), block)]
            return
        self._blanks = 0
        self._strange = 0 if any(self._table in word.tables for word in words) else self._strange + 1
        if self._strange > _MOST_STRANGE:
            self._labels = self._labels[: -self._strange + 1]
            self.close()
            return
        self._labels.extend((text, block) for text in labels)
        if len(self._labels) > _MOST_LABELS:
            self.close()

    def _owner(self, words: list[Word]) -> str | None:
        votes = [word.owner for word in words if word.owner is not None]
        return max(dict.fromkeys(votes), key=votes.count) if votes else None

    def _may_open(self, owner: str, words: list[Word]) -> bool:
        """A row label alone opens no table: such words also stand in running text. Nor does a cut label (结果): it may
        be the end of another (本年度办理 / 结果).
        """
        if all((column := word.columns.get(owner)) and column.quality == "ambiguous" for word in words):
            return False
        if len(words) > 1 and sum(owner in word.tables for word in words) * 2 < len(words):
            return False  # a line of running text with one such word in it
        heads = any(
            owner in word.headers or owner in word.columns or (word.article and owner == ACTIVE)
            for word in words
        )
        return heads or (owner == REVIEW and any(owner in word.rows for word in words))

    def _continues(self, line: list[str]) -> bool:
        """Whether a line that looks like a heading is a row whose label goes on in the next line."""
        if self._table is None or self._table == REVIEW:
            return False
        table = self.lexicon.form.tables[self._table]
        start = soft_key("".join(line))
        labels = [*(row.label for row in table.rows), *(group.label for group in table.groups)]
        return any(soft_key(label).startswith(start) for label in labels)

    def _opening(self, owner: str, labels: list[str]) -> list[tuple[str, int]]:
        """The lines just before a table's first known line that belong to its first label, broken over lines."""
        matchers = self.lexicon.labels[owner]
        for size in range(1, len(self._before) + 1):
            part = self._before[-size:]
            text = "".join(piece for piece, _ in part)
            if any(m.exact(t) for t in (text, text + labels[0]) for m in (matchers.rows, matchers.columns)):
                return part
        return []

    def _blank(self, indented: bool) -> None:
        """An empty line. Where cells are indented by tabs or end in pipes, one of them alone is a blank cell, of a value
        or of a span.
        """
        if not indented:
            return
        if self._labels:
            self._blanks += 1
        elif self._parts and self._parts[-1].table == self._table:
            self._parts[-1].values.append("")

    def _with_numbering(self, labels: list[str]) -> list[str]:
        """Labels with a leading numeral that a line break has cut off, so that it looked like a value."""
        if (
            not labels[0].startswith((".", "．", "、", ",", "，", ")", "）"))
            or self._labels
            or not self._parts
        ):
            return labels
        values = self._parts[-1].values
        while values and not values[-1]:
            values.pop()
        if self._table and values and values[-1].isdigit() and len(values[-1]) <= 2:
            return [values.pop() + labels[0], *labels[1:]]
        return labels

    def _take_values(self, values: list[str], block: int) -> None:
        if self._labels or not self._parts or self._parts[-1].table != self._table:
            texts, places = [text for text, _ in self._labels], [place for _, place in self._labels]
            self._parts.append(
                Part(self._table or "", texts, [""] * self._blanks, [*self._gap, *places], self._about)
            )
            self._labels, self._blanks = [], 0
        part = self._parts[-1]
        self._strange = 0
        part.values.extend(values)
        part.blocks.extend([*self._gap, block])
        self._gap = []

    def _blanks_count(self) -> bool:
        """Whether lines of a tab or a pipe alone are the blank cells of values: the sums must bear it out, as spans leave such
        lines too.
        """
        table = self.lexicon.form.tables[APPLICATIONS]
        order = [column.code for column in table.columns]
        rows = [
            PrintedRow([], [Value.of_text(text or "0") for text in part.values[: len(order)]])
            for part in self._parts
            if part.table == APPLICATIONS and "" in part.values[: len(order)] and any(part.values)
        ]
        held, failed = sums_hold(rows, order, table)
        return held > 1 and not failed


def _drop_serials(parts: list[Part]) -> None:
    """Take the lines' printed numbers, each of which stands before the next line's label, from the values."""
    lasts = [int(part.values[-1]) if part.values and part.values[-1].isdecimal() else None for part in parts]
    steps = [a is not None and b == a + 1 for a, b in pairwise(lasts)]
    if sum(steps) < _SERIALS:
        return
    serial = [any(steps[max(i - 1, 0) : i + 1]) for i in range(len(parts))]
    for i, (part, is_serial) in enumerate(zip(parts, serial, strict=True)):
        if is_serial:
            part.values.pop()
            if not any(part.values) and i + 1 < len(parts):  # it only parted these labels from the next
                parts[i + 1].labels[:0], part.labels = part.labels, []


def _take_apart(text: str, word: Word, lexicon: Lexicon) -> tuple[list[str], list[str]]:
    """The labels and the values of one line, in this order."""
    pieces = text.split()
    whole = bool(word.rows or word.columns or word.groups) or not any(lexicon.word(p).tables for p in pieces)
    if word.tables and (
        len(pieces) == 1 or (whole and lexicon.word(pieces[-1]).printed.kind not in _NUMERIC)
    ):
        return [text], []
    if len(pieces) == 1:
        return ([], [text]) if word.printed.kind in _NUMERIC or _is_odd(word) else ([text], [])
    words = [lexicon.word(piece) for piece in pieces]
    at = len(pieces)
    while at and words[at - 1].printed.kind in _NUMERIC and not words[at - 1].tables:
        at -= 1
    if at == len(pieces) and word.printed.kind in _NUMERIC:
        return [], [text]
    at = _first_value(words, at)
    head = pieces[:at]
    if len(head) > 1 and lexicon.word(" ".join(head)).tables:
        head = ["".join(head)]
    return head, pieces[at:]


def _is_odd(word: Word) -> bool:
    """Whether a cell of digits and signs alone is one that cannot be read (5/6, 1.234.567), and no label's numbering."""
    text = unicodedata.normalize("NFKC", word.text)
    return word.printed.kind == "unreadable" and bool(_SIGNS.match(text)) and not _NUMBERING.match(text)


def _first_value(words: list[Word], at: int) -> int:
    """Where the values of a line begin, whose last pieces from ``at`` on are numbers. What stands among numbers after a
    row's label is no label, though it cannot be read (1.234.567) or is a remark after the last of them.
    """
    first = next((i for i in range(1, at) if words[i].printed.kind in _NUMERIC and not words[i].tables), at)
    numbers = sum(w.printed.kind in _NUMERIC for w in words[first:])
    named = bool(words[first - 1].rows) and not any(w.tables for w in words[first:])
    return first if named and numbers >= _NUMBERS_IN_LINE else at
