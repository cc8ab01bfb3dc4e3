"""The running text of the reports: the replica's own sentences, with the figures of the tables in them.

Neighbouring years get other sentences, so that no report is a copy of the year before unless somebody wants it so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

from crawler.replica.model import Number, Tables

HEADINGS = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
)


@dataclass(frozen=True)
class Story:
    """Who tells what about which year."""

    name: str
    """How the body calls itself in the text."""
    kind: str
    year: int
    plants: tuple[str, ...] = ()
    preamble: bool = True


@cache
def _pools() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path(__file__).with_name("prose.json").read_text(encoding="utf-8"))
    return data


def _pick(pool: str, story: Story) -> str:
    choices: list[str] = _pools()[pool]
    text = choices[(story.year + crc32(f"{story.name}/{pool}".encode())) % len(choices)]
    return text.format(
        name=story.name, year=story.year, items=200 + crc32(f"{story.name}{story.year}".encode()) % 900
    )


def preamble(story: Story) -> list[str]:
    """The paragraph before section one: legal basis and period; none if the report has none."""
    return [_pick("preamble", story)] if story.preamble else []


def sections(story: Story, tables: Tables) -> list[list[str]]:
    """The paragraphs of the six sections; the statutory tables go behind the 2nd, 3rd and 4th heading."""
    first = [
        _pick("overview", story),
        _pick("active", story) + _normative(story, tables),
        "（二）依申请公开。" + requests(story, tables) + _suits(story, tables),
        _pick("management", story),
        _pick("platform", story),
        _pick("supervision", story),
    ]
    return [first, [], [], [], [_pick("problems", story), _pick("improvement", story)], [_pick("fee", story)]]


def narrative(story: Story) -> list[tuple[str, str]]:
    """Heading and paragraph of the six parts that reports had before there was a national form."""
    pool = _pools()["narrative"]
    items = 3000 + crc32(f"{story.name}{story.year}".encode()) % 9000
    return [
        (heading, text.format(name=story.name, year=story.year, items=items))
        for heading, text in zip(pool["headings"], pool["texts"], strict=True)
    ]


def requests(story: Story, tables: Tables) -> str:
    """What the text says about requests: the totals of table three, unless a fault is planted in the text."""
    table = tables["applications"]
    new, carried_in = table["new_received"]["total"] or 0, table["carried_in"]["total"] or 0
    done, carried_out = table["processed_total"]["total"] or 0, table["carried_out"]["total"] or 0
    if "processed_in_text" in story.plants:
        # What a published report did: the requests carried in are left out of those answered.
        return (
            f"全年共收到政府信息公开申请{new}件，办结{done - carried_in}件，结转下年度办理{carried_out}件。"
        )
    if "received_in_text" in story.plants:
        new += 7
    if not new and not carried_in:
        return "全年未收到政府信息公开申请。"
    shape = (story.year + crc32(story.name.encode())) % 3
    if shape == 0 and carried_in:
        return f"新受理政府信息公开申请{new}件，依法办结{done}件（含上年度结转{carried_in}件）。"
    if shape == 1:
        return f"共收到政府信息公开申请{new}件，答复申请人{done}件，结转至下一年办理{carried_out}件。"
    return f"全年新收政府信息公开申请{new}件，全年办结{done}件。"


def _normative(story: Story, tables: Tables) -> str:
    row = tables["active_disclosure"]["normative_documents"]
    if "made" not in row or not row["valid"] or story.kind not in ("county_government", "government_office"):
        return ""
    made: Number = (row["made"] or 0) + (3 if "normative_in_text" in story.plants else 0)
    return (
        f"全年制发行政规范性文件{made}件，废止{row['repealed']}件，现行有效行政规范性文件{row['valid']}件。"
    )


def _suits(story: Story, tables: Tables) -> str:
    if "suits_total" in story.plants:
        return ""
    table = tables["review_litigation"]
    reviews = table["review"]["total"] or 0
    suits = (table["litigation_direct"]["total"] or 0) + (table["litigation_after_review"]["total"] or 0)
    if not reviews and not suits:
        return ""
    return f"因政府信息公开引发行政复议{reviews}件、行政诉讼{suits}件。"
