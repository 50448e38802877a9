"""The proxy: each request goes on to the platform as it came, and what it came to goes on the tape."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cachetools import LRUCache
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from app.catalogue.operations import INTERNAL
from app.clock import Clock, today
from app.json_scan import json_fault
from app.recorder.addresses import Addresses, Found
from app.recorder.pseudonyms import Pseudonyms
from app.recorder.sanitising import Sanitising
from app.tape import Recorded, TapeWriter, line_of, question_of
from app.upstream.exchange import Exchange, ExchangeError, Incoming, Outgoing

# Seconds; the gateway's own deadlines are what ends a request.
DEADLINE = 300.0
# What goes on to the platform of a request, and back of an answer, beside the body.
_ONWARDS = ("x-api-key", "authorization", "accept", "content-type", "user-agent")
_BACK = ("content-type", "cache-control", "retry-after")
# So much of a key or a token in a row is a part of it.
_PART = 12


class Recorder:
    """An ASGI application before one platform."""

    def __init__(
        self,
        upstream: str,
        exchange: Exchange,
        addresses: Addresses,
        pseudonyms: Pseudonyms,
        sanitising: Sanitising,
        tape: TapeWriter,
        clock: Clock,
    ) -> None:
        parts = urlsplit(upstream)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._base = parts.path.rstrip("/")
        self._exchange = exchange
        self._addresses = addresses
        self._pseudonyms = pseudonyms
        self._sanitising = sanitising
        self._tape = tape
        self._clock = clock
        # Whose a token is, by the token; those that were issued before have to be issued anew.
        self._users: LRUCache[str, str] = LRUCache(10_000)
        # Each user has two of them.
        self._secrets: LRUCache[str, None] = LRUCache(20_001)
        self.recorded = 0
        self.withheld = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._answer(Request(scope, receive))
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = request.scope["path"].removeprefix(self._base)
        found = self._addresses.find(request.method, path)
        if found is None:
            return _refusal(404, "NOT_FOUND", "The recorder knows no such address")
        token = _bearer(request)
        if token is not None and token not in self._users:
            return _refusal(401, "UNAUTHORIZED", "Issued before the recording began")
        raw = await request.body()
        try:
            incoming = await self._exchange.send(self._onwards(request, raw), DEADLINE)
        except ExchangeError:
            return _refusal(502, "INTERNAL_ERROR", "The platform gave no answer")
        self._remember(request, token)
        if found.operation in INTERNAL:
            self._learn(token, _json(raw), _json(incoming.body))
        else:
            try:
                await self._record(request, found, token, raw, incoming)
            except (OSError, ValueError):
                # It was carried out, whatever becomes of the tape.
                self.withheld += 1
        return _back(incoming)

    def _onwards(self, request: Request, raw: bytes) -> Outgoing:
        target = request.scope["raw_path"].decode("ascii")
        query = request.scope["query_string"].decode("ascii")
        url = f"{self._origin}{target}" + (f"?{query}" if query else "")
        headers = {name: request.headers[name] for name in _ONWARDS if name in request.headers}
        return Outgoing(request.method, url, headers, raw or None)

    # --- whose a request is -----------------------------------------------------------------------

    def _remember(self, request: Request, token: str | None) -> None:
        for secret in (request.headers.get("x-api-key"), token):
            if secret:
                self._secrets[secret] = None

    def _learn(self, token: str | None, asked: Any, answered: Any) -> None:
        """Whose the tokens are that the platform issued; nothing of this is ever on a tape."""
        data = answered.get("data") if isinstance(answered, dict) else None
        issued = data if isinstance(data, dict) else {}
        named = asked.get("externalUserId") if isinstance(asked, dict) else None
        user = self._users.get(token or "") or str(named)
        for name in ("accessToken", "refreshToken"):
            if isinstance(secret := issued.get(name), str):
                self._users[secret] = user
                self._secrets[secret] = None

    # --- what goes on the tape --------------------------------------------------------------------

    async def _record(
        self, request: Request, found: Found, token: str | None, raw: bytes, incoming: Incoming
    ) -> None:
        rename = self._pseudonyms.of
        query = dict(parse_qsl(request.scope["query_string"].decode("ascii"), True))
        body = _json(raw)
        enterprise = self._addresses.enterprise(found, query, body)
        user = self._pseudonyms.of_user(self._users[token]) if token else ""
        retry_after = incoming.headers.get("retry-after", "")
        line = line_of(
            Recorded(
                found.operation,
                today(self._clock).isoformat(),
                rename(enterprise) if enterprise else None,
                question_of(user, request.method, found.path(rename), query, body, rename),
                incoming.status,
                self._sanitising.answer(_json(incoming.body)),
                retry_after if retry_after.isdecimal() else None,
                "no-store" in incoming.headers.get("cache-control", "").lower(),
            )
        )
        # Beside the loop: an answer may be long, and there are many tokens.
        if await asyncio.to_thread(self._gives_away, line.decode(), list(self._secrets)):
            self.withheld += 1
            return
        self._tape.write(line)
        self.recorded += 1

    @staticmethod
    def _gives_away(line: str, secrets: Sequence[str]) -> bool:
        """The last resort: a part of a key or a token that passed is in it all the same."""
        short = [secret for secret in secrets if len(secret) < _PART]
        parts = {part for secret in secrets for part in _parts(secret)}
        return any(secret in line for secret in short) or not parts.isdisjoint(_parts(line))


def _parts(text: str) -> Iterator[str]:
    """All of its parts of that length."""
    return (text[at : at + _PART] for at in range(len(text) - _PART + 1))


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else None


def _json(raw: bytes) -> Any:
    """What it says, None where it is not JSON that the gateway would read."""
    if json_fault(raw):
        return None
    try:
        return json.loads(raw, parse_constant=_no_number)
    except ValueError:
        return None


def _no_number(text: str) -> None:
    raise ValueError(text)


def _back(incoming: Incoming) -> Response:
    headers = {name: incoming.headers[name] for name in _BACK if name in incoming.headers}
    return Response(incoming.body, incoming.status, headers)


def _refusal(status: int, code: str, message: str) -> Response:
    """As the platform refuses."""
    error: Mapping[str, str] = {"code": code, "message": message}
    return JSONResponse({"success": False, "error": error, "statusCode": status}, status)
