"""The Chromium that renders pages which only a script builds, and that the browser tests drive.

``find_chromium`` looks for one; ``python -m crawler.browser --install`` gets one where there is none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find_chromium() -> str | None:
    """The path of a Chromium to use: ``GONGKAI_CHROMIUM``, one on PATH, Playwright's own; ``None`` if there is none.

    A path in ``GONGKAI_CHROMIUM`` that does not exist counts as none: somebody who names a browser means that one.
    """
    if named := os.environ.get("GONGKAI_CHROMIUM"):
        return named if Path(named).is_file() else None
    for name in NAMES:
        if found := shutil.which(name):
            return found
    return _playwrights_own()


def launch_arguments() -> list[str]:
    """Arguments for a quiet headless browser; without its sandbox only as root, where Chromium refuses to start with it."""
    arguments = [
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return arguments


def _playwrights_own() -> str | None:
    root = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    patterns = (
        "chromium-*/chrome-linux*/chrome",
        "chromium_headless_shell-*/*/chrome-headless-shell",
        "chromium_headless_shell-*/*/headless_shell",
    )
    for pattern in patterns:
        found = sorted(root.glob(pattern))
        if found:
            return str(found[-1])
    return None


def install() -> str | None:
    """A Chromium, got if need be: Playwright's own download, else Debian's package when root. ``None`` if neither works."""
    if found := find_chromium():
        return found
    if os.environ.get("GONGKAI_CHROMIUM"):
        return None
    _quietly([sys.executable, "-m", "playwright", "install", "chromium-headless-shell"], seconds=300)
    if found := _playwrights_own():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        _quietly(["apt-get", "update", "-qq"], seconds=300, environment=environment)
        _quietly(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-noto-cjk"],
            seconds=900,
            environment=environment,
        )
    return find_chromium()


def _quietly(command: list[str], *, seconds: int, environment: dict[str, str] | None = None) -> None:
    """Run a command whose failure is no error here: what counts is whether a browser is there afterwards."""
    try:
        subprocess.run(command, check=False, capture_output=True, timeout=seconds, env=environment)
    except (OSError, subprocess.TimeoutExpired):
        return


def main(arguments: list[str]) -> int:
    """Print the path of the browser, or say in one line what will be missing without one. Returns an exit code."""
    found = install() if "--install" in arguments else find_chromium()
    if found is None:
        sys.stderr.write(
            "No Chromium was found and none could be installed: browser tests and script-built lists are skipped. "
            "Name one with GONGKAI_CHROMIUM.\n"
        )
        return 1
    sys.stdout.write(f"browser: {found}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
