"""How to cite a report or one of its cells, and where to write about one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

CONTACT = "GONGKAI_CONTACT"
"""The environment variable in which the operator's address stands: the same that the crawler gives to the portals."""


def contact() -> str:
    """The operator's address, an e-mail or a page; empty if there is none."""
    return os.environ.get(CONTACT, "").strip()


def citation(report: Mapping[str, Any], address: str, *, cell: str = "", printed: str = "") -> str:
    """One line that leads whoever reads it to the original and to the stored page: body, year, dates, addresses, digest."""
    published = f"，{report['published_on']} 发布" if report["published_on"] else ""
    figure = f"，“{cell}”：{printed or '（空）'}" if cell else ""
    return (
        f"{report['agency']}：《{report['title'] or '政府信息公开工作年度报告'}》（{report['year']} 年度{published}）{figure}。"
        f"原文 {report['url']}；Gongkai 存档 {report['fetched_at'][:10]}，SHA-256 {report['sha256']}，{address}"
    )
