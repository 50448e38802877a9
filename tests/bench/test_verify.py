"""Looking at a contestant's answers before it is timed."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import pytest

from bench.credentials import host_cookie
from bench.peers.peer import Contestant
from bench.programs import Program
from bench.reads import LARGE, SMALL
from bench.verify import Untrue, verify

PUBLIC = {SMALL.name: b'{"items":[]}', LARGE.name: b'{"items":[1]}'}
COOKIE = host_cookie(1)


@dataclass
class Flaws:
    """What a server does wrong."""

    body: bytes = b""
    never_kept: bool = False
    always_whole: bool = False
    lets_anybody_in: bool = False
    believes_any_token: bool = False


@contextmanager
def contestant(flaws: Flaws) -> Iterator[Contestant]:
    """A small server that does the job, but for its flaws."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer(*self.judged())

        def judged(self) -> tuple[int, bytes]:
            cookie = self.headers["Cookie"]
            if cookie is None and not flaws.lets_anybody_in:
                return 401, b""
            if cookie not in {None, COOKIE} and not flaws.believes_any_token:
                return 401, b""
            if self.headers["If-None-Match"] == '"one"' and not flaws.always_whole:
                return 304, b""
            large = "level=ad" in urlsplit(self.path).query
            return 200, flaws.body or PUBLIC[LARGE.name if large else SMALL.name]

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("ETag", '"one"')
            self.send_header("Cache-Status", "it; fwd=miss" if flaws.never_kept else "it; hit")
            if status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        no_process = cast("subprocess.Popen[bytes]", None)
        program = Program(no_process, ["it"], server.server_port, Path("log"))
        yield Contestant("it", "a small server", program, {"Cookie": COOKIE})
        server.shutdown()


def test_who_does_the_job_is_told_of() -> None:
    """A contestant that answers rightly is let in, with what was found true of it."""
    with contestant(Flaws()) as one:
        facts = verify(one, PUBLIC).facts
    assert "4 KB: 200, 12 bytes, same bytes" in facts
    assert "a token of another secret: 401" in facts


@pytest.mark.parametrize(
    ("flaws", "found"),
    [
        (Flaws(body=b'{"items": []}'), "other bytes"),
        (Flaws(never_kept=True), "not a hit"),
        (Flaws(always_whole=True), "not 304 but 200"),
        (Flaws(lets_anybody_in=True), "no credential: not refused"),
        (Flaws(believes_any_token=True), "a token of another secret: not refused"),
    ],
)
def test_who_does_not_is_not_timed(flaws: Flaws, found: str) -> None:
    """Other bytes, nothing kept, no 304, or somebody let in who must not be: each stops the run."""
    with contestant(flaws) as one, pytest.raises(Untrue, match=found):
        verify(one, PUBLIC)
