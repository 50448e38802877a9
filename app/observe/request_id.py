"""The id of the request that is being served, for whoever writes something down on its behalf."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_current: ContextVar[str | None] = ContextVar("request_id", default=None)


_HARMLESS = re.compile(rb"[A-Za-z0-9._-]{8,64}")


def request_id_of(given: bytes | None) -> str:
    """The caller's own id when it is harmless, else a new one."""
    if given is not None and _HARMLESS.fullmatch(given):
        return given.decode()
    return secrets.token_hex(12)


def current_request_id() -> str | None:
    """None outside of a request. Tasks that a request started go on under its id."""
    return _current.get()


@contextmanager
def serving(request_id: str) -> Iterator[None]:
    """While inside, that is the request."""
    token = _current.set(request_id)
    try:
        yield
    finally:
        _current.reset(token)
