"""Where the requests of one declared operation enter: caller → csrf → the operation → the pipeline.

Every request for a declared operation comes through an `Entrance`, whoever chose it: dispatch.py, or the
framework's router, whose routes (routes.py) do nothing but describe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.types import Receive, Scope, Send

from app.cache.store import Store
from app.caller import Caller
from app.catalogue.composed import Live
from app.catalogue.extensions import covers
from app.catalogue.operation import Operation
from app.catalogue.operations import Catalogue
from app.clock import Clock
from app.errors import MethodNotAllowed, Problem
from app.gateway.answers import send_answer, send_problem
from app.gateway.asking import (
    Inputs,
    asked_of,
    check_accept,
    may_have_body,
    read_body,
    wishes_in,
    wishes_of,
)
from app.gateway.pipeline import Pipeline
from app.gateway.prefix import API
from app.gateway.recall import Memory
from app.gateway.streaming import Streams, gone
from app.observe.current import asks
from app.observe.trail import explain
from app.patience import Left
from app.session import csrf
from app.session.callers import Callers


@dataclass(frozen=True, slots=True)
class Service:
    """What serving an operation needs."""

    callers: Callers
    memory: Memory
    pipeline: Pipeline
    streams: Streams
    store: Store
    clock: Clock
    origin: str
    max_body_bytes: int
    explains_all: bool

    def may_explain(self, caller: Caller) -> bool:
        """In development everybody may be told how he was served, else those with the claim."""
        return self.explains_all or caller.explains


class Entrance:
    """That of one operation; `allowed` are the methods that its path answers."""

    def __init__(
        self, operation: type[Operation[Any]], service: Service, allowed: Sequence[str]
    ) -> None:
        self.operation = operation
        self.operation_id = operation.id
        self.path = API + operation.path
        self._service = service
        self._inputs = Inputs(operation)
        self._live = issubclass(operation, Live)
        self._allowed = ", ".join(allowed)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """caller → csrf → the operation, validated → the pipeline → bytes, or a stream of them."""
        scope["route"] = self
        headers, read, trail = scope["headers"], scope["read"], None
        began = self._service.memory.moment
        try:
            if scope["method"] != self.operation.method:
                raise MethodNotAllowed(headers={"Allow": self._allowed})
            wishes = wishes_of(headers) if read is None else wishes_in(read.others)
            # Neither polls nor streams show that somebody is at work.
            extend = not (wishes.background or self._live)
            recognised = self._service.memory.recognised(scope, at_work=extend)
            if recognised is None:
                recognised = await self._service.callers.recognise(headers, extend=extend)
            else:
                asks(recognised.caller.user)
            caller = recognised.caller
            if caller.by_cookie:
                self._check_origin(scope)
            if wishes.explain and self._service.may_explain(caller):
                trail = explain(self.operation.id)
            check_accept(wishes.accept, self.operation.media_type)
            body = b""
            if may_have_body(scope):
                body = await read_body(headers, receive, self._service.max_body_bytes)
            asked = asked_of(self._inputs, scope, body)
            if isinstance(asked, Live):
                again = partial(self._service.callers.identify, headers, extend=False)
                await self._service.streams.serve(
                    asked, caller, again, receive, send, head=scope["head"]
                )
                return
            answered = await self._service.pipeline.run(asked, caller, partial(gone, receive))
        except Left:
            return
        except Problem as problem:
            scope["problem"] = problem
            await send_problem(problem, scope["request_id"], send, trail)
            return
        if answered.found is not None:
            scope["cache"] = answered.found.state
        self._service.memory.remember(began, scope, asked, recognised, answered)
        now = self._service.clock.now()
        await send_answer(answered, send, wishes, trail, self._service.store, now=now)

    def _check_origin(self, scope: Scope) -> None:
        """Raises CsrfRefused. Of a request that was read before, the headers that decide are known."""
        read, method, origin = scope["read"], scope["method"], self._service.origin
        if read is None:
            csrf.check(scope["headers"], method, origin)
        elif fault := csrf.fault_in(read.others, method, origin):
            raise fault


def entrances(catalogue: Catalogue, service: Service) -> list[Entrance]:
    """One for every operation; each knows all methods that its path answers."""
    return [
        Entrance(
            operation,
            service,
            [
                method
                for other in catalogue.operations
                if covers(other.path, operation.path)
                for method in served_methods(other)
            ],
        )
        for operation in catalogue.operations
    ]


def served_methods(operation: type[Operation[Any]]) -> tuple[str, ...]:
    """HEAD wherever GET."""
    return ("GET", "HEAD") if operation.method == "GET" else (operation.method,)
