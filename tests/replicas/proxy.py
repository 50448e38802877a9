"""The network between one replica and Redis, as bad as a test wants it.

It tells subscriptions from commands, because either may fail while the other goes on.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

# What goes in while the line is a hole comes out when it is none any more, as with TCP.
Mode = Literal["pass", "hole", "reset"]

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_LOOK_EVERY = 0.002
# What requests ask of Redis; the listener alone pings and subscribes.
_REQUESTS = re.compile(rb"\$\d+\r\n(?:EVALSHA|GET|SET|EXISTS|DEL)\r\n")


@dataclass(eq=False)
class Line:
    """One kind of connections. What Redis says takes `delay` seconds longer."""

    mode: Mode = "pass"
    delay: float = 0.0


class Proxy:
    """Listens on a port of its own, in a thread; `port` is where Redis listens."""

    def __init__(self, port: int) -> None:
        self._redis = port
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.commands, self.subscriptions = Line(), Line()
        # Commands of requests that came as far as here.
        self.asked = 0
        # Of each open connection, what kind it turned out to be.
        self._connections: list[list[Line]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def turn(self, mode: Mode, *lines: Line) -> None:
        """These lines, or both. What is to be reset is when this returns."""
        turned = lines or (self.commands, self.subscriptions)
        for line in turned:
            line.mode = mode
        while mode == "reset" and any(one[0] in turned for one in self._connections):
            time.sleep(_LOOK_EVERY)

    # --- in the thread ----------------------------------------------------------------------------

    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._main = asyncio.current_task()
        server = await asyncio.start_server(self._connected, sock=self._socket)
        try:
            await server.serve_forever()
        finally:
            others = asyncio.all_tasks() - {self._main}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    async def _connected(self, near: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        connection = [self.commands]
        self._connections.append(connection)
        # The stream protocol complains of a task that ends cancelled.
        with suppress(OSError, asyncio.CancelledError):
            far, into = await asyncio.open_connection("127.0.0.1", self._redis)
            pumps = (
                asyncio.create_task(self._pump(near, into, connection, asks=True)),
                asyncio.create_task(self._pump(far, out, connection, asks=False)),
            )
            try:
                await self._until_over(connection, pumps)
            finally:
                # First: waiting may be cancelled, and a connection that is let go of says so.
                into.transport.abort()
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
        with suppress(OSError):
            closing = out.get_extra_info("socket")
            closing.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        out.transport.abort()
        self._connections = [one for one in self._connections if one is not connection]

    async def _until_over(
        self, connection: list[Line], pumps: tuple[asyncio.Task[None], ...]
    ) -> None:
        """One side has closed, or the line is to be reset."""
        while connection[0].mode != "reset" and not any(pump.done() for pump in pumps):
            await asyncio.wait(pumps, timeout=_LOOK_EVERY, return_when=asyncio.FIRST_COMPLETED)

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        connection: list[Line],
        *,
        asks: bool,
    ) -> None:
        held: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        passing = asyncio.create_task(self._pass_on(held, writer, connection))
        try:
            while data := await reader.read(65536):
                if asks:
                    self.asked += len(_REQUESTS.findall(data))
                if asks and b"SUBSCRIBE" in data:
                    connection[0] = self.subscriptions
                late = 0 if asks else connection[0].delay
                held.put_nowait((self._loop.time() + late, data))
        finally:
            passing.cancel()

    async def _pass_on(
        self,
        held: asyncio.Queue[tuple[float, bytes]],
        writer: asyncio.StreamWriter,
        connection: list[Line],
    ) -> None:
        while True:
            at, data = await held.get()
            await asyncio.sleep(at - self._loop.time())
            while connection[0].mode == "hole":  # noqa: ASYNC110  # another thread turns it
                await asyncio.sleep(_LOOK_EVERY)
            writer.write(data)

    def __enter__(self) -> Proxy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join()

    def _end(self) -> None:
        assert self._main is not None
        self._main.cancel()
