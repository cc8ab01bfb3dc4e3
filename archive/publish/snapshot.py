"""A stored page made safe to look at: no scripts, no frames, no requests to anywhere, no way out of its frame.

Two walls, each of which would do alone. The page is rebuilt from the elements and attributes on a short list; and it is
served under a content-security policy that sandboxes it (no scripts, no origin, no forms) and forbids every request.
"""

from __future__ import annotations

import html
import re

from lxml import etree
from lxml import html as lxml_html

from archive.publish.locate import Place, locate

POLICY = "; ".join(
    [
        "sandbox",
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    ]
)
"""The Content-Security-Policy under which a rebuilt page is served."""

KEPT_ELEMENTS = frozenset([
    "html", "body", "div", "p", "span", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "caption",
    "colgroup", "col", "thead", "tbody", "tfoot", "tr", "td", "th", "ul", "ol", "li", "dl", "dt", "dd",
    "b", "strong", "i", "em", "u", "s", "sub", "sup", "pre", "blockquote", "center", "font", "section",
    "article", "header", "footer", "main", "nav", "img",
])  # fmt: skip
DROPPED_WITH_CONTENT = frozenset([
    "script", "style", "noscript", "template", "iframe", "frame", "frameset", "object", "embed", "applet",
    "audio", "video", "svg", "math", "form", "input", "button", "select", "textarea", "link", "meta",
    "base", "head", "title", "canvas", "portal",
])  # fmt: skip
KEPT_ATTRIBUTES = frozenset(["rowspan", "colspan", "align", "valign", "alt", "lang", "dir"])

_DATA_IMAGE = re.compile(r"data:image/(?:png|gif|jpe?g|webp);base64,[A-Za-z0-9+/=\s]+\Z", re.I)

_SHELL = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>存档</title><style>
body {{ font: 16px/1.7 "Noto Serif CJK SC", "Songti SC", SimSun, serif; margin: 1.5em auto; max-width: 54em;
       padding: 0 1em; color: #222; background: #fff; overflow-wrap: anywhere }}
table {{ border-collapse: collapse; max-width: 100% }} td, th {{ border: 1px solid #bbb; padding: .2em .4em }}
pre {{ white-space: pre-wrap; font: inherit }} img {{ max-width: 100% }}
#here {{ outline: 4px solid #d55e00; background: #fff1c9; scroll-margin: 30vh }}
</style></head><body>{body}</body></html>
"""


HERE = "here"
"""The ``id`` of the cell that was looked for, in the rebuilt page; no other element keeps an ``id``."""


def shows_place(page: str) -> bool:
    """Whether the cell that was looked for stands out in the rebuilt page."""
    return f' id="{HERE}"' in page


def safe_page(text: str, *, is_html: bool, place: Place | None = None) -> str:
    """A complete page with what can be shown of the document, whatever is in it. Never raises.

    Links lose their addresses (a stored page must not lead anybody away unseen); pictures stay only if they are in
    the page itself. The cell at ``place`` gets the id ``here``, if it can be told which one that is.
    """
    if not is_html:
        return _SHELL.format(body=f"<pre>{html.escape(text)}</pre>")
    try:
        root = lxml_html.document_fromstring(_without_declaration(text) or "<p></p>")
    except (etree.ParserError, ValueError):
        return _SHELL.format(body=f"<pre>{html.escape(text)}</pre>")
    parts: list[str] = []
    body = root.find("body")
    _rebuild(root if body is None else body, parts, locate(root, place) if place else None)
    return _SHELL.format(body="".join(parts))


def _without_declaration(text: str) -> str:
    """lxml refuses text that declares an encoding of its own."""
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text).replace("\x00", "")


def _rebuild(top: etree._Element, parts: list[str], here: etree._Element | None) -> None:
    """Write the element's content as safe HTML. A walk with a stack: nesting in hostile pages knows no limit."""
    stack: list[etree._Element | str] = [*reversed(list(top))]
    parts.append(html.escape(top.text or ""))
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            parts.append(node)
            continue
        if node.tail:
            stack.append(html.escape(node.tail))
        tag = node.tag
        if not isinstance(tag, str) or tag in DROPPED_WITH_CONTENT:
            continue
        if tag in ("br", "hr", "img", "col"):
            parts.append(_opening(tag, node))
            continue
        kept = tag in KEPT_ELEMENTS and tag not in ("html", "body")
        if kept:
            parts.append(_opening(tag, node, here=node is here))
            stack.append(f"</{tag}>")
        stack.extend(reversed(list(node)))
        parts.append(html.escape(node.text or ""))


def _opening(tag: str, node: etree._Element, *, here: bool = False) -> str:
    attributes = {str(name): str(value) for name, value in node.attrib.items() if name in KEPT_ATTRIBUTES}
    if here:
        attributes["id"] = HERE
    source = node.get("src", "")
    if tag == "img":
        if not _DATA_IMAGE.match(source):
            return f"[图片 {html.escape(node.get('alt', ''))}]"
        attributes["src"] = source
    return "".join(
        [f"<{tag}", *(f' {name}="{html.escape(value)}"' for name, value in attributes.items()), ">"]
    )
