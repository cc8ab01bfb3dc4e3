"""Files of old office programs (doc, wps, xls, rtf), turned into docx or xlsx by LibreOffice where it is installed.

LibreOffice runs headless with a profile folder of its own (so that neither a running desktop nor a damaged profile
of the user matters), without macros, with a deadline and a bound on memory, and is killed with all its children.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

SECONDS = 90
MEMORY = 4 << 30
MAX_OUTPUT = 64 << 20

# Limits are set between fork and exec by an interpreter of our own: a `preexec_fn` is not safe where threads run.
_LIMITED = """
import os, resource, sys
seconds, memory, output = map(int, sys.argv[1:4])
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
resource.setrlimit(resource.RLIMIT_FSIZE, (output, output))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
os.execv(sys.argv[4], sys.argv[4:])
"""


class ConversionError(Exception):
    """LibreOffice is there and did not make the file readable; the text says why, in a few words."""


class ConversionTimeoutError(ConversionError):
    """LibreOffice took longer than it may."""


def available() -> str | None:
    """The path of LibreOffice's program, if it is installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def convert(
    body: bytes, suffix: str, target: Literal["docx", "xlsx"], *, seconds: float | None = None
) -> bytes:
    """The file as docx or xlsx. ``suffix`` tells LibreOffice what it gets (``doc``, ``wps``, ``xls``, ``rtf``).

    Raises ``ConversionError`` when LibreOffice is missing, fails, or delivers nothing; ``ConversionTimeoutError``
    when it takes more than ``seconds`` (``SECONDS`` if not given). No file is left behind.
    """
    seconds = SECONDS if seconds is None else seconds
    program = available()
    if program is None:
        raise ConversionError("LibreOffice is not installed")
    with tempfile.TemporaryDirectory(prefix="gongkai-office-", ignore_cleanup_errors=True) as folder:
        source = Path(folder) / f"document.{suffix}"
        source.write_bytes(body)
        _run(program, Path(folder), source, target, seconds)
        made = Path(folder) / "out" / f"document.{target}"
        try:
            if made.stat().st_size > MAX_OUTPUT:
                raise ConversionError("the converted file is too large")
            return made.read_bytes()
        except FileNotFoundError:
            raise ConversionError("LibreOffice could not convert it") from None


def _run(program: str, folder: Path, source: Path, target: str, seconds: float) -> None:
    command = [
        sys.executable, "-I", "-c", _LIMITED, str(int(seconds) + 1), str(MEMORY), str(MAX_OUTPUT),
        program, f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless", "--norestore", "--nolockcheck", "--nodefault",
        "--convert-to", target, "--outdir", str(folder / "out"), str(source),
    ]  # fmt: skip
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=_environment(folder),
        start_new_session=True,
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise ConversionTimeoutError(f"LibreOffice took more than {seconds:g} s") from None
    finally:
        # soffice is a script that starts others; all of them are in its session's group.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment(folder: Path) -> dict[str, str]:
    nowhere = "http://127.0.0.1:9"  # a document may name pictures on other hosts; nothing is fetched for it
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "http_proxy": nowhere,
        "https_proxy": nowhere,
    }
