"""Charts drawn on the server as SVG by pygal: no script, nothing from elsewhere, colours that colour-blind people can tell apart."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pygal  # type: ignore[import-untyped]
from lxml import etree
from pygal.style import Style  # type: ignore[import-untyped]

# pygal leaves an importer of its own behind, for maps that we do not draw; every later import would warn of its old make.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

PALETTE = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#8c6d1f", "#5a686d")
"""Okabe and Ito's colours without black and yellow, and two more that differ from them in lightness."""

FONT = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif'


@dataclass(frozen=True, slots=True)
class Series:
    """A line or one part of every bar. ``None`` is a gap and is drawn as one."""

    label: str
    values: Sequence[float | None]
    colour: str | None = None


def small(title: str, years: Sequence[int], lines: Sequence[Series]) -> str:
    """A small line chart as an ``<svg>`` element: one of several on a page."""
    chart = pygal.Line(
        **_common(lines, width=340, height=190),
        show_legend=False,
        dots_size=3.5,
        stroke_style={"width": 2.5},
        allow_interruptions=True,
        range=(0, None) if _positive(lines) else None,
        y_labels_major_count=3,
        show_minor_y_labels=False,
        margin_right=24,
    )
    chart.x_labels = [str(year)[2:] if len(years) > 6 else str(year) for year in years]
    return _drawn(chart, title, lines)


def stacked(title: str, labels: Sequence[str], parts: Sequence[Series]) -> str:
    """Bars, one for each label, made of parts."""
    chart = pygal.StackedBar(**_common(parts, width=900, height=380), legend_at_bottom=True)
    chart.x_labels = list(labels)
    return _drawn(chart, title, parts)


def bars(title: str, labels: Sequence[str], parts: Sequence[Series]) -> str:
    """Bars lying on their side, for labels that are long."""
    height = 90 + 30 * len(labels) * max(1, len(parts))
    chart = pygal.HorizontalBar(
        **_common(parts, width=900, height=height),
        show_legend=len(parts) > 1,
        legend_at_bottom=True,
        margin_left=10
        + 6 * max(map(len, labels), default=0),  # pygal takes Chinese characters for narrow ones
    )
    chart.x_labels = list(reversed(labels))
    reversed_parts = [Series(p.label, list(reversed(p.values)), p.colour) for p in parts]
    return _drawn(chart, title, reversed_parts)


def _common(series: Sequence[Series], *, width: int, height: int) -> dict[str, Any]:
    colours = tuple(s.colour or PALETTE[n % len(PALETTE)] for n, s in enumerate(series)) or PALETTE
    style = Style(
        background="transparent", plot_background="transparent", foreground="#333d40", foreground_strong="#1d2a2e",
        foreground_subtle="#c5cfcf", colors=colours, font_family=FONT, label_font_size=13,
        major_label_font_size=13, legend_font_size=13, value_font_size=12, opacity="1", opacity_hover="1",
        guide_stroke_color="#dde3e3", major_guide_stroke_color="#dde3e3", guide_stroke_dasharray="0",
        major_guide_stroke_dasharray="0",
    )  # fmt: skip
    return {
        "style": style, "js": [], "explicit_size": False, "width": width, "height": height, "show_x_guides": False,
        "value_formatter": lambda value: f"{value:,.10g}", "no_data_text": "无数据 · no data", "margin": 6,
        "disable_xml_declaration": True, "pretty_print": False, "truncate_label": -1, "truncate_legend": -1,
    }  # fmt: skip


def _positive(series: Sequence[Series]) -> bool:
    return any(value is not None for s in series for value in s.values)


def _drawn(chart: Any, title: str, series: Sequence[Series]) -> str:
    for line in series:
        chart.add(line.label, list(line.values))
    # pygal's own id is random: the same chart must be the same page.
    told = repr((title, chart.x_labels, [(s.label, tuple(s.values)) for s in series]))
    chart.uuid = hashlib.sha256(told.encode()).hexdigest()[:12]
    root = etree.fromstring(chart.render(is_unicode=True), etree.XMLParser(resolve_entities=False))
    for node in list(root.iter("{*}script", "{*}title", "{*}desc")):
        _remove(node)
    root.set("role", "img")
    root.set("aria-label", title)
    return etree.tostring(root, encoding="unicode")


def _remove(node: etree._Element) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def chart_of(told: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    """A chart described in ``data/charts.json``, of the rows that its query gave."""
    labels = [str(row[told["label_column"]]) for row in rows]
    parts = [
        Series(part["label"], [row[part["column"]] for row in rows], part.get("colour"))
        for part in told["series"]
    ]
    return {"stacked": stacked, "bars": bars}[told["kind"]](told["title"], labels, parts)
