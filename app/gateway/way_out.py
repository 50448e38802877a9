"""The way out: the `send` of one request, which adds what every answer carries and notes what was answered.

An operation's answer is there as a whole: a status, headers and a body, which go on as they are to a
server that takes them so. What the framework, a stream or a layer between answers comes in ASGI's messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from starlette.types import Message, Send

from app.gateway.draining import Drain

Header = tuple[bytes, bytes]

CLOSE: Header = (b"connection", b"close")
# The message, and the name of the extension of ASGI, by which a server takes head and body at once.
WHOLE = "ads_bff.response.whole"


class WayOut:
    """`security` is what an answer says where it does not say otherwise.

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
        security: Mapping[bytes, bytes],
        drain: Drain,
        *,
        head: bool,
        whole: bool,
    ) -> None:
        self._send = send
        self._security = security
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

    async def answer(self, status: int, headers: Mapping[bytes, bytes], body: bytes) -> None:
        """An answer that is there as a whole."""
        self.status, self.cache = status, headers.get(b"cache-status")
        if self.head:
            body = b""
        given = {**self._added(), **headers}.items()
        if self._whole:
            await self._send({"type": WHOLE, "status": status, "headers": given, "body": body})
            return
        await self._send({"type": "http.response.start", "status": status, "headers": list(given)})
        await self._send({"type": "http.response.body", "body": body})

    def _completed(self, given: Iterable[Header]) -> list[Header]:
        headers = list(given)
        said = dict(headers)
        self.cache = said.get(b"cache-status")
        return headers + [header for header in self._added().items() if header[0] not in said]

    def _added(self) -> dict[bytes, bytes]:
        added = {**self._security, b"x-request-id": self.request_id.encode()}
        if self._drain.under_way:
            # Whoever keeps connections (a proxy) sends the next request over another one.
            name, value = CLOSE
            added[name] = value
        return added
