"""Who reports: bodies of every kind, with what their titles call them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Body:
    """``short`` is the name in the title, ``name`` the full one; ``level`` how large its figures are (0 to 2)."""

    short: str
    name: str
    kind: str
    scope: str
    county_code: str
    level: int


def _organ(short: str, name: str, kind: str, county: str, level: int = 0) -> Body:
    return Body(short, name or short, kind, "organ", county, level)


BODIES = [
    _organ("重庆市巴南区人民政府办公室", "", "government_office", "500113", 1),
    _organ("重庆市北碚区政府办公室", "重庆市北碚区人民政府办公室", "government_office", "500109", 1),
    Body("重庆市南岸区", "重庆市南岸区人民政府", "county_government", "jurisdiction_aggregate", "500108", 2),
    Body("重庆市彭水苗族土家族自治县", "重庆市彭水苗族土家族自治县人民政府", "county_government",
         "jurisdiction_aggregate", "500243", 1),
    Body("重庆市垫江县人民政府", "重庆市垫江县人民政府", "county_government", "jurisdiction_aggregate", "500231", 2),
    _organ("重庆市开州区金峰镇人民政府", "", "township_government", "500154"),
    _organ("重庆市璧山区福禄镇", "重庆市璧山区福禄镇人民政府", "township_government", "500120"),
    _organ("重庆市渝中区人民政府朝天门街道办事处", "", "subdistrict_office", "500103"),
    _organ("重庆市渝中区朝天门街道办事处", "重庆市渝中区人民政府朝天门街道办事处", "subdistrict_office", "500103"),
    _organ("重庆市武隆区统计局", "", "department", "500156"),
    _organ("重庆市北碚区教育委员会", "", "department", "500109", 1),
    _organ("重庆市合川区规划和自然资源局", "", "department", "500117", 1),
    _organ("重庆市长寿区气象局", "", "vertical_agency", "500115"),
    _organ("重庆解放碑中央商务区管理委员会", "", "management_committee", "500103"),
]  # fmt: skip
