"""The request that is being served: its name, and what is noted on the way for those who tell of it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.observe.trail import Trail


@dataclass(slots=True, eq=False)
class Request:
    """One request. `calls`: how many requests to the platform were sent on its behalf; who waits for an
    answer that another fetches sends none. `user` is who asks, once that is known. `trail` and `trace_id`
    are there where it is explained or traced."""

    id: str
    calls: int = 0
    user: str | None = field(default=None, repr=False)
    trail: Trail | None = None
    trace_id: str | None = None


# None outside of a request. Tasks that a request started go on under its name. Looked up without a function
# round it: every step of every request does.
CURRENT: ContextVar[Request | None] = ContextVar("request", default=None)


def asks(user: str) -> None:
    """It is known now who asks."""
    if (request := CURRENT.get()) is not None:
        request.user = user


def current_request_id() -> str | None:
    request = CURRENT.get()
    return None if request is None else request.id
