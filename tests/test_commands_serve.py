"""``gongkai serve`` as a process: it listens where it says, beside a writer, and stops when told."""

import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from archive.store import Archive
from crawler.cli import run
from tests.builders import report, store

WAIT = 60


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "archive.db"
    with Archive.open(made, create=True) as archive:
        store(archive, report())
    return made


def test_it_serves_until_interrupted_while_others_write(path: Path) -> None:
    command = [sys.executable, "-m", "crawler", "serve", "--archive", str(path), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as served:
        assert served.stderr is not None
        try:
            line = served.stderr.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+/", line)
            assert found, line
            with Archive.open(path) as archive:
                archive.conn.execute("BEGIN IMMEDIATE")
                with urllib.request.urlopen(f"{found[0]}archive/report.json", timeout=WAIT) as answer:
                    assert answer.status == 200
                archive.conn.execute("ROLLBACK")
        finally:
            served.send_signal(signal.SIGINT)
            served.wait(WAIT)
        assert served.returncode == 0
        assert "Traceback" not in served.stderr.read()


def test_a_port_in_use_is_2_with_one_line(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert run(["serve", "--archive", str(path), "--port", port]) == 2
    assert capsys.readouterr().err == (
        f"gongkai: cannot listen on 127.0.0.1:{port} (address already in use); choose another with --port\n"
    )


def test_an_address_that_is_not_ours_is_2(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serve", "--archive", str(path), "--host", "192.0.2.1", "--port", "0"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
