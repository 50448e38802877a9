"""The way out: the `send` of one request, which adds what every answer carries and notes what was answered.

An operation's answer is there as a whole: a status, headers and a body, which go on as they are to a
server that takes them so. What the framework, a stream or a layer between answers comes in ASGI's messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from starlette.types import Message, Send

from app.gateway.draining import Drain

Header = tuple[bytes, bytes]

CLOSE: Header = (b"connection", b"close")
# A header as it stands on the wire (RFC 9112, section 5).
LINE = b"%b: %b\r\n"
# The message (as that by which an answer starts, with its body, and with lines of headers that are ready),
# and the name of the extension of ASGI, by which a server takes head and body at once.
WHOLE = "ads_bff.response.whole"


class Block(Struct, frozen=True, gc=False):
    """Headers that are the same each time, also as they stand on the wire."""

    headers: tuple[Header, ...]
    lines: bytes


NOTHING = Block((), b"")


class Always:
    """What every answer says where it does not say otherwise."""

    def __init__(self, headers: Mapping[bytes, bytes]) -> None:
        self.headers = headers
        self._blocks: dict[tuple[Header, ...], Block] = {}

    def beside(self, said: tuple[Header, ...]) -> Block:
        """That, and what an answer of this kind says each time: there are few kinds."""
        block = self._blocks.get(said)
        if block is None:
            headers = tuple({**self.headers, **dict(said)}.items())
            lines = b"".join(LINE % header for header in headers)
            block = self._blocks[said] = Block(headers, lines)
        return block


class WayOut:
    """`always` is what an answer says where it does not say otherwise.

    `head`: HEAD is a GET whose content stays here (RFC 9110, section 9.3.2). `whole`: the server takes head
    and body at once.
    """

    # What was answered, None before, and its Cache-Status.
    status: int | None = None
    cache: bytes | None = None

    def __init__(
        self,
        send: Send,
        request_id: str,
        always: Always,
        drain: Drain,
        *,
        head: bool,
        whole: bool,
    ) -> None:
        self._send = send
        self._always = always
        self._drain = drain
        self._whole = whole
        self.request_id = request_id
        self.head = head

    async def __call__(self, message: Message) -> None:
        """Any other answer, message by message."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = self._completed(message.get("headers", ()))
            message = {"type": message["type"], "status": self.status, "headers": headers}
        elif self.head:
            message = {**message, "body": b""}
        await self._send(message)

    async def answer(
        self,
        status: int,
        headers: Mapping[bytes, bytes],
        body: bytes,
        fixed: tuple[Header, ...] | None = None,
    ) -> None:
        """An answer that is there as a whole. `fixed` are headers that are the same each time, where the
        others are none of those that every answer says."""
        self.status, self.cache = status, headers.get(b"cache-status")
        if self.head:
            body = b""
        block = NOTHING if fixed is None else self._always.beside(fixed)
        others = self._always.headers if fixed is None else {}
        given = {**others, **self._own(), **headers}.items()
        if self._whole:
            message = {"type": WHOLE, "status": status, "lines": block.lines, "headers": given}
            await self._send({**message, "body": body})
            return
        both = [*block.headers, *given]
        await self._send({"type": "http.response.start", "status": status, "headers": both})
        await self._send({"type": "http.response.body", "body": body})

    def _completed(self, given: Iterable[Header]) -> list[Header]:
        headers = list(given)
        said = dict(headers)
        self.cache = said.get(b"cache-status")
        added = {**self._always.headers, **self._own()}.items()
        return headers + [header for header in added if header[0] not in said]

    def _own(self) -> dict[bytes, bytes]:
        """What it says of this request, or of this moment."""
        own = {b"x-request-id": self.request_id.encode()}
        if self._drain.under_way:
            # Whoever keeps connections (a proxy) sends the next request over another one.
            name, value = CLOSE
            own[name] = value
        return own
