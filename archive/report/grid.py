"""Tables with cells: from a resolved grid to printed rows. Rows of pipes or tabs in text are grids too."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.reference.forms import FormTable
from archive.report.document import Table, TableCell
from archive.report.labels import Match, bare, key
from archive.report.tables_sheets import (
    ACTIVE,
    REVIEW,
    Head,
    Lexicon,
    PrintedRow,
    SheetBuilder,
    Value,
    Word,
)

_RULE = re.compile(r"[-:\s|]+\Z")
_PROSE = 160
_YEAR = re.compile(r"(20\d\d)年度?\Z")
_COUNT = re.compile(r"(?:案件)?(?:数量|件数|数据|统计数|数)\Z")
"""The label that some prints put before the one row of values of table 4."""


def _year_of(text: str) -> int | None:
    """The year that a cell names, as before the values of that year."""
    found = _YEAR.match(key(text))
    return int(found[1]) if found else None


def split_line(line: str) -> list[str] | None:
    """The cells of a line that holds several, parted by pipes or tabs; ``None`` for a line that is one cell.

    A trailing run of pipes or a leading tab alone parts nothing: extraction leaves them beside single cells.
    """
    text = line.strip(" \u3000\r\n")
    if "|" in text:
        inner = text[1:] if text.startswith("|") else text
        inner = inner[:-1] if inner.endswith("|") else inner
        parts = [part.strip() for part in inner.split("|")]
        if _RULE.match(text) and ("--" in text or ":-" in text or "-" not in text):
            return [] if "-" in text else None
        filled = sum(1 for part in parts if part)
        if filled > 1 or (filled == 1 and len(parts) > 1 and text.startswith("|") and text.endswith("|")):
            return parts
        return None
    if "\t" in line.lstrip():
        parts = [part.strip() for part in line.strip("\r\n").split("\t")]
        return parts if any(parts) else None
    return None


def split_lines(lines: Sequence[str]) -> list[list[str]]:
    """The cells of the lines of one table, by ``split_line``; a line that is one cell stays one.

    A pipe at a line's start or end is the table's border only if every line has it there. Otherwise it parts an empty
    cell from the next, and dropping it would move the row by one column.
    """
    stripped = [line.strip(" \u3000\r\n") for line in lines]
    left = all(line.startswith("|") for line in stripped)
    right = all(line.endswith("|") for line in stripped)
    rows = []
    for text, line in zip(stripped, lines, strict=True):
        if "|" not in text:
            rows.append(split_line(line) or [text])
            continue
        parts = [part.strip() for part in text.split("|")]
        rows.append(parts[1 if left else 0 : len(parts) - 1 if right else None])
    return rows


def table_of_lines(lines: Sequence[Sequence[str]]) -> Table:
    """A table of cells without spans, one row a line."""
    return Table([[TableCell(text, r, c) for c, text in enumerate(line)] for r, line in enumerate(lines)])


def own_cells(table: Table, r: int) -> list[TableCell]:
    """The cells that begin in this row, from left to right."""
    return [
        cell
        for c, cell in enumerate(table.grid[r])
        if cell is not None and cell.row == r and cell.column == c
    ]


class GridReader:
    """Feeds the rows of tables to a ``SheetBuilder``. State lives over tables, as a table may go on in the next."""

    def __init__(self, lexicon: Lexicon, builder: SheetBuilder) -> None:
        self.lexicon = lexicon
        self.builder = builder
        self.current: str | None = None
        self._was_header = False
        self._above = ""

    def read(self, table: Table, above: str = "") -> bool:
        """Take the statutory rows of this table; whether there were any. ``above`` is the line right above it."""
        taken = False
        self._was_header = False
        self._above = above
        for r in range(len(table.grid)):
            cells = own_cells(table, r)
            if cells:
                taken |= self._row(table, r, cells)
        return taken

    def _row(self, table: Table, r: int, cells: list[TableCell]) -> bool:
        words = [self.lexicon.word(cell.text) for cell in cells]
        if len(words) > 2 and words[0].number and cells[0].column == 0:
            after = next((word for word in words[1:] if not word.blank), words[0])
            value = self.current == REVIEW and self._was_header and not after.tables
            if after.is_label and not value:  # a column of serial numbers before the labels
                cells, words = cells[1:], words[1:]
        owner = self._owner(words)
        if owner is not None:
            self.current = owner
        if self.current is None or any(len(word.text) > _PROSE and not word.tables for word in words):
            self.current = None
            return False
        if self.current == REVIEW:
            return self._review_row(table, r, cells, words)
        label = self._label_index(self.current, words)
        if label is None and self._is_header(self.current, words):
            heads = [Head(cell.text, cell.column, r, cell.colspan) for cell in cells]
            if (
                self.current == ACTIVE
                and any(word.article for word in words)
                and not any(word.columns for word in words)
            ):
                return True
            self.builder.head(self.current, heads, fresh=self.current == ACTIVE or not self._was_header)
            self._was_header = True
            return True
        self._was_header = False
        return self._data_row(table, r, cells, words, label)

    def _owner(self, words: list[Word]) -> str | None:
        """The table that this row's labels speak for; words that several tables share do not vote."""
        votes = [word.owner for word in words if word.owner is not None]
        return max(dict.fromkeys(votes), key=votes.count) if votes else None

    def _is_header(self, table: str, words: list[Word]) -> bool:
        if any(word.number for word in words):
            return False
        return any(
            table in word.headers or table in word.columns or (word.article and table == ACTIVE)
            for word in words
        )

    def _label_index(self, table: str, words: list[Word]) -> int | None:
        """The place of the row label: the rightmost label of a row, before any value."""
        found = None
        for i, word in enumerate(words):
            if table in word.rows:
                found = i
            elif word.number:
                break
        if found is not None and table in words[found].columns:  # 总计 and 其他 are rows and columns
            heads = sum(table in word.columns or table in word.headers for word in words)
            return None if heads > 1 and self._is_header(table, words) else found
        return found

    def _data_row(
        self, table: Table, r: int, cells: list[TableCell], words: list[Word], label: int | None
    ) -> bool:
        owner = self.current
        assert owner is not None
        match: Match | None = words[label].rows[owner] if label is not None else None
        if label is None:
            label, match = self._joined_label(owner, words)
        if label is None:
            texts = [i for i, word in enumerate(words) if word.is_label]
            if not texts:
                return False
            first_value = next((i for i, w in enumerate(words) if not w.is_label and not w.blank), len(words))
            label = max((i for i in texts if i < first_value), default=texts[0])
        labels = [cell.text for cell, word in zip(cells[: label + 1], words, strict=False) if not word.blank]
        values = [
            Value.of_cell(cell, word.printed)
            for cell, word in zip(cells[label + 1 :], words[label + 1 :], strict=True)
        ]
        row = PrintedRow(
            labels, values, match, cells[label].text, "".join(labels), line=table.grid[r], number=r
        )
        return self.builder.row(owner, row)

    def _joined_label(self, owner: str, words: list[Word]) -> tuple[int | None, Match | None]:
        """A row label that is spread over neighbouring cells."""
        texts = [i for i, word in enumerate(words) if word.printed.kind == "text"]
        for size in (2, 3):
            for start in range(len(texts) - size + 1):
                places = texts[start : start + size]
                found = self.lexicon.labels[owner].rows.exact("".join(words[i].text for i in places))
                if found is not None:
                    return places[-1], found
        return None, None

    def _review_row(self, table: Table, r: int, cells: list[TableCell], words: list[Word]) -> bool:
        """A row of table 4: header, values, or labels and values side by side."""
        first = next((i for i, word in enumerate(words) if word.is_label), 0)
        if all(word.blank for word in words[:first]):  # cells under a label that reaches down from above
            cells, words = cells[first:], words[first:]
        about = _year_of(words[0].text) if len(words) > 1 else None
        if about:
            cells, words = cells[1:], words[1:]
        values = self._review_values(words)
        printed = [i for i in values if not words[i].blank]
        known = any(REVIEW in word.tables for word in words)
        if known and not printed and not self._labelled_blank(cells, words):
            heads = [
                Head(c.text, c.column, r, c.colspan) for c, w in zip(cells, words, strict=True) if not w.blank
            ]
            if not self._was_header:
                heads = self._named_above(words) + heads
            self.builder.head(REVIEW, heads, fresh=not self._was_header)
            self._was_header = True
            return True
        lone = len(printed) == 1 and words[printed[0]].printed.kind == "unreadable" and not self._was_header
        if (
            not known
            and (lone or any(w.is_label for i, w in enumerate(words) if i not in values))
            and not self._is_counted(words)
        ):
            self._was_header = False
            return False  # running text in the same table; alone in its row also the date of the signature
        self._was_header = False
        left = self._left_labels(table, r, cells, words)
        row = PrintedRow(
            left,
            [Value.of_cell(cells[i], words[i].printed) for i in values],
            line=table.grid[r],
            number=r,
            label=" ".join(left),
            about=about,
        )
        return self.builder.row(REVIEW, row)

    @staticmethod
    def _review_values(words: list[Word]) -> list[int]:
        """The places of a row's values: what is no label, and any word between two numbers that is none of the form's."""
        numbers = [i for i, word in enumerate(words) if word.number]
        inside = range(numbers[0], numbers[-1]) if numbers else range(0)
        return [i for i, word in enumerate(words) if not word.is_label or (i in inside and not word.tables)]

    def _named_above(self, words: list[Word]) -> list[Head]:
        """The block that the line above a table names, where the table itself has five columns and names none."""
        columns = sum(REVIEW in word.columns for word in words)
        named = any(REVIEW in word.rows for word in words) or columns > len(self._form(REVIEW).columns)
        if named or self.lexicon.labels[REVIEW].rows.exact(self._above) is None:
            return []
        return [Head(self._above, 0)]

    def _form(self, table: str) -> FormTable:
        return self.lexicon.form.tables[table]

    def _is_counted(self, words: list[Word]) -> bool:
        """Whether this is the row of values under the header, with nothing before them but 数量（件）."""
        rest = words[1:]
        return (
            self._was_header
            and bool(_COUNT.match(bare(words[0].text)))
            and all(w.number or w.blank for w in rest)
        )

    def _labelled_blank(self, cells: list[TableCell], words: list[Word]) -> bool:
        """A row of labels at the left and blank values: block and blanks, with the header already seen."""
        labels = [word for word in words if word.is_label]
        blanks = len(words) - len(labels)
        if len(labels) > 2 or not all(word.blank for word in words[len(labels) :]):
            return False
        blocks = [word for word in labels if REVIEW in word.rows]
        leaves = [word for word in labels if REVIEW in word.columns]
        if len(blocks) > 1 or any(cell.colspan >= len(self._form(REVIEW).columns) for cell in cells):
            return False  # a line of the header, with nothing printed under a label from above or beside it
        if len(leaves) == 1:  # a row of table 4 printed down the page
            return blanks > 0 and (bool(blocks) or self._was_header or self.builder.is_open(REVIEW))
        if not self._was_header:
            return not leaves and blanks >= 5
        return blanks in (1, 3, 5)

    @staticmethod
    def _left_labels(table: Table, r: int, cells: list[TableCell], words: list[Word]) -> list[str]:
        """Labels to the left of the values, those that reach down from rows above included."""
        own = {id(cell): word for cell, word in zip(cells, words, strict=True)}
        seen: list[str] = []
        for cell in table.grid[r]:
            if cell is None:
                continue
            word = own.get(id(cell))
            if word is not None and not word.is_label:
                break
            if cell.text not in seen and key(cell.text):
                seen.append(cell.text)
        return seen
