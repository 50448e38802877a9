"""The call log: what reached the platform, as it stood on the wire."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

KeySeen = Literal["current", "previous", "missing", "wrong"]
BearerSeen = Literal["access", "refresh", "none", "bad"]

_KEPT = 10_000
_SECRET = frozenset({"x-api-key", "authorization"})


@dataclass(slots=True)
class Call:
    """One call. `status` is None while it runs and 0 when the connection was cut instead.

    `n` is the operation's number, None for a path that the platform does not have; `path` is raw
    and with its query; `headers` have lower-case names and the secret values replaced.
    """

    n: int | None
    name: str
    method: str
    path: str
    user: str | None
    key: KeySeen
    bearer: BearerSeen
    headers: dict[str, str]
    body: str
    at: float
    status: int | None = None


class Calls:
    """The last 10,000 calls, oldest first."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=_KEPT)

    def add(self, call: Call) -> None:
        self._calls.append(call)

    def list(self, operation: int | None = None) -> list[Call]:
        """All of them, or those of one operation by its number."""
        return [call for call in tuple(self._calls) if operation in (None, call.n)]

    def clear(self) -> None:
        self._calls.clear()


def masked(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers for the log: repeated ones joined, key and token never in clear."""
    seen: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name = raw_name.decode("latin-1").lower()
        value = "***" if name in _SECRET else raw_value.decode("latin-1")
        seen[name] = f"{seen[name]}, {value}" if name in seen else value
    return seen
