"""Filling one table of a form: each cell gets a value, or null with a note; nothing is left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from archive.reference.forms import FormTable
from archive.report.cells import Printed, parse_cell
from archive.report.findings import finding
from archive.report.model import CellKind, CellNote, Finding, Number
from archive.report.tables_sheets import Value

_ZERO_KINDS = {"blank", "dash", "none_word"}


Cause = Literal["columns", "rows", "values", "twice"]
"""On what two readings disagree: the order of columns or rows, which values a row has, which row a label names."""


class Disagreement(NamedTuple):
    """One place where the reading by label and the reading by order differ: what each of them says."""

    cells: tuple[str, ...]
    what: str
    label: str
    order: str
    quote: str | None


@dataclass(slots=True)
class Filling:
    """One table being filled. ``alternate`` is the code of the alternate row that stands in it, if one does."""

    table: FormTable
    alternate: str | None = None
    values: dict[str, dict[str, Number | None]] = field(default_factory=dict)
    notes: list[CellNote] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    said: set[tuple[str, str]] = field(default_factory=set)
    disagreements: dict[tuple[Cause, bool], list[Disagreement]] = field(default_factory=dict)

    def put(
        self, row: str, column: str, text: str, printed: Printed | None = None, *, unit: str | None = None
    ) -> None:
        """The cell as printed: its value, and a note unless it is a plain number."""
        read = printed or parse_cell(text)
        self.values.setdefault(row, {})[column] = read.value
        if read.kind is not None:
            self.notes.append(CellNote(self.table.code, row, column, text, read.kind, unit or read.unit))

    def put_plain(self, row: str, columns: Sequence[str], cells: Sequence[Value | None]) -> bool:
        """The cells of a whole row, if all are plain numbers, as nearly always; else ``False``, and nothing is put."""
        numbers: dict[str, Number | None] = {}
        for column, cell in zip(columns, cells, strict=True):
            if cell is None or cell.printed.kind is not None:
                return False
            numbers[column] = cell.printed.value
        return self.values.setdefault(row, numbers) is numbers

    def null(self, row: str, columns: Iterable[str], kind: CellKind, raw: str | None = None) -> None:
        """These cells of the row hold no number, for the reason ``kind``."""
        for column in columns:
            self.values.setdefault(row, {})[column] = None
            self.notes.append(CellNote(self.table.code, row, column, raw, kind))

    def say(
        self,
        rule: str,
        cells: Iterable[str] = (),
        *,
        quote: str | None = None,
        once: str = "",
        **values: object,
    ) -> None:
        """Add a finding about this table; with ``once``, only the first of that name."""
        if once:
            if (rule, once) in self.said:
                return
            self.said.add((rule, once))
        places = tuple(f"{self.table.code}.{cell}" for cell in cells)
        section = self.table.section or self.table.code
        figures: dict[str, object] = {"table": self.table.code, "section": section, **values}
        self.findings.append(finding(rule, cells=places, quote=quote, **figures))  # type: ignore[arg-type]

    def disagree(
        self,
        cause: Cause,
        cells: Iterable[str],
        *,
        what: str,
        label: str | Iterable[str],
        order: str | Iterable[str],
        quote: str | None = None,
        read: bool = False,
    ) -> None:
        """The two readings differ. Told once a table and cause; ``read``: the labels leave no doubt and were followed."""
        sides = [side if isinstance(side, str) else "、".join(side) for side in (label, order)]
        self.disagreements.setdefault((cause, read), []).append(
            Disagreement(tuple(cells), what, sides[0], sides[1], quote)
        )

    def _tell_disagreements(self) -> None:
        for (_, read), places in self.disagreements.items():
            first = places[0]
            self.say(
                "READINGS-DISAGREE",
                dict.fromkeys(cell for place in places for cell in place.cells),
                quote=first.quote,
                severity="info" if read else None,
                explained="read by label" if read else None,
                left=first.label,
                left_where="labels",
                right=first.order,
                right_where="order",
                what=first.what,
                count=len({place.what for place in places}),
            )
        self.disagreements.clear()

    def finish(self, kind: CellKind = "row_absent") -> None:
        """Bring rows into official order and give every row not met its nulls, with ROW-ABSENT if others were met."""
        self._tell_disagreements()
        codes = self.table.row_codes(self.alternate)
        missing: list[str] = []
        for code in codes:
            columns = self.table.columns_of(code)
            known = self.values.get(code, {})
            if len(known) == len(columns):
                continue
            lost = [column for column in columns if column not in known]
            self.null(code, lost, kind)
            missing += [code] if len(lost) == len(columns) else [f"{code}.{column}" for column in lost]
        for choice in self.table.alternates if self.alternate is None else ():
            if kind == "row_absent" and set(choice.replaces) <= set(
                missing
            ):  # nor was the row found that may stand in place of these
                columns = self.table.columns_of(choice.row.code)
                self.notes += [
                    CellNote(self.table.code, choice.row.code, column, None, kind) for column in columns
                ]
        if kind == "row_absent":
            missing = self._tell_columns([code for code in codes if code not in missing], missing)
        if missing and kind == "row_absent":
            rows = dict.fromkeys(code.split(".")[0] for code in missing)
            self.say("ROW-ABSENT", missing, labels="、".join(self.table.row(code).label for code in rows))
        self.values = {code: self._in_order(code) for code in codes}
        if self.notes:
            place = self.table.places(self.alternate)
            self.notes.sort(key=lambda note: place.get((note.row, note.column), len(place)))

    def _tell_columns(self, printed: list[str], missing: list[str]) -> list[str]:
        """Say which columns none of the ``printed`` rows has; what else is missing comes back."""
        absent = [
            column
            for column in (c.code for c in self.table.columns)
            if len(printed) > 1 and all(f"{code}.{column}" in missing for code in printed)
        ]
        if absent:
            cells = [cell for cell in missing if cell.partition(".")[2] in absent]
            labels = "、".join(self.table.column(column).label for column in absent)
            self.say("COLUMN-ABSENT", cells, labels=labels)
        return [cell for cell in missing if cell.partition(".")[2] not in absent]

    def _in_order(self, code: str) -> dict[str, Number | None]:
        """The row's values in the order of its columns, which they nearly always have."""
        values, columns = self.values[code], self.table.columns_of(code)
        return values if tuple(values) == columns else {column: values.get(column) for column in columns}

    def zero_style(self) -> str:
        """How the page prints zero: ``printed``, ``blank``, ``mixed``, or ``empty`` if no number is printed at all."""
        numbers = [v for row in self.values.values() for v in row.values() if v is not None]
        if not numbers:
            return "empty"
        left_out = any(note.kind in _ZERO_KINDS for note in self.notes)
        return ("mixed" if 0 in numbers else "blank") if left_out else "printed"
