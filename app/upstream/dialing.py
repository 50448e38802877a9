"""Connecting to an origin: whichever of its addresses answers first, and TLS where it is secure."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Callable
from itertools import chain, zip_longest
from typing import Any

from app.upstream.connection import Connection
from app.upstream.exchange import ExchangeError, Sent
from app.upstream.origin import Origin

# Seconds before the next address is tried as well (RFC 8305, section 8).
STAGGER = 0.25

Address = tuple[Any, ...]


class Dialer:
    """Connects within `patience` seconds, TLS included. The machine's authorities are trusted."""

    def __init__(self, origin: Origin, *, patience: float, largest_answer: int) -> None:
        self._origin = origin
        self._patience = patience
        self._largest = largest_answer
        self._tls = _verifying() if origin.secure else None

    async def connect(self, ended: Callable[[Connection], None]) -> Connection:
        """A new connection, which tells `ended` of its end; raises ExchangeError, not sent."""
        try:
            async with asyncio.timeout(self._patience):
                return await self._connected(ended)
        except TimeoutError:
            raise ExchangeError(Sent.NO, "ConnectTimeout") from None
        except (OSError, ValueError) as error:
            raise ExchangeError(Sent.NO, type(error).__name__) from None

    async def _connected(self, ended: Callable[[Connection], None]) -> Connection:
        reached = await _reached(self._origin.host, self._origin.port)
        reached.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _, connection = await asyncio.get_running_loop().create_connection(
            lambda: Connection(self._largest, ended),
            sock=reached,
            ssl=self._tls,
            server_hostname=self._origin.host if self._tls else None,
        )
        return connection


def _verifying() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


async def _reached(host: str, port: int) -> socket.socket:
    """A socket that is connected to one of the host's addresses; raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = deque(_in_turns(found))
    attempts: list[asyncio.Task[socket.socket]] = []
    winner: asyncio.Task[socket.socket] | None = None
    try:
        while addresses or not all(one.done() for one in attempts):
            if addresses:
                attempts.append(asyncio.create_task(_dialled(*addresses.popleft())))
            await _one_of(attempts, STAGGER if addresses else None)
            winner = next((one for one in attempts if _succeeded(one)), None)
            if winner is not None:
                return winner.result()
        return attempts[0].result()
    finally:
        for one in attempts:
            if one is not winner:
                one.cancel()
                one.add_done_callback(_close)


def _in_turns(found: list[Any]) -> list[tuple[int, Address]]:
    """The kinds of addresses by turns, each in the order that the machine prefers."""
    kinds: dict[int, list[tuple[int, Address]]] = {}
    for family, _, _, _, address in found:
        kinds.setdefault(family, []).append((family, address))
    return [one for one in chain(*zip_longest(*kinds.values())) if one is not None]


async def _dialled(family: int, address: Address) -> socket.socket:
    attempt = socket.socket(family, socket.SOCK_STREAM)
    try:
        attempt.setblocking(False)
        await asyncio.get_running_loop().sock_connect(attempt, address)
    except BaseException:
        attempt.close()
        raise
    return attempt


async def _one_of(attempts: list[asyncio.Task[socket.socket]], seconds: float | None) -> None:
    """Until one that is under way ends."""
    under_way = [one for one in attempts if not one.done()]
    await asyncio.wait(under_way, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)


def _succeeded(attempt: asyncio.Task[socket.socket]) -> bool:
    return attempt.done() and not attempt.cancelled() and attempt.exception() is None


def _close(attempt: asyncio.Task[socket.socket]) -> None:
    """Of one that came too late."""
    if _succeeded(attempt):
        attempt.result().close()
