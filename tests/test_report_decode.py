"""From bytes to text: nothing is lost, a wrong declaration does no harm, a bomb is refused."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
import zstandard

from archive.report import decode as module
from archive.report.decode import decode, unpack

TEXT = "<html><head><meta charset='{}'></head><body>重庆市巴南区政府信息公开：朱镕基、䶮、㙟，二〇二五年</body></html>"


@pytest.mark.parametrize(
    ("codec", "declared", "expected"),
    [
        ("utf-8", "utf-8", "utf-8"),
        ("utf-8", "gb2312", "utf-8"),
        ("utf-8-sig", "gb2312", "utf-8"),
        ("gb18030", "gb2312", "gb18030"),
        ("gb18030", "gbk", "gb18030"),
        ("gb18030", "utf-8", "gb18030"),
        ("gb18030", "iso-8859-1", "gb18030"),
        ("gb18030", "no-such-charset", "gb18030"),
        ("utf-16", "utf-16", "utf-16-le"),
    ],
)
def test_the_page_declares_what_it_likes(codec: str, declared: str, expected: str) -> None:
    text = TEXT.format(declared)
    found = decode(text.encode(codec), [("Content-Type", f"text/html; charset={declared}")])
    assert (found.text, found.encoding, found.findings) == (text, expected, [])


def test_utf16_without_a_mark_is_known_by_its_zeros() -> None:
    text = TEXT.format("utf-16")
    assert decode(text.encode("utf-16-be")).text == text
    assert decode(text.encode("utf-16-le")).text == text


def test_big5_only_where_it_is_declared() -> None:
    text = "重慶市政府資訊公開工作年度報告"
    assert decode(text.encode("big5"), [("Content-Type", "text/html; charset=big5")]).text == text


def test_a_cut_utf8_body_stays_utf8_and_says_what_was_lost() -> None:
    body = ("政府信息公开工作年度报告" * 20).encode()[:-1]
    found = decode(body, [("Content-Type", "text/html; charset=gb2312")])
    assert found.encoding == "utf-8"
    assert found.text.startswith("政府信息公开工作年度报告")
    assert [(f.rule, "1" in f.message) for f in found.findings] == [("ENC-LOST", True)]


def test_bad_bytes_inside_gb18030_are_counted() -> None:
    body = "政府信息公开".encode("gb18030") + b"\xff\xff" + "工作年度报告".encode("gb18030")
    found = decode(body)
    assert found.encoding == "gb18030"
    assert "工作年度报告" in found.text
    assert [f.rule for f in found.findings] == ["ENC-LOST"]


def test_a_replacement_character_that_the_page_itself_has_is_no_loss() -> None:
    assert decode("完整的\ufffd文字".encode()).findings == []


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),
        ("br", brotli.compress),
        ("zstd", zstandard.ZstdCompressor().compress),
    ],
)
def test_content_codings(coding: str, pack: object) -> None:
    data = TEXT.encode() * 50
    packed = pack(data)  # type: ignore[operator]
    found = unpack(packed, [("Content-Encoding", coding)])
    assert (found.body, found.findings, found.trouble) == (data, (), None)


def test_several_codings_are_undone_in_turn() -> None:
    packed = brotli.compress(gzip.compress(b"text"))
    assert unpack(packed, [("content-encoding", "gzip, br")]).body == b"text"


def test_a_body_that_is_not_in_its_coding_stays() -> None:
    for coding in ("gzip", "br", "zstd", "deflate", "compress", "identity"):
        assert unpack(b"<html>plain</html>", [("Content-Encoding", coding)]).body == b"<html>plain</html>"


def test_gzip_without_a_header_is_known_by_its_first_bytes() -> None:
    assert unpack(gzip.compress(b"text")).body == b"text"


def test_a_truncated_body_is_read_as_far_as_it_goes() -> None:
    data = bytes(range(256)) * 400
    found = unpack(gzip.compress(data)[:-200], [("Content-Encoding", "gzip")])
    assert data.startswith(found.body[:100])
    assert [f.rule for f in found.findings] == ["ENC-TRUNCATED"]


def test_a_damaged_body_is_read_up_to_the_damage() -> None:
    data = b"".join(str(i).encode() for i in range(40_000))
    packed = bytearray(gzip.compress(data))
    packed[len(packed) // 2 : len(packed) // 2 + 40] = b"\xff" * 40
    found = unpack(bytes(packed), [("Content-Encoding", "gzip")])
    assert len(found.body) > 1000
    assert [f.rule for f in found.findings] == ["ENC-TRUNCATED"]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_refused(coding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_DECODED", 100_000)
    data = b"\0" * 2_000_000
    packers = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}
    packed = packers[coding](data) if coding in packers else zstandard.ZstdCompressor().compress(data)
    found = unpack(packed, [("Content-Encoding", coding)])
    assert (found.body, bool(found.trouble)) == (b"", True)
    assert [f.rule for f in found.findings] == ["DOC-TOO-LARGE"]
