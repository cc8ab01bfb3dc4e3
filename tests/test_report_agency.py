"""Which body a name means: its canonical name, key, kind, scope and codes."""

from __future__ import annotations

import pytest

from archive.reference.places import boundary_break, county, town
from archive.report.agency import identify


@pytest.mark.parametrize(
    ("printed", "hint", "name", "key", "scope", "admin_code"),
    [
        ("重庆市南岸区", None, "重庆市南岸区人民政府", "500108:county_government:南岸", "jurisdiction_aggregate", "500108"),
        ("丰都县", None, "重庆市丰都县人民政府", "500230:county_government:丰都", "jurisdiction_aggregate", "500230"),
        ("石柱土家族自治县", None, "重庆市石柱土家族自治县人民政府", "500240:county_government:石柱", "jurisdiction_aggregate", "500240"),
        ("重庆市巴南区人民政府办公室", None, "重庆市巴南区人民政府办公室", "500113:government_office:巴南", "organ", "500113"),
        ("区政府办公室", "500113", "重庆市巴南区人民政府办公室", "500113:government_office:巴南", "organ", "500113"),
        ("城口县人民政府机关", None, "重庆市城口县人民政府机关", "500229:government_office:城口", "organ", "500229"),
        ("重庆市渝中区人民政府朝天门街道办事处", None, "重庆市渝中区人民政府朝天门街道办事处", "500103:subdistrict_office:朝天门", "organ", "500103010"),
        ("朝天门街道", "500103", "重庆市渝中区人民政府朝天门街道办事处", "500103:subdistrict_office:朝天门", "organ", "500103010"),
        ("重庆市九龙坡区二郎街道办事处", None, "重庆市九龙坡区人民政府二郎街道办事处", "500107:subdistrict_office:二郎", "organ", "500107008"),
        ("重庆市开州区金峰镇人民政府", None, "重庆市开州区金峰镇人民政府", "500154:township_government:金峰", "organ", "500154103"),
        ("巫山镇", "500154", "重庆市开州区巫山镇人民政府", "500154:township_government:巫山", "organ", "500154121"),
        ("重庆市万州区恒合土家族乡人民政府", None, "重庆市万州区恒合土家族乡人民政府", "500101:township_government:恒合", "organ", "500101239"),
        ("重庆市黔江区水市镇人民政府", None, "重庆市黔江区水市镇人民政府", "500114:township_government:水市", "organ", "500114125"),
        ("重庆市巴南区麻柳嘴镇人民政府办公室", None, "重庆市巴南区麻柳嘴镇人民政府", "500113:township_government:麻柳嘴", "organ", "500113111"),
        ("重庆市武隆区统计局", None, "重庆市武隆区统计局", "500156:department:统计局", "organ", "500156"),
        ("重庆市武隆区国有资产监督管理委员会", None, "重庆市武隆区国有资产监督管理委员会", "500156:department:国有资产监督管理委员会", "organ", "500156"),
        ("武隆区国资委", None, "重庆市武隆区国有资产监督管理委员会", "500156:department:国有资产监督管理委员会", "organ", "500156"),
        ("成都市城市管理委员会", None, "成都市城市管理委员会", "cn:department:成都市城市管理委员会", "organ", None),
        ("沙区发展改革委", None, "重庆市沙坪坝区发展和改革委员会", "500106:department:发展和改革委员会", "organ", "500106"),
        ("重庆市人民政府外事办公室", None, "重庆市人民政府外事办公室", "500000:department:外事办公室", "organ", "500000"),
        ("重庆市", None, "重庆市人民政府", "500000:provincial_government:重庆", "jurisdiction_aggregate", "500000"),
        ("解放碑CBD管委会", None, "重庆解放碑中央商务区管理委员会", "500103:management_committee:重庆解放碑中央商务区管理委员会", "organ", "500103"),
        ("重庆合川工业园区管理委员会", None, "重庆合川工业园区管理委员会", "500117:management_committee:工业园区管理委员会", "organ", "500117"),
        ("开县人民政府", None, "重庆市开县人民政府", "500154:county_government:开州", "jurisdiction_aggregate", "500154"),
        ("重庆两江新区", None, "重庆两江新区管理委员会", "cq-ljxq:management_committee:两江新区", "jurisdiction_aggregate", None),
        ("重庆市两江新区大石坝街道办事处", None, "重庆市两江新区大石坝街道办事处", "cq-ljxq:subdistrict_office:大石坝", "organ", None),
        ("重庆市万盛经济技术开发区关坝镇人民政府", None, "重庆市万盛经济技术开发区关坝镇人民政府", "cq-wansheng:township_government:关坝", "organ", None),
        ("淮安市人民政府", None, "淮安市人民政府", "cn:municipal_government:淮安市人民政府", "jurisdiction_aggregate", None),
        ("上海市", None, "上海市人民政府", "cn:provincial_government:上海市人民政府", "jurisdiction_aggregate", None),
        ("黄浦区财政局", "500103", "黄浦区财政局", "cn:department:黄浦区财政局", "organ", None),
        ("国家税务总局重庆市渝北区税务局", None, "国家税务总局重庆市渝北区税务局", "500112:vertical_agency:税务局", "organ", "500112"),
        ("国家税务总局重庆市税务局", "500117", "国家税务总局重庆市税务局", "500000:vertical_agency:税务局", "organ", "500000"),
        ("渝北区税务局", None, "重庆市渝北区税务局", "500112:vertical_agency:税务局", "organ", "500112"),
        ("国家统计局重庆调查总队", None, "国家统计局重庆调查总队", "500000:vertical_agency:国家统计局调查总队", "organ", "500000"),
        ("国家统计局合川调查队", None, "国家统计局合川调查队", "500117:vertical_agency:国家统计局调查队", "organ", "500117"),
        ("中华人民共和国重庆海关", None, "中华人民共和国重庆海关", "500000:vertical_agency:海关", "organ", "500000"),
        ("国家税务总局湖南省税务局", "500112", "国家税务总局湖南省税务局", "cn:vertical_agency:国家税务总局湖南省税务局", "organ", None),
        ("重庆市金峰镇人民政府", "500154", "重庆市开州区金峰镇人民政府", "500154:township_government:金峰", "organ", "500154103"),
        ("铜元局街道", "500108", "重庆市南岸区人民政府铜元局街道办事处", "500108:subdistrict_office:铜元局", "organ", "500108001"),
        ("重庆市 开州区\n金峰镇人民政府", None, "重庆市开州区金峰镇人民政府", "500154:township_government:金峰", "organ", "500154103"),
    ],
)  # fmt: skip
def test_names(
    printed: str, hint: str | None, name: str, key: str, scope: str, admin_code: str | None
) -> None:
    agency = identify(printed, hint)
    assert agency is not None
    assert (agency.name, agency.key, agency.scope, agency.admin_code) == (name, key, scope, admin_code)
    assert agency.kind == key.split(":")[1]


def test_one_stem_two_kinds() -> None:
    street, village = identify("南坪街道", "500108"), identify("南坪镇", "500108")
    assert street is not None
    assert village is not None
    assert (street.admin_code, village.admin_code) == ("500108003", "500108101")


@pytest.mark.parametrize(
    "text",
    [
        "北街街道", "国家税务总局", "我局", "本机关", "我区", "全区各街道", "人民政府办公室", "巴南区政府网", "政府信息公开工作", "金峰镇人民政府",
        "栏目6重庆市南岸区", "坚持依法公开,我镇", "", "局", "一" * 200,
    ],
)  # fmt: skip
def test_nobody_can_be_told(text: str) -> None:
    assert identify(text) is None


def test_a_town_that_the_table_lacks_gets_the_countys_code_and_says_so() -> None:
    agency = identify("重庆市开州区不存在镇人民政府")
    assert agency is not None
    assert (agency.admin_code, agency.unknown_place) == ("500154", "不存在镇")
    assert agency.key == "500154:township_government:不存在"


def test_a_name_completed_from_the_site_is_not_explicit() -> None:
    completed, printed = identify("金峰镇", "500154"), identify("重庆市开州区金峰镇")
    assert completed is not None
    assert printed is not None
    assert (completed.key, completed.explicit, printed.explicit) == (printed.key, False, True)


def test_places() -> None:
    assert county("500240") is not None
    assert county("500240").stem == "石柱"  # type: ignore[union-attr]
    assert county("999999") is None
    assert county(None) is None
    assert town("500154", "township_government", "金峰") is not None
    assert town("500154", "subdistrict_office", "金峰") is None
    assert boundary_break("500112", 2025)
    assert not boundary_break("500112", 2024)
    assert not boundary_break("500154", 2025)
