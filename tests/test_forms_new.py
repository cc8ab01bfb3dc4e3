"""Next year's form is a file: a form that does not exist is added as data alone, and a page that follows it is read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
FORMS = ROOT / "archive" / "reference" / "data" / "forms"
READ = """
import json, sys
from archive.report.read import read
from archive.report.model import Context
print(json.dumps(read(sys.stdin.buffer.read(), [("Content-Type", "text/html")], Context()).as_json()))
"""
TITLE = "重庆市涪陵区焦石镇人民政府2026年政府信息公开工作年度报告"


def next_form() -> dict[str, Any]:
    """The form of 2021 with another kind of applicant, another ground of refusal, and another name for 现行有效件数."""
    form: dict[str, Any] = json.loads((FORMS / "gb2021.json").read_text("utf-8"))
    form |= {"form": "gb2026", "label_zh": "2026年格式", "label_en": "Form of 2026", "years": [2026, None]}
    form["detect"] = [{"priority": 5, "any": ["截至年底有效件数"]}]
    active, applications = form["tables"]["active_disclosure"], form["tables"]["applications"]
    next(c for c in active["columns"] if c["code"] == "valid")["label"] = "截至年底有效件数"
    columns, rows = applications["columns"], applications["rows"]
    columns.insert(
        1,
        {
            **columns[0],
            "code": "self_employed",
            "short": "self",
            "label": "个体工商户",
            "label_en": "Self-employed",
        },
    )
    at = next(i for i, row in enumerate(rows) if row["code"] == "unavailable_not_held")
    rows.insert(at, {**rows[at - 1], "code": "refused_work_secret", "short": "ref_work", "label": "9.属于工作秘密",
                     "label_en": "Refused: work secret", "variants": [], "comparable_code": "refused_work_secret"})  # fmt: skip
    applications["unknown_labels"] = []
    return form


def table(rows: list[list[str]]) -> str:
    return (
        "<table>"
        + "".join("<tr>" + "".join(f"<td>{t}</td>" for t in row) + "</tr>" for row in rows)
        + "</table>"
    )


def page(form: dict[str, Any], wrong: bool = False) -> tuple[str, dict[str, dict[str, int]]]:
    """A page that follows the form, and what its table 3 prints; ``wrong``: the last total counts one too many."""
    three = form["tables"]["applications"]
    parts = [column["code"] for column in three["columns"] if column["role"] == "part"]
    truth: dict[str, dict[str, int]] = {}
    for n, row in enumerate(three["rows"]):
        code = row["code"]
        values = [n * len(parts) + i for i in range(len(parts))]
        if code == "processed_total":
            results = [r for r in truth if r not in ("new_received", "carried_in")]
            values = [sum(truth[r][part] for r in results) for part in parts]
        elif code == "carried_out":
            flows = {"new_received": 1, "carried_in": 1, "processed_total": -1}
            values = [sum(sign * truth[r][part] for r, sign in flows.items()) for part in parts]
        truth[code] = {**dict(zip(parts, values, strict=True)), "total": sum(values)}
    # What comes in is what makes the balance hold.
    for part in (*parts, "total"):
        truth["new_received"][part] -= truth["carried_out"][part] - 1
        truth["carried_out"][part] = 1
    for code in ("new_received", "carried_out"):
        truth[code]["total"] = sum(truth[code][part] for part in parts)
    truth["granted"]["total"] += wrong
    body = [["", *(column["label"] for column in three["columns"])]]
    body += [[row["label"], *map(str, truth[row["code"]].values())] for row in three["rows"]]
    two = [
        ["信息内容", "本年制发件数", "本年废止件数", "截至年底有效件数"],
        ["规章", "0", "0", "0"],
        ["行政规范性文件", "2", "1", "7"],
    ]
    html = f"<html><body><h1>{TITLE}</h1><p>一、总体情况</p><p>2026年各项工作有序推进，栏目更新及时。</p>"
    html += f"<p>二、主动公开政府信息情况</p>{table(two)}<p>三、收到和处理政府信息公开申请情况</p><p>申请人情况</p>{table(body)}"
    return html + "</body></html>", truth


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package ``archive`` to which one file was added."""
    root = tmp_path_factory.mktemp("next")
    shutil.copytree(
        ROOT / "archive", root / "archive", ignore=shutil.ignore_patterns("__pycache__", "publish", "store")
    )
    file = root / "archive" / "reference" / "data" / "forms" / "gb2026.json"
    file.write_text(json.dumps(next_form(), ensure_ascii=False), "utf-8")
    return root


def reading(package: Path, html: str) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONPATH": str(package), "GONGKAI_STRICT": "1"}
    done = subprocess.run(
        [sys.executable, "-c", READ],
        input=html.encode(),
        capture_output=True,
        env=environment,
        cwd=package,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_page_of_a_form_that_is_only_a_file_is_read_and_checked(package: Path) -> None:
    html, truth = page(next_form())
    found = reading(package, html)
    assert (found["form"], found["year"]) == ("gb2026", 2026)
    assert found["tables"]["applications"] == truth
    assert found["tables"]["active_disclosure"]["normative_documents"] == {
        "made": 2,
        "repealed": 1,
        "valid": 7,
    }
    rules = {finding["rule"] for finding in found["findings"]}
    assert not rules & {
        "FMT-ERA",
        "T3-BALANCE",
        "T3-RESULT-SUM",
        "T3-ROW-TOTAL",
        "READINGS-DISAGREE",
        "ROW-UNKNOWN",
    }


def test_its_sums_are_checked_with_its_own_parts(package: Path) -> None:
    html, _ = page(next_form(), wrong=True)
    failed = [f for f in reading(package, html)["findings"] if f["rule"] == "T3-ROW-TOTAL"]
    assert [f["cells"][0] for f in failed] == ["applications.granted.total"]
    assert "applications.granted.self_employed" in failed[0]["cells"]


def test_without_the_file_the_same_page_is_no_form_s_and_says_so() -> None:
    html, _ = page(next_form())
    found = reading(ROOT, html)
    assert found["form"] != "gb2026"
    assert {"ROW-UNKNOWN"} <= {finding["rule"] for finding in found["findings"]}


def test_another_way_to_write_a_label_is_a_line_of_data(package: Path) -> None:
    form = next_form()
    row = next(r for r in form["tables"]["applications"]["rows"] if r["code"] == "unprocessed_repeat")
    printed, _ = page({**form})
    printed = printed.replace(row["label"], "2.同一申请再次提出")
    assert reading(package, printed)["tables"]["applications"]["unprocessed_repeat"]["total"] is None
    row["variants"] = ["同一申请再次提出"]
    file = package / "archive" / "reference" / "data" / "forms" / "gb2026.json"
    before = file.read_text("utf-8")
    try:
        file.write_text(json.dumps(form, ensure_ascii=False), "utf-8")
        assert reading(package, printed)["tables"]["applications"]["unprocessed_repeat"]["total"] is not None
    finally:
        file.write_text(before, "utf-8")
