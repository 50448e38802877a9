"""The whole world for a test: a sandbox and a gateway on real ports, with one clock to move."""

from __future__ import annotations

import io
import re
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import httpx2 as httpx
from opentelemetry.sdk.trace import SpanProcessor

from app.clock import MovableClock
from app.main import Gateway, create_app
from app.parts import Parts
from app.sandbox.demo import demo_world
from app.sandbox.server import SandboxOptions, SandboxServer
from app.sandbox.state import Extra, Sandbox
from app.serving import Server, config_of
from app.settings import Settings

API_KEY = "canary-key-5f0c1b7e9d"
API = "/api/v1"


def settings_for(sandbox_origin: str, origin: str, **groups: Mapping[str, Any]) -> Settings:
    """Development settings on a sandbox; `groups` override, e.g. access={"ttl_seconds": 10}."""
    given: dict[str, Any] = {
        "env": "development",
        "upstream": {"base_url": f"{sandbox_origin}/api/v1", "api_key": API_KEY},
        "identity": {
            "enterprise_claim": "enterprises",
            "oidc": {
                "issuer": f"{sandbox_origin}/idp",
                "client_id": "ads-bff",
                "client_secret": "sandbox-secret",
            },
        },
        "public": {"origin": origin},
        "ledger": {"path": ":memory:"},
        # Tests sign in, ask and change more often than people do.
        "limits": {"logins_per_minute": 0, "writes_per_minute": 0, "reads_per_minute": 0},
        # Nobody balances load here who would have to notice that it ends.
        "drain": {"wait_seconds": 0},
    }
    for group, values in groups.items():
        before = given.get(group)
        given[group] = ({**before, **values}) if isinstance(before, dict) else values
    return Settings.model_validate(given)


class GatewayServer:
    """The real application on a real port of this machine, in a thread.

    The port is bound at once, so that others can be told of `origin` before the application is made.
    `host` is a name of this machine; `tls` are the files of a certificate for it and of its key.
    `early` says who answers what is known by heart (app/serving.py); a test may run in both ways.
    """

    early: ClassVar[bool] = True

    def __init__(
        self, host: str = "localhost", tls: tuple[Path, Path] | None = None, port: int = 0
    ) -> None:
        self._tls = tls
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self._socket.listen(2048)  # who connects before it serves waits, and is not refused
        scheme, port = ("https" if tls else "http"), self._socket.getsockname()[1]
        self.origin = f"{scheme}://{host}:{port}"
        self._direct = f"{scheme}://127.0.0.1:{port}"

    def start(self, app: Gateway) -> None:
        """Returns when it answers."""
        self.app = app
        config = config_of(
            app,
            early=self.early,
            timeout_graceful_shutdown=2,
            ssl_certfile=self._tls[0] if self._tls else None,
            ssl_keyfile=self._tls[1] if self._tls else None,
        )
        self._server = Server(config, self.parts.drain, self.parts.settings.drain_seconds)
        serve = partial(self._server.run, sockets=[self._socket])
        self._thread = threading.Thread(target=serve, daemon=True)
        self._thread.start()
        with plain_client(self._direct) as client:
            client.get("/healthz").raise_for_status()

    @property
    def parts(self) -> Parts:
        parts: Parts = self.app.state.parts
        return parts

    @property
    def thread(self) -> int | None:
        """The thread that everything of the gateway runs in."""
        return self._thread.ident

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


class Browser(httpx.Client):
    """A browser as far as HTTP goes: a cookie jar, the headers that browsers send, no redirects."""

    def __init__(self, origin: str) -> None:
        super().__init__(
            base_url=origin,
            headers={"X-BFF": "1", "Sec-Fetch-Site": "same-origin", "Origin": origin},
            trust_env=False,
            verify=False,
            timeout=30,
        )
        self.origin = origin

    def sign_in(self, user: str, return_to: str = "/") -> httpx.Response:
        """The whole login, redirects followed by hand; gives the callback's answer."""
        started = self.get("/auth/login", params={"returnTo": return_to})
        assert started.status_code == 303, started.text
        return self.follow(self.choose(started.headers["location"], user))

    def choose(self, authorize: str, user: str) -> str:
        """Pick a demo user at the identity provider; gives the address that it sends us back to."""
        with plain_client() as elsewhere:
            page = elsewhere.get(authorize)
            action = re.search(r'action="([^"]+)"', page.text)
            assert action is not None, page.text
            hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
            fields = {name: unescape(value) for name, value in hidden} | {"user": user}
            chosen = elsewhere.post(str(page.url.join(unescape(action[1]))), data=fields)
            assert chosen.status_code == 303, chosen.text
            return str(chosen.headers["location"])

    def follow(self, location: str) -> httpx.Response:
        """A navigation that comes from another site: Strict cookies would not come along."""
        answer = self.get(location, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 303, answer.text
        return answer

    def api(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        """One operation, `path` below /api/v1; what spends money is always meant anew."""
        headers = httpx.Headers(kwargs.pop("headers", None))
        headers.setdefault("Idempotency-Key", str(uuid4()))
        return self.request(method, API + path, headers=headers, **kwargs)

    def opened(self, path: str, **params: Any) -> httpx.Response:
        """How a stream begins: its head, and its first event in place of all that would follow."""
        with self.stream("GET", API + path, params=params or None) as answer:
            if answer.status_code != 200:
                answer.read()
                return answer
            first = next(answer.iter_text())
        return httpx.Response(200, headers=answer.headers, text=first)

    def read(self, path: str, **params: Any) -> Any:
        """A read that succeeds."""
        answer = self.api("GET", path, params=params or None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    @property
    def session_cookie(self) -> str:
        value = self.cookies.get("bff-dev")
        assert value is not None
        return value


@dataclass
class World:
    """One sandbox, one gateway, one clock for both."""

    sandbox_server: SandboxServer
    gateway: GatewayServer
    clock: MovableClock
    log: io.StringIO
    browsers: list[Browser] = field(default_factory=list)

    @property
    def sandbox(self) -> Sandbox:
        return self.sandbox_server.sandbox

    @property
    def parts(self) -> Parts:
        return self.gateway.parts

    @property
    def origin(self) -> str:
        return self.gateway.origin

    def browser(self) -> Browser:
        """A browser where nobody is signed in."""
        self.browsers.append(Browser(self.origin))
        return self.browsers[-1]

    def sign_in(self, user: str) -> Browser:
        """A browser where this demo user is signed in."""
        browser = self.browser()
        browser.sign_in(user)
        return browser

    def advance(self, seconds: float) -> None:
        """Time passes, here and at the platform."""
        self.clock.advance(seconds)

    def begin_anew(self) -> None:
        """The demo world as it was at first. Sessions, tokens and what is kept have aged away; only
        the ledger remembers."""
        vars(self.sandbox.world).update(vars(demo_world(self.clock)))
        self.advance(90_000)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """The sandbox's controls."""
        with plain_client(self.sandbox_server.origin) as client:
            answer = client.request(method, f"/_sandbox{path}", json=body)
            assert answer.status_code < 300, answer.text
            return answer.json() if answer.content else None

    def fault(self, operation: str, kind: str, **more: Any) -> None:
        """From now on (or `times`) the platform fails in this way."""
        self.control("POST", "/faults", {"operation": operation, "kind": kind, **more})

    def heal(self) -> None:
        """The platform works again."""
        self.control("DELETE", "/faults")

    def calls(self, operation: str | None = None) -> list[dict[str, Any]]:
        """What arrived at the platform, all or of one operation (the sandbox's own names)."""
        query = f"?operation={operation}" if operation else ""
        found: list[dict[str, Any]] = self.control("GET", f"/calls{query}")
        return found

    def forget_calls(self) -> None:
        self.control("DELETE", "/calls")


@contextmanager
def world(
    *,
    strict: bool = True,
    previous_api_key: str | None = None,
    platform: Sequence[Extra] = (),
    gateway: GatewayServer | None = None,
    spans: SpanProcessor | None = None,
    **groups: Mapping[str, Any],
) -> Iterator[World]:
    """Start both, on free ports, and stop them. `groups` override settings.

    `strict` off: the platform trusts the key alone, as its documentation shows for some operations.
    `platform` holds operations that the sandbox answers beside its own; `gateway` is a server on
    another name than localhost; `spans` takes what is traced.
    """
    clock, log = MovableClock(), io.StringIO()
    gateway = gateway or GatewayServer()
    options = SandboxOptions(
        origin="",
        gateway_origin=gateway.origin,
        api_key=API_KEY,
        previous_api_key=previous_api_key,
        enforce_permissions=strict,
        enforce_tokens=strict,
        extra=tuple(platform),
    )
    sandbox = SandboxServer(options, clock, port=0)
    sandbox.start()
    settings = settings_for(sandbox.origin, gateway.origin, **groups)
    gateway.start(create_app(settings, clock=clock, log_stream=log, chance=no_jitter, spans=spans))
    running = World(sandbox, gateway, clock, log)
    try:
        yield running
    finally:
        for browser in running.browsers:
            browser.close()
        gateway.stop()
        sandbox.stop()


def no_jitter() -> float:
    """In place of chance: what is kept is fresh for exactly as long as is declared."""
    return 0.0


def plain_client(base_url: str = "") -> httpx.Client:
    """A client for plain http: reading the machine's certificates for each would cost more than
    the test."""
    return httpx.Client(base_url=base_url, trust_env=False, verify=False, timeout=30)
