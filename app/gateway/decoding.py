"""A decoder for an operation: the platform's bytes to public bytes in one pass, or a doubt.

pydantic's verdict is the only one. What it would refuse, and every answer that the two libraries could
read or write differently, raises Doubt and is for pydantic to read: a decoder gives the very bytes that
pydantic would, or none. Drift is a doubt as well, so that it is counted in one place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

from app.catalogue.operation import ListOf, Operation, Read
from app.gateway.kinds import LONG, Kind, kind_of
from app.gateway.rows import Missing, NotDerivable
from app.json_scan import too_deep


class Doubt(Exception):
    """Not read; pydantic has to say what it is."""


class Public(Struct, frozen=True):
    """A public answer, and how many items a list holds."""

    body: bytes
    items: int | None


class Decoder:
    """Reads successful answers to one operation. Raises NotDerivable when its declaration is of an
    unknown kind, or makes its answer by code of its own."""

    def __init__(self, operation: type[Operation[Any]]) -> None:
        self._kind = kind_of(operation.wire_adapter)
        self._page = _page_of(operation)
        envelope: Any = msgspec.defstruct(
            "Envelope",
            [
                ("success", _SCALAR),
                ("data", self._kind.type),
                *((n, _SCALAR, None) for n in _BESIDE),
            ],
            forbid_unknown_fields=True,
        )
        # Numbers come as text as well, so it reads laxly.
        self._decode: Callable[[bytes], Any] = msgspec.json.Decoder(
            envelope, strict=False, float_hook=_short
        ).decode

    def read(self, body: bytes) -> Public:
        """The public answer; raises Doubt."""
        if _ambiguous(body, self._kind):
            raise Doubt
        try:
            answer = self._decode(body)
            if answer.success is not True:
                raise Doubt
            data = answer.data
            if self._kind.publish is not None:
                self._kind.publish([data])
            if self._page is None:
                return Public(_encode(data), None)
            return Public(_encode(self._page(items=data)), len(data))
        except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError, Missing):
            raise Doubt from None


_encode = msgspec.json.Encoder().encode
# What an envelope holds besides `success` and `data`.
_BESIDE = ("message", "timestamp", "statusCode", "count")
# No fractions: what may not be finite is for the scan to judge.
_SCALAR = bool | int | str | None


def _page_of(operation: type[Operation[Any]]) -> type[msgspec.Struct] | None:
    """What a list's items are put into, None for an answer that is the data itself."""
    if issubclass(operation, Read) and not operation.asks_once:
        raise NotDerivable(f"{operation.id} puts its data together")
    if operation.answer is Operation.answer and operation.answer_type is operation.wire_type:
        return None
    if operation.answer is not ListOf.answer:
        raise NotDerivable(f"{operation.id} makes its answer itself")
    return kind_of(operation.answer_adapter).public


# --- what is read in two ways ---------------------------------------------------------------------

# Where text may be a number, "null" is null to msgspec and "-0" has no sign, and what a fraction of a
# second has beyond six digits is rounded, where pydantic cuts it off. A number that is this long may
# not be finite. Letters and digits are made alike, so that one look at all bytes tells whether to look
# closely; any of them could be written as an escape.
_ALIKE = bytes.maketrans(b"N-U0123456789", b"nnu" + b"u" * 10)
_ODD_TEXT = re.compile(rb'"(?:[nN][uU][lL]{2}|-0)"')
_LONG_NUMBER = b"u" * 80
_LONG_FRACTION = b":uu.uuuuuuu"
_ESCAPED = re.compile(rb"\\u00(?:2[dDeE]|3[0-9aA]|4[cCeE]|55|6[cCeE]|75)")


def _ambiguous(body: bytes, kind: Kind) -> bool:
    alike = body.translate(_ALIKE)
    return (
        (b'"nu' in alike and _ODD_TEXT.search(body) is not None)
        or _LONG_NUMBER in alike
        or (kind.dated and _LONG_FRACTION in alike)
        or (b"\\" in body and _ESCAPED.search(body) is not None)
        or (kind.free and too_deep(body))
    )


def _short(text: str) -> float:
    """A number in what is passed on as it is."""
    value = float(text)
    if not -LONG < value < LONG:
        raise ValueError(text)
    return value
