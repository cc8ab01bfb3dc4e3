"""What the text says against what the tables say (N-*, report-format D.3). Neither side is called right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from archive.reference.forms import forms
from archive.reference.labels import column_label, row_label
from archive.report.findings import finding
from archive.report.model import Finding, Number, Report, Severity
from archive.report.rules.arithmetic import GROUPS, parts, result_rows
from archive.report.rules.claims import Claim, read_claims
from archive.report.rules.tally import NO_NUMBER, Tally, not_assessable

RULES = (
    "N-RECEIVED", "N-PROCESSED", "N-CARRIED-IN", "N-CARRIED-OUT", "N-RESULTS", "N-APPLICANT", "N-REVIEW",
    "N-LITIGATION", "N-NORMATIVE", "N-PARTS", "N-FEE",
)  # fmt: skip
_NO_CLAIM = "the text makes no such statement that could be compared"
_ROWS_OF_CASES = {
    "review": ("review",),
    "litigation": ("litigation_direct", "litigation_after_review"),
    "litigation_direct": ("litigation_direct",),
    "litigation_after_review": ("litigation_after_review",),
}
_TOTALS = {
    "new_received": ("N-RECEIVED", "new_received"),
    "processed_total": ("N-PROCESSED", "processed_total"),
    "carried_in": ("N-CARRIED-IN", "carried_in"),
    "carried_out": ("N-CARRIED-OUT", "carried_out"),
}
_OUTCOMES = ("upheld", "corrected", "other", "pending", "total")
"""The columns of table 4 that texts tell of."""
_GROUP_WORDS = {
    "refused": ("不予公开", "refused"),
    "unavailable": ("无法提供", "unavailable"),
    "unprocessed": ("不予处理", "not processed"),
    "other": ("其他处理", "other handling"),
    "granted_or_partial": ("予以公开及部分公开", "granted or partially granted"),
}


@dataclass(frozen=True, slots=True)
class Compared:
    """A claim with the cells it speaks of. ``right`` is their sum, null if one of them holds no number;
    ``expression`` writes the cells as the truth files of the samples do."""

    claim: Claim
    rule: str
    cells: tuple[str, ...]
    expression: str | None
    right: Number | None
    what: tuple[str, str] = ("", "")

    @property
    def agrees(self) -> bool | None:
        """Whether text and table say the same, null where they cannot be compared."""
        return None if self.right is None else self.claim.value == self.right


def check(report: Report) -> list[Tally]:
    """All rules of this module on one report."""
    tallies = {name: Tally(name) for name in RULES}
    claims = read_claims(report)
    for compared in compare(report, claims):
        _judge(report, compared, tallies[compared.rule])
    _fees(report, claims, tallies["N-FEE"])
    for name, tally in tallies.items():
        if not tally.tested and not tally.missing:
            tallies[name] = not_assessable(name, tally.note or _NO_CLAIM)
    return list(tallies.values())


def compare(report: Report, claims: Iterable[Claim]) -> list[Compared]:
    """The claims that speak of cells of this report's tables or of their own parts, with those cells."""
    found = []
    for claim in claims:
        compared = _compared(report, claim)
        if compared is not None:
            found.append(compared)
    return found


def _value(report: Report, path: str) -> Number | None:
    table, row, column = path.split(".")
    return report.tables.get(table, {}).get(row, {}).get(column)


def _sum(report: Report, paths: Iterable[str]) -> Number | None:
    values = [_value(report, path) for path in paths]
    numbers = [value for value in values if value is not None]
    return sum(numbers) if values and len(numbers) == len(values) else None


def _cells(
    report: Report, claim: Claim, rule: str, paths: list[str], expression: str | None, what: tuple[str, str]
) -> Compared:
    return Compared(claim, rule, tuple(paths), expression or " + ".join(paths), _sum(report, paths), what)


def _compared(report: Report, claim: Claim) -> Compared | None:
    kind = claim.kind
    if kind in _TOTALS:
        rule, row = _TOTALS[kind]
        return _cells(report, claim, rule, [f"applications.{row}.total"], None, row_label(row))
    if claim.parts:
        terms = " + ".join(map(str, claim.parts))
        return Compared(claim, "N-PARTS", (), terms, sum(claim.parts))
    if kind == "only_natural_person":
        return _applicants(report, claim)
    if kind.startswith("normative_"):
        column = _normative_column(report.form, kind.removeprefix("normative_"))
        if column is None:
            return None
        path = f"active_disclosure.normative_documents.{column}"
        return _cells(report, claim, "N-NORMATIVE", [path], None, column_label(column))
    return _case(report, claim) or _result(report, claim)


@cache
def _normative_column(code: str | None, told_as: str) -> str | None:
    """The column of table 2 that a text means by what it says of normative documents; ``None`` if the form has none."""
    table = forms()[code].tables.get("active_disclosure") if code in forms() else None
    return next((c.code for c in table.columns if told_as in c.told_as), None) if table else None


def _applicants(report: Report, claim: Claim) -> Compared:
    paths = ["applications.new_received.natural_person", "applications.new_received.total"]
    expression = " == ".join(paths)
    values = [_value(report, path) for path in paths]
    right = None if None in values else values[0] == values[1]
    return Compared(claim, "N-APPLICANT", tuple(paths), expression, right)


def _case(report: Report, claim: Claim) -> Compared | None:
    case, _, outcome = claim.kind.rpartition("_")
    if case not in _ROWS_OF_CASES or outcome not in _OUTCOMES:
        return None
    paths = [f"review_litigation.{row}.{outcome}" for row in _ROWS_OF_CASES[case]]
    rule = "N-REVIEW" if case == "review" else "N-LITIGATION"
    return _cells(report, claim, rule, paths, None, column_label(outcome))


def _result(report: Report, claim: Claim) -> Compared | None:
    kind, rows = claim.kind, report.tables.get("applications", {})
    if kind == "granted_or_partial":
        names, expression = ["granted", "partially_granted"], None
    elif kind in GROUPS:
        names = [row for row in result_rows(rows) if row == kind or row.startswith(f"{kind}_")]
        expression = f"sum(applications.{kind}_*.total)"
    elif kind in rows:
        names, expression = [kind], None
    else:
        return None
    paths = [f"applications.{row}.total" for row in names]
    return _cells(report, claim, "N-RESULTS", paths, expression, _GROUP_WORDS.get(kind) or row_label(kind))


def _judge(report: Report, compared: Compared, tally: Tally) -> None:
    """Count the claim; a difference becomes a finding, explained where it has one of the known readings."""
    if compared.agrees is None:
        tally.missing += 1
        tally.note = tally.note if tally.tested else NO_NUMBER
        return
    if compared.agrees or _holds_otherwise(report, compared):
        tally.tested += 1
        tally.note = None
        return
    tally.note = None
    tally.fail(_finding(report, compared))


def _holds_otherwise(report: Report, compared: Compared) -> bool:
    """Whether the words admit another cell that agrees: then text and table do not contradict each other."""
    claim = compared.claim
    if claim.kind == "normative_disclosed":
        return claim.value == _value(report, "active_disclosure.normative_documents.valid")
    if not claim.lenient:
        return False
    # A reason was named. The sentence may tell the group, or any row of it: only what none of them explains differs.
    group = next((g for g in GROUPS if claim.kind == g or claim.kind.startswith(f"{g}_")), None)
    rows = [
        row
        for row in result_rows(report.tables.get("applications", {}))
        if group and row.startswith(f"{group}_")
    ]
    paths = [f"applications.{row}.total" for row in rows]
    return claim.kind == group or claim.value in {_value(report, path) for path in paths} | {
        _sum(report, paths)
    }


def _finding(report: Report, compared: Compared) -> Finding:
    claim = compared.claim
    explained, severity = _explanation(report, compared)
    left: Number | bool | None = claim.value
    right = compared.right
    if compared.rule == "N-APPLICANT":
        left, right = (_value(report, path) for path in compared.cells)
    return finding(
        compared.rule,
        severity=severity,
        left=left,
        left_where="text" if claim.section is None else f"text of section {claim.section}",
        right=right,
        right_where=compared.expression,
        cells=compared.cells,
        quote=claim.quote,
        explained=explained,
        what_zh=compared.what[0],
        what_en=compared.what[1],
        parts=compared.expression,
        carried_in=_value(report, "applications.carried_in.total"),
    )


def _explanation(report: Report, compared: Compared) -> tuple[str | None, Severity | None]:
    """The recognised reading of a difference, and the severity if it is milder than the rule's own."""
    claim, value = compared.claim, compared.claim.value
    if compared.rule in ("N-RECEIVED", "N-PROCESSED") and compared.right is not None:
        carried_in = _value(report, "applications.carried_in.total")
        if carried_in:
            if compared.rule == "N-RECEIVED" and value == compared.right + carried_in:
                return "includes carried-in", "info"
            if compared.rule == "N-PROCESSED" and value == compared.right - carried_in:
                return "excludes carried-in", None
    if compared.rule == "N-RESULTS" and (reading := _part_of_results(report, compared)):
        return reading, "info"
    one_of_two = compared.rule == "N-LITIGATION" and len(compared.cells) == 2
    if one_of_two and value in [_value(report, path) for path in compared.cells]:
        return "only one of the two", "info"
    return ("perhaps another scope", "info") if claim.other_scope else (None, None)


def _part_of_results(report: Report, compared: Compared) -> str | None:
    """Whether the text told one column or one row of a group, or one cell of it, instead of the whole."""
    value, rows = compared.claim.value, [path.split(".")[1] for path in compared.cells]
    applicants = parts(report.tables.get("applications", {}))
    for column in applicants:
        if value and value == _sum(report, [f"applications.{row}.{column}" for row in rows]):
            return "a single column"
    if value and value in [_value(report, path) for path in compared.cells]:
        return "a single row"
    if value and value in [
        _value(report, f"applications.{row}.{column}") for row in rows for column in applicants
    ]:
        return "a single cell"
    return None


def _fees(report: Report, claims: Iterable[Claim], tally: Tally) -> None:
    """The text on 信息处理费 against itself, and against the row of unpaid fees if it denies any fee notice."""
    by_kind: Mapping[str, Claim] = {claim.kind: claim for claim in claims}
    none, some = by_kind.get("processing_fee_collected"), by_kind.get("processing_fee_collected_yuan")
    if none and some and some.value:
        tally.fail(
            finding(
                tally.rule,
                left=0,
                left_where="text",
                right=some.value,
                right_where="text",
                quote=some.quote,
                left_zh="一处称未收取",
                left_en="one sentence says none were charged",
                right_zh=f"另一处称收取 {some.value} 元",
                right_en=f"another says {some.value} yuan were",
            )
        )
    elif none or some:
        tally.tested += 1
    notice, path = by_kind.get("no_fee_notice"), "applications.other_fee_unpaid.total"
    unpaid = _value(report, path)
    if notice and unpaid is not None:
        if not unpaid:
            tally.tested += 1
            return
        tally.fail(
            finding(
                tally.rule,
                left=0,
                left_where="text",
                right=unpaid,
                right_where=path,
                cells=[path],
                quote=notice.quote,
                left_zh="文字称未发出收费通知",
                left_en="the text says that no fee notice was sent",
                right_zh=f"表中逾期未缴费为 {unpaid} 件",
                right_en=f"the table has {unpaid} requests ended because the fee was not paid",
            )
        )
