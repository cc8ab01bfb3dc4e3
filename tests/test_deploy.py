"""What is copied to a server: units, cron lines, log rotation, settings. Read as the programs read them that use them."""

from __future__ import annotations

import configparser
import getpass
import grp
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])


def text(name: str) -> str:
    return (DEPLOY / name).read_text("utf-8")


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_are_sections_of_keys(unit: Path) -> None:
    parser = configparser.RawConfigParser(strict=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(unit.read_text("utf-8"))
    assert {"Unit", "Install"} < set(parser.sections())


def test_systemd_has_no_complaint(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for unit in UNITS:
        # Nothing is installed where the unit expects it.
        here = unit.read_text("utf-8").replace(
            "ExecStart=/opt/gongkai/.venv/bin/gongkai", "ExecStart=/bin/true"
        )
        (tmp_path / unit.name).write_text(here, "utf-8")
    ran = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    ours = [line for line in ran.stderr.splitlines() if "gongkai" in line]
    assert ours == [] and ran.returncode == 0, ran.stderr


def test_logrotate_has_no_complaint(tmp_path: Path) -> None:
    program = shutil.which("logrotate", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("logrotate is not installed")
    me = f"{getpass.getuser()} {grp.getgrgid(os.getgid()).gr_name}"
    (tmp_path / "rotate").write_text(text("gongkai.logrotate").replace("gongkai gongkai", me), "utf-8")
    (tmp_path / "rotate").chmod(0o644)
    ran = subprocess.run(
        [program, "-d", "-s", str(tmp_path / "state"), str(tmp_path / "rotate")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "error" not in ran.stderr and ran.returncode == 0, ran.stderr


def cron_lines() -> list[str]:
    return [line for line in text("gongkai.cron").splitlines() if re.match(r"[\d*]", line)]


@pytest.mark.parametrize("line", cron_lines(), ids=lambda line: line[:12].strip())
def test_cron_lines_have_five_times_a_user_and_a_command_that_a_shell_reads(line: str) -> None:
    *times, user, command = line.split(maxsplit=6)
    limits = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]
    assert all(
        field == "*" or low <= int(field) <= high for field, (low, high) in zip(times, limits, strict=True)
    )
    assert user == "gongkai"
    assert re.search(r"(?<!\\)%", command) is None, "cron ends a command at a bare per cent sign"
    subprocess.run(["sh", "-n", "-c", command.replace("\\%", "%")], check=True, timeout=10)


def test_the_settings_in_the_example_are_explained_and_read_by_a_shell() -> None:
    named = re.findall(r"^#?(GONGKAI_\w+)=", text("gongkai.env.example"), re.MULTILINE)
    explained = (ROOT / "docs" / "running.md").read_text("utf-8")
    assert named and [name for name in named if f"`{name}`" not in explained] == []
    uncommented = re.sub(r"^#(?=GONGKAI)", "", text("gongkai.env.example"), flags=re.MULTILINE)
    subprocess.run(["sh", "-n", "-c", uncommented], check=True, timeout=10)
