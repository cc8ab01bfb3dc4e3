"""The statistical forms of 2014 and 2008: their figures, and the list as a table."""

from __future__ import annotations

from random import Random

from tests.generator import forms_older
from tests.generator.cells import Cell, Printed, label, value
from tests.generator.figures import number
from tests.generator.grids import Rows, Truth
from tests.generator.style import Style

Figures = dict[str, dict[str, int | float]]
COLUMNS = {
    "stat2014": [("value", "统计数")],
    "legacy2008": [("current", "本期实际"), ("cumulative", "本年累计")],
}


def draw(random: Random, form: str, level: int) -> Figures:
    """row -> column -> value; every sum of the form holds."""
    figures: Figures = {}
    for column, _ in COLUMNS[form]:
        values: dict[str, int | float] = {
            code: number(random, level) for code, _, unit in forms_older.ROWS[form] if unit
        }
        for code in ("fees_collected", "dedicated_budget"):
            if code in values and random.random() < 0.5:
                values[code] = round(random.uniform(0.1, 90), random.randint(1, 3))
        for _, total, parts, at_most in forms_older.SUMS[form]:
            if not at_most:
                values[total] = sum(values[part] for part in parts)
            elif len(parts) == 1 and values[parts[0]] > values[total]:
                if total == "requests_completed":  # itself a sum
                    values["completed_on_time"] += values[parts[0]] - values[total]
                values[total] = values[parts[0]]
        for code, amount in values.items():
            figures.setdefault(code, {})[column] = amount
    return figures


def table(random: Random, style: Style, figures: Figures) -> tuple[Rows, Truth]:
    """The list as printed: indicator, unit and values; with an added row and a number column now and then."""
    columns = COLUMNS[style.form]
    numbered = style.form == "legacy2008" and random.random() < 0.7
    header = [Cell("代码")] if numbered else []
    header += [
        Cell(label(random, style, text)) for text in ("统计指标", "单位", *(name for _, name in columns))
    ]
    rows: Rows = [header]
    truth: Truth = {"statistics": {}}
    added = (
        [random.choice(forms_older.ADDED)] if style.rows == "one_added" and style.form == "stat2014" else []
    )
    extra = 0
    for index, (code, text, unit) in enumerate(forms_older.ROWS[style.form], start=1):
        cells = [Cell(f"{index:02}")] if numbered else []
        cells += [Cell(label(random, style, text)), Cell(unit or "——")]
        for column, _ in columns:
            if unit is None:
                cells.append(Cell(""))
                continue
            printed = value(random, style, figures[code][column], remark=False, column="")
            truth["statistics"].setdefault(code, {})[column] = printed
            cells.append(Cell(printed.text, path=("statistics", code, column)))
        rows.append(cells)
        for after, name, its_unit in added:
            if after == code:
                extra += 1
                amount = random.randint(1, 99)
                rows.append([Cell(name), Cell(its_unit), Cell(str(amount))])
                truth["statistics"][f"x_{extra}"] = {"value": Printed(str(amount), amount)}
    return rows, truth
