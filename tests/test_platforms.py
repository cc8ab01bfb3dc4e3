"""Platforms: each saved list page gives the links beside it; pagers in every shape; the names of documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archive.report.decode import decode
from crawler import platforms
from crawler.platforms import FoundLink, Pager
from crawler.platforms import html as pages
from crawler.platforms.base import canonical, folder
from crawler.spiders.walk import ListWalk

LISTS = Path(__file__).parent / "pages" / "lists"
CASES = sorted(path.name for path in LISTS.iterdir() if path.is_dir())
LIST = "http://www.cqbn.gov.cn/zwgk_252/zfxxgknb/"


@pytest.mark.parametrize("case", CASES)
def test_a_saved_list_page_gives_its_links(case: str) -> None:
    """``page.html`` as sent, ``case.json`` what is known of it, ``links.json`` what it must give."""
    folder_ = LISTS / case
    known = json.loads((folder_ / "case.json").read_text(encoding="utf-8"))
    text = decode((folder_ / "page.html").read_bytes(), list(map(tuple, known.get("headers", [])))).text
    platform = platforms.recognise(known["url"], text)
    pager = platform.pager(known["url"], text)
    base = pages.base_url(known["url"], pages.parse(text))
    found: dict[str, Any] = {
        "platform": platform.name,
        "pages": pager.total,
        "next": pager.page_url(base, 1) if pager.stem and pager.total > 1 else pager.next_url,
        "links": [
            {"kind": link.kind, "title": link.title, "date": link.list_date, "url": link.url}
            for link in platform.links(known["url"], text)
        ],
    }
    expected = folder_ / "links.json"
    if not expected.exists():
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        pytest.fail(
            f"{expected} was not there and has been written: read it against the page, then commit it"
        )
    assert found == json.loads(expected.read_text(encoding="utf-8"))
    assert platform.name == known["platform"]


def test_every_platform_has_a_saved_list_page() -> None:
    seen = {
        json.loads((LISTS / case / "case.json").read_text(encoding="utf-8"))["platform"] for case in CASES
    }
    assert seen == set(platforms.names())


def test_an_unknown_platform_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        platforms.get("nosuch")
    with pytest.raises(KeyError):
        platforms.get("base")


@pytest.mark.parametrize("name", platforms.names())
@pytest.mark.parametrize(
    "text", ["", "<", "<html>", "<!-- -->", "\x00\x01", "<a href='http://[::1'>x</a>", "<a href=''>"]
)
def test_no_page_is_too_broken(name: str, text: str) -> None:
    platform = platforms.get(name)
    assert platform.links(LIST, text) == []
    assert platform.pager(LIST, text).total == 1
    assert platform.data_links(LIST, text) == []


# -- TRS: the pager


@pytest.mark.parametrize(
    ("script", "total", "page_two"),
    [
        ('createPage(34, 0, "index", "html")', 34, "index_1.html"),
        ('createPageHTML(17, 0, "index", "shtml", "black2", 250)', 17, "index_1.shtml"),
        ("createPageHTML('paging', 25, 1, 'index', 'html', 500)", 25, "index_1.html"),
        ("createPageHTML('page_div',7,1,'common_list','shtml',100)", 7, "common_list_1.shtml"),
        ('createPage("index", "html", 3, 0)', 3, "index_1.html"),
        ('createPage(0, 6, "list", "html")', 6, "list_1.html"),
        ('createPageHTML("4", "0", "index", "html")', 4, "index_1.html"),
        ('var countPage = 5; createPageHTML(countPage, 0, "index", "htm")', 5, "index_1.htm"),
        ("createPage (2,0,'index','html')", 2, "index_1.html"),
        ("var countPage=56; var currentPage=0; var countnum=6348", 56, "index_1.html"),
        ('var countPage = 9\nvar dataCount="180"', 9, "index_1.html"),
        ('$(".pagination").pagination("setPage", 1, 322)', 322, "index_1.html"),
        ("var config = { totalPage: 12, size: 20 }", 12, "index_1.html"),
        ("Pager({size:5, current:0, prefix:'index', suffix:'html'})", 5, "index_1.html"),
        ('<!--\ncreatePageHTML(4, 0, "index", "html");\n//-->', 4, "index_1.html"),
    ],
)  # fmt: skip
def test_trs_pager(script: str, total: int, page_two: str) -> None:
    pager = platforms.get("trs").pager(LIST, f"<html><body><script>{script}</script></body></html>")
    assert (pager.total, pager.page_url(LIST, 1)) == (total, LIST + page_two)


@pytest.mark.parametrize(
    "script",
    [
        "function createPage(_nPageCount, _nCurrIndex, _sPageName, _sPageExt){ var n = 7; }",
        '// createPage(9, 0, "index", "html")',
        '/* createPage(9, 0, "index", "html") */',
        'createPage(1, 0, "index", "html")',
        'createPage(0, 0, "index", "html")',
        "recreatePage(8, 0)",
    ],
)
def test_trs_what_is_no_pager(script: str) -> None:
    assert platforms.get("trs").pager(LIST, f"<script>{script}</script>").total == 1


def test_trs_the_definition_beside_the_call() -> None:
    text = "<script>function createPage(a, b, c, d){ createBar(a) }</script><script>createPage(3, 0, 'index', 'html')</script>"
    assert platforms.get("trs").pager(LIST, text).total == 3


def test_trs_counts_records() -> None:
    assert (
        platforms.get("trs").pager(LIST, "<script>createPageHTML(2,0,'index','html','c',31)</script>").records
        == 31
    )


def test_trs_page_count_attribute() -> None:
    text = '<div id="pageDec" pagesize="24" pagecount="51"></div>'
    assert platforms.get("trs").pager(LIST, text).total == 51


def test_trs_a_pager_of_links() -> None:
    assert platforms.get("trs").pager(LIST, '<a href="index_1.html">下一页</a>') == Pager(
        next_url=LIST + "index_1.html"
    )


@pytest.mark.parametrize(("url", "extension"), [(LIST + "index.shtml", "shtml"), (LIST, "html")])
def test_trs_the_extension_is_that_of_the_list(url: str, extension: str) -> None:
    assert platforms.get("trs").pager(url, "<script>var countPage=2</script>").extension == extension


# -- TRS: documents


@pytest.mark.parametrize(
    "url",
    [
        "http://www.cqbn.gov.cn/a/202601/t20260129_15362835.html",
        "https://cqbn.gov.cn/b/202601/t20260129_15362835_wap.html",
        "http://yc.cq.gov.cn/t_15362835.html",
        "http://x.gov.cn/t15362835.shtml",
    ],
)
def test_trs_one_document_whatever_its_address(url: str) -> None:
    assert platforms.get("trs").doc_key(url, "cq") == "cq:15362835"
    assert platforms.get("trs").is_article(url)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://www.cqbn.gov.cn/zwgk/", "https://cqbn.gov.cn/zwgk/index.html"),
        ("http://a.gov.cn/x?b=2&a=1", "http://www.a.gov.cn/x?a=1&b=2#top"),
        ("http://a.gov.cn:80/x/", "https://a.gov.cn/x/index.shtml"),
    ],
)
def test_canonical_addresses_of_twins_are_one(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://a.gov.cn/x?area=1", "http://a.gov.cn/x?area=2"),
        ("http://a.gov.cn/x/", "http://b.gov.cn/x/"),
        ("http://127.0.0.1:8001/x/", "http://127.0.0.1:8002/x/"),
        ("http://a.gov.cn/x/2024.html", "http://a.gov.cn/x/2023.html"),
    ],
)
def test_canonical_addresses_of_others_differ(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


def test_the_folder_of_a_list() -> None:
    for url in (
        "http://www.a.gov.cn/x/nb/",
        "http://a.gov.cn/x/nb/index.html",
        "https://a.gov.cn/x/nb",
        "http://a.gov.cn/x/nb/list_2.html",
    ):
        assert folder(url) == "a.gov.cn/x/nb/"


def test_a_directory_without_its_slash_is_a_directory() -> None:
    links = platforms.get("trs").links(
        "http://a.gov.cn/zwgk/nb", '<a href="./202601/t20260101_15000001.html">x</a>'
    )
    assert links[0].url == "http://a.gov.cn/zwgk/nb/202601/t20260101_15000001.html"


# -- TRS: columns in files


@pytest.mark.parametrize(
    "text",
    [
        '{"datas": [{"title": "甲", "url": "./202401/t20240102_13000001.html", "fbrq": "2024-01-02"}]}',
        'myjson({"datas":[{"title":"甲","url":"./202401/t20240102_13000001.html","fbrq":"2024-01-02 10:00"}]});',
        "myjson({'total':1,'datas':[{'title':'甲','url':'./202401/t20240102_13000001.html','fbrq':'20240102','n':1},]})",
        "var list = [{title:'甲', classname:'年报', url:'./202401/t20240102_13000001.html', fbrq:'2024年1月2日'}];",
    ],
)
def test_trs_entries_in_a_file(text: str) -> None:
    links = platforms.get("trs").data_links(LIST + "my.json", text)
    assert links == [FoundLink("甲", LIST + "202401/t20240102_13000001.html", "article", "2024-01-02")]


def test_trs_names_the_file_of_a_column_on_its_own_host() -> None:
    text = '<script src="./data.json?v=1"></script><script>$.get("./myjson.json?myjson=myjson"); x("http://evil.com/a.json")</script>'
    assert platforms.get("trs").data_urls(LIST, text) == [
        LIST + "myjson.json?myjson=myjson",
        LIST + "data.json?v=1",
    ]


# -- attachments


@pytest.mark.parametrize(
    ("markup", "name", "file"),
    [
        (
            '<a href="./P020260129.pdf" download="年报.pdf" oldsrc="/protect/x.pdf">附件</a>',
            "年报.pdf",
            "P020260129.pdf",
        ),
        ("<script>var hasFJ='<a href=\"./P01.docx\">年报文档</a><BR/>';</script>", "年报文档", "P01.docx"),
        ('<iframe src="./P02.pdf"></iframe>', "", "P02.pdf"),
        ('<iframe src="./viewer.html?file=.%2FP03.pdf"></iframe>', "", "P03.pdf"),
        ('<a href="#" onclick="window.open(\'./P04.xlsx\')">表</a>', "表", "P04.xlsx"),
    ],
)
def test_attachments(markup: str, name: str, file: str) -> None:
    found = platforms.get("trs").attachments(LIST + "202601/t20260101_1.html", f"<body>{markup}</body>")
    assert [(link.title, link.url) for link in found] == [(name, f"{LIST}202601/{file}")]
    assert found[0].kind == "attachment"


def test_one_document_is_one_link_with_its_longest_title() -> None:
    text = '<a href="t20260101_150000_wap.html">短</a><li><a href="t20260101_150000.html" title="长的标题">长</a> 2026-01-01</li>'
    assert platforms.get("trs").links(LIST, text) == [
        FoundLink("长的标题", LIST + "t20260101_150000.html", "article", "2026-01-01")
    ]


@pytest.mark.parametrize(
    ("row", "day"),
    [
        ("<li><a href='t1_1.html'>x</a><span>2026-01-29</span></li>", "2026-01-29"),
        ("<li><a href='t1_1.html'>x</a>[2026-9-2]</li>", "2026-09-02"),
        ("<li><a href='t1_1.html'>x</a>2026年1月9日</li>", "2026-01-09"),
        ("<tr><td><a href='t1_1.html'>x</a></td><td>2026.1.9</td></tr>", "2026-01-09"),
        ("<li><a href='t1_1.html'>x</a>成文日期：2026-01-29</li>", None),
        ("<li><a href='t1_1.html'>x</a>2026-02-30</li>", None),
        ("<li><a href='t1_1.html'>x</a>电话 2026-01-299</li>", None),
        ("<li><a href='t1_1.html'>x</a></li><li>2026-01-29</li>", None),
    ],
)
def test_the_date_of_a_row_is_the_one_printed_in_it(row: str, day: str | None) -> None:
    text = f"<table>{row}</table>" if row.startswith("<tr") else f"<ul>{row}</ul>"
    (link,) = platforms.get("static").links(LIST, text)
    assert link.list_date == day


@pytest.mark.parametrize(
    "row",
    [
        "<a href=\"javascript:openUrl('./a.html')\">甲</a>",
        '<a href="javascript:void(0)" onclick="viewDetail(7, \'/zwgk/a.html\')">甲</a>',
        '<a href="#" onclick="location.href=\'a.html\'">甲</a>',
        '<a data-href="/zwgk/a.html" href="javascript:;">甲</a>',
        "<ul><li onclick=\"window.open('./a.html')\">甲</li></ul>",
        '<select onchange="location=this.value"><option value="">请选择</option><option value="./a.html">甲</option></select>',
        "<LI><A HREF=/zwgk/a.html TARGET=_blank>甲</A>",
        '<a href="\n  ./a.html \n">甲</a>',
    ],
)
def test_whatever_can_be_pressed_is_a_link(row: str) -> None:
    (found,) = platforms.get("static").links("http://x.gov.cn/zwgk/", row)
    assert (found.url, found.title) == ("http://x.gov.cn/zwgk/a.html", "甲")


@pytest.mark.parametrize(
    "row",
    [
        '<a href="javascript:void(0)" onclick="share(\'wx\')">分享</a>',
        '<a href="javascript:setFont(16)">大</a>',
        "<span onclick=\"toggle('menu')\">菜单</span>",
        '<option value="2024">2024年</option>',
        '<option value="http://other.gov.cn/">友情链接</option>',
    ],
)
def test_what_opens_no_address_is_none(row: str) -> None:
    assert platforms.get("static").links("http://x.gov.cn/zwgk/", row) == []


def test_ucap_a_search_that_a_script_puts_together_from_the_pages_channel() -> None:
    channel = "0123456789abcdef0123456789abcdef"
    page = f'<meta name="channelid" content="{channel}"><script>$.get("/common/search/" + channel)</script>'
    (asked,) = platforms.get("ucap").data_urls("http://a.gov.cn/c1/common_list.shtml", page)
    assert asked.startswith(f"http://a.gov.cn/common/search/{channel}?") and asked.endswith("&page=1")


@pytest.mark.parametrize(("begins", "total"), [(0, 130), (0, 50), (0, 200), (1, 130), (1, 200), (1, 0)])
def test_gkmlpt_counts_from_zero_or_from_one(begins: int, total: int) -> None:
    system = platforms.get("gkmlpt")

    def page(url: str) -> str:
        first = (int(url.partition("page=")[2].partition("&")[0]) - begins) * 100
        numbers = range(max(first, 0), min(first + 100, total)) if first >= 0 else range(0)
        articles = [
            {"title": f"{n}", "url": f"http://a.gov.cn/gkmlpt/content/1/2/post_{n}.html"} for n in numbers
        ]
        return json.dumps({"articles": articles, "total": total})

    walk = ListWalk("http://a.gov.cn/gkmlpt/index", "", "a")
    walk.take((), Pager(), walk.url)
    url: str | None = "http://a.gov.cn/gkmlpt/api/all/6?page=1&sid=2"
    asked = 0
    while url is not None:
        asked += 1
        walk.take_data(system.data_pager(url, page(url)))
        url = walk.next_url()
    assert walk.complete and asked <= 5
