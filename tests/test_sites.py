"""The registry: what a row may hold, and that a bad one is refused by its line number."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from crawler import platforms
from crawler.probe import to_be_asked
from crawler.sites import BUILT_IN, RegistryError, load, soundness
from crawler.sites.hosts import host_of, is_loopback, twins
from crawler.sites.rows import COLUMNS, mirrors, row_of
from crawler.spiders import FAMILIES
from tests.crawl_portal import HEADER

GOOD = {
    "site": "banan", "spider": "district", "platform": "trs", "name": "巴南区", "admin_code": "500113",
    "list_url": "http://www.cqbn.gov.cn/zwgk_252/zfxxgknb/", "options": "installation=cq", "first_year": "2019",
    "last_year": "", "enabled": "1", "note": "",
}  # fmt: skip


def written(tmp_path: Path, *rows: dict[str, str]) -> Path:
    path = tmp_path / "sites.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(GOOD | row for row in rows)
    return path


def test_every_row_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "sites.csv"
    path.write_text(HEADER + "A,x,trs,甲,,http://a.gov.cn/,,,,1,\nb,district\n", encoding="utf-8")
    with pytest.raises(RegistryError, match="1 more rows are wrong") as error:
        load(path)
    assert [line.split(":")[1] for line in error.value.every] == ["2", "3"]


def test_a_row_becomes_a_site(tmp_path: Path) -> None:
    site = load(written(tmp_path, {})).get("banan")
    assert (site.installation, site.first_year, site.last_year, site.enabled) == ("cq", 2019, None, True)
    assert site.host == ("www.cqbn.gov.cn", 80)
    assert site.obeys_robots


def test_the_installation_is_host_and_port_unless_it_is_named(tmp_path: Path) -> None:
    registry = load(written(tmp_path, {"options": "", "list_url": "http://127.0.0.1:8099/a/"}))
    assert registry.get("banan").installation == "127.0.0.1:8099"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"site": "Banan"}, "lower-case pinyin"),
        ({"site": "ba_nan"}, "lower-case pinyin"),
        ({"spider": "village"}, "none of district, township"),
        ({"platform": "nosuch"}, "platform 'nosuch'"),
        ({"name": ""}, "name is empty"),
        ({"admin_code": "50011"}, "admin_code"),
        ({"list_url": "ftp://www.cqbn.gov.cn/"}, "no http or https address"),
        ({"list_url": "www.cqbn.gov.cn/a/"}, "no http or https address"),
        ({"list_url": "http://www.cqbn.gov.cn:99999/"}, "no http or https address"),
        ({"list_url": "http://me:secret@www.cqbn.gov.cn/"}, "name or password"),
        ({"list_url": "http://www.cqbn.gov.cn/a b/"}, "fragment or a space"),
        ({"options": "colour=red"}, "option 'colour' is declared neither by"),
        ({"options": "installation"}, "not key=value"),
        ({"options": "depth=many"}, "not a whole number"),
        ({"options": "depth=0"}, "not a whole number"),
        ({"options": "depth=2;depth=3"}, "twice"),
        ({"options": "encoding=br"}, "encoding is gzip or identity"),
        ({"options": "robots=on"}, "robots can only be off"),
        ({"options": "robots=off"}, "needs its reason, with a date"),
        ({"options": "robots=off", "note": "because"}, "needs its reason, with a date"),
        ({"options": "units=3"}, "option 'units' is declared neither by"),
        ({"first_year": "2007"}, "not a year from 2008"),
        ({"first_year": "20x9"}, "first_year '20x9'"),
        ({"first_year": "2020", "last_year": "2019"}, "after last_year"),
        ({"enabled": "maybe"}, "neither 1 nor 0"),
    ],
)
def test_a_bad_row_is_refused_by_its_line(tmp_path: Path, change: dict[str, str], reason: str) -> None:
    path = written(tmp_path, {"site": "first", "list_url": "http://a.gov.cn/"}, change)
    with pytest.raises(RegistryError, match=r"^sites\.csv:3: ") as error:
        load(path)
    assert reason in str(error.value)
    assert "\n" not in str(error.value)


def test_the_line_is_that_of_the_file_even_after_a_note_of_two_lines(tmp_path: Path) -> None:
    path = written(tmp_path, {"note": "one\ntwo", "list_url": "http://a.gov.cn/"}, {"site": "X"})
    with pytest.raises(RegistryError, match=r"^sites\.csv:4: site 'X'"):
        load(path)


def test_a_site_stands_once(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r":3: site 'banan' stands there twice"):
        load(written(tmp_path, {}, {}))


def test_one_host_belongs_to_one_installation(tmp_path: Path) -> None:
    path = written(tmp_path, {}, {"site": "other", "list_url": "https://cqbn.gov.cn/x/", "options": ""})
    with pytest.raises(RegistryError, match=r":3: .*belongs to installation"):
        load(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the columns must be"),
        (b"site,name\nbanan,x\n", "the columns must be"),
        (HEADER.encode(), "holds no site"),
        (HEADER.encode() + b"banan,district\n", ":2: 2 cells instead of 11"),
        (HEADER.encode() + b'"banan,district\n', "not a CSV row"),
        (b"\xff\xfe\x00s", "not UTF-8"),
    ],
)
def test_what_is_no_registry_is_said_in_one_line(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "sites.csv"
    path.write_bytes(content)
    with pytest.raises(RegistryError) as error:
        load(path)
    assert reason in str(error.value)
    assert "\n" not in str(error.value)


def test_a_registry_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="cannot read the registry"):
        load(tmp_path / "none.csv")


def test_a_byte_order_mark_and_blank_lines_do_no_harm(tmp_path: Path) -> None:
    path = written(tmp_path, {})
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + b"\n,,,,,,,,,,\n")
    assert len(load(path)) == 1


def test_selecting(tmp_path: Path) -> None:
    registry = load(
        written(
            tmp_path,
            {},
            {"site": "towns", "spider": "township"},
            {"site": "off", "enabled": "0", "note": "gone"},
        )
    )
    assert [s.site for s in registry.select()] == ["banan", "towns"]
    assert [s.site for s in registry.select(family="township")] == ["towns"]
    assert [s.site for s in registry.select(["towns", "towns"])] == ["towns"]
    for names, family, reason in (
        (["banam"], None, "did you mean 'banan'"),
        (["off"], None, "disabled: gone"),
        (["towns"], "district", "belongs to the family township"),
    ):
        with pytest.raises(RegistryError, match=reason):
            registry.select(names, family=family)


def test_the_allow_list_holds_twins_of_enabled_rows_and_nothing_else(tmp_path: Path) -> None:
    registry = load(
        written(tmp_path, {}, {"site": "off", "list_url": "http://x.gov.cn/", "enabled": "0", "note": "n"})
    )
    hosts = set(registry.installations)
    assert hosts == {
        ("www.cqbn.gov.cn", 80),
        ("www.cqbn.gov.cn", 443),
        ("cqbn.gov.cn", 80),
        ("cqbn.gov.cn", 443),
    }
    assert host_of("http://sub.www.cqbn.gov.cn/") not in hosts
    assert host_of("http://www.cqbn.gov.cn:8080/") not in hosts
    assert host_of("http://www.cqbn.gov.cn.evil.com/") not in hosts


def test_a_port_has_no_twin_on_another_port() -> None:
    assert twins(("127.0.0.1", 8099)) == {("127.0.0.1", 8099)}


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_loopback(name: str) -> None:
    assert is_loopback(name)


@pytest.mark.parametrize("name", ["www.cqbn.gov.cn", "10.0.0.1", "localhost.evil.com", "127.0.0.1.evil.com"])
def test_not_loopback(name: str) -> None:
    assert not is_loopback(name)


@pytest.mark.parametrize("mirror", sorted(mirrors()))
def test_a_mirror_can_never_enter(tmp_path: Path, mirror: str) -> None:
    for host in (mirror, f"www.{mirror}", mirror.upper()):
        with pytest.raises(RegistryError, match="known mirror"):
            load(written(tmp_path, {"list_url": f"http://{host}/zwgk/"}))


# -- the built-in registry


def test_the_built_in_registry_is_sound_and_polite() -> None:
    registry = load()
    assert registry.path == BUILT_IN
    assert {site.installation for site in registry} == {"cq"}, "all portals of Chongqing are one installation"
    assert all(site.note for site in registry if not site.enabled), "a disabled row says why"
    assert not [site.site for site in registry if not site.obeys_robots]
    hosts = {site.host[0] for site in registry}
    assert all(host.endswith(".gov.cn") for host in hosts)
    assert not hosts & mirrors()


def test_the_built_in_registry_knows_every_county() -> None:
    codes = {site.admin_code for site in load()}
    counties = {f"5001{n:02}" for n in (*range(1, 21), *range(51, 57))} | {
        f"5002{n}" for n in (29, 30, 31, 33, 35, 36, 37, 38, 40, 41, 42, 43)
    }
    assert counties <= codes
    assert {"banan", "beibei", "nanan", "kaizhou", "yuzhong"} <= {
        site.site for site in load() if site.enabled
    }


def test_every_family_and_platform_declares_its_options_with_words() -> None:
    for declared in (*FAMILIES.values(), *(platforms.get(name).options for name in platforms.names())):
        assert all(key.islower() and len(words) > 10 for key, words in declared.items())


# -- is it sound


def test_the_built_in_registry_covers_every_county_or_says_why_not() -> None:
    registry = load()
    assert list(soundness.doubts(registry)) == []
    found = soundness.covers(registry)
    assert len(found) == 41, "38 counties and three areas without a code"
    for cover in found:
        assert cover.crawled or all(row.note for row in cover.waiting), cover.name


def test_what_looks_wrong_is_told(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(
        "site,spider,platform,name,admin_code,list_url,options,first_year,last_year,enabled,note\n"
        "a,district,trs,甲,500113,http://www.a.gov.cn/nb/,,,,1,\n"
        "b,district,trs,乙,500113,http://www.a.gov.cn/nb/index.html,,,,1,\n"
        "c,district,trs,丙,599999,http://www.c.gov.cn/nb/,,,,1,\n"
        "d,district,trs,丁,,http://www.d.com/nb/,,,,1,\n"
        "e,district,trs,戊,,http://www.e.gov.cn/nb/,,,,0,\n",
        encoding="utf-8",
    )
    assert [doubt.split(":")[0] for doubt in soundness.doubts(load(path))] == ["b", "c", "d", "e"]


# -- what a probe asks


def test_a_probe_of_an_address_is_one_of_the_row_on_its_host(tmp_path: Path) -> None:
    registry = load(
        written(
            tmp_path, {"options": "installation=cq;depth=3"}, {"site": "off", "enabled": "0", "note": "n"}
        )
    )
    found, site = to_be_asked(registry, "https://cqbn.gov.cn/other/")
    assert (site.installation, site.platform, site.number("depth", 6)) == ("cq", "trs", 3)
    assert (site.list_url, site.site) == ("https://cqbn.gov.cn/other/", "banan")
    assert found.get("banan") == site and len(found) == 2
    assert to_be_asked(registry, "http://new.gov.cn/")[1].installation == "new.gov.cn"


def test_a_probe_of_a_disabled_row_keeps_what_the_row_says(tmp_path: Path) -> None:
    away = {
        "site": "off",
        "list_url": "http://off.gov.cn/nb/",
        "enabled": "0",
        "note": "n",
        "platform": "hanweb",
    }
    same = away | {"site": "same", "list_url": "http://cqbn.gov.cn/nb/", "options": "installation=other"}
    registry = load(written(tmp_path, {}, away, same))
    found, site = to_be_asked(registry, "off")
    assert (site.installation, site.platform, site.enabled) == ("cq", "hanweb", True)
    assert found.installations[("off.gov.cn", 80)] == "cq"
    assert to_be_asked(registry, "same")[1].installation == "cq", "an enabled row says whose host it is"


ROW = {
    "site": "a", "spider": "district", "platform": "trs", "name": "万州区", "admin_code": "500101",
    "list_url": "http://www.wz.gov.cn/nb/", "options": "", "first_year": "", "last_year": "", "enabled": "1", "note": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"options": "installation=../../x"}, "option installation='../../x' is no name"),
        ({"options": "installation=a..b"}, "is no name"),
        ({"options": "installation=.hidden"}, "is no name"),
        ({"name": "万州\x1b[2J区"}, "name holds the control character U+001B"),
        ({"name": "万州\u202e区"}, "name holds the control character U+202E"),
        ({"note": "a\x00b"}, "note holds the control character U+0000"),
        ({"site": "a" * 65}, "site has 65 characters, 64 are the most"),
        ({"name": "区" * 101}, "name has 101 characters"),
        ({"list_url": "http://重庆.gov.cn/nb/"}, "write it in letters of ASCII (xn--…)"),
        ({"list_url": "http://a_b.gov.cn/"}, "no usable host"),
        ({"list_url": "http://-a.gov.cn/"}, "no usable host"),
        ({"list_url": "http://a..b/"}, "no usable host"),
        ({"list_url": "http://127.1/"}, "no usable host"),
        ({"list_url": "http://0x7f.0.0.1/"}, "no usable host"),
        ({"list_url": "http://2130706433/"}, "no usable host"),
        ({"list_url": f"http://{'a' * 64}.gov.cn/"}, "no usable host"),
    ],
)
def test_what_would_steer_something_else_is_refused(cells: dict[str, str], says: str) -> None:
    with pytest.raises(RegistryError) as caught:
        row_of(ROW | cells)
    assert says in str(caught.value)
    assert "\x1b" not in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://xn--zfr164b.cn/", "http://127.0.0.1:8099/nb/", "http://[::1]:80/", "http://localhost/"]
)
def test_usable_hosts(url: str) -> None:
    assert row_of(ROW | {"list_url": url}).list_url == url


def test_everything_wrong_with_a_row_is_told_at_once() -> None:
    bad = {"site": "A B", "spider": "x", "platform": "y", "name": "", "admin_code": "5", "first_year": "1999", "enabled": "maybe",
           "list_url": "ftp://x", "options": "depth"}  # fmt: skip
    with pytest.raises(RegistryError) as caught:
        row_of(ROW | bad)
    for column in (
        "site",
        "spider",
        "platform",
        "name",
        "admin_code",
        "first_year",
        "enabled",
        "list_url",
        "option",
    ):
        assert column in str(caught.value), column


def test_what_is_no_file_and_what_never_ends_is_no_registry(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="no file"):
        load("/dev/zero")
    with pytest.raises(RegistryError, match="no file"):
        load(tmp_path)
    big = tmp_path / "big.csv"
    with big.open("wb") as file:
        file.truncate(17 << 20)
    with pytest.raises(RegistryError, match="16 MB"):
        load(big)
