"""One request, one answer, and whether the request was sent: the seam to the platform's network.

An `Exchange` is an engine behind this seam. `HttpxExchange`, here, asks many origins; it runs on httpx2
and falls back to httpx, which has the same API. This is the only module that imports either of them,
and it never mixes their objects. `DirectExchange` (direct.py) asks one origin at a fraction of the cost.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property, lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    import httpx2 as httpx
else:
    try:
        import httpx2 as httpx
    except ImportError:
        import httpx


# Visible characters of ASCII, spaces between them.
_VALUE = "(?:[!-~](?:[ -~]*[!-~])?)?"
# Names of headers, and those that say how a message travels: engines write these themselves.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FRAMING = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


class Sent(StrEnum):
    """How far a request came that has no whole answer, as the connection saw it."""

    NO = "not sent"
    MAYBE = "maybe sent"
    ANSWERED = "answered in part"


class ExchangeError(Exception):
    """There is no answer. `sent` alone decides whether asking again can do harm.

    `repeatable`: asking again can help. `wait` is for how many seconds it cannot, where that is known.
    """

    repeatable = True

    def __init__(self, sent: Sent, why: str, wait: float | None = None) -> None:
        super().__init__(f"{why} ({sent})")
        self.sent = sent
        self.why = why
        self.wait = wait


class ExchangeTimeout(ExchangeError):
    """The deadline passed."""


class AnswerTooLarge(ExchangeError):
    """The answer is longer than allowed; reading stopped."""

    repeatable = False


class Refrained(ExchangeError):
    """Nothing was sent: the platform is left alone for so many seconds."""

    repeatable = False

    def __init__(self, why: str, wait: float) -> None:
        super().__init__(Sent.NO, why, wait)


class Shed(Refrained):
    """Nothing was sent: too many want to be at the platform."""


class Outgoing(Struct, frozen=True):
    """A request. `url` is absolute and percent-encoded; credentials stand in `headers` alone."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None

    def __repr__(self) -> str:
        """Without what nobody may read."""
        return f"Outgoing({self.method} {self.url})"


class Incoming(Struct, frozen=True):
    """An answer. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        """Without what nobody may read."""
        return f"Incoming({self.status})"


class Exchange(Protocol):
    """Sends one request within a deadline."""

    async def send(self, request: Outgoing, deadline: float, /) -> Incoming:
        """The answer, whatever its status. `deadline` is seconds for everything together.

        Raises ExchangeError.
        """
        ...

    async def close(self) -> None: ...


def header_lines(headers: Mapping[str, str]) -> str:
    """The headers as a head has them; raises ExchangeError, not sent, where one of them cannot be said or
    would say more than itself.

    A token of the platform's need not fit into a header.
    """
    lines = ""
    for name, value in headers.items():
        lines += f"{name}: {value}\r\n"
    if _lines_with(tuple(headers)).fullmatch(lines) is None:
        raise ExchangeError(Sent.NO, "header cannot be said")
    return lines


@lru_cache(maxsize=64)
def _lines_with(names: tuple[str, ...]) -> re.Pattern[str]:
    """One line for each of these names, and no more: no value reaches beyond the end of its own.

    Raises ExchangeError, not sent, where a name is not for the caller to say.
    """
    for name in names:
        if not _TOKEN.fullmatch(name) or name.lower() in _FRAMING:
            raise ExchangeError(Sent.NO, "header is not the caller's")
    return re.compile("".join(f"{re.escape(name)}: {_VALUE}\r\n" for name in names))


class HttpxExchange:
    """The engine on httpx2 or httpx, whichever `library` is."""

    def __init__(
        self,
        *,
        connect_timeout: float,
        max_connections: int,
        max_answer_bytes: int = 8 * 1024 * 1024,
        library: ModuleType = httpx,
    ) -> None:
        self._largest = max_answer_bytes
        self._unsayable: tuple[type[Exception], ...] = (library.InvalidURL, ValueError)
        self._failures: type[Exception] = library.HTTPError
        self._library = library
        self._connect_timeout = connect_timeout
        self._connections = max_connections

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        """Made by the first request: its library and its certificates take a tenth of a start."""
        library, most = self._library, self._connections
        client: httpx.AsyncClient = library.AsyncClient(
            verify=ssl.create_default_context(),
            # Proxies and .netrc of the environment would redirect the platform's key.
            trust_env=False,
            follow_redirects=False,
            # A shared client would replay one user's upstream cookie with the next user's request.
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            limits=library.Limits(max_connections=most, max_keepalive_connections=most),
            timeout=library.Timeout(None, connect=self._connect_timeout),
        )
        # The library's own user-agent and accept-encoding say more than the platform needs.
        client.headers.clear()
        return client

    async def send(self, request: Outgoing, deadline: float, /) -> Incoming:
        seen = _Seen()
        try:
            async with asyncio.timeout(deadline):
                return await self._send(request, seen)
        except TimeoutError:
            raise ExchangeTimeout(seen.sent, "deadline") from None
        except self._failures as error:
            raise ExchangeError(seen.sent, type(error).__name__) from None

    def _built(self, request: Outgoing, seen: _Seen) -> httpx.Request:
        """The library's request."""
        header_lines(request.headers)
        try:
            return self._client.build_request(
                request.method,
                request.url,
                headers=dict(request.headers) | {"accept-encoding": "identity"},
                content=request.body,
                extensions={"trace": seen.trace},
            )
        except self._unsayable as error:
            raise ExchangeError(Sent.NO, type(error).__name__) from None

    async def _send(self, request: Outgoing, seen: _Seen) -> Incoming:
        outgoing = self._built(request, seen)
        answer = await self._client.send(outgoing, stream=True)
        try:
            body = await self._read(answer)
        finally:
            await answer.aclose()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Incoming(answer.status_code, headers, body)

    async def _read(self, answer: httpx.Response) -> bytes:
        parts: list[bytes] = []
        size = 0
        async for part in answer.aiter_raw():
            size += len(part)
            if size > self._largest:
                raise AnswerTooLarge(Sent.ANSWERED, "answer too large")
            parts.append(part)
        return b"".join(parts)

    async def close(self) -> None:
        if "_client" in vars(self):
            await self._client.aclose()


class _Seen:
    """What the connection did with a request, by the client's trace hook.

    The kinds of the library's errors say less: a broken connection may be an idle one that was closed
    long ago, or one that broke after the platform had read everything.
    """

    def __init__(self) -> None:
        self.sent = Sent.NO

    async def trace(self, event: str, _info: object) -> None:
        if event.endswith("send_request_headers.started"):
            self.sent = Sent.MAYBE
        elif event.endswith("receive_response_headers.complete"):
            self.sent = Sent.ANSWERED
