"""Every unit of the table of divisions is known by every way in which titles print it (report-format F.3, F.4)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib import resources

import pytest

from archive.reference.places import county_stem, town_stem
from archive.report.agency import identify
from archive.report.title import parse_title

ROWS = list(
    csv.DictReader(
        (resources.files("archive.reference") / "data" / "places" / "chongqing.csv")
        .read_text("utf-8")
        .splitlines()
    )
)
COUNTIES = {row["code"]: row["name"] for row in ROWS if row["level"] == "county"}
WORDS = "政府信息公开工作年度报告"
TITLES = (
    f"{{name}}2024年{WORDS}",
    f"2024年{{name}}{WORDS}",
    f"{{name}} 2024年度{WORDS}（图片版）",
    f"{{name}}关于2024年{WORDS}",
    f"《{{name}}2024年{WORDS}》",
)


def names(row: dict[str, str]) -> Iterator[tuple[str, str | None]]:
    """How a unit is printed, with the code of the county where the name alone does not say it."""
    code, name = row["county_code"], row["name"]
    county = COUNTIES[code]
    if row["level"] == "county":
        yield from ((form, None) for form in (f"重庆市{name}", name, f"重庆市{name}人民政府"))
    elif row["kind"] == "subdistrict_office":
        for form in (name, f"{name}办事处"):
            yield from (
                (f"重庆市{county}{form}", None),
                (f"重庆市{county}人民政府{form}", None),
                (form, code),
            )
    else:
        for form in (name, f"{name}人民政府"):
            yield from ((f"重庆市{county}{form}", None), (f"{county}{form}", None), (form, code))


@pytest.mark.parametrize("title", TITLES)
def test_every_unit_is_known_in_every_shape_of_title(title: str) -> None:
    wrong = []
    for row in ROWS:
        stem = county_stem(row["name"]) if row["level"] == "county" else town_stem(row["name"])
        for name, hint in names(row):
            parsed = parse_title(title.format(name=name))
            agency = identify(parsed.agency, hint) if parsed else None
            key = f"{row['county_code']}:{row['kind']}:{stem}"
            if agency is None or agency.key != key or agency.admin_code != row["code"]:
                wrong.append((name, agency.key if agency else None))
    assert wrong == []
