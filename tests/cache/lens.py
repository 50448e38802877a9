"""A platform that does not answer everybody the same: it marks, filters, or shows nothing.

It takes the place of the sandbox's own handlers of what can be read, and answers what they answer,
seen through the asking user's `view`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from app.clock import MovableClock
from app.sandbox.operations import ADDRESSES
from app.sandbox.provider import HANDLERS
from app.sandbox.state import Asking, Extra, Handler
from app.sandbox.wire import Reply
from tests.inside import Platform, platform

View = Callable[[str, Any], Any]

# The operations that reads ask, by their numbers in the reference.
READ = (4, 9, 11, 13, 16, 18, 19, 22, 27, 28, 29, 30, 31, 32, 33, 40)
# Account data: what may be shared, and so what a platform could filter.
ACCOUNT_DATA = (22, 29, 30, 31, 32, 33, 40)


@dataclass
class Lens:
    """`views` by user: what he sees instead of the data; `only` these operations' data."""

    only: tuple[int, ...] = ACCOUNT_DATA
    views: dict[str, View] = field(default_factory=dict)

    @property
    def handlers(self) -> tuple[Extra, ...]:
        """For `SandboxOptions.extra`: a number that is known already gets another handler."""
        by_number = {one.number: one for one in ADDRESSES}
        return tuple(Extra(by_number[number], self._seeing(number)) for number in READ)

    def platform(self, clock: MovableClock | None = None) -> AbstractContextManager[Platform]:
        return platform(extra=self.handlers, clock=clock)

    def _seeing(self, number: int) -> Handler:
        def answer(asking: Asking) -> Reply:
            reply = HANDLERS[number](asking)
            view = self.views.get(asking.actor or "") if number in self.only else None
            if view is None:
                return reply
            return replace(reply, data=_inside(reply.data, lambda data: view(str(number), data)))

        return answer


def _inside(data: Any, see: Callable[[Any], Any]) -> Any:
    """Two operations have an envelope of their own around their list."""
    if isinstance(data, dict) and isinstance(data.get("data"), list):
        return data | {"data": see(data["data"])}
    return see(data)


def nothing(_number: str, _data: Any) -> list[Any]:
    """He sees an empty list."""
    return []


def without_the_first(_number: str, data: Any) -> Any:
    """He sees one thing less than everybody else."""
    return data[1:] if isinstance(data, list) else data


@dataclass(frozen=True)
class Marked:
    """Names carry the canary's text, and sums of money are its number."""

    text: str
    number: int

    def __call__(self, _number: str, data: Any) -> Any:
        return self._mark(data)

    def is_in(self, body: str) -> bool:
        return self.text in body or str(self.number) in body

    def _mark(self, data: Any, key: str = "") -> Any:
        if isinstance(data, dict):
            return {name: self._mark(value, name) for name, value in data.items()}
        if isinstance(data, list):
            return [self._mark(part) for part in data]
        if key == "spend":
            return self.number
        named = key in {"name", "accountName", "account_name", "campaign_name"}
        member = key == "id" and isinstance(data, str) and data.startswith("member-")
        return f"{data} {self.text}" if named or member else data
