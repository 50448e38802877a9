"""What may happen to the bytes that go one way."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True)
class Pass:
    """Everything, at once."""


@dataclass(frozen=True)
class Latency:
    """Each piece that is read goes on so many seconds later, even if its sender has gone."""

    seconds: float


@dataclass(frozen=True)
class Drip:
    """`size` bytes, `every` so many seconds."""

    size: int
    every: float


@dataclass(frozen=True)
class Hole:
    """Is read and goes nowhere."""


@dataclass(frozen=True)
class Reset:
    """After so many bytes both sides get a reset, in place of the next byte."""

    after: int = 0


@dataclass(frozen=True)
class HalfClose:
    """After so many bytes the receiver gets an orderly end; the other way stays as it is."""

    after: int = 0


@dataclass(frozen=True)
class Last:
    """Of requests only: is answered, and then nobody gets a connection any more."""


Toxic = Pass | Latency | Drip | Hole | Reset | HalfClose | Last


PASS = Pass()


class ResetNow(Exception):
    """The connection is to be reset."""


async def carry(data: bytes, writer: asyncio.StreamWriter, toxic: Toxic, passed: int) -> bool:
    """Write what the toxic leaves of it; gives whether the receiver was told that this is the end.

    `passed` bytes came this way under the same toxic before.
    """
    match toxic:
        case Pass() | Last():
            writer.write(data)
        case Latency(seconds):
            await asyncio.sleep(seconds)
            writer.write(data)
        case Drip(size, every):
            for start in range(0, len(data), size):
                writer.write(data[start : start + size])
                await asyncio.sleep(every)
        case Hole():
            pass
        case Reset(after) | HalfClose(after):
            writer.write(data[: max(0, after - passed)])
            over = passed + len(data) > after
            if over and isinstance(toxic, Reset):
                raise ResetNow
            if over:
                writer.write_eof()
            return over
    return False
