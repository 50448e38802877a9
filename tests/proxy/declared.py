"""What may be asked of the platform, as patterns over the raw paths of its call log."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from app.catalogue.operations import BUILT_IN
from app.catalogue.shapes import is_external_id
from app.testing.world import API, World

_SEGMENT = r"([A-Za-z0-9_.~-]|%[0-9A-F]{2})+"
_DECLARED = tuple(
    (address.method, re.compile(API + re.sub(r"\{\w+\}", _SEGMENT, address.path)))
    for address in BUILT_IN.addresses({}).values()
)


def undeclared_calls(world: World) -> list[str]:
    """Calls at the platform that are no declared address, or not at the platform's own host."""
    host = urlsplit(world.sandbox_server.origin).netloc
    return [
        f"{call.method} {call.path}"
        for call in world.sandbox.calls.list()
        if not _is_declared(call.method, call.path.partition("?")[0])
        or call.headers["host"] != host
    ]


def _is_declared(method: str, path: str) -> bool:
    ids = [unquote(segment, errors="strict") for segment in path.split("/")[3:]]
    return all(is_external_id(one) for one in ids) and any(
        method == known and pattern.fullmatch(path) for known, pattern in _DECLARED
    )
