"""Content codings: which one a caller wants (RFC 9110, section 12.5.3), and the coded bytes."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

import brotli  # type: ignore[import-untyped]  # it has no stubs
import zstandard

# Smaller bodies gain nothing (bytes).
WORTH_IT = 1024
# Levels at which 60 kB of our JSON take a tenth of a millisecond or little more: a coded form is
# made once and served many times, but somebody waits for the making.
_ZSTD, _BROTLI, _GZIP = 1, 4, 5


class Encoding(StrEnum):
    """The codings that are offered, the preferred one first."""

    ZSTD = "zstd"
    BROTLI = "br"
    GZIP = "gzip"


def encoded(encoding: Encoding, body: bytes) -> bytes:
    match encoding:
        case Encoding.ZSTD:
            return zstandard.compress(body, _ZSTD)
        case Encoding.BROTLI:
            return bytes(brotli.compress(body, quality=_BROTLI))
        case Encoding.GZIP:
            return gzip.compress(body, _GZIP, mtime=0)


@lru_cache(maxsize=256)
def preferred(accept_encoding: str) -> Encoding | None:
    """The offered coding with the highest weight; None: as it is, which is always acceptable.

    Of equal weights ours decides. A coding that is not named has the weight of `*`, or none.
    """
    weights = _weights(accept_encoding)
    other = weights.get("*", 0.0)
    offered = {coding: weights.get(coding, other) for coding in Encoding}
    best = max(offered, key=lambda coding: offered[coding])
    plain = weights.get("identity", 0.0)
    return best if offered[best] > 0 and offered[best] >= plain else None


def _weights(accept_encoding: str) -> Mapping[str, float]:
    weights: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        coding, _, parameters = part.partition(";")
        name, _, value = parameters.strip().partition("=")
        try:
            weight = float(value) if name.strip() == "q" else 1.0
        except ValueError:
            weight = 0.0
        # x-gzip is another name of gzip (RFC 9110, section 8.4.1.3).
        weights[coding.strip().removeprefix("x-")] = weight if 0 <= weight <= 1 else 0.0
    return weights
