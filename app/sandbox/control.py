"""The sandbox's own controls, below /_sandbox: faults, call log, clock, switches, tokens.

Changes need the content type application/json, so that a web page of another origin cannot make
them: the browser would have to ask for permission first, and there is no answer to that.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.sandbox.faults import Fault, Kind
from app.sandbox.state import Sandbox


class _Order(BaseModel):
    """What one of these endpoints is told; unknown fields are refused."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True)


_O = TypeVar("_O", bound=_Order)


class _FaultOrder(_Order):
    operation: str | int
    kind: Kind
    times: Annotated[int, Field(ge=1)] | None = 1
    status: Annotated[int, Field(ge=200, le=599)] | None = None
    seconds: Annotated[float, Field(ge=0, le=600)] = 0.0
    retry_after: str | int | None = None
    body: str | None = None
    after_effect: bool = False


class _ClockOrder(_Order):
    advance: Annotated[float, Field(ge=0)]


class _SwitchOrder(_Order):
    enforce_permissions: bool | None = None
    enforce_tokens: bool | None = None
    documented_bodies: bool | None = None
    filter_campaigns: bool | None = None


class _TokenOrder(_Order):
    user: str | None = None


class _NotJson(Exception):
    """The request's content type is another one."""


class Control:
    """Endpoints over the parts of one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        return [
            Route("/_sandbox/faults", self.add_fault, methods=["POST"]),
            Route("/_sandbox/faults", self.clear_faults, methods=["DELETE"]),
            Route("/_sandbox/calls", self.list_calls, methods=["GET"]),
            Route("/_sandbox/calls", self.clear_calls, methods=["DELETE"]),
            Route("/_sandbox/clock", self.advance, methods=["POST"]),
            Route("/_sandbox/switches", self.switch, methods=["POST"]),
            Route("/_sandbox/tokens/expire", self.expire_tokens, methods=["POST"]),
            Route("/_sandbox/tokens/revoke", self.revoke_tokens, methods=["POST"]),
        ]

    async def add_fault(self, request: Request) -> Response:
        order = await _read(request, _FaultOrder)
        settings = order.model_dump(exclude={"operation", "retry_after"})
        retry_after = None if order.retry_after is None else str(order.retry_after)
        number = self._sandbox.operations.number_of(order.operation)
        self._sandbox.faults.add(Fault(operation=number, retry_after=retry_after, **settings))
        return Response(status_code=204)

    async def clear_faults(self, _request: Request) -> Response:
        self._sandbox.faults.clear()
        return Response(status_code=204)

    async def list_calls(self, request: Request) -> Response:
        number = self._sandbox.operations.number_of(request.query_params.get("operation", "*"))
        return JSONResponse([asdict(call) for call in self._sandbox.calls.list(number)])

    async def clear_calls(self, _request: Request) -> Response:
        self._sandbox.calls.clear()
        return Response(status_code=204)

    async def advance(self, request: Request) -> Response:
        self._sandbox.clock.advance((await _read(request, _ClockOrder)).advance)
        return JSONResponse({"now": self._sandbox.clock.now()})

    async def switch(self, request: Request) -> Response:
        order = await _read(request, _SwitchOrder)
        for name, turned in order.model_dump(exclude_none=True).items():
            setattr(self._sandbox.switches, name, turned)
        turned = asdict(self._sandbox.switches)
        return JSONResponse({to_camel(name): value for name, value in turned.items()})

    async def expire_tokens(self, request: Request) -> Response:
        self._sandbox.tokens.expire((await _read(request, _TokenOrder)).user)
        return Response(status_code=204)

    async def revoke_tokens(self, request: Request) -> Response:
        self._sandbox.tokens.revoke((await _read(request, _TokenOrder)).user)
        return Response(status_code=204)


async def _read(request: Request, kind: type[_O]) -> _O:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise _NotJson
    return kind.model_validate_json(await request.body())


async def refuse(_request: Request, error: Exception) -> Response:
    """Says in JSON what was wrong with an order."""
    if isinstance(error, _NotJson):
        return JSONResponse({"error": "send application/json"}, 415)
    if isinstance(error, ValidationError):
        faults = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        return JSONResponse({"error": faults}, 422)
    return JSONResponse({"error": "no such operation"}, 422)


REFUSED = (_NotJson, ValidationError, LookupError)
