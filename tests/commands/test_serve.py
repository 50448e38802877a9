"""`bff serve` and `bff sandbox`: what they print works, and they begin and end in good order."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import sqlite3
import subprocess
from pathlib import Path

import httpx2 as httpx
import pytest

from app.sandbox.demo import PEOPLE
from app.testing.world import world
from app.upstream.exchange import Outgoing
from tests.commands.running import bff, exports, serving
from tests.ports import free_port


def test_what_is_printed_works_as_printed(tmp_path: Path) -> None:
    """The URLs answer, the demo users are named, and the curl lines, pasted, read the teams."""
    shell = tmp_path / "shell"
    shell.mkdir()
    with serving("serve", cwd=tmp_path) as gateway:
        said = gateway.said
        for url in re.findall(r"http://\S+/(?:docs)?(?=\s)", said):
            assert httpx.get(url, trust_env=False).status_code == 200, url
        assert all(re.search(rf"^ +{person.login} ", said, re.MULTILINE) for person in PEOPLE)
        lines = re.findall(r"^  (curl .+)$", said, re.MULTILINE)
        assert len(lines) >= 2
        printed = [pasted(line, shell) for line in lines]
        names = {team["name"] for team in json.loads(printed[-1])["items"]}
        assert "Acme Brand" in names


def pasted(line: str, cwd: Path) -> bytes:
    """What a line of shell writes; it has to succeed."""
    command = ["bash", "-c", line]
    return subprocess.run(command, check=True, cwd=cwd, capture_output=True, timeout=30).stdout


@pytest.mark.parametrize("command", ["serve", "sandbox"])
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_an_ordinary_end(tmp_path: Path, command: str, by: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end it with exit code 0, without a traceback, and free its ports."""
    health = "/healthz" if command == "serve" else "/"
    with serving(command, cwd=tmp_path, health=health) as running:
        assert running.end(by) == 0
        assert "Traceback" not in running.said
        for port in (running.port, running.port + 1):
            with socket.create_server(("127.0.0.1", port)):
                pass


def test_what_is_being_answered_is_finished_first(tmp_path: Path) -> None:
    """A request under way when SIGTERM comes gets its answer, and the ledger is left whole."""
    ledger = tmp_path / "var" / "ledger.db"
    with serving("serve", cwd=tmp_path, settings={"BFF_LEDGER__PATH": str(ledger)}) as running:
        with socket.create_connection(("127.0.0.1", running.port)) as client:
            head = f"POST /auth/logout HTTP/1.1\r\nHost: localhost:{running.port}\r\nX-BFF: 1\r\n"
            proof = "Sec-Fetch-Site: same-origin\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"
            client.sendall((head + proof + "{}").encode())
            running.process.send_signal(signal.SIGTERM)
            assert client.makefile("rb").readline().startswith(b"HTTP/1.1 200")
        assert running.process.wait(30) == 0
    # No write-ahead log is left behind.
    assert [path.name for path in ledger.parent.iterdir()] == ["ledger.db"]
    assert sqlite3.connect(ledger).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_end_closes_everything() -> None:
    """When the server ends, the ledger and the connections to others are closed."""
    with world() as running:
        parts = running.parts
        running.sign_in("ben").read("/teams/team-acme-brand")
        assert asyncio.run(parts.grants.find("team", "account", "ben")) is None
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        asyncio.run(parts.grants.find("team", "account", "ben"))
    with pytest.raises(RuntimeError, match="closed"):
        asyncio.run(parts.fetching.send(Outgoing("GET", running.origin, {}, None), 1.0))


@pytest.mark.parametrize("command", ["serve", "sandbox"])
def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path, command: str) -> None:
    """Exit 1 with one sentence that names the port; nothing else is started or printed."""
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        done = bff(command, "--port", str(port), cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    (sentence,) = done.stderr.splitlines()
    assert re.fullmatch(rf".*annot listen on .*port {port}: Address already in use\.", sentence)


@pytest.mark.parametrize("taken", [True, False])
def test_the_embedded_sandbox_needs_the_next_port(tmp_path: Path, taken: bool) -> None:
    """Taken, or beyond the last port there is: one sentence, exit 1."""
    port = free_port() if taken else 65_535
    with socket.create_server(("127.0.0.1", port + 1 if taken else 0)):
        done = bff("serve", "--port", str(port), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(rf"The sandbox cannot listen on port {port + 1}: .*\.\n", done.stderr)


@pytest.mark.parametrize("host", ["999.1.1.1", "203.0.113.7"])
def test_a_host_that_is_not_ours_is_one_sentence(tmp_path: Path, host: str) -> None:
    """An address of another machine, or of none, is a sentence and not a traceback."""
    done = bff("serve", "--host", host, "--port", str(free_port()), cwd=tmp_path)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"Cannot listen on {host}, port ")


def test_the_sandbox_listens_on_this_machine_alone(tmp_path: Path) -> None:
    """`bff sandbox` names a loopback address in all that it prints."""
    with serving("sandbox", cwd=tmp_path, health="/") as running:
        printed = exports(running.said)
        assert len(printed) == 6
        addresses = [value for value in printed.values() if value.startswith("http")]
        assert addresses
        assert all(f"//127.0.0.1:{running.port}/" in value for value in addresses)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"BFF_LEDGER__PATH": "/dev/null/ledger.db"}, "BFF_LEDGER__PATH cannot be opened: "),
        ({"BFF_LEDGER__PATH": "."}, "BFF_LEDGER__PATH cannot be opened: "),
        ({"BFF_UPSTREAM__ROUTES": '{"getTeam": "x"}'}, "BFF_UPSTREAM__ROUTES: getTeam"),
        ({"BFF_ENV": "production"}, "BFF_UPSTREAM__BASE_URL is missing"),
        ({"BFF_PUBLIC__ORIGIN": "http://app.example"}, "BFF_PUBLIC__ORIGIN must be https"),
    ],
)
def test_unsafe_settings_do_not_start(
    tmp_path: Path, settings: dict[str, str], sentence: str
) -> None:
    """`bff serve` says each reason in a sentence, and exits with 1 before it serves anything."""
    done = bff("serve", "--port", str(free_port()), cwd=tmp_path, **settings)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[0].startswith(sentence)
