"""Pages that are no report although the server says 200; and reports that hold the words of such pages."""

from __future__ import annotations

import pytest

from archive.report.model import Context
from archive.report.read import take_apart
from archive.report.trouble import has_report, is_list


def trouble(html: str) -> str | None:
    return take_apart(html.encode(), [("Content-Type", "text/html")], Context()).trouble


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<html><body><h1>404错误</h1>您访问的页面不存在</body></html>", "soft_404"),
        ("<html><head><title>Page Not Found</title></head><body>x</body></html>", "soft_404"),
        ("<html><body>创宇盾：您的请求已被拦截</body></html>", "blocked"),
        ("<html><body><h1>403 Forbidden</h1><hr>nginx</body></html>", "blocked"),
        ("<html><body>请完成安全验证后继续</body></html>", "blocked"),
        ("<html><script>var a='__jsl_clearance_s'</script><body></body></html>", "challenge"),
        ("<html><head><meta content=\"{qqqq1\"><script src='/a/b.js' r='m'></script></head><body></body></html>", "challenge"),
        ("<html><body><script>location.href='/index.html'</script></body></html>", "redirect"),
        ("<html><head><meta http-equiv='refresh' content='0;url=/'></head><body></body></html>", "redirect"),
        ("<html><body>用户登录</body></html>", "login"),
        ("<?xml version='1.0'?><rss version='2.0'><channel><title>重庆市开州区2024年政府信息公开工作年度报告</title></channel></rss>", "feed"),
        ("<html><body><div id='app'></div><script src='app.js'></script></body></html>", "empty"),
        ("<html><body><p>" + "本机关公开工作的一般说明，供公众参考使用。" * 20 + "</p></body></html>", None),
    ],
)  # fmt: skip
def test_troubles(html: str, expected: str | None) -> None:
    assert trouble(html) == expected


@pytest.mark.parametrize(
    "proof",
    [
        "<h1>重庆市南岸区2023年政府信息公开工作年度报告</h1>",
        "<p>一、总体情况</p><p>二、主动公开政府信息情况</p>",
        "<table><tr><td>信息内容</td><td>本年制发件数</td></tr></table>",
    ],
)
def test_positive_proof_outranks_words(proof: str) -> None:
    html = f"<html><body>{proof}<p>页面不存在的情形已整改，非法请求均被拦截。</p></body></html>"
    assert trouble(html) is None
    assert has_report(take_apart(html.encode(), [], Context()))


def test_lists_of_reports_are_told_from_reports() -> None:
    item = "<li><a href='{0}.html'>重庆市南岸区{0}年政府信息公开工作年度报告</a> <span>{1}-03-20</span></li>"
    one = f"<html><body><ul>{item.format(2023, 2024)}</ul></body></html>"
    several = "".join(f"<p>重庆市南岸区{year}年政府信息公开工作年度报告</p>" for year in (2021, 2022, 2023))
    report = (
        "<html><body><h1>重庆市南岸区2023年政府信息公开工作年度报告</h1><p>日期：2024-03-20</p></body></html>"
    )
    assert is_list(take_apart(one.encode(), [], Context()))
    assert is_list(take_apart(f"<html><body>{several}</body></html>".encode(), [], Context()))
    assert not is_list(take_apart(report.encode(), [], Context()))
