"""The figures that the replica's reports print: the samples' real ones, and invented ones that hold together.

Invented figures come from a seed, so every run and every machine prints the same. They obey the identities of the
forms (report-format.md, D.1) and carry over from year to year (D.2); what must fail is planted on purpose (`PLANTS`).
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from crawler.replica.model import Number, Row, Tables

FOLDER = Path(__file__).parent / "figures"

APPLICANTS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other_org")
OUTCOMES = ("upheld", "corrected", "other", "pending")
FIRST_2021 = 2021

SCALES: dict[str, dict[str, int]] = {
    # how many requests, suits, rules in force and decisions a body of this kind has at most
    "county_government": {"requests": 380, "suits": 14, "valid": 90, "decisions": 90000, "fees": 3000},
    "government_office": {"requests": 90, "suits": 6, "valid": 90, "decisions": 0, "fees": 0},
    "department": {"requests": 24, "suits": 2, "valid": 6, "decisions": 400, "fees": 40},
    "management_committee": {"requests": 8, "suits": 0, "valid": 0, "decisions": 20, "fees": 0},
    "township_government": {"requests": 4, "suits": 0, "valid": 0, "decisions": 150, "fees": 8},
    "subdistrict_office": {"requests": 3, "suits": 0, "valid": 0, "decisions": 90, "fees": 0},
}


@cache
def forms() -> dict[str, Any]:
    """Labels of the forms, as printed: ``gb2021``, ``gb2019`` (tables of rows and columns), ``stat2014`` (rows)."""
    data: dict[str, Any] = json.loads((FOLDER / "forms.json").read_text(encoding="utf-8"))
    return data


@cache
def _sample(name: str) -> Tables:
    data: Tables = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return data


def sample(name: str) -> Tables:
    """The 200 real figures of a published report of form ``gb2021``; a copy, free to change."""
    return copy.deepcopy(_sample(name))


def form_of(year: int) -> str:
    """The form with statutory tables that a report on this year follows if it follows the rules."""
    return "gb2021" if year >= FIRST_2021 else "gb2019"


def chain(
    key: str,
    kind: str,
    forms_used: Mapping[int, str],
    fixed: Mapping[int, Tables] | None = None,
) -> dict[int, Tables]:
    """Figures of one body by year: each year balances, and what is carried out is carried in a year later.

    ``key`` seeds them; ``forms_used`` says which years and in which form (``gb2021`` or ``gb2019``); ``fixed`` are
    years whose figures are given: the years beside them are made to fit.
    """
    scale = SCALES[kind]
    wanted = sorted(forms_used)
    if not wanted:
        return {}
    known = dict(fixed or {})
    carry = _carries(key, scale, wanted, known)
    norms = _norms(key, scale, wanted, known)
    made: dict[int, Tables] = {}
    for year in wanted:
        if year in known:
            made[year] = copy.deepcopy(known[year])
            continue
        dice = random.Random(f"{key}/{year}")
        form = forms_used[year]
        made[year] = {
            "active_disclosure": _active(form, dice, scale, norms[year]),
            "applications": _applications(form, dice, scale, carry[year], carry[year + 1]),
            "review_litigation": _suits(dice, scale),
        }
    return made


def _carries(
    key: str, scale: Mapping[str, int], years: Sequence[int], known: Mapping[int, Tables]
) -> dict[int, dict[str, int]]:
    carry: dict[int, dict[str, int]] = {}
    for year in range(years[0], years[-1] + 2):
        dice = random.Random(f"{key}/carry/{year}")
        most = max(0, scale["requests"] // 12)
        carry[year] = dict.fromkeys(APPLICANTS, 0)
        carry[year]["natural_person"] = dice.randint(0, most)
        carry[year]["business"] = dice.randint(0, most // 6)
    for year, tables in known.items():
        applications = tables["applications"]
        carry[year] = {who: _whole(applications["carried_in"][who]) for who in APPLICANTS}
        carry[year + 1] = {who: _whole(applications["carried_out"][who]) for who in APPLICANTS}
    return carry


def _norms(
    key: str, scale: Mapping[str, int], years: Sequence[int], known: Mapping[int, Tables]
) -> dict[int, tuple[int, int, int]]:
    """Year -> (made, repealed, in force), with in force(Y) = in force(Y-1) + made(Y) - repealed(Y)."""
    moves: dict[int, tuple[int, int]] = {}
    for year in range(years[0], years[-1] + 1):
        dice = random.Random(f"{key}/norms/{year}")
        top = 5 if scale["valid"] > 20 else 1 if scale["valid"] else 0
        made = dice.randint(0, top)
        moves[year] = (made, dice.randint(0, made))
    anchor = years[0]
    valid = {anchor: scale["valid"] // 2 + moves[anchor][0] if scale["valid"] else 0}
    for year, tables in known.items():
        row = tables["active_disclosure"]["normative_documents"]
        moves[year] = (_whole(row["made"]), _whole(row["repealed"]))
        anchor, valid = year, {year: _whole(row["valid"])}
    for year in range(anchor + 1, years[-1] + 1):
        valid[year] = valid[year - 1] + moves[year][0] - moves[year][1]
    for year in range(anchor - 1, years[0] - 1, -1):
        valid[year] = valid[year + 1] - moves[year + 1][0] + moves[year + 1][1]
    return {year: (*moves[year], valid[year]) for year in moves}


def _whole(value: Number | None) -> int:
    return int(value or 0)


def _active(
    form: str, dice: random.Random, scale: Mapping[str, int], norms: tuple[int, int, int]
) -> dict[str, Row]:
    most = scale["decisions"]
    if form == "gb2021":
        return {
            "regulations": {"made": 0, "repealed": 0, "valid": 0},
            "normative_documents": dict(zip(("made", "repealed", "valid"), norms, strict=True)),
            "administrative_licensing": {"decisions": dice.randint(0, most)},
            "administrative_penalty": {"decisions": dice.randint(0, most)},
            "administrative_coercion": {"decisions": dice.randint(0, most // 20)},
            "administrative_fees": {"amount_wan_yuan": _money(dice, scale["fees"])},
        }
    made, _, valid = norms

    def items() -> Row:
        return {
            "prior_year_items": dice.randint(4, 90),
            "change": dice.randint(-3, 6),
            "decisions": dice.randint(0, most),
        }

    return {
        "regulations": {"newly_made": 0, "newly_disclosed": 0, "disclosed_total": 0},
        "normative_documents": {"newly_made": made, "newly_disclosed": made, "disclosed_total": valid},
        "administrative_licensing": items(),
        "other_external_services": items(),
        "administrative_penalty": items(),
        "administrative_coercion": items(),
        "administrative_fees": {"prior_year_items": dice.randint(0, 5), "change": 0},
        "government_procurement": {"projects": dice.randint(1, 9), "amount": _money(dice, 900, least=10)},
    }


def _money(dice: random.Random, most: int, least: int = 0) -> Number:
    if not most:
        return 0
    value = round(dice.uniform(least, most), 2)
    return int(value) if value == int(value) else value


def _applications(
    form: str,
    dice: random.Random,
    scale: Mapping[str, int],
    carried_in: Mapping[str, int],
    carried_out: Mapping[str, int],
) -> dict[str, Row]:
    rows = [row["code"] for row in forms()[form]["applications"]["rows"]]
    table: dict[str, dict[str, int]] = {row: dict.fromkeys(APPLICANTS, 0) for row in rows}
    results = [
        row for row in rows if row not in ("new_received", "carried_in", "processed_total", "carried_out")
    ]
    likely = [row for row in results if row in ("granted", "partially_granted", "unavailable_not_held")]
    for who, share in zip(APPLICANTS, (1.0, 0.15, 0.0, 0.02, 0.05, 0.03), strict=True):
        fresh = dice.randint(0, int(scale["requests"] * share))
        fresh = max(fresh, carried_out[who] - carried_in[who])  # nobody can carry over more than there was
        processed = fresh + carried_in[who] - carried_out[who]
        table["new_received"][who] = fresh
        table["carried_in"][who] = carried_in[who]
        table["carried_out"][who] = carried_out[who]
        table["processed_total"][who] = processed
        for _ in range(processed):
            table[dice.choice(likely if dice.random() < 0.8 else results)][who] += 1
    return {row: {**values, "total": sum(values.values())} for row, values in table.items()}


def _suits(dice: random.Random, scale: Mapping[str, int]) -> dict[str, Row]:
    table: dict[str, Row] = {}
    for row in ("review", "litigation_direct", "litigation_after_review"):
        values = {outcome: dice.randint(0, scale["suits"]) for outcome in OUTCOMES}
        table[row] = {**values, "total": sum(values.values())}
    return table


# --- statistics of 2014 to 2018 ------------------------------------------------------------------------------------

_SUMS: dict[str, tuple[str, ...]] = {
    "requests_received": ("requests_in_person", "requests_fax", "requests_online", "requests_letter"),
    "requests_completed": ("completed_on_time", "completed_extended"),
    "reply_refused": (
        "refused_state_secret",
        "refused_trade_secret",
        "refused_privacy",
        "refused_security_stability",
        "refused_not_government_information",
        "refused_other_law",
    ),
    "replies_total": (
        "reply_already_public",
        "reply_granted",
        "reply_partially_granted",
        "reply_refused",
        "reply_not_this_agency",
        "reply_not_existing",
        "reply_amend_request",
        "reply_other_channel",
    ),
    "reviews_total": ("reviews_upheld", "reviews_corrected", "reviews_other"),
    "lawsuits_total": ("lawsuits_upheld", "lawsuits_corrected", "lawsuits_other"),
    "staff_total": ("staff_full_time", "staff_part_time"),
}


def statistics(key: str, year: int) -> dict[str, Number]:
    """Figures for the 58 value rows of form ``stat2014``; its sums hold, and nothing is answered that was not asked."""
    dice = random.Random(f"{key}/{year}/statistics")
    values: dict[str, Number] = {}
    for row in forms()["stat2014"]:
        if row["unit"] != "——":
            values[row["code"]] = dice.randint(0, 12)
    values["disclosed_total"] = dice.randint(20000, 60000)
    values["disclosed_normative"] = values["normative_issued"] = dice.randint(5, 20)
    values["channel_website"] = dice.randint(15000, 20000)
    values["fees_collected"] = 0
    values["dedicated_budget"] = round(dice.uniform(5, 60), 1)
    for total, parts in _SUMS.items():
        values[total] = sum(values[part] for part in parts)
    values["completed_on_time"] = values["requests_received"] = max(
        values["replies_total"], values["requests_received"]
    )
    values["requests_online"] = values["requests_received"] - sum(
        values[part] for part in _SUMS["requests_received"] if part != "requests_online"
    )
    values["completed_extended"] = 0
    values["requests_completed"] = values["completed_on_time"]
    return values


# --- what is wrong on purpose --------------------------------------------------------------------------------------

PLANTS: dict[str, frozenset[str]] = {
    "balance": frozenset({"T3-BALANCE"}),
    "row_total": frozenset({"T3-ROW-TOTAL", "T3-RESULT-SUM"}),
    "suits_total": frozenset({"T4-TOTAL"}),
    "made_over_valid": frozenset({"T2-MADE-LE-VALID"}),
    "processed_in_text": frozenset({"N-PROCESSED"}),
    "received_in_text": frozenset({"N-RECEIVED"}),
    "normative_in_text": frozenset({"N-NORMATIVE"}),
    "old_form": frozenset({"FMT-ERA"}),
    "carry": frozenset({"X-CARRY"}),
}
"""Name of a planted fault -> the rules that must notice it."""


def plant(tables: Tables, fault: str) -> None:
    """Put a fault into the figures, in place. Faults of the text or the form leave the figures alone."""
    applications, suits = tables["applications"], tables["review_litigation"]
    if fault == "balance":
        for column in ("natural_person", "total"):
            applications["carried_out"][column] = _whole(applications["carried_out"][column]) + 1
    elif fault == "row_total":
        applications["granted"]["total"] = _whole(applications["granted"]["total"]) + 1
    elif fault == "suits_total":
        suits["litigation_after_review"].update(upheld=2, corrected=1, total=0)
    elif fault == "carry":
        for column in ("natural_person", "total"):
            applications["carried_in"][column] = _whole(applications["carried_in"][column]) + 1
            applications["new_received"][column] = _whole(applications["new_received"][column]) - 1
    elif fault == "made_over_valid":
        tables["active_disclosure"]["normative_documents"].update(made=4, repealed=0, valid=3)


def one_row_other(tables: Tables) -> None:
    """Fold the three rows of （六）其他处理 into one, as some reports of 2023 and 2024 still print it; in place."""
    applications = tables["applications"]
    parts = [applications.pop(row) for row in ("other_correction_overdue", "other_fee_unpaid", "other_other")]
    folded: Row = {column: sum(_whole(part[column]) for part in parts) for column in (*APPLICANTS, "total")}
    ordered: dict[str, Row] = {}
    for row, values in applications.items():
        if row == "processed_total":
            ordered["other"] = folded
        ordered[row] = values
    tables["applications"] = ordered
