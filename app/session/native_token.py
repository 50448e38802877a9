"""The bearer token of a native app: the id of its session behind a prefix that no JWT has.

The prefix tells a session from a host token without a look into either, and lets scanners for
leaked secrets find it.
"""

from __future__ import annotations

# How the session of an app began.
NATIVE = "native"
PREFIX = "bff_native_"


def bearer_of(session_id: str) -> str:
    return PREFIX + session_id


def session_id_of(token: str) -> str | None:
    """None for a token of another kind. A JWT begins with a JSON object in base64url: `ey`."""
    return token.removeprefix(PREFIX) if token.startswith(PREFIX) else None
