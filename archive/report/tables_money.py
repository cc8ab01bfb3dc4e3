"""Money: a sum is only known with its unit, and the unit only from print."""

from __future__ import annotations

import re
from collections.abc import Iterable

from archive.reference.forms import Column
from archive.report.cells import Printed, parse_cell, to_wan_yuan
from archive.report.labels import soft_key
from archive.report.tables_fill import Filling

_UNIT = re.compile(
    r"单位[:,]?(?:人民币)?(万元|亿元|千元|元)|\((?:人民币)?(万元|亿元|千元|元)[^)]*\)|金额(万元|亿元|千元|元)\Z"
)


def unit_in(texts: Iterable[str]) -> str | None:
    """The one unit of money that these labels print, or ``None`` if they print none or several."""
    units = {
        next(u for u in found.groups() if u) for text in texts if (found := _UNIT.search(soft_key(text)))
    }
    return units.pop() if len(units) == 1 else None


def put_money(filling: Filling, row: str, column: Column, text: str, unit: str | None) -> None:
    """A cell of money. The unit printed in the cell counts before the header's.

    A column with a fixed unit (万元) holds the sum in that unit, converted exactly, or null with ``unit_unknown``.
    A zero needs no unit. A column without one holds what is printed, with the unit in the note: ``unit`` if known, else ``unit_unknown``.
    """
    read = parse_cell(text)
    if not read.value:  # no number; or nothing, which is the same in every unit
        filling.put(row, column.code, text, read)
        return
    known = read.unit or unit
    if known and not known.endswith("元"):  # 5件 in a column of money
        known = None
    place = f"{row}.{column.code}"
    if known is None:
        value = None if column.unit else read.value
        filling.put(row, column.code, text, Printed(value, "unit_unknown"))
        filling.say("UNIT-UNKNOWN", [place], quote=text, printed=text.strip())
    elif column.unit is None:
        filling.put(row, column.code, text, Printed(read.value, read.kind or "unit", known))
    elif known == column.unit:
        filling.put(row, column.code, text, read)
    else:
        filling.put(row, column.code, text, Printed(to_wan_yuan(read.value, known), "unit", known))
