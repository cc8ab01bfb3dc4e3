"""Personal data found in texts and masked: identity and mobile numbers, names of applicants and plaintiffs.

A name is only what stands behind a word such as 申请人 or 原告, begins with a surname, and ends where a name can end; the
words are in ``data/privacy.json``. Office telephones (with an area code), posts and officials stay. Only texts come
here: no figure of a table is ever given to these functions.
"""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache
from typing import Any

from archive.publish.metadata import load

_DIGIT = "[0-9０-９]"
_IDENTITY = re.compile(
    rf"(?<![0-9０-９A-Za-z]){_DIGIT}{{17}}[0-9０-９XxＸｘ](?![0-9０-９A-Za-z])|(?<![0-9０-９A-Za-z.]){_DIGIT}{{15}}(?![0-9０-９A-Za-z.])"
)
_FULL_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789XX")


@cache
def _data() -> dict[str, Any]:
    return load("privacy")


@cache
def _mobile() -> re.Pattern[str]:
    """Eleven digits as a mobile number is written, unless a unit follows: then they are an amount."""
    counted = "|".join(map(re.escape, _data()["counted"]))
    digits = r"(?:[+＋]?86[- ]?)?[1１][3-9３-９]" + _DIGIT + r"(?:[-－ ]?" + _DIGIT + r"{4}){2}"
    return re.compile(rf"(?<![0-9０-９.．/_=-]){digits}(?![0-9０-９])(?![.．]{_DIGIT})(?!\s*(?:{counted}))")


@cache
def _name() -> re.Pattern[str]:
    """A word that a name follows, the name, and those joined to it."""
    data = _data()
    roles = "|".join(sorted(map(re.escape, data["roles"]), key=len, reverse=True))
    not_before = "".join(f"(?<!{re.escape(word)})" for word in data["never_before"])
    name = _one_name()
    link = r"(?:姓名)?[：:为是 　]?[“\"（(]?"
    return re.compile(
        rf"{not_before}(?P<role>{roles})(?P<link>{link})(?P<name>{name})(?P<more>(?:[、和与及]{name})*)"
    )


@cache
def _one_name() -> str:
    """A pattern: a surname and one or two characters, up to where a name can end."""
    data = _data()
    compound = "|".join(map(re.escape, data["compound_surnames"]))
    end = "|".join(map(re.escape, data["followed_by"]))
    words = "|".join(map(re.escape, data["words"]))
    han = r"[\u4e00-\u9fff]"
    return (
        rf"(?!{words})(?:(?:{compound}){han}{{1,2}}?|[{data['surnames']}]{han}{{1,2}}?)(?=[”\"]?(?:{end}|$))"
    )


@cache
def _joined() -> re.Pattern[str]:
    return re.compile(rf"([、和与及])({_one_name()})")


@cache
def _suspect() -> re.Pattern[str]:
    """What every text holds in which something is to be masked: many digits in a row, or a word that a name follows."""
    roles = "|".join(map(re.escape, _data()["roles"]))
    return re.compile(rf"{_DIGIT}(?:[-－ ]?{_DIGIT}){{10}}|{roles}")


def mask(text: str) -> str:
    """The text with personal data masked; the very same text if there is none."""
    if not _suspect().search(text):
        return text
    data = _data()
    masked = _IDENTITY.sub(lambda m: data["identity"] if _is_identity(m[0]) else m[0], text)
    masked = _mobile().sub(data["mobile"], masked)
    return _name().sub(_masked_name, masked)


def mask_print(cell: str) -> str:
    """What one cell prints, masked; nothing but figures is left as it is."""
    return mask(cell) if _is_text(cell) else cell


def mask_grid(cells: str) -> str:
    """A grid (JSON, rows of texts) with the texts masked; a cell of nothing but figures is left as it is."""
    if not _suspect().search(cells):
        return cells
    rows = json.loads(cells)
    masked = [[mask_print(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    return cells if masked == rows else json.dumps(masked, ensure_ascii=False)


def _is_text(cell: str) -> bool:
    return not re.fullmatch(r"[\s0-9０-９.．,，%％—－-]*", cell)


def _masked_name(found: re.Match[str]) -> str:
    more = _joined().sub(lambda m: m[1] + _surname_only(m[2]), found["more"])
    return f"{found['role']}{found['link']}{_surname_only(found['name'])}{more}"


def _surname_only(name: str) -> str:
    if "某" in name:  # the page has masked it itself
        return name
    surname = next((s for s in _data()["compound_surnames"] if name.startswith(s)), name[0])
    return f"{surname}{_data()['name']}"


def _is_identity(digits: str) -> bool:
    """Whether the digits are an identity number: a known region and a birthday that there was."""
    plain = digits.translate(_FULL_WIDTH)
    if plain[:2] not in _data()["regions"]:
        return False
    birthday = plain[6:14] if len(plain) == 18 else f"19{plain[6:12]}"
    try:
        return 1880 <= date(int(birthday[:4]), int(birthday[4:6]), int(birthday[6:])).year <= 2100
    except ValueError:
        return False
