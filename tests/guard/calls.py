"""Counts the calls (of Python's functions and of C's) that one request costs the gateway's thread."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from threading import get_ident
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from app.testing.world import API, Browser, World, world
from tests.recall.asker import EarlyGateway

# Of so many equal requests the cheapest counts: ticks of the server fall into some of them.
TIMES = 15
LIST = f"{API}/teams/team-acme-brand/meta/campaigns?adAccountId=act_1001"
INSIGHTS = f"{API}/teams/team-acme-brand/meta/insights?adAccountId=act_1001&startDate=2026-01-01"
COUNTED = frozenset({"call", "c_call"})


class Counting:
    """The calls of one thread while it is `on`; threads that are to be counted start inside `hooked`."""

    def __init__(self) -> None:
        self.calls = 0
        self.on = False
        self.thread: int | None = None

    @contextmanager
    def hooked(self) -> Iterator[None]:
        threading.setprofile(self._note)
        try:
            yield
        finally:
            threading.setprofile(None)

    @contextmanager
    def counted(self) -> Iterator[None]:
        self.calls, self.on = 0, True
        try:
            yield
        finally:
            self.on = False

    def _note(self, _frame: FrameType, event: str, _argument: Any) -> None:
        if self.on and event in COUNTED and get_ident() == self.thread:
            self.calls += 1


@contextmanager
def counted_world() -> Iterator[tuple[World, Counting]]:
    """A world whose gateway's calls can be counted."""
    counting = Counting()
    with counting.hooked(), world(gateway=EarlyGateway()) as running:
        counting.thread = running.gateway.thread
        yield running, counting


def costs() -> dict[str, int]:
    """Calls by kind of request."""
    with counted_world() as (running, counting):
        return _costs(running, counting)


def _costs(running: World, counting: Counting) -> dict[str, int]:
    cleo = running.sign_in("cleo")
    etag = running_read(cleo)
    with connected(running) as send:

        def ask(head: bytes) -> None:
            """Until all of it is done: it is told of last, when the answer is on its way already."""
            before = running.parts.counters.value("requests")
            send(head)
            while running.parts.counters.value("requests") == before:
                time.sleep(0)
            time.sleep(0.005)

        known = head_of(cleo, LIST)
        same = head_of(cleo, LIST, f"If-None-Match: {etag}")
        explained = head_of(cleo, LIST, "Range: bytes=0-")
        days = count(1)
        return {
            "recalled": cheapest(counting, ask, lambda: known),
            "recalled, 304": cheapest(counting, ask, lambda: same),
            "kept, the long way": cheapest(counting, ask, lambda: explained),
            "missing": cheapest(counting, ask, lambda: head_of(cleo, missing(next(days)))),
        }


def running_read(cleo: Browser) -> str:
    """Everything that is asked for once is asked for; gives the ETag of the list."""
    for path in (LIST, missing(28)):
        assert cleo.get(path).status_code == 200
    return str(cleo.get(LIST).headers["etag"])


def missing(number: int) -> str:
    """A question that nobody asked before, for each number another."""
    return f"{INSIGHTS}&endDate=2026-{2 + number // 28:02d}-{number % 28 + 1:02d}"


def head_of(browser: Browser, target: str, *more: str) -> bytes:
    lines = [
        f"GET {target} HTTP/1.1",
        "Host: localhost",
        f"Cookie: bff-dev={browser.session_cookie}",
        "X-BFF: 1",
        "Sec-Fetch-Site: same-origin",
        *more,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def cheapest(counting: Counting, ask: Callable[[bytes], None], request: Callable[[], bytes]) -> int:
    """The calls of the cheapest of some requests that cost the same."""
    for _ in range(3):
        ask(request())  # what is made once has been made afterwards
    found = []
    for _ in range(TIMES):
        head = request()
        with counting.counted():
            ask(head)
        found.append(counting.calls)
    return min(found)


@contextmanager
def connected(
    running: World, answers: frozenset[bytes] = frozenset({b"200", b"304"})
) -> Iterator[Callable[[bytes], None]]:
    """One connection; asking returns when the whole answer is there."""
    address = urlsplit(running.origin)
    with socket.create_connection(("127.0.0.1", address.port or 80)) as connection:
        reader = connection.makefile("rb")

        def ask(request: bytes) -> None:
            connection.sendall(request)
            status = reader.readline().split()[1]
            length = 0
            while (line := reader.readline().strip().lower()) != b"":
                if line.startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            reader.read(length)
            assert status in answers, status

        yield ask
