"""Stata's file format 118 (Stata 14 and later), written row by row.

Written here because no library writes what the data need: pandas knows no extended missing values (``.a`` to ``.z``),
and pyreadstat wants the whole table in memory. The layout follows ``help dta`` of Stata; two independent readers
(ReadStat through pyreadstat, and pandas) read it back in the tests.
"""

from __future__ import annotations

import re
import struct
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from archive.store.errors import ArchiveError

LONGEST_NAME, LONGEST_LABEL, LONGEST_STRING = 32, 80, 2045
RESERVED = frozenset(
    "_all _b _coef _cons _n _N _pi _pred _rc _skip byte double float if in int long strL using with".split()  # noqa: SIM905
)
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
DOUBLE, LONG, STRL = 65526, 65528, 32768
DOUBLE_MISSING, DOUBLE_STEP = 0x7FE0000000000000, 0x0000010000000000
LONG_MISSING = 2147483621
"""Stata's ``.``; ``.a`` is one more, and so on. In doubles the step is ``DOUBLE_STEP``."""


@dataclass(frozen=True, slots=True)
class Missing:
    """An extended missing value, by its letter."""

    letter: str


SYSTEM_MISSING = Missing("")
"""Stata's ``.``: missing, and nothing known about why."""

Value = float | str | Missing


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable. ``width`` is the longest text in bytes; texts beyond ``LONGEST_STRING`` go into a ``strL``."""

    name: str
    label: str
    type: Literal["double", "long", "text"]
    width: int = 1
    display: str = ""
    labels: str = ""

    @property
    def code(self) -> int:
        """The type as the file writes it."""
        if self.type == "text":
            return self.width if self.width <= LONGEST_STRING else STRL
        return DOUBLE if self.type == "double" else LONG

    @property
    def format(self) -> str:
        """How Stata shows it."""
        if self.display:
            return self.display
        if self.type == "text":
            return f"%-{min(max(self.width, 8), 40)}s"
        return "%12.0g" if self.type == "double" else "%9.0g"


def write(
    path: Path, variables: Sequence[Variable], rows: Iterator[Sequence[Value]], *, label: str,
    value_labels: Mapping[str, Mapping[int | Missing, str]],
) -> int:  # fmt: skip
    """Write a data set; the number of its observations comes back. ``ArchiveError`` for a name that Stata refuses."""
    _check(variables)
    with path.open("wb") as file, tempfile.TemporaryFile(dir=path.parent) as long_texts:
        places = [0]
        file.write(b"<stata_dta>")
        count_at = _header(file, len(variables), label)
        places.append(file.tell())
        file.write(b"<map>" + bytes(14 * 8) + b"</map>")
        for tag, content in _descriptions(variables):
            places.append(file.tell())
            file.write(_tagged(tag, content))
        places.append(file.tell())
        file.write(b"<data>")
        count = _data(file, variables, rows, long_texts)
        file.write(b"</data>")
        places.append(file.tell())
        _copy(file, long_texts)
        places.append(file.tell())
        file.write(_tagged("value_labels", b"".join(_value_label(n, v) for n, v in value_labels.items())))
        places.append(file.tell())
        file.write(b"</stata_dta>")
        places.append(file.tell())
        file.seek(count_at)
        file.write(struct.pack("<Q", count))
        file.seek(places[1])
        file.write(_tagged("map", struct.pack("<14Q", *places)))
    return count


def missing_code(missing: Missing) -> int:
    """How many steps a missing value lies above ``.``."""
    return ord(missing.letter) - ord("a") + 1 if missing.letter else 0


def _check(variables: Sequence[Variable]) -> None:
    names = [variable.name for variable in variables]
    for name in names:
        if not NAME.fullmatch(name) or len(name) > LONGEST_NAME or name in RESERVED or names.count(name) > 1:
            raise ArchiveError(f"Stata cannot have a variable {name!r}")


def _header(file: IO[bytes], variables: int, label: str) -> int:
    """The head of the file; where in it the number of observations stands comes back: it is known at the end only."""
    text = label[:LONGEST_LABEL].encode()
    file.write(b"<header><release>118</release><byteorder>LSF</byteorder>")
    file.write(_tagged("K", struct.pack("<H", variables)) + b"<N>")
    count_at = file.tell()
    file.write(bytes(8) + b"</N>")
    file.write(
        _tagged("label", struct.pack("<H", len(text)) + text) + _tagged("timestamp", b"\0") + b"</header>"
    )
    return count_at


def _descriptions(variables: Sequence[Variable]) -> Iterator[tuple[str, bytes]]:
    yield "variable_types", b"".join(struct.pack("<H", v.code) for v in variables)
    yield "varnames", b"".join(_fixed(v.name, 129) for v in variables)
    yield "sortlist", bytes(2 * (len(variables) + 1))
    yield "formats", b"".join(_fixed(v.format, 57) for v in variables)
    yield "value_label_names", b"".join(_fixed(v.labels, 129) for v in variables)
    yield "variable_labels", b"".join(_fixed(v.label[:LONGEST_LABEL], 321) for v in variables)
    yield "characteristics", b""


def _data(
    file: IO[bytes], variables: Sequence[Variable], rows: Iterator[Sequence[Value]], long_texts: IO[bytes]
) -> int:
    count = 0
    for count, row in enumerate(rows, 1):
        file.write(
            b"".join(
                _value(variable, value, (number, count), long_texts)
                for number, (variable, value) in enumerate(zip(variables, row, strict=True), 1)
            )
        )
    return count


def _value(variable: Variable, value: Value, place: tuple[int, int], long_texts: IO[bytes]) -> bytes:
    if isinstance(value, Missing):
        if variable.type == "text":
            value = ""
        elif variable.type == "long":
            return struct.pack("<i", LONG_MISSING + missing_code(value))
        else:
            return struct.pack("<Q", DOUBLE_MISSING + DOUBLE_STEP * missing_code(value))
    if isinstance(value, str):
        text = value.encode()
        return _long(text, place, long_texts) if variable.code == STRL else text.ljust(variable.width, b"\0")
    return struct.pack("<i", int(value)) if variable.type == "long" else struct.pack("<d", value)


def _long(text: bytes, place: tuple[int, int], long_texts: IO[bytes]) -> bytes:
    """A reference to a long text (number of the variable, of the observation), and the text itself put aside."""
    if not text:
        return bytes(8)
    variable, observation = place
    long_texts.write(b"GSO" + struct.pack("<IQBI", variable, observation, 130, len(text) + 1) + text + b"\0")
    return struct.pack("<H", variable) + observation.to_bytes(6, "little")


def _copy(file: IO[bytes], long_texts: IO[bytes]) -> None:
    file.write(b"<strls>")
    long_texts.seek(0)
    while piece := long_texts.read(1 << 20):
        file.write(piece)
    file.write(b"</strls>")


def _value_label(name: str, labels: Mapping[int | Missing, str]) -> bytes:
    values = sorted(
        (LONG_MISSING + missing_code(v) if isinstance(v, Missing) else v, t) for v, t in labels.items()
    )
    texts, offsets = b"", []
    for _, text in values:
        offsets.append(len(texts))
        texts += text.encode() + b"\0"
    count = len(values)
    table = struct.pack(f"<ii{count}i{count}i", count, len(texts), *offsets, *(v for v, _ in values)) + texts
    return _tagged("lbl", struct.pack("<i", len(table)) + _fixed(name, 129) + bytes(3) + table)


def _fixed(text: str, width: int) -> bytes:
    encoded = text.encode()
    if len(encoded) >= width:
        raise ArchiveError(f"Stata has no room for {text!r}")
    return encoded.ljust(width, b"\0")


def _tagged(tag: str, content: bytes) -> bytes:
    return f"<{tag}>".encode() + content + f"</{tag}>".encode()
