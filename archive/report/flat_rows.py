"""Flattened tables: from labels and the values that follow them to headers and rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from archive.report.labels import Match, bare, key, soft_key
from archive.report.tables_sheets import ACTIVE, REVIEW, Head, Lexicon, PrintedRow, SheetBuilder, Value

_JOIN = 6


@dataclass(slots=True)
class Part:
    """Labels and the values that follow them; ``blocks`` are the document's blocks they stand in, ``about`` the year
    that the heading above names.
    """

    table: str
    labels: list[str]
    values: list[str] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    about: int | None = None


def feed(parts: Sequence[Part], lexicon: Lexicon, builder: SheetBuilder) -> None:
    """Give the headers and rows of these parts, in order, to ``builder``."""
    feeder = _Feeder(lexicon, builder)
    for i, part in enumerate(parts):
        after = parts[i + 1] if i + 1 < len(parts) else None
        builder.about = part.about
        if part.table == REVIEW:
            feeder.review(part)
        else:
            feeder.row(part, after if after is not None and after.table == part.table else None)


class _Feeder:
    def __init__(self, lexicon: Lexicon, builder: SheetBuilder) -> None:
        self.lexicon = lexicon
        self.builder = builder

    def row(self, part: Part, after: Part | None) -> None:
        rows = self.lexicon.labels[part.table].rows
        match, size = self._label(part, after)
        self._before_label(part.table, part.labels[: len(part.labels) - size])
        label = "".join(part.labels[len(part.labels) - size :]) if size else "".join(part.labels[-1:])
        near = "".join(part.labels[-_JOIN:]) + ("".join(after.labels[:2]) if after else "")
        width = len(self.lexicon.form.tables[part.table].columns)
        while len(part.values) > width and Value.of_text(part.values[-1]).printed.kind == "text":
            part.values.pop()  # a remark after the last column
        row = PrintedRow(
            part.labels[-_JOIN:],
            [Value.of_text(text, i) for i, text in enumerate(part.values)],
            match,
            label,
            near,
        )
        if match is None and label and rows.find(label) is not None:
            row.match = rows.find(label)
        self.builder.row(part.table, row)

    def _before_label(self, table: str, labels: list[str]) -> None:
        """What stands before a row's label: header cells, and rows whose cells are all blank and left no line."""
        rows = self.lexicon.labels[table].rows
        columns = {soft_key(column.label) for column in self.lexicon.form.tables[table].columns}
        heads: list[str] = []
        i = 0
        while i < len(labels):
            for size in range(min(_JOIN, len(labels) - i), 0, -1):
                text = "".join(labels[i : i + size])
                match = rows.exact(text) if soft_key(text) not in columns else None
                if match is not None:
                    self._heads(table, heads)
                    heads = []
                    self.builder.row(table, PrintedRow([text], [], match, text, text))
                    break
            else:
                heads.append(labels[i])
            i += size if match is not None else 1
        self._heads(table, heads)

    def _label(self, part: Part, after: Part | None) -> tuple[Match | None, int]:
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
        return (found is not None and found.quality in ("official", "false_friend")) or (
            labels.rows.exact(text) is not None and table == REVIEW
        )

    def review(self, part: Part) -> None:
        pieces = list(self._joined(REVIEW, part.labels))
        leaves = sum(1 for piece in pieces if REVIEW in self.lexicon.word(piece).columns)
        row = PrintedRow([], [Value.of_text(text, i) for i, text in enumerate(part.values)], label="")
        if leaves > 1 or not self._has_sheet():
            self.builder.head(REVIEW, [Head(piece, i) for i, piece in enumerate(pieces)], fresh=True)
        if leaves <= 1:
            row.labels = pieces
        self.builder.row(REVIEW, row)

    def _has_sheet(self) -> bool:
        return any(sheet.table == REVIEW for sheet in self.builder.sheets)


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
