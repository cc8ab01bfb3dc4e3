"""SQL of the views whose columns are the cells of the forms: generated, so that a new form is only data.

Every row of a form is one join on the primary key of its table: 0.03 s for one county among 30,000 reports, where
``max(CASE …)`` over a long table took 6.8 s. SQLite joins at most 64 tables; the statutory forms need 39.
"""

from __future__ import annotations

from collections.abc import Iterator

from archive.reference.forms import Column, FormTable, Row, forms, statutory, variable_name
from archive.store.rows import VALUE_COLUMNS

TABLES = tuple(VALUE_COLUMNS)

HEAD = """SELECT
    r.id AS report_id, r.key AS report_key, a.key AS agency_key, r.agency, r.scope, r.kind, r.county_code, r.year,
    r.form, r.status, r.date_quality,
    (SELECT count(*) FROM finding f WHERE f.report_id = r.id AND f.severity = 'error' AND f.outcome = 'fail'
        AND f.resolved_at IS NULL AND f.status <> 'dismissed') AS findings_error,
    (SELECT count(*) FROM finding f WHERE f.report_id = r.id AND f.severity = 'warning' AND f.outcome = 'fail'
        AND f.resolved_at IS NULL AND f.status <> 'dismissed') AS findings_warning,
    EXISTS (SELECT 1 FROM boundary_break b WHERE b.county_code = r.county_code
        AND b.year = r.year) AS boundary_break"""

FROM = "FROM report r JOIN agency a ON a.id = r.agency_id"

OTHER = "other"
OTHER_PARTS = ("other_correction_overdue", "other_fee_unpaid", "other_other")


def cell() -> str:
    """The view ``cell``: every cell of every report, long."""
    return "\nUNION ALL\n".join([*(_long(table) for table in TABLES), _long_statistics()])


def panel() -> str:
    """The view ``panel``: one row a report of a statutory form, its cells by their short names."""
    columns = [f"{alias}.{column.code} AS {name}" for alias, column, name in _cells()]
    columns += [f"{_other_all(column)} AS t3_other_all_{column.short}" for column in _applications().columns]
    wanted = ", ".join(f"'{form.code}'" for form in forms().values() if form.kind == "statutory")
    return f"{HEAD},\n    {_lines(columns)}\n{FROM}\n{_joins()}\nWHERE r.form IN ({wanted})"


def panel_statistics() -> str:
    """The view ``panel_statistics``: one row a report of an older form, its statistics by their short names."""
    columns: dict[str, str] = {}
    for form in forms().values():
        for table in form.tables.values() if form.kind == "statistics" else ():
            for row, column in _rows_and_columns(table):
                name = variable_name(table, row, column)
                if name:
                    columns[name] = (
                        "(SELECT s.value FROM statistics s WHERE s.report_id = r.id"
                        f" AND s.row = '{row.code}' AND s.\"column\" = '{column.code}' LIMIT 1)"
                    )
    wanted = ", ".join(f"'{form.code}'" for form in forms().values() if form.kind == "statistics")
    lines = _lines(
        [f"iif(r.form = '{_form_of(name)}', {sql}, NULL) AS {name}" for name, sql in columns.items()]
    )
    return f"{HEAD},\n    {lines}\n{FROM}\nWHERE r.form IN ({wanted})"


def panel_core() -> str:
    """The view ``panel_core``: totals for people and the fixed rates, each with numerator and denominator.

    A sum is null if one of its parts is; a rate is null if its denominator is null or 0. Numerator and denominator are both
    null unless both are known: whoever sums the two columns has the same reports in both.
    """
    totals = {
        "new_received": "t3_new_received.total",
        "new_received_natural_person": "t3_new_received.natural_person",
        "carried_in": "t3_carried_in.total",
        "granted": "t3_granted.total",
        "partially_granted": "t3_partially_granted.total",
        "refused": _sum("refused_"),
        "not_held": "t3_unavailable_not_held.total",
        "unavailable": _sum("unavailable_"),
        "unprocessed": _sum("unprocessed_"),
        "other_processed": _other_all(_applications().column("total")),
        "processed_total": "t3_processed_total.total",
        "carried_out": "t3_carried_out.total",
        "normative_made": "t2_normative_documents.made",
        "normative_valid": "t2_normative_documents.valid",
        "licensing_decisions": "t2_administrative_licensing.decisions",
        "penalty_decisions": "t2_administrative_penalty.decisions",
        "coercion_decisions": "t2_administrative_coercion.decisions",
        "fees_wan_yuan": "t2_administrative_fees.amount_wan_yuan",
    }
    for name, row in (
        ("review", "review"),
        ("direct", "litigation_direct"),
        ("after_review", "litigation_after_review"),
    ):
        totals |= {f"{name}_{column}": f"t4_{row}.{column}" for column in ("total", "corrected", "pending")}
    rates = {
        "disclosure_rate": ("granted + partially_granted", "processed_total"),
        "disclosure_rate_substantive": (
            "granted + partially_granted",
            "granted + partially_granted + refused",
        ),
        "refusal_rate": ("refused", "processed_total"),
        "not_held_share": ("not_held", "processed_total"),
        "natural_share": ("new_received_natural_person", "new_received"),
        "backlog_rate": ("carried_out", "new_received + carried_in"),
        "direct_share": ("direct_total", "direct_total + after_review_total"),
        "correction_rate_review": ("review_corrected", "review_total - review_pending"),
        "correction_rate_direct": ("direct_corrected", "direct_total - direct_pending"),
        "correction_rate_after_review": (
            "after_review_corrected",
            "after_review_total - after_review_pending",
        ),
    }
    inner = f"{HEAD},\n    {_lines([f'{sql} AS {name}' for name, sql in totals.items()])}\n{FROM}\n{_joins()}"
    wanted = ", ".join(f"'{form.code}'" for form in forms().values() if form.kind == "statutory")
    columns = [
        f"iif(({denominator}) IS NULL, NULL, {numerator}) AS {name}_num,"
        f" iif(({numerator}) IS NULL, NULL, {denominator}) AS {name}_den,"
        f" 1.0 * ({numerator}) / nullif({denominator}, 0) AS {name}"
        for name, (numerator, denominator) in rates.items()
    ]
    return f"SELECT *,\n    {_lines(columns)}\nFROM (\n{inner}\nWHERE r.form IN ({wanted})\n)"


def _long(table: str) -> str:
    cases = " ".join(f"WHEN '{column}' THEN v.{column}" for column in VALUE_COLUMNS[table])
    return f"""SELECT report_id, agency, year, scope, form, table_name, row, "column", short, value,
    coalesce(kind, iif(value IS NULL, NULL, 'number')) AS kind, iif(kind IS NULL, CAST(value AS TEXT), raw) AS raw
FROM (
    SELECT r.id AS report_id, r.agency, r.year, r.scope, r.form, c.table_name, v.row, c."column", c.short,
        CASE c."column" {cases} END AS value, n.kind, n.raw
    FROM report r
    JOIN {table} v ON v.report_id = r.id
    JOIN codebook c ON c.form = r.form AND c.table_name = '{table}' AND c.row = v.row
    LEFT JOIN cell_note n ON n.report_id = r.id AND n.table_name = '{table}' AND n.row = v.row
        AND n."column" = c."column"
)"""


def _long_statistics() -> str:
    return """SELECT r.id, r.agency, r.year, r.scope, r.form, 'statistics', v.row, v."column", c.short, v.value,
    coalesce(n.kind, iif(v.value IS NULL, NULL, 'number')), iif(n.kind IS NULL, CAST(v.value AS TEXT), n.raw)
FROM report r
JOIN statistics v ON v.report_id = r.id
LEFT JOIN codebook c ON c.form = r.form AND c.table_name = 'statistics' AND c.row = v.row AND c."column" = v."column"
LEFT JOIN cell_note n ON n.report_id = r.id AND n.table_name = 'statistics' AND n.row = v.row
    AND n."column" = v."column\""""


def _statutory() -> Iterator[FormTable]:
    for form in forms().values():
        if form.kind == "statutory":
            yield from form.tables.values()


def _applications() -> FormTable:
    return next(table for table in _statutory() if table.code == "applications")


def _rows_and_columns(table: FormTable) -> Iterator[tuple[Row, Column]]:
    for row in (*table.rows, *(alternate.row for alternate in table.alternates)):
        for column in table.columns_of(row.code):
            yield row, table.column(column)


def _cells() -> Iterator[tuple[str, Column, str]]:
    """Alias of the join, column and short name of every cell of the statutory forms, each name once."""
    named: set[str] = set()
    for table in _statutory():
        for row, column in _rows_and_columns(table):
            name = variable_name(table, row, column)
            if name and name not in named:
                named.add(name)
                yield f"{table.short}_{row.code}", column, name


def _joins() -> str:
    rows = {
        f"{table.short}_{row.code}": (table.code, row.code)
        for table in _statutory()
        for row, _ in _rows_and_columns(table)
    }
    return "\n".join(
        f"LEFT JOIN {table} {alias} ON {alias}.report_id = r.id AND {alias}.row = '{row}'"
        for alias, (table, row) in rows.items()
    )


def _other_all(column: Column) -> str:
    parts = " + ".join(f"t3_{part}.{column.code}" for part in OTHER_PARTS)
    return f"coalesce(t3_{OTHER}.{column.code}, {parts})"


def _sum(prefix: str) -> str:
    """The sum of a group's rows; one that a report's form does not have adds nothing."""
    terms: dict[str, list[str]] = {}
    tables = {code: forms()[code].tables["applications"] for code in statutory()}
    for code, table in tables.items():
        for row in table.rows:
            if row.code.startswith(prefix):
                terms.setdefault(row.code, []).append(code)
    return " + ".join(
        f"t3_{row}.total"
        if len(having) == len(tables)
        else f"iif(r.form IN ({', '.join(map(repr, having))}), t3_{row}.total, 0)"
        for row, having in terms.items()
    )


def _form_of(variable: str) -> str:
    """The statistics form whose short name begins a variable's."""
    return next(
        form.code
        for form in forms().values()
        for table in form.tables.values()
        if form.kind == "statistics" and variable.startswith(f"{table.short}_")
    )


def _lines(columns: list[str]) -> str:
    return ",\n    ".join(columns)
