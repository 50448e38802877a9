"""Where a login may return: a path of our own origin, whichever way it is written or decoded."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote, urlsplit

from app.errors import FieldError, Malformed

LONGEST = 2048
_WRITTEN = re.compile(r"/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?#]|%[0-9A-Fa-f]{2})*")
_MOST_DECODINGS = 4


def check(text: str) -> str:
    """The same text, when it is a local path (query and fragment allowed); Malformed otherwise.

    Never replaced by "/": a caller that asks for a strange place should hear of it.
    """
    if len(text) <= LONGEST and _WRITTEN.fullmatch(text) and _stays_local(text):
        return text
    raise Malformed(
        "returnTo must be a path on this origin, such as /campaigns?page=2.",
        reason="returnTo is not a local path",
        errors=[FieldError("/query/returnTo", "must be a path on this origin")],
    )


def with_parameter(address: str, name: str, value: str) -> str:
    """One more query parameter, before a fragment; what stands there already is left as it is."""
    rest, hash_sign, fragment = address.partition("#")
    joint = "&" if "?" in rest else "?"
    return f"{rest}{joint}{name}={value}{hash_sign}{fragment}"


def _stays_local(text: str) -> bool:
    """Look at every decoding of the text: proxies and frameworks decode, some twice, some fold."""
    for _ in range(_MOST_DECODINGS):
        if not _is_plain(text):
            return False
        decoded = unicodedata.normalize("NFKC", unquote(text, errors="replace"))
        if decoded == text:
            return True
        text = decoded
    return False


def _is_plain(text: str) -> bool:
    if not text.isprintable() or "\ufffd" in text or text.startswith("//"):
        return False
    path = urlsplit(text).path
    segments = path.split("/")[1:]
    return "\\" not in path and not any(
        segment.split(";")[0] in {".", ".."} or (segment == "" and place < len(segments) - 1)
        for place, segment in enumerate(segments)
    )
