"""Raw ASGI headers: what was sent, byte for byte, before anything interprets it."""

from __future__ import annotations

from collections.abc import Iterable

Headers = Iterable[tuple[bytes, bytes]]


def values(headers: Headers, name: bytes) -> list[bytes]:
    """Every value of a header, in order; `name` in lower case, as ASGI servers write names."""
    return [value for key, value in headers if key == name]
