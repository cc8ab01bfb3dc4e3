"""What is exported: every table with its typed columns, its meaning, and its rows in an order that never changes.

Rows come one at a time, by public keys: integer ids are private to one file and leave it never.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from archive.publish import metadata, withheld
from archive.publish.accuracy import agreement, marks
from archive.publish.accuracy.marks import Mark
from archive.publish.exports import cells, panel
from archive.publish.exports.choices import FAMILIES, OLDER, STATUTORY
from archive.publish.exports.selection import Selection
from archive.publish.privacy import mask
from archive.reference.forms import codebook, forms

Type = Literal["text", "integer", "number", "date"]
Values = tuple[object, ...]

INTEGERS = frozenset(
    (
        "year", "findings_error", "findings_warning", "boundary_break", "version", "seq", "rule_version", "days_late",
        "lists_checked", "complete_checks", "on_roster",
    )
)  # fmt: skip
DATES = frozenset(("published_on", "signed_on", "stat_from", "stat_to", "due_on", "gone_on"))
PRIVATE = frozenset(("title", "message", "message_zh", "quote"))
"""Texts of pages, which may name people. In ``cells`` it is the print of a cell that holds words."""
NUMBERS = frozenset(["value", "difference", "fees_wan_yuan"])
ACCURACY_TYPES: dict[str, Type] = {
    **dict.fromkeys(("n", "right", "wrong", "unsure", "unmarked", "other_page"), "integer"),
    **dict.fromkeys(("agreement", "low", "high"), "number"),
}
REAL = "real"
"""What SQLite calls the type of a number that is not whole."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its name, type, and meaning in Chinese and English."""

    name: str
    type: Type
    label: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table to export. ``rows()`` starts anew each time; ``kinds()`` (panels of cells) adds to every row the kinds
    of the fields from ``first_cell`` on. ``key`` names the fields that no two rows share. ``groups()`` gives the same
    rows in parts that recur, for writers that can make use of it."""

    name: str
    description: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    rows: Callable[[], Iterator[Values]]
    kinds: Callable[[], Iterator[tuple[Values, Values]]] | None = None
    first_cell: int = 0
    groups: Callable[[], Iterator[cells.Group]] | None = None


@cache
def codes() -> dict[str, Any]:
    """Numbers, letters and words of the exports: ``data/codes.json``."""
    loaded: dict[str, Any] = json.loads(
        (resources.files(__package__) / "data" / "codes.json").read_text("utf-8")
    )
    return loaded


def tables(
    conn: sqlite3.Connection, selection: Selection, *, today: str, checked: Sequence[Mark] = ()
) -> list[Table]:
    """Everything that a selection gives, inside the block of ``selection.chosen``; panels first.

    ``checked``: the marks of people who held values against the pages, and what these come to, go along.
    """
    found: list[Table] = []
    wanted = selection.forms or tuple(forms())
    fractions = _has_fractions(conn)
    if set(wanted) & set(FAMILIES[STATUTORY]):
        found += [*_panels(conn, "panel", fractions), _panel_core(conn, fractions)]
    if set(wanted) & set(FAMILIES[OLDER]):
        found += [*_panels(conn, "panel_statistics", fractions), _statistics(conn)]
    found += [_reports(conn), _cells(conn), _findings(conn), _coverage(conn, selection, today)]
    return [*found, _codebook(conn, wanted), _rules(conn), _withheld(conn), *_accuracy(conn, checked)]


def _panels(conn: sqlite3.Connection, view: str, fractions: bool) -> Iterator[Table]:
    names = panel.columns(conn, view)
    first = len(panel.HEAD)
    panel.keep(conn, view)
    yield Table(
        view,
        _description(view),
        _cell_fields(conn, view, names, fractions),
        ("report_key",),
        lambda: panel.rows(conn, view),
        lambda: panel.kinds(conn, view),
        first,
    )
    why = _fields(view, names[first:])
    yield Table(
        f"{view}_kinds",
        f"与 {view} 同形：各格为何是或不是数字。 Of the shape of {view}: `number`, or why a cell is null.",
        (_field("report", "report_key"), *(Field(f.name, "text", f.label) for f in why)),
        ("report_key",),
        lambda: ((values[0], *kinds) for values, kinds in panel.kinds(conn, view)),
    )


def _panel_core(conn: sqlite3.Connection, fractions: bool) -> Table:
    names = panel.columns(conn, "panel_core")
    panel.keep(conn, "panel_core")
    return Table(
        "panel_core",
        _description("panel_core"),
        _cell_fields(conn, "panel_core", names, fractions),
        ("report_key",),
        lambda: panel.rows(conn, "panel_core"),
    )


def _reports(conn: sqlite3.Connection) -> Table:
    identity = (
        "report_key", "agency_key", "agency", "kind", "scope", "sector", "level", "county_code", "county", "town_code",
        "parent_key", "year",
    )  # fmt: skip
    told = (
        "doc_key", "url", "form", "title", "published_on", "published_source", "date_quality", "signed_on", "stat_from",
        "stat_to", "reader", "version", "zero_style_t2", "zero_style_t3", "zero_style_t4", "first_seen", "last_seen",
        "gone_on", "snapshot_key", "sha256", "fetched_at",
    )  # fmt: skip
    sources = {
        "report_key": "r.key", "agency_key": "a.key", "sector": "a.sector", "level": "a.level", "town_code": "a.town_code",
        "parent_key": "a.parent_key", "snapshot_key": "s.key", "sha256": "s.sha256", "fetched_at": "s.fetched_at",
    }  # fmt: skip
    listed = [f"{sources.get(name, f'r.{name}')} AS {name}" for name in identity]
    listed.append("iif(c.withheld, 'withheld', r.status) AS status")
    listed += [f"iif(c.withheld, NULL, {sources.get(name, f'r.{name}')}) AS {name}" for name in told]
    sql = (
        f"SELECT {', '.join(listed)} FROM chosen c CROSS JOIN report r ON r.id = c.id "
        "CROSS JOIN agency a ON a.id = r.agency_id CROSS JOIN snapshot s ON s.id = r.snapshot_id ORDER BY c.key"
    )
    return _query(conn, "reports", "report", (*identity, "status", *told), ("report_key",), sql)


def _cells(conn: sqlite3.Connection) -> Table:
    names = (
        "report_key", "agency", "year", "scope", "form", "table_name", "row", "column", "short", "value", "kind", "raw",
    )  # fmt: skip

    def rows() -> Iterator[Values]:
        return ((*head, *place, *told) for head, found in cells.groups(conn) for place, told in found)

    key = ("report_key", "table_name", "row", "column")
    fields = _fields("cell", names)
    return Table("cells", _description("cell"), fields, key, rows, groups=lambda: cells.groups(conn))


def _statistics(conn: sqlite3.Connection) -> Table:
    names = ("report_key", "seq", "row", "column", "column_label", "label", "parent", "unit", "value")
    listed = ", ".join(f't."{name}"' for name in names[1:])
    sql = (
        f"SELECT c.key, {listed} FROM chosen c CROSS JOIN statistics t ON t.report_id = c.id "
        "WHERE NOT c.withheld ORDER BY c.key, t.seq"
    )
    return _query(conn, "statistics", "statistics", names, ("report_key", "seq"), sql)


def _findings(conn: sqlite3.Connection) -> Table:
    names = (
        "report_key", "key", "rule", "severity", "outcome", "message", "message_zh", "left_value", "left_where",
        "right_value", "right_where", "difference", "cells", "quote", "other_report_key", "explained", "rule_version",
        "first_seen", "status", "origin",
    )  # fmt: skip
    other = {
        "report_key": "c.key",
        "other_report_key": "(SELECT o.key FROM report o WHERE o.id = f.other_report_id)",
    }
    listed = ", ".join(other.get(name, f"f.{name}") for name in names)
    sql = (
        f"SELECT {listed} FROM chosen c CROSS JOIN finding f ON f.report_id = c.id "
        "WHERE f.resolved_at IS NULL AND f.id NOT IN untold ORDER BY c.key, f.rule, f.key"
    )
    return _query(conn, "findings", "finding", names, ("key",), sql)


def _coverage(conn: sqlite3.Connection, selection: Selection, today: str) -> Table:
    names = (
        "agency_key", "agency", "kind", "scope", "county_code", "county", "year", "status", "state", "timeliness",
        "days_late", "due_on", "due_basis", "published_on", "published_source", "report_key", "lists_checked",
        "complete_checks", "first_check", "last_check", "gone_on", "reason", "on_roster",
    )  # fmt: skip
    young = withheld.unripe_absence("v", today)
    hidden = f"v.report_id IN ({withheld.reports()})"
    instead = {
        "status": f"CASE WHEN {hidden} THEN 'published' WHEN {young} THEN 'not_checked' ELSE v.status END",
        "state": f"CASE WHEN {young} THEN 'not_checked' ELSE v.state END",
        "timeliness": f"iif({hidden}, 'unknown', v.timeliness)",
        "report_key": "r.key",
        "reason": f"CASE WHEN {hidden} THEN 'withheld' WHEN {young} THEN 'not_found_yet_to_be_confirmed' ELSE v.reason END",
        **{
            name: f"iif({hidden}, NULL, v.{name})"
            for name in ("days_late", "published_on", "published_source", "gone_on")
        },
    }
    where, values = selection.where("v")
    scopes = ", ".join(f"'{scope}'" for scope in selection.scopes)
    listed = ", ".join(f"{instead.get(name, 'v.' + name)} AS {name}" for name in names)
    sql = (
        f"SELECT {listed} "
        f"FROM coverage v LEFT JOIN report r ON r.id = v.report_id WHERE {where} AND v.scope IN ({scopes}) "
        "ORDER BY v.agency_key, v.scope, v.year"
    )
    return _query(conn, "coverage", "coverage", names, ("agency_key", "scope", "year"), sql, values)


def _codebook(conn: sqlite3.Connection, wanted: tuple[str, ...]) -> Table:
    names = tuple(row["name"] for row in conn.execute("SELECT name FROM pragma_table_info('codebook')"))
    sql = (
        f"SELECT * FROM codebook WHERE form IN ({', '.join('?' * len(wanted))}) "
        'ORDER BY form DESC, table_name, row, "column"'
    )
    return _query(
        conn, "codebook", "codebook", names, ("form", "table_name", "row", "column"), sql, list(wanted)
    )


def _rules(conn: sqlite3.Connection) -> Table:
    names = tuple(row["name"] for row in conn.execute("SELECT name FROM pragma_table_info('rule')"))
    return _query(conn, "rules", "rule", names, ("rule",), "SELECT * FROM rule ORDER BY rule")


def _withheld(conn: sqlite3.Connection) -> Table:
    """The tombstones: whose figures on which year are kept back, and since when; nothing of what they were."""
    names = ("report_key", "agency_key", "agency", "scope", "year", "level", "reason", "decided_on")
    decisions = (
        "SELECT r.key AS report_key, a.key AS agency_key, r.agency, r.scope, r.year, w.level, w.reason, w.decided_on,"
        " row_number() OVER (PARTITION BY r.id ORDER BY w.decided_on DESC, w.target_type) AS latest"
        " FROM chosen c CROSS JOIN report r ON r.id = c.id CROSS JOIN agency a ON a.id = r.agency_id"
        " CROSS JOIN snapshot s ON s.id = r.snapshot_id"
        " JOIN withheld w ON w.target_key IN (r.key, a.key, r.doc_key, s.key, s.sha256) WHERE c.withheld"
    )
    sql = f"SELECT {', '.join(names)} FROM ({decisions}) WHERE latest = 1 ORDER BY report_key"
    return _query(conn, "withheld", "withheld", names, ("report_key",), sql)


def _accuracy(conn: sqlite3.Connection, checked: Sequence[Mark]) -> Iterator[Table]:
    """How far people found the values to be those of the pages, and their marks one by one; without marks no rows."""
    told = metadata.load("accuracy")

    def table(name: str, columns: tuple[str, ...], rows: Callable[[], Iterator[Values]], key: int) -> Table:
        fields = tuple(Field(c, ACCURACY_TYPES.get(c, "text"), told["columns"][c]) for c in columns)
        return Table(name, told["tables"][name], fields, columns[:key], rows)

    hidden = {row[0] for row in conn.execute(f"SELECT key FROM report WHERE id IN ({withheld.reports()})")}
    shown = [mark for mark in checked if mark.report_key not in hidden]
    found = [astuple(line) for line in agreement.agreement(conn, shown)]
    yield table("accuracy", agreement.COLUMNS, lambda: iter(found), 3)
    yield table("accuracy_marks", marks.COLUMNS, lambda: map(marks.values, shown), 7)


def _query(
    conn: sqlite3.Connection, name: str, source: str, names: tuple[str, ...], key: tuple[str, ...], sql: str,
    values: list[object] | None = None,
) -> Table:  # fmt: skip
    private = [number for number, column in enumerate(names) if column in PRIVATE]
    return Table(
        name,
        _description(source),
        _fields(source, names),
        key,
        lambda: (_masked(row, private) for row in conn.execute(sql, values or [])),
    )


def _masked(row: sqlite3.Row, private: Sequence[int]) -> Values:
    """The row with personal data masked in its texts, as in everything published."""
    values: list[object] = list(row)
    for number in private:
        if isinstance(text := values[number], str):
            values[number] = mask(text)
    return tuple(values)


def _fields(source: str, names: tuple[str, ...]) -> tuple[Field, ...]:
    return tuple(_field(source, name) for name in names)


def _cell_fields(
    conn: sqlite3.Connection, view: str, names: tuple[str, ...], fractions: bool
) -> tuple[Field, ...]:
    """As ``_fields``; but a column of counts in which a page printed a fraction (if any did) is one of numbers."""
    of_cells = names[len(panel.HEAD) :]
    if not fractions:
        return _fields(view, names)
    listed = ", ".join(f"max(typeof(p.{name}) = 'real') AS {name}" for name in of_cells)
    found = conn.execute(f"SELECT {listed} FROM temp.{panel.KEPT}{view} p WHERE NOT p.withheld").fetchone()
    return tuple(
        Field(field.name, "number", field.label) if field.name in of_cells and found[field.name] else field
        for field in _fields(view, names)
    )


def _has_fractions(conn: sqlite3.Connection) -> bool:
    """Whether any count of the chosen reports is printed as a fraction, which is rare: asked of the tables themselves."""
    counts: dict[str, set[str]] = {}
    for entry in codebook():
        if entry.type != "decimal":
            counts.setdefault(entry.table_name, set()).add(
                "value" if entry.table_name == "statistics" else entry.column
            )
    return any(
        conn.execute(
            f"SELECT 1 FROM chosen c CROSS JOIN {table} v ON v.report_id = c.id WHERE"
            f" {' OR '.join(f'typeof(v.{column}) = {REAL!r}' for column in sorted(columns))} LIMIT 1"
        ).fetchone()
        for table, columns in counts.items()
    )


def _field(source: str, name: str) -> Field:
    return Field(name, _type(source, name), _labels(source).get(name) or name)


@cache
def _labels(source: str) -> dict[str, str]:
    """What the columns of a table mean, from where Datasette has it; those that only exports have are added here."""
    told = dict(metadata.load("tables").get(source, {}).get("columns", {}))
    fallback = {
        **metadata.load("tables")["report"]["columns"],
        **metadata.load("tables")["agency"]["columns"],
    }
    own = metadata.load("tables")["panel"]["columns"]
    extra = {
        "report_key": own["report_key"],
        "agency_key": own["agency_key"],
        "snapshot_key": fallback["snapshot_id"],
    }
    extra["other_report_key"] = metadata.load("tables")["finding"]["columns"]["other_report_id"]
    extra |= {name: metadata.load("tables")["snapshot"]["columns"][name] for name in ("sha256", "fetched_at")}
    known = {**fallback, **extra, **told}
    shorts = {
        e.short: f"{e.label_zh} · {e.label_en}" + (f" ({e.unit})" if e.unit else "")
        for e in codebook()
        if e.short
    }
    return {**shorts, **known}


def _description(source: str) -> str:
    return str(metadata.load("tables")[source]["description"])


def _type(source: str, name: str) -> Type:
    if source.startswith("panel") and name not in panel.HEAD:
        return _cell_types().get(name) or ("number" if _is_rate(name) or name in NUMBERS else "integer")
    if name in DATES:
        return "date"
    if name in NUMBERS:
        return "number"
    return "integer" if name in INTEGERS else "text"


def _is_rate(name: str) -> bool:
    """Whether a column of ``panel_core`` is a rate, and not one of the counts it is made of."""
    return bool(re.search(r"_(rate|share)(_(substantive|review|direct|after_review))?$", name))


@cache
def _cell_types() -> dict[str, Type]:
    return {e.short: "number" if e.type == "decimal" else "integer" for e in codebook() if e.short}
