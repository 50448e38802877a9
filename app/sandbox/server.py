"""The sandbox put together, and served from a thread of this process."""

from __future__ import annotations

import socket
import struct
import threading
from dataclasses import replace
from functools import partial
from html import escape
from ipaddress import ip_address

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.clock import MovableClock
from app.sandbox.calls import Calls
from app.sandbox.consent import Consent
from app.sandbox.control import REFUSED, Control, refuse
from app.sandbox.demo import demo_world
from app.sandbox.faults import CUT, Faults
from app.sandbox.identity import IdentityProvider
from app.sandbox.operations import BASE_PATH, Operations
from app.sandbox.pages import page, stylesheet
from app.sandbox.provider import Provider
from app.sandbox.state import Sandbox, SandboxOptions, Switches
from app.sandbox.tokens import Tokens

__all__ = ["SandboxOptions", "SandboxServer", "create_sandbox"]

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def create_sandbox(options: SandboxOptions, clock: MovableClock) -> Starlette:
    """The platform, the identity provider and the controls; `.state.sandbox` is the Sandbox."""
    sandbox = Sandbox(
        options,
        clock,
        demo_world(clock),
        Operations([one.address for one in options.extra]),
        Tokens(clock, options.api_key),
        Switches(options.enforce_permissions, options.enforce_tokens),
        Faults(),
        Calls(),
    )
    routes = [
        Route("/", _index),
        Route("/sandbox.css", stylesheet),
        Route(BASE_PATH + "/{rest:path}", Provider(sandbox)),
        *IdentityProvider(options, clock).routes(),
        *Consent(sandbox).routes(),
        *Control(sandbox).routes(),
    ]
    app = Starlette(routes=routes, exception_handlers=dict.fromkeys(REFUSED, refuse))
    app.state.sandbox = sandbox
    return app


async def _index(request: Request) -> Response:
    options: SandboxOptions = request.app.state.sandbox.options
    people = "".join(
        f"<li><strong>{escape(one.login)}</strong> {escape(one.name)}: {escape(one.role)}</li>"
        for one in options.people
    )
    body = (
        "<p>A stand-in for the ads platform and an identity provider, with demo data only. "
        "It exists so that the gateway can be tried and tested without the real ones.</p>"
        f"<h2>Demo users</h2><ul>{people}</ul>"
        '<h2>Look inside</h2><ul><li><a href="/_sandbox/calls">Calls that arrived here</a></li>'
        '<li><a href="/idp/.well-known/openid-configuration">Identity provider</a></li></ul>'
    )
    return page("Ads platform sandbox", body)


class SandboxServer:
    """A sandbox on a loopback port, in a daemon thread.

    The port is bound at once (OSError when it is taken; 0 takes a free one, see `port`); an
    empty `options.origin` becomes the address that was bound.
    """

    def __init__(
        self,
        options: SandboxOptions,
        clock: MovableClock,
        host: str = "127.0.0.1",
        port: int = 8001,
    ) -> None:
        self._socket = _bind(host, port)
        self.port: int = self._socket.getsockname()[1]
        self.origin = options.origin or _origin(host, self.port)
        self.app = create_sandbox(replace(options, origin=self.origin), clock)
        self.sandbox: Sandbox = self.app.state.sandbox
        self._server = _Server(_config(self.app))
        self._thread = threading.Thread(
            target=partial(self._server.run, sockets=[self._socket]), name="sandbox", daemon=True
        )

    def start(self) -> None:
        """Returns when connections are accepted."""
        self._thread.start()
        if not self._server.accepting.wait(timeout=10):
            raise RuntimeError("the sandbox did not start")

    def wait(self) -> None:
        """Blocks until it was stopped."""
        self._thread.join()

    def stop(self) -> None:
        """Ends it and waits; what is still being answered is cut off after a second."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()


def _origin(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _bind(host: str, port: int) -> socket.socket:
    """Loopback only: it has demo users without passwords and controls without a lock."""
    if host != "localhost" and not ip_address(host).is_loopback:
        raise ValueError("the sandbox listens on loopback addresses only")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=_CuttableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )


class _Server(uvicorn.Server):
    """Tells when it accepts connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.accepting = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.accepting.set()


class _CuttableProtocol(HttpToolsProtocol):
    """Lets an application cut its connection, which ASGI itself has no word for."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {CUT: {"cut": self._cut}}

    def _cut(self) -> None:
        """Aborts with a reset rather than an orderly end."""
        connection = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.transport.abort()
