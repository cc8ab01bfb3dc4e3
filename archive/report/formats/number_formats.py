"""A value in an Excel cell and its number format, as the sheet prints it, as far as reports use the formats."""

from __future__ import annotations

import datetime
import re
from decimal import ROUND_HALF_UP, Decimal

_QUOTED = re.compile(r'"([^"]*)"|\\(.)|\[[^\]]*\]|_.|\*.')
_DIGITS = re.compile(r"[#0?][#0?,]*(\.[0#?]+)?")


def printed(value: object, number_format: str | None) -> str:
    """The text in the cell: ``12.0`` is ``12``, ``0.125`` in ``0.0%`` is ``12.5%``; formats unknown here print all digits.

    ``#,##0`` keeps its thousands separators, units in quotation marks (``0"件"``) stay, dates are ISO 8601.
    """
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float() | Decimal():
            return _number(value, number_format or "General")
        case datetime.datetime():
            midnight = value.time() == datetime.time()
            return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case _:
            return str(value).strip()


def _number(value: int | float | Decimal, number_format: str) -> str:
    # Excel keeps and shows 15 digits; the 16th and 17th of a stored result are the noise of its arithmetic.
    exact = Decimal(f"{value:.15g}") if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        return str(value)
    sections = number_format.split(";")
    section, shown = sections[0], exact
    if exact < 0 and len(sections) > 1 and "General" not in sections[1]:
        section, shown = sections[1], -exact  # the section for negative numbers brings its own sign
    elif exact == 0 and len(sections) > 2:
        section = sections[2]
    literal = _QUOTED.sub(lambda m: "\0" * len(m[0]), section)
    digits = _DIGITS.search(literal)
    if digits is None:
        # The section for zero may be all text, such as "-": then that is what is printed.
        return (
            _plain(exact)
            if "General" in section or section == "@"
            else _QUOTED.sub(_literal, section).strip()
        )
    if re.search(r"[ymdhsEe/]", literal):
        return _plain(exact)
    if "%" in literal:
        shown *= 100
    decimals = len(digits[1]) - 1 if digits[1] else 0
    optional = digits[1].count("#") + digits[1].count("?") if digits[1] else 0
    text = f"{shown.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):{',' if ',' in digits[0] else ''}f}"
    if optional:
        keep = len(text) - optional
        text = text[:keep] + text[keep:].rstrip("0")
        text = text.rstrip(".")
    before, after = section[: digits.start()], section[digits.end() :]
    return (_QUOTED.sub(_literal, before) + text + _QUOTED.sub(_literal, after)).strip()


def _literal(match: re.Match[str]) -> str:
    return match[1] or match[2] or ""


def _plain(value: Decimal) -> str:
    """All digits, no exponent, no idle zeros: 12.0 is 12, 1E+3 is 1000."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
