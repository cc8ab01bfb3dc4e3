"""Spiders: what the words of links mean, which columns are walked, when a list is complete; every spider starts offline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scrapy.exceptions import UsageError
from scrapy.utils.test import get_crawler

from crawler import platforms
from crawler.platforms import FoundLink, Pager
from crawler.platforms import html as pages
from crawler.session import Plan
from crawler.sites import load
from crawler.spiders import FAMILIES, labels
from crawler.spiders.columns import BLIND, blind_steps, sub_columns
from crawler.spiders.district import DistrictSpider
from crawler.spiders.looking import leads_away, report_here, sent_to
from crawler.spiders.township import TownshipSpider
from crawler.spiders.walk import ListWalk
from tests.crawl_portal import registry

SPIDERS = (DistrictSpider, TownshipSpider)


# -- labels


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("巫山县官渡镇2024年政府信息公开工作年度报告", True),
        ("2024年区财政局政府信息公开年报", True),
        ("2024年政府信息公开年报", False),
        ("关于2024年度政府信息公开工作的年度报告", False),
        ("政府信息公开指南", False),
    ],
)
def test_whether_a_title_says_whose_report_it_is(title: str, names: bool) -> None:
    """One that does not may be a year's column: that is walked again every night, the other never."""
    assert labels.names_a_report(title) is names


@pytest.mark.parametrize("label", ["下一页", "首页", "尾页", "2"])
def test_what_turns_pages_is_no_document(label: str) -> None:
    assert not labels.is_candidate(label)


@pytest.mark.parametrize(
    "title",
    [
        "重庆市巴南区2025年政府信息公开工作年度报告",
        "2021年度政府信息公开工作年度报告",
        "重庆市长寿区2018年政府信息公开年度工作报告",
        "巫溪县文峰镇人民政府关于2022年政府信息公开工作年度报告",
        "2014年度政府信息公开工作报告",
        "潼南区2025年\n政府信息公开工作年度报告",
        "重庆市北碚区人民政府办公室 2024 年政府信息公开工作年度报告",
        "重庆市綦江区永城镇人民政府2023年政府信息公开工作年...",
        "重庆市綦江区永城镇人民政府２０２３年政府信息公开年报",
    ],
)
def test_titles_of_reports(title: str) -> None:
    assert labels.is_report_title(title)
    assert labels.is_candidate(title)


@pytest.mark.parametrize(
    "title",
    [
        "政府信息公开指南(2024年版)",
        "2024年法治政府建设年度报告",
        "2024年政府网站工作年度报表",
        "政府信息公开年报",
        "2025年政府工作报告",
    ],
)
def test_titles_of_others(title: str) -> None:
    assert not labels.is_report_title(title)


@pytest.mark.parametrize(
    "title", ["政府信息公开指南(2024年版)", "关于做好2024年工作的通知", "2024年法治政府建设年度报告"]
)
def test_what_plainly_is_something_else_is_no_candidate(title: str) -> None:
    assert not labels.is_candidate(title)


@pytest.mark.parametrize("title", ["2024年", "区政府办公室", "", "2023年度"])
def test_a_title_that_says_nothing_may_be_a_report(title: str) -> None:
    assert labels.is_candidate(title)


@pytest.mark.parametrize(
    "label",
    [
        "政府信息公开年报",
        "年报",
        " 年 报 ",
        "信息公开年度报告",
        "政府信息公开工作年度报告",
        "政府信息公开年报>>",
        "政府信息公开年报(12)",
        "财政局政府信息公开年报",
        "区卫生健康委政府信息公开年报",
    ],
)
def test_columns_of_annual_reports(label: str) -> None:
    assert labels.is_annual_column(label)


@pytest.mark.parametrize(
    "label",
    [
        "政府信息公开",
        "财政年报",
        "统计年报",
        "法治政府建设年度报告",
        "政府网站年度报表",
        "企业信息公开年报",
        "年度",
        "",
    ],
)
def test_other_columns(label: str) -> None:
    assert not labels.is_annual_column(label)


@pytest.mark.parametrize(
    "label",
    [
        "二圣镇",
        "恒合土家族乡",
        "朝天门街道",
        "区教委",
        "区卫生健康委员会",
        "区政府办公室",
        "长寿区",
        "高新区管委会",
    ],
)
def test_units(label: str) -> None:
    assert labels.is_unit(label)


@pytest.mark.parametrize(
    "label",
    [
        "首页",
        "部门",
        "街镇",
        "2024年",
        "重庆市巴南区2025年政府信息公开工作年度报告",
        "新闻中心",
        "渝快办",
        "查看更多",
        "English",
    ],
)
def test_no_units(label: str) -> None:
    assert not labels.is_unit(label)


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("重庆市巴南区2025年政府信息公开工作年度报告", 2025),
        ("2021年度政府信息公开工作年度报告", 2021),
        ("2025湖口县大垅乡2025年度政府信息公开工作年度报告", 2025),
        ("根据〔2021〕30号编制的2022年报告", 2022),
        ("2019年至2020年政府信息公开工作年度报告", None),
        ("政府信息公开工作年度报告", None),
        ("", None),
        ("20230119年度", None),
    ],
)
def test_the_year_a_title_states(title: str, year: int | None) -> None:
    assert labels.stated_year(title) == year


# -- which columns are walked

ROOT = "cqbn.gov.cn/zwgk_252/zfxxgknb/"
BASE = "http://www.cqbn.gov.cn"


def walked(*links: tuple[str, str]) -> list[str]:
    found = [FoundLink(title, BASE + path, "column") for title, path in links]
    return [link.title for link in sub_columns(found, ROOT, ROOT)]


def test_what_lies_in_the_column_is_walked_whatever_its_label() -> None:
    assert walked(("甲", "/zwgk_252/zfxxgknb/x_1/"), ("乙", "/zwgk_252/zfxxgknb/2020_504392/y/")) == [
        "甲",
        "乙",
    ]


def test_a_column_elsewhere_is_walked_for_its_label_and_place() -> None:
    assert walked(
        ("县政府办公室", "/zwgk_252/xzfbgs/"),
        ("2019年以前", "/zwgk_252/old/"),
        ("区教委", "/bm/qjw/zwgk_1/zfxxgknb_2/"),
        ("历年年报", "/somewhere/else/"),
    ) == ["县政府办公室", "2019年以前", "区教委", "历年年报"]


def test_the_portals_menu_is_not_walked() -> None:
    assert not walked(
        ("部门", "/bm/"), ("街镇", "/jz/"), ("政务公开", "/zwgk_252/"), ("首页", "/"), ("二圣镇", "/jz/esz/"),
        ("政府信息公开指南", "/zwgk_252/zfxxgkzn/"), ("本栏目", "/zwgk_252/zfxxgknb/index.html"),
        ("下一页", "/zwgk_252/zfxxgknb/index_1.html"),
    )  # fmt: skip


def test_a_column_at_the_home_page_is_told_from_the_rest_by_labels_alone() -> None:
    links = [
        FoundLink(t, f"http://a.gov.cn{p}", "column")
        for t, p in (("部门", "/bm/"), ("新闻", "/news/"), ("2019年", "/x/"))
    ]
    assert [link.title for link in sub_columns(links, "a.gov.cn/", "a.gov.cn/")] == ["部门", "2019年"]


# -- when a list is complete


def walk(
    pages: dict[int, set[str] | None], *, total: int, stem: str | None = "index"
) -> tuple[ListWalk, list[int]]:
    """Walk a list whose numbered pages hold these entries (0: the first page; ``None``: a 404); what was asked for."""
    it = ListWalk("http://a.gov.cn/l/", "", "a")
    it.take(pages[0] or set(), Pager(total, stem), "http://a.gov.cn/l/")
    asked = []
    while (url := it.next_url()) is not None:
        number = int(url.rpartition("_")[2].partition(".")[0])
        asked.append(number)
        entries = pages.get(number)
        if entries is None:
            it.lost()
        else:
            it.take(entries, Pager(total, stem), url)
        assert len(asked) < 20
    return it, asked


def test_numbers_from_zero() -> None:
    it, asked = walk({0: {"a"}, 1: {"b"}, 2: {"c"}}, total=3)
    assert (asked, it.fetched, it.complete) == ([1, 2], 3, True)


def test_numbers_from_one_where_number_one_is_missing() -> None:
    it, asked = walk({0: {"a"}, 2: {"b"}, 3: {"c"}}, total=3)
    assert (asked, it.fetched, it.complete) == ([1, 2, 3], 3, True)


def test_numbers_from_one_where_number_one_is_the_first_page() -> None:
    it, asked = walk({0: {"a"}, 1: {"a"}, 2: {"b"}, 3: {"c"}}, total=3)
    assert (asked, it.fetched, it.complete) == ([1, 2, 3], 3, True)


def test_a_missing_page_is_told() -> None:
    it, _ = walk({0: {"a"}, 1: {"b"}, 3: {"d"}}, total=4)
    assert not it.complete
    assert (it.pages_claimed, it.fetched) == (4, 3)


def test_a_page_that_repeats_another_is_told() -> None:
    it, _ = walk({0: {"a"}, 1: {"b"}, 2: {"b"}, 3: {"a"}}, total=3)
    assert not it.complete


def test_one_page_for_all_is_told() -> None:
    it, _ = walk({n: {"a"} for n in range(9)}, total=5)
    assert not it.complete


def test_an_empty_page_is_told() -> None:
    it, _ = walk({0: {"a"}, 1: set(), 2: {"c"}}, total=3)
    assert not it.complete


def test_a_claim_beyond_reason_is_bounded() -> None:
    it, asked = walk({n: {str(n)} for n in range(5)}, total=322)
    assert not it.complete
    assert len(asked) < 10


def test_a_single_page_is_complete() -> None:
    it, asked = walk({0: {"a"}}, total=1)
    assert (asked, it.complete, it.pages_claimed) == ([], True, 1)


def test_a_list_that_goes_on_by_links() -> None:
    it = ListWalk("http://a.gov.cn/l/", "", "a")
    for number, entries in enumerate(("a", "b", "c")):
        following = None if number == 2 else f"http://a.gov.cn/l/p{number + 1}"
        it.take({entries}, Pager(next_url=following), f"http://a.gov.cn/l/p{number}")
        assert it.next_url() == following
    assert (it.complete, it.fetched, it.pages_claimed) == (True, 3, None)


def test_links_that_go_round_in_a_circle_end() -> None:
    it = ListWalk("http://a.gov.cn/l/", "", "a")
    it.take({"a"}, Pager(next_url="http://a.gov.cn/2"), "http://a.gov.cn/l/")
    it.take({"b"}, Pager(next_url="http://a.gov.cn/l/"), "http://a.gov.cn/2")
    assert it.next_url() is None


# -- every spider starts offline


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    return registry(
        tmp_path,
        "banan,district,trs,巴南区,500113,http://www.cqbn.gov.cn/zwgk_252/zfxxgknb/,installation=cq,,,1,",
        "beibei,district,auto,北碚区,500109,http://127.0.0.1:8099/nb/,encoding=gzip,,,1,",
        "banan-towns,township,trs,巴南区镇街,500113,http://www.cqbn.gov.cn/bmjz/jz/,installation=cq,,,1,",
    )


def made(kind: Any, sites: Path, **arguments: Any) -> Any:
    crawler = get_crawler(kind, {"GONGKAI_SITES": str(sites), "GONGKAI_DELAY": 0.0, "GONGKAI_RUN": False})
    return kind.from_crawler(crawler, **arguments)


async def seeds(spider: Any) -> list[Any]:
    return [request async for request in spider.start()]


@pytest.mark.parametrize("kind", SPIDERS, ids=lambda kind: kind.name)
def test_every_spider_starts_at_the_entries_of_its_family(kind: Any, sites: Path) -> None:
    import asyncio

    spider = made(kind, sites)
    requests = asyncio.run(seeds(spider))
    assert [request.url for request in requests] == [
        row.list_url for row in spider.registry if row.spider == kind.name
    ]
    assert all(request.cb_kwargs["site"] for request in requests)


def test_the_families_are_the_spiders() -> None:
    assert set(FAMILIES) == {kind.name for kind in SPIDERS}
    assert not [
        kind for kind in SPIDERS if hasattr(kind, "start_requests") or hasattr(kind, "allowed_domains")
    ]


def test_compressed_bodies_only_where_the_row_says_so(sites: Path) -> None:
    import asyncio

    asked = {
        r.cb_kwargs["site"]: r.headers[b"Accept-Encoding"]
        for r in asyncio.run(seeds(made(DistrictSpider, sites)))
    }
    assert asked == {"banan": b"identity", "beibei": b"gzip"}


def test_sites_and_years_are_chosen(sites: Path) -> None:
    spider = made(DistrictSpider, sites, site="banan", years="2021-2023,2025")
    assert [row.site for row in spider.chosen] == ["banan"]
    assert spider.plan.years == {2021, 2022, 2023, 2025}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"site": "banam"}, "did you mean 'banan'"),
        ({"site": "banan-towns"}, "belongs to the family township"),
        ({"years": "20x1"}, "is not a year"),
        ({"years": "2023-2021"}, "runs backwards"),
        ({"county": "x"}, "unknown argument county"),
    ],
)
def test_what_cannot_be_chosen_is_refused(sites: Path, arguments: dict[str, str], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        made(DistrictSpider, sites, **arguments)


def test_one_slot_for_each_installation_and_never_faster_than_one_a_second(sites: Path) -> None:
    crawler = get_crawler(
        DistrictSpider, {"GONGKAI_SITES": str(sites), "GONGKAI_DELAY": 0.0, "GONGKAI_RUN": False}
    )
    assert crawler.settings.getdict("DOWNLOAD_SLOTS") == {
        "cq": {"concurrency": 4, "delay": 1.0, "jitter": 0},
        "127.0.0.1:8099": {"concurrency": 4, "delay": 0.0, "jitter": 0},
    }


# -- pages that are not what their address says


def link(title: str, url: str, kind: str = "column") -> FoundLink:
    return FoundLink(title, url, kind)  # type: ignore[arg-type]


HOST = "http://x.gov.cn"
TITLE = "某区甲镇2024年政府信息公开工作年度报告"


def test_a_report_beside_a_list_counts_unless_the_list_has_it() -> None:
    tree = pages.parse(f"<h1>{TITLE}</h1><p>一、总体情况</p><p>五、存在的主要问题及改进情况</p>")
    assert report_here(tree) == TITLE
    assert report_here(tree, [link("某区甲镇2023年政府信息公开工作年度报告", HOST)]) == TITLE
    assert report_here(tree, [link(TITLE, HOST)]) is None


def test_a_list_that_shows_the_beginning_of_a_report_is_no_report() -> None:
    tree = pages.parse(
        "<title>年报</title><h2>政府信息公开年报</h2><p>一、总体情况</p><p>五、存在的主要问题及改进情况</p>"
    )
    assert report_here(tree, [link(TITLE, HOST)]) is None


@pytest.mark.parametrize(
    ("body", "target"),
    [
        ('<meta http-equiv="refresh" content="0;url=../b/">', f"{HOST}/b/"),
        ("<script>window.location.href = './c.html'</script>", f"{HOST}/a/c.html"),
        ("<script>location.replace('/d.html#top')</script>", f"{HOST}/d.html"),
        ("<script>location.href = location.pathname + token()</script>", None),
        ("<script>location.replace(where())</script>", None),
    ],
)
def test_where_a_page_without_a_word_sends_its_reader(body: str, target: str | None) -> None:
    text = f"<html><head>{body}</head><body></body></html>"
    assert target is None or leads_away(text)
    assert sent_to(f"{HOST}/a/", text) == target


def test_a_column_of_the_portal_is_not_taken_for_the_units_own_while_its_own_way_is_untried(
    tmp_path: Path,
) -> None:
    rows = load(registry(tmp_path, f"towns,township,trs,镇街,500101,{HOST}/jz/,,,,1,"))
    site = rows.get("towns")
    spider = TownshipSpider(registry=rows, chosen=(site,), plan=Plan())
    walk = ListWalk(f"{HOST}/jz/a/", "甲镇", "towns", unit="甲镇", root="x.gov.cn/jz/a/")
    portal, way = link("区政府信息公开年报", f"{HOST}/zwgk/nb/"), link("政务公开", f"{HOST}/jz/a/zwgk/")
    (first,) = spider.follow(site, walk, [portal, way])
    assert (first.url, first.ways, first.elsewhere) == (way.url, 1, (portal.url,))
    own = link("政府信息公开年报", f"{HOST}/jz/a/zwgk/nb/")
    assert [walk.url for walk in spider.follow(site, first, [portal, own])] == [own.url]
    assert [walk.url for walk in spider.follow(site, first, [])] == [portal.url]


def test_units_beyond_the_bound_are_not_left_out_in_silence(tmp_path: Path) -> None:
    rows = load(registry(tmp_path, f"towns,township,trs,镇街,500101,{HOST}/jz/,units=3,,,1,"))
    site = rows.get("towns")
    spider = TownshipSpider(registry=rows, chosen=(site,), plan=Plan())
    shown = [link(f"{name}镇", f"{HOST}/jz/{name}/") for name in "甲乙丙丁"]
    for count, trouble in ((3, None), (4, "too_many_columns")):
        walk = ListWalk(f"{HOST}/jz/", "街镇", "towns", root="x.gov.cn/jz/")
        assert len(list(spider.follow(site, walk, shown[:count]))) == 3
        assert walk.trouble == trouble


def test_columns_without_a_telling_label_are_walked_two_deep() -> None:
    assert blind_steps(0, "日历") == 1 and blind_steps(2, "下月") > BLIND
    assert blind_steps(2, "区教委") == blind_steps(2, "2024年") == 0


def test_a_last_page_that_leads_to_the_first_ends_the_list_and_a_second_one_that_is_the_first_does_not() -> (
    None
):
    def page(names: str, following: str) -> tuple[set[str], Pager]:
        return set(names), Pager(next_url=following)

    walk = ListWalk("u", "", "s")
    for at, (names, following) in enumerate([("ab", "2"), ("cd", "3"), ("ab", "2")]):
        walk.take(*page(names, following), base=str(at))
    assert walk.complete and walk.next_url() is None
    stuck = ListWalk("u", "", "s")
    stuck.take(*page("ab", "2"), base="1")
    stuck.take(*page("ab", "3"), base="2")
    assert not stuck.complete and stuck.next_url() is None


def test_pages_that_only_a_script_can_turn_are_claimed_and_not_seen() -> None:
    text = "<div>页次：1/4 <a href='javascript:go(2)'>下一页</a></div>"
    pager = platforms.get("static").pager(f"{HOST}/nb/", text)
    assert (pager.total, pager.next_url) == (4, None)
    walk = ListWalk(f"{HOST}/nb/", "", "s")
    walk.take({"a"}, pager, f"{HOST}/nb/")
    assert walk.next_url() is None and not walk.complete
    assert platforms.get("static").pager(f"{HOST}/nb/", "共12页，扫描件").total == 1


def test_a_link_that_only_says_look_takes_the_title_of_its_row() -> None:
    text = f"<table><tr><td>1</td><td>{TITLE}</td><td>2025-01-20</td><td><a href='a.html'>查看</a></td></tr></table>"
    (found,) = platforms.get("static").links(f"{HOST}/nb/", text)
    assert (found.title, found.list_date) == (TITLE, "2025-01-20")
