"""The network between the gateway and the platform, as bad as a test wants it.

What happens to the bytes is said for each way, requests and answers, and by `when` for the requests
that begin so and what they are answered alone. The door is what happens to whoever wants to connect.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import threading
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from .toxics import PASS, Last, ResetNow, Toxic, carry

T = TypeVar("T")

# SO_LINGER: what closing does.
_RESETS, _ENDS = struct.pack("ii", 1, 0), struct.pack("ii", 0, 0)
_REQUEST_LINE = re.compile(rb"[A-Z]+ /\S* HTTP/1\.1(?=\r\n)")


class Door(StrEnum):
    """What whoever connects meets."""

    OPEN = "open"
    SHUT = "refuses"
    DEAF = "does not answer: connecting never ends"


@dataclass(frozen=True)
class _Turned:
    """What happens to either way of the connections where a request began with `when`."""

    requests: Toxic = PASS
    answers: Toxic = PASS
    when: bytes = b""

    @property
    def harms(self) -> bool:
        return (self.requests, self.answers) != (PASS, PASS)


@dataclass(eq=False)
class _Connection:
    """One that was accepted. `meant` by what was turned when such a request came by; `struck` once
    something was done to its bytes."""

    near: socket.socket
    meant: _Turned | None = None
    struck: bool = False
    task: asyncio.Task[None] = field(init=False)


class Proxy:
    """Listens on a port of its own, in a thread. `platform` is the port that it leads to."""

    def __init__(self, platform: int = 0) -> None:
        self.platform = platform
        self._turned = _Turned()
        # The first lines of requests that came as far as here, whatever became of them.
        self.lines: list[bytes] = []
        # Never listens: it keeps the port from others while the door is shut.
        self._place = _bound(0)
        self.port: int = self._place.getsockname()[1]
        self._doors: list[socket.socket] = []
        self._connections: set[_Connection] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def turn(
        self, *, requests: Toxic | None = None, answers: Toxic | None = None, when: bytes = b""
    ) -> None:
        """From now on, for requests that begin with `when`."""
        self._turned = _Turned(requests or PASS, answers or PASS, when)

    def door(self, door: Door) -> None:
        """Connections that are there are reset, unless it opens."""
        self._do(self._turn_door(door))

    def heal(self) -> None:
        """Everything passes; connections that had something done to them end."""
        self.turn()
        self._do(self._turn_door(Door.OPEN))
        self._do(self._reset(struck=True))
        self.lines.clear()

    def asked(self, begin: bytes) -> int:
        """How many requests that begin so came by since it was healed."""
        return sum(line.startswith(begin) for line in self.lines)

    def __enter__(self) -> Proxy:
        self._thread.start()
        self.door(Door.OPEN)
        return self

    def __exit__(self, *_: object) -> None:
        self.door(Door.SHUT)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._place.close()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    # --- in the thread ----------------------------------------------------------------------------

    async def _turn_door(self, door: Door) -> None:
        self._close_doors()
        if door is Door.OPEN:
            self._doors.append(opened := _bound(self.port))
            opened.setblocking(False)
            opened.listen(128)
            self._loop.add_reader(opened, self._accept, opened)
            return
        await self._reset(struck=False)
        if door is Door.DEAF:
            self._doors.extend(_full(self.port))

    def _close_doors(self) -> None:
        for one in self._doors:
            self._loop.remove_reader(one)
            one.close()
        self._doors.clear()

    def _accept(self, door: socket.socket) -> None:
        with suppress(BlockingIOError):
            near, _ = door.accept()
            near.setblocking(False)
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESETS)
            connection = _Connection(near)
            connection.task = self._loop.create_task(self._serve(connection))
            self._connections.add(connection)

    async def _reset(self, *, struck: bool) -> None:
        """All connections, or those that something was done to."""
        await asyncio.sleep(0)  # so that whoever was let in just now has begun
        await _ended([one.task for one in self._connections if one.struck or not struck])

    async def _serve(self, connection: _Connection) -> None:
        """Until both ways have ended; a reset on one side is one on the other."""
        writers: list[asyncio.StreamWriter] = []
        end = _abort
        try:
            near, out = await asyncio.open_connection(sock=connection.near)
            writers.append(out)
            far, into = await asyncio.open_connection("127.0.0.1", self.platform)
            writers.append(into)
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._pump(connection, near, into, asks=True))
                pumps.create_task(self._pump(connection, far, out, asks=False))
            end = _close
        except* (OSError, ResetNow):
            pass
        finally:
            for writer in writers:
                end(writer)
            self._connections.discard(connection)

    async def _pump(
        self,
        connection: _Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        asks: bool,
    ) -> None:
        toxic: Toxic = PASS
        passed, ended = 0, False
        while data := await reader.read(65536):
            lines = _REQUEST_LINE.findall(data) if asks else []
            if (now := self._toxic(connection, lines, asks=asks)) != toxic:
                toxic, passed = now, 0
            self.lines.extend(lines)
            if asks and isinstance(toxic, Last):
                data = await self._last(connection, data)
            if not ended:
                ended = await carry(data, writer, toxic, passed)
            passed += len(data)
        with suppress(OSError):
            writer.write_eof()

    async def _last(self, connection: _Connection, data: bytes) -> bytes:
        """The request, asking that its connection be closed once it is answered."""
        self._close_doors()
        others = [one.task for one in self._connections if one is not connection]
        await _ended(others)
        return data.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)

    def _toxic(self, connection: _Connection, lines: list[bytes], *, asks: bool) -> Toxic:
        turned = self._turned
        if any(line.startswith(turned.when) for line in lines):
            connection.meant = turned
        if turned.when and connection.meant is not turned:
            return PASS
        connection.struck |= turned.harms
        return turned.requests if asks else turned.answers


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _bound(port: int) -> socket.socket:
    """A socket on this port, which others of this proxy may have as well while they do not listen."""
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind(("127.0.0.1", port))
    return place


def _full(port: int) -> list[socket.socket]:
    """A queue for one connection that nobody accepts, and that one: others are not answered."""
    door = _bound(port)
    door.listen(0)
    return [door, socket.create_connection(("127.0.0.1", port))]


def _close(writer: asyncio.StreamWriter) -> None:
    """An orderly end."""
    _closing(writer, _ENDS)
    writer.close()


def _abort(writer: asyncio.StreamWriter) -> None:
    """A reset."""
    _closing(writer, _RESETS)
    writer.transport.abort()


def _closing(writer: asyncio.StreamWriter, how: bytes) -> None:
    with suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, how)
