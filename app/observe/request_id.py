"""The id of a request: the caller's own where it is harmless, else a new one."""

from __future__ import annotations

import re
import secrets

_HARMLESS = re.compile(rb"[A-Za-z0-9._-]{8,64}")


ID_BYTES = 12
# The system is asked for so many at once: one call costs more than the bytes.
AT_ONCE = 256
_store: list[str] = []


def request_id_of(given: bytes | None) -> str:
    """The caller's own id when it is harmless, else a new one."""
    if given is not None and _HARMLESS.fullmatch(given):
        return given.decode()
    if not _store:
        _fill()
    return _store.pop()


def _fill() -> None:
    digits = secrets.token_hex(ID_BYTES * AT_ONCE)
    step = 2 * ID_BYTES
    _store.extend(digits[start : start + step] for start in range(0, len(digits), step))
