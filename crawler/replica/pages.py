"""The HTML of the portals: lists, navigation, articles with their furniture (chongqing-sites.md, 2, 4; cms-families.md, 1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

Style = Mapping[str, Any]
"""The ``style`` of a file in ``sites/``: which of the shapes below a portal uses."""


@dataclass(frozen=True)
class Link:
    """An anchor, with the date that a list shows beside it."""

    href: str
    text: str
    date: str = ""


@dataclass(frozen=True)
class Frame:
    """What every page of a portal carries around its content."""

    site: str
    style: Style
    crumbs: tuple[str, ...]
    nav: tuple[Link, ...] = ()
    foot: tuple[Link, ...] = ()
    charset: str = "utf-8"
    """The label in the page, which need not be what the bytes are."""


@dataclass(frozen=True)
class Article:
    """What stands on an article page."""

    title: str
    body: str
    shown_date: str | None
    """ISO date that the page prints; ``None``: none."""
    source: str
    meta_date: str | None = None
    """ISO date in the page's metadata, if the portal writes any."""
    heading: bool = True
    second_title: str = ""
    counter: str = ""
    attachments: tuple[Link, ...] = ()
    wap: bool = False


# --- frame ---------------------------------------------------------------------------------------------------------


def page(
    frame: Frame, title: str, main: str, *, metas: Mapping[str, str] | None = None, wap: bool = False
) -> str:
    """A whole page around ``main``."""
    metas = metas or {}
    meta_tags = "\n".join(
        f'<meta name="{escape(name)}" content="{escape(content)}">' for name, content in metas.items()
    )
    furniture = "".join(f"<span>{escape(text)}</span> " for text in frame.style["before"])
    crumbs = escape(frame.style["separator"]).join(
        f'<a href="/">{escape(crumb)}</a>' for crumb in frame.crumbs
    )
    where = f'<div class="crumb">{escape(frame.style["crumb"])} {crumbs}</div>'
    nav = "".join(f'<li><a href="{escape(link.href)}">{escape(link.text)}</a></li>' for link in frame.nav)
    foot = " | ".join(f'<a href="{escape(link.href)}">{escape(link.text)}</a>' for link in frame.foot)
    if wap:
        return _document(
            frame, title, meta_tags, f'<div class="wap-top">导航</div>{where}<div class="wap">{main}</div>'
        )
    return _document(
        frame,
        title,
        meta_tags,
        f'<div class="top">{furniture}</div>\n<div class="menu"><a href="/">首页</a> <a href="/zwgk/">政务公开</a> '
        f'<a href="/ykb/">渝快办</a> <a href="/hdjl/">互动交流</a> <a href="/igs/front/search.jhtml?searchWord=年报">搜索</a></div>\n'
        f'{where}\n<div class="left"><ul class="left-nav">{nav}</ul></div>\n<div class="right">{main}</div>\n'
        f'<div class="foot">主办：{escape(frame.site)} 值班编辑：陶镕 <!-- 网站标识码 -->{foot}</div>',
    )


def _document(frame: Frame, title: str, metas: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="zh"><head><meta charset="{frame.charset}">\n<title>{escape(title)}</title>\n'
        f"{metas}\n<style>.hide{{display:none}}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


# --- lists ---------------------------------------------------------------------------------------------------------


def _list_li_span(links: Sequence[Link]) -> str:
    rows = "\n".join(
        f'<li class="clearfix"><a href="{escape(link.href)}" target="_blank">{escape(link.text)}</a>'
        f"<span>{link.date}</span></li>"
        for link in links
    )
    return f'<ul class="tab-item">{rows}</ul>'


def _list_li_title(links: Sequence[Link]) -> str:
    rows = "\n".join(
        f'<li class="clearfix"><a href="{escape(link.href)}" title="{escape(link.text)}">{escape(_short(link.text))}</a>'
        f"<span>{link.date}</span></li>"
        for link in links
    )
    return f'<ul class="list">{rows}</ul>'


def _list_anchor_date(links: Sequence[Link]) -> str:
    rows = "\n".join(
        f'<a href="{escape(link.href)}"><p>{escape(link.text)}</p><span>{link.date}</span></a>'
        for link in links
    )
    return f'<div class="list">{rows}</div>'


def _list_table(links: Sequence[Link]) -> str:
    rows = "\n".join(
        f'<tr><td>{number}</td><td><a href="{escape(link.href)}">{escape(link.text)}</a></td><td>{link.date}</td></tr>'
        for number, link in enumerate(links, 1)
    )
    return (
        '<table class="cwx-table"><tbody><tr class="cwx-tit"><td>序号</td><td>名称</td><td>发布日期</td></tr>'
        f"{rows}</tbody></table>"
    )


def _list_undated(links: Sequence[Link]) -> str:
    rows = "\n".join(
        f'<li><a href="{escape(link.href)}" title="{escape(link.text)}">{escape(link.text)}</a></li>'
        for link in links
    )
    return f'<ul class="gl-list gl-list2">{rows}</ul>'


def _list_info(links: Sequence[Link]) -> str:
    rows = "\n".join(
        f'<li><h4><a href="{escape(link.href)}" target="_blank">{escape(link.text)}</a></h4><span>{link.date}</span></li>'
        for link in links
    )
    return f'<div class="pageList listContent infoList"><ul>{rows}</ul></div>'


LISTS: dict[str, Callable[[Sequence[Link]], str]] = {
    "li_span": _list_li_span,
    "li_title": _list_li_title,
    "anchor_date": _list_anchor_date,
    "table": _list_table,
    "undated": _list_undated,
    "info": _list_info,
}


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:23] + "…"


# --- articles ------------------------------------------------------------------------------------------------------


def article(frame: Frame, content: Article) -> str:
    """An article page; its furniture, date line and container are those of the portal."""
    style = frame.style
    date_line = _date_line(style["date"], content)
    heading = f'<h1 class="title">{content.title}</h1>' if content.heading else ""
    second = f'<p align="center"><strong>{content.second_title}</strong></p>' if content.second_title else ""
    links = "".join(
        '<p class="insertfileTag"><img src="/images/icon_doc.gif" alt="">'
        f'<a appendix="true" data-appendix="true" needdownload="true" href="{escape(link.href)}" '
        f'title="{escape(link.text)}" download="{escape(link.text)}" OLDSRC="/protect/{escape(link.href[2:])}">'
        f"{escape(link.text)}</a></p>"
        for link in content.attachments
    )
    identity = f' id="{escape(style["body_id"])}"' if "body_id" in style else ""
    furniture = "".join(f'<div class="tool">{escape(text)}</div>' for text in style["after"])
    main = (
        f'<div class="zwxl-main">{heading}<div class="info">{date_line}</div>{furniture}'
        f'<div class="{escape(style["body"])}"{identity}>{second}{content.body}{links}</div>{content.counter}</div>'
    )
    title = content.title.replace("<br/>", "")
    metas: dict[str, str] = {}
    if style["meta"]:
        metas = {"SiteName": frame.site, "ArticleTitle": title, "ContentSource": content.source}
        if content.meta_date:
            metas["PubDate"] = f"{content.meta_date} 09:30"
    return page(frame, f"{title}_{frame.site}", main, metas=metas, wap=content.wap)


def _date_line(kind: str, content: Article) -> str:
    day = content.shown_date
    if day is None:
        return ""
    return {
        "plain": f"日期: {day}",
        "glued": f"日期:{day}来源:{escape(content.source)}",
        "twice": f"日期:{day} 14:35 <span>日期:{day} 14:35</span>",
        "seconds": f"发布日期:{day} 09:20:05",
        "source_time": f"来源:{escape(content.source)} 发布时间:{day} 17:01",
    }[kind]


# --- pages that are no content -------------------------------------------------------------------------------------


def soft_404(site: str) -> str:
    """What a portal serves with status 200 where a page used to be."""
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(site)}</title></head><body>'
        '<p>抱歉，您访问的页面不存在或者已经删除。</p><p><a href="/">返回首页</a></p></body></html>'
    )


def block_page() -> str:
    """What a firewall serves with status 200 instead of the page."""
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>安全验证</title></head><body>'
        "<h3>您的请求疑似攻击行为，已被网站防火墙拦截</h3><p>事件编号：1f0c9a77</p><script>var r='m';</script></body></html>"
    )
