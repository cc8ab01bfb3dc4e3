"""Random figures that hold every identity of the form, so that arithmetic may never be blamed for a misreading."""

from __future__ import annotations

from random import Random

from tests.generator import forms

Values = dict[str, dict[str, dict[str, int | float]]]
PARTS = [code for code, _ in forms.APPLICANTS[:-1]]


def number(random: Random, level: int) -> int:
    """A count as agencies of that size print it: mostly zero for a town, up to millions for a city."""
    if random.random() < (0.75, 0.45, 0.2)[level]:
        return 0
    return random.randint(1, (9, 120, 4_000)[level])


def draw(random: Random, form: str, *, one_row: bool, level: int) -> Values:
    """table -> row -> column -> value for a report of ``form`` (gb2021 or gb2019)."""
    return {
        "active_disclosure": _table2(random, form, level),
        "applications": _table3(random, one_row, level),
        "review_litigation": _table4(random, level),
    }


def spoil(random: Random, values: Values, count: int) -> None:
    """Change ``count`` figures of tables 3 and 4, so that sums no longer hold."""
    places = [
        (t, r, c) for t in ("applications", "review_litigation") for r, row in values[t].items() for c in row
    ]
    for table, row, column in random.sample(places, count):
        values[table][row][column] += random.randint(1, 9)


def _table2(random: Random, form: str, level: int) -> dict[str, dict[str, int | float]]:
    blocks = forms.T2_2021 if form == "gb2021" else forms.T2_2019
    table: dict[str, dict[str, int | float]] = {}
    for _, columns, rows in blocks:
        for row, _ in rows:
            table[row] = {}
            for code, _ in columns:
                value: int | float = number(random, level)
                if code in ("amount_wan_yuan", "amount") and random.random() < 0.5:
                    value = round(random.uniform(0.01, 9999), random.randint(1, 4))
                if code == "change" and value and random.random() < 0.4:
                    value = -value
                table[row][code] = value
            for low, high in (("made", "valid"), ("newly_disclosed", "disclosed_total")):
                if low in table[row]:
                    table[row][high] = table[row][low] + number(random, level)
    return table


def _table3(random: Random, one_row: bool, level: int) -> dict[str, dict[str, int | float]]:
    rows = [code for code, _, _ in forms.results(one_row=one_row)]
    table: dict[str, dict[str, int | float]] = {
        row: {part: number(random, level) if random.random() < 0.6 else 0 for part in PARTS} for row in rows
    }
    processed = {part: sum(table[row][part] for row in rows) for part in PARTS}
    carried_out = {part: number(random, level) for part in PARTS}
    carried_in = {part: random.randint(0, int(processed[part] + carried_out[part])) for part in PARTS}
    new = {part: processed[part] + carried_out[part] - carried_in[part] for part in PARTS}
    table |= {
        "processed_total": processed,
        "carried_out": carried_out,
        "carried_in": carried_in,
        "new_received": new,
    }
    for row in table.values():
        row["total"] = sum(row[part] for part in PARTS)
    return table


def _table4(random: Random, level: int) -> dict[str, dict[str, int | float]]:
    table: dict[str, dict[str, int | float]] = {}
    for case in forms.CASES:
        row: dict[str, int | float] = {code: number(random, min(level, 1)) for code, _ in forms.OUTCOMES[:-1]}
        row["total"] = sum(row.values())
        table[case] = row
    return table
