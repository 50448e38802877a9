"""Every contestant's answers, looked at before anything is timed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.credentials import COOKIE, TOKEN_SECONDS, host_token
from bench.load.client import Answer, Connection, connect
from bench.peers.peer import Body, Contestant
from bench.reads import READINGS, SMALL, Reading

HIT = ("; hit", "; HIT")


class Untrue(Exception):
    """A contestant does not do the job: its numbers would mean nothing."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found true of one contestant."""

    name: str
    label: str
    command: str
    facts: tuple[str, ...]


def verify(one: Contestant, public: Mapping[str, bytes]) -> Verified:
    """Raises Untrue. `public` are the right bodies by the names of the readings."""
    facts = asyncio.run(_facts(one, public))
    return Verified(one.name, one.label, one.program.shown, tuple(facts))


async def _facts(one: Contestant, public: Mapping[str, bytes]) -> list[str]:
    connection = await connect(one.port)
    try:
        facts = [await _body(one, connection, reading, public) for reading in READINGS]
        if one.keeps:
            facts += [await _kept(one, connection, reading) for reading in READINGS]
        if one.asks:
            facts.append(await _refuses(one, connection, "no credential", ""))
        if one.verifies:
            for what, cookie in _bad_cookies():
                facts.append(await _refuses(one, connection, what, cookie))
        return facts
    finally:
        connection.close()


async def _body(
    one: Contestant, connection: Connection, reading: Reading, public: Mapping[str, bytes]
) -> str:
    answer = await connection.ask("GET", one.target(reading), one.headers)
    _must(one, answer.status == 200, f"{reading.name}: status {answer.status}", answer)
    wanted = public[reading.name]
    if one.body is Body.SAME_BYTES:
        _must(one, answer.body == wanted, f"{reading.name}: other bytes", answer)
    if one.body is Body.SAME_JSON:
        same = json.loads(answer.body) == json.loads(wanted)
        _must(one, same, f"{reading.name}: other JSON", answer)
    return f"{reading.name}: 200, {len(answer.body)} bytes, {one.body}"


async def _kept(one: Contestant, connection: Connection, reading: Reading) -> str:
    again = await connection.ask("GET", one.target(reading), one.headers)
    told = again.header("cache-status") or ""
    _must(one, told.endswith(HIT) or "; hit; " in told, f"not a hit but {told}", again)
    etag = again.header("etag")
    _must(one, etag is not None, "no ETag", again)
    headers = {**one.headers, "If-None-Match": etag or ""}
    not_modified = await connection.ask("GET", one.target(reading), headers)
    empty = not_modified.status == 304 and not not_modified.body
    _must(one, empty, f"not 304 but {not_modified.status}", not_modified)
    headers["If-None-Match"] = '"another"'
    modified = await connection.ask("GET", one.target(reading), headers)
    _must(one, modified.status == 200, f"not 200 but {modified.status}", modified)
    return f"{reading.name}: the second a hit ({told}), 304 to its ETag, 200 to another"


async def _refuses(one: Contestant, connection: Connection, what: str, cookie: str) -> str:
    headers = {name: value for name, value in one.headers.items() if name != "Cookie"}
    if cookie:
        headers["Cookie"] = cookie
    answer = await connection.ask("GET", one.target(SMALL), headers)
    _must(one, answer.status == 401, f"{what}: not refused but {answer.status}", answer)
    return f"{what}: 401"


def _bad_cookies() -> Iterator[tuple[str, str]]:
    good = host_token(1)
    yield "a token of another secret", f"{COOKIE}={host_token(1, secret='x' * 40)}"
    yield "an expired token", f"{COOKIE}={host_token(1, age=TOKEN_SECONDS + 120)}"
    yield (
        "a token that was changed",
        f"{COOKIE}={good[:-4]}{'AAAA' if good[-4:] != 'AAAA' else 'BBBB'}",
    )
    yield "no token at all", f"{COOKIE}=nonsense"


def _must(one: Contestant, true: bool, otherwise: str, answer: Answer) -> None:  # noqa: FBT001
    if not true:
        raise Untrue(f"{one.name}: {otherwise}: {answer.headers} {answer.body[:300]!r}")
