"""A gateway's parts in the test's own event loop, on a sandbox with a real port.

For what HTTP from outside cannot do: cancel a request, or wait for what goes on in the background.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from app.caller import Caller, Via
from app.catalogue.operation import Operation
from app.clock import MovableClock
from app.gateway.pipeline import Answered
from app.observe.logs import make_log
from app.parts import Parts, make_parts
from app.sandbox.calls import Call
from app.sandbox.faults import Fault, Kind
from app.sandbox.server import SandboxOptions, SandboxServer
from app.sandbox.state import Extra, Sandbox
from app.testing.world import API_KEY, no_jitter, settings_for

T = TypeVar("T")

GATEWAY = "http://localhost:8000"


@dataclass
class Platform:
    """A sandbox alone. `clock` is also the gateway's unless a test gives it another."""

    server: SandboxServer
    clock: MovableClock

    @property
    def sandbox(self) -> Sandbox:
        return self.server.sandbox

    def fault(self, operation: str, kind: Kind, *, times: int | None = 1, **more: Any) -> None:
        self.sandbox.faults.add(
            Fault(kind, self.sandbox.operations.number_of(operation), times, **more)
        )

    def calls(self, operation: str) -> list[Call]:
        return self.sandbox.calls.list(self.sandbox.operations.number_of(operation))

    def asked(self, operation: str) -> int:
        """How often the platform saw this operation since the call log was cleared."""
        return len(self.calls(operation))

    def forget(self) -> None:
        self.sandbox.calls.clear()
        self.sandbox.faults.clear()


@contextmanager
def platform(
    *,
    strict: bool = True,
    previous_api_key: str | None = None,
    extra: Sequence[Extra] = (),
    clock: MovableClock | None = None,
) -> Iterator[Platform]:
    """`extra` operations are answered beside those of the reference."""
    clock = clock or MovableClock()
    options = SandboxOptions(
        origin="",
        gateway_origin=GATEWAY,
        api_key=API_KEY,
        previous_api_key=previous_api_key,
        enforce_permissions=strict,
        enforce_tokens=strict,
        extra=tuple(extra),
    )
    server = SandboxServer(options, clock, port=0)
    server.start()
    try:
        yield Platform(server, clock)
    finally:
        server.stop()


@dataclass
class Inside:
    """A gateway's parts and the platform they ask."""

    platform: Platform
    parts: Parts
    log: io.StringIO = field(repr=False)

    async def ask(self, user: str, operation: Operation[Any]) -> Answered:
        """One request, as it is after identification and validation."""
        return await self.parts.pipeline.run(operation, Caller(user, Via.SESSION, by_cookie=True))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for what another thread, the platform's, makes true."""
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110  # the other thread sets no event
                await asyncio.sleep(0.002)

    async def settle(self) -> None:
        """Wait for all that goes on in the background."""
        while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(tasks)


def inside(
    on: Platform,
    scenario: Callable[[Inside], Awaitable[T]],
    clock: MovableClock | None = None,
    **groups: Mapping[str, Any],
) -> T:
    """What comes of the scenario, played with fresh parts. `groups` override settings."""
    log = io.StringIO()

    async def play() -> T:
        settings = settings_for(on.server.origin, GATEWAY, **groups)
        log_to = make_log(settings.log, log)
        parts = make_parts(settings, clock or on.clock, log_to, no_jitter)
        await parts.start()
        try:
            return await scenario(Inside(on, parts, log))
        finally:
            await parts.close()

    return asyncio.run(play())
