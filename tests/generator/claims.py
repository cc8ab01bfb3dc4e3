"""What the text says of the tables, in sentences as clerks write them: true to the table, or one figure beside it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.generator.figures import Values
from tests.generator.style import Style

Paths = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A figure of the text: the rule that compares it, the number told, the cells whose sum it should be."""

    rule: str
    number: int
    cells: Paths


_TOTAL = "applications.{}.total"
_REQUESTS = [
    ("N-RECEIVED", "new_received", ["共收到政府信息公开申请{}件", "新收政府信息公开申请{}件", "受理政府信息公开申请{}件"]),
    ("N-CARRIED-IN", "carried_in", ["含上年结转{}件", "上年度结转{}件", "上年转结{}件"]),
    ("N-PROCESSED", "processed_total", ["共办结{}件", "全年办结政府信息公开申请{}件", "已办结{}件"]),
    ("N-CARRIED-OUT", "carried_out", ["结转下年度继续办理{}件", "结转下年{}件", "结转至下一年度{}件"]),
]  # fmt: skip
_CASES = [
    ("N-REVIEW", ("review",), ["因政府信息公开被申请行政复议{}件", "发生政府信息公开行政复议{}件"]),
    ("N-LITIGATION", ("litigation_direct", "litigation_after_review"),
     ["因政府信息公开被提起行政诉讼{}件", "发生政府信息公开行政诉讼{}件"]),
]  # fmt: skip


def tell(random: Random, style: Style, values: Values, subject: str) -> tuple[list[str], list[Told]]:
    """Sentences for the section on requests, and what they tell. ``values`` are the tables as they will be printed."""
    if style.claims == "none":
        return [], []
    told: list[Told] = []

    def figure(rule: str, cells: Paths, texts: list[str]) -> str:
        true = int(sum(_value(values, cell) for cell in cells))
        false = style.claims == "false" and random.random() < 0.4
        number = true + random.randint(1, 9) if false else true
        told.append(Told(rule, number, cells))
        return random.choice(texts).format(number)

    requests = [figure(rule, (_TOTAL.format(row),), texts) for rule, row, texts in _REQUESTS]
    cases = [
        figure(rule, tuple(f"review_litigation.{row}.total" for row in rows), texts)
        for rule, rows, texts in _CASES
    ]
    sentences = [f"{subject}{'，'.join(requests)}。", f"{'；'.join(cases)}。"]
    if style.form == "gb2021" and random.random() < 0.5:
        row = "active_disclosure.normative_documents."
        parts = [
            figure("N-NORMATIVE", (row + "made",), ["制发行政规范性文件{}件"]),
            figure("N-NORMATIVE", (row + "repealed",), ["废止行政规范性文件{}件"]),
            figure("N-NORMATIVE", (row + "valid",), ["现行有效行政规范性文件{}件"]),
        ]
        sentences.append("，".join(parts) + "。")
    return sentences, told


def _value(values: Values, path: str) -> int | float:
    table, row, column = path.split(".")
    return values[table][row][column]
