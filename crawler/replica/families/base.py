"""What all hosts of the scenario ``platforms`` have in common: three departments of a county, six years each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crawler.replica.portals import YEARLY, PortalBuilder

YEARS = [2020, 2021, 2022, 2023, 2024, 2025]
DEPARTMENTS = ("教育委员会", "财政局", "民政局")
COUNTIES = (
    ("万州区", "500101"), ("涪陵区", "500102"), ("大渡口区", "500104"), ("沙坪坝区", "500106"), ("九龙坡区", "500107"),
    ("綦江区", "500110"), ("大足区", "500111"), ("黔江区", "500114"), ("长寿区", "500115"), ("江津区", "500116"),
    ("合川区", "500117"), ("永川区", "500118"), ("南川区", "500119"), ("璧山区", "500120"), ("铜梁区", "500151"),
    ("潼南区", "500152"), ("荣昌区", "500153"), ("梁平区", "500155"), ("武隆区", "500156"), ("城口县", "500229"),
    ("丰都县", "500230"), ("垫江县", "500231"), ("忠县", "500233"), ("奉节县", "500236"),
)  # fmt: skip
"""County and code: one for each host, so that no two hosts publish one agency's report."""


@dataclass(frozen=True)
class Family:
    """One host that plays one shape of list on one publishing system."""

    host: str
    platform: str
    """What its row of the registry says."""
    builder: type[PortalBuilder]
    path: str
    """The folder of the list."""
    entry: str = ""
    """Where the crawl starts, if that is not the folder."""
    per_page: int = 7
    style: Mapping[str, Any] = field(default_factory=dict)
    columns: bool = False
    """Each department has a column of its own below ``path``; else all share one list."""


def site(family: Family, number: int) -> dict[str, Any]:
    """The family's host, described as in ``sites/*.json``."""
    county, code = COUNTIES[number]
    name = f"重庆市{county}"
    series = [
        {
            "agency": f"{name}{department}",
            "kind": "department",
            "years": YEARS,
            "shape": ["official", "word", "wps", "empty_spans"],
        }
        for department in DEPARTMENTS
    ]
    guide = {"title": f"{name}财政局政府信息公开指南", "reason": "guide", "date": "2024-06-12"}
    column = {"label": YEARLY, "row": family.host, "per_page": family.per_page}
    parts = [
        {**column, "path": f"{family.path}{letter}/", "series": [one]}
        for letter, one in zip("abc", series, strict=True)
    ]
    whole = {**column, "path": family.path, "series": series, "others": [guide]}
    return {
        "host": family.host,
        "installation": family.host,
        "name": f"{name}人民政府",
        "county": name,
        "code": code,
        "style": {**_STYLE, **family.style},
        "rows": [
            {
                "site": family.host,
                "spider": "district",
                "platform": family.platform,
                "path": family.entry or family.path,
                "name": f"{name}政府信息公开年报",
                "first_year": YEARS[0],
            }
        ],
        "columns": parts if family.columns else [whole],
        "indices": [],
    }


_STYLE: dict[str, Any] = {
    "list": "li_span",
    "date": "plain",
    "crumb": "当前位置:",
    "separator": ">",
    "pager": "createPage",
    "body": "TRS_Editor",
    "robots": "missing",
    "meta": True,
    "before": ["无障碍"],
    "after": ["打印", "关闭"],
}
