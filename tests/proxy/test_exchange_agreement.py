"""Both engines agree on every answer that is HTTP, wherever it is cut and wherever it breaks off."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.upstream.exchange import ExchangeError
from tests.proxy.byte_server import Connection, listening
from tests.proxy.engines import HTTPX, LONG, OURS, Engine, outgoing

LARGEST = 300
TOKENS = st.text("abcXYZ019-_.!", min_size=1, max_size=8)
# Visible, and possibly with spaces inside; what is not ASCII comes as UTF-8 or as Latin-1.
VALUES = st.text("azAZ09 ,;=\"'/äßé€", max_size=20).map(str.strip)
OTHERS = st.lists(st.tuples(TOKENS.map("x-".__add__), VALUES), max_size=5)
BODIES = st.binary(max_size=60) | st.just(b"x" * LARGEST)
TOO_LARGE = st.just(b"x" * (LARGEST + 1))
FINAL = st.sampled_from([200, 201, 204, 206, 301, 304, 400, 404, 429, 500, 503, 599, 999])
INTERIM = st.lists(st.sampled_from([100, 102, 103, 199]), max_size=2)


@dataclass(frozen=True)
class Told:
    """What a platform says: the bytes, whether the connection ends after them, and where they are cut."""

    raw: bytes
    ends: bool
    cuts: tuple[int, ...]


def _head(status: int, headers: list[tuple[str, str]], encoding: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Reason", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode(encoding, "replace")


def _chunked(
    body: bytes, sizes: list[int], extension: str, trailers: list[tuple[str, str]]
) -> bytes:
    pieces, rest = [], body
    for size in [*sizes, len(body)]:
        piece, rest = rest[:size], rest[size:]
        if piece:
            pieces.append(b"%x%s\r\n%s\r\n" % (len(piece), extension.encode(), piece))
    ends = "".join(f"{name}: {value}\r\n" for name, value in trailers)
    return b"".join(pieces) + b"0\r\n" + ends.encode() + b"\r\n"


@st.composite
def told(draw: st.DrawFn) -> Told:
    """An answer that is good HTTP, possibly broken off; an end by itself only where it needs one."""
    status, headers, broken = draw(FINAL), draw(OTHERS), draw(st.booleans())
    # Our own engine gives up what announces too much before it can break off.
    body = draw(BODIES if broken else BODIES | TOO_LARGE)
    framing = draw(st.sampled_from(["length", "chunks", "end", "close"]))
    if status in {204, 304}:
        framing, body = "none", b""
    match framing:
        case "length" | "close":
            headers = [*headers, ("Content-Length", str(len(body)))]
            wire = body
        case "chunks":
            headers = [("transfer-Encoding", "Chunked"), *headers]
            sizes = draw(st.lists(st.integers(1, 100), max_size=4))
            extension = draw(st.sampled_from(["", ";a", ";a=b"]))
            wire = _chunked(body, sizes, extension, draw(OTHERS))
        case _:
            wire = body
    if framing == "close":
        headers = [*headers, ("Connection", draw(st.sampled_from(["close", "Close", "x, close"])))]
    encoding = draw(st.sampled_from(["utf-8", "latin-1"]))
    interim = b"".join(_head(one, draw(OTHERS), "utf-8") for one in draw(INTERIM))
    raw = interim + _head(status, draw(st.permutations(headers)), encoding) + wire
    if broken:
        raw = raw[: draw(st.integers(0, len(raw)))]
    cuts = draw(st.lists(st.integers(0, len(raw)), max_size=5).map(sorted))
    return Told(raw, broken or framing == "end", tuple(cuts))


def _outcomes(engine: Engine, answer: Told) -> list[object]:
    """Of two requests, one after the other: what is left of a connection may show in the second."""
    outcomes: list[object] = []

    async def telling(connection: Connection) -> None:
        while True:
            await connection.request()
            for start, end in pairwise([0, *answer.cuts, len(answer.raw)]):
                await connection.send(answer.raw[start:end])
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            if answer.ends:
                return

    async def main() -> None:
        async with (
            listening(telling) as server,
            engine.at(server.origin, max_answer_bytes=LARGEST) as exchange,
        ):
            for _ in range(2):
                try:
                    outcomes.append(await exchange.send(outgoing(server), LONG))
                except ExchangeError as error:
                    outcomes.append((type(error).__name__, error.sent))
                if answer.ends:
                    await server.closed.wait()
                    server.closed.clear()

    engine.run(main())
    return outcomes


@pytest.mark.holds(40, 83)
@pytest.mark.parametrize("ours", OURS, ids=lambda engine: engine.name)
@settings(max_examples=100, deadline=None)
@given(answer=told())
def test_engines_agree_on_every_answer(ours: Engine, answer: Told) -> None:
    """The same answer, or the same kind of error with the same word on what was sent."""
    assert _outcomes(ours, answer) == _outcomes(HTTPX, answer)
