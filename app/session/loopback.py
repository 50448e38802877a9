"""localhost and 127.0.0.1 are one machine and two cookie jars: which of them was asked?"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.types import Scope

from app.session.headers import values
from app.settings_check import is_loopback


def same_path(scope: Scope, origin: str) -> str | None:
    """The address of this request on the origin, when it was sent to another name of this machine.

    The identity provider leads back to the origin, so that a login must begin there too. Another
    port is that of a proxy's target: the browser is on the origin already, and would go in circles.
    """
    hosts = values(scope["headers"], b"host")
    asked = "//" + hosts[0].decode("latin-1") if hosts else ""
    try:
        here, there = urlsplit(origin), urlsplit(asked)
        elsewhere = there.hostname != here.hostname and there.port == here.port
    except ValueError:
        return None
    if not (elsewhere and is_loopback(asked)):
        return None
    query = scope["query_string"].decode("latin-1")
    return f"{origin}{scope['path']}?{query}"
