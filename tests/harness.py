"""Many requests at once, requests whose asker leaves, waiting for the background, and the beginning of a
minute."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import urlsplit

import httpx2 as httpx

from app.clock import MovableClock
from app.testing.world import API, Browser, World

T = TypeVar("T")


def together(asks: Sequence[Callable[[httpx.AsyncClient], Awaitable[T]]], origin: str) -> list[T]:
    """Ask all at the same time, each on a connection of its own."""

    async def run() -> list[T]:
        limits = httpx.Limits(max_connections=len(asks))
        async with httpx.AsyncClient(
            base_url=origin, limits=limits, trust_env=False, verify=False, timeout=60
        ) as client:
            return list(await asyncio.gather(*(ask(client) for ask in asks)))

    return asyncio.run(run())


def reads_together(browser: Browser, path: str, times: int) -> list[httpx.Response]:
    """The same read by the same user, many times at once."""
    headers = {"X-BFF": "1", "Cookie": f"bff-dev={browser.session_cookie}"}

    async def read(client: httpx.AsyncClient) -> httpx.Response:
        return await client.get(API + path, headers=headers)

    return together([read] * times, browser.origin)


@contextmanager
def asking(
    browser: Browser, method: str, path: str, body: bytes = b"", key: str = "none"
) -> Iterator[None]:
    """A request on a connection of its own, which is closed at the end."""
    host = urlsplit(browser.origin)
    headers = {
        "Host": host.netloc,
        "X-BFF": "1",
        "Sec-Fetch-Site": "same-origin",
        "Cookie": f"bff-dev={browser.session_cookie}",
        "Idempotency-Key": key,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
    }
    lines = [f"{method} {API}{path} HTTP/1.1", *(": ".join(one) for one in headers.items()), "", ""]
    with socket.create_connection((host.hostname or "", host.port or 80)) as connection:
        connection.sendall("\r\n".join(lines).encode() + body)
        yield


def settle(world: World) -> None:
    """Wait until nothing is fetched in the background any more: tokens, facts, what is kept."""
    parts = world.parts
    flights = (parts.cache._flights, parts.facts._flights, parts.platform.tokens._flights)
    until(lambda: not any(len(one) for one in flights))


def until(condition: Callable[[], object]) -> None:
    """Wait for what another thread makes true; fails where it does not."""
    ends = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.002)


def begin_minute(clock: MovableClock) -> None:
    """Move to where a minute of limits begins: whatever a test counts then falls into one."""
    clock.advance(60 - clock.now() % 60)
