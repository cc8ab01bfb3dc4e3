"""Tables flattened to text: one cell a line, rows on a line, labels wrapped around their values.

Blank cells leave no trace in such text, so nothing is counted over a gap: a row is what stands between two labels, and
a row that has neither no value nor exactly as many as the form gives it is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from archive.report.labels import Match, bare, key, soft_key
from archive.report.tables_sheets import (
    ACTIVE,
    APPLICATIONS,
    REVIEW,
    Head,
    Lexicon,
    PrintedRow,
    SheetBuilder,
    Value,
    Word,
)

_PAGE_NUMBER = re.compile(
    r"(?:[-—–－]+\s*[0-9]{1,3}\s*[-—–－]+|第\s*[0-9]{1,3}\s*页(?:\s*共\s*[0-9]{1,3}\s*页)?)\Z"
)
_HEADING = re.compile(r"[一二三四五六七八九十]{1,2}[、.．,，]")
_LONGEST_LINE = 120
_MOST_LABELS = 60
_JOIN = 6
_NUMERIC = (None, "signed", "unit", "annotated", "dash", "none_word")


@dataclass(slots=True)
class _Part:
    """Labels and the values that follow them; ``blocks`` are the document's blocks they stand in."""

    table: str
    labels: list[str]
    values: list[str] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)


class FlatReader:
    """Reads lines of text and feeds what is a table in them to a ``SheetBuilder``."""

    def __init__(self, lexicon: Lexicon, builder: SheetBuilder) -> None:
        self.lexicon = lexicon
        self.builder = builder
        self.consumed: set[int] = set()
        self._parts: list[_Part] = []
        self._table: str | None = None
        self._labels: list[str] = []
        self._blocks: list[int] = []
        self._gap: list[int] = []

    def line(self, text: str, block: int) -> None:
        """Take the next line of block number ``block``."""
        text = text.replace("|", " ").strip()
        if not text or _PAGE_NUMBER.match(text):
            if self._table:
                self._gap.append(block)
            return
        if len(text) > _LONGEST_LINE or (len(text) > 40 and "。" in text):
            self.close()
            return
        word = self.lexicon.word(text)
        labels, values = _take_apart(text, word, self.lexicon)
        if labels:
            self._take_labels(labels, word, block)
        if values and self._table:
            self._take_values(values, block)

    def close(self) -> None:
        """A table, if one is open, ends here."""
        self._table = None
        self._labels, self._blocks, self._gap = [], [], []

    def finish(self) -> None:
        """All lines are read: give rows and headers to the builder."""
        self.close()
        for i, part in enumerate(self._parts):
            after = self._parts[i + 1] if i + 1 < len(self._parts) else None
            follower = after if after is not None and after.table == part.table else None
            self.consumed.update(part.blocks)
            if part.table == REVIEW:
                self._review(part)
            else:
                self._row(part, follower)

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
            self.close()
            self._table = owner
        if self._table is None:
            return
        self._labels.extend(labels)
        self._blocks.append(block)
        if len(self._labels) > _MOST_LABELS:
            self.close()

    def _owner(self, words: list[Word]) -> str | None:
        votes = [next(iter(tables)) for word in words if len(tables := word.tables) == 1]
        return max(set(votes), key=votes.count) if votes else None

    def _may_open(self, owner: str, words: list[Word]) -> bool:
        """A row label alone opens no table: such words also stand in running text."""
        heads = any(
            owner in word.headers or owner in word.columns or (word.article and owner == ACTIVE)
            for word in words
        )
        return heads or (owner == REVIEW and any(owner in word.rows for word in words))

    def _continues(self, labels: list[str]) -> bool:
        """Whether a line that looks like a heading is a row whose label goes on in the next line."""
        if self._table is None or self._table == REVIEW:
            return False
        table = self.lexicon.form.tables[self._table]
        start = soft_key("".join(labels))
        return any(soft_key(entry.label).startswith(start) for entry in (*table.rows, *table.groups))

    def _take_values(self, values: list[str], block: int) -> None:
        if self._labels or not self._parts or self._parts[-1].table != self._table:
            self._parts.append(_Part(self._table or "", self._labels, [], [*self._gap, *self._blocks]))
            self._labels, self._blocks = [], []
        part = self._parts[-1]
        part.values.extend(values)
        part.blocks.extend([*self._gap, block])
        self._gap = []

    def _row(self, part: _Part, after: _Part | None) -> None:
        rows = self.lexicon.labels[part.table].rows
        match, size = self._label(part, after)
        head = part.labels[: len(part.labels) - size]
        self._heads(part.table, head)
        label = "".join(part.labels[len(part.labels) - size :]) if size else "".join(part.labels[-1:])
        near = "".join(part.labels[-_JOIN:]) + ("".join(after.labels[:2]) if after else "")
        row = PrintedRow(
            part.labels[-_JOIN:], [Value(text, i) for i, text in enumerate(part.values)], match, label, near
        )
        if match is None and label and rows.find(label) is not None:
            row.match = rows.find(label)
        self.builder.row(part.table, row)

    def _label(self, part: _Part, after: _Part | None) -> tuple[Match | None, int]:
        """The row label at the end of a part's labels and of how many pieces it is made.

        A label wrapped around its values begins before them and ends before the next label; its end is taken from the
        following part, so that it is not read as part of that label.
        """
        rows = self.lexicon.labels[part.table].rows
        ends = ["".join(part.labels[-size:]) for size in range(1, min(_JOIN, len(part.labels)) + 1)]
        for size, text in enumerate(ends, 1):
            if found := rows.exact(text):
                return found, size
        for size, text in enumerate(ends, 1):
            found = rows.begins(text)
            if found is not None:
                rest = bare(found.official)[len(bare(text)) :]
                taken = _leading(after.labels if after else [], rest)
                if taken and after:
                    del after.labels[:taken]
                    return Match(found.code, "official", found.official), size
                return found, size
        for size, text in enumerate(ends[:4], 1):
            if found := rows.find(text):
                return found, size
        return None, 0

    def _heads(self, table: str, labels: list[str]) -> None:
        """Give the header labels among these to the builder."""
        pieces = list(self._joined(table, labels))
        words = [self.lexicon.word(piece) for piece in pieces]
        if table == ACTIVE:
            articles = [i for i, word in enumerate(words) if word.article]
            if articles:
                pieces, words = pieces[articles[-1] :], words[articles[-1] :]
        known = [table in w.headers or table in w.columns or w.article for w in words]
        if any(known):
            heads = [
                Head(piece, i)
                for i, (piece, hit) in enumerate(zip(pieces, known, strict=True))
                if hit or table == ACTIVE
            ]
            self.builder.head(table, heads, fresh=True)

    def _joined(self, table: str, labels: list[str]) -> Iterable[str]:
        """Labels with the pieces of split ones joined: the longest run that is a label of the table."""
        i = 0
        while i < len(labels):
            for size in range(min(4, len(labels) - i), 0, -1):
                text = "".join(labels[i : i + size])
                if size == 1 or self._is_column(table, text):
                    yield text
                    i += size
                    break

    def _is_column(self, table: str, text: str) -> bool:
        labels = self.lexicon.labels[table]
        found = labels.columns.exact(text) or labels.headers.exact(text)
        return (found is not None and found.quality == "official") or (
            labels.rows.exact(text) is not None and table == REVIEW
        )

    def _review(self, part: _Part) -> None:
        pieces = list(self._joined(REVIEW, part.labels))
        leaves = sum(1 for piece in pieces if REVIEW in self.lexicon.word(piece).columns)
        row = PrintedRow([], [Value(text, i) for i, text in enumerate(part.values)], label="")
        if leaves > 1 or not self._has_sheet():
            self.builder.head(REVIEW, [Head(piece, i) for i, piece in enumerate(pieces)], fresh=True)
        if leaves <= 1:
            row.labels = pieces
        self.builder.row(REVIEW, row)

    def _has_sheet(self) -> bool:
        return any(sheet.table == REVIEW for sheet in self.builder.sheets)


def _take_apart(text: str, word: Word, lexicon: Lexicon) -> tuple[list[str], list[str]]:
    """The labels and the values of one line, in this order."""
    pieces = text.split()
    if word.tables and (len(pieces) == 1 or lexicon.word(pieces[-1]).printed.kind not in _NUMERIC):
        return [text], []
    if len(pieces) == 1:
        return ([], [text]) if word.printed.kind in _NUMERIC else ([text], [])
    words = [lexicon.word(piece) for piece in pieces]
    at = len(pieces)
    while at and words[at - 1].printed.kind in _NUMERIC and not words[at - 1].tables:
        at -= 1
    if at == len(pieces) and word.printed.kind in _NUMERIC:
        return [], [text]
    head = pieces[:at]
    if len(head) > 1 and lexicon.word(" ".join(head)).tables:
        head = ["".join(head)]
    return head, pieces[at:]


def _leading(labels: list[str], rest: str) -> int:
    """How many pieces at the beginning of ``labels`` make up ``rest``; 0 if they do not."""
    text = ""
    for i, piece in enumerate(labels, 1):
        text += bare(piece) if i == 1 else key(piece)
        if text == rest:
            return i
        if not rest.startswith(text):
            return 0
    return 0


__all__ = ["APPLICATIONS", "FlatReader"]
