"""The server: uvicorn, which goes in good order when it is told to stop.

a signal      the application is told (gateway/draining.py): readiness says no, streams end, and
              every answer asks for its connection to be closed
waiting       everything is served as before, until those who balance load have noticed
closing       nobody can connect any more; who just did is still answered
finishing     idle connections are closed, what is being answered gets its time
the end       the application closes its parts
"""

from __future__ import annotations

import asyncio
import gc
import math
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

import uvicorn

from app.early import early_protocol
from app.gateway.draining import Drain
from app.parts import Parts
from app.settings import Settings, SettingsFault, UpstreamSettings

if TYPE_CHECKING:
    from app.main import Gateway

# Seconds for those who connected at the last moment, and whose request is still on its way.
LAST = 1.0
TICK = 0.1
# Seconds that an idle connection is kept. Proxies keep theirs for up to 60, and have to be the ones
# who close it: a request that meets a closing connection is lost, and a POST is not repeated.
IDLE = 75


def config_of(app: Gateway, *, early: bool = True, **more: Any) -> uvicorn.Config:
    """What the application is served with; `more` overrides.

    `early`: what is known by heart is answered by the connection itself (app/early.py). Otherwise the
    application does that as well, as it does under any other ASGI server.
    """
    given: dict[str, Any] = {
        "lifespan": "on",
        "http": early_protocol(app.state.memory) if early else "httptools",
        # Our own request log is the only one: this one would print query strings.
        "access_log": False,
        "log_config": None,
        "server_header": False,
        # Who may set forwarded headers is ours to say: BFF_PUBLIC__TRUSTED_PROXIES.
        "proxy_headers": False,
        "timeout_keep_alive": IDLE,
        "timeout_graceful_shutdown": finishing(app.state.parts.settings.upstream),
    }
    return uvicorn.Config(app.front, **(given | more))


# Objects made, beyond those that went, before the collector looks at the youngest; how often it does
# before it looks at the middle-aged, and then at all.
COLLECTED_AFTER = (50_000, 20, 50)


class Beside(Protocol):
    """What begins when a server answers, and ends after it has answered everybody."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class Server(uvicorn.Server):
    """`wait`: seconds between the signal and the closing. A second signal skips what is left of it."""

    def __init__(
        self, config: uvicorn.Config, drain: Drain, wait: float, beside: Sequence[Beside] = ()
    ) -> None:
        super().__init__(config)
        self._beside = beside
        self._drain = drain
        self._wait = wait
        self._hurried = not wait

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit and not self._hurried:
            self._hurried = True
        else:
            super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for one in self._beside:
            await one.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._drain.begin()
        await self._serve_on(self._wait, lambda: False)
        for server in self.servers:
            server.close()
        await self._serve_on(LAST, lambda: not self.server_state.connections)
        self._hurried = True
        await super().shutdown(sockets)
        for one in self._beside:
            await one.stop()

    async def _serve_on(self, seconds: float, enough: Callable[[], bool]) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while loop.time() < until and not self._hurried and not enough():
            await self.on_tick(0)  # it sets the Date of the answers
            await asyncio.sleep(TICK)


def listen(host: str, port: int) -> socket.socket:
    """The address to answer on, taken before anything else is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        # Python's own text repeats the address; what is wrong with a name has no such text.
        odd_name = isinstance(error, socket.gaierror)
        why = error.strerror if odd_name else os.strerror(error.errno or 0)
        raise SettingsFault([f"Cannot listen on {host}, port {port}: {why}."]) from None


def answer(app: Gateway, listening: socket.socket, beside: Sequence[Beside]) -> None:
    """Answer requests until a signal ends it; what is being answered then is finished first."""
    parts: Parts = app.state.parts
    calm_collector()
    server = Server(config_of(app), parts.drain, parts.settings.drain_seconds, beside)
    with until_stopped():
        server.run(sockets=[listening])


@contextmanager
def until_stopped() -> Iterator[None]:
    """Ctrl-C and SIGTERM end what runs inside; both are the ordinary end, with exit code 0."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        yield


def at_port(settings: Settings, port: int) -> Settings:
    """In development the origin is this machine's, unless the settings name one."""
    if settings.public.origin is not None or settings.production:
        return settings
    public = settings.public.model_copy(update={"origin": f"http://localhost:{port}"})
    return settings.model_copy(update={"public": public})


def calm_collector() -> None:
    """Python's collector looks for cycles; hardly any are made here, and what is kept is looked through
    each time. What the start made is never looked at again (a first look would find next to nothing, and
    take as long as three hundred requests), and the rest seldom."""
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)


def finishing(upstream: UpstreamSettings) -> int:
    """Seconds for what is being answered when the server closes: a write has its deadline for all of
    it, and what it asked last must still be written down."""
    return math.ceil(upstream.read_deadline + upstream.write_deadline)
