"""Charts drawn on the server as SVG by pygal: no script, nothing from elsewhere, colours that colour-blind people can tell apart."""

from __future__ import annotations

import hashlib
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pygal  # type: ignore[import-untyped]
from lxml import etree
from pygal.style import Style  # type: ignore[import-untyped]

from archive.publish.coverage import FORM_YEARS

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


def small(title: str, years: Sequence[int], lines: Sequence[Series], top: float | None = None) -> str:
    """A small line chart as an ``<svg>`` element, one of several on a page; ``top`` is the end of the scale, if it is fixed."""
    chart = pygal.Line(
        **_common(lines, width=340, height=190),
        dots_size=3.5,
        allow_interruptions=True,
        margin_right=24,
        **_axis(top or max((v for line in lines for v in line.values if v is not None), default=0), 2),
    )
    chart.x_labels = [str(year)[2:] if len(years) > 6 else str(year) for year in years]
    return _drawn(chart, title, lines)


def stacked(title: str, labels: Sequence[str], parts: Sequence[Series]) -> str:
    """Bars, one for each label, made of parts."""
    sums = [sum(part.values[n] or 0 for part in parts) for n in range(len(labels))]
    chart = pygal.StackedBar(**_common(parts, width=900, height=360), **_axis(max(sums, default=0), 5))
    chart.x_labels = list(labels)
    return _drawn(chart, title, parts)


def grouped(title: str, labels: Sequence[str], parts: Sequence[Series]) -> str:
    """For each label a group of bars, side by side."""
    most = max((value for part in parts for value in part.values if value is not None), default=0)
    chart = pygal.Bar(**_common(parts, width=900, height=360), **_axis(most, 5))
    chart.x_labels = list(labels)
    return _drawn(chart, title, parts)


def bars(title: str, labels: Sequence[str], parts: Sequence[Series]) -> str:
    """Bars lying on their side, for labels that are long."""
    most = max((value for part in parts for value in part.values if value is not None), default=0)
    chart = pygal.HorizontalBar(
        **_common(parts, width=900, height=60 + 34 * len(labels) * max(1, len(parts))),
        **_axis(most, 5),
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
        "show_legend": False,  # the page has one, whose words are never cut
        "disable_xml_declaration": True, "pretty_print": False, "truncate_label": -1, "truncate_legend": -1,
    }  # fmt: skip


def ticks(most: float, steps: int) -> list[float]:
    """Round numbers from 0 to at least ``most``, about ``steps`` apart: 1, 2 or 5 times a power of ten, whole ones only."""
    rough = max(most, 1) / steps
    power = 10 ** math.floor(math.log10(rough))
    step = next(n * power for n in (1, 2, 5, 10) if n * power >= rough)
    step = max(1, round(step))
    return [n * step for n in range(math.ceil(max(most, 1) / step) + 1)]


def _axis(most: float, steps: int) -> dict[str, Any]:
    marks = ticks(most, steps)
    return {"y_labels": marks, "range": (0, marks[-1])}


def _drawn(chart: Any, title: str, series: Sequence[Series]) -> str:
    for line in series:
        chart.add(line.label, list(line.values))
    # pygal's own id is random: the same chart must be the same page.
    told = repr((title, chart.x_labels, [(s.label, tuple(s.values)) for s in series]))
    chart.uuid = hashlib.sha256(told.encode()).hexdigest()[:12]
    root = etree.fromstring(chart.render(is_unicode=True), etree.XMLParser(resolve_entities=False))
    for node in list(root.iter("{*}script", "{*}title", "{*}desc")):
        _remove(node)
    for path in root.iterfind(".//{*}path[@class='line reactive nofill']"):
        path.set(
            "style", "stroke-width: 2.5"
        )  # pygal's own rule for it is stronger than what can be asked of pygal
    root.set("role", "img")
    root.set("aria-label", title)
    return etree.tostring(root, encoding="unicode")


def _remove(node: etree._Element) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def labelled(label: object) -> str:
    """A bar's label; a year from which on another form holds carries its sign."""
    return f"{label}†" if label in FORM_YEARS else str(label)


def chart_of(told: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    """A chart described in ``data/charts.json``, of the rows that its query gave."""
    labels = [labelled(row[told["label_column"]]) for row in rows]
    parts = [
        Series(part["label"], [row[part["column"]] for row in rows], part.get("colour"))
        for part in told["series"]
    ]
    return {"stacked": stacked, "grouped": grouped, "bars": bars}[told["kind"]](told["title"], labels, parts)
