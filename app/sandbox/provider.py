"""The platform's front: keys, tokens and faults around the operation that a request names."""

from __future__ import annotations

from functools import partial
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.sandbox.ads import ADS
from app.sandbox.calls import BearerSeen, Call, KeySeen, masked
from app.sandbox.connections import CONNECTIONS
from app.sandbox.faults import disturb
from app.sandbox.grants import GRANTS
from app.sandbox.lead_forms import LEAD_FORMS
from app.sandbox.meta import META
from app.sandbox.meta_account import META_ACCOUNT
from app.sandbox.new_campaigns import NEW_CAMPAIGNS
from app.sandbox.operations import BASE_PATH, KEY_ALONE, Address
from app.sandbox.refusal import Refusal, forbidden, unauthorized
from app.sandbox.replay import ALWAYS_ANSWERED, Replay
from app.sandbox.state import Asking, Handler, Sandbox
from app.sandbox.teams import TEAMS
from app.sandbox.tokens import Token
from app.sandbox.wire import failure, read_json, success
from app.sandbox.workspaces import WORKSPACES

HANDLERS: dict[int, Handler] = {
    **WORKSPACES,
    **TEAMS,
    **CONNECTIONS,
    **GRANTS,
    **META_ACCOUNT,
    **ADS,
    **META,
    **NEW_CAMPAIGNS,
    **LEAD_FORMS,
}

_EXCHANGE, _REFRESH = 1, 2


class Provider:
    """An ASGI app for everything below the platform's base path."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        extra = {one.address.number: one.handler for one in sandbox.options.extra}
        self._handlers = HANDLERS | extra
        tape = sandbox.options.tape
        self._replay = None if tape is None else Replay(tape, sandbox.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Logs the call, lets a fault strike it, and answers."""
        request = Request(scope, receive)
        raw = await request.body()
        path = scope["path"].removeprefix(BASE_PATH)
        found = self._sandbox.operations.find(request.method, path)
        call = self._log(request, raw, found)
        carry_out = partial(self._answer, request, raw, found, call.key)
        fault = self._sandbox.faults.take(call.n)
        if fault is None:
            answer = carry_out()
        else:
            answer = await disturb(fault, carry_out, partial(self._refuse, request))
        call.status = answer.status_code
        if call.status:
            _add_oddities(answer)
        await answer(scope, receive, send)

    def _answer(
        self,
        request: Request,
        raw: bytes,
        found: tuple[Address, dict[str, str]] | None,
        key: KeySeen,
    ) -> Response:
        try:
            if self._replay and not (found and found[0].number in ALWAYS_ANSWERED):
                return self._replayed(self._replay, request, raw, found, key)
            address, path = _known(request, found)
            _check_key(key)
            actor = self._actor(address.number, self._token(request))
            asking = Asking(
                self._sandbox,
                actor,
                path,
                _query(request.scope["query_string"]),
                read_json(request.headers.get("content-type", ""), raw),
            )
            return success(self._handlers[address.number](asking), self._sandbox.clock.now())
        except Refusal as refusal:
            return self._refuse(request, refusal)

    def _replayed(
        self,
        replay: Replay,
        request: Request,
        raw: bytes,
        found: tuple[Address, dict[str, str]] | None,
        key: KeySeen,
    ) -> Response:
        """What the tape says; an address can be another one than the reference's."""
        _check_key(key)
        return replay.answer(
            self._actor(found[0].number if found else None, self._token(request)),
            request.method,
            request.scope["path"].removeprefix(BASE_PATH),
            _query(request.scope["query_string"]),
            read_json(request.headers.get("content-type", ""), raw) if raw else None,
        )

    def _refuse(self, request: Request, refusal: Refusal) -> Response:
        return failure(refusal, request.scope["path"], self._sandbox.clock.now())

    def _actor(self, number: int | None, token: Token | None) -> str | None:
        """The user whose token counts for this operation, or a refusal."""
        alive = token if token is not None and token.alive else None
        if number == _EXCHANGE:
            return None
        if number == _REFRESH:
            if alive is None or alive.kind != "refresh":
                raise unauthorized("Invalid or expired refresh token")
            return alive.user
        if alive is not None and alive.kind == "access":
            return alive.user
        if number in KEY_ALONE and not self._sandbox.switches.enforce_tokens:
            return None
        raise forbidden("Invalid or expired token")

    def _token(self, request: Request) -> Token | None:
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        return self._sandbox.tokens.read(text) if scheme.lower() == "bearer" else None

    def _log(
        self, request: Request, raw: bytes, found: tuple[Address, dict[str, str]] | None
    ) -> Call:
        token = self._token(request)
        query = request.scope["query_string"].decode("latin-1")
        call = Call(
            n=found[0].number if found else None,
            name=found[0].name if found else "unknown",
            method=request.method,
            path=request.scope["raw_path"].decode("latin-1") + (f"?{query}" if query else ""),
            user=token.user if token else None,
            key=self._key(request),
            bearer=_bearer(request, token),
            headers=masked(request.headers.raw),
            body=raw.decode("utf-8", "replace"),
            at=self._sandbox.clock.now(),
        )
        self._sandbox.calls.add(call)
        return call

    def _key(self, request: Request) -> KeySeen:
        key = request.headers.get("x-api-key")
        options = self._sandbox.options
        if key is None:
            return "missing"
        if key == options.api_key:
            return "current"
        return "previous" if key == options.previous_api_key else "wrong"


def _known(
    request: Request, found: tuple[Address, dict[str, str]] | None
) -> tuple[Address, dict[str, str]]:
    if found is None:
        raise Refusal(404, "NOT_FOUND", f"Cannot {request.method} {request.scope['path']}")
    return found


def _check_key(key: KeySeen) -> None:
    if key == "missing":
        raise unauthorized("API key is required")
    if key == "wrong":
        raise unauthorized("Invalid API key")


def _bearer(request: Request, token: Token | None) -> BearerSeen:
    if token is not None:
        return token.kind if token.alive else "bad"
    return "bad" if "authorization" in request.headers else "none"


def _query(raw: bytes) -> dict[str, str]:
    """The last value wins when a parameter is repeated."""
    values = parse_qs(raw.decode("latin-1"), keep_blank_values=True)
    return {name: found[-1] for name, found in values.items()}


def _add_oddities(answer: Response) -> None:
    """Headers that a proxy in front must not pass on."""
    answer.headers["x-powered-by"] = "Express"
    answer.headers["set-cookie"] = "platform_affinity=node-1; Path=/; HttpOnly"
