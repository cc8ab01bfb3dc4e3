"""Which body a printed name means: its canonical full name, kind, scope and codes (report-format F.2, F.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from archive.reference.agencies import abbreviations, aliases, national_prefixes
from archive.reference.places import (
    MUNICIPALITY,
    County,
    area_at_start,
    county,
    county_at_start,
    stem_at_start,
    town,
    town_stem,
)
from archive.report.headings import squeeze

AGGREGATE_KINDS = frozenset(["county_government", "municipal_government", "provincial_government"])
"""A government's own report counts all its bodies."""

_GOVERNMENT = re.compile(r"^(?:人民)?政府$")
_OFFICE = re.compile(r"^(?:(?:人民)?政府(?:办公厅|办公室|办)|府办公室|府办)$")
_ORGAN = re.compile(r"^(?:人民)?政府机关$")
_STREET = re.compile(r"^(?:人民政府)?(.{1,12}?)街道(?:办事处|办)?$")
_TOWN = re.compile(r"^(?:人民政府)?(.{1,14}?(?:镇|乡))(?:(?:人民)?政府)?(?:党政办公室|办公室)?$")
_COMMITTEE = re.compile(r"(?:(?<!监督)(?<!城市)(?<!综合)管理委员会|管委会)(?:办公室|机关)?$")
"""Who runs an area; 国有资产监督管理委员会 and 城市管理委员会 are departments of a government."""
_VERTICAL = re.compile(r"(?:税务局|海关|气象局|烟草专卖局|邮政管理局)$")
_DEPARTMENT = re.compile(r"(?:局|委员会|委|办公室|办|中心|院|处|队|站|所|馆|社|支队|公司)$")
ENDS_LIKE_A_BODY = re.compile(
    "(?:政府|办公室|办公厅|办事处|委员会|管委会|街道|[省市区县旗州盟镇乡局委院校厅部署社会馆所队]|中心|集团|公司)$"
)
"""How the names of bodies end, known or not."""
_PROVINCES = ("北京市", "上海市", "天津市", "重庆市")
_ELSEWHERE = re.compile(
    r"^(?:[^省]{2,7}省|[^区]{2,8}自治区|北京市|上海市|天津市|[^市县区旗镇乡局委]{2,8}?(?:市|区|县|州|盟|旗)"
    r"|[^市区县乡镇]县)"
)
_EDGES = re.compile(r"^[《〈“\"'(（\[]+|[》〉”\"'。,，、;；:：\])）]+$")


_NOT_A_NAME = re.compile(
    "信息公开|工作[在由的]|坚持|按照|认真|根据|领导下|围绕|聚焦|紧扣|贯彻|落实|加强|强化|深化|开展|做好|持续|不断|积极"
    "|严格|切实|充分|[,。;:!?的了是\\d]|.重庆市"
)
"""Words of a sentence, which a name does not hold."""
_NO_BODY = re.compile(
    "^(?:党政|综合|行政)?(?:办公室|办公厅|办|综合科|办事处|委员会|管委会|局|中心|委)$|^(?:信息|宣传|政务公开)(?:中心|科|办)$"
)
"""What every body has, such as 来源：办公室: without the body's own name it says nothing."""
_PRONOUN = re.compile("^(?:我|本[^溪]|该|各|全|在|由|按)(?![区县])|^(?:我|本|该|全|在|由|按)[区县市委]*$")
"""我局, 本机关, 各街道: nobody by name."""


@dataclass(frozen=True, slots=True)
class Agency:
    """A body as this archive knows it."""

    name: str
    key: str
    kind: str
    scope: str
    county_code: str | None
    admin_code: str | None
    """Nine digits for a town or street in the table of divisions, else the six of its county, else null."""
    explicit: bool = True
    """Whether the place stood in the name; otherwise it was completed from the site."""
    unknown_place: str | None = None
    """A town or street that is not in the table of divisions."""

    @property
    def place(self) -> tuple[str | None, str]:
        """County and level: a government and its office publish for each other, so they count as one."""
        level = "government" if self.kind in AGGREGATE_KINDS or self.kind == "government_office" else self.key
        return self.county_code, level


def identify(text: str, county_code: str | None = None) -> Agency | None:
    """The agency that ``text`` names; ``None`` if it names none that can be told.

    ``county_code`` completes a name that does not say where it is (``荫平镇人民政府``). Nothing is guessed: a town
    without any county is nobody.
    """
    name = _EDGES.sub("", squeeze(text))
    name = re.sub(r"^(?:中共|关于|本单位|发布机构)[:：]?", "", name)
    ministry = next((prefix for prefix in national_prefixes() if name.startswith(prefix)), "")
    local = name[len(ministry) :]
    if not 2 <= len(name) <= 60 or _PRONOUN.match(name) or _NOT_A_NAME.search(local):
        return None
    if ministry:
        return _of_national(name, ministry, local)
    known = aliases().get(name)
    if known is not None:
        return _named(known[1], "management_committee", county(known[0]), known[1])
    bare = re.sub(r"^重庆市?(?!路)", "", name)
    municipal = bare != name
    found = area_at_start(bare) or county_at_start(bare)
    hint = county(county_code)
    if found is None and municipal:
        if hint is not None and (_STREET.match(bare) or _TOWN.match(bare)):
            completed = _of_county(hint, bare, name)  # 重庆市三庙镇: the county is left out
            return replace(completed, explicit=False) if completed else None
        return _of_municipality(name, bare)
    if found is not None:
        return _of_county(found[0], found[1], name)
    if _ELSEWHERE.match(name) and not (hint is not None and _is_town_of(hint, name)):
        return _elsewhere(name)
    if hint is None or _NO_BODY.match(name):
        return None
    agency = _of_county(hint, re.sub(r"^(?:我|本)?[区县](?!域)", "", name), name)
    return replace(agency, explicit=False) if agency else None


def is_a_name(text: str) -> bool:
    """Whether a text looks like the name of a body, known or not: no pronoun, no sentence, and it ends like one."""
    name = _EDGES.sub("", squeeze(text))
    words = 4 <= len(name) <= 60 and not _PRONOUN.match(name) and not _NOT_A_NAME.search(name)
    return words and not _NO_BODY.match(name) and bool(ENDS_LIKE_A_BODY.search(name))


def _of_county(place: County, rest: str, whole: str) -> Agency | None:
    """The body called ``rest`` of a county or functional area."""
    prefix = f"重庆市{place.printed if place.official else place.name}"
    if place.is_area:
        printed = whole.removesuffix(rest)
        prefix = printed if printed.startswith("重庆") else place.name
    if not rest or _GOVERNMENT.match(rest) or (place.is_area and re.fullmatch("管理委员会|管委会", rest)):
        if place.is_area and not _GOVERNMENT.match(rest):
            return _agency(f"{prefix}管理委员会", "management_committee", place, place.stem, aggregate=True)
        return _agency(f"{prefix}人民政府", "county_government", place, place.stem)
    if _ORGAN.match(rest):
        return _agency(f"{prefix}人民政府机关", "government_office", place, place.stem)
    if _OFFICE.match(rest):
        return _agency(f"{prefix}人民政府办公室", "government_office", place, place.stem)
    if (match := _STREET.match(rest)) and _may_be_town(place, "subdistrict_office", match.group(1)):
        return _of_town(f"{match.group(1)}街道", "subdistrict_office", place, prefix)
    if (match := _TOWN.match(rest)) and _may_be_town(place, "township_government", match.group(1)):
        return _of_town(match.group(1), "township_government", place, prefix)
    if _COMMITTEE.search(rest):
        full = re.sub("管委会", "管理委员会", rest)
        # These name themselves without the rank of their county: 重庆合川工业园区管理委员会.
        name = whole if whole.startswith("重庆") and "管委会" not in whole else f"{prefix}{full}"
        return _named(name, "management_committee", place, full)
    rest = abbreviations().get(rest, rest)
    kind = "vertical_agency" if _VERTICAL.search(rest) else "department" if _DEPARTMENT.search(rest) else None
    return _named(f"{prefix}{rest}", kind, place, re.sub("^人民政府", "", rest)) if kind else None


def _is_town_of(place: County, name: str) -> bool:
    """Whether a name is that of a known town of this county; some begin like another county (旧县街道)."""
    for pattern, kind in ((_STREET, "subdistrict_office"), (_TOWN, "township_government")):
        if (match := pattern.match(name)) and town(place.code, kind, town_stem(match.group(1))):
            return True
    return False


def _may_be_town(place: County, kind: str, name: str) -> bool:
    """Whether a name is a town's: 局 stands in the names of bodies, unless a town of that name is known (铜元局)."""
    return "局" not in name or town(place.code, kind, town_stem(name)) is not None


def _of_national(name: str, ministry: str, local: str) -> Agency | None:
    """A local office of a national body, under its official name; ``None`` without a place, as for the body itself."""
    bare = re.sub("^重庆市?", "", local)
    found = area_at_start(bare) or county_at_start(bare) or stem_at_start(bare)
    if found is not None and found[1]:
        place, rest = found
    elif bare and bare != local:
        place, rest = County(MUNICIPALITY, "重庆市", "重庆市", official=True), bare
    elif _ELSEWHERE.match(local):
        return Agency(name, f"cn:vertical_agency:{name}", "vertical_agency", "organ", None, None)
    else:
        return None
    # 渝北区税务局 and 国家税务总局重庆市渝北区税务局 are one body; 监管局 says nothing without its ministry.
    stem = rest if _VERTICAL.search(rest) else ministry + rest
    return _named(name, "vertical_agency", place, stem)


def _of_town(name: str, kind: str, place: County, prefix: str) -> Agency:
    stem = town_stem(name)
    known = town(place.code, kind, stem)
    government = "" if place.is_area else "人民政府"
    full = f"{prefix}{government}{name}办事处" if kind == "subdistrict_office" else f"{prefix}{name}人民政府"
    code = None if place.is_area else known.code if known else place.code
    agency = _agency(full, kind, place, stem)
    return replace(agency, admin_code=code, unknown_place=None if known else name)


def _of_municipality(name: str, bare: str) -> Agency | None:
    """A body of 重庆市 itself, or one that names its county without rank."""
    if _COMMITTEE.search(bare) and (found := stem_at_start(bare)):
        return _of_county(found[0], found[1], name)
    whole = County(MUNICIPALITY, "重庆市", "重庆市", official=True)
    if not bare or _GOVERNMENT.match(bare):
        return _agency("重庆市人民政府", "provincial_government", whole, "重庆")
    if _ORGAN.match(bare) or _OFFICE.match(bare):
        office = "机关" if _ORGAN.match(bare) else "办公厅"
        return _agency(f"重庆市人民政府{office}", "government_office", whole, "重庆")
    if _STREET.match(bare) or _TOWN.match(bare):
        return None  # a town of 重庆 whose county is not said
    kind = _kind_by_suffix(bare)
    return _named(name, kind, whole, re.sub("^人民政府", "", bare)) if kind else None


def _kind_by_suffix(name: str) -> str | None:
    if _COMMITTEE.search(name):
        return "management_committee"
    if _VERTICAL.search(name):
        return "vertical_agency"
    return "department" if _DEPARTMENT.search(name) else None


def _elsewhere(name: str) -> Agency | None:
    """A body outside Chongqing, named in full; no codes are known for it."""
    core = re.sub("(?:人民政府|政府)$", "", name)
    kind: str | None
    if re.search("街道(?:办事处)?$", name):
        kind, name = "subdistrict_office", re.sub("街道$", "街道办事处", name)
    elif re.search("(?:镇|乡)$", core):
        kind, name = "township_government", f"{core}人民政府"
    elif re.search("人民政府(?:办公厅|办公室|办|机关)$", name):
        kind = "government_office"
    elif core in _PROVINCES or re.search("(?:省|自治区)$", core):
        kind, name = "provincial_government", f"{core}人民政府"
    elif re.search("(?:市|自治州|盟)$", core) and not re.search("[市州].*市$", core):
        kind, name = "municipal_government", f"{core}人民政府"
    elif re.search("(?:区|县|旗|市)$", core) and not core.endswith(("开发区", "园区", "示范区")):
        kind, name = "county_government", f"{core}人民政府"
    else:
        kind = _kind_by_suffix(name)
    if kind is None:
        return None
    scope = "jurisdiction_aggregate" if kind in AGGREGATE_KINDS else "organ"
    return Agency(name, f"cn:{kind}:{name}", kind, scope, None, None)


def _named(name: str, kind: str, place: County | None, stem: str) -> Agency:
    return _agency(name, kind, place or County("cn", "", "", official=False), stem)


def _agency(name: str, kind: str, place: County, stem: str, *, aggregate: bool = False) -> Agency:
    scope = "jurisdiction_aggregate" if aggregate or kind in AGGREGATE_KINDS else "organ"
    return Agency(
        name, f"{place.code}:{kind}:{stem}", kind, scope, place.code, None if place.is_area else place.code
    )
