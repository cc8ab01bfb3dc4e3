"""Every family of the scenario ``platforms`` shows exactly its truth to whoever follows the published grammar."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import pytest
from lxml import html

from crawler.browser import find_chromium, launch_arguments
from crawler.replica import Replica, Scenario, Truth
from crawler.replica.families import FAMILIES
from crawler.replica.families.script import sign
from tests.replica_client import get

REPORTS = 18
PLAYED = [family.host for family in FAMILIES]


@pytest.fixture(scope="module")
def played() -> Iterator[Replica]:
    with Replica(Scenario(portals=False, platforms=True), max_seconds=120) as running:
        yield running
    assert running.errors == []


@pytest.fixture(scope="module")
def told(played: Replica) -> Truth:
    return played.truth()


def entry(played: Replica, host: str) -> str:
    rows = csv.DictReader(io.StringIO(played.registry_csv()))
    return next(row["list_url"] for row in rows if row["site"] == host)


def paths_in(text: str, base: str) -> set[str]:
    """The addresses of all anchors, as path and query."""
    found = set()
    for href in html.fromstring(text).xpath("//a/@href"):
        parts = urlsplit(urljoin(base, str(href)))
        found.add(parts.path + (f"?{parts.query}" if parts.query else ""))
    return found


def wanted(told: Truth, host: str) -> set[str]:
    return {report.paths[0] for report in told.of_site(host)}


def walked(urls: list[str]) -> set[str]:
    return set().union(*(paths_in(get(url).text, url) for url in urls))


@pytest.mark.parametrize("host", PLAYED)
def test_every_family_publishes_eighteen_reports_that_answer(played: Replica, told: Truth, host: str) -> None:
    reports = told.of_site(host)
    assert len(reports) == REPORTS
    bodies = set()
    for report in reports:
        reply = get(played.base(host) + report.paths[0])
        assert reply.status == 200
        assert report.title in reply.text
        bodies.add(reply.body)
    assert len(bodies) == REPORTS


@pytest.mark.parametrize(
    ("host", "pages", "beyond"),
    [
        ("trs-createpage", ["index_1.html", "index_2.html"], "index_3.html"),
        ("trs-createpagehtml", ["index_1.html", "index_2.html"], "index_3.html"),
        ("trs-shtml", ["index_1.shtml", "index_2.shtml"], "index_1.html"),
        ("trs-dom-one-based", ["index_2.html", "index_3.html"], "index_1.html"),
        ("trs-count-zero", ["index_1.html", "index_2.html"], "index_3.html"),
        ("trs-count-one", ["index_2.shtml", "index_3.shtml"], "index_1.shtml"),
        ("trs-set-page", ["index_2.html", "index_3.html"], "index_1.html"),
        ("trs-page-dec", ["index_1.html", "index_2.html"], "index_3.html"),
        ("trs-pager-object", ["index_1.html", "index_2.html"], "index_3.html"),
        ("static-next", ["list_2.html", "list_3.html"], "list_4.html"),
        ("ucap", ["common_list_2.shtml", "common_list_3.shtml"], "common_list_1.shtml"),
    ],
)
def test_lists_in_pages(played: Replica, told: Truth, host: str, pages: list[str], beyond: str) -> None:
    first = entry(played, host)
    urls = [first, *(urljoin(first, page) for page in pages)]
    lists = [walked([url]) & wanted(told, host) for url in urls]
    assert all(lists)
    assert set().union(*lists) == wanted(told, host)
    assert sum(map(len, lists)) == REPORTS
    assert get(urljoin(first, beyond)).status == 404


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("trs-createpage", 'createPage(3, 0, "index", "html");'),
        ("trs-shtml", 'createPageHTML(3, 0, "index", "shtml", "black2", 19);'),
        ("trs-dom-one-based", "createPageHTML('page_div', 3, 1, 'index', 'html', 19);"),
        ("trs-count-zero", "var countPage=3;\nvar currentPage=0\nvar countnum=19"),
        ("trs-count-one", 'var countPage = 3 ;\nvar dataCount="19"'),
        ("trs-set-page", '.pagination("setPage", 1, 3)'),
        ("trs-page-dec", 'pagecount="3"'),
        ("trs-pager-object", "Pager({size:3, current:0, prefix:'index', suffix:'html'})"),
    ],
)
def test_pagers_are_spelt_as_published(played: Replica, host: str, says: str) -> None:
    assert says in get(entry(played, host)).text


def test_following_the_next_page_reaches_everything(played: Replica, told: Truth) -> None:
    url, seen = entry(played, "static-next"), set()
    while url:
        text = get(url).text
        seen |= paths_in(text, url)
        following = html.fromstring(text).xpath("//a[text()='下一页']/@href")
        url = urljoin(url, following[0]) if following else ""
    assert wanted(told, "static-next") <= seen


def test_a_column_in_one_file_is_no_json(played: Replica, told: Truth) -> None:
    url = entry(played, "trs-myjson")
    assert not walked([url]) & wanted(told, "trs-myjson")
    text = get(urljoin(url, "myjson.json?myjson=myjson&_=1")).body.decode()
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)
    found = {urlsplit(urljoin(url, one)).path for one in re.findall(r"'url':'([^']+)'", text)}
    assert wanted(told, "trs-myjson") <= found


def proxied(played: Replica, host: str, **changes: Any) -> set[str]:
    """The proxy's answer to the parameters that the page itself gives, some changed."""
    text = get(entry(played, host)).text
    link = unescape(re.search(r'<nextgroup><!\[CDATA\[<a href="([^"]+)"', text)[1])  # type: ignore[index]
    parameters = dict(parse_qsl(urlsplit(link).query)) | {name: str(value) for name, value in changes.items()}
    reply = get(played.base(host) + urlsplit(link).path, form=urlencode(parameters))
    return set(re.findall(r' href="(/art/[^"]+)"', reply.text))


def test_a_datastore_hides_its_rows_from_an_html_parser(played: Replica, told: Truth) -> None:
    for host in ("hw-record", "hw-page"):
        url = entry(played, host)
        assert not walked([url]) & wanted(told, host)
        embedded = set(re.findall(r' href="(/art/[^"]+)"', get(url).text))
        assert len(embedded) == 12
        assert proxied(played, host, columnid="0") == set()


def test_the_proxy_that_counts_records(played: Replica, told: Truth) -> None:
    rest = proxied(played, "hw-record", startrecord=13, endrecord=24, perpage=4)
    assert len(rest) == 7
    first = proxied(played, "hw-record")
    assert wanted(told, "hw-record") <= first | rest
    assert proxied(played, "hw-record", page=2) == first  # this dialect knows no pages


def test_the_proxy_that_counts_pages(played: Replica, told: Truth) -> None:
    first, rest = proxied(played, "hw-page"), proxied(played, "hw-page", page=2)
    assert len(rest) == 7
    assert wanted(told, "hw-page") <= first | rest
    assert proxied(played, "hw-page", startrecord=13, endrecord=24) == first  # and this one no records
    assert proxied(played, "hw-page", page=1, perpage=100) == first | rest
    assert proxied(played, "hw-page", page=9) == set()


def test_a_unit_is_paged_through_its_parameter_alone(played: Replica, told: Truth) -> None:
    url = entry(played, "hw-jpaas")
    unit = html.fromstring(get(url).text).xpath("//*[@querydata]")[0]
    data = json.loads(unit.get("querydata").replace("'", '"'))

    def ask(**changes: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(
            get(f"{urljoin(url, unit.get('url'))}?{urlencode({**data, **changes})}").body
        )
        return answer

    found: set[str] = set()
    for number in (1, 2, 3):
        page = ask(paramJson=json.dumps({"pageNo": number, "pageSize": 7}), pageNo="1")["data"]["html"]
        assert 'count="19"' in page
        found |= paths_in(page, url)
    assert wanted(told, "hw-jpaas") <= found
    assert ask(pageId="nobody")["success"] is False


def test_an_annual_report_is_its_query(played: Replica, told: Truth) -> None:
    assert wanted(told, "hw-annual") <= walked([entry(played, "hw-annual")])
    reports = told.of_site("hw-annual")
    assert len({urlsplit(report.paths[0]).path for report in reports}) == 1
    swapped = "&".join(reversed(urlsplit(reports[0].paths[0]).query.split("&")))
    other = get(f"{played.base('hw-annual')}{urlsplit(reports[0].paths[0]).path}?{swapped}")
    assert reports[0].title in other.text
    assert (
        "暂无年报"
        in get(played.base("hw-annual") + "/module/xxgk/xxgkAnnualReport.jsp?area=1&fbtime=2024").text
    )


def test_reports_without_a_list_name_each_other(played: Replica, told: Truth) -> None:
    seen: set[str] = set()
    queue = [entry(played, "hw-years")]
    while queue:
        url = queue.pop()
        if url not in seen:
            seen.add(url)
            new = paths_in(get(url).text, url) & wanted(told, "hw-years")
            queue += [played.base("hw-years") + path for path in new]
    assert {url.removeprefix(played.base("hw-years")) for url in seen} == wanted(told, "hw-years")


def test_a_list_in_a_frame(played: Replica, told: Truth) -> None:
    url = entry(played, "framed")
    page = get(url).text
    assert not paths_in(page, url) & wanted(told, "framed")
    frames = [urljoin(url, str(src)) for src in html.fromstring(page).xpath("//iframe/@src")]
    inner = next(frame for frame in frames if "list" in frame)
    assert wanted(told, "framed") <= walked([inner, f"{inner}index_1.html", f"{inner}index_2.html"])


def test_the_data_of_a_scripted_list_want_a_sign(played: Replica, told: Truth) -> None:
    url = entry(played, "script-list")
    assert not walked([url]) & wanted(told, "script-list")
    assert get(urljoin(url, "rows?n=1")).status == 403
    pages = [json.loads(get(urljoin(url, f"rows?n={n}&s={sign(n)}")).body) for n in (1, 2, 3)]
    assert [page["more"] for page in pages] == [True, True, False]
    found = {urlsplit(urljoin(url, row["u"])).path for page in pages for row in page["rows"]}
    assert wanted(told, "script-list") <= found


@pytest.mark.browser
def test_a_browser_sees_a_scripted_list(played: Replica, told: Truth) -> None:
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium")
    from playwright.sync_api import sync_playwright

    seen: set[str] = set()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=launch_arguments())
        page = browser.new_page()
        page.goto(entry(played, "script-list"))
        for number in (1, 2, 3):
            page.wait_for_function(f"document.querySelector('#list li') && page === {number}")
            seen |= {
                urlsplit(str(link)).path
                for link in page.eval_on_selector_all("#list a", "a => a.map(x => x.href)")
            }
            if number < 3:
                page.click("text=下一页")
        assert not page.is_visible("#more")
        browser.close()
    assert wanted(told, "script-list") <= seen


def test_the_registry_names_each_platform(played: Replica) -> None:
    rows = {row["site"]: row for row in csv.DictReader(io.StringIO(played.registry_csv()))}
    assert {host: rows[host]["platform"] for host in PLAYED} == {
        family.host: family.platform for family in FAMILIES
    }
    assert {row["platform"] for row in rows.values()} == {"trs", "hanweb", "static", "script", "auto"}
    assert all(row["options"] == f"installation={host}" for host, row in rows.items())
    with Replica(Scenario(portals=False, platforms=True, auto=True), max_seconds=60) as guessing:
        assert {row["platform"] for row in csv.DictReader(io.StringIO(guessing.registry_csv()))} == {"auto"}
